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
