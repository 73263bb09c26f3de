//! Events as lines of `tracing`.

use tracing::{debug, error, info, warn};

use super::Event;

/// Hands one event on, under the target `jwtverify::jwks`. What a person should look at is a
/// warning, what keeps tokens from being verified an error.
pub(super) fn hand_on(source: &str, event: &Event) {
    macro_rules! line {
        ($level:ident, $($fields:tt)*) => {
            $level!(target: "jwtverify::jwks", source, event = event.name(), $($fields)*)
        };
    }
    match event {
        Event::BudgetExhausted { retry_after } => {
            line!(warn, retry_after = ?retry_after, "unknown kids have used up the budget");
        }
        Event::Expired { age } => line!(error, age = ?age, "the key set is too old to be used"),
        Event::FetchFailed {
            fetch,
            error,
            detail,
            failures,
            retry_in,
        } => {
            let code = error.code();
            line!(warn, fetch, code, failures, retry_in = ?retry_in, "{detail}");
        }
        Event::FetchStarted { fetch } => line!(debug, fetch, "the key set is being fetched"),
        Event::FetchSucceeded {
            fetch,
            usable,
            skipped,
        } => line!(debug, fetch, usable, skipped, "the key set was fetched"),
        Event::KidHeld { kid } => line!(info, kid = ?kid, "the issuer has no key with this kid"),
        Event::NotModified { fetch } => line!(debug, fetch, "the key set has not changed"),
        Event::SetChanged {
            generation,
            added,
            removed,
        } => line!(info, generation, added = ?added, removed = ?removed, "the key set is another"),
        Event::StaleBegan { age } => line!(warn, age = ?age, "the key set could not be refreshed"),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Write};
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Metadata, Subscriber};

    use super::super::tests::each;
    use super::*;

    /// Writes each line down.
    #[derive(Clone, Default)]
    struct Scribe(Arc<Mutex<Vec<String>>>);

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }

    impl Subscriber for Scribe {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &tracing::Event<'_>) {
            let metadata = event.metadata();
            let mut line = Line(format!("{} {}", metadata.level(), metadata.target()));
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn each_event_is_one_line_with_its_source_and_its_fields() {
        let scribe = Scribe::default();
        let events = each();
        tracing::subscriber::with_default(scribe.clone(), || {
            for event in &events {
                hand_on("https://issuer.example", event);
            }
        });
        let lines = scribe.0.lock().unwrap();
        assert_eq!(lines.len(), events.len());
        for (line, event) in lines.iter().zip(&events) {
            assert!(line.contains("jwtverify::jwks"), "{line}");
            assert!(line.contains("source=\"https://issuer.example\""), "{line}");
            assert!(
                line.contains(&format!("event={:?}", event.name())),
                "{line}"
            );
        }
        for (index, words) in [
            (1, &["ERROR", "age=1s"][..]),
            (2, &["WARN", "fetch=3", "code=", "failures=2", "too late"]),
            (4, &["DEBUG", "usable=5", "skipped=1"]),
            (7, &["INFO", "added=[\"new\"]", "removed=[\"old\"]"]),
        ] {
            for word in words {
                assert!(lines[index].contains(word), "{word}: {}", lines[index]);
            }
        }
    }
}
