//! Where callers and flights meet: the schedule under a lock, and a bell for landings.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Stamp;
use crate::document::Failure;
use crate::schedule::Schedule;
use crate::url::SourceUrl;

/// The shared state of one source in one process.
///
/// After `fork()` the child gets a new desk: its copy of the old one may be locked for ever, and
/// the flights it waits for exist in the parent only.
pub(crate) struct Desk {
    pub(crate) process: u32,
    books: Mutex<Books>,
    pub(crate) landed: Condvar,
}

pub(crate) struct Books {
    pub(crate) schedule: Schedule,
    /// The newest flight that ended.
    pub(crate) last: Option<Landing>,
    /// Flights started by this process.
    pub(crate) attempts: u64,
    discovered: Option<(SourceUrl, Stamp)>,
}

/// How a flight ended: what it brought in words, or why it failed.
#[derive(Clone, Debug)]
pub(crate) struct Landing {
    pub(crate) sequence: u64,
    pub(crate) at: Stamp,
    pub(crate) outcome: Result<String, Failure>,
}

impl Desk {
    pub(crate) fn new(schedule: Schedule) -> Self {
        Self {
            process: std::process::id(),
            books: Mutex::new(Books {
                schedule,
                last: None,
                attempts: 0,
                discovered: None,
            }),
            landed: Condvar::new(),
        }
    }

    /// The books. A thread that panicked while it held them left them whole: every change is one
    /// assignment after the work is done.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a flight has landed that is no older than `flight`, or until the time is over.
    pub(crate) fn wait<'d>(
        &self,
        mut books: MutexGuard<'d, Books>,
        flight: u64,
        until: Option<Instant>,
    ) -> (MutexGuard<'d, Books>, Option<Landing>) {
        /// Where `until` lies beyond what `Instant` can hold.
        const LONG: Duration = Duration::from_secs(3600);

        loop {
            if let Some(last) = &books.last
                && last.sequence >= flight
            {
                let last = last.clone();
                return (books, Some(last));
            }
            let left = until.map_or(LONG, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return (books, None);
            }
            let waited = self.landed.wait_timeout(books, left);
            (books, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn discovered(&self) -> Option<(SourceUrl, Stamp)> {
        self.lock().discovered.clone()
    }

    pub(crate) fn set_discovered(&self, found: Option<(SourceUrl, Stamp)>) {
        self.lock().discovered = found;
    }
}
