//! What carries requests: a transport that blocks, or one that does not.

use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "async")]
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

#[cfg(feature = "async")]
use crate::fetch::{AsyncFetch, FetchFuture};
use crate::fetch::{Fetch, FetchError, Request, Response};

/// One of the two kinds of transport, behind one asynchronous face.
#[derive(Clone)]
pub(crate) enum Carrier {
    /// Its futures are ready when they are polled first.
    Blocking(Arc<dyn Fetch>),
    #[cfg(feature = "async")]
    Async(Arc<dyn AsyncFetch>),
}

impl Carrier {
    /// Makes a request. The transport may be written elsewhere: if it panics, that is a failed
    /// fetch.
    pub(crate) async fn call(&self, request: &Request) -> Result<Response, FetchError> {
        match self {
            Self::Blocking(transport) => call(&**transport, request),
            #[cfg(feature = "async")]
            Self::Async(transport) => call_async(&**transport, request).await,
        }
    }

    /// Waits before a request is made anew.
    pub(crate) async fn pause(&self, pause: Duration) {
        match self {
            Self::Blocking(_) => thread::sleep(pause),
            #[cfg(feature = "async")]
            Self::Async(_) => tokio::time::sleep(pause).await,
        }
    }
}

/// Calls a transport that blocks. If it panics, that is a failed fetch.
pub(crate) fn call(transport: &dyn Fetch, request: &Request) -> Result<Response, FetchError> {
    catch_unwind(AssertUnwindSafe(|| transport.fetch(request))).unwrap_or_else(|_| Err(panicked()))
}

/// Runs a task on this thread, on a runtime that ends with it. The task is dropped if there can be
/// none.
#[cfg(feature = "async")]
pub(crate) fn run(task: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    if let Ok(runtime) = runtime {
        runtime.block_on(task);
    }
}

#[cfg(feature = "async")]
async fn call_async(transport: &dyn AsyncFetch, request: &Request) -> Result<Response, FetchError> {
    let Ok(future) = catch_unwind(AssertUnwindSafe(|| transport.fetch(request))) else {
        return Err(panicked());
    };
    // One that does not look at its time is dropped when that is over.
    let answer = tokio::time::timeout(request.timeout, Guarded(future)).await;
    answer.unwrap_or(Err(FetchError::Timeout))
}

/// A future whose panic is a failed fetch.
#[cfg(feature = "async")]
struct Guarded<'f>(FetchFuture<'f>);

#[cfg(feature = "async")]
impl Future for Guarded<'_> {
    type Output = Result<Response, FetchError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context)))
            .unwrap_or_else(|_| Poll::Ready(Err(panicked())))
    }
}

fn panicked() -> FetchError {
    FetchError::Connect("the transport panicked".to_owned())
}
