//! The day: what happens when, and every number of it.

use std::time::Duration;

/// A key of the issuer, by its place in the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub u8);

/// The second key of the morning: nothing good is signed with it, and its secret leaks.
pub const LEAKED: Key = Key(0);

/// The key that tokens are signed with when the day begins.
pub const FIRST: Key = Key(1);

/// A set of keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys(u8);

impl Keys {
    /// This set and one key more.
    #[must_use]
    pub const fn and(self, key: Key) -> Self {
        Self(self.0 | 1 << key.0)
    }

    /// Whether a key is in it.
    #[must_use]
    pub const fn has(self, key: Key) -> bool {
        self.0 & 1 << key.0 != 0
    }
}

/// A stretch of the day; its end does not belong to it.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// When it begins.
    pub from: Duration,
    /// When it is over.
    pub until: Duration,
}

impl Stretch {
    /// Whether a moment lies in it.
    #[must_use]
    pub fn has(&self, at: Duration) -> bool {
        self.from <= at && at < self.until
    }
}

/// A new key.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// The key.
    pub key: Key,
    /// From when on each new token is signed with it.
    pub used: Duration,
    /// From when on it is in the set.
    pub published: Duration,
}

/// Times are since midnight, rates are for each process and second.
#[derive(Clone, Debug)]
pub struct Day {
    /// How long it is.
    pub length: Duration,
    /// The processes start one after another, from midnight on.
    pub start: Duration,
    /// The new keys, in the order of the day.
    pub rotations: [Rotation; 3],
    /// How long after a rotation the key before it stays in the set.
    pub overlap: Duration,
    /// All processes start anew within this stretch, with nothing in memory.
    pub deploy: Stretch,
    /// The issuer takes requests and does not answer.
    pub silence: Stretch,
    /// The issuer answers with errors.
    pub errors: Stretch,
    /// Tokens with made-up key IDs come to each process.
    pub flood: Stretch,
    /// The leaked key leaves the set, and no other takes its place.
    pub removal: Duration,
    /// Good tokens.
    pub good: f64,
    /// Tokens with made-up key IDs, each another one, during the flood.
    pub junk: f64,
    /// How long a token lives: after a rotation the share of tokens with the new key grows from
    /// none to all within this time.
    pub lifetime: Duration,
    /// How long an answer takes, at least and at most.
    pub response: [Duration; 2],
    /// How many requests the issuer answers in a second; the rest is turned away with an error.
    pub capacity: u32,
    /// How long a process waits for an answer.
    pub timeout: Duration,
    /// How long a set is good for, as the issuer says (`max-age`) and all the others assume.
    pub ttl: Duration,
}

/// So long after midnight.
#[must_use]
pub const fn at(hours: u64, minutes: u64, seconds: u64) -> Duration {
    Duration::from_secs(hours * 3600 + minutes * 60 + seconds)
}

impl Default for Day {
    fn default() -> Self {
        let rotation = |key, used, published| Rotation {
            key: Key(key),
            used,
            published,
        };
        Self {
            length: at(24, 0, 0),
            start: at(0, 20, 0),
            rotations: [
                rotation(2, at(3, 0, 0), at(3, 0, 0)),
                rotation(3, at(6, 0, 0), at(6, 0, 3)),
                // Not at a full minute of the flood: budgets that it has used up are filled in step.
                rotation(4, at(16, 5, 10), at(16, 5, 10)),
            ],
            overlap: at(1, 0, 0),
            deploy: Stretch {
                from: at(9, 0, 0),
                until: at(9, 0, 10),
            },
            silence: Stretch {
                from: at(12, 0, 0),
                until: at(12, 40, 0),
            },
            errors: Stretch {
                from: at(12, 40, 0),
                until: at(12, 50, 0),
            },
            flood: Stretch {
                from: at(16, 0, 0),
                until: at(16, 10, 0),
            },
            // Not in step with the deploy: sets that have been fetched together since then are
            // fetched at each full ten minutes.
            removal: at(20, 3, 0),
            good: 1.0,
            junk: 1.0,
            lifetime: at(0, 15, 0),
            response: [Duration::from_millis(20), Duration::from_millis(180)],
            capacity: 5000,
            timeout: Duration::from_secs(5),
            ttl: at(0, 10, 0),
        }
    }
}

/// The parts of the day, each from the moment that names it to the next.
#[derive(Clone, Debug)]
pub struct Part {
    /// When it begins.
    pub from: Duration,
    /// What happens then, for a heading.
    pub name: &'static str,
    /// The same in a sentence.
    pub what: String,
}

impl Day {
    /// The key that new tokens are signed with.
    #[must_use]
    pub fn signing(&self, at: Duration) -> Key {
        let used = self.rotations.iter().rev();
        let mut used = used.filter(|rotation| rotation.used <= at);
        used.next().map_or(FIRST, |rotation| rotation.key)
    }

    /// From when on a key is in the set: before that no process can know it.
    #[must_use]
    pub fn published_from(&self, key: Key) -> Duration {
        let mut rotations = self.rotations.iter();
        let rotation = rotations.find(|rotation| rotation.key == key);
        rotation.map_or(Duration::ZERO, |rotation| rotation.published)
    }

    /// What the issuer's set holds.
    #[must_use]
    pub fn published(&self, at: Duration) -> Keys {
        let mut keys = Keys::default();
        if at < self.removal {
            keys = keys.and(LEAKED);
        }
        let mut key = FIRST;
        let mut from = Duration::ZERO;
        for rotation in &self.rotations {
            if from <= at && at < rotation.published + self.overlap {
                keys = keys.and(key);
            }
            (key, from) = (rotation.key, rotation.published);
        }
        if from <= at { keys.and(key) } else { keys }
    }

    /// The parts of the day, in order.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let part = |from, name, what| Part { from, name, what };
        let [plain, late, flooded] = &self.rotations;
        let lag = (late.published - late.used).as_secs();
        let minutes = |stretch: &Stretch| (stretch.until - stretch.from).as_secs() / 60;
        let rate = |rate: f64| match rate {
            1.0 => "one token a second".to_owned(),
            rate => format!("{rate} tokens a second"),
        };
        vec![
            part(
                Duration::ZERO,
                "start",
                format!(
                    "the processes start, one after another, within {} minutes",
                    self.start.as_secs() / 60
                ),
            ),
            part(
                plain.used,
                "rotation",
                "a new key is published and used at once".to_owned(),
            ),
            part(
                late.used,
                "late rotation",
                format!("a new key is used, and published {lag} seconds later"),
            ),
            part(
                self.deploy.from,
                "deploy",
                format!(
                    "all processes start anew within {} seconds, with nothing in memory",
                    (self.deploy.until - self.deploy.from).as_secs()
                ),
            ),
            part(
                self.silence.from,
                "outage",
                format!(
                    "for {} minutes the issuer does not answer, then for {} more with errors only",
                    minutes(&self.silence),
                    minutes(&self.errors)
                ),
            ),
            part(
                self.flood.from,
                "flood",
                format!(
                    "for {} minutes each process gets {} with a made-up key ID beside the good \
                     ones; {} minutes into it, a new key is published and used at once",
                    minutes(&self.flood),
                    rate(self.junk),
                    (flooded.used - self.flood.from).as_secs() / 60
                ),
            ),
            part(
                self.removal,
                "removal",
                "a key that leaked is removed, and no new one takes its place".to_owned(),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_and_go_as_the_day_says() {
        let day = Day::default();
        for (at, wanted) in [
            (at(0, 0, 0), &[0, 1][..]),
            (at(2, 59, 59), &[0, 1]),
            (at(3, 0, 0), &[0, 1, 2]),
            (at(4, 0, 0), &[0, 2]),
            (at(6, 0, 2), &[0, 2]),
            (at(6, 0, 3), &[0, 2, 3]),
            (at(7, 0, 3), &[0, 3]),
            (at(16, 5, 10), &[0, 3, 4]),
            (at(20, 3, 0), &[4]),
        ] {
            let keys = wanted
                .iter()
                .fold(Keys::default(), |keys, key| keys.and(Key(*key)));
            assert_eq!(day.published(at), keys, "{at:?}");
        }
    }

    #[test]
    fn parts_are_in_order_and_no_token_outlives_its_key() {
        let day = Day::default();
        let parts = day.parts();
        assert!(parts.windows(2).all(|pair| pair[0].from < pair[1].from));
        assert!(day.lifetime <= day.overlap);
        assert!(day.silence.until == day.errors.from);
        assert_eq!(day.signing(at(6, 0, 0)), Key(3));
        assert_eq!(day.published_from(Key(3)), at(6, 0, 3));
    }
}
