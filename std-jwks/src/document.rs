//! From an answer to a key set, or to the reason why there is none.

use std::time::Duration;

use jwtverify_core::{Error as Code, KeySet, KeySetOptions, Provider};

use crate::fetch::{FetchError, Response};
use crate::text;

/// Skipped keys that are named in the reason of a failed fetch.
const NAMED_SKIPS: usize = 5;

/// Why a fetch brought no usable document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: Code,
    /// What happened, in words: safe to show.
    pub(crate) detail: String,
    /// What the issuer asked for.
    pub(crate) retry_after: Option<Duration>,
    /// The document is gone from where it was (404, 410).
    pub(crate) gone: bool,
    /// Why the document is no key set, where one came.
    pub(crate) document: Option<Code>,
    /// It may be chance: the same request may succeed a moment later.
    pub(crate) transient: bool,
}

impl Failure {
    pub(crate) fn new(error: Code, detail: impl Into<String>) -> Self {
        Self {
            error,
            detail: detail.into(),
            retry_after: None,
            gone: false,
            document: None,
            transient: false,
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self {
            transient: matches!(error, FetchError::Connect(_)),
            ..Self::new(error.error(), error.to_string())
        }
    }
}

/// The limits of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) max_bytes: usize,
    pub(crate) max_keys: usize,
}

/// Status and size: what must hold before anyone looks at a body.
pub(crate) fn accept(response: &Response, max_bytes: usize) -> Result<(), Failure> {
    match response.status {
        200 => {}
        304 => {
            let detail = "HTTP 304 to a question that had no condition";
            return Err(Failure::new(Code::UnavailableStatus, detail));
        }
        300..=399 => {
            let target = response.header("location").map(redirect_target);
            let target = target
                .map(|target| format!(" to {target}"))
                .unwrap_or_default();
            let detail = format!("HTTP {}: a redirect{target}, not followed", response.status);
            return Err(Failure::new(Code::UnavailableRedirect, detail));
        }
        status => {
            let detail = format!("HTTP {status}");
            let retry_after = response.retry_after();
            return Err(Failure {
                gone: matches!(status, 404 | 410),
                // Who says when to come back is not asked before.
                transient: matches!(status, 408 | 429 | 500..=599) && retry_after.is_none(),
                retry_after,
                ..Failure::new(Code::UnavailableStatus, detail)
            });
        }
    }
    if response.body.len() > max_bytes {
        let detail = format!("the answer is longer than {max_bytes} octets");
        return Err(Failure::new(Code::UnavailableTooLarge, detail));
    }
    Ok(())
}

/// The key set of an answer. Symmetric keys and keys that came with their private part are left
/// out, with the reason kept; without one usable key it is a failure.
pub(crate) fn key_set<P: Provider>(
    response: &Response,
    limits: Limits,
) -> Result<KeySet<P>, Failure> {
    accept(response, limits.max_bytes)?;
    let options = KeySetOptions::new()
        .fetched(true)
        .max_bytes(limits.max_bytes)
        .max_keys(limits.max_keys);
    options.read(&response.body).map_err(|refused| {
        let mut detail = refused.error.to_string();
        if let Some(looks) = looks_like(response) {
            detail.push_str(looks);
        }
        for skipped in refused.skipped.iter().take(NAMED_SKIPS) {
            detail.push_str("; ");
            detail.push_str(&text::skipped(skipped));
        }
        if let Some(more @ 1..) = refused.skipped.len().checked_sub(NAMED_SKIPS) {
            detail.push_str(&format!("; and {more} more"));
        }
        Failure {
            document: Some(refused.error),
            ..Failure::new(Code::UnavailableKeySet, detail)
        }
    })
}

/// What people put behind a key-set URL by mistake.
pub(crate) fn looks_like(response: &Response) -> Option<&'static str> {
    let body = response.body.trim_ascii_start();
    if body.is_empty() {
        Some(" (the body is empty)")
    } else if body.starts_with(b"<") {
        Some(" (it looks like an HTML or XML page)")
    } else if body.starts_with(b"-----BEGIN") {
        Some(" (it looks like a PEM key, not a key set)")
    } else if body.starts_with(b"\x1f\x8b") {
        Some(" (it is compressed with gzip)")
    } else if body.starts_with(b"\xef\xbb\xbf") {
        Some(" (it begins with a byte-order mark)")
    } else if contains(body, b"\"jwks_uri\"") {
        Some(" (it looks like a discovery document: use discovery, or its jwks_uri)")
    } else {
        None
    }
}

/// Where a redirect points to, without its query.
fn redirect_target(location: &str) -> String {
    let bare = location.split(['?', '#']).next().unwrap_or_default();
    // User info may hold a password.
    match bare.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit('@').next().unwrap_or_default();
            text::detail(&format!("{scheme}://{host}/{path}"))
        }
        None => text::detail(bare),
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::KeySet;

    fn key_set(response: &Response, limits: Limits) -> Result<KeySet, Failure> {
        super::key_set(response, limits)
    }

    const LIMITS: Limits = Limits {
        max_bytes: 4096,
        max_keys: 3,
    };
    const GOOD: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    #[test]
    fn t4_only_a_200_with_a_usable_key_is_a_key_set() {
        let many = format!(
            r#"{{"keys":[{}]}}"#,
            [r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
                4]
                .join(",")
        );
        let long = " ".repeat(5000);
        for (status, body, wanted) in [
            (200, GOOD, None),
            (201, GOOD, Some((Code::UnavailableStatus, "HTTP 201"))),
            (204, "", Some((Code::UnavailableStatus, "HTTP 204"))),
            (206, GOOD, Some((Code::UnavailableStatus, "HTTP 206"))),
            (302, GOOD, Some((Code::UnavailableRedirect, "redirect"))),
            (304, "", Some((Code::UnavailableStatus, "no condition"))),
            (404, GOOD, Some((Code::UnavailableStatus, "HTTP 404"))),
            (500, GOOD, Some((Code::UnavailableStatus, "HTTP 500"))),
            (200, "", Some((Code::UnavailableKeySet, "empty"))),
            (
                200,
                "<html>sign in</html>",
                Some((Code::UnavailableKeySet, "HTML")),
            ),
            (200, "{}", Some((Code::UnavailableKeySet, "no keys array"))),
            (
                200,
                r#"{"keys":[]}"#,
                Some((Code::UnavailableKeySet, "no usable key")),
            ),
            (200, r#"{"keys":{}}"#, Some((Code::UnavailableKeySet, ""))),
            (200, "[1,2]", Some((Code::UnavailableKeySet, ""))),
            (
                200,
                &GOOD[..GOOD.len() - 2],
                Some((Code::UnavailableKeySet, "strict JSON")),
            ),
            (
                200,
                r#"{"issuer":"x","jwks_uri":"y"}"#,
                Some((Code::UnavailableKeySet, "discovery")),
            ),
            (
                200,
                "-----BEGIN PUBLIC KEY-----",
                Some((Code::UnavailableKeySet, "PEM")),
            ),
            (200, &many, Some((Code::UnavailableKeySet, "more keys"))),
            (200, &long, Some((Code::UnavailableTooLarge, "4096"))),
        ] {
            let read = key_set(&Response::new(status, body), LIMITS);
            match (read, wanted) {
                (Ok(keys), None) => assert_eq!(keys.len(), 1),
                (Err(failure), Some((error, word))) => {
                    assert_eq!(failure.error, error, "{status} {body:.40}");
                    assert!(failure.detail.contains(word), "{word}: {}", failure.detail);
                }
                (got, wanted) => panic!("{status} {body:.40}: {got:?}, wanted {wanted:?}"),
            }
        }
    }

    #[test]
    fn what_may_be_chance_is_told_from_what_will_not_change() {
        for (status, retry_after, wanted) in [
            (408, None, true),
            (429, None, true),
            (429, Some("1"), false),
            (500, None, true),
            (503, None, true),
            (503, Some("1"), false),
            (599, None, true),
            (304, None, false),
            (302, None, false),
            (401, None, false),
            (404, None, false),
            (600, None, false),
        ] {
            let mut response = Response::new(status, "");
            response.headers.extend(
                retry_after.map(|value: &str| ("Retry-After".to_owned(), value.to_owned())),
            );
            let failure = accept(&response, 10).unwrap_err();
            assert_eq!(failure.transient, wanted, "{status} {retry_after:?}");
        }
        for (error, wanted) in [
            (FetchError::Connect(String::new()), true),
            (FetchError::Tls(String::new()), false),
            (FetchError::Timeout, false),
            (FetchError::TooLarge, false),
            (FetchError::Body(String::new()), false),
        ] {
            assert_eq!(Failure::from(error).transient, wanted);
        }
    }

    #[test]
    fn t14_symmetric_and_private_keys_are_refused_from_the_network() {
        for (member, word) in [
            (
                r#"{"kty":"oct","kid":"s","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}"#,
                "symmetric",
            ),
            (
                r#"{"kty":"OKP","crv":"Ed25519","kid":"p","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#,
                "private",
            ),
        ] {
            let alone = Response::new(200, format!(r#"{{"keys":[{member}]}}"#));
            let failure = key_set(&alone, LIMITS).unwrap_err();
            assert_eq!(failure.error, Code::UnavailableKeySet);
            assert!(failure.detail.contains(word), "{}", failure.detail);
            assert!(!failure.detail.contains("c2VjcmV0"), "the secret is shown");

            // Beside a good key they are left out.
            let beside = GOOD.replace("[{", &format!("[{member},{{"));
            let keys = key_set(&Response::new(200, beside), LIMITS).unwrap();
            assert_eq!((keys.len(), keys.skipped().len()), (1, 1));
        }
    }

    #[test]
    fn redirect_targets_are_shown_without_query_and_password() {
        for (location, wanted) in [
            ("https://a.example/x?token=1", "https://a.example/x"),
            ("https://user:pw@a.example/x", "https://a.example/x"),
            ("file:///etc/passwd", "file:///etc/passwd"),
            ("/login?next=1", "/login"),
        ] {
            let response = Response::new(302, "").with_header("location", location);
            let failure = accept(&response, 10).unwrap_err();
            assert!(failure.detail.contains(wanted), "{}", failure.detail);
            for leak in ["token", "pw", "next"] {
                assert!(!failure.detail.contains(leak), "{}", failure.detail);
            }
        }
    }
}
