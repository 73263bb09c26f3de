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
