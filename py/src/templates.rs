//! The claims of tokens that a cache keeps, as `dict`s to copy: building one takes longer than
//! everything else that a known token takes, and copying it a tenth of that.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError, Weak};

use jwtverify_jwks::Verified;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// The longest claims that are kept in this form, in octets of JSON.
const MAX_JSON: usize = 4096;

/// The most values in them, at any depth.
const MAX_VALUES: usize = 128;

/// What a value takes beside its text: more than an element of a list, less than an empty `dict`.
const VALUE_BYTES: usize = 100;

/// How many templates are looked at when one is added, whether their result is still kept.
const SWEPT: usize = 4;

/// Templates of results that a token cache keeps.
///
/// No Python code runs and nothing waits under its lock: whoever finds it taken builds a `dict`.
pub(crate) struct Templates {
    kept: Mutex<Kept>,
    /// Of memory, by estimate.
    max_bytes: usize,
}

#[derive(Default)]
struct Kept {
    /// By the address of the result. The weak reference keeps others from having that address.
    entries: HashMap<usize, Entry>,
    /// All addresses, in the order in which they are looked at next.
    order: VecDeque<usize>,
    bytes: usize,
}

struct Entry {
    verified: Weak<Verified<'static>>,
    template: Arc<Template>,
    bytes: usize,
}

/// A `dict` of claims that nobody else has a reference to, nor to what is in it.
struct Template {
    claims: Py<PyDict>,
    /// The names of the members that hold others, and are copied themselves.
    nested: Vec<Py<PyAny>>,
}

impl Templates {
    /// With room for so many octets.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            kept: Mutex::default(),
            max_bytes,
        }
    }

    /// The claims of a result, if they are here.
    pub(crate) fn copy<'py>(
        &self,
        py: Python<'py>,
        verified: &Arc<Verified<'static>>,
    ) -> Option<Bound<'py, PyDict>> {
        // Freed after the lock is.
        let mut gone = Vec::new();
        let template = {
            let mut kept = self.lock()?;
            kept.sweep(1, &mut gone);
            let entry = kept.entries.get(&address(verified))?;
            Arc::clone(&entry.template)
        };
        // Without memory for a copy there is none: the caller builds one, and says so.
        template.copy(py).ok()
    }

    /// Keeps a copy of the claims of a result, if anybody but the caller keeps the result.
    pub(crate) fn keep(&self, verified: &Arc<Verified<'static>>, claims: &Bound<'_, PyDict>) {
        let json = verified.payload().len();
        if Arc::strong_count(verified) < 2 || json > MAX_JSON {
            return;
        }
        let values = count(claims.as_any());
        let bytes = values.saturating_mul(VALUE_BYTES).saturating_add(json);
        if values > MAX_VALUES || bytes > self.max_bytes {
            return;
        }
        let Ok(template) = Template::of(claims) else {
            return;
        };
        let entry = Entry {
            verified: Arc::downgrade(verified),
            template: Arc::new(template),
            bytes,
        };
        // Freed after the lock is.
        let mut gone = Vec::new();
        if let Some(mut kept) = self.lock() {
            kept.sweep(SWEPT, &mut gone);
            while kept.bytes.saturating_add(bytes) > self.max_bytes && !kept.order.is_empty() {
                kept.drop_next(&mut gone);
            }
            kept.insert(address(verified), entry, &mut gone);
        }
    }

    fn lock(&self) -> Option<MutexGuard<'_, Kept>> {
        match self.kept.try_lock() {
            Ok(kept) => Some(kept),
            Err(TryLockError::Poisoned(kept)) => Some(kept.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Kept {
    fn insert(&mut self, address: usize, entry: Entry, gone: &mut Vec<Entry>) {
        self.bytes = self.bytes.saturating_add(entry.bytes);
        match self.entries.insert(address, entry) {
            Some(earlier) => self.forget(earlier, gone),
            None => self.order.push_back(address),
        }
    }

    /// Looks at so many, and drops those whose result nobody keeps any more: a few at each call,
    /// so that none stays for long and nobody waits for many.
    fn sweep(&mut self, number: usize, gone: &mut Vec<Entry>) {
        for _ in 0..number.min(self.order.len()) {
            let next = self.order.front().and_then(|at| self.entries.get(at));
            if next.is_some_and(|entry| entry.verified.strong_count() > 0) {
                self.order.rotate_left(1);
            } else {
                self.drop_next(gone);
            }
        }
    }

    fn drop_next(&mut self, gone: &mut Vec<Entry>) {
        let address = self.order.pop_front();
        if let Some(entry) = address.and_then(|address| self.entries.remove(&address)) {
            self.forget(entry, gone);
        }
    }

    fn forget(&mut self, entry: Entry, gone: &mut Vec<Entry>) {
        self.bytes = self.bytes.saturating_sub(entry.bytes);
        gone.push(entry);
    }
}

impl Template {
    fn of(claims: &Bound<'_, PyDict>) -> PyResult<Self> {
        let nested = claims.iter().filter(|(_, member)| holds_others(member));
        Ok(Self {
            nested: nested.map(|(name, _)| name.unbind()).collect(),
            claims: copy_dict(claims)?.unbind(),
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

// Recursion is bounded below: these are values of the core's reader, which has a limit to depth.

/// A value and all that is in it.
fn count(value: &Bound<'_, PyAny>) -> usize {
    let within = if let Ok(list) = value.cast::<PyList>() {
        list.iter().map(|element| count(&element)).sum()
    } else if let Ok(dict) = value.cast::<PyDict>() {
        dict.iter().map(|(_, member)| count(&member)).sum()
    } else {
        0
    };
    within.saturating_add(1)
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

fn copy<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(list) = value.cast::<PyList>() {
        let elements = list.iter().map(|element| copy(&element));
        let elements: Vec<_> = elements.collect::<PyResult<_>>()?;
        return Ok(PyList::new(value.py(), elements)?.into_any());
    }
    match value.cast::<PyDict>() {
        Ok(dict) => Ok(copy_dict(dict)?.into_any()),
        Err(_) => Ok(value.clone()),
    }
}
