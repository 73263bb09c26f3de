//! `jwtverify_verified` and `jwtverify_verified_jws`: what a valid token says.

use std::borrow::Cow;
use std::sync::OnceLock;

use jwtverify_jwks::core_api::json::{Text, Value};
use jwtverify_jwks::core_api::{Header, Verified, VerifiedJws};

use crate::ffi::{self, In, Out, Own, Shared, jwtverify_bytes, jwtverify_text};

/// A token that is valid: its header and its claims. Immutable: many threads may read one at once.
///
/// There is no way to get one without a verification that succeeded. What the functions below
/// return as jwtverify_text or jwtverify_bytes belongs to it and is gone when it is freed.
///
/// @since 0.1.0
pub struct jwtverify_verified {
    token: Verified<'static>,
    unescaped: Unescaped,
}

/// A JWS whose signature is valid: its header and its payload; **claims were not checked**.
/// Immutable: many threads may read one at once.
///
/// @since 0.1.0
pub struct jwtverify_verified_jws {
    jws: VerifiedJws<'static>,
    unescaped: Unescaped,
}

impl Shared for jwtverify_verified {}
impl Shared for jwtverify_verified_jws {}

impl jwtverify_verified {
    pub(crate) fn new(token: Verified<'static>) -> Self {
        Self {
            token,
            unescaped: Unescaped::default(),
        }
    }

    /// The token, for the claims.
    pub(crate) fn token(&self) -> &Verified<'static> {
        &self.token
    }

    /// A string of this token as C reads it.
    pub(crate) fn view(&self, text: Text<'_>) -> Option<jwtverify_text> {
        self.unescaped.view(text, || {
            let claims = self.token.claims();
            let strings = claims.iter().flat_map(|(_, value)| match value {
                Value::String(text) => vec![text],
                Value::Array(array) => array.elements().filter_map(string).collect(),
                _ => Vec::new(),
            });
            copies(strings.chain(header_strings(&self.token.header())))
        })
    }
}

impl jwtverify_verified_jws {
    pub(crate) fn new(jws: VerifiedJws<'static>) -> Self {
        Self {
            jws,
            unescaped: Unescaped::default(),
        }
    }

    fn view(&self, text: Text<'_>) -> Option<jwtverify_text> {
        self.unescaped
            .view(text, || copies(header_strings(&self.jws.header())))
    }
}

/// Unescaped copies of those strings of a token that were written with escapes. Most have none:
/// then nothing is copied. A view must stay valid as long as its handle, so all copies are made
/// at once, on first need, and their number is bounded by the token.
#[derive(Default)]
struct Unescaped(OnceLock<Vec<String>>);

impl Unescaped {
    fn view(&self, text: Text<'_>, copies: impl FnOnce() -> Vec<String>) -> Option<jwtverify_text> {
        if let Some(plain) = text.as_plain() {
            return Some(jwtverify_text::of(plain));
        }
        let copies = self.0.get_or_init(copies);
        let place = copies
            .binary_search_by(|copy| copy.chars().cmp(text.chars()))
            .ok()?;
        copies.get(place).map(|copy| jwtverify_text::of(copy))
    }
}

fn copies<'t>(strings: impl Iterator<Item = Text<'t>>) -> Vec<String> {
    let owned = |text: Text<'t>| match text.to_cow() {
        Cow::Owned(text) => Some(text),
        Cow::Borrowed(_) => None,
    };
    let mut copies: Vec<String> = strings.filter_map(owned).collect();
    // The order of the bytes of UTF-8 is the order of the characters.
    copies.sort_unstable();
    copies
}

fn string(value: Value<'_>) -> Option<Text<'_>> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn header_strings<'h>(header: &Header<'h>) -> impl Iterator<Item = Text<'h>> + use<'h> {
    [Some(header.algorithm_name()), header.kid(), header.typ()]
        .into_iter()
        .flatten()
}

/// The payload: the bytes that were signed, the JSON text of the claims.
///
/// Thread-safe.
///
/// @param verified  the token
/// @param payload   receives the bytes, valid until `verified` is freed
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_payload(
    verified: In<jwtverify_verified>,
    payload: Out<jwtverify_bytes>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = payload.slot()?;
        slot.write(jwtverify_bytes::of(verified.borrow()?.token.payload()));
        Ok(())
    })
}

/// The header as JSON text. It was found to be one object without duplicate names.
///
/// Thread-safe.
///
/// @param verified  the token
/// @param json      receives the text, valid until `verified` is freed
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_header_json(
    verified: In<jwtverify_verified>,
    json: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = json.slot()?;
        slot.write(jwtverify_text::of(verified.borrow()?.token.header().json()));
        Ok(())
    })
}

/// The key id in the header (RFC 7515 section 4.1.4).
///
/// Thread-safe.
///
/// @param verified  the token
/// @param kid       receives the text, valid until `verified` is freed; its `data` is NULL if the
///                  header has no "kid"
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_kid(
    verified: In<jwtverify_verified>,
    kid: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = kid.slot()?;
        let verified = verified.borrow()?;
        let kid = verified
            .token
            .header()
            .kid()
            .and_then(|kid| verified.view(kid));
        slot.write(kid.unwrap_or(jwtverify_text::NONE));
        Ok(())
    })
}

/// The algorithm that the token was verified with, such as "ES256".
///
/// Thread-safe.
///
/// @param verified   the token
/// @param algorithm  receives the name
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_algorithm(
    verified: In<jwtverify_verified>,
    algorithm: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = algorithm.slot()?;
        slot.write(jwtverify_text::of(
            verified.borrow()?.token.algorithm().name(),
        ));
        Ok(())
    })
}

/// Frees a verified token and everything that came from it. NULL is allowed.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_free(verified: Own<jwtverify_verified>) {
    verified.free();
}

/// The payload of a JWS: the bytes that were signed.
///
/// Thread-safe.
///
/// @param verified  the JWS
/// @param payload   receives the bytes, valid until `verified` is freed
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_jws_payload(
    verified: In<jwtverify_verified_jws>,
    payload: Out<jwtverify_bytes>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = payload.slot()?;
        slot.write(jwtverify_bytes::of(verified.borrow()?.jws.payload()));
        Ok(())
    })
}

/// The header of a JWS as JSON text. It was found to be one object without duplicate names.
///
/// Thread-safe.
///
/// @param verified  the JWS
/// @param json      receives the text, valid until `verified` is freed
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_jws_header_json(
    verified: In<jwtverify_verified_jws>,
    json: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = json.slot()?;
        slot.write(jwtverify_text::of(verified.borrow()?.jws.header().json()));
        Ok(())
    })
}

/// The key id in the header of a JWS (RFC 7515 section 4.1.4).
///
/// Thread-safe.
///
/// @param verified  the JWS
/// @param kid       receives the text, valid until `verified` is freed; its `data` is NULL if the
///                  header has no "kid"
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_jws_kid(
    verified: In<jwtverify_verified_jws>,
    kid: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = kid.slot()?;
        let verified = verified.borrow()?;
        let kid = verified
            .jws
            .header()
            .kid()
            .and_then(|kid| verified.view(kid));
        slot.write(kid.unwrap_or(jwtverify_text::NONE));
        Ok(())
    })
}

/// The algorithm that the JWS was verified with, such as "ES256".
///
/// Thread-safe.
///
/// @param verified   the JWS
/// @param algorithm  receives the name
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_jws_algorithm(
    verified: In<jwtverify_verified_jws>,
    algorithm: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = algorithm.slot()?;
        slot.write(jwtverify_text::of(
            verified.borrow()?.jws.algorithm().name(),
        ));
        Ok(())
    })
}

/// Frees a verified JWS and everything that came from it. NULL is allowed.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_jws_free(verified: Own<jwtverify_verified_jws>) {
    verified.free();
}

#[cfg(test)]
pub(crate) mod tests {
    use core::ptr::null_mut;

    use jwtverify_jwks::KeySet;
    use jwtverify_jwks::core_api::{Algorithm, UnixTime, Verifier};
    use jwtverify_tests::{Alg, SigningKey};

    use super::*;

    const ESCAPED: &str = r#"{"sub":"a\u0000b","iss":"\u006de","aud":["x","\u0079","z\n"],
        "deep":{"in":"\u0041"},"n":1}"#;

    /// A verified token of this payload, for the tests of claims as well.
    pub(crate) fn token(payload: &str) -> jwtverify_verified {
        let key = SigningKey::shared(Alg::Es256);
        let header = r#"{"alg":"ES256","kid":"k\u0065y"}"#;
        let token = key.sign_text(header, payload);
        let mut jwk = key.jwk();
        jwk["kid"] = "key".into();
        let keys = KeySet::read(jwk.to_string()).unwrap();
        let verifier = Verifier::builder()
            .algorithms(Algorithm::Es256)
            .any_issuer()
            .any_audience()
            .required_claims(&[])
            .build()
            .unwrap();
        let valid = verifier.verify(token, &keys, UnixTime::from_secs(0));
        jwtverify_verified::new(valid.unwrap())
    }

    #[test]
    fn rfc8259_7_strings_come_unescaped_and_keep_a_nul() {
        let token = token(ESCAPED);
        let claims = token.token().claims();
        let read = |text| token.view(text).unwrap().read();
        assert_eq!(read(claims.subject().unwrap()), "a\0b");
        assert_eq!(read(claims.issuer().unwrap()), "me");
        let audience: Vec<String> = claims.audience().map(read).collect();
        assert_eq!(audience, ["x", "y", "z\n"]);
        let mut kid = jwtverify_text::NONE;
        let verified = In::from_c(&raw const token);
        assert_eq!(
            jwtverify_verified_kid(verified, Out::from_c(&raw mut kid)),
            0
        );
        assert_eq!(kid.read(), "key");
    }

    #[test]
    fn views_of_one_string_are_one_copy_for_all_threads() {
        let token = token(ESCAPED);
        let addresses = || {
            let claims = token.token().claims();
            let address = |text| token.view(text).unwrap().data.addr();
            (
                address(claims.subject().unwrap()),
                address(claims.issuer().unwrap()),
            )
        };
        let first = addresses();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(addresses(), first));
            }
        });
    }

    #[test]
    fn strings_without_escapes_are_not_copied() {
        let token = token(r#"{"sub":"plain","exp":1,"n":"\u0041"}"#);
        let text = token.token().claims().subject().unwrap();
        let view = token.view(text).unwrap();
        assert_eq!(view.data.cast(), text.as_plain().unwrap().as_ptr());
        assert!(token.unescaped.0.get().is_none());
    }

    #[test]
    fn outputs_stay_as_they_were_when_a_call_fails() {
        let mut text = jwtverify_text::of("kept");
        for call in [
            jwtverify_verified_header_json,
            jwtverify_verified_kid,
            jwtverify_verified_algorithm,
        ] {
            let code = call(In::from_c(core::ptr::null()), Out::from_c(&raw mut text));
            assert_eq!(code, 810);
        }
        assert_eq!(text.read(), "kept");
        let token = token(ESCAPED);
        let verified = In::from_c(&raw const token);
        assert_eq!(
            jwtverify_verified_payload(verified, Out::from_c(null_mut())),
            810
        );
    }
}
