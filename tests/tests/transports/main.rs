//! Both HTTP transports, the blocking and the asynchronous one, against servers that misbehave,
//! over real sockets of this machine. Each test runs once for each transport, and expects the same
//! of both.

mod faults;
mod http;
mod tasks;
mod tls;

use std::fmt::Debug;
use std::time::Duration;

use jwtverify_jwks::{AsyncFetch, AsyncHttpFetch, Fetch, FetchError, HttpFetch, Request, Response};

/// A transport under test.
pub(crate) trait Transport: Fetch + Clone + Debug + 'static {
    /// With these settings.
    fn with(settings: HttpFetch) -> Self;
}

impl Transport for HttpFetch {
    fn with(settings: HttpFetch) -> Self {
        settings
    }
}

/// The asynchronous transport, with a runtime for each request.
#[derive(Clone, Debug)]
pub(crate) struct OnTokio(AsyncHttpFetch);

impl Transport for OnTokio {
    fn with(settings: HttpFetch) -> Self {
        Self(settings.into())
    }
}

impl Fetch for OnTokio {
    fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(self.0.fetch(request))
    }
}

/// `per_transport!(name, ...)` makes the tests `blocking::name` and `asynchronous::name` of each
/// function `name<T: Transport>()`.
macro_rules! per_transport {
    ($($name:ident),+ $(,)?) => {
        mod blocking {
            $(#[test] fn $name() { super::$name::<jwtverify_jwks::HttpFetch>(); })+
        }
        mod asynchronous {
            $(#[test] fn $name() { super::$name::<crate::OnTokio>(); })+
        }
    };
}
pub(crate) use per_transport;

/// Long enough for any answer on loopback, also on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// Short, for servers that never answer: a test waits for exactly this.
pub(crate) const SHORT: Duration = Duration::from_millis(150);

pub(crate) fn request(url: &str) -> Request {
    let mut request = Request::new(url);
    request.max_bytes = 64 * 1024;
    request.connect_timeout = LONG;
    request.timeout = LONG;
    request
}

/// What came of a fetch: the status and the length of the body, or the error's name.
pub(crate) fn name(result: &Result<Response, FetchError>) -> String {
    match result {
        Ok(response) => format!("{} {}", response.status, response.body.len()),
        Err(error) => error.error().name().to_owned(),
    }
}
