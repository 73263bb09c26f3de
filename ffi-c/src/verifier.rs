//! `jwtverify_verifier`: the rules at work.

use core::ffi::c_char;
use std::sync::Arc;

use jwtverify_jwks::core_api::{Error, UnixTime, Verifier};
use jwtverify_jwks::explain;

use crate::error::{Failure, jwtverify_error};
use crate::ffi::{self, In, OutHandle, Own, Shared};
use crate::key_set::jwtverify_key_set;
use crate::verified::{jwtverify_verified, jwtverify_verified_jws};

/// Rules for tokens. Immutable: many threads may use one at once.
///
/// @since 0.1.0
pub struct jwtverify_verifier {
    verifier: Verifier<'static>,
}

impl Shared for jwtverify_verifier {}

impl jwtverify_verifier {
    pub(crate) fn new(verifier: Verifier<'static>) -> Self {
        Self { verifier }
    }

    /// The rules, for a verifier that fetches its keys.
    pub(crate) fn rules(&self) -> &Verifier<'static> {
        &self.verifier
    }

    /// The failure as the caller wants to see it: a diagnosis costs more than the verification,
    /// so none is made unless somebody is going to read it.
    fn failure(
        &self,
        error: Error,
        token: &[u8],
        keys: &jwtverify_key_set,
        detail: &OutHandle<jwtverify_error>,
    ) -> Failure {
        if !detail.is_wanted() {
            return error.into();
        }
        let claim = error.claim().map(|claim| self.verifier.claim_name(claim));
        Failure::explained(&explain(error, token, Some(keys.set())), claim)
    }
}

/// The time as C gives it.
pub(crate) fn time(now: i64) -> Result<UnixTime, Error> {
    if now > 0 {
        Ok(UnixTime::from_secs(now))
    } else {
        Err(Error::MisuseArgument)
    }
}

/// Verifies a token: structure, header, key, signature, then claims at the time `now` (RFC 7515
/// section 5.2, RFC 7519 section 7.2). The first thing that is wrong ends it.
///
/// Thread-safe. Needs no network and reads no clock.
///
/// @param verifier   the rules
/// @param token      three segments with dots between; need not be NUL-terminated
/// @param token_len  its length in bytes
/// @param keys       the keys to choose from
/// @param now        seconds since 1970-01-01 UTC, usually jwtverify_now(). Zero and less are
///                   JWTVERIFY_ERROR_MISUSE_ARGUMENT: that is no time but a variable that was
///                   never set, and no token would have expired then
/// @param verified   receives header and claims, to be freed with jwtverify_verified_free(); it
///                   needs neither token, keys nor verifier to stay
/// @param error      NULL, or receives the detail of a failure; a refusal is faster without
/// @return JWTVERIFY_OK if, and only if, the token is valid
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_verify(
    verifier: In<jwtverify_verifier>,
    token: In<c_char>,
    token_len: usize,
    keys: In<jwtverify_key_set>,
    now: i64,
    verified: OutHandle<jwtverify_verified>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = verified.slot()?;
        let (verifier, keys) = (verifier.borrow()?, keys.borrow()?);
        let token = token.bytes(token_len)?;
        let now = time(now)?;
        let result = verifier.rules().verify(token, keys.set(), now);
        let valid = result.map_err(|why| verifier.failure(why, token, keys, &error))?;
        slot.put(Arc::new(jwtverify_verified::new(valid)));
        Ok(())
    })
}

/// Verifies the signature of a token whose payload is any bytes (a JWS, RFC 7515 section 5.2).
/// **Claims are not looked at**: such a token may have expired or be meant for somebody else.
///
/// Thread-safe. Needs no network and reads no clock.
///
/// @param verifier   the rules; those for the header apply
/// @param token      three segments with dots between; need not be NUL-terminated
/// @param token_len  its length in bytes
/// @param keys       the keys to choose from
/// @param verified   receives header and payload, to be freed with jwtverify_verified_jws_free()
/// @param error      NULL, or receives the detail of a failure; a refusal is faster without
/// @return JWTVERIFY_OK if, and only if, the signature is valid
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_verify_jws(
    verifier: In<jwtverify_verifier>,
    token: In<c_char>,
    token_len: usize,
    keys: In<jwtverify_key_set>,
    verified: OutHandle<jwtverify_verified_jws>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = verified.slot()?;
        let (verifier, keys) = (verifier.borrow()?, keys.borrow()?);
        let token = token.bytes(token_len)?;
        let result = verifier.rules().verify_jws(token, keys.set());
        let valid = result.map_err(|why| verifier.failure(why, token, keys, &error))?;
        slot.put(Arc::new(jwtverify_verified_jws::new(valid)));
        Ok(())
    })
}

/// A second reference to the same verifier, for another thread or owner: neither needs to know
/// when the other frees its own. Costs one atomic increment.
///
/// Thread-safe.
///
/// @param verifier  the verifier
/// @param clone     receives the reference, to be freed with jwtverify_verifier_free()
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_clone(
    verifier: In<jwtverify_verifier>,
    clone: OutHandle<jwtverify_verifier>,
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
pub extern "C" fn jwtverify_verifier_free(verifier: Own<jwtverify_verifier>) {
    verifier.free();
}

#[cfg(test)]
mod tests {
    use core::ptr::{null, null_mut};

    use jwtverify_jwks::KeySet;
    use jwtverify_jwks::core_api::Algorithm;
    use jwtverify_tests::{Alg, SigningKey, forge};
    use serde_json::json;

    use super::*;
    use crate::error::{jwtverify_error_claim, jwtverify_error_free, jwtverify_error_text};
    use crate::verified::jwtverify_verified_free;

    const NEVER: *mut jwtverify_verified = core::ptr::dangling_mut();

    fn verifier() -> jwtverify_verifier {
        let builder = Verifier::builder()
            .algorithms(Algorithm::Es256)
            .issuer("me");
        let builder = builder.audience("you").required_claims(&["exp", "tenant"]);
        jwtverify_verifier::new(builder.build().unwrap().into_owned())
    }

    fn verify(token: &str, error: OutHandle<jwtverify_error>) -> (i32, *mut jwtverify_verified) {
        let keys = KeySet::read(SigningKey::shared(Alg::Es256).jwks()).unwrap();
        let (verifier, keys) = (verifier(), jwtverify_key_set::own(keys));
        let mut verified = NEVER;
        let code = jwtverify_verifier_verify(
            In::from_c(&raw const verifier),
            In::from_c(token.as_ptr().cast()),
            token.len(),
            In::from_c(&raw const keys),
            1_700_000_000,
            OutHandle::from_c(&raw mut verified),
            error,
        );
        (code, verified)
    }

    #[test]
    fn a_result_or_a_detail_and_never_both() {
        let key = SigningKey::shared(Alg::Es256);
        let good = json!({"iss": "me", "aud": "you", "exp": 1_700_000_100, "tenant": 1});
        let never: *mut jwtverify_error = core::ptr::dangling_mut();
        let mut detail = never;
        let (code, verified) = verify(&key.mint(&good), OutHandle::from_c(&raw mut detail));
        assert_eq!((code, detail), (0, never));
        assert_ne!(verified, NEVER);
        jwtverify_verified_free(Own::from_c(verified));

        let forged = forge::wrong_key(key, &good);
        let (code, verified) = verify(&forged, OutHandle::from_c(&raw mut detail));
        assert_eq!((code, verified), (401, NEVER));
        assert_ne!(detail, never);
        jwtverify_error_free(Own::from_c(detail));
        assert_eq!(verify(&forged, OutHandle::none()), (401, NEVER));
    }

    #[test]
    fn the_detail_names_the_callers_own_claim() {
        let key = SigningKey::shared(Alg::Es256);
        let token = key.mint(&json!({"iss": "me", "aud": "you", "exp": 1_700_000_100}));
        let mut detail = null_mut();
        let (code, _) = verify(&token, OutHandle::from_c(&raw mut detail));
        assert_eq!(code, 502);
        let claim = In::from_c(jwtverify_error_claim(In::from_c(detail)));
        assert_eq!(claim.text(), Ok("tenant"));
        jwtverify_error_free(Own::from_c(detail));
    }

    #[test]
    fn the_detail_quotes_no_part_of_the_token() {
        let key = SigningKey::shared(Alg::Es256);
        let claims = json!({"iss": "me", "aud": "you", "exp": 1, "tenant": "a secret"});
        for token in [key.mint(&claims), forge::wrong_key(key, &claims)] {
            let mut detail = null_mut();
            let (code, _) = verify(&token, OutHandle::from_c(&raw mut detail));
            assert_ne!(code, 0);
            let text = In::from_c(jwtverify_error_text(In::from_c(detail)));
            let text = text.text().unwrap();
            let parts = token.split('.').skip(1);
            assert!(
                parts.chain(["a secret"]).all(|part| !text.contains(part)),
                "{text}"
            );
            jwtverify_error_free(Own::from_c(detail));
        }
    }

    #[test]
    fn each_null_is_told_apart_from_a_bad_token() {
        let keys = KeySet::read(SigningKey::shared(Alg::Es256).jwks()).unwrap();
        let (verifier, keys) = (verifier(), jwtverify_key_set::own(keys));
        let (v, k) = (&raw const verifier, &raw const keys);
        let token = c"a.b.c".as_ptr();
        let mut verified = NEVER;
        let out = &raw mut verified;
        for (v, token, k, out) in [
            (null(), token, k, out),
            (v, null(), k, out),
            (v, token, null(), out),
            (v, token, k, null_mut()),
        ] {
            let code = jwtverify_verifier_verify(
                In::from_c(v),
                In::from_c(token),
                5,
                In::from_c(k),
                0,
                OutHandle::from_c(out),
                OutHandle::none(),
            );
            assert_eq!(code, 810);
        }
        assert_eq!(verified, NEVER);
    }
}
