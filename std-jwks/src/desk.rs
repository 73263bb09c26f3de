//! Where callers and flights meet: the engine under a lock, and a bell for landings.

use std::sync::{PoisonError, TryLockError};
use std::time::{Duration, Instant};

use crate::clock::Stamp;
use crate::document::Failure;
use crate::engine::Engine;
use crate::event::Told;
use crate::sync::{ArcSwapOption, Condvar, Mutex, MutexGuard};
use crate::url::SourceUrl;

/// The shared state of one source in one process.
///
/// After `fork()` the child gets a new desk: its copy of the old one may be locked for ever, and
/// the flights it waits for exist in the parent only.
pub(crate) struct Desk {
    pub(crate) process: u32,
    books: Mutex<Books>,
    pub(crate) landed: Condvar,
    #[cfg(feature = "async")]
    bell: tokio::sync::Notify,
    calm: ArcSwapOption<Calm>,
}

pub(crate) struct Books {
    pub(crate) engine: Engine,
    /// The newest flight that ended.
    pub(crate) last: Option<Landed>,
    /// Flights started by this process.
    pub(crate) attempts: u64,
    /// What listeners have heard so far.
    pub(crate) told: Told,
    /// Counts the rings of the bell.
    rings: u64,
    /// The kid that a flight was started for, and the number of that flight. Its caller may be gone
    /// when it lands.
    pub(crate) looked_for: Option<(u64, String)>,
    discovered: Option<SourceUrl>,
}

/// How a flight ended: what it brought in words, or why it failed.
#[derive(Clone, Debug)]
pub(crate) struct Landed {
    pub(crate) sequence: u64,
    pub(crate) at: Stamp,
    pub(crate) outcome: Result<String, Failure>,
}

/// Since when, and how long, there is nothing to ask at this desk.
#[derive(Clone, Copy, Debug)]
struct Calm {
    since: Stamp,
    length: Duration,
}

impl Desk {
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            process: std::process::id(),
            books: Mutex::new(Books {
                engine,
                last: None,
                attempts: 0,
                told: Told::default(),
                rings: 0,
                looked_for: None,
                discovered: None,
            }),
            landed: Condvar::new(),
            #[cfg(feature = "async")]
            bell: tokio::sync::Notify::new(),
            calm: ArcSwapOption::empty(),
        }
    }

    /// The books. A thread that panicked while it held them left them whole: every change is one
    /// assignment after the work is done.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The books, if nobody has them: for those who would only see that all is well.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, Books>> {
        match self.books.try_lock() {
            Ok(books) => Some(books),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Whether a caller with a usable set would hear nothing here but "use it". Takes no lock.
    pub(crate) fn is_calm(&self, now: Stamp) -> bool {
        let calm = self.calm.load();
        calm.as_ref()
            .is_some_and(|calm| now.since(calm.since) < calm.length)
    }

    /// Tells those who come how long they need not ask. Whoever changed the books does it, before
    /// giving them back.
    pub(crate) fn announce(&self, books: &Books, now: Stamp) {
        let length = books.engine.calm_for(now);
        let calm = Calm { since: now, length };
        self.calm.store((!length.is_zero()).then(|| calm.into()));
    }

    /// Wakes all who wait, also those who were about to sleep.
    pub(crate) fn ring_all(&self) {
        self.lock().ring();
        self.ring();
    }

    /// Wakes all who wait, after the books were marked with [`Books::ring`].
    pub(crate) fn ring(&self) {
        self.landed.notify_all();
        #[cfg(feature = "async")]
        self.bell.notify_waiters();
    }

    /// The next time that the bell is rung.
    #[cfg(feature = "async")]
    pub(crate) fn rung(&self) -> tokio::sync::futures::Notified<'_> {
        self.bell.notified()
    }

    /// The newest landing, if it is no older than `flight`.
    #[cfg(feature = "async")]
    pub(crate) fn landed_since(&self, flight: u64) -> Option<Landed> {
        let books = self.lock();
        books
            .last
            .as_ref()
            .filter(|last| last.sequence >= flight)
            .cloned()
    }

    /// Sleeps until the bell rings, unless it has since `seen`, or until the time is over.
    pub(crate) fn sleep(&self, seen: u64, time: Duration) {
        let books = self.lock();
        if books.rings == seen {
            drop(self.landed.wait_timeout(books, time));
        }
    }

    /// The same for a task.
    #[cfg(feature = "async")]
    pub(crate) async fn sleep_in_task(&self, seen: u64, time: Duration) {
        let mut rung = std::pin::pin!(self.rung());
        rung.as_mut().enable();
        if self.lock().rings == seen {
            let _ = tokio::time::timeout(time, rung).await;
        }
    }

    /// Waits until a flight has landed that is no older than `flight`, or until the time is over.
    pub(crate) fn wait<'d>(
        &self,
        mut books: MutexGuard<'d, Books>,
        flight: u64,
        until: Option<Instant>,
    ) -> (MutexGuard<'d, Books>, Option<Landed>) {
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

    pub(crate) fn discovered(&self) -> Option<SourceUrl> {
        self.lock().discovered.clone()
    }

    pub(crate) fn set_discovered(&self, found: SourceUrl, now: Stamp) {
        let mut books = self.lock();
        books.discovered = Some(found);
        books.engine.on_discovered(now);
    }
}

impl Books {
    /// Notes that the bell will ring.
    pub(crate) fn ring(&mut self) {
        self.rings = self.rings.wrapping_add(1);
    }

    pub(crate) fn rings(&self) -> u64 {
        self.rings
    }

    /// The next flight asks the issuer where its keys are.
    pub(crate) fn forget_discovered(&mut self) {
        self.discovered = None;
    }
}
