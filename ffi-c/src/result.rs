//! Result codes as text, the version, the clock.

use core::ffi::{CStr, c_char};
use core::ptr;
use std::ffi::CString;
use std::sync::OnceLock;

use jwtverify_jwks::core_api::{Error, Family};

use crate::error::c_string;
use crate::ffi;

/// jwtverify_result_family(): the call succeeded.
pub const JWTVERIFY_FAMILY_OK: i32 = 0;
/// jwtverify_result_family(): the token is at fault; answer 401.
pub const JWTVERIFY_FAMILY_TOKEN: i32 = 1;
/// jwtverify_result_family(): the program or its configuration is at fault; answer 500.
pub const JWTVERIFY_FAMILY_CALLER: i32 = 2;
/// jwtverify_result_family(): not known now, keys could not be fetched; answer 503.
pub const JWTVERIFY_FAMILY_UNAVAILABLE: i32 = 3;
/// jwtverify_result_family(): a bug in the library; please report it.
pub const JWTVERIFY_FAMILY_INTERNAL: i32 = 4;

/// One result code in the form that C reads.
struct Row {
    error: Error,
    name: CString,
    message: CString,
    www_authenticate: Option<CString>,
}

/// Made once, on first use; a C program reads it until it ends.
fn row(code: i32) -> Option<&'static Row> {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        let row = |&error: &Error| Row {
            error,
            name: c_string(error.name()),
            message: c_string(error.summary()),
            www_authenticate: error.www_authenticate().map(c_string),
        };
        Error::ALL.iter().map(row).collect()
    });
    let place = rows
        .binary_search_by_key(&code, |row| ffi::code_of(row.error))
        .ok()?;
    rows.get(place)
}

fn text(code: i32, ok: &'static CStr, part: fn(&'static Row) -> &'static CStr) -> *const c_char {
    const UNKNOWN: &CStr = c"Unknown";
    let known = || {
        if code == 0 {
            Some(ok)
        } else {
            row(code).map(part)
        }
    };
    ffi::value(UNKNOWN, known).as_ptr()
}

/// The name of a result code, such as "KeyNotFound"; "Ok" for 0.
///
/// @param code  what a function returned
/// @return NUL-terminated, valid for ever, never NULL; "Unknown" for a number that is no code
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_result_name(code: i32) -> *const c_char {
    text(code, c"Ok", |row| row.name.as_c_str())
}

/// One line that says what a result code means.
///
/// @param code  what a function returned
/// @return NUL-terminated, valid for ever, never NULL; "Unknown" for a number that is no code
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_result_message(code: i32) -> *const c_char {
    text(code, c"success", |row| row.message.as_c_str())
}

/// Whose fault a result code is: one of the JWTVERIFY_FAMILY_ numbers.
///
/// @param code  what a function returned
/// @return the family; JWTVERIFY_FAMILY_INTERNAL for a number that is no code
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_result_family(code: i32) -> i32 {
    if code == 0 {
        return JWTVERIFY_FAMILY_OK;
    }
    ffi::value(JWTVERIFY_FAMILY_INTERNAL, || {
        Some(match row(code)?.error.family() {
            Family::Token => JWTVERIFY_FAMILY_TOKEN,
            Family::Caller => JWTVERIFY_FAMILY_CALLER,
            Family::Unavailable => JWTVERIFY_FAMILY_UNAVAILABLE,
            _ => JWTVERIFY_FAMILY_INTERNAL,
        })
    })
}

/// What an HTTP service should answer to a result code: 200, 401, 500 or 503.
///
/// @param code  what a function returned
/// @return the status; 500 for a number that is no code
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_result_http_status(code: i32) -> i32 {
    if code == 0 {
        return 200;
    }
    ffi::value(500, || Some(i32::from(row(code)?.error.http_status())))
}

/// The value of the WWW-Authenticate header that goes with a 401 (RFC 6750 section 3), for a result
/// code without a jwtverify_error. It tells the client no more than that the token was not accepted.
///
/// @param code  what a function returned
/// @return NUL-terminated, valid for ever; NULL if the answer needs no such header
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_result_www_authenticate(code: i32) -> *const c_char {
    let value = ffi::value(None, || Some(row(code)?.www_authenticate.as_deref()));
    value.map_or(ptr::null(), CStr::as_ptr)
}

/// The version of the library that is running, such as "0.1.0"; compare with JWTVERIFY_VERSION,
/// which is the version that the program was compiled against.
///
/// @return NUL-terminated, valid for ever
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => panic!("a version holds no NUL"), // at compile time
        };
    VERSION.as_ptr()
}

/// The version of the library that is running, as one number like JWTVERIFY_VERSION_NUMBER.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_version_number() -> u32 {
    const fn number(digits: &str) -> u32 {
        match u32::from_str_radix(digits, 10) {
            Ok(number) => number,
            Err(_) => panic!("a version has numbers"), // at compile time
        }
    }
    const NUMBER: u32 = number(env!("CARGO_PKG_VERSION_MAJOR")) * 1_000_000
        + number(env!("CARGO_PKG_VERSION_MINOR")) * 1_000
        + number(env!("CARGO_PKG_VERSION_PATCH"));
    NUMBER
}

/// The seconds since 1970-01-01 UTC by the system's clock: the usual `now` for
/// jwtverify_verifier_verify(). Leap seconds do not count (RFC 7519 section 2, NumericDate).
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_now() -> i64 {
    // A clock that cannot be read gives a time at which every token is expired.
    ffi::value(i64::MAX, || Some(jwtverify_jwks::system_now().secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::In;

    fn read(pointer: *const c_char) -> String {
        In::from_c(pointer).text().unwrap().to_owned()
    }

    #[test]
    fn every_code_of_the_core_has_its_texts() {
        for error in Error::ALL {
            let code = ffi::code_of(*error);
            assert_eq!(read(jwtverify_result_name(code)), error.name());
            assert_eq!(read(jwtverify_result_message(code)), error.summary());
            assert_eq!(
                jwtverify_result_http_status(code),
                i32::from(error.http_status())
            );
            let challenge = jwtverify_result_www_authenticate(code);
            assert_eq!(challenge.is_null(), error.http_status() != 401);
            if let Some(wanted) = error.www_authenticate() {
                assert_eq!(read(challenge), wanted);
            }
            let family = match error.family() {
                Family::Token => JWTVERIFY_FAMILY_TOKEN,
                Family::Caller => JWTVERIFY_FAMILY_CALLER,
                Family::Unavailable => JWTVERIFY_FAMILY_UNAVAILABLE,
                Family::Internal => JWTVERIFY_FAMILY_INTERNAL,
            };
            assert_eq!(jwtverify_result_family(code), family);
        }
    }

    #[test]
    fn a_number_that_is_no_code_is_a_bug_and_not_ok() {
        for code in [i32::MIN, -1, 1, 200, 999, 65_536 + 301, i32::MAX] {
            assert_eq!(read(jwtverify_result_name(code)), "Unknown");
            assert_eq!(jwtverify_result_family(code), JWTVERIFY_FAMILY_INTERNAL);
            assert_eq!(jwtverify_result_http_status(code), 500);
            assert!(jwtverify_result_www_authenticate(code).is_null());
        }
    }

    #[test]
    fn the_version_is_cargos() {
        assert_eq!(read(jwtverify_version()), env!("CARGO_PKG_VERSION"));
        let number = jwtverify_version_number();
        let parts = (number / 1_000_000, number / 1_000 % 1_000, number % 1_000);
        let (major, minor, patch) = parts;
        assert_eq!(
            format!("{major}.{minor}.{patch}"),
            env!("CARGO_PKG_VERSION")
        );
    }
}
