//! From an issuer to the URL of its keys: OpenID Connect Discovery 1.0 and RFC 8414.

use jwtverify_core::Error as Code;
use jwtverify_core::json::{self, Value};

use crate::document::{Failure, accept, looks_like};
use crate::fetch::Response;
use crate::text;
use crate::url::{SourceUrl, UrlProblem};

/// Which document of an issuer names its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metadata {
    /// That of an OpenID provider.
    OpenId,
    /// That of an OAuth 2.0 authorization server.
    AuthorizationServer,
}

/// Where the document of an issuer is.
///
/// OpenID Connect Discovery 1.0 section 4 puts the well-known path after the issuer, RFC 8414
/// section 3.1 between its host and its path. Both take away the slash that the issuer may end with.
pub(crate) fn document_url(issuer: &str, metadata: Metadata) -> Result<SourceUrl, UrlProblem> {
    let parsed = SourceUrl::parse(issuer)?;
    if parsed.has_query() {
        return Err(UrlProblem::Query);
    }
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let url = match metadata {
        Metadata::OpenId => format!("{base}/.well-known/openid-configuration"),
        Metadata::AuthorizationServer => {
            let (scheme, rest) = base.split_once("://").ok_or(UrlProblem::Syntax)?;
            let (host, path) = match rest.split_once('/') {
                Some((host, path)) => (host, format!("/{path}")),
                None => (rest, String::new()),
            };
            format!("{scheme}://{host}/.well-known/oauth-authorization-server{path}")
        }
    };
    SourceUrl::parse(&url)
}

/// Reads `jwks_uri` from a discovery document.
///
/// The document's `issuer` must be the configured one, byte for byte (section 4.3): otherwise any
/// tenant of a shared host could answer for any other. A loopback `jwks_uri` is taken from a
/// loopback issuer only: a document from the internet must not direct requests to this machine.
pub(crate) fn jwks_uri(
    response: &Response,
    issuer: &str,
    document: &SourceUrl,
    max_bytes: usize,
) -> Result<SourceUrl, Failure> {
    let mut refused = accept(response, max_bytes);
    if let Err(failure) = &mut refused {
        failure.detail.insert_str(0, "discovery document: ");
    }
    refused?;
    let unusable = |why: &str| Failure::new(Code::UnavailableDiscovery, why);
    let object = json::object(&response.body).map_err(|error| {
        let looks = looks_like(response).unwrap_or_default();
        unusable(&format!(
            "the discovery document is not one strict JSON object: {error}{looks}"
        ))
    })?;
    let mut named = None;
    let mut keys = None;
    for (name, value) in object.members() {
        if name == "issuer" {
            named = Some(value);
        } else if name == "jwks_uri" {
            keys = Some(value);
        }
    }
    match named {
        Some(Value::String(named)) if named == issuer => {}
        Some(Value::String(named)) => {
            let detail = format!(
                "the discovery document is for the issuer {:?}, not for {:?}: they must be equal \
                 to the last character",
                text::detail(&named.to_cow()),
                text::detail(issuer),
            );
            return Err(Failure::new(Code::UnavailableIssuer, detail));
        }
        _ => {
            return Err(unusable(
                "the discovery document has no issuer that is a string",
            ));
        }
    }
    let Some(Value::String(uri)) = keys else {
        return Err(unusable(
            "the discovery document has no jwks_uri that is a string",
        ));
    };
    let uri = SourceUrl::parse(&uri.to_cow())
        .map_err(|problem| unusable(&format!("jwks_uri: {}", problem.as_str())))?;
    if uri.is_loopback() && !document.is_loopback() {
        return Err(unusable(
            "jwks_uri points to this machine, and the issuer is elsewhere",
        ));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_path_follows_the_issuer() {
        for (issuer, wanted) in [
            (
                "https://a.example",
                Ok("https://a.example/.well-known/openid-configuration"),
            ),
            (
                "https://a.example/",
                Ok("https://a.example/.well-known/openid-configuration"),
            ),
            (
                "https://a.example/t/1",
                Ok("https://a.example/t/1/.well-known/openid-configuration"),
            ),
            (
                "https://a.example/t/",
                Ok("https://a.example/t/.well-known/openid-configuration"),
            ),
            ("https://a.example?x=1", Err(UrlProblem::Query)),
            ("https://a.example?", Err(UrlProblem::Query)),
            ("https://a.example#x", Err(UrlProblem::Fragment)),
            ("http://a.example", Err(UrlProblem::PlainHttp)),
            ("a.example", Err(UrlProblem::Syntax)),
        ] {
            let url = document_url(issuer, Metadata::OpenId);
            assert_eq!(
                url.as_ref().map(SourceUrl::as_str).map_err(|p| *p),
                wanted,
                "{issuer}"
            );
        }
    }

    #[test]
    fn rfc8414_the_well_known_path_stands_between_host_and_path() {
        for (issuer, wanted) in [
            (
                "https://a.example",
                Ok("https://a.example/.well-known/oauth-authorization-server"),
            ),
            (
                "https://a.example/",
                Ok("https://a.example/.well-known/oauth-authorization-server"),
            ),
            (
                "https://a.example:8443/t/1",
                Ok("https://a.example:8443/.well-known/oauth-authorization-server/t/1"),
            ),
            (
                "https://a.example/t/",
                Ok("https://a.example/.well-known/oauth-authorization-server/t"),
            ),
            (
                "http://[::1]:80/t",
                Ok("http://[::1]/.well-known/oauth-authorization-server/t"),
            ),
            ("https://a.example/t?x=1", Err(UrlProblem::Query)),
            ("http://a.example/t", Err(UrlProblem::PlainHttp)),
            ("a.example/t", Err(UrlProblem::Syntax)),
        ] {
            let url = document_url(issuer, Metadata::AuthorizationServer);
            let url = url.as_ref().map(SourceUrl::as_str).map_err(|p| *p);
            assert_eq!(url, wanted, "{issuer}");
        }
    }

    #[test]
    fn issuer_and_jwks_uri_are_checked() {
        const ISSUER: &str = "https://a.example/";
        let good = r#"{"issuer":"https://a.example/","jwks_uri":"https://keys.example/k"}"#;
        let cases: &[(&str, Result<&str, Code>)] = &[
            (good, Ok("https://keys.example/k")),
            // Escapes are undone before the comparison.
            (
                r#"{"issuer":"https:\/\/a.example\u002f","jwks_uri":"https:\/\/keys.example/k"}"#,
                Ok("https://keys.example/k"),
            ),
            (
                r#"{"issuer":"https://a.example","jwks_uri":"https://keys.example/k"}"#,
                Err(Code::UnavailableIssuer),
            ),
            (
                r#"{"issuer":"https://A.example/","jwks_uri":"https://keys.example/k"}"#,
                Err(Code::UnavailableIssuer),
            ),
            (
                r#"{"issuer":["https://a.example/"],"jwks_uri":"https://keys.example/k"}"#,
                Err(Code::UnavailableDiscovery),
            ),
            (
                r#"{"jwks_uri":"https://keys.example/k"}"#,
                Err(Code::UnavailableDiscovery),
            ),
            (
                r#"{"issuer":"https://a.example/"}"#,
                Err(Code::UnavailableDiscovery),
            ),
            (
                r#"{"issuer":"https://a.example/","jwks_uri":null}"#,
                Err(Code::UnavailableDiscovery),
            ),
            (
                r#"{"issuer":"https://a.example/","jwks_uri":"http://keys.example/k"}"#,
                Err(Code::UnavailableDiscovery),
            ),
            (
                r#"{"issuer":"https://a.example/","jwks_uri":"file:///etc/passwd"}"#,
                Err(Code::UnavailableDiscovery),
            ),
            (
                r#"{"issuer":"https://a.example/","jwks_uri":"http://127.0.0.1/admin"}"#,
                Err(Code::UnavailableDiscovery),
            ),
            (
                r#"{"issuer":"https://a.example/","jwks_uri":"https://localhost/admin"}"#,
                Err(Code::UnavailableDiscovery),
            ),
            // Which of two is meant would be a guess.
            (
                r#"{"issuer":"https://b.example/","issuer":"https://a.example/","jwks_uri":"https://keys.example/k"}"#,
                Err(Code::UnavailableDiscovery),
            ),
            ("<html>", Err(Code::UnavailableDiscovery)),
            ("", Err(Code::UnavailableDiscovery)),
            ("[]", Err(Code::UnavailableDiscovery)),
        ];
        let document = document_url(ISSUER, Metadata::OpenId).unwrap();
        for (body, wanted) in cases {
            let read = jwks_uri(&Response::new(200, *body), ISSUER, &document, 4096);
            let read = read
                .as_ref()
                .map(SourceUrl::as_str)
                .map_err(|failure| failure.error);
            assert_eq!(read, *wanted, "{body}");
        }
        for (status, wanted) in [
            (302, Code::UnavailableRedirect),
            (404, Code::UnavailableStatus),
        ] {
            let failure =
                jwks_uri(&Response::new(status, good), ISSUER, &document, 4096).unwrap_err();
            assert_eq!(failure.error, wanted);
        }
        let long = jwks_uri(&Response::new(200, good), ISSUER, &document, 10).unwrap_err();
        assert_eq!(long.error, Code::UnavailableTooLarge);
    }

    #[test]
    fn a_loopback_issuer_may_keep_its_keys_on_this_machine() {
        let issuer = "http://127.0.0.1:8080";
        let body = format!(r#"{{"issuer":"{issuer}","jwks_uri":"{issuer}/jwks"}}"#);
        let document = document_url(issuer, Metadata::OpenId).unwrap();
        let uri = jwks_uri(&Response::new(200, body), issuer, &document, 4096).unwrap();
        assert_eq!(uri.as_str(), "http://127.0.0.1:8080/jwks");
    }
}
