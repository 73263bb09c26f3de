//! The transport for asynchronous programs: HTTP/1.1 by reqwest on tokio, over the same TLS, with
//! the same settings, limits and failures as the blocking one.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, redirect, retry};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;
use ureq::tls::RootCerts;

use super::address::{PRIVATE, Reach};
use super::{
    ACCEPT, HttpFetch, LONG_HEADER, MAX_HEADER_BYTES, NO_SUCH_NAME, NOT_SENT, PROXY_REFUSED,
    io_failure, kept, read_failure, worth_reading,
};
use crate::fetch::{AsyncFetch, FetchError, FetchFuture, Request, Response};
use crate::url::SourceUrl;

/// Most header fields of an answer: what the blocking transport takes too.
const MAX_HEADERS: usize = 128;

/// The HTTP transport that does not block, on tokio.
///
/// It is made from an [`HttpFetch`], which holds the settings: the roots, the client certificate,
/// the proxy, header fields, the user agent, and whether private addresses are blocked. Limits,
/// refusals and errors are the same too; one suite of tests holds both.
///
/// Its futures must be polled inside a tokio runtime that has I/O and time enabled; elsewhere they
/// end with an error.
///
/// ```
/// use jwtverify_jwks::{AsyncHttpFetch, HttpFetch};
///
/// let plain = AsyncHttpFetch::new();
/// let private = AsyncHttpFetch::from(
///     HttpFetch::new().with_proxy("http://proxy.example:3128")?.without_private_addresses(),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
#[cfg_attr(docsrs, doc(cfg(feature = "async")))]
pub struct AsyncHttpFetch {
    settings: HttpFetch,
}

impl AsyncHttpFetch {
    /// With the root certificates of Mozilla's program, and a proxy if the environment names one.
    pub fn new() -> Self {
        Self::default()
    }

    async fn get(&self, request: &Request) -> Result<Response, FetchError> {
        let url = SourceUrl::parse(&request.url)
            .map_err(|problem| FetchError::Connect(problem.as_str().to_owned()))?;
        if Handle::try_current().is_err() {
            let why = "there is no tokio runtime where the transport was called";
            return Err(FetchError::Connect(why.to_owned()));
        }
        let mut get = self.client(request, &url)?.get(url.as_str());
        for (name, value) in self.settings.headers.iter().chain(&request.headers) {
            get = get.header(name, value);
        }
        // hyper itself gives up after some 400 KiB of header.
        let mut answer = get.send().await.map_err(|error| classify(&error))?;
        let octets = answer.headers().iter();
        let octets = octets.fold(0_usize, |sum, (name, value)| {
            sum.saturating_add(name.as_str().len())
                .saturating_add(value.len())
                .saturating_add(": \r\n".len())
        });
        if octets > MAX_HEADER_BYTES {
            return Err(FetchError::Body(LONG_HEADER.to_owned()));
        }
        let mut response = Response::new(answer.status().as_u16(), Vec::new());
        response.headers = kept(answer.headers());
        if response.status != 200 {
            // The connection is closed with the body unread: an error page is of no use.
            return Ok(response);
        }
        let most = u64::try_from(request.max_bytes).unwrap_or(u64::MAX);
        worth_reading(answer.headers(), answer.content_length(), most)?;
        // What was announced is not believed, and no memory is set aside for it.
        while let Some(piece) = answer
            .chunk()
            .await
            .map_err(|error| read_failure(classify(&error)))?
        {
            if piece.len() > request.max_bytes.saturating_sub(response.body.len()) {
                return Err(FetchError::TooLarge);
            }
            response.body.extend_from_slice(&piece);
        }
        Ok(response)
    }

    /// A client for one request: nothing is left open between refreshes, which are minutes apart.
    fn client(&self, request: &Request, url: &SourceUrl) -> Result<Client, FetchError> {
        let loopback = url.is_loopback();
        let reach = self.settings.reach_of(loopback);
        // reqwest asks its resolver for names alone.
        if url
            .address()
            .is_some_and(|address| !reach.includes(address))
        {
            return Err(FetchError::Connect(PRIVATE.to_owned()));
        }
        let mut client = Client::builder()
            .tls_backend_preconfigured(self.tls()?)
            .https_only(!loopback)
            .http1_only()
            .http1_max_headers(MAX_HEADERS)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .pool_max_idle_per_host(0)
            .connect_timeout(request.connect_timeout)
            .timeout(request.timeout)
            .user_agent(&self.settings.user_agent)
            .default_headers(own_headers())
            .dns_resolver(Arc::new(Within(reach)))
            .no_proxy();
        if let Some(proxy) = self.proxy_to(url)? {
            client = client.proxy(proxy);
        }
        client.build().map_err(|error| classify(&error))
    }

    /// The same proxy that the blocking transport would take.
    fn proxy_to(&self, url: &SourceUrl) -> Result<Option<reqwest::Proxy>, FetchError> {
        let unusable = || FetchError::Connect("the proxy can't be used".to_owned());
        let uri = url.as_str().parse().map_err(|_| unusable())?;
        let Some(proxy) = self.settings.proxy_to(url.is_loopback()) else {
            return Ok(None);
        };
        if proxy.is_no_proxy(&uri) {
            return Ok(None);
        }
        // With the user name and the password, if it has them. The error may repeat them.
        let proxy = reqwest::Proxy::all(proxy.uri().to_string()).map_err(|_| unusable())?;
        Ok(Some(proxy))
    }

    fn tls(&self) -> Result<ClientConfig, FetchError> {
        let unusable = |error: rustls::Error| FetchError::Tls(error.to_string());
        let mut roots = RootCertStore::empty();
        match &self.settings.roots {
            RootCerts::Specific(certificates) => {
                for certificate in certificates.iter() {
                    let der = CertificateDer::from(certificate.der());
                    roots.add(der).map_err(unusable)?;
                }
            }
            _ => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.settings.crypto))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_root_certificates(roots);
        let Some(client) = &self.settings.client else {
            return Ok(config.with_no_client_auth());
        };
        let chain = client.certs().iter();
        let chain = chain.map(|certificate| CertificateDer::from(certificate.der()).into_owned());
        let key = PrivateKeyDer::try_from(client.private_key().der())
            .map_err(|why| FetchError::Tls(why.to_owned()))?;
        config
            .with_client_auth_cert(chain.collect(), key.clone_key())
            .map_err(unusable)
    }
}

impl From<HttpFetch> for AsyncHttpFetch {
    /// Takes over all settings.
    fn from(settings: HttpFetch) -> Self {
        Self { settings }
    }
}

impl fmt::Debug for AsyncHttpFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncHttpFetch")
            .field(&self.settings)
            .finish()
    }
}

impl AsyncFetch for AsyncHttpFetch {
    fn fetch<'a>(&'a self, request: &'a Request) -> FetchFuture<'a> {
        Box::pin(self.get(request))
    }
}

fn own_headers() -> reqwest::header::HeaderMap {
    use reqwest::header::{ACCEPT as NAME, ACCEPT_ENCODING, HeaderMap, HeaderValue};

    let mut fields = HeaderMap::new();
    fields.insert(NAME, HeaderValue::from_static(ACCEPT));
    fields.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    fields
}

/// Resolves as usual and keeps what is in reach, as the blocking transport does.
struct Within(Reach);

impl Resolve for Within {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let mut kept = Vec::new();
            for address in found.map_err(|_| OutOfReach(NO_SUCH_NAME))? {
                if reach.includes(address.ip()) {
                    kept.push(address);
                }
            }
            if kept.is_empty() {
                let why = match reach {
                    Reach::Public => PRIVATE,
                    Reach::Anywhere | Reach::Loopback => NO_SUCH_NAME,
                };
                return Err(OutOfReach(why).into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// A name that is not connected to, and why.
#[derive(Debug)]
struct OutOfReach(&'static str);

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for OutOfReach {}

/// The failure behind an error of reqwest. The texts of reqwest itself are not used: they hold the
/// URL, whose query may be a secret.
fn classify(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    if error.is_builder() {
        return FetchError::Connect(NOT_SENT.to_owned());
    }
    let mut deepest = None;
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(failure) = known(cause) {
            return failure;
        }
        deepest = Some(cause);
        next = cause.source();
    }
    if error.is_connect() {
        // There is a connection, and what failed is the tunnel through the proxy.
        return FetchError::Connect(PROXY_REFUSED.to_owned());
    }
    FetchError::Body(match deepest {
        Some(cause) => format!("not HTTP: {cause}"),
        None => "the answer ended early".to_owned(),
    })
}

/// What a cause says by itself.
fn known(cause: &(dyn StdError + 'static)) -> Option<FetchError> {
    if let Some(refused) = cause.downcast_ref::<OutOfReach>() {
        return Some(FetchError::Connect(refused.to_string()));
    }
    if let Some(refused) = cause.downcast_ref::<rustls::Error>() {
        return Some(FetchError::Tls(refused.to_string()));
    }
    let error = cause.downcast_ref::<io::Error>()?;
    // What an I/O error wraps is not among its sources.
    match error.get_ref() {
        Some(inner) => known(inner).or_else(|| Some(io_failure(error))),
        None => Some(io_failure(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_a_runtime_it_fails_and_does_not_panic() {
        let transport = AsyncHttpFetch::new();
        let request = Request::new("https://issuer.example/jwks.json");
        let mut future = transport.fetch(&request);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(Err(error)) = future.as_mut().poll(&mut context) else {
            panic!("it waits for a runtime that is not there");
        };
        assert!(error.to_string().contains("tokio"), "{error}");
    }

    #[test]
    fn secrets_of_the_settings_are_not_shown() {
        let settings = HttpFetch::new().with_proxy("http://user:open-sesame@proxy.example:1");
        let transport = AsyncHttpFetch::from(settings.unwrap());
        assert!(!format!("{transport:?}").contains("open-sesame"));
    }
}
