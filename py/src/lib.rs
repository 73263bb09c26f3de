//! The native module of the Python package `jwtverify`.
//!
//! Thin: it reads arguments, lets other threads of Python run while keys are fetched and public
//! keys do their arithmetic, and turns results and errors into Python's. Decisions are made in
//! `jwtverify-core`, keys are kept by `jwtverify-jwks`. What users import is in
//! `python/jwtverify`.
#![forbid(unsafe_code)]

mod errors;
mod input;
mod inspect;
mod keys;
mod remote;
mod templates;
mod token_cache;
mod value;
mod verifier;

/// The native half of the package `jwtverify`.
#[pyo3::pymodule(gil_used = false)]
mod _jwtverify {
    use pyo3::prelude::*;
    use pyo3::types::PyTuple;

    #[pymodule_export]
    use crate::inspect::{all_errors, read_json, unverified_header};
    #[pymodule_export]
    use crate::keys::{Key, KeySet, SkippedKey};
    #[pymodule_export]
    use crate::remote::{JwksVerifier, RemoteJwks, fetch};
    #[pymodule_export]
    use crate::token_cache::TokenCache;
    #[pymodule_export]
    use crate::verifier::{Verified, Verifier, verify_signature};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let names = PyTuple::new(module.py(), crate::inspect::algorithm_names())?;
        module.add("ALGORITHMS", names)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
