//! `jwtverify_key_set`: the keys that tokens are verified with.

use core::ffi::c_char;
use std::sync::Arc;

use jwtverify_jwks::core_api::{Error, KeySetError, KeySetOptions, SkippedKey};
use jwtverify_jwks::{KeySet, Snapshot};

use crate::error::{Failure, jwtverify_error};
use crate::ffi::{self, In, Out, OutHandle, Own, Shared, jwtverify_text};

/// jwtverify_key_set_from_jwks(): accept symmetric keys ("oct"), for HS256, HS384 and HS512. A set
/// that also holds public keys skips them all the same, since a public key must never be usable
/// as a shared secret.
pub const JWTVERIFY_KEY_SET_ALLOW_SYMMETRIC: u32 = 1;
/// jwtverify_key_set_from_jwks(): accept symmetric keys that are shorter than the digest, against
/// RFC 7518 section 3.2. Without JWTVERIFY_KEY_SET_ALLOW_SYMMETRIC it changes nothing.
pub const JWTVERIFY_KEY_SET_ALLOW_WEAK_HMAC: u32 = 2;

const FLAGS: u32 = JWTVERIFY_KEY_SET_ALLOW_SYMMETRIC | JWTVERIFY_KEY_SET_ALLOW_WEAK_HMAC;

/// A set of verification keys (RFC 7517 section 5). Immutable: many threads may use one at once.
///
/// @since 0.1.0
pub struct jwtverify_key_set {
    keys: Held,
    /// What C reads about skipped keys and warnings; the texts live as long as the handle.
    skipped: Vec<String>,
    warnings: Vec<String>,
}

/// Where the keys live: read from a document, or a fetched set that a remote source gave.
enum Held {
    Own(KeySet),
    Fetched(Arc<Snapshot>),
}

impl Shared for jwtverify_key_set {}

impl jwtverify_key_set {
    /// The handle for what a remote source holds.
    pub(crate) fn fetched(snapshot: Arc<Snapshot>) -> Arc<Self> {
        Arc::new(Self::new(Held::Fetched(snapshot)))
    }

    /// The handle for keys from a document.
    pub(crate) fn own(keys: KeySet) -> Self {
        Self::new(Held::Own(keys))
    }

    fn new(keys: Held) -> Self {
        let set = keys.set();
        let skipped = set.skipped().iter().map(ToString::to_string).collect();
        let warnings = set.warnings().iter().map(ToString::to_string).collect();
        Self {
            keys,
            skipped,
            warnings,
        }
    }

    /// The keys themselves.
    pub(crate) fn set(&self) -> &KeySet {
        self.keys.set()
    }
}

impl Held {
    fn set(&self) -> &KeySet {
        match self {
            Self::Own(keys) => keys,
            Self::Fetched(snapshot) => snapshot.key_set(),
        }
    }
}

/// The settings for a document that the caller has at hand; 0 means the default for a limit.
pub(crate) fn options(
    flags: u32,
    max_bytes: usize,
    max_keys: usize,
) -> Result<KeySetOptions, Error> {
    // An unknown flag is one of a later version, and may be the one that would refuse a key.
    if flags & !FLAGS != 0 {
        return Err(Error::MisuseArgument);
    }
    let mut options = KeySetOptions::new()
        .allow_symmetric(flags & JWTVERIFY_KEY_SET_ALLOW_SYMMETRIC != 0)
        .allow_weak_hmac(flags & JWTVERIFY_KEY_SET_ALLOW_WEAK_HMAC != 0);
    if max_bytes != 0 {
        options = options.max_bytes(max_bytes);
    }
    if max_keys != 0 {
        options = options.max_keys(max_keys);
    }
    Ok(options)
}

impl From<KeySetError> for Failure {
    /// The reasons of the single keys are what helps: they are the further lines of the text.
    fn from(error: KeySetError) -> Self {
        Self::with_text(error.error, &error.to_string())
    }
}

/// Reads a JWKS document, or one bare JWK (RFC 7517 sections 4 and 5).
///
/// A key that cannot be used is left out with its reason, see jwtverify_key_set_skipped(); the
/// call fails only if no key is left. Copies what it needs: the document may be freed afterwards.
/// The limits are 512 KiB and 100 keys; jwtverify_key_set_from_jwks_limited() sets others.
///
/// Thread-safe.
///
/// @param document      UTF-8, need not be NUL-terminated
/// @param document_len  its length in bytes
/// @param flags         0, or a sum of JWTVERIFY_KEY_SET_ flags
/// @param keys          receives the key set, to be freed with jwtverify_key_set_free()
/// @param error         NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK; a 6xx code for what is wrong with the document;
///         JWTVERIFY_ERROR_MISUSE_ARGUMENT for an unknown flag
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_from_jwks(
    document: In<c_char>,
    document_len: usize,
    flags: u32,
    keys: OutHandle<jwtverify_key_set>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    jwtverify_key_set_from_jwks_limited(document, document_len, flags, 0, 0, keys, error)
}

/// Like jwtverify_key_set_from_jwks(), with limits of your own.
///
/// Thread-safe.
///
/// @param document      UTF-8, need not be NUL-terminated
/// @param document_len  its length in bytes
/// @param flags         0, or a sum of JWTVERIFY_KEY_SET_ flags
/// @param max_bytes     the longest document; 0 for the default of 512 KiB
/// @param max_keys      the most members of "keys"; 0 for the default of 100
/// @param keys          receives the key set, to be freed with jwtverify_key_set_free()
/// @param error         NULL, or receives the detail of a failure
/// @return as jwtverify_key_set_from_jwks()
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_from_jwks_limited(
    document: In<c_char>,
    document_len: usize,
    flags: u32,
    max_bytes: usize,
    max_keys: usize,
    keys: OutHandle<jwtverify_key_set>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = keys.slot()?;
        let document = document.bytes(document_len)?;
        let set = options(flags, max_bytes, max_keys)?.read(document)?;
        slot.put(Arc::new(jwtverify_key_set::own(set)));
        Ok(())
    })
}

/// A second reference to the same key set, for another thread or owner: neither needs to know
/// when the other frees its own. Costs one atomic increment.
///
/// Thread-safe.
///
/// @param keys   the key set
/// @param clone  receives the reference, to be freed with jwtverify_key_set_free()
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_clone(
    keys: In<jwtverify_key_set>,
    clone: OutHandle<jwtverify_key_set>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = clone.slot()?;
        slot.put(keys.share()?);
        Ok(())
    })
}

/// The number of usable keys.
///
/// Thread-safe.
///
/// @return 0 if `keys` is NULL; a key set is never empty
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_len(keys: In<jwtverify_key_set>) -> usize {
    ffi::value(0, || keys.borrow().ok().map(|keys| keys.set().len()))
}

/// The key id of one key (RFC 7517 section 4.5).
///
/// Thread-safe.
///
/// @param keys   the key set
/// @param index  from 0 to jwtverify_key_set_len() - 1; keys are sorted by key id, those without one first
/// @param kid    receives the text, valid until the key set is freed; its `data` is NULL if the
///               key has no "kid"
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT if there is no such key
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_kid(
    keys: In<jwtverify_key_set>,
    index: usize,
    kid: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = kid.slot()?;
        let key = keys
            .borrow()?
            .set()
            .keys()
            .nth(index)
            .ok_or(Error::MisuseArgument)?;
        slot.write(key.kid().map_or(jwtverify_text::NONE, jwtverify_text::of));
        Ok(())
    })
}

/// The number of keys that were left out of the set.
///
/// Thread-safe.
///
/// @return 0 if `keys` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_skipped_len(keys: In<jwtverify_key_set>) -> usize {
    ffi::value(0, || keys.borrow().ok().map(|keys| keys.skipped.len()))
}

/// Why a key was left out.
///
/// Thread-safe.
///
/// @param keys    the key set
/// @param index   from 0 to jwtverify_key_set_skipped_len() - 1
/// @param reason  receives the result code
/// @param text    receives a line for people that names position, "kid" and reason, valid until
///                the key set is freed
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT if there is no such key
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_skipped(
    keys: In<jwtverify_key_set>,
    index: usize,
    reason: Out<i32>,
    text: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let (reason, text) = (reason.slot()?, text.slot()?);
        let keys = keys.borrow()?;
        let skipped: Option<&SkippedKey> = keys.set().skipped().get(index);
        let skipped = skipped.ok_or(Error::MisuseArgument)?;
        let line = keys.skipped.get(index).ok_or(Error::MisuseArgument)?;
        reason.write(ffi::code_of(skipped.reason));
        text.write(jwtverify_text::of(line));
        Ok(())
    })
}

/// The number of warnings: keys that are used although something is wrong with them, such as a
/// private key that was published.
///
/// Thread-safe.
///
/// @return 0 if `keys` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_warnings_len(keys: In<jwtverify_key_set>) -> usize {
    ffi::value(0, || keys.borrow().ok().map(|keys| keys.warnings.len()))
}

/// One warning.
///
/// Thread-safe.
///
/// @param keys   the key set
/// @param index  from 0 to jwtverify_key_set_warnings_len() - 1
/// @param text   receives a line for people, valid until the key set is freed
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT if there is no such warning
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_warning(
    keys: In<jwtverify_key_set>,
    index: usize,
    text: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = text.slot()?;
        let line = keys
            .borrow()?
            .warnings
            .get(index)
            .ok_or(Error::MisuseArgument)?;
        slot.write(jwtverify_text::of(line));
        Ok(())
    })
}

/// Frees a reference to a key set; the keys go with the last one. NULL is allowed.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_key_set_free(keys: Own<jwtverify_key_set>) {
    keys.free();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_flags_are_refused_not_ignored() {
        for flags in 0..=FLAGS {
            assert!(options(flags, 0, 0).is_ok(), "{flags}");
        }
        for bit in 2..32 {
            assert_eq!(options(1 << bit, 0, 0).err(), Some(Error::MisuseArgument));
        }
    }

    #[test]
    fn rfc7517_5_skipped_keys_keep_code_and_text() {
        let document = r#"{"keys":[7,{"kty":"OKP","crv":"Ed25519","kid":"a",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        let set: KeySet = options(0, 0, 0).unwrap().read(document).unwrap();
        let set = jwtverify_key_set::own(set);
        let set = || In::from_c(&raw const set);
        let (mut reason, mut text) = (77, jwtverify_text::NONE);
        let outputs = (&raw mut reason, &raw mut text);
        let skipped = |index| {
            let (reason, text) = (Out::from_c(outputs.0), Out::from_c(outputs.1));
            jwtverify_key_set_skipped(set(), index, reason, text)
        };
        assert_eq!(jwtverify_key_set_skipped_len(set()), 1);
        for index in [1, usize::MAX] {
            assert_eq!(skipped(index), ffi::code_of(Error::MisuseArgument));
        }
        assert_eq!(skipped(0), 0);
        assert_eq!(reason, ffi::code_of(Error::JwkNotObject));
        assert!(text.read().contains("keys[0]"), "{}", text.read());
        assert_eq!(
            jwtverify_key_set_kid(set(), 0, Out::from_c(&raw mut text)),
            0
        );
        assert_eq!(text.read(), "a");
    }

    #[test]
    fn the_failure_of_a_set_lists_the_reasons_and_no_secret() {
        let secret = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3JldA";
        let document = format!(r#"{{"keys":[{{"kty":"oct","kid":"s","k":"{secret}"}}]}}"#);
        let error = options(0, 0, 0).unwrap().read(&document) as Result<KeySet, _>;
        let failure = Failure::from(error.unwrap_err());
        assert_eq!(failure.code(), ffi::code_of(Error::KeySetEmpty));
        let detail = failure.into_detail();
        let text = In::from_c(crate::error::jwtverify_error_text(In::from_c(
            &raw const detail,
        )));
        let text = text.text().unwrap();
        assert!(
            text.contains("symmetric") && !text.contains(secret),
            "{text}"
        );
    }
}
