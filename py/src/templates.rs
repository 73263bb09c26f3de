//! The claims of tokens that a cache keeps, as `dict`s to copy: a copy takes a tenth of the time
//! that building one takes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError, Weak};

use jwtverify_jwks::Verified;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// The longest claims that are kept in this form, in octets of JSON: they take up to some dozen
/// times as much as objects.
const MAX_JSON: usize = 4096;

/// Templates of results that a token cache keeps.
///
/// No Python code runs and nothing waits under its lock: whoever finds it taken builds a `dict`.
pub(crate) struct Templates {
    /// By the address of the result. The weak reference keeps others from having that address.
    kept: Mutex<Kept>,
    most: usize,
}

type Kept = HashMap<usize, Entry>;

struct Entry {
    verified: Weak<Verified<'static>>,
    template: Arc<Template>,
}

/// A `dict` of claims that nobody else has a reference to, nor to what is in it.
struct Template {
    claims: Py<PyDict>,
    /// The names of the members that hold others, and are copied themselves.
    nested: Vec<Py<PyAny>>,
}

impl Templates {
    /// For a cache of so many tokens.
    pub(crate) fn new(tokens: usize) -> Self {
        Self {
            kept: Mutex::default(),
            // Twice as many, so that those of forgotten tokens are not looked for each time.
            most: tokens.saturating_mul(2),
        }
    }

    /// The claims of a result, if they are here.
    pub(crate) fn copy<'py>(
        &self,
        py: Python<'py>,
        verified: &Arc<Verified<'static>>,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        let template = match self.lock() {
            Some(kept) => kept
                .get(&address(verified))
                .map(|entry| Arc::clone(&entry.template)),
            None => None,
        };
        template.map(|template| template.copy(py)).transpose()
    }

    /// Keeps a copy of the claims of a result, if anybody but the caller keeps the result.
    pub(crate) fn keep(
        &self,
        verified: &Arc<Verified<'static>>,
        claims: &Bound<'_, PyDict>,
    ) -> PyResult<()> {
        if Arc::strong_count(verified) < 2 || verified.payload().len() > MAX_JSON {
            return Ok(());
        }
        let address = address(verified);
        let entry = Entry {
            verified: Arc::downgrade(verified),
            template: Arc::new(Template::of(claims)?),
        };
        // Freed after the lock is.
        let mut gone = Vec::new();
        if let Some(mut kept) = self.lock() {
            if kept.len() >= self.most {
                gone.extend(kept.extract_if(|_, entry| entry.verified.strong_count() == 0));
            }
            if kept.len() >= self.most {
                gone.extend(kept.drain());
            }
            gone.extend(
                kept.insert(address, entry)
                    .map(|earlier| (address, earlier)),
            );
        }
        Ok(())
    }

    fn lock(&self) -> Option<MutexGuard<'_, Kept>> {
        match self.kept.try_lock() {
            Ok(kept) => Some(kept),
            Err(TryLockError::Poisoned(kept)) => Some(kept.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Template {
    fn of(claims: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut nested = Vec::new();
        for (name, member) in claims {
            if holds_others(&member) {
                nested.push(name.unbind());
            }
        }
        Ok(Self {
            claims: copy_dict(claims)?.unbind(),
            nested,
        })
    }

    fn copy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let claims = self.claims.bind(py).copy()?;
        for name in &self.nested {
            let name = name.bind(py);
            if let Some(member) = claims.get_item(name)? {
                claims.set_item(name, copy(&member)?)?;
            }
        }
        Ok(claims)
    }
}

fn address(verified: &Arc<Verified<'static>>) -> usize {
    Arc::as_ptr(verified).addr()
}

fn holds_others(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyList>() || value.is_exact_instance_of::<PyDict>()
}

fn copy_dict<'py>(dict: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    let copied = dict.copy()?;
    for (name, member) in dict {
        if holds_others(&member) {
            copied.set_item(name, copy(&member)?)?;
        }
    }
    Ok(copied)
}

/// Recursion is bounded: these are values of the core's reader, which has a limit to depth.
fn copy<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(list) = value.cast::<PyList>() {
        let elements: Vec<_> = list
            .iter()
            .map(|element| copy(&element))
            .collect::<PyResult<_>>()?;
        return Ok(PyList::new(value.py(), elements)?.into_any());
    }
    match value.cast::<PyDict>() {
        Ok(dict) => Ok(copy_dict(dict)?.into_any()),
        Err(_) => Ok(value.clone()),
    }
}
