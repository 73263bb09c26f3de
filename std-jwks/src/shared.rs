//! What all clones of a remote key set share: the set, the settings, and the way to a newer set.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use jwtverify_core::{Error as Code, Provider};

use crate::clock::{Clock, Stamp};
use crate::desk::Desk;
use crate::diagnosis::Facts;
use crate::document::Limits;
use crate::fetch::Fetch;
use crate::flight::launch;
use crate::schedule::{Decision, Patience, Refusal, Schedule, Timing, Want};
use crate::snapshot::Snapshot;
use crate::status::{LastFetch, State, Status};
use crate::text;
use crate::url::SourceUrl;

/// Where the URL of the key set comes from.
#[derive(Debug)]
pub(crate) enum Source {
    Url(SourceUrl),
    Issuer { issuer: String, document: SourceUrl },
}

/// What the builder has checked.
pub(crate) struct Settings {
    pub(crate) source: Source,
    pub(crate) timing: Timing,
    pub(crate) limits: Limits,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) wait: Duration,
    pub(crate) fetch: Arc<dyn Fetch>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What all clones of one [`RemoteJwks`](crate::RemoteJwks) share.
pub(crate) struct Shared<P: Provider> {
    settings: Settings,
    /// Readers load this pointer and nothing else.
    pub(crate) held: ArcSwapOption<Snapshot<P>>,
    pub(crate) desk: ArcSwap<Desk>,
}

impl<P: Provider> std::ops::Deref for Shared<P> {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

/// A set, and whether the issuer was asked for it after the caller came.
pub(crate) struct Obtained<P: Provider> {
    pub(crate) snapshot: Arc<Snapshot<P>>,
    pub(crate) asked: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Trouble<P: Provider> {
    pub(crate) error: Code,
    pub(crate) retry_after: Option<Duration>,
    /// The set that was looked at, if any.
    pub(crate) snapshot: Option<Arc<Snapshot<P>>>,
    /// Nothing was asked of the issuer: a budget forbade it.
    refused: bool,
}

impl<P: Provider> Trouble<P> {
    fn new(error: Code, retry_after: Duration) -> Self {
        Self {
            error,
            retry_after: Some(retry_after),
            snapshot: None,
            refused: false,
        }
    }

    fn verdict(error: Code, snapshot: Arc<Snapshot<P>>) -> Self {
        Self::without_keys(error, Some(snapshot))
    }

    /// A verdict that does not depend on the set, which may be absent.
    fn without_keys(error: Code, snapshot: Option<Arc<Snapshot<P>>>) -> Self {
        Self {
            error,
            retry_after: None,
            snapshot,
            refused: false,
        }
    }
}

impl<P: Provider> Shared<P> {
    pub(crate) fn new(settings: Settings) -> Self {
        let desk = Desk::new(Schedule::new(settings.timing.clone()));
        Self {
            settings,
            held: ArcSwapOption::empty(),
            desk: ArcSwap::from_pointee(desk),
        }
    }

    fn now(&self) -> Stamp {
        Stamp::now(&*self.clock)
    }

    /// When a call that begins now has waited long enough.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        Instant::now().checked_add(self.wait)
    }

    /// Whether a set is within its ttl.
    pub(crate) fn is_young(&self, snapshot: &Snapshot<P>) -> bool {
        self.now().since(snapshot.confirmed()) < self.timing.ttl
    }

    /// Runs `attempt` over the set, and again over a newer one if it finds no key.
    ///
    /// Within the ttl and without a miss this takes no lock. Where a set must be fetched first,
    /// `hopeless` may say that no set can help.
    pub(crate) fn resolve<T>(
        self: &Arc<Self>,
        mut attempt: impl FnMut(&Arc<Snapshot<P>>) -> Result<T, Code>,
        hopeless: impl FnOnce() -> Option<Code>,
    ) -> Result<T, Trouble<P>> {
        // The guard must not be held while this call waits for the network.
        let seen = {
            let held = self.held.load();
            let young = held.as_ref().filter(|snapshot| self.is_young(snapshot));
            match young.map(|snapshot| (attempt(snapshot), snapshot)) {
                Some((Ok(done), _)) => return Ok(done),
                Some((Err(Code::KeyNotFound), snapshot)) => Some(Arc::clone(snapshot)),
                Some((Err(error), snapshot)) => {
                    return Err(Trouble::verdict(error, Arc::clone(snapshot)));
                }
                None => None,
            }
        };
        let deadline = self.deadline();
        let seen = match seen {
            Some(seen) => seen,
            None => {
                if let Some(error) = hopeless() {
                    return Err(Trouble::without_keys(error, self.held.load_full()));
                }
                let Obtained { snapshot, asked } = self.obtain(Want::Keys, deadline)?;
                match attempt(&snapshot) {
                    Err(Code::KeyNotFound) if !asked => snapshot,
                    verdict => {
                        return verdict.map_err(|error| Trouble::verdict(error, snapshot));
                    }
                }
            }
        };
        self.resolve_miss(attempt, seen, deadline)
    }

    /// The second half of [`resolve`](Self::resolve): `seen` lacks the key.
    fn resolve_miss<T>(
        self: &Arc<Self>,
        mut attempt: impl FnMut(&Arc<Snapshot<P>>) -> Result<T, Code>,
        mut seen: Arc<Snapshot<P>>,
        deadline: Option<Instant>,
    ) -> Result<T, Trouble<P>> {
        // Two rounds: a flight that was on its way when this call joined it may have asked before
        // the issuer published the key. The next one asks after.
        for round in 0..2 {
            let newer = match self.obtain(Want::Newer(seen.sequence()), deadline) {
                Ok(newer) => newer,
                // A set that arrived during this call lacks the kid, and that is an answer.
                Err(trouble) if trouble.refused && round > 0 => break,
                Err(trouble) => {
                    return Err(Trouble {
                        snapshot: Some(seen),
                        ..trouble
                    });
                }
            };
            seen = newer.snapshot;
            match attempt(&seen) {
                Err(Code::KeyNotFound) if !newer.asked => {}
                verdict => return verdict.map_err(|error| Trouble::verdict(error, seen)),
            }
        }
        Err(Trouble::verdict(Code::KeyNotFound, seen))
    }

    /// Does what the schedule decides.
    pub(crate) fn obtain(
        self: &Arc<Self>,
        want: Want,
        deadline: Option<Instant>,
    ) -> Result<Obtained<P>, Trouble<P>> {
        let desk = self.desk();
        let mut books = desk.lock();
        let now = self.now();
        let (flight, start, patience) = match books.schedule.decide(now, want) {
            Decision::Serve => return self.held(false),
            Decision::ServeAndStart(flight) => {
                books.attempts = books.attempts.saturating_add(1);
                drop(books);
                launch(self, &desk, flight, now);
                return self.held(false);
            }
            Decision::Refuse {
                reason,
                retry_after,
            } => {
                let error = match reason {
                    Refusal::Backoff => Code::UnavailableBackoff,
                    Refusal::Unchecked => Code::UnavailableUnchecked,
                };
                return Err(Trouble {
                    refused: true,
                    ..Trouble::new(error, retry_after)
                });
            }
            Decision::Wait {
                flight,
                start,
                patience,
            } => (flight, start, patience),
        };
        if start {
            books.attempts = books.attempts.saturating_add(1);
            drop(books);
            launch(self, &desk, flight, now);
            books = desk.lock();
        }
        let until = match patience {
            Patience::Full => deadline,
            Patience::ThenServe(wait) => {
                let content = Instant::now().checked_add(wait);
                deadline.into_iter().chain(content).min()
            }
        };
        let (books, landing) = desk.wait(books, flight, until);
        let now = self.now();
        let usable = want == Want::Keys && books.schedule.usable(now);
        let retry_after = match want {
            Want::Newer(_) => books.schedule.next_miss_in(now),
            Want::Keys | Want::Refresh => books.schedule.next_attempt_in(now),
        };
        drop(books);
        match landing.map(|landing| landing.outcome) {
            Some(Ok(_)) => self.held(start),
            _ if usable => self.held(false),
            Some(Err(failure)) => Err(Trouble::new(failure.error, retry_after)),
            None => Err(Trouble::new(Code::UnavailableTimeout, retry_after)),
        }
    }

    fn held(&self, asked: bool) -> Result<Obtained<P>, Trouble<P>> {
        match self.held.load_full() {
            Some(snapshot) => Ok(Obtained { snapshot, asked }),
            None => Err(Trouble::new(Code::Internal, Duration::ZERO)),
        }
    }

    /// The desk of this process: after `fork()` the child makes its own and keeps the set.
    pub(crate) fn desk(&self) -> Arc<Desk> {
        let desk = self.desk.load_full();
        if desk.process == std::process::id() {
            return desk;
        }
        let held = self.held.load();
        let held = held
            .as_ref()
            .map(|snapshot| (snapshot.sequence(), snapshot.confirmed()));
        let fresh = Arc::new(Desk::new(Schedule::inherit(self.timing.clone(), held)));
        self.desk.compare_and_swap(&desk, fresh);
        self.desk.load_full()
    }

    /// What is known about the source, for the diagnosis of an error.
    pub(crate) fn facts(&self, trouble: &Trouble<P>) -> Facts {
        let now = self.now();
        let desk = self.desk();
        let books = desk.lock();
        let (issuer, mut url) = self.source_shown();
        if let Some(snapshot) = &trouble.snapshot {
            url = Some(snapshot.url().to_owned());
        }
        let next = match trouble.error {
            Code::KeyNotFound | Code::UnavailableUnchecked => books.schedule.next_miss_in(now),
            _ => books.schedule.next_attempt_in(now),
        };
        Facts {
            kid: None,
            issuer,
            url,
            age: trouble
                .snapshot
                .as_ref()
                .map(|snapshot| now.since(snapshot.confirmed())),
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
            next_fetch_in: Some(next),
        }
    }

    /// The configured issuer and URL, fit to show.
    fn source_shown(&self) -> (Option<String>, Option<String>) {
        match &self.source {
            Source::Url(url) => (None, Some(url.shown())),
            Source::Issuer { issuer, .. } => (Some(text::detail(issuer)), None),
        }
    }

    pub(crate) fn status(&self) -> Status {
        let now = self.now();
        let desk = self.desk();
        let books = desk.lock();
        let held = self.held.load_full();
        let (issuer, configured) = self.source_shown();
        let age = held
            .as_ref()
            .map(|snapshot| now.since(snapshot.confirmed()));
        let state = match age {
            None => State::Cold,
            Some(age) if age < self.timing.ttl => State::Fresh,
            Some(_) if books.schedule.usable(now) => State::Stale,
            Some(_) => State::Expired,
        };
        Status {
            state,
            url: held
                .as_ref()
                .map(|snapshot| snapshot.url().to_owned())
                .or(configured),
            issuer,
            generation: held.as_ref().map_or(0, |snapshot| snapshot.generation()),
            age,
            kids: held
                .as_ref()
                .map(|snapshot| snapshot.key_set().kids().map(str::to_owned).collect())
                .unwrap_or_default(),
            skipped: held
                .as_ref()
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
            failures: books.schedule.failures(),
            attempts: books.attempts,
            fetching: books.schedule.is_fetching(),
            next_fetch_in: books.schedule.next_attempt_in(now),
            next_unknown_kid_fetch_in: books.schedule.next_miss_in(now),
        }
    }
}
