//! Key sets (RFC 7517 section 5): from a document to an index by `kid`, and to exactly one key.

mod read;
mod report;

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use crate::algorithm::{Algorithm, KeyType};
use crate::error::Error;
use crate::json::Text;
use crate::jwk::Key;
use crate::keys::{Keys, Sealed};
use crate::policy::Permitted;
use crate::provider::{Provider, RustCrypto};

pub use read::KeySetOptions;
pub use report::{KeySetError, KeyWarning, SkippedKey, Warning};

/// The keys of one issuer, ready to verify, found by `kid` in logarithmic time.
///
/// One bad key never loses the set: it is skipped, and [`skipped`](Self::skipped) says why.
/// Immutable; share it between threads in an `Arc`.
///
/// ```
/// # #[cfg(feature = "p256")] {
/// use jwtverify_core::{Error, KeySet};
///
/// let keys = KeySet::from_jwks(br#"{"keys":[
///     {"kty":"EC","crv":"P-256","kid":"a",
///      "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
///      "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
///     {"kty":"EC","crv":"P-256","kid":"b","use":"enc","x":"","y":""}]}"#)?;
/// assert!(keys.kids().eq(["a"]));
/// assert_eq!(keys.skipped()[0].reason, Error::JwkUse);
/// # }
/// # Ok::<(), jwtverify_core::KeySetError>(())
/// ```
pub struct KeySet<P: Provider = RustCrypto> {
    /// Sorted by `kid`, those without one first; the same `kid` in the order of the document.
    keys: Vec<Key<P>>,
    skipped: Vec<SkippedKey>,
    warnings: Vec<KeyWarning>,
    /// The `kid` and type of members whose numbers can't be read: a namesake is ambiguous.
    unreadable: Vec<(String, KeyType)>,
}

impl KeySet<RustCrypto> {
    /// Reads a JWKS document, or one bare JWK, of public keys. For symmetric keys, other limits
    /// and other providers there is [`KeySetOptions`].
    ///
    /// # Errors
    /// [`KeySetError`]: the document can't be read, or holds no usable key.
    pub fn from_jwks(document: impl AsRef<[u8]>) -> Result<Self, KeySetError> {
        KeySetOptions::new().read(document)
    }
}

impl<P: Provider> KeySet<P> {
    /// The usable keys, sorted by `kid`.
    pub fn keys(&self) -> impl Iterator<Item = &Key<P>> {
        self.keys.iter()
    }

    /// The `kid`s of the usable keys, sorted; keys without one are left out.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(Key::kid)
    }

    /// How many keys are usable: at least one.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Never: a set without usable keys is an error. Present because `len` is.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The members of the document that can't be used, each with the reason.
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// What is wrong with usable keys.
    pub fn warnings(&self) -> &[KeyWarning] {
        &self.warnings
    }

    /// The keys with this `kid`.
    fn with_kid(&self, kid: Text<'_>) -> &[Key<P>] {
        let start = self
            .keys
            .partition_point(|key| compare(key.kid(), kid).is_lt());
        let end = self
            .keys
            .partition_point(|key| compare(key.kid(), kid).is_le());
        self.keys.get(start..end).unwrap_or_default()
    }
}

/// Compares a key's `kid` with a token's; keys without one come first.
fn compare(kid: Option<&str>, wanted: Text<'_>) -> Ordering {
    match (kid, wanted.as_plain()) {
        (None, _) => Ordering::Less,
        (Some(kid), Some(plain)) => kid.cmp(plain),
        // The order of characters is the order of UTF-8 octets.
        (Some(kid), None) => kid.chars().cmp(wanted.chars()),
    }
}

impl<P: Provider> Sealed for KeySet<P> {}

impl<P: Provider> Keys for KeySet<P> {
    type Provider = P;

    fn select(&self, permitted: &Permitted<'_>) -> Result<&Key<P>, Error> {
        let algorithm = permitted.algorithm();
        match permitted.kid() {
            Some(kid) => {
                let key = select_named(self.with_kid(kid), algorithm)?;
                let is_twin = |(twin, key_type): &(String, KeyType)| {
                    kid == twin.as_str() && *key_type == key.key_type()
                };
                if self.unreadable.iter().any(is_twin) {
                    return Err(Error::KeyAmbiguous);
                }
                Ok(key)
            }
            None => select_unnamed(&self.keys, algorithm),
        }
    }
}

/// Among keys of one `kid`, the one of the algorithm's type. RFC 7517 section 4.5 lets keys of
/// different types share a `kid`; two of one type would be a guess.
fn select_named<P: Provider>(keys: &[Key<P>], algorithm: Algorithm) -> Result<&Key<P>, Error> {
    if keys.is_empty() {
        return Err(Error::KeyNotFound);
    }
    let of_type =
        |key: &&Key<P>| key.key_type() == algorithm.key_type() && key.curve() == algorithm.curve();
    let mut candidates = keys.iter().filter(of_type);
    let key = candidates.next().ok_or(Error::KeyMismatch)?;
    if candidates.next().is_some() {
        return Err(Error::KeyAmbiguous);
    }
    if key.algorithms().contains(algorithm) {
        Ok(key)
    } else {
        Err(Error::KeyMismatch)
    }
}

/// For a token without `kid`: the only key of the set that is for the algorithm.
fn select_unnamed<P: Provider>(keys: &[Key<P>], algorithm: Algorithm) -> Result<&Key<P>, Error> {
    let mut fitting = keys
        .iter()
        .filter(|key| key.algorithms().contains(algorithm));
    let key = fitting.next().ok_or(Error::KeyNoneFits)?;
    if fitting.next().is_some() {
        Err(Error::KeyAmbiguous)
    } else {
        Ok(key)
    }
}

impl<P: Provider> fmt::Debug for KeySet<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("keys", &self.keys)
            .field("skipped", &self.skipped)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "p256", feature = "ed25519", feature = "hmac"))]
mod tests;
