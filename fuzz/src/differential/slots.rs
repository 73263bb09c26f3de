//! The keys of a lane, each made when it is first needed.

/// Keys by number. The first ones stay for ever, the others are renewed one after the other.
pub(super) struct Slots<K> {
    keys: Vec<(u64, Option<K>)>,
    special: usize,
    next: u64,
    oldest: usize,
}

impl<K> Slots<K> {
    /// So many keys, of which the first `special` are the same whatever the seed.
    pub(super) fn new(seed: u64, count: usize, special: u64) -> Self {
        // Two seeds have no other keys in common.
        let first = special + (seed << 20) % (1 << 60);
        let numbers = (0..special).chain(first..).take(count);
        Self {
            keys: numbers.map(|number| (number, None)).collect(),
            special: usize::try_from(special).expect("few"),
            next: first + u64::try_from(count).expect("few"),
            oldest: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Takes a key out, and makes it first if need be.
    pub(super) fn take(&mut self, slot: usize, make: impl FnOnce(u64) -> K) -> K {
        let (number, key) = &mut self.keys[slot];
        key.take().unwrap_or_else(|| make(*number))
    }

    /// Puts it back.
    pub(super) fn put(&mut self, slot: usize, key: K) {
        self.keys[slot].1 = Some(key);
    }

    /// Drops the oldest key and leaves its place to a new one.
    pub(super) fn renew(&mut self) {
        let Some(others) = self.keys.get_mut(self.special..) else {
            return;
        };
        let count = others.len();
        if let Some(slot) = others.get_mut(self.oldest.checked_rem(count).unwrap_or(0)) {
            *slot = (self.next, None);
            self.next += 1;
            self.oldest += 1;
        }
    }
}
