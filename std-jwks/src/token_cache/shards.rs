//! A bounded map from digests to values, in shards: what was not used for longest makes room.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, TryLockError};

use crate::sync::{Mutex, MutexGuard, spin_loop};

/// Values of one shard, where octets do not allow fewer: few enough to look at one by one.
const SHARD_ENTRIES: usize = 16;

/// The octets below which no shard is made: so that the longest tokens fit, and several of them.
pub(super) const LEAST_BYTES: usize = 64 * 1024;

/// How often a lock is tried. It is held for less than a microsecond, unless the thread that
/// holds it is not running, or was not copied by `fork()`: then the others go on without it.
const TRIES: usize = 64;

/// How full a [`TokenCache`](crate::TokenCache) is and how much it is used. The numbers are those
/// of one moment each; where threads compete, a few uses are not counted.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCacheUsage {
    /// Tokens that are kept.
    pub entries: usize,
    /// Octets of memory that they take.
    pub bytes: usize,
    /// Tokens that were answered.
    pub hits: u64,
    /// Tokens that were verified: unknown ones, and known ones that no longer held.
    pub misses: u64,
    /// Tokens that were pushed out by others.
    pub evicted: u64,
}

/// The map. A digest may have several values, of which the caller knows its own.
pub(super) struct Shards<V> {
    shards: Box<[Mutex<Shard<V>>]>,
    /// With secret keys, so that nobody can choose tokens that crowd into one shard.
    hasher: RandomState,
    /// The most values of one shard.
    entries: usize,
    /// The most octets of one shard.
    bytes: usize,
}

struct Shard<V> {
    slots: Vec<Slot<V>>,
    bytes: usize,
    /// Counts the uses of this shard: the time by which slots are old.
    clock: u64,
    found: u64,
    not_found: u64,
    forgotten: u64,
    evicted: u64,
}

struct Slot<V> {
    digest: [u8; 32],
    /// When it was used last.
    used: u64,
    bytes: usize,
    value: Arc<V>,
}

/// Where a value would be.
pub(super) struct Place {
    shard: usize,
    digest: [u8; 32],
}

impl<V> Shards<V> {
    /// Room for at most so many values, and for at most so many octets.
    pub(super) fn new(entries: usize, bytes: usize) -> Self {
        let count = (entries / SHARD_ENTRIES).min(bytes / LEAST_BYTES).max(1);
        let share = |whole: usize| whole.checked_div(count).unwrap_or(whole);
        Self {
            shards: (0..count).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            entries: share(entries),
            bytes: share(bytes),
        }
    }

    /// The place of a digest, for one owner.
    pub(super) fn place(&self, owner: usize, digest: [u8; 32]) -> Place {
        let hash = self.hasher.hash_one((owner, digest));
        let count = u64::try_from(self.shards.len()).unwrap_or(u64::MAX);
        let shard = hash.checked_rem(count).unwrap_or(0);
        Place {
            shard: usize::try_from(shard).unwrap_or(0),
            digest,
        }
    }

    /// The caller's value for a digest, which counts as used.
    pub(super) fn find(&self, place: &Place, is_own: impl Fn(&V) -> bool) -> Option<Arc<V>> {
        let mut shard = self.lock(place.shard)?;
        let now = shard.tick();
        match shard.slot(place, is_own) {
            Some(slot) => {
                slot.used = now;
                let value = Arc::clone(&slot.value);
                shard.found = shard.found.saturating_add(1);
                Some(value)
            }
            None => {
                shard.not_found = shard.not_found.saturating_add(1);
                None
            }
        }
    }

    /// Removes a value that was found, and that turned out to be of no more use.
    pub(super) fn forget(&self, place: &Place, value: &Arc<V>) {
        if let Some(mut shard) = self.lock(place.shard) {
            shard.forgotten = shard.forgotten.saturating_add(1);
            shard.remove(|slot| Arc::ptr_eq(&slot.value, value));
        }
    }

    /// Keeps a value of so many octets, in place of the caller's earlier one.
    pub(super) fn keep(&self, place: &Place, value: V, octets: usize, is_own: impl Fn(&V) -> bool) {
        let bytes = octets
            .saturating_add(size_of::<V>())
            .saturating_add(size_of::<Slot<V>>());
        if bytes > self.bytes {
            return;
        }
        let value = Arc::new(value);
        let Some(mut shard) = self.lock(place.shard) else {
            return;
        };
        shard.remove(|slot| slot.digest == place.digest && is_own(&slot.value));
        while shard.slots.len() >= self.entries || shard.bytes.saturating_add(bytes) > self.bytes {
            if !shard.evict() {
                break;
            }
        }
        let used = shard.tick();
        shard.bytes = shard.bytes.saturating_add(bytes);
        shard.slots.push(Slot {
            digest: place.digest,
            used,
            bytes,
            value,
        });
    }

    pub(super) fn usage(&self) -> TokenCacheUsage {
        let mut usage = TokenCacheUsage::default();
        for shard in (0..self.shards.len()).filter_map(|at| self.lock(at)) {
            let misses = shard.not_found.saturating_add(shard.forgotten);
            usage.entries = usage.entries.saturating_add(shard.slots.len());
            usage.bytes = usage.bytes.saturating_add(shard.bytes);
            usage.hits = usage.hits.saturating_add(shard.found);
            usage.hits = usage.hits.saturating_sub(shard.forgotten);
            usage.misses = usage.misses.saturating_add(misses);
            usage.evicted = usage.evicted.saturating_add(shard.evicted);
        }
        usage
    }

    /// A shard, or none if it stays busy. What a panic left behind is whole: nothing that is done
    /// under the lock calls out, but for comparisons.
    fn lock(&self, at: usize) -> Option<MutexGuard<'_, Shard<V>>> {
        let shard = self.shards.get(at)?;
        for _ in 0..TRIES {
            match shard.try_lock() {
                Ok(shard) => return Some(shard),
                Err(TryLockError::Poisoned(shard)) => return Some(shard.into_inner()),
                Err(TryLockError::WouldBlock) => spin_loop(),
            }
        }
        None
    }
}

impl<V> Shard<V> {
    fn tick(&mut self) -> u64 {
        self.clock = self.clock.saturating_add(1);
        self.clock
    }

    fn slot(&mut self, place: &Place, is_own: impl Fn(&V) -> bool) -> Option<&mut Slot<V>> {
        self.slots
            .iter_mut()
            .find(|slot| slot.digest == place.digest && is_own(&slot.value))
    }

    fn remove(&mut self, is_it: impl Fn(&Slot<V>) -> bool) {
        if let Some(at) = self.slots.iter().position(is_it) {
            let slot = self.slots.swap_remove(at);
            self.bytes = self.bytes.saturating_sub(slot.bytes);
        }
    }

    /// Removes what was not used for longest, if there is anything.
    fn evict(&mut self) -> bool {
        let Some(oldest) = self.slots.iter().map(|slot| slot.used).min() else {
            return false;
        };
        self.remove(|slot| slot.used == oldest);
        self.evicted = self.evicted.saturating_add(1);
        true
    }
}

impl<V> Default for Shard<V> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            bytes: 0,
            clock: 0,
            found: 0,
            not_found: 0,
            forgotten: 0,
            evicted: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 1 << 20;

    fn digest(first: u8) -> [u8; 32] {
        let mut digest = [0; 32];
        digest[0] = first;
        digest
    }

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let shards = Shards::new(3, ROOM);
        let place = |name: u8| shards.place(0, digest(name));
        let keep = |name: u8| shards.keep(&place(name), name, 0, |_| true);
        let find = |name: u8| shards.find(&place(name), |_| true).map(|value| *value);
        for name in [1, 2, 3] {
            keep(name);
        }
        assert_eq!(find(1), Some(1));
        keep(4);
        assert_eq!([1, 2, 3, 4].map(find), [Some(1), None, Some(3), Some(4)]);
        keep(5);
        assert_eq!([1, 3, 4, 5].map(find), [None, Some(3), Some(4), Some(5)]);
        assert_eq!(shards.usage().evicted, 2);
    }

    #[test]
    fn one_digest_holds_a_value_for_each_who_asks_and_one_only() {
        let shards = Shards::new(8, ROOM);
        let place = shards.place(0, digest(1));
        for value in [10, 20, 10, 20] {
            shards.keep(&place, value, 0, |kept| *kept == value);
        }
        assert_eq!(shards.usage().entries, 2);
        let found = |value: u8| shards.find(&place, |kept| *kept == value);
        assert_eq!(found(30), None);
        let ten = found(10).unwrap();
        shards.forget(&place, &ten);
        assert_eq!((found(10), found(20).as_deref()), (None, Some(&20)));
    }

    #[test]
    fn a_later_value_is_not_forgotten_for_an_earlier_one() {
        let shards = Shards::new(8, ROOM);
        let place = shards.place(0, digest(1));
        shards.keep(&place, 1, 0, |_| true);
        let earlier = shards.find(&place, |_| true).unwrap();
        shards.keep(&place, 2, 0, |_| true);
        shards.forget(&place, &earlier);
        assert_eq!(shards.find(&place, |_| true).as_deref(), Some(&2));
    }

    #[test]
    fn a_shard_that_stays_busy_counts_as_empty_and_nobody_waits() {
        let shards = Shards::new(1, ROOM);
        let place = shards.place(0, digest(1));
        shards.keep(&place, 1, 0, |_| true);
        let value = shards.find(&place, |_| true).unwrap();
        let held = shards.lock(0);
        assert_eq!(shards.find(&place, |_| true), None);
        shards.keep(&place, 2, 0, |_| true);
        shards.forget(&place, &value);
        assert_eq!(shards.usage(), TokenCacheUsage::default());
        drop(held);
        assert_eq!(shards.find(&place, |_| true).as_deref(), Some(&1));
    }

    #[test]
    fn octets_are_counted_and_a_value_that_is_too_long_pushes_nothing_out() {
        let shards = Shards::new(64, LEAST_BYTES);
        let keep = |name: u8, octets: usize| {
            shards.keep(&shards.place(0, digest(name)), name, octets, |_| true);
        };
        for name in 0..10 {
            keep(name, LEAST_BYTES / 4);
            assert!(shards.usage().bytes <= LEAST_BYTES);
        }
        assert_eq!(shards.usage().entries, 3);
        keep(10, LEAST_BYTES);
        keep(11, usize::MAX);
        assert_eq!(shards.usage().entries, 3);
        keep(12, 1);
        assert_eq!(shards.usage().entries, 4);
    }

    #[test]
    fn the_bounds_hold_for_all_shards_together() {
        for (entries, bytes) in [
            (1, LEAST_BYTES),
            (15, ROOM),
            (17, ROOM),
            (1000, ROOM),
            (1024, LEAST_BYTES * 64),
            (65_536, LEAST_BYTES),
        ] {
            let shards: Shards<u8> = Shards::new(entries, bytes);
            let count = shards.shards.len();
            assert!(count * shards.entries <= entries && shards.entries >= 1);
            assert!(count * shards.bytes <= bytes && shards.bytes >= LEAST_BYTES);
            assert!(entries - count * shards.entries < count, "little is lost");
        }
    }
}
