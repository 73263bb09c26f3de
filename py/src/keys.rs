//! `KeySet` and `Key`.

use std::borrow::Cow;
use std::sync::Arc;

use jwtverify_core::{
    Algorithm, Error as Code, JwkOptions, KeySetOptions, KeyType, SkippedKey as CoreSkippedKey,
    UnixTime, Verified as CoreVerified, VerifiedJws, Verifier as CoreVerifier,
};
use jwtverify_jwks::{Key as CoreKey, KeySet as CoreKeySet, Snapshot};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::{errors, input};

/// A set that the caller gave, or one that was fetched.
#[derive(Clone)]
pub(crate) enum Held {
    Given(Arc<CoreKeySet>),
    Fetched(Arc<Snapshot>),
}

impl Held {
    pub(crate) fn key_set(&self) -> &CoreKeySet {
        match self {
            Self::Given(keys) => keys,
            Self::Fetched(snapshot) => snapshot.key_set(),
        }
    }
}

/// The keys of one issuer: immutable, and safe to share between threads.
#[pyclass(frozen, module = "jwtverify")]
pub(crate) struct KeySet {
    held: Held,
}

impl KeySet {
    pub(crate) fn fetched(snapshot: Arc<Snapshot>) -> Self {
        Self {
            held: Held::Fetched(snapshot),
        }
    }
}

#[pymethods]
impl KeySet {
    /// Reads a JWKS document, or one bare JWK.
    ///
    /// A key that can't be used is left out, and `skipped` says why; `KeySetError` is raised only
    /// if nothing usable is left. Symmetric keys are refused unless `allow_symmetric`, and never
    /// used beside public keys; secrets shorter than the digest need `allow_weak_hmac` as well.
    #[staticmethod]
    #[pyo3(signature = (document, *, allow_symmetric = None, allow_weak_hmac = None))]
    #[pyo3(text_signature = "(document, *, allow_symmetric=False, allow_weak_hmac=False)")]
    fn from_jwks(
        document: &Bound<'_, PyAny>,
        allow_symmetric: Option<&Bound<'_, PyAny>>,
        allow_weak_hmac: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = document.py();
        let document = json_text(document, "document")?;
        let options = KeySetOptions::new()
            .allow_symmetric(optional_flag(allow_symmetric, "allow_symmetric")?)
            .allow_weak_hmac(optional_flag(allow_weak_hmac, "allow_weak_hmac")?);
        match errors::detached(py, || options.read(&document))? {
            Ok(keys) => Ok(Self {
                held: Held::Given(Arc::new(keys)),
            }),
            Err(error) => Err(errors::key_set(py, &error)),
        }
    }

    /// The key ids of the usable keys, sorted; keys without one are left out.
    #[getter]
    fn kids(&self) -> Vec<&str> {
        self.held.key_set().kids().collect()
    }

    /// The members of the document that can't be used, each with its reason.
    #[getter]
    fn skipped(&self) -> Vec<SkippedKey> {
        self.held
            .key_set()
            .skipped()
            .iter()
            .map(SkippedKey::new)
            .collect()
    }

    /// What is wrong with usable keys, in words.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.held
            .key_set()
            .warnings()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// The key of this id, or `None`.
    fn key(&self, kid: &Bound<'_, PyAny>) -> PyResult<Option<Key>> {
        Ok(Key::named(&self.held, input::text(kid, "kid")?))
    }

    fn __len__(&self) -> usize {
        self.held.key_set().len()
    }

    fn __repr__(&self) -> String {
        let keys = self.held.key_set();
        format!(
            "<KeySet: {} keys, {} skipped>",
            keys.len(),
            keys.skipped().len()
        )
    }
}

/// A member of a key-set document that can't be used.
#[pyclass(frozen, module = "jwtverify")]
pub(crate) struct SkippedKey {
    inner: CoreSkippedKey,
}

impl SkippedKey {
    pub(crate) fn new(inner: &CoreSkippedKey) -> Self {
        Self {
            inner: inner.clone(),
        }
    }
}

#[pymethods]
impl SkippedKey {
    /// Its place in `keys`, counted from 0.
    #[getter]
    fn position(&self) -> usize {
        self.inner.position
    }

    /// Its key id, where that could be read.
    #[getter]
    fn kid(&self) -> Option<&str> {
        self.inner.kid.as_deref()
    }

    /// Why it can't be used, in words.
    #[getter]
    fn reason(&self) -> String {
        self.inner.reason.to_string()
    }

    /// The number of the reason, from the table of error codes.
    #[getter]
    fn code(&self) -> u16 {
        self.inner.reason.code()
    }

    fn __str__(&self) -> String {
        self.inner.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<SkippedKey: {}>", self.inner)
    }
}

/// One key. Verifying with it says that the caller has chosen it: a token's `kid` is not looked
/// at then, its algorithm is.
#[pyclass(frozen, module = "jwtverify")]
pub(crate) struct Key {
    source: KeySource,
}

enum KeySource {
    Own(Arc<CoreKey>),
    /// The keys of one `kid`: one, or several of different types.
    InSet {
        held: Held,
        first: usize,
        count: usize,
    },
}

impl Key {
    /// The key, or the keys, of this `kid`.
    pub(crate) fn named(held: &Held, kid: &str) -> Option<Self> {
        let mut places = held
            .key_set()
            .keys()
            .enumerate()
            .filter(|(_, key)| key.kid() == Some(kid));
        let (first, _) = places.next()?;
        let count = places.count().saturating_add(1);
        Some(Self {
            source: KeySource::InSet {
                held: held.clone(),
                first,
                count,
            },
        })
    }

    fn first(&self) -> Option<&CoreKey> {
        match &self.source {
            KeySource::Own(key) => Some(key),
            KeySource::InSet { held, first, .. } => held.key_set().keys().nth(*first),
        }
    }
}

#[pymethods]
impl Key {
    /// Reads one JWK: JSON text, or a `dict` of its members.
    #[staticmethod]
    #[pyo3(signature = (jwk, *, allow_symmetric = None, allow_weak_hmac = None))]
    #[pyo3(text_signature = "(jwk, *, allow_symmetric=False, allow_weak_hmac=False)")]
    fn from_jwk(
        jwk: &Bound<'_, PyAny>,
        allow_symmetric: Option<&Bound<'_, PyAny>>,
        allow_weak_hmac: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = jwk.py();
        let options = jwk_options(allow_symmetric, allow_weak_hmac)?;
        let key = read_jwk(py, jwk, options)?;
        Ok(Self {
            source: KeySource::Own(Arc::new(key)),
        })
    }

    /// The key id.
    #[getter]
    fn kid(&self) -> Option<&str> {
        self.first()?.kid()
    }

    /// `"RSA"`, `"EC"`, `"OKP"` or `"oct"`.
    #[getter]
    fn key_type(&self) -> Option<&'static str> {
        self.first().map(|key| key.key_type().name())
    }

    /// The names of the algorithms that the key may be used for.
    #[getter]
    fn algorithms(&self) -> Vec<&'static str> {
        self.first()
            .into_iter()
            .flat_map(|key| key.algorithms().iter())
            .map(Algorithm::name)
            .collect()
    }

    fn __repr__(&self) -> String {
        let kid = self.kid().unwrap_or_default();
        format!("<Key: kid {kid:?}, {}>", self.algorithms().join(", "))
    }
}

/// What a token is verified with, free of Python.
#[derive(Clone)]
pub(crate) enum Chosen {
    Set(Held),
    Own(Arc<CoreKey>),
    InSet { held: Held, place: usize },
}

impl Chosen {
    /// A `KeySet` or a `Key`.
    pub(crate) fn from_argument(argument: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(keys) = argument.cast::<KeySet>() {
            return Ok(Self::Set(keys.get().held.clone()));
        }
        if let Ok(key) = argument.cast::<Key>() {
            return Ok(match &key.get().source {
                KeySource::Own(key) => Self::Own(Arc::clone(key)),
                KeySource::InSet {
                    held,
                    first,
                    count: 1,
                } => Self::InSet {
                    held: held.clone(),
                    place: *first,
                },
                // Several types of key share the kid: the set knows how to choose among them.
                KeySource::InSet { held, .. } => Self::Set(held.clone()),
            });
        }
        Err(input::argument_error(
            argument.py(),
            "keys must be a KeySet or a Key",
        ))
    }

    /// Whether the work is a MAC, which is over before others could be let run.
    pub(crate) fn is_symmetric(&self) -> bool {
        let is_oct = |key: &CoreKey| key.key_type() == KeyType::Oct;
        match self {
            // Never beside public keys: the first speaks for all.
            Self::Set(held) => held.key_set().keys().next().is_some_and(is_oct),
            Self::Own(key) => is_oct(key),
            Self::InSet { held, place } => held.key_set().keys().nth(*place).is_some_and(is_oct),
        }
    }

    /// The set that a diagnosis may speak of.
    pub(crate) fn key_set(&self) -> Option<&CoreKeySet> {
        match self {
            Self::Set(held) => Some(held.key_set()),
            Self::Own(_) | Self::InSet { .. } => None,
        }
    }

    pub(crate) fn verify(
        &self,
        verifier: &CoreVerifier<'static>,
        token: &[u8],
        now: UnixTime,
    ) -> Result<CoreVerified<'static>, Code> {
        match self {
            Self::Set(held) => verifier.verify(token, held.key_set(), now),
            Self::Own(key) => verifier.verify(token, &**key, now),
            Self::InSet { held, place } => verifier.verify(token, nth(held, *place)?, now),
        }
    }

    pub(crate) fn verify_jws(
        &self,
        verifier: &CoreVerifier<'static>,
        token: &[u8],
    ) -> Result<VerifiedJws<'static>, Code> {
        match self {
            Self::Set(held) => verifier.verify_jws(token, held.key_set()),
            Self::Own(key) => verifier.verify_jws(token, &**key),
            Self::InSet { held, place } => verifier.verify_jws(token, nth(held, *place)?),
        }
    }
}

fn nth(held: &Held, place: usize) -> Result<&CoreKey, Code> {
    held.key_set().keys().nth(place).ok_or(Code::Internal)
}

/// Reads one JWK from its JSON text or from a `dict` of its members.
pub(crate) fn read_jwk(
    py: Python<'_>,
    jwk: &Bound<'_, PyAny>,
    options: JwkOptions,
) -> PyResult<CoreKey> {
    let text = json_text(jwk, "jwk")?;
    errors::detached(py, || options.read(&text))?.map_err(|reason| errors::plain(py, reason))
}

pub(crate) fn jwk_options(
    allow_symmetric: Option<&Bound<'_, PyAny>>,
    allow_weak_hmac: Option<&Bound<'_, PyAny>>,
) -> PyResult<JwkOptions> {
    Ok(JwkOptions::new()
        .allow_symmetric(optional_flag(allow_symmetric, "allow_symmetric")?)
        .allow_weak_hmac(optional_flag(allow_weak_hmac, "allow_weak_hmac")?))
}

fn optional_flag(argument: Option<&Bound<'_, PyAny>>, what: &str) -> PyResult<bool> {
    argument.map_or(Ok(false), |argument| input::flag(argument, what))
}

/// JSON as text, or as the `dict` that somebody has made of it already.
fn json_text<'a>(document: &'a Bound<'_, PyAny>, what: &str) -> PyResult<Cow<'a, [u8]>> {
    if document.cast::<PyDict>().is_err() {
        return input::octets(document, what);
    }
    let py = document.py();
    // Whatever goes wrong in there (a value that JSON does not have, a dict that holds itself)
    // is a fault of the argument.
    let dumped = py.import("json")?.call_method1("dumps", (document,));
    match dumped.as_ref().map(|text| text.cast::<PyString>()) {
        Ok(Ok(text)) => Ok(Cow::Owned(text.to_str()?.as_bytes().to_vec())),
        _ => Err(input::argument_error(
            py,
            &format!("{what} is a dict that JSON can't express"),
        )),
    }
}
