//! Claims of a verified token, one at a time. For nested ones the whole JSON text is there.

use core::ffi::c_char;

use jwtverify_jwks::core_api::json::Value;
use jwtverify_jwks::core_api::{ClaimName, Error, NumericDate};

use crate::ffi::{self, In, Out, jwtverify_text};
use crate::verified::jwtverify_verified;

/// What kept a claim from being read. The detail (which claim) is the caller's own argument, so
/// the code alone is told.
const MISSING: Error = Error::ClaimMissing(ClaimName::Exp);
const WRONG_TYPE: Error = Error::ClaimType(ClaimName::Exp);

/// Finds a claim, converts it and writes it, or says why not.
fn claim<T>(
    verified: &In<jwtverify_verified>,
    name: &In<c_char>,
    out: &Out<T>,
    convert: impl FnOnce(&jwtverify_verified, Value<'_>) -> Option<T>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = out.slot()?;
        let verified = verified.borrow()?;
        let value = verified
            .token()
            .claims()
            .claim(name.text()?)
            .ok_or(MISSING)?;
        slot.write(convert(verified, value).ok_or(WRONG_TYPE)?);
        Ok(())
    })
}

/// The claims as JSON text. It was found to be one object without duplicate names at any depth.
///
/// Thread-safe.
///
/// @param verified  the token
/// @param json      receives the text, valid until `verified` is freed
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_claims_json(
    verified: In<jwtverify_verified>,
    json: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = json.slot()?;
        slot.write(jwtverify_text::of(
            verified.borrow()?.token().claims().json(),
        ));
        Ok(())
    })
}

/// A claim that is a string, such as "iss", "sub" or "jti", unescaped.
///
/// Thread-safe.
///
/// @param verified  the token
/// @param name      the claim, NUL-terminated UTF-8
/// @param text      receives the string, valid until `verified` is freed; it may hold U+0000, so
///                  go by its length
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is no
///         string
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_claim_string(
    verified: In<jwtverify_verified>,
    name: In<c_char>,
    text: Out<jwtverify_text>,
) -> i32 {
    claim(&verified, &name, &text, |verified, value| match value {
        Value::String(text) => verified.view(text),
        _ => None,
    })
}

/// A claim that is an integer.
///
/// Thread-safe.
///
/// @param verified  the token
/// @param name      the claim, NUL-terminated UTF-8
/// @param number    receives the integer
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is no
///         number, was written with a fraction or an exponent, or does not fit
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_claim_int64(
    verified: In<jwtverify_verified>,
    name: In<c_char>,
    number: Out<i64>,
) -> i32 {
    claim(&verified, &name, &number, |_, value| match value {
        Value::Number(digits) => digits.parse().ok(),
        _ => None,
    })
}

/// A claim that is a number, rounded to the nearest double.
///
/// Thread-safe.
///
/// @param verified  the token
/// @param name      the claim, NUL-terminated UTF-8
/// @param number    receives the number
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is no
///         number or not finite as a double
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_claim_double(
    verified: In<jwtverify_verified>,
    name: In<c_char>,
    number: Out<f64>,
) -> i32 {
    claim(&verified, &name, &number, |_, value| match value {
        Value::Number(digits) => digits
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
        _ => None,
    })
}

/// A claim that is true or false, such as "email_verified".
///
/// Thread-safe.
///
/// @param verified  the token
/// @param name      the claim, NUL-terminated UTF-8
/// @param flag      receives 1 or 0
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is
///         neither: the string "true" is not true
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_claim_bool(
    verified: In<jwtverify_verified>,
    name: In<c_char>,
    flag: Out<i32>,
) -> i32 {
    claim(&verified, &name, &flag, |_, value| match value {
        Value::Bool(flag) => Some(i32::from(flag)),
        _ => None,
    })
}

/// A claim that is an array or an object, as JSON text for the program's own reader.
///
/// Thread-safe.
///
/// @param verified  the token
/// @param name      the claim, NUL-terminated UTF-8
/// @param json      receives the text, valid until `verified` is freed
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is
///         neither
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_claim_json(
    verified: In<jwtverify_verified>,
    name: In<c_char>,
    json: Out<jwtverify_text>,
) -> i32 {
    claim(&verified, &name, &json, |_, value| match value {
        Value::Array(array) => Some(jwtverify_text::of(array.as_str())),
        Value::Object(object) => Some(jwtverify_text::of(object.as_str())),
        _ => None,
    })
}

/// The number of audiences: of strings in "aud" (RFC 7519 section 4.1.3).
///
/// Thread-safe.
///
/// @return 0 if there is no "aud" or `verified` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_audience_len(verified: In<jwtverify_verified>) -> usize {
    ffi::value(0, || {
        Some(verified.borrow().ok()?.token().claims().audience().count())
    })
}

/// One audience.
///
/// Thread-safe.
///
/// @param verified  the token
/// @param index     from 0 to jwtverify_verified_audience_len() - 1
/// @param text      receives the string, valid until `verified` is freed
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT if there is no such audience
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_audience(
    verified: In<jwtverify_verified>,
    index: usize,
    text: Out<jwtverify_text>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = text.slot()?;
        let verified = verified.borrow()?;
        let audience = verified.token().claims().audience().nth(index);
        let view = audience.and_then(|audience| verified.view(audience));
        slot.write(view.ok_or(Error::MisuseArgument)?);
        Ok(())
    })
}

fn date(
    verified: &In<jwtverify_verified>,
    seconds: &Out<i64>,
    read: impl FnOnce(&jwtverify_verified) -> Option<NumericDate>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = seconds.slot()?;
        let date = read(verified.borrow()?).ok_or(MISSING)?;
        slot.write(date.floor());
        Ok(())
    })
}

/// When the token expires: "exp" (RFC 7519 section 4.1.4) in whole seconds since 1970, rounded
/// down.
///
/// Thread-safe.
///
/// @param verified  the token
/// @param seconds   receives the time; one past the range of int64_t is its end
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_expiration(
    verified: In<jwtverify_verified>,
    seconds: Out<i64>,
) -> i32 {
    date(&verified, &seconds, |verified| {
        verified.token().claims().expiration()
    })
}

/// When the token begins to be valid: "nbf" (RFC 7519 section 4.1.5), as
/// jwtverify_verified_expiration().
///
/// Thread-safe.
///
/// @param verified  the token
/// @param seconds   receives the time
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_not_before(
    verified: In<jwtverify_verified>,
    seconds: Out<i64>,
) -> i32 {
    date(&verified, &seconds, |verified| {
        verified.token().claims().not_before()
    })
}

/// When the token was issued: "iat" (RFC 7519 section 4.1.6), as
/// jwtverify_verified_expiration().
///
/// Thread-safe.
///
/// @param verified  the token
/// @param seconds   receives the time
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verified_issued_at(
    verified: In<jwtverify_verified>,
    seconds: Out<i64>,
) -> i32 {
    date(&verified, &seconds, |verified| {
        verified.token().claims().issued_at()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verified::tests::token;

    /// Calls one function of this file: the code, and what was written over 77.
    macro_rules! read {
        ($function:ident, $token:expr, $name:expr) => {{
            let mut out = 77 as _;
            let (token, name) = (In::from_c($token), In::from_c($name.as_ptr()));
            let code = $function(token, name, Out::from_c(&raw mut out));
            (code, out)
        }};
    }

    #[test]
    fn integers_are_read_exactly_or_not_at_all() {
        let token = token(
            r#"{"zero":0,"minus":-1,"max":9223372036854775807,"min":-9223372036854775808,
            "over":9223372036854775808,"tiny":-9223372036854775809,"real":1.0,"exponent":1e3,
            "text":"1","null":null,"true":true,"list":[1]}"#,
        );
        for (name, wanted) in [
            (c"zero", Ok(0)),
            (c"minus", Ok(-1)),
            (c"max", Ok(i64::MAX)),
            (c"min", Ok(i64::MIN)),
            (c"over", Err(503)),
            (c"tiny", Err(503)),
            (c"real", Err(503)),
            (c"exponent", Err(503)),
            (c"text", Err(503)),
            (c"null", Err(503)),
            (c"true", Err(503)),
            (c"list", Err(503)),
            (c"absent", Err(502)),
            (c"", Err(502)),
            (c"\xff", Err(811)),
        ] {
            let (code, out) = read!(jwtverify_verified_claim_int64, &raw const token, name);
            match wanted {
                Ok(number) => assert_eq!((code, out), (0, number), "{name:?}"),
                Err(error) => assert_eq!((code, out), (error, 77_i64), "{name:?}"),
            }
        }
    }

    #[test]
    fn doubles_are_finite() {
        let token = token(r#"{"pi":3.25,"big":1e308,"huge":1e309,"minus":-1e309,"text":"1"}"#);
        for (name, wanted) in [
            (c"pi", Ok(3.25)),
            (c"big", Ok(1e308)),
            (c"huge", Err(503)),
            (c"minus", Err(503)),
            (c"text", Err(503)),
            (c"absent", Err(502)),
        ] {
            let (code, out) = read!(jwtverify_verified_claim_double, &raw const token, name);
            match wanted {
                Ok(number) => assert_eq!((code, out), (0, number), "{name:?}"),
                Err(error) => assert_eq!((code, out), (error, 77.0), "{name:?}"),
            }
        }
    }

    #[test]
    fn the_string_true_is_not_true() {
        let token = token(r#"{"yes":true,"no":false,"text":"true","one":1,"null":null}"#);
        for (name, wanted) in [
            (c"yes", (0, 1)),
            (c"no", (0, 0)),
            (c"text", (503, 77)),
            (c"one", (503, 77)),
            (c"null", (503, 77)),
            (c"absent", (502, 77)),
        ] {
            let found = read!(jwtverify_verified_claim_bool, &raw const token, name);
            assert_eq!(found, wanted, "{name:?}");
        }
    }

    #[test]
    fn names_are_compared_unescaped_and_exactly() {
        let token = token(r#"{"\u0061b":1,"B":2}"#);
        let found =
            |name: &core::ffi::CStr| read!(jwtverify_verified_claim_int64, &raw const token, name);
        assert_eq!(found(c"ab"), (0, 1));
        assert_eq!(found(c"b"), (502, 77));
        assert_eq!(found(c"B"), (0, 2));
    }

    #[test]
    fn rfc7519_4_1_dates_are_rounded_down_and_absent_ones_are_missing() {
        let token = token(r#"{"exp":9e300,"iat":-0.5}"#);
        let read = |call: extern "C" fn(In<jwtverify_verified>, Out<i64>) -> i32| {
            let mut out = 77;
            let code = call(In::from_c(&raw const token), Out::from_c(&raw mut out));
            (code, out)
        };
        assert_eq!(read(jwtverify_verified_expiration), (0, i64::MAX));
        assert_eq!(read(jwtverify_verified_issued_at), (0, -1));
        assert_eq!(read(jwtverify_verified_not_before), (502, 77));
    }
}
