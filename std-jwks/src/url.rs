//! Which URLs may be fetched: https, or http to this machine alone.

use std::fmt;

use url::{Host, Url};

use crate::text;

/// Longest URL, in octets. Beyond it servers give up as well.
pub(crate) const MAX_URL_BYTES: usize = 2048;

/// A URL that passed the rules of this module.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SourceUrl {
    url: Url,
}

impl SourceUrl {
    /// Reads a URL from configuration.
    ///
    /// It must be absolute, `https` (or `http` where the host is loopback), without user name,
    /// password and fragment. Spaces, control characters and backslashes are refused rather than
    /// repaired: two programs that repair differently fetch from two places.
    pub(crate) fn parse(text: &str) -> Result<Self, UrlProblem> {
        if text.len() > MAX_URL_BYTES {
            return Err(UrlProblem::TooLong);
        }
        if text
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
        {
            return Err(UrlProblem::Characters);
        }
        let url = Url::parse(text).map_err(|_| UrlProblem::Syntax)?;
        // The parser takes `https:host` and `https:///host` for `https://host`.
        if url.has_host() && !has_plain_authority(text, url.scheme()) {
            return Err(UrlProblem::Syntax);
        }
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(UrlProblem::PlainHttp),
            _ => return Err(UrlProblem::Scheme),
        }
        if url.host().is_none() {
            return Err(UrlProblem::Syntax);
        }
        // `https://@host` has an empty user name, which the parsed form no longer shows.
        let authority = text.split(['/', '?', '#']).nth(2).unwrap_or_default();
        if !url.username().is_empty() || url.password().is_some() || authority.contains('@') {
            return Err(UrlProblem::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(UrlProblem::Fragment);
        }
        Ok(Self { url })
    }

    /// The URL to fetch, in its normal form.
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Whether the host is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The host, if it is an address and no name.
    #[cfg(feature = "async")]
    pub(crate) fn address(&self) -> Option<std::net::IpAddr> {
        match self.url.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    /// The host as resolvers take it, and the port.
    pub(crate) fn host_and_port(&self) -> Option<(String, u16)> {
        let host = match self.url.host()? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        Some((host, self.url.port_or_known_default()?))
    }

    pub(crate) fn has_query(&self) -> bool {
        self.url.query().is_some()
    }

    /// The URL without its query, which may hold a secret: for people and logs.
    pub(crate) fn shown(&self) -> String {
        let mut bare = self.url.clone();
        bare.set_query(None);
        let query = if self.has_query() { "?…" } else { "" };
        format!("{}{query}", text::detail(bare.as_str()))
    }
}

impl fmt::Debug for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceUrl({})", self.shown())
    }
}

/// Why a URL is refused. The text never repeats the URL, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlProblem {
    Characters,
    Fragment,
    PlainHttp,
    Query,
    Scheme,
    Syntax,
    TooLong,
    UserInfo,
}

impl UrlProblem {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Characters => "the URL has a space, a control character or a backslash",
            Self::Fragment => "the URL has a fragment (#...), which is never sent to a server",
            Self::PlainHttp => {
                "the URL must begin with https:// (http:// only for localhost, 127.0.0.0/8 and \
                 [::1]): whoever is on the path could replace the keys"
            }
            Self::Query => "an issuer has no query (OpenID Connect Discovery 1.0 section 2)",
            Self::Scheme => "the URL must begin with https://",
            Self::Syntax => "this is not an absolute URL such as https://issuer.example/jwks.json",
            Self::TooLong => "the URL is longer than 2048 octets",
            Self::UserInfo => "the URL holds a user name or password, which would end up in logs",
        }
    }
}

/// Whether exactly two slashes follow the scheme.
fn has_plain_authority(text: &str, scheme: &str) -> bool {
    text.split_once("://").is_some_and(|(before, after)| {
        before.eq_ignore_ascii_case(scheme) && !after.starts_with('/')
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t12_only_https_and_loopback_http_are_fetched() {
        use UrlProblem::*;
        for (text, wanted) in [
            (
                "https://issuer.example/jwks.json",
                Ok("https://issuer.example/jwks.json"),
            ),
            (
                "HTTPS://Issuer.Example/a?b=c",
                Ok("https://issuer.example/a?b=c"),
            ),
            ("http://127.0.0.1:8080/k", Ok("http://127.0.0.1:8080/k")),
            ("http://127.9.9.9/k", Ok("http://127.9.9.9/k")),
            ("http://[::1]:80/k", Ok("http://[::1]/k")),
            ("http://LOCALHOST/k", Ok("http://localhost/k")),
            ("http://issuer.example/k", Err(PlainHttp)),
            ("http://localhost.attacker.example/k", Err(PlainHttp)),
            ("http://127.0.0.1.attacker.example/k", Err(PlainHttp)),
            ("http://128.0.0.1/k", Err(PlainHttp)),
            ("http://0.0.0.0/k", Err(PlainHttp)),
            ("http://169.254.169.254/latest", Err(PlainHttp)),
            ("http://[::ffff:169.254.169.254]/k", Err(PlainHttp)),
            ("file:///etc/passwd", Err(Scheme)),
            ("data:application/json,{}", Err(Scheme)),
            ("ftp://issuer.example/k", Err(Scheme)),
            ("//issuer.example/k", Err(Syntax)),
            ("issuer.example/k", Err(Syntax)),
            ("/etc/jwks.json", Err(Syntax)),
            ("", Err(Syntax)),
            ("https://", Err(Syntax)),
            ("https://user@issuer.example/k", Err(UserInfo)),
            ("https://user:secret@issuer.example/k", Err(UserInfo)),
            ("https://:secret@issuer.example/k", Err(UserInfo)),
            ("https://@issuer.example/k", Err(UserInfo)),
            ("https://issuer.example/k#frag", Err(Fragment)),
            ("https://issuer.example/k#", Err(Fragment)),
            (" https://issuer.example/k", Err(Characters)),
            ("https://issuer.example/\tk", Err(Characters)),
            (
                "https://issuer.example\\@attacker.example/",
                Err(Characters),
            ),
            ("https://issuer.example/k\0", Err(Characters)),
        ] {
            let parsed = SourceUrl::parse(text);
            let parsed = parsed
                .as_ref()
                .map(SourceUrl::as_str)
                .map_err(|problem| *problem);
            assert_eq!(parsed, wanted, "{text:?}");
        }
        let long = format!("https://issuer.example/{}", "a".repeat(MAX_URL_BYTES));
        assert_eq!(SourceUrl::parse(&long), Err(TooLong));
    }

    #[test]
    fn a_query_is_sent_but_not_shown() {
        let url = SourceUrl::parse("https://issuer.example/jwks?code=s3cret").unwrap();
        assert_eq!(url.as_str(), "https://issuer.example/jwks?code=s3cret");
        assert_eq!(url.shown(), "https://issuer.example/jwks?…");
        assert!(!format!("{url:?}").contains("s3cret"));
    }
}
