//! `jwtverify_jwks_verifier`: rules and a remote key set together.

use core::ffi::c_char;
use std::sync::Arc;

use jwtverify_jwks::{self as jwks, JwksVerifier};

use crate::error::{Failure, jwtverify_error};
use crate::ffi::{self, In, OutHandle, Own, Shared};
use crate::remote::jwtverify_remote_jwks;
use crate::token_cache::jwtverify_token_cache;
use crate::verified::{jwtverify_verified, jwtverify_verified_jws};
use crate::verifier::{jwtverify_verifier, time};

/// A verifier that fetches its keys. Many threads may use one at once.
///
/// @since 0.1.0
pub struct jwtverify_jwks_verifier {
    verifier: JwksVerifier,
}

impl Shared for jwtverify_jwks_verifier {}

impl jwtverify_jwks_verifier {
    fn failure(&self, error: &jwks::Error) -> Failure {
        let claim = error
            .error()
            .claim()
            .map(|claim| self.verifier.verifier().claim_name(claim));
        Failure::explained(error, claim)
    }
}

/// Joins a verifier and a remote key set. Both handles may be freed afterwards, or be used for
/// others as well: a remote key set that several verifiers share is fetched once.
///
/// Thread-safe. Nothing is fetched yet.
///
/// @param verifier  the rules
/// @param remote    the keys
/// @param joined    receives the verifier, to be freed with jwtverify_jwks_verifier_free()
/// @param error     NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK or a misuse code
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_jwks_verifier_new(
    verifier: In<jwtverify_verifier>,
    remote: In<jwtverify_remote_jwks>,
    joined: OutHandle<jwtverify_jwks_verifier>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = joined.slot()?;
        let (verifier, remote) = (verifier.borrow()?, remote.borrow()?);
        let verifier = JwksVerifier::new(verifier.rules().clone(), remote.remote().clone());
        slot.put(Arc::new(jwtverify_jwks_verifier { verifier }));
        Ok(())
    })
}

/// Like jwtverify_jwks_verifier_new(), with a cache of verified tokens, which may be freed afterwards
/// as well. It serves jwtverify_jwks_verifier_verify() and jwtverify_jwks_verifier_verify_at().
///
/// Thread-safe. Nothing is fetched yet.
///
/// @param verifier  the rules
/// @param remote    the keys
/// @param cache     the cache
/// @param joined    receives the verifier, to be freed with jwtverify_jwks_verifier_free()
/// @param error     NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK or a misuse code
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_jwks_verifier_new_cached(
    verifier: In<jwtverify_verifier>,
    remote: In<jwtverify_remote_jwks>,
    cache: In<jwtverify_token_cache>,
    joined: OutHandle<jwtverify_jwks_verifier>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = joined.slot()?;
        let (verifier, remote) = (verifier.borrow()?, remote.borrow()?);
        let cache = cache.borrow()?.cache().clone();
        let verifier = JwksVerifier::new(verifier.rules().clone(), remote.remote().clone());
        let verifier = verifier.with_token_cache(cache);
        slot.put(Arc::new(jwtverify_jwks_verifier { verifier }));
        Ok(())
    })
}

/// Verifies a token with the keys of the remote set, at the time of the system's clock. Keys are
/// fetched when there are none yet, when they are too old, or when the token names an unknown
/// one; the last no more often than the set allows.
///
/// Thread-safe. May wait for the network, no longer and no more often than the settings of the
/// remote key set allow.
///
/// @param verifier   the verifier
/// @param token      three segments with dots between; need not be NUL-terminated
/// @param token_len  its length in bytes
/// @param verified   receives header and claims, to be freed with jwtverify_verified_free()
/// @param error      NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK if, and only if, the token is valid; a 7xx code if that cannot be known
///         now: answer 503, not 401
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_jwks_verifier_verify(
    verifier: In<jwtverify_jwks_verifier>,
    token: In<c_char>,
    token_len: usize,
    verified: OutHandle<jwtverify_verified>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    verify(&verifier, &token, token_len, &verified, &error, None)
}

/// Like jwtverify_jwks_verifier_verify(), at the time `now`.
///
/// Thread-safe. May wait for the network, as above.
///
/// @param verifier   the verifier
/// @param token      three segments with dots between; need not be NUL-terminated
/// @param token_len  its length in bytes
/// @param now        seconds since 1970-01-01 UTC, after that moment
/// @param verified   receives header and claims, to be freed with jwtverify_verified_free()
/// @param error      NULL, or receives the detail of a failure
/// @return as jwtverify_jwks_verifier_verify()
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_jwks_verifier_verify_at(
    verifier: In<jwtverify_jwks_verifier>,
    token: In<c_char>,
    token_len: usize,
    now: i64,
    verified: OutHandle<jwtverify_verified>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    verify(&verifier, &token, token_len, &verified, &error, Some(now))
}

fn verify(
    verifier: &In<jwtverify_jwks_verifier>,
    token: &In<c_char>,
    token_len: usize,
    verified: &OutHandle<jwtverify_verified>,
    error: &OutHandle<jwtverify_error>,
    now: Option<i64>,
) -> i32 {
    ffi::run(error, || {
        let slot = verified.slot()?;
        let verifier = verifier.borrow()?;
        let token = token.bytes(token_len)?;
        let now = now.map(time).transpose()?;
        let result = match now {
            Some(now) => verifier.verifier.verify_at(token, now),
            None => verifier.verifier.verify(token),
        };
        let valid = result.map_err(|why| verifier.failure(&why))?;
        slot.put(Arc::new(jwtverify_verified::new(valid)));
        Ok(())
    })
}

/// Like jwtverify_verifier_verify_jws(), with the keys of the remote set: **claims are not looked
/// at**.
///
/// Thread-safe. May wait for the network, as above.
///
/// @param verifier   the verifier
/// @param token      three segments with dots between; need not be NUL-terminated
/// @param token_len  its length in bytes
/// @param verified   receives header and payload, to be freed with jwtverify_verified_jws_free()
/// @param error      NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK if, and only if, the signature is valid; a 7xx code if that cannot be known
///         now
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_jwks_verifier_verify_jws(
    verifier: In<jwtverify_jwks_verifier>,
    token: In<c_char>,
    token_len: usize,
    verified: OutHandle<jwtverify_verified_jws>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = verified.slot()?;
        let verifier = verifier.borrow()?;
        let token = token.bytes(token_len)?;
        let result = verifier.verifier.verify_jws(token);
        let valid = result.map_err(|why| verifier.failure(&why))?;
        slot.put(Arc::new(jwtverify_verified_jws::new(valid)));
        Ok(())
    })
}

/// A second reference to the same verifier, for another thread or owner. Costs one atomic
/// increment.
///
/// Thread-safe.
///
/// @param verifier  the verifier
/// @param clone     receives the reference, to be freed with jwtverify_jwks_verifier_free()
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_jwks_verifier_clone(
    verifier: In<jwtverify_jwks_verifier>,
    clone: OutHandle<jwtverify_jwks_verifier>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = clone.slot()?;
        slot.put(verifier.share()?);
        Ok(())
    })
}

/// Frees a reference to a verifier. NULL is allowed.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_jwks_verifier_free(verifier: Own<jwtverify_jwks_verifier>) {
    verifier.free();
}
