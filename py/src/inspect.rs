//! Looking without trusting: for tools that explain.

use jwtverify_core::json;
use jwtverify_core::unverified::UnverifiedToken;
use jwtverify_core::{Algorithm, Error as Code};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::{errors, input, value};

/// The header of a token that nobody has verified: anyone can have written it.
#[pyfunction]
pub(crate) fn unverified_header<'py>(token: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = token.py();
    let octets = input::octets(token, "token")?;
    match errors::attached(py, || UnverifiedToken::read(&octets))? {
        Ok(read) => value::dict(py, read.header().members()),
        Err(code) => Err(errors::plain(py, code)),
    }
}

/// One JSON object, read as strictly as a key set is.
#[pyfunction]
pub(crate) fn read_json<'py>(document: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = document.py();
    let octets = input::octets(document, "document")?;
    match errors::attached(py, || json::object(&octets))? {
        Ok(object) => value::dict(py, object.members()),
        Err(error) => Err(errors::plain(py, Code::KeySetJson(error))),
    }
}

/// One error of each code, in ascending order: for tables, and for tests that compare languages.
#[pyfunction]
pub(crate) fn all_errors(py: Python<'_>) -> Vec<Py<PyAny>> {
    Code::ALL
        .iter()
        .map(|code| errors::plain(py, *code).into_value(py).into_any())
        .collect()
}

/// The names of all algorithms.
pub(crate) fn algorithm_names() -> Vec<&'static str> {
    Algorithm::ALL
        .iter()
        .map(|algorithm| algorithm.name())
        .collect()
}
