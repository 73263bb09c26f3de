//! A key set as it was fetched: immutable, shared by all readers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::{KeySet, Provider};

use crate::clock::{Clock, Stamp};
use crate::engine::{Held, State};
use crate::provider::DefaultProvider;
use crate::url::SourceUrl;

/// A fetched key set together with where and when it came from.
///
/// It never changes: a refresh makes another one, so that a reader sees either the whole old set
/// or the whole new one.
pub struct Snapshot<P: Provider = DefaultProvider> {
    document: Arc<Document<P>>,
    etag: Option<ETag>,
    held: Held,
    max_stale: Duration,
    clock: Arc<dyn Clock>,
}

/// What was fetched. Refreshes that bring the same octets share it, with all its prepared keys.
pub(crate) struct Document<P: Provider> {
    pub(crate) keys: KeySet<P>,
    /// SHA-256 of the document. The document itself is not kept: its publisher may have put a
    /// private key into it.
    pub(crate) digest: [u8; 32],
    /// The address that it came from, unless it came from a file or from the program.
    pub(crate) origin: Option<SourceUrl>,
    /// Where it came from, fit to show.
    pub(crate) shown: String,
    pub(crate) generation: u64,
    /// The public members of its usable keys as a document, if there is a store to keep them.
    pub(crate) public: Option<Box<str>>,
}

impl<P: Provider> Snapshot<P> {
    pub(crate) fn new(
        document: Arc<Document<P>>,
        etag: Option<ETag>,
        held: Held,
        max_stale: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            document,
            etag,
            held,
            max_stale,
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

    /// Where the set was fetched, without the query: after discovery the `jwks_uri`. The path, if
    /// it came from a file.
    pub fn url(&self) -> &str {
        &self.document.shown
    }

    /// How long ago the issuer was last asked and confirmed this set, be it by sending it or by
    /// answering that it has not changed (304).
    pub fn age(&self) -> Duration {
        self.age_at(self.now())
    }

    /// How long the set is good for: the `max-age` of the answer within the bounds of the settings,
    /// or the `ttl` of the settings.
    pub fn ttl(&self) -> Duration {
        self.held.ttl
    }

    /// The entity tag that came with the set (RFC 9110 section 8.8.3), as it was sent.
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_ref().map(ETag::as_str)
    }

    /// Whether the set is past its ttl: what it says may no longer be so. A verdict that rests on
    /// it was made while the issuer could not be asked in time.
    pub fn is_stale(&self) -> bool {
        self.age() >= self.held.ttl
    }

    /// How usable the set is, by its age alone: [`State::StaleIdle`] stands for both kinds of
    /// stale. [`Status::state`](crate::Status::state) tells them apart.
    pub fn state(&self) -> State {
        let age = self.age();
        if age < self.held.due {
            State::Fresh
        } else if age < self.held.ttl {
            State::Due
        } else if age < self.usable_for() {
            State::StaleIdle
        } else {
            State::Expired
        }
    }

    pub(crate) fn document(&self) -> &Arc<Document<P>> {
        &self.document
    }

    /// The number of the fetch that confirmed this set.
    pub(crate) fn sequence(&self) -> u64 {
        self.held.sequence
    }

    pub(crate) fn held(&self) -> Held {
        self.held
    }

    /// The tag to ask with, if the set came from this address.
    pub(crate) fn etag_for(&self, url: &SourceUrl) -> Option<&ETag> {
        self.etag
            .as_ref()
            .filter(|_| self.document.origin.as_ref() == Some(url))
    }

    /// The same set, confirmed once more.
    pub(crate) fn confirmed(&self, held: Held) -> Self {
        Self {
            document: Arc::clone(&self.document),
            etag: self.etag.clone(),
            held,
            max_stale: self.max_stale,
            clock: Arc::clone(&self.clock),
        }
    }

    pub(crate) fn age_at(&self, now: Stamp) -> Duration {
        self.held.age(now)
    }

    /// The age at which it is used no more.
    pub(crate) fn usable_for(&self) -> Duration {
        self.held.ttl.saturating_add(self.max_stale)
    }

    fn now(&self) -> Stamp {
        Stamp::now(&*self.clock)
    }
}

impl<P: Provider> fmt::Debug for Snapshot<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("url", &self.url())
            .field("generation", &self.generation())
            .field("keys", &self.key_set().len())
            .field("age", &self.age())
            .field("ttl", &self.ttl())
            .finish_non_exhaustive()
    }
}

/// An entity tag that may be sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ETag(Box<str>);

/// The longest tag that is kept, in octets. It is sent with each refresh and says nothing to us.
const MAX_ETAG_BYTES: usize = 256;

impl ETag {
    /// Reads a field value, weak or strong (RFC 9110 section 8.8.3). What is no entity tag, or too
    /// long, is as good as none: the next answer is then a whole one.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if value.len() > MAX_ETAG_BYTES {
            return None;
        }
        let quoted = value.strip_prefix("W/").unwrap_or(value);
        let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
        let plain = |byte: u8| byte == 0x21 || (0x23..=0x7e).contains(&byte);
        opaque.bytes().all(plain).then(|| Self(value.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc9110_entity_tags_are_taken_as_they_are_and_nothing_else_is_sent_back() {
        let long = format!("\"{}\"", "x".repeat(254));
        let too_long = format!("\"{}\"", "x".repeat(255));
        for (value, wanted) in [
            ("\"xyzzy\"", true),
            ("W/\"xyzzy\"", true),
            ("\"\"", true),
            (" \"a,b;c\" ", true),
            (&long, true),
            (&too_long, false),
            ("xyzzy", false),
            ("w/\"xyzzy\"", false),
            ("\"xyzzy", false),
            ("\"", false),
            ("", false),
            ("*", false),
            ("\"a\", \"b\"", false),
            ("\"a\"b\"", false),
            ("\"a b\"", false),
            ("\"a\r\nx: y\"", false),
            ("\"\u{e9}\"", false),
        ] {
            let read = ETag::parse(value);
            assert_eq!(read.is_some(), wanted, "{value:?}");
            if let Some(tag) = read {
                assert_eq!(tag.as_str(), value.trim());
            }
        }
    }
}
