//! Where the time comes from, and how ages are measured.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jwtverify_core::UnixTime;

/// The two clocks that the key-set engine reads.
///
/// The monotonic clock measures ages and budgets. The wall clock is compared with a token's
/// claims, and shows when the machine was suspended, because many monotonic clocks stand still
/// then. Give [`RemoteJwksBuilder::clock`](crate::RemoteJwksBuilder::clock) your own in tests.
pub trait Clock: Send + Sync {
    /// Time since any fixed point. It should never go back; if it does, ages count as zero.
    fn monotonic(&self) -> Duration;

    /// Seconds since 1970.
    fn unix(&self) -> UnixTime;
}

/// The clocks of the operating system: the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        static ORIGIN: OnceLock<Instant> = OnceLock::new();
        ORIGIN.get_or_init(Instant::now).elapsed()
    }

    fn unix(&self) -> UnixTime {
        system_now()
    }
}

/// The time of the operating system's wall clock, for
/// [`Verifier::verify`](crate::Verifier::verify).
///
/// ```
/// assert!(jwtverify_jwks::system_now().secs() > 1_700_000_000);
/// ```
pub fn system_now() -> UnixTime {
    let secs = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_secs()).map_or(i64::MIN, i64::wrapping_neg)
        }
    };
    UnixTime::from_secs(secs)
}

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    monotonic: Duration,
    /// How far the moment lies before the zero of the monotonic clock.
    before_zero: Duration,
    unix: i64,
}

/// How far the wall clock must run ahead of the monotonic clock to count as a jump. It counts
/// whole seconds, so differences below two say nothing.
const JUMP: Duration = Duration::from_secs(2);

impl Stamp {
    /// What the two clocks show.
    #[must_use]
    pub const fn new(monotonic: Duration, unix: UnixTime) -> Self {
        Self {
            monotonic,
            before_zero: Duration::ZERO,
            unix: unix.secs(),
        }
    }

    /// What this clock shows now.
    #[must_use]
    pub fn now(clock: &dyn Clock) -> Self {
        Self::new(clock.monotonic(), clock.unix())
    }

    /// The moment so long before: for a set that had an age when this process found it. It may lie
    /// before the monotonic clock began.
    #[must_use]
    pub fn earlier(self, by: Duration) -> Self {
        let more = by.saturating_sub(self.monotonic);
        let whole = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        Self {
            monotonic: self.monotonic.saturating_sub(by),
            before_zero: self.before_zero.saturating_add(more),
            unix: self.unix.saturating_sub(whole),
        }
    }

    /// Seconds since 1970 by the wall clock.
    pub(crate) const fn unix(self) -> i64 {
        self.unix
    }

    /// The age of `earlier`, never negative.
    ///
    /// The monotonic clock decides. If the wall clock ran further ahead (suspend and resume), the
    /// longer time counts: keys may look older than they are, never younger. A wall clock that
    /// went back changes nothing.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let steady = self.monotonic_since(earlier);
        let wall = self.unix.saturating_sub(earlier.unix);
        let wall = u64::try_from(wall).map_or(Duration::ZERO, Duration::from_secs);
        if wall.saturating_sub(steady) >= JUMP {
            wall
        } else {
            steady
        }
    }

    /// The age of `earlier` by the monotonic clock alone: for work that stands still together
    /// with the machine.
    #[must_use]
    pub fn monotonic_since(self, earlier: Self) -> Duration {
        let here = self.monotonic.saturating_add(earlier.before_zero);
        let there = earlier.monotonic.saturating_add(self.before_zero);
        here.saturating_sub(there)
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! A clock that moves when a test says so.

    use std::sync::Mutex;
    use std::time::Duration;

    use jwtverify_core::UnixTime;

    use super::{Clock, Stamp};

    #[derive(Debug)]
    pub(crate) struct TestClock(Mutex<(Duration, i64)>);

    impl TestClock {
        pub(crate) fn new() -> Self {
            Self(Mutex::new((Duration::from_secs(1_000), 1_700_000_000)))
        }

        /// Lets both clocks run.
        pub(crate) fn advance(&self, by: Duration) {
            let mut now = self.0.lock().unwrap();
            now.0 += by;
            now.1 += i64::try_from(by.as_secs()).unwrap();
        }

        /// Sets the wall clock forward or back while the monotonic clock stands.
        pub(crate) fn jump(&self, seconds: i64) {
            self.0.lock().unwrap().1 += seconds;
        }

        pub(crate) fn stamp(&self) -> Stamp {
            Stamp::now(self)
        }
    }

    impl Clock for TestClock {
        fn monotonic(&self) -> Duration {
            self.0.lock().unwrap().0
        }

        fn unix(&self) -> UnixTime {
            UnixTime::from_secs(self.0.lock().unwrap().1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::TestClock;
    use super::*;

    #[test]
    fn ages_follow_the_monotonic_clock_and_forward_jumps_only() {
        let second = Duration::from_secs(1);
        for (run, jump, wanted) in [
            (Duration::ZERO, 0, Duration::ZERO),
            (Duration::from_millis(300), 1, Duration::from_millis(300)), // rounding is no jump
            (second * 60, 0, second * 60),
            (second * 60, 86_400, second * 86_460), // suspended for a day
            (second * 60, -86_400, second * 60),    // set back by a day
        ] {
            let clock = TestClock::new();
            let start = clock.stamp();
            clock.advance(run);
            clock.jump(jump);
            assert_eq!(
                clock.stamp().since(start),
                wanted,
                "run {run:?}, jump {jump}"
            );
        }
    }

    #[test]
    fn a_clock_that_goes_back_gives_zero_and_no_underflow() {
        let at = |secs, unix| Stamp::new(Duration::from_secs(secs), UnixTime::from_secs(unix));
        let late = at(50, i64::MAX);
        let early = at(10, i64::MIN);
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.monotonic_since(late), Duration::ZERO);
        assert!(late.since(early) >= Duration::from_secs(40));
    }

    #[test]
    fn an_age_from_before_the_process_goes_on() {
        let second = Duration::from_secs(1);
        let start = Stamp::new(second * 10, UnixTime::from_secs(1_700_000_000));
        for age in [Duration::ZERO, second * 3, second * 10, second * 7200] {
            let confirmed = start.earlier(age);
            assert_eq!(start.since(confirmed), age);
            // A wall clock that is set back makes nothing younger.
            let later = Stamp::new(second * 15, UnixTime::from_secs(1_600_000_000));
            assert_eq!(later.since(confirmed), age + second * 5, "{age:?}");
            assert_eq!(
                start.earlier(second).earlier(age).earlier(age),
                start.earlier(second + age * 2)
            );
        }
        assert!(start.since(start.earlier(Duration::MAX)) > second * u32::MAX);
    }

    #[test]
    fn the_system_clock_runs() {
        let first = SystemClock.monotonic();
        assert!(SystemClock.monotonic() >= first);
        assert!(SystemClock.unix().secs() > 1_700_000_000);
    }
}
