//! Key sets in memory whose size is part of their type: no heap.

use core::fmt;

use heapless::{String, Vec};

use super::document::{self, Store};
use super::report::KeyNotice;
use super::{KeySetOptions, select_named, select_unnamed};
use crate::algorithm::KeyType;
use crate::error::Error;
use crate::json::{Names, Text};
use crate::jwk::{JwkOptions, Key};
use crate::keys::{Keys, Sealed};
use crate::policy::Permitted;
use crate::provider::{Provider, RustCrypto};

/// Up to `KEYS` keys with a `kid` of up to `KID` octets each, in the memory of this value.
///
/// Guarantees: the same selection as in the `KeySet` that a build with a heap has, since the code
/// is the same; a key that finds no room is an error, never left out. It may be empty, and then
/// gives no key. Lookup takes time linear in the number of keys.
///
/// It is filled with keys of raw numbers ([`insert`](Self::insert)), with one JWK
/// ([`insert_jwk`](Self::insert_jwk)), or read from a JWKS document
/// ([`from_jwks`](Self::from_jwks), [`KeySetOptions::read_in`]). To follow a rotation, read the
/// new document and assign the result: if reading fails, the old set stands as it was.
///
/// ```
/// # #[cfg(feature = "p256")] {
/// use jwtverify_core::{Algorithm, Error, FixedKeySet, UnixTime, Verifier};
///
/// // The key and the token of RFC 7515 appendix A.3.
/// let document = br#"{"keys":[{"kty":"EC","crv":"P-256",
///     "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
///     "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
/// let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
///     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj\
///     Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
/// let mut scratch = [0; Verifier::scratch_len(1024)];
/// let mut keys: FixedKeySet<4> = FixedKeySet::from_jwks(document, &mut scratch)?;
///
/// let verifier = Verifier::builder()
///     .algorithms([Algorithm::Es256])
///     .issuer("joe")
///     .any_audience()
///     .build()?;
/// let now = UnixTime::from_secs(1_300_819_379);
/// let verified = verifier.verify_in(token, &keys, now, &mut scratch)?;
/// assert!(verified.claims().issuer().is_some_and(|iss| iss == "joe"));
///
/// // A rotation that fails leaves the keys as they were.
/// match FixedKeySet::from_jwks(br#"{"keys":[]}"#, &mut scratch) {
///     Ok(fresh) => keys = fresh,
///     Err(error) => assert_eq!(error, Error::KeySetEmpty),
/// }
/// assert!(verifier.verify_in(token, &keys, now, &mut scratch).is_ok());
/// # }
/// # Ok::<(), jwtverify_core::Error>(())
/// ```
pub struct FixedKeySet<const KEYS: usize, P: Provider = RustCrypto, const KID: usize = 64> {
    entries: Vec<Entry<P, KID>, KEYS>,
}

struct Entry<P: Provider, const KID: usize> {
    kid: Option<String<KID>>,
    key: Key<P>,
}

impl<const KEYS: usize, P: Provider, const KID: usize> FixedKeySet<KEYS, P, KID> {
    /// No keys yet.
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// Reads a JWKS document, or one bare JWK, of public keys. Members that can't be used are
    /// left out; [`KeySetOptions::read_in`] says which and why, and has further options.
    ///
    /// # Errors
    /// Those of [`KeySetOptions::read_in`].
    pub fn from_jwks(document: impl AsRef<[u8]>, scratch: &mut [u8]) -> Result<Self, Error> {
        KeySetOptions::new().read_in(&document, scratch, |_| {})
    }

    /// Adds a key under a `kid`, or without one.
    ///
    /// The rules are those of a document: the same key under the same `kid` again is no second
    /// key, but adds the algorithms that it is for; a different one of the same type makes tokens
    /// with that `kid` ambiguous. Nothing changes on an error.
    ///
    /// # Errors
    /// [`Error::KeySetTooManyKeys`], [`Error::JwkKidTooLong`]: there is no room.
    /// [`Error::SymmetricMixed`]: secrets and public keys do not share a set.
    ///
    /// ```
    /// # #[cfg(feature = "ed25519")] {
    /// use jwtverify_core::{FixedKeySet, Key};
    ///
    /// // The key of RFC 8037 appendix A.2, as it may stand in flash.
    /// static PUBLIC: [u8; 32] = *b"\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\
    ///     \x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a";
    /// let mut keys: FixedKeySet<2> = FixedKeySet::new();
    /// keys.insert("2026-01", Key::from_ed25519(PUBLIC)?)?;
    /// assert!(keys.kids().eq(["2026-01"]));
    /// # }
    /// # Ok::<(), jwtverify_core::Error>(())
    /// ```
    pub fn insert<'k>(
        &mut self,
        kid: impl Into<Option<&'k str>>,
        key: Key<P>,
    ) -> Result<(), Error> {
        let kid = match kid.into() {
            Some(kid) => Some(String::try_from(kid).map_err(|_| Error::JwkKidTooLong)?),
            None => None,
        };
        self.insert_owned(kid, key)
    }

    /// Adds the key of one JWK under the JWK's `kid`.
    ///
    /// # Errors
    /// The reason why the JWK can't be used (codes 62x to 64x), or those of
    /// [`insert`](Self::insert). [`Error::MisuseScratch`]: the JWK has more than 64 members;
    /// [`KeySetOptions::read_in`] takes any number.
    pub fn insert_jwk(&mut self, jwk: impl AsRef<[u8]>, options: JwkOptions) -> Result<(), Error> {
        let (key, kid) = options.read_text(jwk.as_ref(), &mut Names::in_buffer(&mut []))?;
        self.insert_owned(kid.map(Self::own).transpose()?, key)
    }

    fn insert_owned(&mut self, kid: Option<String<KID>>, key: Key<P>) -> Result<(), Error> {
        let is_secret = |key: &Key<P>| key.key_type() == KeyType::Oct;
        if self.keys().any(|other| is_secret(other) != is_secret(&key)) {
            return Err(Error::SymmetricMixed);
        }
        document::add(self, kid, key).map(|_| ())
    }

    /// The keys, in the order they were added.
    pub fn keys(&self) -> impl Iterator<Item = &Key<P>> {
        self.entries.iter().map(|entry| &entry.key)
    }

    /// The `kid`s, in the order of their keys; keys without one are left out.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| entry.kid.as_deref())
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key: every token is refused.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl KeySetOptions {
    /// Reads a JWKS document, or one bare JWK, without a heap. `notice` is told which members are
    /// left out and why, and what is wrong with the others.
    ///
    /// `scratch` holds the places of member names while the JSON is checked: an empty one will do
    /// while no more than 64 members are open at once (those of one JWK and of the document
    /// around it), one as long as the document always does.
    ///
    /// # Errors
    /// 60x: the document can't be read, or holds no usable key. [`Error::KeySetTooManyKeys`] also
    /// where it holds more than `KEYS` usable keys, and [`Error::JwkKidTooLong`] where a usable
    /// key's `kid` is longer than `KID` octets: a set that lacks keys would be another set. For the
    /// same reason [`Error::KeyTypeDisabled`] for an RSA key of more than 4096 bits in a build with
    /// `rsa` and without `alloc`, which has no room for it.
    /// [`Error::MisuseScratch`].
    ///
    /// ```
    /// # #[cfg(feature = "p256")] {
    /// use jwtverify_core::{Error, FixedKeySet, KeySetOptions, Notice};
    ///
    /// let document = br#"{"keys":[
    ///     {"kty":"EC","crv":"P-256","kid":"a",
    ///      "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    ///      "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
    ///     {"kty":"EC","crv":"P-256","kid":"b","use":"enc","x":"","y":""}]}"#;
    /// let mut last = None;
    /// let keys: FixedKeySet<1> = KeySetOptions::new()
    ///     .fetched(true)
    ///     .read_in(document, &mut [], |notice| last = Some((notice.position, notice.notice)))?;
    /// assert!(keys.kids().eq(["a"]));
    /// assert_eq!(last, Some((1, Notice::Skipped(Error::JwkUse))));
    /// # }
    /// # Ok::<(), jwtverify_core::Error>(())
    /// ```
    pub fn read_in<'d, const KEYS: usize, P: Provider, const KID: usize>(
        &self,
        document: &'d (impl AsRef<[u8]> + ?Sized),
        scratch: &mut [u8],
        notice: impl FnMut(KeyNotice<'d>),
    ) -> Result<FixedKeySet<KEYS, P, KID>, Error> {
        let mut keys = FixedKeySet::new();
        let mut names = Names::in_buffer(scratch);
        document::read(self, document.as_ref(), &mut names, &mut keys, notice)?;
        Ok(keys)
    }
}

impl<const KEYS: usize, P: Provider, const KID: usize> Store<P> for FixedKeySet<KEYS, P, KID> {
    type Kid = String<KID>;

    fn own(kid: Text<'_>) -> Result<String<KID>, Error> {
        let mut owned = String::new();
        kid.chars()
            .try_for_each(|c| owned.push(c))
            .map_err(|_| Error::JwkKidTooLong)?;
        Ok(owned)
    }

    fn namesakes(&mut self, kid: Option<&String<KID>>) -> impl Iterator<Item = &mut Key<P>> {
        let same = move |entry: &&mut Entry<P, KID>| entry.kid.as_ref() == kid;
        self.entries
            .iter_mut()
            .filter(same)
            .map(|entry| &mut entry.key)
    }

    fn push(&mut self, kid: Option<String<KID>>, key: Key<P>) -> Result<(), Error> {
        let refused = |_| Error::KeySetTooManyKeys;
        self.entries.push(Entry { kid, key }).map_err(refused)
    }
}

impl<const KEYS: usize, P: Provider, const KID: usize> Sealed for FixedKeySet<KEYS, P, KID> {}

impl<const KEYS: usize, P: Provider, const KID: usize> Keys for FixedKeySet<KEYS, P, KID> {
    type Provider = P;

    fn select(&self, permitted: &Permitted<'_>) -> Result<&Key<P>, Error> {
        let algorithm = permitted.algorithm();
        let Some(kid) = permitted.kid() else {
            return select_unnamed(self.keys(), algorithm);
        };
        let named = |entry: &&Entry<P, KID>| entry.kid.as_deref().is_some_and(|own| kid == own);
        let keys = self.entries.iter().filter(named).map(|entry| &entry.key);
        select_named(keys, algorithm)
    }
}

impl<const KEYS: usize, P: Provider, const KID: usize> Default for FixedKeySet<KEYS, P, KID> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const KEYS: usize, P: Provider, const KID: usize> fmt::Debug for FixedKeySet<KEYS, P, KID> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.iter().map(|entry| (&entry.kid, &entry.key));
        f.debug_map().entries(entries).finish()
    }
}

#[cfg(all(test, feature = "p256", feature = "ed25519", feature = "hmac"))]
mod tests;
