//! Kids that were looked for a moment ago and were not there.
//!
//! A hold keeps one kid from costing fetch after fetch. It never hides a key: whoever asks here has
//! looked into the set before, so that a kid which arrives with any fetch is found at once. The
//! first hold is short, because some issuers publish a key a moment after they sign with it.

use std::hash::Hasher;
use std::time::Duration;

use super::timing::Timing;
use crate::clock::Stamp;

/// The table. Kids are long and chosen by strangers, so it keeps keyed hashes of them: without the
/// key nobody can find a kid that is held in the place of another.
#[derive(Clone, Debug)]
pub(super) struct Holds {
    key: (u64, u64),
    entries: Vec<Entry>,
    uses: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u64,
    /// Since when it is held, and how long.
    since: Stamp,
    length: Duration,
    /// The number of the fetch that lacked it last.
    sequence: u64,
    /// When it was last looked at, in the order of uses.
    used: u64,
}

impl Holds {
    pub(super) const fn new(key: (u64, u64)) -> Self {
        Self {
            key,
            entries: Vec::new(),
            uses: 0,
        }
    }

    /// How much longer a kid is held; zero if it is not.
    pub(super) fn left(&mut self, now: Stamp, kid: Option<&[u8]>) -> Duration {
        let hash = self.hash(kid);
        self.uses = self.uses.saturating_add(1);
        let uses = self.uses;
        let found = self.entries.iter_mut().find(|entry| entry.hash == hash);
        found.map_or(Duration::ZERO, |entry| {
            entry.used = uses;
            entry.length.saturating_sub(now.since(entry.since))
        })
    }

    /// Holds a kid that the fetch with this number was made for and did not bring.
    ///
    /// However many callers wait for one fetch, it counts once for a kid: true for the first.
    pub(super) fn hold(
        &mut self,
        now: Stamp,
        kid: Option<&[u8]>,
        sequence: u64,
        timing: &Timing,
    ) -> bool {
        let hash = self.hash(kid);
        self.uses = self.uses.saturating_add(1);
        let uses = self.uses;
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.hash == hash) {
            if entry.sequence >= sequence {
                return false;
            }
            // One that was quiet for long begins anew.
            let quiet = now.since(entry.since).saturating_sub(entry.length);
            entry.length = if quiet >= timing.hold_last {
                timing.hold_first
            } else {
                entry
                    .length
                    .saturating_mul(timing.hold_factor)
                    .min(timing.hold_last)
            };
            (entry.since, entry.sequence, entry.used) = (now, sequence, uses);
            return true;
        }
        let entry = Entry {
            hash,
            since: now,
            length: timing.hold_first,
            sequence,
            used: uses,
        };
        if self.entries.len() < timing.hold_entries {
            self.entries.push(entry);
        } else if let Some(oldest) = self.entries.iter_mut().min_by_key(|entry| entry.used) {
            *oldest = entry;
        } else {
            return false;
        }
        true
    }

    /// How many kids are in the table, held or not.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    fn hash(&self, kid: Option<&[u8]>) -> u64 {
        #[expect(
            deprecated,
            reason = "std's successor takes no key; SipHash-2-4 is what is meant"
        )]
        let mut hasher = std::hash::SipHasher::new_with_keys(self.key.0, self.key.1);
        // A token without a kid is not one with an empty kid.
        hasher.write_u8(u8::from(kid.is_some()));
        hasher.write(kid.unwrap_or_default());
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::TestClock;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn kid(number: u64) -> Vec<u8> {
        format!("kid-{number}").into_bytes()
    }

    #[test]
    fn holds_grow_threefold_to_five_minutes_and_begin_anew_after_a_quiet_time() {
        let timing = Timing::default();
        let clock = TestClock::new();
        let mut holds = Holds::new((1, 2));
        assert_eq!(holds.left(clock.stamp(), Some(b"k")), Duration::ZERO);
        for (sequence, pause, wanted) in [
            (1, 0, 5),
            (2, 5, 15),
            (3, 15, 45),
            (4, 45, 135),
            (5, 135, 300),
            (6, 300, 300),
            (7, 599, 300), // 299 s after the hold was over
            (8, 600, 5),   // 300 s after
        ] {
            clock.advance(secs(pause));
            holds.hold(clock.stamp(), Some(b"k"), sequence, &timing);
            assert_eq!(
                holds.left(clock.stamp(), Some(b"k")),
                secs(wanted),
                "{sequence}"
            );
        }
        clock.advance(secs(5));
        assert_eq!(holds.left(clock.stamp(), Some(b"k")), Duration::ZERO);
    }

    #[test]
    fn a_thousand_callers_of_one_fetch_count_once() {
        let timing = Timing::default();
        let clock = TestClock::new();
        let mut holds = Holds::new((1, 2));
        for caller in 0..1000 {
            let first = holds.hold(clock.stamp(), Some(b"k"), 7, &timing);
            assert_eq!(first, caller == 0);
        }
        assert_eq!(holds.left(clock.stamp(), Some(b"k")), secs(5));
        assert_eq!(holds.len(), 1);
    }

    #[test]
    fn no_kid_and_an_empty_kid_are_two() {
        let timing = Timing::default();
        let clock = TestClock::new();
        let mut holds = Holds::new((1, 2));
        holds.hold(clock.stamp(), None, 1, &timing);
        assert_eq!(holds.left(clock.stamp(), Some(b"")), Duration::ZERO);
        assert_eq!(holds.left(clock.stamp(), None), secs(5));
    }

    #[test]
    fn the_table_is_bounded_and_forgets_what_was_used_least_lately() {
        let timing = Timing::default();
        let clock = TestClock::new();
        let mut holds = Holds::new((1, 2));
        holds.hold(clock.stamp(), Some(b"wanted"), 1, &timing);
        for number in 0..10_000 {
            holds.hold(clock.stamp(), Some(&kid(number)), 1, &timing);
            assert!(holds.len() <= 256);
            // Who asks keeps its place.
            assert_eq!(holds.left(clock.stamp(), Some(b"wanted")), secs(5));
        }
        assert_eq!(holds.left(clock.stamp(), Some(&kid(0))), Duration::ZERO);
        assert_eq!(holds.left(clock.stamp(), Some(&kid(9_999))), secs(5));
    }

    #[test]
    fn no_entries_means_no_holds() {
        let timing = Timing {
            hold_entries: 0,
            ..Timing::default()
        };
        let clock = TestClock::new();
        let mut holds = Holds::new((1, 2));
        holds.hold(clock.stamp(), Some(b"k"), 1, &timing);
        assert_eq!(
            (holds.len(), holds.left(clock.stamp(), Some(b"k"))),
            (0, Duration::ZERO)
        );
    }

    #[test]
    fn the_hash_is_siphash_2_4_under_the_key() {
        // The vector of SipHash's authors for the one octet 00 under the key 00 01 .. 0f.
        let holds = Holds::new((0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908));
        assert_eq!(holds.hash(None), 0x74f8_39c5_93dc_67fd);
        let other = Holds::new((0x0706_0504_0302_0100, 0));
        assert_ne!(holds.hash(Some(b"k")), other.hash(Some(b"k")));
    }
}
