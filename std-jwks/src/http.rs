//! The transport that is used by default: blocking HTTP/1.1 over rustls on aws-lc-rs.

use std::io::Read;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::fetch::{Fetch, FetchError, Request, Response};
use crate::url::SourceUrl;

/// Longest status line plus header fields, in octets.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// The header fields worth keeping from an answer; a peer may send thousands.
const KEPT_HEADERS: [&str; 8] = [
    "age",
    "cache-control",
    "content-type",
    "date",
    "etag",
    "expires",
    "location",
    "retry-after",
];

/// The blocking HTTP transport: the default of [`RemoteJwks`](crate::RemoteJwks).
///
/// * TLS 1.2 and 1.3 by rustls, with the certificates of Mozilla's program, or with yours alone.
/// * One connection a request: nothing is left open between refreshes, which are minutes apart.
/// * No redirect is followed, no compression is asked for or undone, no cookie is kept.
/// * A proxy is taken from `ALL_PROXY`, `HTTPS_PROXY` and `NO_PROXY` for https. A loopback http
///   URL never goes through a proxy, and `localhost` must resolve to a loopback address.
#[derive(Clone, Debug)]
pub struct HttpFetch {
    roots: RootCerts,
    crypto: Arc<CryptoProvider>,
}

impl Default for HttpFetch {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpFetch {
    /// With the root certificates of Mozilla's program.
    pub fn new() -> Self {
        Self {
            roots: RootCerts::WebPki,
            crypto: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
        }
    }

    /// With these root certificates instead, each one PEM (possibly of several certificates) or
    /// DER: for an issuer behind a private certificate authority. The public ones are then not
    /// trusted at all.
    ///
    /// # Errors
    /// [`BadCertificate`] if one of them is no certificate, or if there are none.
    pub fn with_root_certificates<C: AsRef<[u8]>>(
        certificates: impl IntoIterator<Item = C>,
    ) -> Result<Self, BadCertificate> {
        let mut store = rustls::RootCertStore::empty();
        let mut roots = Vec::new();
        for certificate in certificates {
            let before = roots.len();
            for der in certificates_in(certificate.as_ref())? {
                roots.push(Certificate::from_der(&der).to_owned());
                // ureq drops a root that does not parse without a word, so it is tried here.
                store.add(der).map_err(|_| BadCertificate)?;
            }
            if roots.len() == before {
                return Err(BadCertificate);
            }
        }
        if roots.is_empty() {
            return Err(BadCertificate);
        }
        Ok(Self {
            roots: RootCerts::Specific(Arc::new(roots)),
            ..Self::new()
        })
    }

    fn agent(&self, request: &Request, loopback: bool) -> Agent {
        let tls = TlsConfig::builder()
            .root_certs(self.roots.clone())
            .unversioned_rustls_crypto_provider(Arc::clone(&self.crypto))
            .build();
        let config = Config::builder()
            .tls_config(tls)
            .https_only(!loopback)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .max_response_header_size(MAX_HEADER_BYTES)
            .timeout_connect(Some(request.connect_timeout))
            .timeout_global(Some(request.timeout))
            .user_agent(concat!("jwtverify/", env!("CARGO_PKG_VERSION")))
            .accept("application/jwk-set+json, application/json, */*;q=0.1")
            .accept_encoding("identity");
        let config = if loopback { config.proxy(None) } else { config };
        Agent::with_parts(
            config.build(),
            DefaultConnector::default(),
            Local {
                only: loopback,
                resolver: DefaultResolver::default(),
            },
        )
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let url = SourceUrl::parse(&request.url)
            .map_err(|problem| FetchError::Connect(problem.as_str().to_owned()))?;
        let mut get = self.agent(request, url.is_loopback()).get(url.as_str());
        for (name, value) in &request.headers {
            get = get.header(name, value);
        }
        let answer = get.call().map_err(classify)?;
        let (head, body) = answer.into_parts();
        let headers = KEPT_HEADERS
            .iter()
            .filter_map(|name| Some((name, head.headers.get(*name)?.to_str().ok()?)))
            .map(|(name, value)| ((*name).to_owned(), value.to_owned()))
            .collect();
        let mut response = Response::new(head.status.as_u16(), Vec::new());
        response.headers = headers;
        if response.status != 200 {
            // The connection is closed with the body unread: an error page is of no use.
            return Ok(response);
        }
        if let Some(encoding) = head.headers.get("content-encoding")
            && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
        {
            let why = "the body is compressed, which was not asked for";
            return Err(FetchError::Body(why.to_owned()));
        }
        let most = u64::try_from(request.max_bytes).unwrap_or(u64::MAX);
        if body.content_length().is_some_and(|length| length > most) {
            return Err(FetchError::TooLarge);
        }
        // One octet more than allowed is enough to know; the announced length is not believed.
        let mut reader = body.into_reader().take(most.saturating_add(1));
        reader
            .read_to_end(&mut response.body)
            .map_err(|error| read_failure(classify(ureq::Error::from(error))))?;
        if response.body.len() > request.max_bytes {
            return Err(FetchError::TooLarge);
        }
        Ok(response)
    }
}

/// A root certificate that cannot be read as X.509, in PEM or DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCertificate;

impl std::fmt::Display for BadCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a root certificate must be an X.509 certificate in PEM or DER")
    }
}

impl std::error::Error for BadCertificate {}

fn certificates_in(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, BadCertificate> {
    // DER begins with the tag of a SEQUENCE; PEM may begin with any comment.
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(bytes).into_owned()]);
    }
    CertificateDer::pem_slice_iter(bytes)
        .collect::<Result<_, _>>()
        .map_err(|_| BadCertificate)
}

/// Resolves as usual; for a loopback URL, keeps loopback addresses only. `localhost` is a name
/// like any other to a resolver, and the exception from https holds for this machine alone.
#[derive(Debug)]
struct Local {
    only: bool,
    resolver: DefaultResolver,
}

impl Resolver for Local {
    fn resolve(
        &self,
        uri: &ureq::http::Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.resolver.resolve(uri, config, timeout)?;
        if !self.only {
            return Ok(found);
        }
        let mut local = self.resolver.empty();
        for address in found.iter().filter(|address| address.ip().is_loopback()) {
            local.push(*address);
        }
        if local.is_empty() {
            Err(ureq::Error::HostNotFound)
        } else {
            Ok(local)
        }
    }
}

fn classify(error: ureq::Error) -> FetchError {
    use std::io::ErrorKind;

    match error {
        ureq::Error::Timeout(_) => FetchError::Timeout,
        ureq::Error::HostNotFound => {
            FetchError::Connect("the name of the host was not found".to_owned())
        }
        ureq::Error::Io(error) => match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => FetchError::Timeout,
            _ if is_tls(&error) => FetchError::Tls(error.to_string()),
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => FetchError::Body(error.to_string()),
            _ => FetchError::Connect(error.to_string()),
        },
        ureq::Error::Rustls(error) => FetchError::Tls(error.to_string()),
        ureq::Error::Tls(why) => FetchError::Tls(why.to_owned()),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => {
            // The text may repeat the proxy's URL with its password.
            FetchError::Connect("the proxy refused".to_owned())
        }
        ureq::Error::ConnectionFailed => FetchError::Connect(String::new()),
        ureq::Error::Protocol(error) => FetchError::Body(format!("not HTTP: {error}")),
        ureq::Error::LargeResponseHeader(..) => {
            FetchError::Body("the header of the answer is longer than 16 KiB".to_owned())
        }
        ureq::Error::Http(_) | ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) => {
            FetchError::Connect("the request was refused before it was sent".to_owned())
        }
        other => FetchError::Body(other.to_string()),
    }
}

/// While a body is read, there is a connection: what looks like a failure to connect is one to
/// read.
fn read_failure(error: FetchError) -> FetchError {
    match error {
        FetchError::Connect(why) => FetchError::Body(why),
        other => other,
    }
}

fn is_tls(error: &std::io::Error) -> bool {
    error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_certificates_that_are_none_are_refused_when_they_are_given() {
        let garbage: [&[u8]; 5] = [
            b"",
            b"not a certificate",
            b"\x30\x03\x02\x01\x01",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        ];
        for bytes in garbage {
            assert_eq!(
                HttpFetch::with_root_certificates([bytes]).err(),
                Some(BadCertificate)
            );
        }
        assert!(HttpFetch::with_root_certificates([""; 0]).is_err());
    }

    #[test]
    fn t12_the_transport_itself_refuses_other_urls() {
        for url in [
            "http://issuer.example/",
            "file:///etc/passwd",
            "https://a:b@issuer.example/",
        ] {
            let refused = HttpFetch::new().fetch(&Request::new(url)).unwrap_err();
            assert!(
                matches!(refused, FetchError::Connect(_)),
                "{url}: {refused}"
            );
        }
    }

    #[test]
    fn plain_http_names_must_resolve_to_this_machine() {
        // The URL rules let only loopback through; this is the second lock on the same door.
        let config = Config::builder().build();
        let resolve = |only, uri: &str| {
            let resolver = Local {
                only,
                resolver: DefaultResolver::default(),
            };
            resolver
                .resolve(&uri.parse().unwrap(), &config, NextTimeout::default())
                .is_ok()
        };
        assert!(resolve(true, "http://127.0.0.1:80/"));
        assert!(!resolve(true, "http://192.0.2.1:80/"));
        // For https there is no such rule, nor for the proxy on the way, which may speak http.
        assert!(resolve(false, "https://192.0.2.1:443/"));
        assert!(resolve(false, "http://192.0.2.1:3128/"));
    }
}
