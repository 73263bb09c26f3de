//! A key set as it was fetched: immutable, shared by all readers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::{KeySet, Provider};

use crate::clock::{Clock, Stamp};
use crate::provider::DefaultProvider;

/// A fetched key set together with where and when it came from.
///
/// It never changes: a refresh makes another one, so that a reader sees either the whole old set
/// or the whole new one.
pub struct Snapshot<P: Provider = DefaultProvider> {
    document: Arc<Document<P>>,
    sequence: u64,
    confirmed: Stamp,
    clock: Arc<dyn Clock>,
}

/// What was fetched. Refreshes that bring the same octets share it, with all its prepared keys.
pub(crate) struct Document<P: Provider> {
    pub(crate) keys: KeySet<P>,
    /// SHA-256 of the document. The document itself is not kept: its publisher may have put a
    /// private key into it.
    pub(crate) digest: [u8; 32],
    pub(crate) url: String,
    pub(crate) generation: u64,
}

impl<P: Provider> Snapshot<P> {
    pub(crate) fn new(
        document: Arc<Document<P>>,
        sequence: u64,
        confirmed: Stamp,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            document,
            sequence,
            confirmed,
            clock,
        }
    }

    /// The keys, for [`Verifier::verify`](crate::Verifier::verify).
    pub fn key_set(&self) -> &KeySet<P> {
        &self.document.keys
    }

    /// How often the content has changed: 1 for the first set. A refresh that brings the same
    /// octets keeps the number.
    pub fn generation(&self) -> u64 {
        self.document.generation
    }

    /// Where the set was fetched, without the query: after discovery the `jwks_uri`.
    pub fn url(&self) -> &str {
        &self.document.url
    }

    /// How long ago the issuer was last asked and confirmed this set.
    pub fn age(&self) -> Duration {
        Stamp::now(&*self.clock).since(self.confirmed)
    }

    pub(crate) fn document(&self) -> &Arc<Document<P>> {
        &self.document
    }

    /// The number of the fetch that confirmed this set.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(crate) fn confirmed(&self) -> Stamp {
        self.confirmed
    }
}

impl<P: Provider> fmt::Debug for Snapshot<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("url", &self.url())
            .field("generation", &self.generation())
            .field("keys", &self.key_set().len())
            .field("age", &self.age())
            .finish_non_exhaustive()
    }
}
