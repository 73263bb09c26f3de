//! Chance from a seed: the same seed gives the same jitter, so that a run can be repeated.

use std::time::Duration;

/// SplitMix64: small, and good enough to spread requests. It keeps no secret.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A time from `least` to `most`, each as likely as the others. `least` if they are crossed.
    pub(super) fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = most.saturating_sub(least).as_nanos();
        let share = u128::from(self.next() >> 32);
        let part = span.saturating_mul(share) >> 32;
        least.saturating_add(Duration::from_nanos(
            u64::try_from(part).unwrap_or(u64::MAX),
        ))
    }
}

/// So many hundredths of a time.
pub(super) fn percent(of: Duration, hundredths: u32) -> Duration {
    let whole = of.saturating_mul(hundredths);
    whole.checked_div(100).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The first outputs for the seed 1234567, as its authors publish them.
        let mut random = Random::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn draws_fill_their_range_and_never_leave_it() {
        let (least, most) = (Duration::from_millis(500), Duration::from_secs(1));
        let mut random = Random::new(1);
        let draws: Vec<Duration> = (0..1000).map(|_| random.between(least, most)).collect();
        assert!(draws.iter().all(|draw| (least..=most).contains(draw)));
        let low = draws.iter().filter(|draw| draw.as_millis() < 600).count();
        let high = draws.iter().filter(|draw| draw.as_millis() >= 900).count();
        assert!(low > 100 && high > 100, "{low} low, {high} high");
        assert_eq!(random.between(most, least), most);
        assert_eq!(random.between(least, least), least);
        assert!(random.between(Duration::ZERO, Duration::MAX) < Duration::MAX);
    }

    #[test]
    fn percent_does_not_overflow() {
        assert_eq!(
            percent(Duration::from_secs(600), 80),
            Duration::from_secs(480)
        );
        assert_eq!(percent(Duration::ZERO, 80), Duration::ZERO);
        assert!(percent(Duration::MAX, 80) <= Duration::MAX);
    }
}
