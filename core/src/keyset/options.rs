//! How to read a key-set document.

use crate::jwk::JwkOptions;
use crate::limits::{MAX_KEY_SET_BYTES, MAX_KEYS};

/// How to read a key set: limits, and which kinds of key the caller is willing to have.
///
/// With a heap `read` gives a `KeySet`; [`read_in`](Self::read_in) gives a
/// [`FixedKeySet`](crate::FixedKeySet) in every build.
#[derive(Clone, Copy, Debug)]
pub struct KeySetOptions {
    pub(super) keys: JwkOptions,
    pub(super) max_bytes: usize,
    pub(super) max_keys: usize,
}

impl Default for KeySetOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl KeySetOptions {
    /// Public keys only, within [`MAX_KEY_SET_BYTES`] and [`MAX_KEYS`].
    pub const fn new() -> Self {
        Self {
            keys: JwkOptions::new(),
            max_bytes: MAX_KEY_SET_BYTES,
            max_keys: MAX_KEYS,
        }
    }

    /// Accept symmetric secrets (`oct`), though never beside public keys.
    #[must_use]
    pub const fn allow_symmetric(mut self, allow: bool) -> Self {
        self.keys = self.keys.allow_symmetric(allow);
        self
    }

    /// Accept secrets shorter than the digest: see [`JwkOptions::allow_weak_hmac`].
    #[must_use]
    pub const fn allow_weak_hmac(mut self, allow: bool) -> Self {
        self.keys = self.keys.allow_weak_hmac(allow);
        self
    }

    /// The document came over a network: see [`JwkOptions::fetched`].
    #[must_use]
    pub const fn fetched(mut self, fetched: bool) -> Self {
        self.keys = self.keys.fetched(fetched);
        self
    }

    /// Longest document, in octets.
    #[must_use]
    pub const fn max_bytes(mut self, octets: usize) -> Self {
        self.max_bytes = octets;
        self
    }

    /// Most members of `keys`, usable or not.
    #[must_use]
    pub const fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys;
        self
    }
}
