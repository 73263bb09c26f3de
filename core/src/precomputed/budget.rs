//! How much memory the tables of a process may take.

use core::sync::atomic::{AtomicUsize, Ordering};

/// The limit until another is set: [`limit_table_memory`].
pub(super) const DEFAULT_LIMIT: usize = 8 << 20;

static PROCESS: Budget = Budget::new(DEFAULT_LIMIT);

/// Sets how many octets the tables of this process may take together: 8 MiB unless it is called.
///
/// Where the limit leaves no room a key is verified by the wrapped provider, with the same
/// verdict. A lower limit takes no table away that is there; 0 keeps new ones from being built.
pub fn limit_table_memory(octets: usize) {
    PROCESS.limit.store(octets, Ordering::Relaxed);
}

/// How many octets the tables of this process take now.
pub fn table_memory() -> usize {
    PROCESS.used.load(Ordering::Relaxed)
}

struct Budget {
    used: AtomicUsize,
    limit: AtomicUsize,
}

impl Budget {
    const fn new(limit: usize) -> Self {
        Self {
            used: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit),
        }
    }

    fn reserve(&'static self, octets: usize) -> Option<Reservation> {
        let limit = self.limit.load(Ordering::Relaxed);
        let grown = |used: usize| used.checked_add(octets).filter(|sum| *sum <= limit);
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown)
            .ok()?;
        Some(Reservation {
            octets,
            budget: self,
        })
    }
}

/// A part of the budget, given back when it is dropped.
pub(super) struct Reservation {
    octets: usize,
    budget: &'static Budget,
}

impl Reservation {
    /// `None` where the limit leaves no room.
    pub(super) fn new(octets: usize) -> Option<Self> {
        PROCESS.reserve(octets)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.octets, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_stays_within_the_limit_and_comes_back() {
        static BUDGET: Budget = Budget::new(100);
        let used = || BUDGET.used.load(Ordering::Relaxed);
        let first = BUDGET.reserve(60).unwrap();
        assert!(BUDGET.reserve(41).is_none());
        assert!(BUDGET.reserve(usize::MAX).is_none());
        let second = BUDGET.reserve(40).unwrap();
        assert_eq!(used(), 100);
        drop(first);
        assert_eq!(used(), 40);
        BUDGET.limit.store(0, Ordering::Relaxed);
        assert!(BUDGET.reserve(1).is_none());
        drop(second);
        assert_eq!(used(), 0);
    }
}
