//! Chance from a seed: the same seed gives the same day.

use std::time::Duration;

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// A generator that starts at `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, and without, 1.
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A time from `least` to `most`.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + most.saturating_sub(least).mul_f64(self.share())
    }

    /// An exponentially distributed number whose mean is 1: the space between two random arrivals
    /// that come one in a unit of time.
    pub fn space(&mut self) -> f64 {
        -(1.0 - self.share()).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_have_the_mean_and_the_tail_of_random_arrivals() {
        let mut chance = Chance::new(1);
        let spaces: Vec<f64> = (0..100_000).map(|_| chance.space()).collect();
        let mean = spaces.iter().sum::<f64>() / 100_000.0;
        assert!((0.99..1.01).contains(&mean), "{mean}");
        let long = spaces.iter().filter(|space| **space > 3.0).count() as f64 / 100_000.0;
        assert!((long - (-3.0_f64).exp()).abs() < 0.003, "{long}");
        assert!(
            spaces
                .iter()
                .all(|space| *space >= 0.0 && space.is_finite())
        );
    }
}
