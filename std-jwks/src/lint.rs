//! What a key set or a discovery document should do better: for whoever publishes it.
//!
//! [`check()`](crate::check()) asks whether a set can be used; this asks whether it should be
//! published as it is.

mod discovery;
mod keys;
mod rules;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::json::{self, Value};
use jwtverify_core::{Error as Code, limits};

use crate::carrier::call;
use crate::diagnosis::{Cause, Facts, diagnose};
use crate::document::{Failure, accept, looks_like};
use crate::fetch::{Fetch, Request, Response};
use crate::http::HttpFetch;
use crate::provider::KeySet;
use crate::text;
use crate::url::SourceUrl;

pub use rules::{LintRule, lint_rules};

/// How much a [`Finding`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It breaks verifiers, or lets others forge.
    Error,
    /// It will cause trouble.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that should be better, by one of the [`lint_rules`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// How much it matters here: what the rule says, or less.
    pub severity: Severity,
    /// The rule.
    pub rule: &'static LintRule,
    /// The place of the key in `keys`, counted from 0, if it is about one.
    pub position: Option<usize>,
    /// The key's `kid`, cut and escaped.
    pub kid: Option<String>,
    /// What was found.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "keys[{position}]")?;
            if let Some(kid) = &self.kid {
                write!(f, " (kid \"{kid}\")")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.text)
    }
}

/// What kind of document was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentKind {
    /// Neither of the two.
    #[default]
    Unknown,
    /// A key set, or a single JWK (RFC 7517).
    KeySet,
    /// A discovery document (OpenID Connect Discovery 1.0, RFC 8414).
    Discovery,
}

/// What [`lint_document`] or [`lint_url`] found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Lint {
    /// What was fetched, without its query; `None` for a document in memory or a refused URL.
    pub url: Option<String>,
    /// What it is.
    pub kind: DocumentKind,
    /// The members of `keys`.
    pub keys: usize,
    /// The findings, errors first.
    pub findings: Vec<Finding>,
    /// Why there was nothing to look at: the URL may not be fetched, or could not be.
    pub error: Option<Code>,
    /// What happened then, in words.
    pub failure: Option<String>,
    /// What may have caused that.
    pub causes: Vec<&'static Cause>,
    /// What to do about that.
    pub next: Vec<String>,
    /// The key set that a discovery document leads to, if it was fetched.
    pub key_set: Option<Box<Self>>,
}

impl Lint {
    /// How many findings of this severity there are, those of the key set behind a discovery
    /// document included.
    pub fn count(&self, severity: Severity) -> usize {
        let own = self
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count();
        let behind = self.key_set.as_ref().map_or(0, |set| set.count(severity));
        own.saturating_add(behind)
    }

    fn find(&mut self, rule: &str, text: impl Into<String>) {
        self.findings.extend(Finding::new(rule, None, text));
    }

    fn sort(&mut self) {
        self.findings
            .sort_by_key(|finding| (finding.severity, finding.position));
    }

    fn unavailable(&mut self, error: Code, failure: String, facts: &Facts) {
        self.error = Some(error);
        self.failure = Some(failure);
        if let Some(told) = diagnose(error, b"", None::<&KeySet>, facts) {
            self.causes = told.causes;
            self.next = told.suggestions;
        }
    }
}

impl Finding {
    /// `None` for a rule that does not exist; a test sees to that.
    fn new(
        rule: &str,
        key: Option<(usize, Option<&str>)>,
        text: impl Into<String>,
    ) -> Option<Self> {
        let rule = lint_rules().iter().find(|known| known.id() == rule)?;
        let (position, kid) = key.unzip();
        Some(Self {
            severity: rule.severity(),
            rule,
            position,
            kid: kid.flatten().map(text::shown),
            text: text.into(),
        })
    }
}

/// Looks at a document that is already here, as if it were published.
///
/// ```
/// use jwtverify_jwks::{Severity, lint_document};
///
/// let lint = lint_document(br#"{"keys":[{"kty":"oct","kid":"a","k":"c2VjcmV0"}]}"#);
/// let secret = lint.findings.iter().find(|finding| finding.rule.id() == "symmetric-key");
/// assert_eq!(secret.unwrap().severity, Severity::Error);
/// ```
pub fn lint_document(document: &[u8]) -> Lint {
    let mut lint = Lint::default();
    read(&Response::new(200, document), None, &mut lint);
    lint.sort();
    lint
}

/// Fetches a document once and looks at it; if it is a discovery document, also at the key set
/// that it leads to. `fetch` is the transport, [`HttpFetch`] if there is none.
///
/// ```no_run
/// use std::time::Duration;
///
/// let url = "https://issuer.example/.well-known/openid-configuration";
/// let lint = jwtverify_jwks::lint_url(url, Duration::from_secs(5), None);
/// for finding in &lint.findings {
///     println!("{}: {finding}", finding.severity);
/// }
/// ```
pub fn lint_url(url: &str, timeout: Duration, fetch: Option<Arc<dyn Fetch>>) -> Lint {
    let fetch = fetch.unwrap_or_else(|| Arc::new(HttpFetch::new()));
    let mut lint = Lint::default();
    let parsed = match SourceUrl::parse(url) {
        Ok(parsed) => parsed,
        Err(problem) => {
            // A refused URL is not repeated: it may hold a password.
            lint.unavailable(
                Code::MisuseUrl,
                problem.as_str().to_owned(),
                &Facts::default(),
            );
            return lint;
        }
    };
    let found = get(&parsed, timeout, &*fetch, &mut lint);
    if let Some(keys) = found {
        let mut set = Lint::default();
        get(&keys, timeout, &*fetch, &mut set);
        if set.kind == DocumentKind::Discovery {
            set.find("no-keys", "jwks_uri leads to a discovery document");
        }
        lint.key_set = Some(Box::new(set));
    }
    lint
}

/// Fetches and reads one document. Gives the key set that a discovery document names.
fn get(
    url: &SourceUrl,
    timeout: Duration,
    fetch: &dyn Fetch,
    lint: &mut Lint,
) -> Option<SourceUrl> {
    lint.url = Some(url.shown());
    let mut request = Request::new(url.as_str());
    request.timeout = timeout;
    request.connect_timeout = request.connect_timeout.min(timeout);
    let facts = |failure| Facts {
        url: Some(url.shown()),
        failure: Some(failure),
        ..Facts::default()
    };
    let answer = call(fetch, &request).map_err(Failure::from);
    let accepted = answer.and_then(|answer| {
        accept(&answer, limits::MAX_KEY_SET_BYTES)?;
        Ok(answer)
    });
    let found = match accepted {
        Ok(answer) => read(&answer, Some(url), lint),
        Err(failure) => {
            let (error, detail) = (failure.error, failure.detail.clone());
            lint.unavailable(error, detail, &facts(failure));
            None
        }
    };
    lint.sort();
    found
}

fn read(response: &Response, url: Option<&SourceUrl>, lint: &mut Lint) -> Option<SourceUrl> {
    let document = match json::object(&response.body) {
        Ok(document) => document,
        Err(error) => {
            let looks = looks_like(response).unwrap_or_default();
            lint.find(
                "not-json",
                format!("the document is not one strict JSON object: {error}{looks}"),
            );
            return None;
        }
    };
    let keys = match document.member("keys") {
        Some(Value::Array(keys)) => Some(keys.elements().collect()),
        None if document.member("kty").is_some() => Some(vec![Value::Object(document)]),
        _ => None,
    };
    if let Some(keys) = keys {
        lint.kind = DocumentKind::KeySet;
        keys::look_at(&response.body, &keys, lint);
        return None;
    }
    if document.member("issuer").is_some() || document.member("jwks_uri").is_some() {
        lint.kind = DocumentKind::Discovery;
        return discovery::look_at(document, url, lint);
    }
    let looks = looks_like(response).unwrap_or_default();
    lint.find("no-keys", format!("the document has no keys array{looks}"));
    None
}

#[cfg(test)]
mod tests;
