//! One fetch, from the request to the landing, on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use jwtverify_core::{Error as Code, KeySet, Provider};
use sha2::{Digest, Sha256};

use crate::clock::Stamp;
use crate::desk::{Desk, Landing};
use crate::discovery;
use crate::document::{Failure, key_set};
use crate::fetch::{FetchError, Request, Response, call};
use crate::shared::{Settings, Shared, Source};
use crate::snapshot::{Document, Snapshot};
use crate::url::SourceUrl;

/// How old a discovered `jwks_uri` must be before a 404 or 410 sends us back to discovery.
const REDISCOVER_AFTER: Duration = Duration::from_secs(300);

/// Starts a flight that the schedule has already counted.
///
/// It gets its own thread, so that no caller is bound to it: each waits as long as it likes. If
/// the system has no thread left, the caller flies itself.
pub(crate) fn launch<P: Provider>(
    shared: &Arc<Shared<P>>,
    desk: &Arc<Desk>,
    sequence: u64,
    started: Stamp,
) {
    let (ours, its_desk) = (Arc::clone(shared), Arc::clone(desk));
    let spawned = thread::Builder::new()
        .name("jwtverify-jwks".to_owned())
        .spawn(move || fly(&ours, &its_desk, sequence, started));
    if spawned.is_err() {
        fly(shared, desk, sequence, started);
    }
}

fn fly<P: Provider>(shared: &Arc<Shared<P>>, desk: &Desk, sequence: u64, started: Stamp) {
    // Whatever happens up here, the flight lands: nobody must wait for it in vain.
    let outcome = catch_unwind(AssertUnwindSafe(|| fetch(shared, desk)))
        .unwrap_or_else(|_| Err(Failure::new(Code::Internal, "the fetch panicked")));
    land(shared, desk, sequence, started, outcome);
}

/// An answer that holds a usable key set.
struct Fetched<P: Provider> {
    keys: KeySet<P>,
    /// SHA-256 of the document.
    digest: [u8; 32],
    url: SourceUrl,
}

fn fetch<P: Provider>(shared: &Shared<P>, desk: &Desk) -> Result<Fetched<P>, Failure> {
    let deadline = Instant::now().checked_add(shared.timeout);
    let now = Stamp::now(&*shared.clock);
    let (url, discovered) = match &shared.source {
        Source::Url(url) => (url.clone(), None),
        Source::Issuer { issuer, document } => match desk.discovered() {
            Some((url, since)) => (url, Some(since)),
            None => {
                let answer = get(shared, document, deadline)?;
                let url = discovery::jwks_uri(&answer, issuer, document, shared.limits.max_bytes)?;
                desk.set_discovered(Some((url.clone(), now)));
                (url, Some(now))
            }
        },
    };
    let answer = get(shared, &url, deadline)?;
    match key_set(&answer, shared.limits) {
        Ok(keys) => Ok(Fetched {
            keys,
            digest: Sha256::digest(&answer.body).into(),
            url,
        }),
        Err(failure) => {
            if failure.gone && discovered.is_some_and(|since| now.since(since) >= REDISCOVER_AFTER)
            {
                desk.set_discovered(None);
            }
            Err(failure)
        }
    }
}

/// One request within what is left of the flight's time: discovery and key set share it.
fn get(
    settings: &Settings,
    url: &SourceUrl,
    deadline: Option<Instant>,
) -> Result<Response, Failure> {
    let left = deadline.map_or(settings.timeout, |at| {
        at.saturating_duration_since(Instant::now())
    });
    if left.is_zero() {
        return Err(FetchError::Timeout.into());
    }
    let mut request = Request::new(url.as_str());
    request.connect_timeout = settings.connect_timeout.min(left);
    request.timeout = left;
    request.max_bytes = settings.limits.max_bytes;
    Ok(call(&*settings.fetch, &request)?)
}

fn land<P: Provider>(
    shared: &Shared<P>,
    desk: &Desk,
    sequence: u64,
    started: Stamp,
    outcome: Result<Fetched<P>, Failure>,
) {
    let now = Stamp::now(&*shared.clock);
    let mut books = desk.lock();
    let outcome = match outcome {
        Ok(fetched) => {
            let (usable, skipped) = (fetched.keys.len(), fetched.keys.skipped().len());
            if books.schedule.succeeded(sequence, started) {
                let snapshot = snapshot(shared, fetched, sequence, started);
                shared.held.store(Some(Arc::new(snapshot)));
            }
            Ok(format!(
                "HTTP 200, usable keys: {usable}, skipped: {skipped}"
            ))
        }
        Err(failure) => {
            let counts = books.schedule.failed(sequence, now, failure.retry_after);
            // One that was given up says nothing about the present; whoever still waits for it
            // is woken all the same.
            if !counts {
                drop(books);
                desk.landed.notify_all();
                return;
            }
            Err(failure)
        }
    };
    if books
        .last
        .as_ref()
        .is_none_or(|last| last.sequence < sequence)
    {
        books.last = Some(Landing {
            sequence,
            at: now,
            outcome,
        });
    }
    drop(books);
    desk.landed.notify_all();
}

fn snapshot<P: Provider>(
    shared: &Shared<P>,
    fetched: Fetched<P>,
    sequence: u64,
    started: Stamp,
) -> Snapshot<P> {
    let url = fetched.url.shown();
    let before = shared.held.load();
    let before = before.as_ref().map(|snapshot| snapshot.document());
    let document = match before {
        Some(document) if document.digest == fetched.digest && document.url == url => {
            Arc::clone(document)
        }
        _ => Arc::new(Document {
            keys: fetched.keys,
            digest: fetched.digest,
            url,
            generation: before
                .map_or(0, |document| document.generation)
                .saturating_add(1),
        }),
    };
    Snapshot::new(document, sequence, started, Arc::clone(&shared.clock))
}
