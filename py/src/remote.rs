//! `RemoteJwks` and `JwksVerifier`: keys that are fetched and kept.

use std::sync::{Arc, Weak};
use std::time::Duration;

use jwtverify_core::{Error as Code, UnixTime};
use jwtverify_jwks::{
    Error, Fetch, HttpFetch, JwksVerifier as CoreJwksVerifier, RemoteJwks as CoreRemoteJwks,
    Request, Snapshot, explain, system_now,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyType};

use crate::errors;
use crate::input::{self, Setting};
use crate::keys::{Held, Key, KeySet, SkippedKey};
use crate::templates::Templates;
use crate::token_cache::TokenCache;
use crate::verifier::{Verified, Verifier, claim_name};

/// A key set behind a URL: fetched on first use, kept, and refreshed.
#[pyclass(frozen, subclass, module = "jwtverify._jwtverify")]
pub(crate) struct RemoteJwks {
    inner: CoreRemoteJwks,
}

#[pymethods]
impl RemoteJwks {
    #[new]
    #[pyo3(signature = (
        url = None,
        *,
        issuer = None,
        ttl = Setting::Missing,
        max_stale = Setting::Missing,
        stale_wait = Setting::Missing,
        miss_interval = Setting::Missing,
        miss_spacing = Setting::Missing,
        connect_timeout = Setting::Missing,
        timeout = Setting::Missing,
        max_bytes = Setting::Missing,
        max_keys = Setting::Missing,
        root_certificate = None,
    ))]
    #[pyo3(
        text_signature = "(url=None, *, issuer=None, ttl=600, max_stale=3600, stale_wait=2, \
                             miss_interval=30, miss_spacing=5, connect_timeout=2, timeout=5, \
                             max_bytes=524288, max_keys=100, root_certificate=None)"
    )]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        py: Python<'_>,
        url: Option<&Bound<'_, PyAny>>,
        issuer: Option<&Bound<'_, PyAny>>,
        ttl: Setting<'_>,
        max_stale: Setting<'_>,
        stale_wait: Setting<'_>,
        miss_interval: Setting<'_>,
        miss_spacing: Setting<'_>,
        connect_timeout: Setting<'_>,
        timeout: Setting<'_>,
        max_bytes: Setting<'_>,
        max_keys: Setting<'_>,
        root_certificate: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut builder = CoreRemoteJwks::builder();
        if let Some(url) = url {
            builder = builder.url(input::text(url, "url")?);
        }
        if let Some(issuer) = issuer {
            builder = builder.issuer(input::text(issuer, "issuer")?);
        }
        if let Setting::Given(seconds) = ttl {
            builder = builder.ttl(input::duration(&seconds, "ttl")?);
        }
        if let Setting::Given(seconds) = max_stale {
            builder = builder.max_stale(input::duration(&seconds, "max_stale")?);
        }
        if let Setting::Given(seconds) = stale_wait {
            builder = builder.stale_wait(input::duration(&seconds, "stale_wait")?);
        }
        if let Setting::Given(seconds) = miss_interval {
            builder = builder.miss_interval(input::duration(&seconds, "miss_interval")?);
        }
        if let Setting::Given(seconds) = miss_spacing {
            builder = builder.miss_spacing(input::duration(&seconds, "miss_spacing")?);
        }
        if let Setting::Given(seconds) = connect_timeout {
            builder = builder.connect_timeout(input::duration(&seconds, "connect_timeout")?);
        }
        if let Setting::Given(seconds) = timeout {
            builder = builder.timeout(input::duration(&seconds, "timeout")?);
        }
        if let Setting::Given(octets) = max_bytes {
            builder = builder.max_bytes(input::size(&octets, "max_bytes")?);
        }
        if let Setting::Given(keys) = max_keys {
            builder = builder.max_keys(input::size(&keys, "max_keys")?);
        }
        if let Some(certificate) = root_certificate {
            let octets = input::octets(certificate, "root_certificate")?;
            builder = builder.root_certificate(octets.into_owned());
        }
        match errors::detached(py, || builder.build())? {
            Ok(inner) => Ok(Self { inner }),
            Err(error) => Err(errors::diagnosed(py, &error, None)),
        }
    }

    /// The keys that the issuer's discovery document names; the settings are those of the class.
    #[classmethod]
    #[pyo3(signature = (issuer, **settings))]
    #[pyo3(text_signature = "(issuer, *, ttl=600, max_stale=3600, stale_wait=2, \
                             miss_interval=30, miss_spacing=5, connect_timeout=2, timeout=5, \
                             max_bytes=524288, max_keys=100, root_certificate=None)")]
    fn discover<'py>(
        cls: &Bound<'py, PyType>,
        issuer: &Bound<'py, PyAny>,
        settings: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        // A str, or the class would take None for "no issuer".
        input::text(issuer, "issuer")?;
        let arguments = settings.map_or_else(|| Ok(PyDict::new(cls.py())), PyDictMethods::copy)?;
        arguments.set_item("issuer", issuer)?;
        cls.call((), Some(&arguments))
    }

    /// Keys that may be used now, fetched on first use and when their time is over.
    fn keys(&self, py: Python<'_>) -> PyResult<KeySet> {
        self.fetched(py, CoreRemoteJwks::keys)
    }

    /// Fetches now, or joins the fetch that is on its way. Never call it because of a token.
    fn refresh(&self, py: Python<'_>) -> PyResult<KeySet> {
        self.fetched(py, CoreRemoteJwks::refresh)
    }

    /// The keys that are held, whatever their age. Never fetches and never waits.
    fn snapshot(&self) -> Option<KeySet> {
        self.inner.snapshot().map(KeySet::fetched)
    }

    /// The key of this id; fetched anew if it is not there and a fetch is allowed.
    fn key(&self, py: Python<'_>, kid: &Bound<'_, PyAny>) -> PyResult<Key> {
        let kid = input::text(kid, "kid")?;
        match errors::detached(py, || self.inner.keys_with(kid))? {
            Ok(snapshot) => Key::named(&Held::Fetched(snapshot), kid)
                .ok_or_else(|| errors::plain(py, Code::Internal)),
            Err(error) => Err(errors::diagnosed(py, &error, None)),
        }
    }

    /// The key of this id if it is at hand: `None` says to ask `key`, which may take time.
    fn held_key(&self, kid: &Bound<'_, PyAny>) -> PyResult<Option<Key>> {
        let kid = input::text(kid, "kid")?;
        Ok(self
            .fresh()
            .and_then(|snapshot| Key::named(&Held::Fetched(snapshot), kid)))
    }

    /// Whether `keys` would answer at once.
    fn is_fresh(&self) -> bool {
        self.fresh().is_some()
    }

    /// What is held, how the last fetch went, when the next may be made: for a health page.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let status = self.inner.status();
        let dict = PyDict::new(py);
        let seconds = |duration: Duration| duration.as_secs_f64();
        let skipped: Vec<SkippedKey> = status.skipped.iter().map(SkippedKey::new).collect();
        let last = status.last_fetch.as_ref();
        dict.set_item("state", status.state.name())?;
        dict.set_item("url", status.url)?;
        dict.set_item("issuer", status.issuer)?;
        dict.set_item("generation", status.generation)?;
        dict.set_item("age", status.age.map(seconds))?;
        dict.set_item("ttl", status.ttl.map(seconds))?;
        dict.set_item("kids", status.kids)?;
        dict.set_item("skipped", skipped)?;
        dict.set_item("last_fetch", last.map(|last| last.text.as_str()))?;
        dict.set_item("last_fetch_age", last.map(|last| seconds(last.ago)))?;
        dict.set_item(
            "last_fetch_code",
            last.and_then(|last| last.error).map(Code::code),
        )?;
        dict.set_item("failures", status.failures)?;
        dict.set_item("attempts", status.attempts)?;
        dict.set_item("fetching", status.fetching)?;
        dict.set_item("next_fetch_in", seconds(status.next_fetch_in))?;
        dict.set_item(
            "next_unknown_kid_fetch_in",
            seconds(status.next_unknown_kid_fetch_in),
        )?;
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        let status = self.inner.status();
        let source = status.issuer.or(status.url).unwrap_or_default();
        format!("<RemoteJwks: {source}, {} keys>", status.kids.len())
    }
}

impl RemoteJwks {
    fn fetched(
        &self,
        py: Python<'_>,
        fetch: fn(&CoreRemoteJwks) -> Result<Arc<Snapshot>, Error>,
    ) -> PyResult<KeySet> {
        match errors::detached(py, || fetch(&self.inner))? {
            Ok(snapshot) => Ok(KeySet::fetched(snapshot)),
            Err(error) => Err(errors::diagnosed(py, &error, None)),
        }
    }

    fn fresh(&self) -> Option<Arc<Snapshot>> {
        self.inner.ready()
    }
}

/// A verifier together with the place where its keys come from.
#[pyclass(frozen, subclass, module = "jwtverify._jwtverify")]
pub(crate) struct JwksVerifier {
    inner: CoreJwksVerifier,
    verifier: Py<Verifier>,
    remote: Py<RemoteJwks>,
    token_cache: Option<Py<TokenCache>>,
}

#[pymethods]
impl JwksVerifier {
    #[new]
    #[pyo3(signature = (verifier, remote, *, token_cache = None))]
    fn new(
        verifier: &Bound<'_, PyAny>,
        remote: &Bound<'_, PyAny>,
        token_cache: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = verifier.py();
        let wrong = |what: &str| input::argument_error(py, what);
        let verifier = verifier
            .cast::<Verifier>()
            .map_err(|_| wrong("verifier must be a Verifier"))?;
        let remote = remote
            .cast::<RemoteJwks>()
            .map_err(|_| wrong("remote must be a RemoteJwks"))?;
        let token_cache = token_cache
            .map(|cache| cache.cast::<TokenCache>())
            .transpose()
            .map_err(|_| wrong("token_cache must be a TokenCache"))?;
        let mut inner =
            CoreJwksVerifier::new(verifier.get().inner().clone(), remote.get().inner.clone());
        if let Some(cache) = token_cache {
            inner = inner.with_token_cache(cache.get().inner().clone());
        }
        Ok(Self {
            inner,
            verifier: verifier.clone().unbind(),
            remote: remote.clone().unbind(),
            token_cache: token_cache.map(|cache| cache.clone().unbind()),
        })
    }

    /// Verifies a token, fetching keys where that is needed and allowed.
    #[pyo3(signature = (token, now = None))]
    fn verify(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Verified> {
        let token = input::octets(token, "token")?;
        let now = time_or_system(now)?;
        match errors::detached(py, || self.inner.verify_shared_at(&token, now))? {
            Ok(verified) => Ok(Verified::new(verified, self.templates())),
            Err(error) => {
                let claim = claim_name(self.inner.verifier(), error.error());
                Err(errors::diagnosed(py, &error, claim))
            }
        }
    }

    /// Verifies a token with the keys at hand: `None` says to call `verify`, which may take time.
    #[pyo3(signature = (token, now = None))]
    fn verify_held(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Verified>> {
        let Some(snapshot) = self.remote.get().fresh() else {
            return Ok(None);
        };
        let octets = input::octets(token, "token")?;
        let now = time_or_system(now)?;
        let verifier = self.verifier.get().inner();
        let result = errors::detached(py, || {
            self.inner.verify_shared_with(&octets, &snapshot, now)
        })?;
        match result {
            Ok(verified) => Ok(Some(Verified::new(verified, self.templates()))),
            // The issuer may have to be asked.
            Err(Code::KeyNotFound) => Ok(None),
            Err(code) => {
                let keys = Some(snapshot.key_set());
                let error = errors::attached(py, || explain(code, &octets, keys))?;
                Err(errors::diagnosed(py, &error, claim_name(verifier, code)))
            }
        }
    }

    /// The verifier.
    #[getter]
    fn verifier(&self, py: Python<'_>) -> Py<Verifier> {
        self.verifier.clone_ref(py)
    }

    /// Where the keys come from.
    #[getter]
    fn remote(&self, py: Python<'_>) -> Py<RemoteJwks> {
        self.remote.clone_ref(py)
    }

    /// The cache of verified tokens, if there is one.
    #[getter]
    fn token_cache(&self, py: Python<'_>) -> Option<Py<TokenCache>> {
        self.token_cache.as_ref().map(|cache| cache.clone_ref(py))
    }
}

impl JwksVerifier {
    fn templates(&self) -> Weak<Templates> {
        let cache = self.token_cache.as_ref();
        cache.map_or_else(Weak::new, |cache| cache.get().templates())
    }
}

fn time_or_system(now: Option<&Bound<'_, PyAny>>) -> PyResult<UnixTime> {
    now.map_or_else(|| Ok(system_now()), input::time)
}

/// Fetches a document once, with the limits of a key set and without looking at its content:
/// the status and, for status 200, the body.
#[pyfunction]
pub(crate) fn fetch<'py>(
    py: Python<'py>,
    url: &Bound<'py, PyAny>,
    timeout: &Bound<'py, PyAny>,
) -> PyResult<(u16, Bound<'py, PyBytes>)> {
    let mut request = Request::new(input::text(url, "url")?);
    request.timeout = input::duration(timeout, "timeout")?;
    request.connect_timeout = request.timeout;
    match errors::detached(py, || HttpFetch::new().fetch(&request))? {
        Ok(response) => Ok((response.status, PyBytes::new(py, &response.body))),
        Err(error) => Err(errors::configuration(py, error.error(), &error.to_string())),
    }
}
