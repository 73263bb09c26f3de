//! What happens to a key set, told to those who listen.

#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "tracing")]
mod tracing;

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::Error as Code;

use crate::clock::Stamp;
use crate::engine::{Engine, State};

/// Something that happened to a key set.
///
/// Nobody who sends tokens can cause events without bound: each stands for a fetch, for a change of
/// the set, or for the first refusal after one. None holds a token, a claim or a secret. A `kid`
/// from a token is cut to 64 characters and its control characters are escaped; a `kid` from a set
/// is as the issuer wrote it.
///
/// Listeners are given to [`RemoteJwksBuilder::on_event`](crate::RemoteJwksBuilder::on_event).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// No more fetches are made for the sake of unknown kids until the time has passed. Told once,
    /// until the next fetch.
    #[non_exhaustive]
    BudgetExhausted {
        /// How long.
        retry_after: Duration,
    },
    /// The set is too old to be used: tokens are neither accepted nor refused until a fetch
    /// succeeds.
    #[non_exhaustive]
    Expired {
        /// The age of the set.
        age: Duration,
    },
    /// A fetch failed. The set that is held stays in use.
    #[non_exhaustive]
    FetchFailed {
        /// The number of the fetch.
        fetch: u64,
        /// The code.
        error: Code,
        /// The reason in words: safe to show.
        detail: String,
        /// How many failed since the last success, this one included.
        failures: u32,
        /// When the next is made at the earliest.
        retry_in: Duration,
    },
    /// A fetch was started.
    #[non_exhaustive]
    FetchStarted {
        /// Its number. Later ones have greater numbers.
        fetch: u64,
    },
    /// A fetch brought a usable set, which may be the one that is held.
    #[non_exhaustive]
    FetchSucceeded {
        /// The number of the fetch.
        fetch: u64,
        /// The keys that can be used.
        usable: usize,
        /// The keys that were left out.
        skipped: usize,
    },
    /// The issuer was asked for a kid and does not have it. Nobody asks again for a while.
    #[non_exhaustive]
    KidHeld {
        /// The kid, as far as it is shown; `None` for tokens without.
        kid: Option<String>,
    },
    /// The issuer answered that the set has not changed (304).
    #[non_exhaustive]
    NotModified {
        /// The number of the fetch.
        fetch: u64,
    },
    /// Another set took the place of the one that was held, or the first one arrived.
    #[non_exhaustive]
    SetChanged {
        /// How many different sets there were so far, this one included.
        generation: u64,
        /// The kids that are new.
        added: Vec<String>,
        /// The kids that are gone: their tokens are refused from now on.
        removed: Vec<String>,
    },
    /// The set is past its ttl and could not be refreshed; it stays in use for now.
    #[non_exhaustive]
    StaleBegan {
        /// The age of the set.
        age: Duration,
    },
}

impl Event {
    /// The name in logs and figures, such as `fetch_failed`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BudgetExhausted { .. } => "budget_exhausted",
            Self::Expired { .. } => "expired",
            Self::FetchFailed { .. } => "fetch_failed",
            Self::FetchStarted { .. } => "fetch_started",
            Self::FetchSucceeded { .. } => "fetch_succeeded",
            Self::KidHeld { .. } => "kid_held",
            Self::NotModified { .. } => "not_modified",
            Self::SetChanged { .. } => "set_changed",
            Self::StaleBegan { .. } => "stale_began",
        }
    }
}

/// What listeners have heard, so that they hear it once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// How stale the set was when they heard of it last.
    staleness: Staleness,
    exhausted: bool,
    /// The last fetch that was started.
    pub(crate) fetch: u64,
    failures: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Staleness {
    #[default]
    None,
    Stale,
    Expired,
}

impl Told {
    /// What has come to pass with time: the set went stale or expired, or a fetch was given up.
    /// `landing` says that the engine has just heard of the end of a fetch, which is told anyway.
    pub(crate) fn passing(&mut self, engine: &Engine, now: Stamp, landing: bool) -> Vec<Event> {
        let mut events = Vec::new();
        let failures = engine.failures();
        if failures > self.failures && !landing {
            events.push(Event::FetchFailed {
                fetch: self.fetch,
                error: Code::UnavailableTimeout,
                detail: "the fetch did not come back in time".to_owned(),
                failures,
                retry_in: engine.next_attempt_in(now),
            });
        }
        self.failures = failures;
        let staleness = match engine.state(now) {
            State::StaleErr => Staleness::Stale,
            State::Expired => Staleness::Expired,
            _ => Staleness::None,
        };
        if staleness > self.staleness {
            let age = engine.held().map(|held| held.age(now)).unwrap_or_default();
            events.push(match staleness {
                Staleness::Expired => Event::Expired { age },
                _ => Event::StaleBegan { age },
            });
        }
        self.staleness = staleness;
        events
    }

    /// A fetch for an unknown kid was refused.
    pub(crate) fn refused(&mut self, retry_after: Duration) -> Option<Event> {
        let first = !std::mem::replace(&mut self.exhausted, true);
        first.then_some(Event::BudgetExhausted { retry_after })
    }

    /// A fetch was started.
    pub(crate) fn started(&mut self, fetch: u64) {
        self.fetch = fetch;
        self.exhausted = false;
    }
}

type Listener = dyn Fn(&Event) + Send + Sync;

/// Those who listen, in the order in which they came.
#[derive(Clone, Default)]
pub(crate) struct Listeners(Vec<Arc<Listener>>);

impl Listeners {
    pub(crate) fn push(&mut self, listener: Arc<Listener>) {
        self.0.push(listener);
    }

    /// Adds one that hands events to `tracing`, with the name of the source.
    #[cfg(feature = "tracing")]
    pub(crate) fn push_tracing(&mut self, source: String) {
        self.push(Arc::new(move |event| tracing::hand_on(&source, event)));
    }

    /// Adds one that hands figures to `metrics`, with the name of the source.
    #[cfg(feature = "metrics")]
    pub(crate) fn push_metrics(&mut self, source: String) {
        self.push(Arc::new(move |event| metrics::count(&source, event)));
    }

    /// Tells everybody. Never call it with a lock: a listener may ask the key set.
    ///
    /// One that panics has been told; the others and the caller go on.
    pub(crate) fn tell(&self, events: impl IntoIterator<Item = Event>) {
        if self.0.is_empty() {
            return;
        }
        for event in events {
            for listener in &self.0 {
                let _ = catch_unwind(AssertUnwindSafe(|| listener(&event)));
            }
        }
    }

    /// Whether anybody listens: what nobody hears need not be worked out.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} listeners", self.0.len())
    }
}

/// The kids of `new` that `old` lacks, each once, in their order.
pub(crate) fn kids_beyond(new: &[String], old: &[String]) -> Vec<String> {
    let mut seen: HashSet<&String> = old.iter().collect();
    new.iter().filter(|kid| seen.insert(kid)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// One of each.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(super) fn each() -> Vec<Event> {
        let second = Duration::from_secs(1);
        vec![
            Event::BudgetExhausted {
                retry_after: second,
            },
            Event::Expired { age: second },
            Event::FetchFailed {
                fetch: 3,
                error: Code::UnavailableTimeout,
                detail: "too late".to_owned(),
                failures: 2,
                retry_in: second,
            },
            Event::FetchStarted { fetch: 4 },
            Event::FetchSucceeded {
                fetch: 4,
                usable: 5,
                skipped: 1,
            },
            Event::KidHeld {
                kid: Some("x".to_owned()),
            },
            Event::NotModified { fetch: 5 },
            Event::SetChanged {
                generation: 7,
                added: vec!["new".to_owned()],
                removed: vec!["old".to_owned()],
            },
            Event::StaleBegan { age: second },
        ]
    }

    #[test]
    fn a_listener_that_panics_keeps_nobody_from_hearing() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut listeners = Listeners::default();
        listeners.push(Arc::new(|_| panic!("on purpose")));
        let ears = Arc::clone(&heard);
        listeners.push(Arc::new(move |event: &Event| {
            ears.lock().unwrap().push(event.name());
        }));
        listeners.tell([
            Event::FetchStarted { fetch: 1 },
            Event::NotModified { fetch: 1 },
        ]);
        assert_eq!(*heard.lock().unwrap(), ["fetch_started", "not_modified"]);
    }

    #[test]
    fn differences_of_sets_name_each_kid_once() {
        for (new, old, wanted) in [
            (&["a", "b"][..], &["a"][..], &["b"][..]),
            (&["b", "b", "a"], &[], &["b", "a"]),
            (&["a"], &["a", "b"], &[]),
            (&[], &[], &[]),
        ] {
            let owned = |kids: &[&str]| kids.iter().map(|&kid| kid.to_owned()).collect::<Vec<_>>();
            assert_eq!(kids_beyond(&owned(new), &owned(old)), wanted);
        }
    }
}
