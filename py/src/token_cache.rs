//! `TokenCache`: tokens that were verified before.

use std::sync::{Arc, Weak};

use jwtverify_jwks::TokenCache as CoreTokenCache;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors;
use crate::input::{self, Setting};
use crate::templates::Templates;

/// Of the core's cache, where nothing else is said.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Remembers tokens that were verified, so that the same token costs a SHA-256 the next time.
///
/// Only successes are kept. Times are checked at each use, and the key that verified the token
/// must still be the one that the held key set has for it. One cache may serve several verifiers.
///
/// Claims that were read are kept as objects as well, for tokens of usual length, and each caller
/// is given a copy. They take about `max_bytes` of memory again at most.
#[pyclass(frozen, module = "jwtverify")]
pub(crate) struct TokenCache {
    inner: CoreTokenCache,
    templates: Arc<Templates>,
}

#[pymethods]
impl TokenCache {
    #[new]
    #[pyo3(signature = (
        *,
        entries = Setting::Missing,
        max_bytes = Setting::Missing,
        lifetime = Setting::Missing,
    ))]
    #[pyo3(text_signature = "(*, entries=1024, max_bytes=4194304, lifetime=60)")]
    fn new(
        py: Python<'_>,
        entries: Setting<'_>,
        max_bytes: Setting<'_>,
        lifetime: Setting<'_>,
    ) -> PyResult<Self> {
        let mut builder = CoreTokenCache::builder();
        if let Setting::Given(tokens) = entries {
            builder = builder.entries(input::size(&tokens, "entries")?);
        }
        let mut room = MAX_BYTES;
        if let Setting::Given(octets) = max_bytes {
            room = input::size(&octets, "max_bytes")?;
            builder = builder.max_bytes(room);
        }
        if let Setting::Given(seconds) = lifetime {
            builder = builder.lifetime(input::duration(&seconds, "lifetime")?);
        }
        match errors::attached(py, || builder.build())? {
            Ok(inner) => Ok(Self {
                inner,
                templates: Arc::new(Templates::new(room)),
            }),
            Err(error) => Err(errors::diagnosed(py, &error, None)),
        }
    }

    /// How full it is and how much it is used.
    fn usage<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let usage = self.inner.usage();
        let dict = PyDict::new(py);
        dict.set_item("entries", usage.entries)?;
        dict.set_item("bytes", usage.bytes)?;
        dict.set_item("hits", usage.hits)?;
        dict.set_item("misses", usage.misses)?;
        dict.set_item("evicted", usage.evicted)?;
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        let usage = self.inner.usage();
        format!(
            "<TokenCache: {} tokens, {} hits>",
            usage.entries, usage.hits
        )
    }
}

impl TokenCache {
    pub(crate) const fn inner(&self) -> &CoreTokenCache {
        &self.inner
    }

    pub(crate) fn templates(&self) -> Weak<Templates> {
        Arc::downgrade(&self.templates)
    }
}
