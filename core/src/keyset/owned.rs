//! Key sets of any size, on the heap.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use super::document::{self, Store};
use super::report::{KeyNotice, KeySetError, KeyWarning, Notice, SkippedKey};
use super::{KeySetOptions, select_named, select_unnamed};
use crate::error::Error;
use crate::json::{Names, Text};
use crate::jwk::Key;
use crate::keys::{Keys, Sealed};
use crate::policy::Permitted;
use crate::provider::{Provider, RustCrypto};

/// So many keys of an earlier set that have the `kid` of a new one, or none like it, are looked
/// at: a document of thousands without a `kid` must not take the square of that.
const NAMESAKES: usize = 16;

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
}

impl KeySet<RustCrypto> {
    /// Reads a JWKS document, or one bare JWK, of public keys. For symmetric keys and other limits
    /// there is [`KeySetOptions`], for other providers [`read`](Self::read).
    ///
    /// # Errors
    /// [`KeySetError`]: the document can't be read, or holds no usable key.
    pub fn from_jwks(document: impl AsRef<[u8]>) -> Result<Self, KeySetError> {
        KeySetOptions::new().read(document)
    }
}

impl<P: Provider> KeySet<P> {
    /// The same as [`from_jwks`](KeySet::from_jwks) for the provider that the type names.
    ///
    /// # Errors
    /// [`KeySetError`]: the document can't be read, or holds no usable key.
    pub fn read(document: impl AsRef<[u8]>) -> Result<Self, KeySetError> {
        KeySetOptions::new().read(document)
    }

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

    /// Lets each key that an earlier set has under the same `kid` go on with what it has learnt
    /// there to verify faster, see [`Provider::inherit`]. To be called when a document was read
    /// anew; it changes no verdict, and it takes over no key.
    ///
    /// ```
    /// # #[cfg(feature = "ed25519")] {
    /// use jwtverify_core::{KeySet, Precomputed};
    ///
    /// let document = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a",
    ///                             "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    /// let before = KeySet::<Precomputed>::read(document)?;
    /// assert!(before.keys().all(|key| key.warm()));
    /// let mut keys = KeySet::<Precomputed>::read(document)?;
    /// // No second table is built: it is the same one.
    /// keys.inherit(&before);
    /// # }
    /// # Ok::<(), jwtverify_core::KeySetError>(())
    /// ```
    pub fn inherit(&mut self, before: &Self) {
        let mut rest = before.keys.as_slice();
        for key in &mut self.keys {
            // Both are sorted. What is passed over here is below every key that is yet to come.
            let passed = rest.partition_point(|other| other.kid() < key.kid());
            rest = rest.get(passed..).unwrap_or_default();
            for other in rest.iter().take(NAMESAKES) {
                if other.kid() != key.kid() {
                    break;
                }
                key.inherit(other);
            }
        }
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
            Some(kid) => select_named(self.with_kid(kid).iter(), algorithm),
            None => select_unnamed(self.keys.iter(), algorithm),
        }
    }
}

impl KeySetOptions {
    /// Reads a JWKS document, or one bare JWK.
    ///
    /// # Errors
    /// [`KeySetError`]: the document can't be read, or holds no usable key.
    pub fn read<P: Provider>(&self, document: impl AsRef<[u8]>) -> Result<KeySet<P>, KeySetError> {
        let mut keys = Loading(Vec::new());
        let (mut skipped, mut warnings) = (Vec::new(), Vec::new());
        let notice = |KeyNotice {
                          position,
                          kid,
                          notice,
                      }: KeyNotice<'_>| {
            let kid = kid.map(|kid| String::from(kid.to_cow()));
            match notice {
                Notice::Skipped(reason) => skipped.push(SkippedKey {
                    position,
                    kid,
                    reason,
                }),
                Notice::Warning(warning) => warnings.push(KeyWarning {
                    position,
                    kid,
                    warning,
                }),
            }
        };
        let names = &mut Names::on_heap();
        match document::read(self, document.as_ref(), names, &mut keys, notice) {
            Ok(()) => {}
            Err(error) => return Err(KeySetError { error, skipped }),
        }
        let Loading(mut keys) = keys;
        keys.sort_by(|a, b| a.kid().cmp(&b.kid()));
        Ok(KeySet {
            keys,
            skipped,
            warnings,
        })
    }
}

/// The keys of a set while its document is read, in the order of the document.
struct Loading<P: Provider>(Vec<Key<P>>);

impl<P: Provider> Store<P> for Loading<P> {
    type Kid = Box<str>;

    fn own(kid: Text<'_>) -> Result<Box<str>, Error> {
        Ok(kid.to_cow().into())
    }

    fn namesakes(&mut self, kid: Option<&Box<str>>) -> impl Iterator<Item = &mut Key<P>> {
        let kid = kid.map(|kid| &**kid);
        self.0.iter_mut().filter(move |key| key.kid() == kid)
    }

    fn push(&mut self, kid: Option<Box<str>>, key: Key<P>) -> Result<(), Error> {
        self.0.push(key.with_kid(kid));
        Ok(())
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
