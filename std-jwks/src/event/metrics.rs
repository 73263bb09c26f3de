//! Events as counters and gauges of `metrics`.

use metrics::{counter, gauge};

use super::Event;

/// Counts one event. `docs/jwks.md` lists the figures; each is labelled with its `source`.
///
/// The recorder is looked for each time, so that one which is installed late hears too; events are
/// rare.
pub(super) fn count(source: &str, event: &Event) {
    let source = source.to_owned();
    match event {
        Event::BudgetExhausted { .. } => {
            counter!("jwtverify_jwks_budget_exhausted_total", "source" => source).increment(1);
        }
        Event::Expired { .. } => gauge!("jwtverify_jwks_stale", "source" => source).set(2),
        Event::FetchFailed { failures, .. } => {
            fetch_ended(source, "failed", *failures);
        }
        Event::FetchStarted { .. } => {
            counter!("jwtverify_jwks_fetches_started_total", "source" => source).increment(1);
        }
        Event::FetchSucceeded { usable, .. } => {
            let usable = u32::try_from(*usable).unwrap_or(u32::MAX);
            gauge!("jwtverify_jwks_usable_keys", "source" => source.clone()).set(usable);
            gauge!("jwtverify_jwks_stale", "source" => source.clone()).set(0);
            fetch_ended(source, "succeeded", 0);
        }
        Event::KidHeld { .. } => {
            counter!("jwtverify_jwks_kids_held_total", "source" => source).increment(1);
        }
        Event::NotModified { .. } => {
            gauge!("jwtverify_jwks_stale", "source" => source.clone()).set(0);
            fetch_ended(source, "not_modified", 0);
        }
        Event::SetChanged { generation, .. } => {
            let generation = u32::try_from(*generation).unwrap_or(u32::MAX);
            gauge!("jwtverify_jwks_generation", "source" => source.clone()).set(generation);
            counter!("jwtverify_jwks_set_changes_total", "source" => source).increment(1);
        }
        Event::StaleBegan { .. } => gauge!("jwtverify_jwks_stale", "source" => source).set(1),
    }
}

fn fetch_ended(source: String, outcome: &'static str, failures: u32) {
    gauge!("jwtverify_jwks_failures", "source" => source.clone()).set(failures);
    let labels = [("source", source), ("outcome", outcome.to_owned())];
    counter!("jwtverify_jwks_fetches_total", &labels).increment(1);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use metrics::{
        Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder,
        SharedString, Unit,
    };

    use super::super::tests::each;

    type Table = Arc<Mutex<BTreeMap<String, f64>>>;

    /// Keeps every figure under its name and labels.
    #[derive(Default)]
    struct Ledger(Table);

    struct Entry(Table, String);

    impl Ledger {
        fn entry(&self, key: &Key) -> Arc<Entry> {
            let labels: Vec<String> = key
                .labels()
                .map(|label| format!("{}={}", label.key(), label.value()))
                .collect();
            let name = format!("{} {}", key.name(), labels.join(","));
            Arc::new(Entry(Arc::clone(&self.0), name))
        }
    }

    impl CounterFn for Entry {
        #[expect(clippy::as_conversions, reason = "a count of a test")]
        fn increment(&self, value: u64) {
            *self.0.lock().unwrap().entry(self.1.clone()).or_default() += value as f64;
        }

        fn absolute(&self, _: u64) {
            unreachable!("nothing is counted elsewhere")
        }
    }

    impl GaugeFn for Entry {
        fn increment(&self, _: f64) {
            unreachable!("levels are set")
        }

        fn decrement(&self, _: f64) {
            unreachable!("levels are set")
        }

        fn set(&self, value: f64) {
            self.0.lock().unwrap().insert(self.1.clone(), value);
        }
    }

    impl Recorder for Ledger {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.entry(key))
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.entry(key))
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn each_event_is_a_figure_with_its_source() {
        let ledger = Ledger::default();
        metrics::with_local_recorder(&ledger, || {
            for event in each() {
                super::count("s", &event);
            }
        });
        let table = ledger.0.lock().unwrap();
        let figures: Vec<(&str, f64)> = table.iter().map(|(key, &n)| (key.as_str(), n)).collect();
        assert_eq!(
            figures,
            [
                ("jwtverify_jwks_budget_exhausted_total source=s", 1.0),
                ("jwtverify_jwks_failures source=s", 0.0),
                ("jwtverify_jwks_fetches_started_total source=s", 1.0),
                ("jwtverify_jwks_fetches_total source=s,outcome=failed", 1.0),
                (
                    "jwtverify_jwks_fetches_total source=s,outcome=not_modified",
                    1.0
                ),
                (
                    "jwtverify_jwks_fetches_total source=s,outcome=succeeded",
                    1.0
                ),
                ("jwtverify_jwks_generation source=s", 7.0),
                ("jwtverify_jwks_kids_held_total source=s", 1.0),
                ("jwtverify_jwks_set_changes_total source=s", 1.0),
                ("jwtverify_jwks_stale source=s", 1.0),
                ("jwtverify_jwks_usable_keys source=s", 5.0),
            ]
        );
    }
}
