//! Key sets (RFC 7517 section 5): from a document to an index by `kid`, and to exactly one key.
//!
//! There are two, with the same rules: `KeySet` of any size on the heap, and [`FixedKeySet`] in
//! memory whose size is part of its type.

mod document;
mod fixed;
mod options;
#[cfg(feature = "alloc")]
mod owned;
mod report;

use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::jwk::Key;
use crate::provider::Provider;

pub use fixed::FixedKeySet;
pub use options::KeySetOptions;
#[cfg(feature = "alloc")]
pub use owned::KeySet;
pub use report::{KeyNotice, Notice, Warning};
#[cfg(feature = "alloc")]
pub use report::{KeySetError, KeyWarning, SkippedKey};

/// Among keys of one `kid`, the one of the algorithm's kind. RFC 7517 section 4.5 lets keys of
/// different types share a `kid`; two of one type would be a guess.
fn select_named<'k, P: Provider>(
    keys: impl Iterator<Item = &'k Key<P>>,
    algorithm: Algorithm,
) -> Result<&'k Key<P>, Error> {
    let mut keys = keys.peekable();
    if keys.peek().is_none() {
        return Err(Error::KeyNotFound);
    }
    let mut candidates = keys.filter(|key| key.is_of_kind(algorithm));
    let key = candidates.next().ok_or(Error::KeyMismatch)?;
    if candidates.next().is_some() {
        return Err(Error::KeyAmbiguous);
    }
    if !key.algorithms().contains(algorithm) {
        return Err(Error::KeyMismatch);
    }
    if key.has_unreadable_namesake() {
        return Err(Error::KeyAmbiguous);
    }
    Ok(key)
}

/// For a token without `kid`: the only key of the set that is for the algorithm.
fn select_unnamed<'k, P: Provider>(
    keys: impl Iterator<Item = &'k Key<P>>,
    algorithm: Algorithm,
) -> Result<&'k Key<P>, Error> {
    let mut fitting = keys.filter(|key| key.algorithms().contains(algorithm));
    let key = fitting.next().ok_or(Error::KeyNoneFits)?;
    if fitting.next().is_some() {
        Err(Error::KeyAmbiguous)
    } else {
        Ok(key)
    }
}

#[cfg(all(
    test,
    feature = "alloc",
    feature = "p256",
    feature = "ed25519",
    feature = "hmac"
))]
mod tests;
