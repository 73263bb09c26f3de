//! `jwtverify_error`: what a person or a log needs to know about a failed call.

use core::ffi::c_char;
use core::ptr;
use std::ffi::CString;

use jwtverify_jwks as jwks;
use jwtverify_jwks::core_api::{ClaimName, Error};

use crate::ffi::{self, In, Own, Shared};

/// The detail of a failed call: code, message, diagnosis, and what an HTTP service should answer.
///
/// It never holds token bytes, claim values or secrets; it may name key ids, issuers and URLs.
///
/// @since 0.1.0
pub struct jwtverify_error {
    code: i32,
    http_status: i32,
    retry_after: i64,
    name: CString,
    message: CString,
    text: CString,
    claim: Option<CString>,
    www_authenticate: Option<CString>,
}

impl Shared for jwtverify_error {}

/// A failure inside this crate: the code, and the detail if somebody is going to read it.
pub(crate) struct Failure {
    error: Error,
    detail: Option<Box<jwtverify_error>>,
}

impl Failure {
    pub(crate) fn code(&self) -> i32 {
        ffi::code_of(self.error)
    }

    pub(crate) fn into_detail(self) -> jwtverify_error {
        match self.detail {
            Some(detail) => *detail,
            None => jwtverify_error::new(&jwks::Error::from(self.error), None, None),
        }
    }

    /// With the diagnosis of the layer below. `claim` is the name that the verifier knows for
    /// the claim at fault.
    pub(crate) fn explained(error: &jwks::Error, claim: Option<&str>) -> Self {
        let detail = jwtverify_error::new(error, claim, None);
        Self {
            error: error.error(),
            detail: Some(Box::new(detail)),
        }
    }

    /// With lines of our own below the message.
    pub(crate) fn with_text(error: Error, text: &str) -> Self {
        let detail = jwtverify_error::new(&jwks::Error::from(error), None, Some(text));
        Self {
            error,
            detail: Some(Box::new(detail)),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            detail: None,
        }
    }
}

impl jwtverify_error {
    fn new(error: &jwks::Error, claim: Option<&str>, text: Option<&str>) -> Self {
        let claim = claim.or_else(|| error.error().claim().and_then(ClaimName::as_str));
        Self {
            code: ffi::code_of(error.error()),
            http_status: i32::from(error.http_status()),
            retry_after: error
                .retry_after()
                .map_or(-1, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX)),
            name: c_string(error.name()),
            message: c_string(&error.message()),
            text: text.map_or_else(|| c_string(&error.to_string()), c_string),
            claim: claim.map(c_string),
            www_authenticate: error.www_authenticate().as_deref().map(c_string),
        }
    }
}

/// NUL-terminated text for C. A NUL inside, which only a diagnosis that quotes a strange `kid`
/// could bring, is shown as U+FFFD instead of hiding what follows.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{FFFD}")).unwrap_or_default()
}

fn read<T>(error: &In<jwtverify_error>, neutral: T, part: impl FnOnce(&jwtverify_error) -> T) -> T {
    ffi::value(neutral, || error.borrow().ok().map(part))
}

fn optional(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

/// The result code, the same that the failed call returned.
///
/// @param error  the detail; NULL gives 0
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_error_code(error: In<jwtverify_error>) -> i32 {
    read(&error, 0, |error| error.code)
}

/// The name of the code, such as "KeyNotFound": stable, the same in every language.
///
/// @return NUL-terminated, valid until the error is freed; NULL if `error` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_error_name(error: In<jwtverify_error>) -> *const c_char {
    read(&error, ptr::null(), |error| error.name.as_ptr())
}

/// One line that says what is wrong, without the diagnosis.
///
/// @return NUL-terminated UTF-8, valid until the error is freed; NULL if `error` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_error_message(error: In<jwtverify_error>) -> *const c_char {
    read(&error, ptr::null(), |error| error.message.as_ptr())
}

/// The message and, on further lines, the diagnosis: the key ids there are, the closest one, the
/// keys left out and why, the last fetch, what to do next. For logs and people, not for clients.
///
/// @return NUL-terminated UTF-8, valid until the error is freed; NULL if `error` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_error_text(error: In<jwtverify_error>) -> *const c_char {
    read(&error, ptr::null(), |error| error.text.as_ptr())
}

/// The claim at fault, such as "aud".
///
/// @return NUL-terminated UTF-8, valid until the error is freed; NULL if no claim is at fault or
///         `error` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_error_claim(error: In<jwtverify_error>) -> *const c_char {
    read(&error, ptr::null(), |error| optional(error.claim.as_ref()))
}

/// What an HTTP service should answer: 401 for a bad token, 503 while keys cannot be fetched,
/// 500 for a mistake of the program.
///
/// @return the status; 0 if `error` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_error_http_status(error: In<jwtverify_error>) -> i32 {
    read(&error, 0, |error| error.http_status)
}

/// The value of the WWW-Authenticate header for the answer (RFC 6750 section 3). It tells the
/// client no more than that the token was not accepted.
///
/// @return NUL-terminated, valid until the error is freed; NULL if the answer needs no such header
///         or `error` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_error_www_authenticate(error: In<jwtverify_error>) -> *const c_char {
    read(&error, ptr::null(), |error| {
        optional(error.www_authenticate.as_ref())
    })
}

/// The seconds for the Retry-After header of a 503 answer.
///
/// @return at least 0, or -1 if there is nothing to wait for or `error` is NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_error_retry_after(error: In<jwtverify_error>) -> i64 {
    read(&error, -1, |error| error.retry_after)
}

/// Frees an error. NULL is allowed. The texts that came from it are gone with it.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_error_free(error: Own<jwtverify_error>) {
    error.free();
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ffi::CStr;
    use core::ptr::null;

    fn text(pointer: *const c_char) -> Option<String> {
        let text = In::from_c(pointer);
        (!pointer.is_null()).then(|| text.text().unwrap().to_owned())
    }

    #[test]
    fn every_code_of_the_core_reads_the_same_through_a_handle() {
        for error in Error::ALL {
            let detail = Failure::from(*error).into_detail();
            let detail = || In::from_c(&raw const detail);
            assert_eq!(jwtverify_error_code(detail()), i32::from(error.code()));
            assert_eq!(
                text(jwtverify_error_name(detail())).as_deref(),
                Some(error.name())
            );
            let message = text(jwtverify_error_message(detail())).unwrap();
            assert_eq!(message, error.to_string());
            assert!(
                text(jwtverify_error_text(detail()))
                    .unwrap()
                    .starts_with(&message)
            );
            let status = jwtverify_error_http_status(detail());
            assert_eq!(status, i32::from(error.http_status()));
            let header = text(jwtverify_error_www_authenticate(detail()));
            assert_eq!(header.is_some(), status == 401);
            let claim = error.claim().and_then(ClaimName::as_str).map(str::to_owned);
            assert_eq!(text(jwtverify_error_claim(detail())), claim);
            assert_eq!(jwtverify_error_retry_after(detail()), -1);
        }
    }

    #[test]
    fn null_gives_neutral_values() {
        let none = || In::<jwtverify_error>::from_c(null());
        assert_eq!(jwtverify_error_code(none()), 0);
        assert_eq!(jwtverify_error_http_status(none()), 0);
        assert_eq!(jwtverify_error_retry_after(none()), -1);
        for read in [
            jwtverify_error_name,
            jwtverify_error_message,
            jwtverify_error_text,
            jwtverify_error_claim,
            jwtverify_error_www_authenticate,
        ] {
            assert!(read(none()).is_null());
        }
    }

    #[test]
    fn a_nul_inside_hides_nothing() {
        let shown: &CStr = &c_string("kid \"a\0b\" is unknown");
        assert_eq!(shown.to_str(), Ok("kid \"a\u{FFFD}b\" is unknown"));
    }
}
