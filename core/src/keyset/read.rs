//! From a JWKS document to a key set.

use alloc::string::String;
use alloc::vec::Vec;

use super::{KeySet, KeySetError, KeyWarning, SkippedKey, Warning};
use crate::algorithm::KeyType;
use crate::error::Error;
use crate::json::{self, Array, JsonFault, Names, Object, Text, Value};
use crate::jwk::{self, JwkOptions, Key};
use crate::limits::{MAX_KEY_SET_BYTES, MAX_KEYS};
use crate::provider::Provider;

/// How to read a key set: limits, and which kinds of key the caller is willing to have.
#[derive(Clone, Copy, Debug)]
pub struct KeySetOptions {
    keys: JwkOptions,
    max_bytes: usize,
    max_keys: usize,
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

    /// Reads a JWKS document, or one bare JWK.
    ///
    /// # Errors
    /// [`KeySetError`]: the document can't be read, or holds no usable key.
    pub fn read<P: Provider>(&self, document: impl AsRef<[u8]>) -> Result<KeySet<P>, KeySetError> {
        let document = document.as_ref();
        if document.len() > self.max_bytes {
            return Err(Error::KeySetTooLarge.into());
        }
        match shape(document)? {
            Shape::One(jwk) => self.read_members([Value::Object(jwk)].into_iter()),
            Shape::Set(keys) => {
                if keys
                    .elements()
                    .take(self.max_keys.saturating_add(1))
                    .count()
                    > self.max_keys
                {
                    return Err(Error::KeySetTooManyKeys.into());
                }
                self.read_members(keys.elements())
            }
        }
    }

    fn read_members<'j, P: Provider>(
        &self,
        members: impl Iterator<Item = Value<'j>> + Clone,
    ) -> Result<KeySet<P>, KeySetError> {
        let is_public = |member: Value<'_>| match member {
            Value::Object(jwk) => jwk::declares_public(jwk),
            _ => false,
        };
        let has_public = members.clone().any(is_public);
        let mut set = Loading {
            keys: Vec::new(),
            skipped: Vec::new(),
            warnings: Vec::new(),
            unreadable: Vec::new(),
        };
        for (position, member) in members.enumerate() {
            let Value::Object(jwk) = member else {
                set.skip(position, None, Error::JwkNotObject);
                continue;
            };
            match self.keys.read_object::<P>(jwk) {
                Ok(_) if has_public && !jwk::declares_public(jwk) => {
                    set.skip(position, jwk::declared_kid(jwk), Error::SymmetricMixed);
                }
                Ok(key) => set.add(position, key),
                Err(reason) => {
                    set.note_unreadable(jwk, reason);
                    set.skip(position, jwk::declared_kid(jwk), reason);
                }
            }
        }
        set.finish()
    }
}

/// What a document is.
enum Shape<'j> {
    One(Object<'j>),
    Set(Array<'j>),
}

fn shape(document: &[u8]) -> Result<Shape<'_>, Error> {
    let (mut keys, mut has_kty) = (None, false);
    let object = json::members(document, &mut Names::on_heap(), |name, value, _| {
        if name == "keys" {
            keys = Some(value);
        }
        has_kty |= name == "kty";
    });
    let object = object.map_err(|error| match error.fault() {
        JsonFault::NotObject => Error::KeySetShape,
        _ => Error::KeySetJson(error),
    })?;
    match keys {
        Some(Value::Array(keys)) => Ok(Shape::Set(keys)),
        None if has_kty => Ok(Shape::One(object)),
        _ => Err(Error::KeySetShape),
    }
}

/// A key set while its document is read.
struct Loading<P: Provider> {
    keys: Vec<(usize, Key<P>)>,
    skipped: Vec<SkippedKey>,
    warnings: Vec<KeyWarning>,
    /// Members with a number that can't be read. Nobody can tell whether such a member is the
    /// same key as a namesake or another one, so a namesake of its type is ambiguous.
    unreadable: Vec<(String, KeyType)>,
}

impl<P: Provider> Loading<P> {
    fn note_unreadable(&mut self, jwk: Object<'_>, reason: Error) {
        let Error::JwkMemberBase64(_) = reason else {
            return;
        };
        if let (Some(kid), Some(key_type)) = (jwk::declared_kid(jwk), jwk::declared_type(jwk)) {
            self.unreadable.push((kid.to_cow().into_owned(), key_type));
        }
    }

    fn skip(&mut self, position: usize, kid: Option<Text<'_>>, reason: Error) {
        let kid = kid.map(|kid| kid.to_cow().into_owned());
        self.skipped.push(SkippedKey {
            position,
            kid,
            reason,
        });
    }

    fn warn(&mut self, position: usize, kid: Option<&str>, warning: Warning) {
        self.warnings.push(KeyWarning {
            position,
            kid: kid.map(String::from),
            warning,
        });
    }

    fn add(&mut self, position: usize, key: Key<P>) {
        if key.has_private_members() {
            self.warn(position, key.kid(), Warning::PrivateMembers);
        }
        let mut same_kid = self
            .keys
            .iter_mut()
            .filter(|(_, other)| other.kid() == key.kid());
        if let Some((_, other)) = same_kid.find(|(_, other)| other.same_material(&key)) {
            return other.merge(&key);
        }
        self.keys.push((position, key));
    }

    fn finish(mut self) -> Result<KeySet<P>, KeySetError> {
        if self.keys.is_empty() {
            return Err(KeySetError {
                error: Error::KeySetEmpty,
                skipped: self.skipped,
            });
        }
        self.keys.sort_by(|(_, a), (_, b)| a.kid().cmp(&b.kid()));
        for index in 1..self.keys.len() {
            let (before, rest) = self.keys.split_at(index);
            let Some((position, key)) = rest.first() else {
                break;
            };
            let mut same_kid = before
                .iter()
                .rev()
                .take_while(|(_, other)| other.kid() == key.kid());
            let clash = |(_, other): &(usize, Key<P>)| {
                other.key_type() == key.key_type() && other.curve() == key.curve()
            };
            if key.kid().is_some() && same_kid.any(clash) {
                let (position, kid) = (*position, key.kid().map(String::from));
                self.warnings.push(KeyWarning {
                    position,
                    kid,
                    warning: Warning::DuplicateKid,
                });
            }
        }
        let keys = self.keys.into_iter().map(|(_, key)| key).collect();
        Ok(KeySet {
            keys,
            skipped: self.skipped,
            warnings: self.warnings,
            unreadable: self.unreadable,
        })
    }
}
