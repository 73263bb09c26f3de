//! What all clones of a remote key set share: the set, the settings, and the desk.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use jwtverify_core::{Error as Code, KeySet, Provider};
use sha2::{Digest, Sha256};

use crate::background::Driver;
use crate::carrier::Carrier;
use crate::clock::{Clock, Stamp};
use crate::desk::Desk;
use crate::diagnosis::Facts;
use crate::document::Limits;
use crate::engine::{Engine, Held, Timing};
use crate::event::Listeners;
use crate::resolve::Trouble;
use crate::snapshot::{Document, Snapshot};
use crate::source::{STATIC, Source};
use crate::status::{LastFetch, Status};
use crate::store::Keeper;
use crate::text;

/// What the builder has checked.
pub(crate) struct Settings {
    pub(crate) source: Source,
    pub(crate) timing: Timing,
    pub(crate) limits: Limits,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) wait: Duration,
    pub(crate) carrier: Carrier,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) listeners: Listeners,
    pub(crate) keeper: Option<Keeper>,
}

/// What all clones of one [`RemoteJwks`](crate::RemoteJwks) share.
pub(crate) struct Shared<P: Provider> {
    settings: Settings,
    /// Readers load this pointer and nothing else.
    pub(crate) held: ArcSwapOption<Snapshot<P>>,
    pub(crate) desk: ArcSwap<Desk>,
    /// What refreshes in the background, or did.
    pub(crate) driver: ArcSwapOption<Driver>,
}

impl<P: Provider> std::ops::Deref for Shared<P> {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl<P: Provider> Shared<P> {
    pub(crate) fn new(settings: Settings) -> Self {
        let desk = Desk::new(Engine::new(settings.timing.clone(), seed()));
        Self {
            settings,
            held: ArcSwapOption::empty(),
            desk: ArcSwap::from_pointee(desk),
            driver: ArcSwapOption::empty(),
        }
    }

    /// With a set that never changes.
    pub(crate) fn fixed(settings: Settings, keys: KeySet<P>, document: &[u8]) -> Self {
        let shared = Self::new(settings);
        let held = Held {
            sequence: 0,
            confirmed: shared.now(),
            ttl: Duration::MAX,
            due: Duration::MAX,
        };
        let document = Document {
            keys,
            digest: Sha256::digest(document).into(),
            origin: None,
            shown: STATIC.to_owned(),
            generation: 1,
            public: None,
        };
        let max_stale = shared.timing.max_stale;
        let clock = Arc::clone(&shared.clock);
        let snapshot = Snapshot::new(Arc::new(document), None, held, max_stale, clock);
        shared.held.store(Some(Arc::new(snapshot)));
        // Its engine finds the set there, as the engine of a child process does.
        shared.desk.store(Arc::new(Desk::new(shared.resumed())));
        shared
    }

    /// Begins with the set of the store, if there is one that may be used.
    pub(crate) fn restored(self) -> Self {
        let now = self.now();
        let found = self
            .keeper
            .as_ref()
            .and_then(|keeper| keeper.load(now, &self.timing, self.limits));
        if let Some(found) = found {
            let mut engine = Engine::new(self.timing.clone(), seed());
            let held = engine.restore(now.earlier(found.age), found.ttl);
            let (document, clock) = (Arc::new(found.document), Arc::clone(&self.clock));
            let snapshot = Snapshot::new(document, None, held, self.timing.max_stale, clock);
            self.held.store(Some(Arc::new(snapshot)));
            self.desk.store(Arc::new(Desk::new(engine)));
        }
        self
    }

    pub(crate) fn now(&self) -> Stamp {
        Stamp::now(&*self.clock)
    }

    /// When a call that begins now has waited long enough.
    pub(crate) fn deadline(&self, wait: Option<Duration>) -> Option<Instant> {
        Instant::now().checked_add(wait.unwrap_or(self.wait))
    }

    /// The desk of this process: after `fork()` the child makes its own and keeps the set.
    pub(crate) fn desk(&self) -> Arc<Desk> {
        let desk = self.desk.load_full();
        if desk.process == std::process::id() {
            return desk;
        }
        let fresh = Arc::new(Desk::new(self.resumed()));
        self.desk.compare_and_swap(&desk, fresh);
        if let Some(driver) = &*self.driver.load() {
            driver.revive();
        }
        self.desk.load_full()
    }

    /// An engine that knows of the set that is held, and of nothing else.
    fn resumed(&self) -> Engine {
        let timing = self.timing.clone();
        match self.held.load().as_ref() {
            Some(snapshot) => Engine::resume(timing, seed(), snapshot.held()),
            None => Engine::new(timing, seed()),
        }
    }

    /// What is known about the source, for the diagnosis of an error.
    pub(crate) fn facts(&self, trouble: &Trouble<P>) -> Facts {
        let now = self.now();
        let desk = self.desk();
        let books = desk.lock();
        let (issuer, mut url) = self.source.shown();
        if let Some(snapshot) = &trouble.snapshot {
            url = Some(snapshot.url().to_owned());
        }
        let next = match trouble.error {
            _ if self.source.is_static() => None,
            Code::KeyNotFound | Code::UnavailableUnchecked => Some(books.engine.next_miss_in(now)),
            _ => Some(books.engine.next_attempt_in(now)),
        };
        let snapshot = trouble.snapshot.as_ref();
        Facts {
            kid: None,
            issuer,
            url,
            age: snapshot.map(|snapshot| snapshot.age_at(now)),
            last_fetch: books.last.as_ref().map(|last| {
                let ago = text::span(now.since(last.at));
                match &last.outcome {
                    Ok(text) => format!("{text}, {ago} ago"),
                    Err(failure) => format!("failed {ago} ago: {}", failure.detail),
                }
            }),
            failure: books
                .last
                .as_ref()
                .and_then(|last| last.outcome.as_ref().err().cloned()),
            next_fetch_in: next,
        }
    }

    pub(crate) fn status(&self) -> Status {
        let now = self.now();
        let desk = self.desk();
        let books = desk.lock();
        let engine = &books.engine;
        let held = self.held.load_full();
        let held = held.as_deref();
        let (issuer, configured) = self.source.shown();
        Status {
            state: engine.state(now),
            url: held
                .map(|snapshot| snapshot.url().to_owned())
                .or(configured),
            issuer,
            generation: held.map_or(0, Snapshot::generation),
            age: held.map(|snapshot| snapshot.age_at(now)),
            ttl: held.map(Snapshot::ttl),
            etag: held.and_then(Snapshot::etag).map(str::to_owned),
            kids: held
                .map(|snapshot| snapshot.key_set().kids().map(str::to_owned).collect())
                .unwrap_or_default(),
            skipped: held
                .map(|snapshot| snapshot.key_set().skipped().to_vec())
                .unwrap_or_default(),
            last_fetch: books.last.as_ref().map(|last| LastFetch {
                ago: now.since(last.at),
                error: last.outcome.as_ref().err().map(|failure| failure.error),
                text: match &last.outcome {
                    Ok(text) => text.clone(),
                    Err(failure) => failure.detail.clone(),
                },
            }),
            failures: engine.failures(),
            attempts: books.attempts,
            fetching: engine.is_fetching(),
            next_fetch_in: engine.next_attempt_in(now),
            next_unknown_kid_fetch_in: engine.next_miss_in(now),
            store: self.keeper.as_ref().map(Keeper::report),
        }
    }
}

/// Chance from the system, for jitter and for the hashes of kids.
fn seed() -> u64 {
    RandomState::new().hash_one("engine")
}
