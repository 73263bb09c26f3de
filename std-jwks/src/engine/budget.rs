//! How many fetches unknown kids may cost: a bucket of tokens, and a space between two fetches.
//!
//! Whoever sends tokens chooses their kids. Without a bound, a flood of invented ones makes this
//! service flood its issuer. The bucket counts attempts, successful or not: an issuer that is down
//! is not asked more often than one that is up.

use std::time::Duration;

use super::timing::Timing;
use crate::clock::Stamp;

/// The bucket. Its content is a length of time: one token is worth `miss_interval`.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    content: Duration,
    filled: Option<Stamp>,
}

impl Budget {
    /// A full bucket.
    pub(super) fn new(timing: &Timing) -> Self {
        Self {
            content: room(timing),
            filled: None,
        }
    }

    /// How long until there is a token, if none is taken until then.
    pub(super) fn next_in(&self, now: Stamp, timing: &Timing) -> Duration {
        timing
            .miss_interval
            .saturating_sub(self.content_at(now, timing))
    }

    /// Takes a token. False if there is none.
    pub(super) fn take(&mut self, now: Stamp, timing: &Timing) -> bool {
        let content = self.content_at(now, timing);
        // A clock that went back gives nothing, and may not give the same time twice either.
        if self
            .filled
            .is_none_or(|filled| !now.since(filled).is_zero())
        {
            self.content = content;
            self.filled = Some(now);
        }
        match self.content.checked_sub(timing.miss_interval) {
            Some(rest) => {
                self.content = rest;
                true
            }
            None => false,
        }
    }

    fn content_at(&self, now: Stamp, timing: &Timing) -> Duration {
        let since = self
            .filled
            .map_or(Duration::ZERO, |filled| now.since(filled));
        self.content.saturating_add(since).min(room(timing))
    }
}

fn room(timing: &Timing) -> Duration {
    timing.miss_interval.saturating_mul(timing.miss_burst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::TestClock;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn two_at_once_then_one_in_thirty_seconds() {
        let timing = Timing::default();
        let mut budget = Budget::new(&timing);
        let clock = TestClock::new();
        let mut taken = Vec::new();
        for second in 0..=120 {
            while budget.take(clock.stamp(), &timing) {
                taken.push(second);
            }
            clock.advance(secs(1));
        }
        assert_eq!(taken, [0, 0, 30, 60, 90, 120]);
    }

    #[test]
    fn it_says_when_the_next_token_comes() {
        let timing = Timing::default();
        let mut budget = Budget::new(&timing);
        let clock = TestClock::new();
        for (advance, takes, wanted) in [
            (0, true, 0),  // one left
            (5, true, 25), // five seconds have come back
            (10, false, 15),
            (15, true, 30),
            (3600, true, 0), // full again, and no fuller
            (0, true, 30),
            (0, false, 30),
        ] {
            clock.advance(secs(advance));
            assert_eq!(budget.take(clock.stamp(), &timing), takes);
            assert_eq!(budget.next_in(clock.stamp(), &timing), secs(wanted));
        }
    }

    #[test]
    fn asking_often_does_not_fill_it_faster() {
        let timing = Timing::default();
        let mut budget = Budget::new(&timing);
        let clock = TestClock::new();
        let mut taken = 0;
        for _ in 0..600_000 {
            taken += u32::from(budget.take(clock.stamp(), &timing));
            clock.advance(Duration::from_millis(1));
        }
        assert_eq!(taken, 2 + 19);
    }
}
