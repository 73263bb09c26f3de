//! How a caller waits for a fetch: on its thread, or as a task. What is decided is the same.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

use crate::desk::{Desk, Landed};

/// Who starts a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A thread, which may block.
    Thread,
    /// A task, which must not.
    #[cfg(feature = "async")]
    Task,
}

/// A way to wait.
pub(crate) trait Waiting: Sync {
    /// Who waits in this way.
    const CALLER: Caller;

    /// Waits until a flight has landed that is no older than `flight`, or until the time is over.
    fn wait(
        &self,
        desk: &Desk,
        flight: u64,
        until: Option<Instant>,
    ) -> impl Future<Output = Option<Landed>> + Send;
}

/// Blocks the thread. The future is ready when it is polled first: see [`here`].
pub(crate) struct OnThread;

impl Waiting for OnThread {
    const CALLER: Caller = Caller::Thread;

    async fn wait(&self, desk: &Desk, flight: u64, until: Option<Instant>) -> Option<Landed> {
        desk.wait(desk.lock(), flight, until).1
    }
}

/// Gives the thread to others, and is woken when something lands. A task that is dropped while it
/// waits leaves nothing behind: the flight is not its own.
#[cfg(feature = "async")]
pub(crate) struct AsTask;

#[cfg(feature = "async")]
impl Waiting for AsTask {
    const CALLER: Caller = Caller::Task;

    async fn wait(&self, desk: &Desk, flight: u64, until: Option<Instant>) -> Option<Landed> {
        // Without a runtime there is no timer, and a wait without a bound is none.
        tokio::runtime::Handle::try_current().ok()?;
        loop {
            let mut rung = pin!(desk.rung());
            // From here on the bell is heard, also between the look and the wait.
            rung.as_mut().enable();
            if let Some(landed) = desk.landed_since(flight) {
                return Some(landed);
            }
            match until {
                None => rung.await,
                Some(at) => {
                    let left = at.saturating_duration_since(Instant::now());
                    if tokio::time::timeout(left, rung).await.is_err() {
                        return desk.landed_since(flight);
                    }
                }
            }
        }
    }
}

/// Runs a future that does its waiting by blocking, on this thread.
pub(crate) fn here<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
        thread::yield_now();
    }
}
