//! The transport that is used by default: blocking HTTP/1.1 over rustls on aws-lc-rs.

mod address;
#[cfg(feature = "async")]
mod asynchronous;
mod settings;
mod whole;

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use ureq::config::Config;
use ureq::http::HeaderMap;
use ureq::tls::{ClientCert, RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, DefaultConnector};
use ureq::{Agent, Proxy};

use crate::fetch::{Fetch, FetchError, Request, Response};
use crate::url::SourceUrl;
use address::{Reach, Within};
use whole::Whole;

#[cfg(feature = "async")]
pub use asynchronous::AsyncHttpFetch;
pub use settings::{BadCertificate, BadSetting};

/// What is asked for: key sets by their media type (RFC 7517 section 8.5), or JSON.
const ACCEPT: &str = "application/jwk-set+json, application/json, */*;q=0.1";

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
/// * A proxy is taken from `ALL_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, unless it is given. Requests
///   to this machine never go through one, and for http `localhost` must resolve to a loopback
///   address.
///
/// ```
/// use jwtverify_jwks::{HttpFetch, RemoteJwks};
/// use std::sync::Arc;
///
/// let transport = HttpFetch::new()
///     .with_proxy("http://proxy.example:3128")?
///     .with_header("x-tenant", "red")?
///     .with_user_agent("my-service/2.1")?;
/// let remote = RemoteJwks::builder()
///     .issuer("https://issuer.example")
///     .fetch(Arc::new(transport))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HttpFetch {
    roots: RootCerts,
    crypto: Arc<CryptoProvider>,
    client: Option<ClientCert>,
    proxy: Way,
    headers: Vec<(String, String)>,
    user_agent: String,
    public_only: bool,
}

/// How requests leave this machine.
#[derive(Clone)]
enum Way {
    /// As the environment says.
    Environment,
    Direct,
    Proxy(Proxy),
}

impl Default for HttpFetch {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpFetch {
    /// With the root certificates of Mozilla's program, and a proxy if the environment names one.
    pub fn new() -> Self {
        Self {
            roots: RootCerts::WebPki,
            crypto: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
            client: None,
            proxy: Way::Environment,
            headers: Vec::new(),
            user_agent: concat!("jwtverify/", env!("CARGO_PKG_VERSION")).to_owned(),
            public_only: false,
        }
    }

    fn agent(&self, request: &Request, loopback: bool) -> Agent {
        let tls = TlsConfig::builder()
            .root_certs(self.roots.clone())
            .client_cert(self.client.clone())
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
            .user_agent(&self.user_agent)
            .accept(ACCEPT)
            .accept_encoding("identity")
            .proxy(self.proxy_to(loopback));
        let within = Within {
            reach: self.reach_of(loopback),
            resolver: DefaultResolver::default(),
        };
        let connector = DefaultConnector::default().chain(Whole);
        Agent::with_parts(config.build(), connector, within)
    }

    /// The proxy on the way to a host, if there is one.
    fn proxy_to(&self, loopback: bool) -> Option<Proxy> {
        match &self.proxy {
            _ if loopback => None,
            Way::Proxy(proxy) => Some(proxy.clone()),
            Way::Direct => None,
            // What a proxy resolves, nobody here can look at.
            Way::Environment if self.public_only => None,
            Way::Environment => Proxy::try_from_env(),
        }
    }

    fn reach_of(&self, loopback: bool) -> Reach {
        let by_proxy = matches!(self.proxy, Way::Proxy(_)) && !loopback;
        match (self.public_only, by_proxy) {
            (true, false) => Reach::Public,
            _ if loopback => Reach::Loopback,
            _ => Reach::Anywhere,
        }
    }
}

impl fmt::Debug for HttpFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Proxies have passwords, header fields carry secrets, and client certificates have keys.
        f.debug_struct("HttpFetch")
            .field("own_roots", &!matches!(self.roots, RootCerts::WebPki))
            .field("client_certificate", &self.client.is_some())
            .field("proxy", &matches!(self.proxy, Way::Proxy(_)))
            .field("user_agent", &self.user_agent)
            .field("public_only", &self.public_only)
            .finish_non_exhaustive()
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let url = SourceUrl::parse(&request.url)
            .map_err(|problem| FetchError::Connect(problem.as_str().to_owned()))?;
        let mut get = self.agent(request, url.is_loopback()).get(url.as_str());
        for (name, value) in self.headers.iter().chain(&request.headers) {
            get = get.header(name, value);
        }
        let answer = get.call().map_err(classify)?;
        let (head, body) = answer.into_parts();
        let mut response = Response::new(head.status.as_u16(), Vec::new());
        response.headers = kept(&head.headers);
        if response.status != 200 {
            // The connection is closed with the body unread: an error page is of no use.
            return Ok(response);
        }
        let most = u64::try_from(request.max_bytes).unwrap_or(u64::MAX);
        worth_reading(&head.headers, body.content_length(), most)?;
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

/// The header fields that are kept, each line of them (RFC 9110 section 5.3).
fn kept(fields: &HeaderMap) -> Vec<(String, String)> {
    let lines = |name: &'static str| {
        let values = fields.get_all(name).into_iter();
        let values = values.filter_map(|value| value.to_str().ok());
        values.map(move |value| (name.to_owned(), value.to_owned()))
    };
    KEPT_HEADERS.into_iter().flat_map(lines).collect()
}

/// What the header of an answer says against reading its body.
fn worth_reading(fields: &HeaderMap, length: Option<u64>, most: u64) -> Result<(), FetchError> {
    if let Some(encoding) = fields.get("content-encoding")
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        let why = "the body is compressed, which was not asked for";
        return Err(FetchError::Body(why.to_owned()));
    }
    if length.is_some_and(|length| length > most) {
        return Err(FetchError::TooLarge);
    }
    Ok(())
}

const LONG_HEADER: &str = "the header of the answer is longer than 16 KiB";
const NOT_SENT: &str = "the request was refused before it was sent";
const NO_SUCH_NAME: &str = "the name of the host was not found";
const PROXY_REFUSED: &str = "the proxy refused";

fn classify(error: ureq::Error) -> FetchError {
    match error {
        ureq::Error::Timeout(_) => FetchError::Timeout,
        ureq::Error::HostNotFound => FetchError::Connect(NO_SUCH_NAME.to_owned()),
        ureq::Error::Io(error) => io_failure(&error),
        ureq::Error::Rustls(error) => FetchError::Tls(error.to_string()),
        ureq::Error::Tls(why) => FetchError::Tls(why.to_owned()),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => {
            // The text may repeat the proxy's URL with its password.
            FetchError::Connect(PROXY_REFUSED.to_owned())
        }
        ureq::Error::ConnectionFailed => FetchError::Connect(String::new()),
        ureq::Error::Protocol(error) => FetchError::Body(format!("not HTTP: {error}")),
        ureq::Error::LargeResponseHeader(..) => FetchError::Body(LONG_HEADER.to_owned()),
        ureq::Error::Http(_) | ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) => {
            FetchError::Connect(NOT_SENT.to_owned())
        }
        other => FetchError::Body(other.to_string()),
    }
}

fn io_failure(error: &std::io::Error) -> FetchError {
    use std::io::ErrorKind;

    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => FetchError::Timeout,
        _ if is_tls(error) => FetchError::Tls(error.to_string()),
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => FetchError::Body(error.to_string()),
        _ => FetchError::Connect(error.to_string()),
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
}
