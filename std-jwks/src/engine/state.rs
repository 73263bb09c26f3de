//! The states of a key set, from its age and from how the last attempt ended.

use std::time::Duration;

use super::timing::Timing;
use crate::clock::Stamp;

/// How usable the set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// There is no set yet.
    Cold,
    /// The set is young: it is used without a thought.
    Fresh,
    /// The set is used, and a newer one is fetched beside its users.
    Due,
    /// The set is past its ttl, and nobody has tried to refresh it lately: the process was idle.
    /// Callers wait a little for the refresh, because keys may have been removed hours ago.
    StaleIdle,
    /// The set is past its ttl, and the issuer could not be asked: the set is used, and marked.
    StaleErr,
    /// The set is past the ttl and the greatest staleness: it is not used any more.
    Expired,
}

impl State {
    /// The name in logs and in other languages: `cold`, `fresh`, `due`, `stale` for both kinds of
    /// stale, `expired`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Fresh => "fresh",
            Self::Due => "due",
            Self::StaleIdle | Self::StaleErr => "stale",
            Self::Expired => "expired",
        }
    }

    /// Whether a set in this state may be used at all.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        !matches!(self, Self::Cold | Self::Expired)
    }

    /// Whether a set in this state is past its ttl.
    #[must_use]
    pub const fn is_stale(self) -> bool {
        matches!(self, Self::StaleIdle | Self::StaleErr | Self::Expired)
    }
}

/// What the engine knows about the set that is held. The keys are the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The number of the fetch that brought or confirmed it.
    pub sequence: u64,
    /// When the issuer was asked for it. Its age counts from the question, not from the answer.
    pub confirmed: Stamp,
    /// How long it is good for.
    pub ttl: Duration,
    /// The age at which a newer one is fetched beside the callers; not more than the ttl.
    pub due: Duration,
}

impl Held {
    /// The age of the set.
    #[must_use]
    pub fn age(&self, now: Stamp) -> Duration {
        now.since(self.confirmed)
    }

    /// The state of a set, where `failing` says that an attempt failed since, and lately.
    pub(super) fn state(&self, now: Stamp, failing: bool, timing: &Timing) -> State {
        let age = self.age(now);
        if age < self.due.min(self.ttl) {
            State::Fresh
        } else if age < self.ttl {
            State::Due
        } else if age >= self.ttl.saturating_add(timing.max_stale) {
            State::Expired
        } else if failing {
            State::StaleErr
        } else {
            State::StaleIdle
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::TestClock;

    #[test]
    fn states_follow_the_age_and_the_last_attempt() {
        use State::{Due, Expired, Fresh, StaleErr, StaleIdle};
        let timing = Timing::default();
        for (age, failing, wanted) in [
            (0, false, Fresh),
            (479, true, Fresh),
            (480, false, Due),
            (599, true, Due),
            (600, false, StaleIdle),
            (600, true, StaleErr),
            (4199, false, StaleIdle),
            (4199, true, StaleErr),
            (4200, false, Expired),
            (4200, true, Expired),
            (u64::from(u32::MAX), true, Expired),
        ] {
            let clock = TestClock::new();
            let held = Held {
                sequence: 1,
                confirmed: clock.stamp(),
                ttl: Duration::from_secs(600),
                due: Duration::from_secs(480),
            };
            clock.advance(Duration::from_secs(age));
            let state = held.state(clock.stamp(), failing, &timing);
            assert_eq!(state, wanted, "{age} s, failing: {failing}");
        }
    }

    #[test]
    fn states_say_whether_they_are_usable_and_stale() {
        for (state, usable, stale) in [
            (State::Cold, false, false),
            (State::Fresh, true, false),
            (State::Due, true, false),
            (State::StaleIdle, true, true),
            (State::StaleErr, true, true),
            (State::Expired, false, true),
        ] {
            assert_eq!(
                (state.is_usable(), state.is_stale()),
                (usable, stale),
                "{state:?}"
            );
        }
    }
}
