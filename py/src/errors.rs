//! The one place where an error becomes a Python exception.
//!
//! The classes are written in Python (`jwtverify/exceptions.py`), so that a person can read them
//! there; here is which error is of which class, and what each one carries.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jwtverify_core::{Error as Code, Family};
use jwtverify_jwks::{Error, KeySetError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule};

/// Runs work that touches nothing of Python, letting other threads of Python run meanwhile.
///
/// A panic in there must not cross into Python as something that `except Exception` misses.
pub(crate) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| caught(work)).map_err(|panic| plain(py, panic))
}

/// Runs work that is shorter than letting others run would take.
pub(crate) fn attached<T>(py: Python<'_>, work: impl FnOnce() -> T) -> PyResult<T> {
    caught(work).map_err(|panic| plain(py, panic))
}

fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Code> {
    // What the work borrows is immutable or behind locks that survive a panic.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Code::InternalPanic)
}

/// The exception for an error that has no more to say than its message.
pub(crate) fn plain(py: Python<'_>, code: Code) -> PyErr {
    raised(py, code, &code.to_string(), |_| Ok(()))
}

/// The exception for a wrong argument or setting, with a message of its own.
pub(crate) fn configuration(py: Python<'_>, misuse: Code, message: &str) -> PyErr {
    raised(py, misuse, message, |_| Ok(()))
}

/// The exception for a key set that can't be used.
pub(crate) fn key_set(py: Python<'_>, error: &KeySetError) -> PyErr {
    raised(py, error.error, &error.to_string(), |details| {
        let skipped: Vec<String> = error.skipped.iter().map(ToString::to_string).collect();
        details.set_item("skipped", skipped)
    })
}

/// The exception for an error with its diagnosis. `claim` is the name of the claim it is about:
/// only the verifier knows those that it was told.
pub(crate) fn diagnosed(py: Python<'_>, error: &Error, claim: Option<&str>) -> PyErr {
    raised(py, error.error(), &error.to_string(), |details| {
        details.set_item("claim", claim)?;
        details.set_item("www_authenticate", error.www_authenticate())?;
        details.set_item("retry_after", error.retry_after())?;
        if let Some(diagnosis) = error.diagnosis() {
            details.set_item("kid", diagnosis.kid.as_deref())?;
            details.set_item("available_kids", &diagnosis.available)?;
            details.set_item("closest_kid", diagnosis.closest.as_deref())?;
            details.set_item("skipped", &diagnosis.skipped)?;
            details.set_item("issuer", diagnosis.issuer.as_deref())?;
            details.set_item("url", diagnosis.url.as_deref())?;
            let causes: Vec<&str> = diagnosis.causes.iter().map(|cause| cause.id()).collect();
            details.set_item("causes", causes)?;
            details.set_item("suggestions", &diagnosis.suggestions)?;
        }
        Ok(())
    })
}

fn raised(
    py: Python<'_>,
    code: Code,
    message: &str,
    fill: impl FnOnce(&Bound<'_, PyDict>) -> PyResult<()>,
) -> PyErr {
    let make = || {
        let details = PyDict::new(py);
        details.set_item("code", code.code())?;
        details.set_item("name", code.name())?;
        details.set_item("http_status", code.http_status())?;
        details.set_item("www_authenticate", code.www_authenticate())?;
        fill(&details)?;
        classes(py)?
            .getattr(class_name(code))?
            .call((message,), Some(&details))
    };
    // The other way out is a failure of Python itself, such as no memory.
    make().map_or_else(|error: PyErr| error, PyErr::from_value)
}

fn classes(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module =
        MODULE.get_or_try_init(py, || py.import("jwtverify.exceptions").map(Bound::unbind))?;
    Ok(module.bind(py))
}

/// The class of an error. What a later version of the core adds falls back to its family's root.
const fn class_name(error: Code) -> &'static str {
    match error.code() {
        204..=206 => "AlgorithmNotAllowedError",
        210 | 211 => "InvalidTokenError",
        100..=299 | 501 | 503 => "MalformedTokenError",
        300..=399 => "KeyNotFoundError",
        400..=499 => "InvalidSignatureError",
        502 => "MissingRequiredClaimError",
        504 | 506 => "ExpiredSignatureError",
        505 => "ImmatureSignatureError",
        507 => "InvalidIssuerError",
        508 => "InvalidAudienceError",
        600..=699 => "KeySetError",
        _ => match error.family() {
            Family::Token => "InvalidTokenError",
            Family::Caller => "ConfigurationError",
            Family::Unavailable => "KeysUnavailableError",
            Family::Internal => "JwtVerifyError",
        },
    }
}
