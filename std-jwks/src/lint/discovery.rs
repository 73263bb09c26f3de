//! What there is to say of a discovery document.

use jwtverify_core::Algorithm;
use jwtverify_core::json::{Object, Value};

use super::Lint;
use crate::discovery::{Metadata, document_url};
use crate::text;
use crate::url::SourceUrl;

/// Looks at the document, and gives the URL of the keys if they may be fetched. `url` is where the
/// document comes from, if it was fetched.
pub(super) fn look_at(
    document: Object<'_>,
    url: Option<&SourceUrl>,
    lint: &mut Lint,
) -> Option<SourceUrl> {
    let issuer = string(document, "issuer");
    match &issuer {
        None => lint.find("issuer-missing", "there is no issuer that is a string"),
        Some(issuer) => look_at_issuer(issuer, url, lint),
    }
    look_at_algorithms(document, lint);
    let Some(uri) = string(document, "jwks_uri") else {
        lint.find("jwks-uri-missing", "there is no jwks_uri that is a string");
        return None;
    };
    let uri = match SourceUrl::parse(&uri) {
        Ok(uri) => uri,
        Err(problem) => {
            lint.find("jwks-uri-url", format!("jwks_uri: {}", problem.as_str()));
            return None;
        }
    };
    let host = |url: &SourceUrl| url.host_and_port().map(|(host, _)| host);
    let of_issuer = issuer.and_then(|issuer| SourceUrl::parse(&issuer).ok());
    if of_issuer.is_some_and(|issuer| host(&issuer) != host(&uri)) {
        lint.find(
            "jwks-uri-host",
            format!(
                "jwks_uri is on another host than the issuer: {}",
                uri.shown()
            ),
        );
    }
    // A document from the internet must not direct requests to this machine.
    let allowed = url.is_some_and(|url| url.is_loopback() || !uri.is_loopback());
    allowed.then_some(uri)
}

fn look_at_issuer(issuer: &str, url: Option<&SourceUrl>, lint: &mut Lint) {
    if issuer.contains('{') {
        let text = format!("the issuer holds a placeholder: {}", text::detail(issuer));
        return lint.find("issuer-template", text);
    }
    let expected = match document_url(issuer, Metadata::OpenId) {
        Ok(expected) => expected,
        Err(problem) => {
            return lint.find("issuer-url", format!("issuer: {}", problem.as_str()));
        }
    };
    // RFC 8414 section 3 has another address for the same document.
    let Some(url) = url.filter(|url| url.as_str().contains("/.well-known/openid-configuration"))
    else {
        return;
    };
    if url.as_str() != expected.as_str() {
        let text = format!(
            "the document was fetched from {}, and its issuer's is at {}",
            url.shown(),
            expected.shown()
        );
        lint.find("issuer-elsewhere", text);
    }
}

fn look_at_algorithms(document: Object<'_>, lint: &mut Lint) {
    const LIST: &str = "id_token_signing_alg_values_supported";
    let Some(Value::Array(list)) = document.member(LIST) else {
        return;
    };
    let mut rs256 = false;
    let mut symmetric = false;
    for element in list.elements() {
        let Value::String(name) = element else {
            continue;
        };
        let name = name.to_cow();
        if name.eq_ignore_ascii_case("none") {
            lint.find("alg-none", format!("{LIST} names none"));
        }
        rs256 |= name == "RS256";
        symmetric |= Algorithm::from_name(&name).is_some_and(Algorithm::is_symmetric);
    }
    if symmetric {
        lint.find("symmetric-alg", format!("{LIST} names an HMAC algorithm"));
    }
    if !rs256 {
        lint.find("rs256-missing", format!("{LIST} does not name RS256"));
    }
}

fn string(object: Object<'_>, name: &str) -> Option<String> {
    match object.member(name)? {
        Value::String(text) => Some(text.to_cow().into_owned()),
        _ => None,
    }
}
