//! `Verifier`, `Verified` and the raw check of a signature.

use std::sync::{Arc, OnceLock, Weak};

use jwtverify_core::{Algorithm, AlgorithmSet, ClaimName, Error as Code, json};
use jwtverify_jwks::{Verified as CoreVerified, Verifier as CoreVerifier, explain, system_now};
use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::input::{self, Setting};
use crate::keys::{self, Chosen};
use crate::templates::Templates;
use crate::{errors, value};

/// Decides on tokens: algorithms, issuer, audience and times. Immutable, and safe to share.
///
/// `algorithms`, `issuer` and `audience` must be given; `issuer=None` and `audience=None` say that
/// any will do. Lists are lists, tuples or sets of `str`; one `str` is a list of one.
#[pyclass(frozen, module = "jwtverify")]
pub(crate) struct Verifier {
    inner: CoreVerifier<'static>,
}

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(signature = (
        *,
        algorithms = Setting::Missing,
        issuer = Setting::Missing,
        audience = Setting::Missing,
        leeway = Setting::Missing,
        required_claims = Setting::Missing,
        typ = None,
        max_age = None,
        allow_padding = None,
    ))]
    #[pyo3(text_signature = "(*, algorithms, issuer, audience, leeway=0, \
                             required_claims=('exp',), typ=None, max_age=None, \
                             allow_padding=False)")]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        py: Python<'_>,
        algorithms: Setting<'_>,
        issuer: Setting<'_>,
        audience: Setting<'_>,
        leeway: Setting<'_>,
        required_claims: Setting<'_>,
        typ: Option<&Bound<'_, PyAny>>,
        max_age: Option<&Bound<'_, PyAny>>,
        allow_padding: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let algorithms = match algorithms {
            Setting::Missing => return Err(errors::plain(py, Code::MisuseNoAlgorithms)),
            Setting::Given(names) => algorithm_list(&names)?,
        };
        let issuers = expected(py, &issuer, "issuer", Code::MisuseIssuerUnset)?;
        let audiences = expected(py, &audience, "audience", Code::MisuseAudienceUnset)?;
        let leeway = match leeway {
            Setting::Missing => 0,
            Setting::Given(seconds) => input::whole(&seconds, "leeway", Code::MisuseLeeway)?,
        };
        let required = match required_claims {
            Setting::Missing => vec!["exp".to_owned()],
            Setting::Given(names) => input::texts(&names, "required_claims")?,
        };
        let typ = typ.map(|typ| input::text(typ, "typ")).transpose()?;
        let max_age = max_age
            .map(|seconds| input::whole(seconds, "max_age", Code::MisuseArgument))
            .transpose()?;
        let allow_padding =
            allow_padding.map_or(Ok(false), |flag| input::flag(flag, "allow_padding"))?;
        let built = errors::attached(py, || {
            let (issuers, audiences) =
                (issuers.as_deref().map(refs), audiences.as_deref().map(refs));
            let required = refs(&required);
            let mut builder = CoreVerifier::builder()
                .algorithms(algorithms)
                .leeway(leeway)
                .required_claims(&required)
                .allow_padding(allow_padding);
            builder = match &issuers {
                Some(issuers) => builder.issuers(issuers),
                None => builder.any_issuer(),
            };
            builder = match &audiences {
                Some(audiences) => builder.audiences(audiences),
                None => builder.any_audience(),
            };
            if let Some(typ) = typ {
                builder = builder.typ(typ);
            }
            if let Some(max_age) = max_age {
                builder = builder.max_age(max_age);
            }
            builder.build().map(CoreVerifier::into_owned)
        })?;
        built
            .map(|inner| Self { inner })
            .map_err(|misuse| errors::plain(py, misuse))
    }

    /// Verifies a token and gives its header, claims and payload.
    ///
    /// `keys` is a `KeySet`, or a `Key` that the caller has chosen. `now` is in seconds since
    /// 1970; `None` is the system's clock.
    #[pyo3(signature = (token, keys, now = None))]
    fn verify(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        keys: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Verified> {
        let token = input::octets(token, "token")?;
        let keys = Chosen::from_argument(keys)?;
        let now = now.map_or_else(|| Ok(system_now()), input::time)?;
        let work = || keys.verify(&self.inner, &token, now);
        let result = if keys.is_symmetric() {
            errors::attached(py, work)?
        } else {
            errors::detached(py, work)?
        };
        result
            .map(|verified| Verified::new(Arc::new(verified), Weak::new()))
            .map_err(|code| self.raised(py, code, &token, &keys))
    }

    /// Verifies the signature and the header of a JWS whose payload may be anything, and gives the
    /// payload. No claim is looked at.
    fn verify_jws<'py>(
        &self,
        py: Python<'py>,
        token: &Bound<'py, PyAny>,
        keys: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let token = input::octets(token, "token")?;
        let keys = Chosen::from_argument(keys)?;
        let work = || keys.verify_jws(&self.inner, &token);
        let result = if keys.is_symmetric() {
            errors::attached(py, work)?
        } else {
            errors::detached(py, work)?
        };
        match result {
            Ok(verified) => Ok(PyBytes::new(py, verified.payload())),
            Err(code) => Err(self.raised(py, code, &token, &keys)),
        }
    }

    /// The names of the allowed algorithms.
    #[getter]
    fn algorithms(&self) -> Vec<&'static str> {
        self.inner
            .algorithms()
            .iter()
            .map(Algorithm::name)
            .collect()
    }

    fn __repr__(&self) -> String {
        format!("<Verifier: {}>", self.algorithms().join(", "))
    }
}

impl Verifier {
    pub(crate) const fn inner(&self) -> &CoreVerifier<'static> {
        &self.inner
    }

    fn raised(&self, py: Python<'_>, code: Code, token: &[u8], keys: &Chosen) -> PyErr {
        match errors::attached(py, || explain(code, token, keys.key_set())) {
            Ok(error) => errors::diagnosed(py, &error, claim_name(&self.inner, code)),
            Err(panic) => panic,
        }
    }
}

/// The text of the claim that an error is about.
pub(crate) fn claim_name<'v>(verifier: &'v CoreVerifier<'static>, code: Code) -> Option<&'v str> {
    code.claim()
        .map(|claim: ClaimName| verifier.claim_name(claim))
}

fn algorithm_list(names: &Bound<'_, PyAny>) -> PyResult<AlgorithmSet> {
    let mut algorithms = AlgorithmSet::EMPTY;
    for name in input::texts(names, "algorithms")? {
        let Some(algorithm) = Algorithm::from_name(&name) else {
            return Err(errors::plain(names.py(), Code::MisuseAlgorithmName));
        };
        algorithms = algorithms.with(algorithm);
    }
    Ok(algorithms)
}

fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// What is expected of `iss` or `aud`: these texts, or `None` for anything.
fn expected(
    py: Python<'_>,
    setting: &Setting<'_>,
    what: &str,
    unset: Code,
) -> PyResult<Option<Vec<String>>> {
    match setting {
        Setting::Missing => Err(errors::plain(py, unset)),
        Setting::Given(argument) if argument.is_none() => Ok(None),
        Setting::Given(argument) => input::texts(argument, what).map(Some),
    }
}

/// A verified token. There is no other way to get one than to verify.
#[pyclass(frozen, module = "jwtverify")]
pub(crate) struct Verified {
    inner: Arc<CoreVerified<'static>>,
    /// Those of the cache that may keep the result. Weak: one result must not keep all of them.
    templates: Weak<Templates>,
    claims: Once,
    header: Once,
}

/// A `dict` that is built when it is asked for, and then kept.
type Once = OnceLock<Py<PyDict>>;

impl Verified {
    pub(crate) const fn new(inner: Arc<CoreVerified<'static>>, templates: Weak<Templates>) -> Self {
        Self {
            inner,
            templates,
            claims: Once::new(),
            header: Once::new(),
        }
    }
}

#[pymethods]
impl Verified {
    /// The claims. Whole numbers are `int`s of any size, others `float`s.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        once(py, &self.claims, || {
            let templates = self.templates.upgrade();
            let copy = templates.as_ref();
            if let Some(copy) = copy.and_then(|templates| templates.copy(py, &self.inner)) {
                return Ok(copy);
            }
            let built = value::dict(py, self.inner.claims().iter())?;
            if let Some(templates) = templates {
                templates.keep(&self.inner, &built);
            }
            Ok(built)
        })
    }

    /// The header.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let header = self.inner.header();
        once(py, &self.header, || {
            let object = json::object(header.json().as_bytes())
                .map_err(|_| errors::plain(py, Code::Internal))?;
            value::dict(py, object.members())
        })
    }

    /// The payload as it was signed.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.inner.payload())
    }

    /// The name of the algorithm that the signature was verified with.
    #[getter]
    fn algorithm(&self) -> &'static str {
        self.inner.algorithm().name()
    }

    fn __repr__(&self) -> String {
        // Claims are somebody's personal data, and this ends up in logs.
        format!(
            "<Verified: {}, {} bytes>",
            self.algorithm(),
            self.inner.payload().len()
        )
    }

    // A dict can be changed to hold this object: then only the garbage collector can free both.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.claims
            .get()
            .map_or(Ok(()), |claims| visit.call(claims))?;
        self.header
            .get()
            .map_or(Ok(()), |header| visit.call(header))
    }
}

fn once<'py>(
    py: Python<'py>,
    slot: &Once,
    build: impl FnOnce() -> PyResult<Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    if let Some(dict) = slot.get() {
        return Ok(dict.bind(py).clone());
    }
    // Not under a lock, since Python code may run in there: two threads may build it at the same
    // time, and the one that was first is kept.
    let built = build()?.unbind();
    let kept = slot.get_or_init(|| built);
    Ok(kept.bind(py).clone())
}

/// Checks one signature over one message: no token, no claims. Raises if it is not valid.
///
/// `alg` is the algorithm that the caller has chosen, `jwk` the key as JSON text or `dict`.
#[pyfunction]
#[pyo3(signature = (alg, jwk, message, signature, *, allow_symmetric = None, allow_weak_hmac = None))]
#[pyo3(
    text_signature = "(alg, jwk, message, signature, *, allow_symmetric=False, \
                         allow_weak_hmac=False)"
)]
pub(crate) fn verify_signature(
    alg: &Bound<'_, PyAny>,
    jwk: &Bound<'_, PyAny>,
    message: &Bound<'_, PyAny>,
    signature: &Bound<'_, PyAny>,
    allow_symmetric: Option<&Bound<'_, PyAny>>,
    allow_weak_hmac: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let py = alg.py();
    let Some(algorithm) = Algorithm::from_name(input::text(alg, "alg")?) else {
        return Err(errors::plain(py, Code::MisuseAlgorithmName));
    };
    let options = keys::jwk_options(allow_symmetric, allow_weak_hmac)?;
    let key = keys::read_jwk(py, jwk, options)?;
    let message = input::octets(message, "message")?;
    let signature = input::octets(signature, "signature")?;
    let result = errors::detached(py, || {
        jwtverify_core::verify_signature(algorithm, &key, &message, &signature)
    })?;
    result.map(|_| ()).map_err(|code| errors::plain(py, code))
}
