//! The way of one caller: from the set that is held, over the engine, to an answer.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jwtverify_core::{Error as Code, Provider};

use crate::clock::Stamp;
use crate::desk::{Books, Desk, Landed};
use crate::engine::{Answer, Launch, Patience, Refusal, Want};
use crate::event::Event;
use crate::flight::launch;
use crate::shared::Shared;
use crate::snapshot::Snapshot;
use crate::text;
#[cfg(feature = "async")]
use crate::waiting::AsTask;
use crate::waiting::{Caller, OnThread, Waiting, here};

/// A set, and whether the issuer was asked for it after the caller came.
pub(crate) struct Obtained<P: Provider> {
    pub(crate) snapshot: Arc<Snapshot<P>>,
    asked: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Trouble<P: Provider> {
    pub(crate) error: Code,
    pub(crate) retry_after: Option<Duration>,
    /// The set that was looked at, if any.
    pub(crate) snapshot: Option<Arc<Snapshot<P>>>,
}

impl<P: Provider> Trouble<P> {
    fn new(error: Code, retry_after: Duration) -> Self {
        Self {
            error,
            retry_after: Some(retry_after),
            snapshot: None,
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
        }
    }
}

/// What a call comes to.
type Verdict<T, P> = Result<T, Trouble<P>>;

/// A flight to be waited for.
struct Wait {
    flight: u64,
    /// It was started for this caller.
    asked: bool,
    patience: Patience,
}

/// One call: what it looks for, and how long it waits.
pub(crate) struct Call<'c> {
    /// The kid that is looked for, where the set lacks it. Asked for once, and only then.
    pub(crate) kid: &'c (dyn Fn() -> Option<String> + Sync),
    /// Why no set can help, if that is so. Asked for before anything is fetched for the call.
    pub(crate) hopeless: &'c (dyn Fn() -> Option<Code> + Sync),
    /// The longest wait; that of the settings if there is none.
    pub(crate) wait: Option<Duration>,
}

impl<P: Provider> Shared<P> {
    /// Runs `attempt` over the set, and again over a newer one if it finds no key.
    ///
    /// Where the set that is held may be used as it is and has the key, this takes no lock.
    pub(crate) fn resolve<T>(
        self: &Arc<Self>,
        call: &Call<'_>,
        mut attempt: impl FnMut(&Arc<Snapshot<P>>) -> Result<T, Code>,
    ) -> Result<T, Trouble<P>> {
        match self.at_once(&mut attempt, Caller::Thread) {
            Ok(verdict) => verdict,
            Err(seen) => here(self.resolve_slowly(&OnThread, call, attempt, seen)),
        }
    }

    /// The same for a task.
    #[cfg(feature = "async")]
    pub(crate) async fn resolve_async<T>(
        self: &Arc<Self>,
        call: &Call<'_>,
        mut attempt: impl FnMut(&Arc<Snapshot<P>>) -> Result<T, Code>,
    ) -> Result<T, Trouble<P>> {
        match self.at_once(&mut attempt, Caller::Task) {
            Ok(verdict) => verdict,
            Err(seen) => self.resolve_slowly(&AsTask, call, attempt, seen).await,
        }
    }

    /// The verdict on the set that is held, if it is ready. Otherwise the set that lacks the key,
    /// or none that could be looked at.
    fn at_once<T>(
        self: &Arc<Self>,
        attempt: &mut impl FnMut(&Arc<Snapshot<P>>) -> Result<T, Code>,
        caller: Caller,
    ) -> Result<Verdict<T, P>, Option<Arc<Snapshot<P>>>> {
        // The guard must not be held while this call waits for the network.
        let held = self.held.load();
        let ready = held
            .as_ref()
            .filter(|snapshot| self.is_ready(snapshot, caller));
        match ready.map(|snapshot| (attempt(snapshot), snapshot)) {
            Some((Ok(done), _)) => Ok(Ok(done)),
            Some((Err(Code::KeyNotFound), snapshot)) => Err(Some(Arc::clone(snapshot))),
            Some((Err(error), snapshot)) => Ok(Err(Trouble::verdict(error, Arc::clone(snapshot)))),
            None => Err(None),
        }
    }

    /// The rest of [`resolve`](Self::resolve): where something must be fetched first.
    async fn resolve_slowly<T>(
        self: &Arc<Self>,
        waiting: &impl Waiting,
        call: &Call<'_>,
        mut attempt: impl FnMut(&Arc<Snapshot<P>>) -> Result<T, Code>,
        seen: Option<Arc<Snapshot<P>>>,
    ) -> Result<T, Trouble<P>> {
        let deadline = self.deadline(call.wait);
        let seen = match seen {
            Some(seen) => seen,
            None => {
                if let Some(error) = (call.hopeless)() {
                    return Err(Trouble::without_keys(error, self.held.load_full()));
                }
                let obtained = self.obtain(waiting, Want::Keys, deadline).await;
                let Obtained { snapshot, asked } = obtained?;
                match attempt(&snapshot) {
                    Err(Code::KeyNotFound) if asked => {
                        self.still_missing((call.kid)().as_deref(), &snapshot);
                        return Err(Trouble::verdict(Code::KeyNotFound, snapshot));
                    }
                    Err(Code::KeyNotFound) => snapshot,
                    verdict => return verdict.map_err(|error| Trouble::verdict(error, snapshot)),
                }
            }
        };
        self.resolve_miss(waiting, call, attempt, seen, deadline)
            .await
    }

    /// The last part of [`resolve`](Self::resolve): `seen` lacks the key.
    async fn resolve_miss<T>(
        self: &Arc<Self>,
        waiting: &impl Waiting,
        call: &Call<'_>,
        mut attempt: impl FnMut(&Arc<Snapshot<P>>) -> Result<T, Code>,
        mut seen: Arc<Snapshot<P>>,
        deadline: Option<Instant>,
    ) -> Result<T, Trouble<P>> {
        if self.source.is_static() {
            return Err(Trouble::verdict(Code::KeyNotFound, seen));
        }
        let kid = (call.kid)();
        // Two rounds: a flight that was on its way when this call joined it may have asked before
        // the issuer published the key. The next one asks after.
        for _ in 0..2 {
            let want = Want::Missing {
                seen: seen.sequence(),
                kid: kid.as_deref().map(str::as_bytes),
            };
            let newer = match self.obtain(waiting, want, deadline).await {
                Ok(newer) => newer,
                Err(trouble) => {
                    // Another flight may have brought the key meanwhile: one that was given up.
                    let late = self.ready_after(&seen);
                    if let Some(late) = late {
                        match attempt(&late) {
                            Err(Code::KeyNotFound) => {}
                            verdict => return verdict.map_err(|e| Trouble::verdict(e, late)),
                        }
                    }
                    return Err(Trouble {
                        snapshot: Some(seen),
                        ..trouble
                    });
                }
            };
            seen = newer.snapshot;
            match attempt(&seen) {
                Err(Code::KeyNotFound) if newer.asked => {
                    self.still_missing(kid.as_deref(), &seen);
                    break;
                }
                Err(Code::KeyNotFound) => {}
                verdict => return verdict.map_err(|error| Trouble::verdict(error, seen)),
            }
        }
        Err(Trouble::verdict(Code::KeyNotFound, seen))
    }

    /// The set that is held, if it is newer than this one and may be used.
    fn ready_after(self: &Arc<Self>, seen: &Snapshot<P>) -> Option<Arc<Snapshot<P>>> {
        let held = self.held.load_full()?;
        let newer = held.sequence() > seen.sequence();
        (newer && held.age_at(self.now()) < held.usable_for()).then_some(held)
    }

    /// Whether this set may be used without asking anybody. If it is due, the refresh is started
    /// here, beside the caller, by whoever comes first.
    pub(crate) fn is_ready(self: &Arc<Self>, snapshot: &Snapshot<P>, caller: Caller) -> bool {
        let now = self.now();
        let (age, held) = (snapshot.age_at(now), snapshot.held());
        if age < held.due {
            return true;
        }
        if age < snapshot.usable_for() && self.desk.load().is_calm(now) {
            return true;
        }
        if age < held.ttl {
            self.refresh_beside(now, caller);
            return true;
        }
        false
    }

    /// Starts the refresh that is due, unless somebody else is at the desk: then he does it.
    fn refresh_beside(self: &Arc<Self>, now: Stamp, caller: Caller) {
        let desk = self.desk();
        let Some(mut books) = desk.try_lock() else {
            return;
        };
        let answer = books.engine.on_lookup(now, Want::Keys);
        let events = self.passing(&mut books, now);
        let start = match answer {
            Answer::ServeAndStart(launch) => Some(launch),
            Answer::Wait { start, .. } => start,
            Answer::Serve | Answer::Refuse { .. } => None,
        };
        self.take_off(&desk, books, start, now, caller);
        self.listeners.tell(events);
    }

    /// Does what the engine decides.
    pub(crate) async fn obtain<W: Waiting>(
        self: &Arc<Self>,
        waiting: &W,
        want: Want<'_>,
        deadline: Option<Instant>,
    ) -> Result<Obtained<P>, Trouble<P>> {
        let desk = self.desk();
        let wait = match self.ask(&desk, want, W::CALLER) {
            ControlFlow::Break(result) => return result,
            ControlFlow::Continue(wait) => wait,
        };
        let until = match wait.patience {
            Patience::Full => deadline,
            Patience::ThenServe(so_long) => {
                let content = Instant::now().checked_add(so_long);
                deadline.into_iter().chain(content).min()
            }
        };
        let landed = waiting.wait(&desk, wait.flight, until).await;
        self.after_landing(&desk, want, wait.asked, landed)
    }

    /// Asks the engine, and starts what it says: either there is a result now, or a flight must be
    /// waited for.
    fn ask(
        self: &Arc<Self>,
        desk: &Arc<Desk>,
        want: Want<'_>,
        caller: Caller,
    ) -> ControlFlow<Verdict<Obtained<P>, P>, Wait> {
        let mut books = desk.lock();
        let now = self.now();
        let answer = books.engine.on_lookup(now, want);
        let mut events = self.passing(&mut books, now);
        let start = match answer {
            Answer::Serve => None,
            Answer::ServeAndStart(launch) => Some(launch),
            Answer::Wait { start, .. } => start,
            Answer::Refuse {
                reason,
                retry_after,
            } => {
                let error = match reason {
                    Refusal::Backoff => Code::UnavailableBackoff,
                    Refusal::Unchecked => Code::UnavailableUnchecked,
                    Refusal::Held => Code::KeyNotFound,
                };
                if reason == Refusal::Unchecked {
                    events.extend(books.told.refused(retry_after));
                }
                drop(books);
                self.listeners.tell(events);
                return ControlFlow::Break(Err(Trouble::new(error, retry_after)));
            }
        };
        if let (Some(launch), Want::Missing { kid: Some(kid), .. }) = (start, want) {
            let kid = String::from_utf8_lossy(kid).into_owned();
            books.looked_for = Some((launch.sequence, kid));
        }
        self.take_off(desk, books, start, now, caller);
        self.listeners.tell(events);
        match answer {
            Answer::Wait {
                flight, patience, ..
            } => ControlFlow::Continue(Wait {
                flight,
                asked: start.is_some(),
                patience,
            }),
            _ => ControlFlow::Break(self.held(false)),
        }
    }

    /// What a caller that has waited is told: `landed` is what it has waited for, if it came in
    /// time, and `asked` whether this caller started it.
    fn after_landing(
        &self,
        desk: &Desk,
        want: Want<'_>,
        asked: bool,
        landed: Option<Landed>,
    ) -> Result<Obtained<P>, Trouble<P>> {
        let books = desk.lock();
        let now = self.now();
        // A set that came may be too old for use: where the machine slept since it was asked for.
        let usable = books.engine.state(now).is_usable();
        let served = usable && want == Want::Keys;
        let retry_after = match want {
            // It is on its way: the next call may find it landed.
            _ if landed.is_none() && books.engine.is_fetching() => Duration::ZERO,
            Want::Missing { .. } => books.engine.next_miss_in(now),
            Want::Keys | Want::Refresh => books.engine.next_attempt_in(now),
        };
        drop(books);
        match landed.map(|landed| landed.outcome) {
            Some(Ok(_)) if usable => self.held(asked),
            _ if served => self.held(false),
            Some(Err(failure)) => Err(Trouble::new(failure.error, retry_after)),
            Some(Ok(_)) | None => Err(Trouble::new(Code::UnavailableTimeout, retry_after)),
        }
    }

    /// Gives the books back, and starts a flight that is written in them.
    fn take_off(
        self: &Arc<Self>,
        desk: &Arc<Desk>,
        mut books: std::sync::MutexGuard<'_, Books>,
        start: Option<Launch>,
        now: Stamp,
        caller: Caller,
    ) {
        if let Some(start) = start {
            books.attempts = books.attempts.saturating_add(1);
            books.told.started(start.sequence);
        }
        desk.announce(&books, now);
        drop(books);
        if let Some(start) = start {
            launch(self, desk, start, caller);
        }
    }

    /// Records that a set which was fetched for this kid lacks it.
    fn still_missing(&self, kid: Option<&str>, snapshot: &Snapshot<P>) {
        let now = self.now();
        let desk = self.desk();
        let octets = kid.map(str::as_bytes);
        let sequence = snapshot.sequence();
        let held = desk.lock().engine.on_still_missing(now, octets, sequence);
        if held {
            let kid = kid.map(text::shown);
            self.listeners.tell([Event::KidHeld { kid }]);
        }
    }

    /// What has come to pass since somebody looked last. Nothing, if nobody listens.
    fn passing(&self, books: &mut Books, now: Stamp) -> Vec<Event> {
        if self.listeners.is_empty() {
            return Vec::new();
        }
        let Books { told, engine, .. } = books;
        told.passing(engine, now, false)
    }

    /// Does what is due while nobody calls. Gives the desk, how often its bell has rung, and how long
    /// there is nothing to do.
    pub(crate) fn tick(self: &Arc<Self>, caller: Caller) -> (Arc<Desk>, u64, Duration) {
        let desk = self.desk();
        let mut books = desk.lock();
        let now = self.now();
        let tick = books.engine.on_timer(now);
        let events = self.passing(&mut books, now);
        let rings = books.rings();
        self.take_off(&desk, books, tick.start, now, caller);
        self.listeners.tell(events);
        (desk, rings, tick.wake_in)
    }

    fn held(&self, asked: bool) -> Result<Obtained<P>, Trouble<P>> {
        match self.held.load_full() {
            Some(snapshot) => Ok(Obtained { snapshot, asked }),
            None => Err(Trouble::new(Code::Internal, Duration::ZERO)),
        }
    }
}
