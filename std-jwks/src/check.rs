//! A look at a key-set endpoint for a person: is it reachable, what is in it, what is wrong.

mod reach;
mod report;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::json::{self, Object, Value};
use jwtverify_core::{Error as Code, KeySetError, KeySetOptions, limits};

use crate::carrier::call;
use crate::closest::closest;
use crate::diagnosis::{Facts, diagnose};
use crate::document::{Failure, accept, looks_like};
use crate::engine::{Freshness, Timing};
use crate::fetch::{Fetch, FetchError, Request, Response};
use crate::http::HttpFetch;
use crate::provider::KeySet;
use crate::text;
use crate::url::SourceUrl;

pub use reach::Reached;
pub use report::{Check, CheckedKey, Problem};

/// Fetches a key-set document once and reports what there is to see, without any cache.
///
/// `kid` is one that should be there. For a timeout, a private certificate authority or a document
/// in memory see [`CheckOptions`].
///
/// ```no_run
/// let report = jwtverify_jwks::check("https://issuer.example/jwks.json", Some("key-1"));
/// for problem in &report.errors {
///     eprintln!("{problem}");
/// }
/// ```
pub fn check(url: &str, kid: Option<&str>) -> Check {
    let options = CheckOptions::new();
    match kid {
        Some(kid) => options.kid(kid),
        None => options,
    }
    .run(url)
}

/// How to [`check()`].
#[derive(Clone)]
#[must_use]
pub struct CheckOptions {
    kid: Option<String>,
    connect_timeout: Duration,
    timeout: Duration,
    fetch: Option<Arc<dyn Fetch>>,
    look_up: bool,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl CheckOptions {
    /// Without an expected `kid`, with the default timeouts and transport.
    pub fn new() -> Self {
        Self {
            kid: None,
            connect_timeout: crate::builder::CONNECT_TIMEOUT,
            timeout: crate::builder::TIMEOUT,
            fetch: None,
            look_up: false,
        }
    }

    /// Where no connection could be made, says whether the name of the host has an address. That
    /// asks the resolver of this machine, which is of no use where a proxy resolves names: off,
    /// unless asked for.
    pub fn look_up_names(mut self, look_up: bool) -> Self {
        self.look_up = look_up;
        self
    }

    /// A `kid` that should be in the set.
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The longest time for everything; the time to connect is cut to it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self.connect_timeout = self.connect_timeout.min(timeout);
        self
    }

    /// A transport of your own, or an [`HttpFetch`] with your root certificates.
    pub fn fetch(mut self, fetch: Arc<dyn Fetch>) -> Self {
        self.fetch = Some(fetch);
        self
    }

    /// Fetches `url` and looks at the answer.
    pub fn run(&self, url: &str) -> Check {
        let mut check = Check::default();
        let url = match SourceUrl::parse(url) {
            Ok(url) => url,
            Err(problem) => {
                // A refused URL is not repeated: it may hold a password.
                check.fail(Code::MisuseUrl, Problem::Url(problem.as_str().to_owned()));
                return check;
            }
        };
        check.url = Some(url.shown());
        let mut request = Request::new(url.as_str());
        request.timeout = self.timeout;
        request.connect_timeout = self.connect_timeout;
        let fetched = match &self.fetch {
            Some(fetch) => call(&**fetch, &request),
            None => call(&HttpFetch::new(), &request),
        };
        let mut facts = Facts {
            kid: self.kid.clone(),
            url: check.url.clone(),
            ..Facts::default()
        };
        let mut keys = None;
        match fetched {
            Ok(response) => match self.look_at(&response, &mut check) {
                Ok(set) => keys = set,
                Err(failure) => facts.failure = Some(failure),
            },
            Err(error) => {
                if self.look_up && matches!(error, FetchError::Connect(_) | FetchError::Timeout) {
                    check.addresses = reach::addresses(&url, self.timeout);
                }
                check.reached = Reached::before(&error, !check.addresses.is_empty());
                check.reachable = check.reached == Reached::Answer;
                facts.failure = Some(error.clone().into());
                check.fail(error.error(), Problem::from(error));
            }
        }
        conclude(&mut check, keys.as_ref(), &facts);
        check
    }

    /// Looks at a document that is already here: a file, a test. It is read by the rules for
    /// fetched documents, where private and symmetric keys are left out.
    pub fn run_document(&self, document: &[u8]) -> Check {
        let mut check = Check {
            bytes: Some(document.len()),
            ..Check::default()
        };
        let keys = self.read(&Response::new(200, document), &mut check);
        let facts = Facts {
            kid: self.kid.clone(),
            ..Facts::default()
        };
        conclude(&mut check, keys.as_ref(), &facts);
        check
    }

    fn look_at(&self, response: &Response, check: &mut Check) -> Result<Option<KeySet>, Failure> {
        check.reachable = true;
        check.reached = Reached::Answer;
        check.status = Some(response.status);
        let field = |name| response.header(name).map(text::detail);
        check.content_type = field("content-type");
        check.cache_control = field("cache-control");
        check.etag = field("etag");
        let freshness =
            Freshness::from_headers(response.header("cache-control"), response.header("age"));
        if let Err(failure) = accept(response, limits::MAX_KEY_SET_BYTES) {
            check.fail(
                failure.error,
                match failure.error {
                    Code::UnavailableTooLarge => Problem::TooLarge,
                    Code::UnavailableRedirect => Problem::Redirect(failure.detail.clone()),
                    _ => Problem::Status(response.status),
                },
            );
            return Err(failure);
        }
        check.ttl = Some(freshness.ttl(&Timing::default()));
        check.bytes = Some(response.body.len());
        let json = |kind: &str| kind.to_ascii_lowercase().contains("json");
        if !check.content_type.as_deref().is_some_and(json) {
            check
                .warnings
                .push("the Content-Type does not say JSON".to_owned());
        }
        Ok(self.read(response, check))
    }

    fn read(&self, response: &Response, check: &mut Check) -> Option<KeySet> {
        let members = match json::object(&response.body) {
            Ok(object) => members(object),
            Err(error) => {
                let looks = looks_like(response).unwrap_or_default();
                let why = format!("{error}{looks}");
                check.fail(Code::KeySetJson(error), Problem::NotJson(why));
                return None;
            }
        };
        let Some(members) = members else {
            let looks = looks_like(response).unwrap_or_default();
            check.fail(Code::KeySetShape, Problem::NoKeysArray(looks.to_owned()));
            return None;
        };
        let read: Result<KeySet, KeySetError> =
            KeySetOptions::new().fetched(true).read(&response.body);
        check.keys = members
            .iter()
            .take(limits::MAX_KEYS)
            .map(|member| CheckedKey::of(*member))
            .collect();
        let skipped = match &read {
            Ok(set) => set.skipped(),
            Err(refused) => &refused.skipped,
        };
        for skip in skipped {
            if let Some(key) = check.keys.get_mut(skip.position) {
                key.refused = Some(skip.reason);
            }
        }
        let set = match read {
            Ok(set) => {
                check.usable = set.len();
                check.warnings.extend(
                    set.warnings()
                        .iter()
                        .map(|warning| text::detail(&warning.to_string())),
                );
                Some(set)
            }
            Err(refused) => {
                check.fail(refused.error, Problem::NoUsableKeys(refused.error));
                None
            }
        };
        check.warn_about_members();
        self.look_for_kid(check);
        set
    }

    fn look_for_kid(&self, check: &mut Check) {
        let Some(kid) = &self.kid else {
            return;
        };
        let found = check
            .keys
            .iter()
            .find(|key| key.kid.as_deref() == Some(kid));
        check.kid_found = Some(found.is_some());
        match found.map(|key| key.refused) {
            Some(None) => {}
            Some(Some(reason)) => {
                let kid = text::shown(kid);
                check.fail(Code::KeyNotFound, Problem::KidUnusable { kid, reason });
            }
            None => {
                let available = check
                    .keys
                    .iter()
                    .map(|key| key.kid.as_deref().map(text::shown));
                let kids = check.keys.iter().filter_map(|key| key.kid.as_deref());
                let problem = Problem::KidNotFound {
                    kid: text::shown(kid),
                    available: available.collect(),
                    closest: closest(kid, kids).map(text::shown),
                };
                check.fail(Code::KeyNotFound, problem);
            }
        }
    }
}

/// What caused it and what to do, from the table that errors take it from.
fn conclude(check: &mut Check, keys: Option<&KeySet>, facts: &Facts) {
    let told = check
        .error
        .and_then(|error| diagnose(error, b"", keys, facts));
    if let Some(told) = told {
        check.causes = told.causes;
        check.next = told.suggestions;
    }
    check.advise_on_rotation();
}

impl fmt::Debug for CheckOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckOptions")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The members of the `keys` array, or the document itself if it is one bare JWK.
fn members(object: Object<'_>) -> Option<Vec<Value<'_>>> {
    match object.member("keys") {
        Some(Value::Array(keys)) => Some(keys.elements().collect()),
        None if object.member("kty").is_some() => Some(vec![Value::Object(object)]),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
