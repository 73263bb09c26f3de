//! The spaces between attempts: after a failure, and within one fetch.

use std::time::Duration;

use super::random::{Random, percent};
use super::timing::Timing;
use crate::clock::Stamp;

/// The failures since the last success.
#[derive(Clone, Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    /// When the last attempt failed, and how long not to try again.
    last: Option<(Stamp, Duration)>,
}

impl Backoff {
    /// Counts a failure and gives the wait until the next attempt.
    ///
    /// The wait doubles with each failure and is drawn from its upper half, so that services that
    /// failed together do not come back together. What the issuer asks for (`Retry-After`) makes it
    /// longer, never shorter, and has a bound: an issuer can't lock its own keys away.
    pub(super) fn fail(
        &mut self,
        now: Stamp,
        warm: bool,
        retry_after: Option<Duration>,
        timing: &Timing,
        random: &mut Random,
    ) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let (first, last) = if warm {
            (timing.backoff_first, timing.backoff_last)
        } else {
            (timing.cold_backoff_first, timing.cold_backoff_last)
        };
        let doublings = self.failures.saturating_sub(1).min(31);
        let full = first.saturating_mul(1_u32 << doublings).min(last);
        let drawn = random.between(percent(full, 50), full);
        let asked = retry_after.unwrap_or_default().min(timing.max_retry_after);
        let wait = drawn.max(asked);
        self.last = Some((now, wait));
        wait
    }

    pub(super) fn succeed(&mut self) {
        *self = Self::default();
    }

    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    /// How long until the next attempt; zero if it may be made now.
    pub(super) fn left(&self, now: Stamp) -> Duration {
        self.last.map_or(Duration::ZERO, |(at, wait)| {
            wait.saturating_sub(now.since(at))
        })
    }

    /// Whether the failure belongs to the present.
    ///
    /// Under traffic an attempt follows when the wait is over. Where none did for `idle_after`, the
    /// process was idle, and the failure says nothing about the issuer any more.
    pub(super) fn is_recent(&self, now: Stamp, timing: &Timing) -> bool {
        self.last
            .is_some_and(|(at, wait)| now.since(at) < wait.saturating_add(timing.idle_after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::TestClock;

    #[test]
    fn waits_double_and_are_drawn_from_their_upper_half() {
        let timing = Timing::default();
        let warm: &[u64] = &[1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
        let cold: &[u64] = &[250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
        let now = TestClock::new().stamp();
        for seed in 0..200 {
            for (is_warm, full) in [(true, warm), (false, cold)] {
                let (mut backoff, mut random) = (Backoff::default(), Random::new(seed));
                for full in full.iter().copied().map(Duration::from_millis) {
                    let wait = backoff.fail(now, is_warm, None, &timing, &mut random);
                    assert!(
                        (percent(full, 50)..=full).contains(&wait),
                        "{wait:?} of {full:?}"
                    );
                    assert_eq!(backoff.left(now), wait);
                }
            }
        }
    }

    #[test]
    fn a_million_failures_overflow_nothing() {
        let timing = Timing::default();
        let (mut backoff, mut random) = (Backoff::default(), Random::new(1));
        let now = TestClock::new().stamp();
        for _ in 0..1_000_000 {
            backoff.fail(now, true, None, &timing, &mut random);
        }
        backoff.failures = u32::MAX;
        assert!(backoff.fail(now, true, None, &timing, &mut random) <= timing.backoff_last);
    }

    #[test]
    fn retry_after_makes_the_wait_longer_up_to_five_minutes() {
        let timing = Timing::default();
        let now = TestClock::new().stamp();
        for (asked, least, most) in [
            (None, 500, 1000),
            (Some(0), 500, 1000),
            (Some(120), 120_000, 120_000),
            (Some(86_400), 300_000, 300_000),
            (Some(u64::MAX), 300_000, 300_000),
        ] {
            let (mut backoff, mut random) = (Backoff::default(), Random::new(1));
            let asked = asked.map(Duration::from_secs);
            let wait = backoff
                .fail(now, true, asked, &timing, &mut random)
                .as_millis();
            assert!((least..=most).contains(&wait), "{asked:?}: {wait}");
        }
    }

    #[test]
    fn a_failure_is_forgotten_by_success_and_by_idleness() {
        let timing = Timing::default();
        let clock = TestClock::new();
        let (mut backoff, mut random) = (Backoff::default(), Random::new(1));
        assert!(!backoff.is_recent(clock.stamp(), &timing));
        let wait = backoff.fail(clock.stamp(), true, None, &timing, &mut random);
        clock.advance(wait + timing.idle_after - Duration::from_millis(1));
        assert!(backoff.is_recent(clock.stamp(), &timing));
        clock.advance(Duration::from_millis(1));
        assert!(!backoff.is_recent(clock.stamp(), &timing));
        assert_eq!(backoff.failures(), 1);
        backoff.succeed();
        assert_eq!(
            (backoff.failures(), backoff.left(clock.stamp())),
            (0, Duration::ZERO)
        );
    }
}
