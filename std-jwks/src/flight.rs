//! One fetch, from the first request to the landing, bound to no caller.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use jwtverify_core::{Error as Code, KeySet, Provider};
use sha2::{Digest, Sha256};

use crate::carrier::Carrier;
use crate::clock::Stamp;
use crate::desk::{Books, Desk, Landed};
use crate::discovery;
use crate::document::{Failure, key_set};
use crate::engine::{Freshness, Held, Landing, Launch, Outcome};
use crate::event::{Event, kids_beyond};
use crate::fetch::{FetchError, Request, Response};
use crate::shared::{Settings, Shared};
use crate::snapshot::{Document, ETag, Snapshot};
use crate::source::{self, Source};
use crate::store::public_part;
use crate::text;
use crate::url::SourceUrl;
use crate::waiting::{Caller, here};

/// Starts a flight that the engine has already counted.
///
/// No caller is bound to it: each waits as long as it likes. It gets a thread of its own, or, if an
/// asynchronous caller starts it and the transport does not block, a task of the runtime that is
/// there. If the system has no thread left, the caller flies itself.
pub(crate) fn launch<P: Provider>(
    shared: &Arc<Shared<P>>,
    desk: &Arc<Desk>,
    launch: Launch,
    caller: Caller,
) {
    #[cfg(feature = "async")]
    if caller == Caller::Task
        && matches!(shared.carrier, Carrier::Async(_))
        && let Ok(runtime) = tokio::runtime::Handle::try_current()
    {
        let flight = Flight::new(shared, desk, launch);
        drop(runtime.spawn(flight.fly()));
        return;
    }
    let _ = caller;
    let (ours, its_desk) = (Arc::clone(shared), Arc::clone(desk));
    let spawned = thread::Builder::new()
        .name("jwtverify-jwks".to_owned())
        .spawn(move || fly_here(&ours, &its_desk, launch));
    if spawned.is_err() {
        fly_here(shared, desk, launch);
    }
}

fn fly_here<P: Provider>(shared: &Arc<Shared<P>>, desk: &Arc<Desk>, launch: Launch) {
    let flight = Flight::new(shared, desk, launch).fly();
    let _ = catch_unwind(AssertUnwindSafe(|| match &shared.carrier {
        Carrier::Blocking(_) => here(flight),
        #[cfg(feature = "async")]
        Carrier::Async(_) => crate::carrier::run(flight),
    }));
}

/// A flight that lands whatever happens up there: nobody must wait for it in vain.
struct Flight<P: Provider> {
    shared: Arc<Shared<P>>,
    desk: Arc<Desk>,
    launch: Launch,
    landed: bool,
}

impl<P: Provider> Flight<P> {
    fn new(shared: &Arc<Shared<P>>, desk: &Arc<Desk>, launch: Launch) -> Self {
        Self {
            shared: Arc::clone(shared),
            desk: Arc::clone(desk),
            launch,
            landed: false,
        }
    }

    async fn fly(mut self) {
        let started = Event::FetchStarted {
            fetch: self.launch.sequence,
        };
        self.shared.listeners.tell([started]);
        let brought = fetch(&self.shared, &self.desk, self.launch).await;
        self.landed = true;
        land(&self.shared, &self.desk, self.launch.sequence, brought);
        self.keep().await;
    }

    /// Hands the set that this flight brought or confirmed to the store. The callers know it by now.
    async fn keep(&self) {
        let held = self.shared.held.load_full();
        let ours = held.filter(|held| held.sequence() == self.launch.sequence);
        let (Some(snapshot), true) = (ours, self.shared.keeper.is_some()) else {
            return;
        };
        let shared = Arc::clone(&self.shared);
        let save = move || {
            if let Some(keeper) = &shared.keeper {
                keeper.save(&snapshot, shared.now());
            }
        };
        match &self.shared.carrier {
            Carrier::Blocking(_) => save(),
            #[cfg(feature = "async")]
            Carrier::Async(_) => drop(tokio::task::spawn_blocking(save).await),
        }
    }
}

impl<P: Provider> Drop for Flight<P> {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        let failure = if thread::panicking() {
            Failure::new(Code::Internal, "the fetch panicked")
        } else {
            let why = "the runtime stopped while the fetch was on its way";
            Failure::new(Code::UnavailableConnect, why)
        };
        land(&self.shared, &self.desk, self.launch.sequence, Err(failure));
    }
}

/// What a flight brings home.
enum Brought<P: Provider> {
    /// A usable key set.
    Set(Box<Fetched<P>>),
    /// Word that the set with this number has not changed.
    Same { of: u64, freshness: Freshness },
}

struct Fetched<P: Provider> {
    document: Document<P>,
    etag: Option<ETag>,
    freshness: Freshness,
}

/// Asks until there is an answer: once, and again after a pause if the failure may be chance.
async fn fetch<P: Provider>(
    shared: &Shared<P>,
    desk: &Desk,
    launch: Launch,
) -> Result<Brought<P>, Failure> {
    let deadline = Instant::now().checked_add(shared.timeout);
    let mut retries = shared.timing.retries;
    loop {
        let failure = match ask(shared, desk, deadline).await {
            Err(failure) if failure.transient && retries > 0 => failure,
            result => return result,
        };
        // A pause that would take all the time that is left is no use.
        if left(shared, deadline) <= launch.retry_delay {
            return Err(failure);
        }
        retries = retries.saturating_sub(1);
        shared.carrier.pause(launch.retry_delay).await;
    }
}

/// Goes once through all that the source consists of.
async fn ask<P: Provider>(
    shared: &Shared<P>,
    desk: &Desk,
    deadline: Option<Instant>,
) -> Result<Brought<P>, Failure> {
    match &shared.source {
        Source::Urls(urls) => first_usable(shared, urls, deadline).await,
        Source::Issuer { issuer, document } => {
            let url = match desk.discovered() {
                Some(url) => url,
                None => {
                    let answer = get(shared, document, None, deadline).await?;
                    let most = shared.limits.max_bytes;
                    let url = discovery::jwks_uri(&answer, issuer, document, most)?;
                    desk.set_discovered(url.clone(), shared.now());
                    url
                }
            };
            from_url(shared, &url, deadline).await
        }
        Source::File(path) => {
            let answer = source::read(path, shared.limits.max_bytes)?;
            read(shared, &answer, None, source::shown(path))
        }
        Source::Static => Err(Failure::new(
            Code::Internal,
            "a static set is never fetched",
        )),
    }
}

/// The set of the first address that has a usable one. Each gets an equal share of the time that is
/// left, so that one which hangs does not take the others' too.
async fn first_usable<P: Provider>(
    shared: &Shared<P>,
    urls: &[SourceUrl],
    deadline: Option<Instant>,
) -> Result<Brought<P>, Failure> {
    let mut first: Option<Failure> = None;
    let mut waiting = u32::try_from(urls.len()).unwrap_or(u32::MAX);
    for url in urls {
        let share = left(shared, deadline)
            .checked_div(waiting)
            .unwrap_or_default();
        waiting = waiting.saturating_sub(1);
        match from_url(shared, url, Instant::now().checked_add(share)).await {
            Ok(brought) => return Ok(brought),
            Err(failure) => first = Some(join(first, failure, url)),
        }
    }
    Err(first.unwrap_or_else(|| Failure::new(Code::Internal, "there is no address")))
}

/// One failure for several addresses: that of the first, with the others told.
fn join(first: Option<Failure>, failure: Failure, url: &SourceUrl) -> Failure {
    let Some(first) = first else {
        return failure;
    };
    Failure {
        detail: format!("{}; then {}: {}", first.detail, url.shown(), failure.detail),
        retry_after: first.retry_after.min(failure.retry_after),
        transient: first.transient || failure.transient,
        ..first
    }
}

async fn from_url<P: Provider>(
    shared: &Shared<P>,
    url: &SourceUrl,
    deadline: Option<Instant>,
) -> Result<Brought<P>, Failure> {
    let held = shared.held.load_full();
    let base = held
        .as_deref()
        .and_then(|set| Some((set.sequence(), set.etag_for(url)?)));
    let answer = get(shared, url, base.map(|(_, etag)| etag), deadline).await?;
    if let Some((of, _)) = base
        && answer.status == 304
    {
        let freshness = freshness(&answer);
        return Ok(Brought::Same { of, freshness });
    }
    read(shared, &answer, Some(url.clone()), url.shown())
}

fn read<P: Provider>(
    shared: &Shared<P>,
    answer: &Response,
    origin: Option<SourceUrl>,
    shown: String,
) -> Result<Brought<P>, Failure> {
    let keys: KeySet<P> = key_set(answer, shared.limits)?;
    let kept = shared.keeper.as_ref();
    let public = kept.and_then(|_| public_part(&answer.body, &keys));
    Ok(Brought::Set(Box::new(Fetched {
        document: Document {
            keys,
            digest: Sha256::digest(&answer.body).into(),
            origin,
            shown,
            generation: 0,
            public: public.map(String::into_boxed_str),
        },
        etag: answer.header("etag").and_then(ETag::parse),
        freshness: freshness(answer),
    })))
}

/// A field may be sent in several lines, which together are one list (RFC 9110 section 5.3).
fn freshness(answer: &Response) -> Freshness {
    let lines = answer
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("cache-control"));
    let list: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
    Freshness::from_headers(Some(&list.join(",")), answer.header("age"))
}

/// One request within what is left of the time.
async fn get(
    settings: &Settings,
    url: &SourceUrl,
    etag: Option<&ETag>,
    deadline: Option<Instant>,
) -> Result<Response, Failure> {
    let left = left(settings, deadline);
    if left.is_zero() {
        return Err(FetchError::Timeout.into());
    }
    let mut request = Request::new(url.as_str());
    request.connect_timeout = settings.connect_timeout.min(left);
    request.timeout = left;
    request.max_bytes = settings.limits.max_bytes;
    if let Some(etag) = etag {
        let field = ("If-None-Match".to_owned(), etag.as_str().to_owned());
        request.headers.push(field);
    }
    Ok(settings.carrier.call(&request).await?)
}

fn left(settings: &Settings, deadline: Option<Instant>) -> Duration {
    deadline.map_or(settings.timeout, |at| {
        at.saturating_duration_since(Instant::now())
    })
}

/// Tells the engine how the flight ended, does what follows, and rings the bell.
fn land<P: Provider>(
    shared: &Shared<P>,
    desk: &Desk,
    sequence: u64,
    brought: Result<Brought<P>, Failure>,
) {
    let now = Stamp::now(&*shared.clock);
    let mut books = desk.lock();
    let outcome = match &brought {
        Ok(Brought::Set(fetched)) => Outcome::Fetched(fetched.freshness),
        Ok(Brought::Same { of, freshness }) => Outcome::NotModified {
            of: *of,
            freshness: *freshness,
        },
        Err(failure) => Outcome::Failed {
            retry_after: failure.retry_after,
            gone: failure.gone,
        },
    };
    let words = words(&brought);
    let mut events = Vec::new();
    let landing = books.engine.on_fetch_result(now, sequence, outcome);
    let outcome = match (landing, brought) {
        (Landing::Installed(held), Ok(Brought::Set(fetched))) => {
            let snapshot = Arc::new(installed(shared, *fetched, held));
            let before = shared.held.swap(Some(Arc::clone(&snapshot)));
            events.push(succeeded(sequence, snapshot.key_set()));
            events.extend(changed(before.as_deref(), &snapshot));
            Some(Ok(words))
        }
        (Landing::Confirmed(held), Ok(Brought::Same { .. })) => {
            let before = shared.held.load_full();
            let confirmed = before.map(|snapshot| Arc::new(snapshot.confirmed(held)));
            shared.held.store(confirmed);
            events.push(Event::NotModified { fetch: sequence });
            Some(Ok(words))
        }
        (
            Landing::Failed {
                rediscover,
                retry_in,
            },
            brought,
        ) => {
            if rediscover {
                books.forget_discovered();
            }
            let unknown = "HTTP 304 about a set that is no longer held";
            let failure = brought.err();
            let failure = failure.unwrap_or_else(|| Failure::new(Code::UnavailableStatus, unknown));
            events.push(Event::FetchFailed {
                fetch: sequence,
                error: failure.error,
                detail: failure.detail.clone(),
                failures: books.engine.failures(),
                retry_in,
            });
            Some(Err(failure))
        }
        // Somebody was asked later and has answered already.
        (Landing::Overtaken, Ok(brought)) => {
            events.push(match brought {
                Brought::Set(fetched) => succeeded(sequence, &fetched.document.keys),
                Brought::Same { .. } => Event::NotModified { fetch: sequence },
            });
            Some(Ok(words))
        }
        // It was given up long ago. Whoever still waits for it is woken all the same.
        _ => None,
    };
    events.extend(missing(shared, &mut books, sequence, now));
    if let Some(outcome) = outcome
        && books
            .last
            .as_ref()
            .is_none_or(|last| last.sequence < sequence)
    {
        books.last = Some(Landed {
            sequence,
            at: now,
            outcome,
        });
    }
    let Books { told, engine, .. } = &mut *books;
    events.extend(told.passing(engine, now, true));
    desk.announce(&books, now);
    books.ring();
    drop(books);
    desk.ring();
    shared.listeners.tell(events);
}

fn succeeded<P: Provider>(fetch: u64, keys: &KeySet<P>) -> Event {
    Event::FetchSucceeded {
        fetch,
        usable: keys.len(),
        skipped: keys.skipped().len(),
    }
}

/// The difference between two sets, unless they are the same.
fn changed<P: Provider>(before: Option<&Snapshot<P>>, after: &Snapshot<P>) -> Option<Event> {
    if before.is_some_and(|before| before.generation() == after.generation()) {
        return None;
    }
    let kids = |snapshot: &Snapshot<P>| -> Vec<String> {
        snapshot.key_set().kids().map(str::to_owned).collect()
    };
    let (old, new) = (before.map(kids).unwrap_or_default(), kids(after));
    Some(Event::SetChanged {
        generation: after.generation(),
        added: kids_beyond(&new, &old),
        removed: kids_beyond(&old, &new),
    })
}

/// Records that the kid for which this flight was started is not there, also where the caller did
/// not wait to see it.
fn missing<P: Provider>(
    shared: &Shared<P>,
    books: &mut Books,
    sequence: u64,
    now: Stamp,
) -> Option<Event> {
    let ours = books.looked_for.take_if(|(flight, _)| *flight <= sequence);
    let (_, kid) = ours?;
    let held = shared.held.load();
    let snapshot = held
        .as_ref()
        .filter(|snapshot| snapshot.sequence() == sequence)?;
    if snapshot.key_set().kids().any(|known| known == kid) {
        return None;
    }
    let held = books
        .engine
        .on_still_missing(now, Some(kid.as_bytes()), sequence);
    held.then(|| Event::KidHeld {
        kid: Some(text::shown(&kid)),
    })
}

/// What was brought, for people.
fn words<P: Provider>(brought: &Result<Brought<P>, Failure>) -> String {
    match brought {
        Ok(Brought::Set(fetched)) => {
            let keys = &fetched.document.keys;
            let (usable, skipped) = (keys.len(), keys.skipped().len());
            let how = match &fetched.document.origin {
                Some(_) => "HTTP 200",
                None => "the file was read",
            };
            format!("{how}, usable keys: {usable}, skipped: {skipped}")
        }
        Ok(Brought::Same { .. }) => "HTTP 304, the set has not changed".to_owned(),
        Err(failure) => failure.detail.clone(),
    }
}

fn installed<P: Provider>(shared: &Shared<P>, fetched: Fetched<P>, held: Held) -> Snapshot<P> {
    let before = shared.held.load();
    let before = before.as_ref().map(|snapshot| snapshot.document());
    let new = fetched.document;
    let document = match before {
        // The same octets: the prepared keys stay, with all that they have learnt.
        Some(before) if before.digest == new.digest && before.origin == new.origin => {
            Arc::clone(before)
        }
        _ => {
            let mut new = Document {
                generation: before
                    .map_or(0, |document| document.generation)
                    .saturating_add(1),
                ..new
            };
            // A rotation must not cost the tables of the keys that stay.
            if let Some(before) = before {
                new.keys.inherit(&before.keys);
            }
            Arc::new(new)
        }
    };
    let clock = Arc::clone(&shared.clock);
    Snapshot::new(document, fetched.etag, held, shared.timing.max_stale, clock)
}
