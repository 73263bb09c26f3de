//! What outlives the process: a key set in a store, for the next start.

mod file;
mod record;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use jwtverify_core::{KeySet, KeySetOptions, Provider};
use sha2::{Digest, Sha256};

use crate::clock::Stamp;
use crate::document::Limits;
use crate::engine::Timing;
use crate::snapshot::{Document, Snapshot};
use crate::source::Source;
use crate::text;

pub use file::FileStore;
use record::Record;
pub(crate) use record::public_part;

/// Where the last good key set is kept for the next start of the process.
///
/// [`FileStore`] is one; another may be a shared cache of a service that has no disk. What is
/// stored is public, but **whoever can change it decides which tokens are accepted** until the
/// first fetch: the checksum in it finds accidents, not attackers.
///
/// A store is asked once, when the key set is built, and is given a snapshot after each fetch that
/// brought or confirmed a set. It may block: it is called on the thread of the fetch, after the
/// callers were woken. Its errors and panics are shown by
/// [`Status::store`](crate::Status::store) and have no other effect.
pub trait SnapshotStore: Send + Sync {
    /// What was saved last, or `None` if there is nothing.
    ///
    /// # Errors
    /// If it can't be read, must not be trusted, or is longer than `max_bytes`.
    fn load(&self, max_bytes: usize) -> Result<Option<Vec<u8>>, StoreError>;

    /// Puts this snapshot in the place of the one before, whole or not at all.
    ///
    /// # Errors
    /// If it can't be written.
    fn save(&self, snapshot: &[u8]) -> Result<(), StoreError>;
}

/// Why a store could not load or save, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError(String);

impl StoreError {
    /// With this reason, which is cut and escaped before it is shown.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::detail(&self.0))
    }
}

impl std::error::Error for StoreError {}

/// How a key set and its [`SnapshotStore`] get on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreReport {
    /// Whether this process began with the set of the store.
    pub loaded: bool,
    /// Why the snapshot in the store was not used when the process began; `None` also if there was
    /// none.
    pub load_error: Option<String>,
    /// Snapshots that were saved by this process.
    pub saves: u64,
    /// Why the last attempt to save failed, or `None`.
    pub save_error: Option<String>,
}

/// The longest head of a snapshot, before its keys.
const MAX_HEAD_BYTES: usize = 2048;

/// Keeps one source's set in a store.
///
/// It has no lock: a child after `fork()` could find it locked for ever.
pub(crate) struct Keeper {
    store: Arc<dyn SnapshotStore>,
    /// What tells this source from others. A digest, since a URL may hold a secret in its query.
    source: String,
    /// The newest fetch whose set was saved.
    newest: AtomicU64,
    report: ArcSwap<StoreReport>,
}

/// A set that was found in a store.
pub(crate) struct Found<P: Provider> {
    pub(crate) document: Document<P>,
    pub(crate) age: Duration,
    pub(crate) ttl: Duration,
}

impl Keeper {
    pub(crate) fn new(store: Arc<dyn SnapshotStore>, source: &Source) -> Self {
        Self {
            store,
            source: record::hex(&Sha256::digest(source.identity())),
            newest: AtomicU64::new(0),
            report: ArcSwap::default(),
        }
    }

    pub(crate) fn report(&self) -> StoreReport {
        StoreReport::clone(&self.report.load())
    }

    /// The set of the store, if it may be used now.
    pub(crate) fn load<P: Provider>(
        &self,
        now: Stamp,
        timing: &Timing,
        limits: Limits,
    ) -> Option<Found<P>> {
        let most = limits.max_bytes.saturating_add(MAX_HEAD_BYTES);
        let loaded = catch_unwind(AssertUnwindSafe(|| self.store.load(most)))
            .unwrap_or_else(|_| Err(StoreError::new("the store panicked")));
        let found = match loaded {
            Ok(None) => return None,
            Ok(Some(octets)) => self.read(&octets, now, timing, limits),
            Err(error) => Err(error.to_string()),
        };
        let mut report = self.report();
        report.loaded = found.is_ok();
        let found = match found {
            Ok(found) => Some(found),
            Err(reason) => {
                report.load_error = Some(reason);
                None
            }
        };
        self.report.store(Arc::new(report));
        found
    }

    fn read<P: Provider>(
        &self,
        octets: &[u8],
        now: Stamp,
        timing: &Timing,
        limits: Limits,
    ) -> Result<Found<P>, String> {
        let record = Record::read(octets)?;
        if record.source != self.source {
            return Err("the snapshot is of another source".to_owned());
        }
        let age = record.age(now.unix())?;
        // No more than a fetched set could have: the file is not asked how long it may live.
        let ttl = record.ttl.min(timing.longest_ttl());
        if age >= ttl.saturating_add(timing.max_stale) {
            let age = text::span(age);
            return Err(format!("the snapshot is too old: {age}"));
        }
        let options = KeySetOptions::new()
            .fetched(true)
            .max_bytes(limits.max_bytes)
            .max_keys(limits.max_keys);
        let keys: KeySet<P> = options
            .read(record.keys)
            .map_err(|refused| format!("the snapshot holds no usable key set: {refused}"))?;
        let document = Document {
            keys,
            digest: Sha256::digest(record.keys).into(),
            // So the first fetch asks for the whole set, and what it brings takes the place of this
            // one even if a digest or a tag in the store said that they are the same.
            origin: None,
            shown: text::detail(record.shown),
            generation: 1,
            public: Some(record.keys.into()),
        };
        Ok(Found { document, age, ttl })
    }

    /// Saves a set, unless a newer one was saved already.
    pub(crate) fn save<P: Provider>(&self, snapshot: &Snapshot<P>, now: Stamp) {
        let Some(keys) = &snapshot.document().public else {
            return;
        };
        let sequence = snapshot.sequence();
        if self.newest.fetch_max(sequence, Ordering::SeqCst) >= sequence {
            return;
        }
        let record = Record {
            source: &self.source,
            confirmed: record::confirmed(now.unix(), snapshot.age_at(now)),
            ttl: snapshot.ttl(),
            shown: snapshot.url(),
            keys,
        };
        let saved = catch_unwind(AssertUnwindSafe(|| {
            self.store.save(record.text().as_bytes())
        }))
        .unwrap_or_else(|_| Err(StoreError::new("the store panicked")));
        self.report.rcu(|before| {
            let mut report = StoreReport::clone(before);
            report.save_error = saved.as_ref().err().map(ToString::to_string);
            report.saves = report.saves.saturating_add(u64::from(saved.is_ok()));
            report
        });
    }
}

#[cfg(test)]
mod tests;
