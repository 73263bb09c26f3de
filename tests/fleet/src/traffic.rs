//! When the next token comes, and how many come in a time.

use std::time::Duration;

use crate::chance::Chance;

/// Which of the good tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// All of them.
    All,
    /// Those that are signed with the key that new tokens are signed with.
    Current,
    /// Those that are signed with the key before it.
    Earlier,
    /// None of them.
    Nothing,
}

/// The good tokens that come to one process, between two rotations.
///
/// After a rotation the share of tokens with the new key grows evenly, until the last token with
/// the old one is past its life.
#[derive(Clone, Copy, Debug)]
pub struct Traffic {
    rate: f64,
    lifetime: f64,
    since: f64,
}

impl Traffic {
    /// `rate` tokens a second that live for `lifetime`, of a key that has long been used.
    #[must_use]
    pub fn settled(rate: f64, lifetime: Duration) -> Self {
        let lifetime = lifetime.as_secs_f64();
        Self {
            rate,
            lifetime,
            since: -lifetime,
        }
    }

    /// The same with a key that is used from this moment on.
    #[must_use]
    pub fn rotated(self, at: Duration) -> Self {
        Self {
            since: at.as_secs_f64(),
            ..self
        }
    }

    /// How many tokens are expected from one moment to another.
    #[must_use]
    pub fn expected(&self, mix: Mix, from: Duration, until: Duration) -> f64 {
        if until <= from {
            return 0.0;
        }
        (self.area(mix, self.age(until)) - self.area(mix, self.age(from))) * self.rate
    }

    /// When the first token after a moment comes. `None` if none ever does.
    pub fn next(&self, mix: Mix, after: Duration, chance: &mut Chance) -> Option<Duration> {
        let from = self.age(after);
        let area = self.area(mix, from) + chance.space() / self.rate;
        let half = self.lifetime / 2.0;
        let to = match mix {
            Mix::Nothing => return None,
            Mix::All => area,
            Mix::Current if area < half => (2.0 * self.lifetime * area).sqrt(),
            Mix::Current => area + half,
            Mix::Earlier if area < half => {
                self.lifetime - (self.lifetime * (self.lifetime - 2.0 * area)).sqrt()
            }
            Mix::Earlier => return None,
        };
        let wait = Duration::try_from_secs_f64((to - from).max(0.0)).ok()?;
        after.checked_add(wait)
    }

    fn age(&self, at: Duration) -> f64 {
        at.as_secs_f64() - self.since
    }

    /// The share of these tokens, summed over the seconds from the rotation to `age`.
    fn area(&self, mix: Mix, age: f64) -> f64 {
        let current = if age < self.lifetime {
            age * age / (2.0 * self.lifetime)
        } else {
            age - self.lifetime / 2.0
        };
        match mix {
            Mix::All => age,
            Mix::Current => current,
            Mix::Earlier => age - current,
            Mix::Nothing => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn earlier_and_current_are_all() {
        let traffic = Traffic::settled(2.0, secs(900)).rotated(secs(1000));
        for (from, until) in [
            (1000, 1000),
            (1000, 1001),
            (1100, 1900),
            (1500, 5000),
            (3000, 3600),
        ] {
            let of = |mix| traffic.expected(mix, secs(from), secs(until));
            let (all, parts) = (of(Mix::All), of(Mix::Current) + of(Mix::Earlier));
            assert!((all - parts).abs() < 1e-9, "{all} {parts}");
            assert!((all - 2.0 * (until - from) as f64).abs() < 1e-9);
            assert_eq!(of(Mix::Nothing), 0.0);
        }
        let half = traffic.expected(Mix::Current, secs(1000), secs(1900));
        assert!((half - 900.0).abs() < 1e-9, "{half}");
        assert_eq!(
            traffic.expected(Mix::Earlier, secs(1900), secs(90_000)),
            0.0
        );
    }

    /// The first tokens that are drawn are as many in each minute as are expected in it.
    #[test]
    fn what_is_drawn_is_what_is_expected() {
        const DRAWS: u32 = 40_000;
        let traffic = Traffic::settled(0.01, secs(900)).rotated(secs(0));
        let mut chance = Chance::new(5);
        for mix in [Mix::All, Mix::Current, Mix::Earlier] {
            let draws: Vec<Duration> = (0..DRAWS)
                .filter_map(|_| traffic.next(mix, secs(100), &mut chance))
                .collect();
            for until in [130, 200, 400, 800, 1200] {
                let seen = draws.iter().filter(|draw| **draw < secs(until)).count();
                let seen = seen as f64 / f64::from(DRAWS);
                let wanted = 1.0 - (-traffic.expected(mix, secs(100), secs(until))).exp();
                assert!(
                    (seen - wanted).abs() < 0.01,
                    "{mix:?} {until}: {seen} {wanted}"
                );
            }
        }
    }

    #[test]
    fn the_last_token_of_an_old_key_comes_within_its_life() {
        let traffic = Traffic::settled(1.0, secs(900)).rotated(secs(0));
        let mut chance = Chance::new(2);
        for _ in 0..10_000 {
            let next = traffic.next(Mix::Earlier, secs(890), &mut chance);
            assert!(next.is_none_or(|next| secs(890) <= next && next <= secs(900)));
        }
        assert_eq!(traffic.next(Mix::Nothing, secs(0), &mut chance), None);
        let settled = Traffic::settled(1.0, secs(900));
        assert_eq!(settled.expected(Mix::Earlier, secs(0), secs(100)), 0.0);
        assert_eq!(settled.expected(Mix::Current, secs(0), secs(100)), 100.0);
    }
}
