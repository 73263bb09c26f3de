//! How a document is fetched: the trait for transports, and what they take and give.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
use std::time::Duration;

use jwtverify_core::Error as Code;

use crate::text;

/// A transport for key sets and discovery documents.
///
/// [`HttpFetch`](crate::HttpFetch) is the one that is shipped and used by default. Write your own
/// to go through your HTTP client, or to serve documents from memory in tests.
///
/// What it must do: make one GET request to [`Request::url`]; follow no redirect; give up after
/// the two timeouts; read no more than [`Request::max_bytes`] of the body; answer every status,
/// also 404 and 500, as a [`Response`]. The engine checks status and size once more and abandons
/// a fetch that overruns its timeout, so a careless transport costs time, not safety. A transport
/// that does not verify TLS certificates gives the verdict away.
///
/// It is called from a thread of its own, at most once at a time for one
/// [`RemoteJwks`](crate::RemoteJwks) unless an earlier call hangs past its timeout.
pub trait Fetch: Send + Sync {
    /// Makes one GET request.
    ///
    /// # Errors
    /// A [`FetchError`] if there is no complete answer.
    fn fetch(&self, request: &Request) -> Result<Response, FetchError>;
}

/// The future of an answer.
#[cfg(feature = "async")]
pub type FetchFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, FetchError>> + Send + 'a>>;

/// A transport for key sets and discovery documents that does not block.
///
/// [`AsyncHttpFetch`](crate::AsyncHttpFetch) is the one that is shipped. What a transport must do
/// is said at [`Fetch`]. Its futures are polled inside a tokio runtime, and dropped when
/// [`Request::timeout`] is over.
///
/// ```
/// use jwtverify_jwks::{AsyncFetch, FetchError, FetchFuture, Request, Response};
///
/// struct FromMemory(Vec<u8>);
///
/// impl AsyncFetch for FromMemory {
///     fn fetch<'a>(&'a self, request: &'a Request) -> FetchFuture<'a> {
///         Box::pin(async move {
///             match self.0.len() > request.max_bytes {
///                 true => Err(FetchError::TooLarge),
///                 false => Ok(Response::new(200, self.0.clone())),
///             }
///         })
///     }
/// }
/// ```
#[cfg(feature = "async")]
pub trait AsyncFetch: Send + Sync {
    /// Makes one GET request.
    ///
    /// # Errors
    /// A [`FetchError`] if there is no complete answer.
    fn fetch<'a>(&'a self, request: &'a Request) -> FetchFuture<'a>;
}

/// One GET request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// The absolute URL: https, or http to a loopback host.
    pub url: String,
    /// Header fields to send, besides those that the transport adds.
    pub headers: Vec<(String, String)>,
    /// The longest time for the connection, TLS included.
    pub connect_timeout: Duration,
    /// The longest time for everything.
    pub timeout: Duration,
    /// The longest body, in octets.
    pub max_bytes: usize,
}

impl Request {
    /// A request with the default limits: 2 s to connect, 5 s in all, 512 KiB.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            headers: Vec::new(),
            connect_timeout: crate::builder::CONNECT_TIMEOUT,
            timeout: crate::builder::TIMEOUT,
            max_bytes: jwtverify_core::limits::MAX_KEY_SET_BYTES,
        }
    }
}

/// The answer to a [`Request`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The header fields, in any order.
    pub headers: Vec<(String, String)>,
    /// The body. It may be left empty where the status is not 200.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer without header fields.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The same with one more header field.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The first header field of this name; names have no case (RFC 9110 section 5.1).
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.iter();
        let (_, value) = fields.find(|(field, _)| field.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// `Retry-After` in its form of seconds (RFC 9110 section 10.2.3). The form of a date is
    /// ignored: it needs the peer's clock to be right.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let value = self.header("retry-after")?.trim();
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)))
    }
}

/// Why there is no complete answer.
///
/// The text is a reason in words for people. Never put a header, a credential or a body into it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// The connection broke while the answer was read, or the answer is not HTTP.
    Body(String),
    /// No connection: the name is unknown, nobody listens, no route.
    Connect(String),
    /// The certificate or the handshake was refused.
    Tls(String),
    /// No complete answer in time.
    Timeout,
    /// The body is longer than [`Request::max_bytes`].
    TooLarge,
}

impl FetchError {
    /// The code of this failure.
    pub const fn error(&self) -> Code {
        match self {
            Self::Body(_) => Code::UnavailableBody,
            Self::Connect(_) => Code::UnavailableConnect,
            Self::Tls(_) => Code::UnavailableTls,
            Self::Timeout => Code::UnavailableTimeout,
            Self::TooLarge => Code::UnavailableTooLarge,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error())?;
        match self {
            Self::Body(why) | Self::Connect(why) | Self::Tls(why) if !why.is_empty() => {
                write!(f, ": {}", text::detail(why))
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for FetchError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_have_no_case() {
        let response = Response::new(200, "").with_header("Content-Type", "application/json");
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert_eq!(response.header("etag"), None);
    }

    #[test]
    fn retry_after_takes_whole_seconds_only() {
        for (value, wanted) in [
            ("120", Some(120)),
            (" 5 ", Some(5)),
            ("0", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("", None),
            ("Fri, 31 Dec 1999 23:59:59 GMT", None),
        ] {
            let response = Response::new(503, "").with_header("Retry-After", value);
            assert_eq!(
                response.retry_after(),
                wanted.map(Duration::from_secs),
                "{value:?}"
            );
        }
        assert_eq!(Response::new(503, "").retry_after(), None);
    }

    #[test]
    fn reasons_are_cut_and_escaped() {
        let error = FetchError::Connect(format!("refused\n{}", "x".repeat(1000)));
        let text = error.to_string();
        assert!(text.len() < 400 && !text.contains('\n'), "{text}");
    }
}
