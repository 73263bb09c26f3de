//! From a JWKS document to keys, wherever they are kept: the rules that every key set has.

use super::KeySetOptions;
use super::report::{KeyNotice, Notice, Warning};
use crate::algorithm::KeyType;
use crate::error::Error;
use crate::json::{self, Array, JsonFault, Names, Object, Text, Value};
use crate::jwk::{self, Key};
use crate::provider::Provider;

/// Where the keys of a document go.
pub(super) trait Store<P: Provider> {
    /// A `kid` that is kept.
    type Kid;

    /// Copies a `kid`, which is within [`MAX_KID_BYTES`](crate::limits::MAX_KID_BYTES).
    fn own(kid: Text<'_>) -> Result<Self::Kid, Error>;

    /// The keys with this `kid`; for `None`, those without one.
    fn namesakes(&mut self, kid: Option<&Self::Kid>) -> impl Iterator<Item = &mut Key<P>>;

    /// Keeps one more key.
    fn push(&mut self, kid: Option<Self::Kid>, key: Key<P>) -> Result<(), Error>;
}

/// Whether a key that was given to a set shares its `kid` with another one of its type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    Alone,
    BesideNamesake,
}

/// Adds a key. A second mention of the same key under the same `kid` is no second key.
pub(super) fn add<P: Provider, S: Store<P>>(
    store: &mut S,
    kid: Option<S::Kid>,
    key: Key<P>,
) -> Result<Added, Error> {
    let mut added = Added::Alone;
    for other in store.namesakes(kid.as_ref()) {
        if other.same_material(&key) {
            other.merge(&key);
            return Ok(Added::Alone);
        }
        if kid.is_some() && other.same_kind(&key) {
            added = Added::BesideNamesake;
        }
    }
    store.push(kid, key)?;
    Ok(added)
}

/// Reads a JWKS document, or one bare JWK, into a store that is empty. What is left out, and what
/// is wrong with the rest, goes to `notice`.
pub(super) fn read<'j, P: Provider, S: Store<P>>(
    options: &KeySetOptions,
    document: &'j [u8],
    names: &mut Names<'_>,
    store: &mut S,
    notice: impl FnMut(KeyNotice<'j>),
) -> Result<(), Error> {
    if document.len() > options.max_bytes {
        return Err(Error::KeySetTooLarge);
    }
    match shape(document, names)? {
        Shape::One(jwk) => read_members(options, [Value::Object(jwk)].into_iter(), store, notice),
        Shape::Set(keys) => {
            let most = options.max_keys;
            if keys.elements().take(most.saturating_add(1)).count() > most {
                return Err(Error::KeySetTooManyKeys);
            }
            read_members(options, keys.elements(), store, notice)
        }
    }
}

/// What a document is.
enum Shape<'j> {
    One(Object<'j>),
    Set(Array<'j>),
}

fn shape<'j>(document: &'j [u8], names: &mut Names<'_>) -> Result<Shape<'j>, Error> {
    let (mut keys, mut has_kty) = (None, false);
    let object = json::members(document, names, |name, value, _| {
        if name == "keys" {
            keys = Some(value);
        }
        has_kty |= name == "kty";
    });
    let object = object.map_err(|error| match error.fault() {
        JsonFault::NotObject => Error::KeySetShape,
        JsonFault::NoRoom => Error::MisuseScratch,
        _ => Error::KeySetJson(error),
    })?;
    match keys {
        Some(Value::Array(keys)) => Ok(Shape::Set(keys)),
        None if has_kty => Ok(Shape::One(object)),
        _ => Err(Error::KeySetShape),
    }
}

fn read_members<'j, P: Provider, S: Store<P>>(
    options: &KeySetOptions,
    members: impl Iterator<Item = Value<'j>> + Clone,
    store: &mut S,
    mut notice: impl FnMut(KeyNotice<'j>),
) -> Result<(), Error> {
    let objects = members.clone().filter_map(as_object);
    let has_public = objects.clone().any(jwk::declares_public);
    let (mut has_key, mut has_unreadable) = (false, false);
    for (position, member) in members.enumerate() {
        let mut note = |kid, notice_| {
            notice(KeyNotice {
                position,
                kid,
                notice: notice_,
            });
        };
        let Some(jwk) = as_object(member) else {
            note(None, Notice::Skipped(Error::JwkNotObject));
            continue;
        };
        match options.keys.read_object::<P>(jwk) {
            Ok((_, kid)) if has_public && !jwk::declares_public(jwk) => {
                note(kid, Notice::Skipped(Error::SymmetricMixed));
            }
            Ok((key, kid)) => {
                if key.has_private_members() {
                    note(kid, Notice::Warning(Warning::PrivateMembers));
                }
                let owned = kid.map(S::own).transpose()?;
                if add(store, owned, key)? == Added::BesideNamesake {
                    note(kid, Notice::Warning(Warning::DuplicateKid));
                }
                has_key = true;
            }
            // Without a heap some RSA keys are too long for the room that a key has. A set that
            // leaves one out would choose among the others where a whole one finds two.
            Err(Error::KeyTypeDisabled)
                if cfg!(feature = "rsa") && jwk::declared_type(jwk) == Some(KeyType::Rsa) =>
            {
                return Err(Error::KeyTypeDisabled);
            }
            Err(reason) => {
                has_unreadable |= is_unreadable(reason);
                note(jwk::declared_kid(jwk), Notice::Skipped(reason));
            }
        }
    }
    if !has_key {
        return Err(Error::KeySetEmpty);
    }
    if has_unreadable {
        mark_namesakes(options, objects, store)?;
    }
    Ok(())
}

fn as_object(value: Value<'_>) -> Option<Object<'_>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Whether a member was skipped for a number that can't be read.
fn is_unreadable(reason: Error) -> bool {
    matches!(reason, Error::JwkMemberBase64(_))
}

/// Nobody can tell whether a member whose numbers can't be read is the same key as a namesake of
/// its type or another one: that namesake is ambiguous. Such members are rare, so they are read
/// again rather than remembered.
fn mark_namesakes<'j, P: Provider, S: Store<P>>(
    options: &KeySetOptions,
    objects: impl Iterator<Item = Object<'j>>,
    store: &mut S,
) -> Result<(), Error> {
    for jwk in objects {
        let (Some(kid), Some(key_type)) = (jwk::declared_kid(jwk), jwk::declared_type(jwk)) else {
            continue;
        };
        // A `kid` that the store can't keep is none of its keys'.
        let Ok(kid) = S::own(kid) else { continue };
        let is_twin = |key: &Key<P>| key.key_type() == key_type;
        if !store.namesakes(Some(&kid)).any(|key| is_twin(key)) {
            continue;
        }
        match options.keys.read_object::<P>(jwk) {
            Err(reason) if is_unreadable(reason) => {}
            _ => continue,
        }
        store
            .namesakes(Some(&kid))
            .filter(|key| is_twin(key))
            .for_each(Key::mark_unreadable_namesake);
    }
    Ok(())
}
