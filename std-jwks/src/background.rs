//! A driver that refreshes a key set while nobody calls.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use jwtverify_core::Provider;

use crate::remote::RemoteJwks;
use crate::shared::Shared;
use crate::waiting::Caller;

/// The longest sleep of a driver. Timers may stand still while a machine is suspended, so it looks
/// at the clocks this often; and a key set that is gone takes its driver along by then.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Keeps a key set refreshed in the background, until it is dropped.
///
/// It makes the first fetch, each refresh before the ttl is over, and the attempts after a failure,
/// with the same budgets and the same one fetch as the callers. While it runs, no caller waits for
/// the age of the set. It never keeps a key set alive that nobody else holds.
///
/// After `fork()` the child finds no thread. It starts one of its own, as soon as it asks the key
/// set for something that needs more than a young set.
#[must_use = "the background refresh ends when this is dropped"]
pub struct Refresher {
    driver: Arc<Driver>,
}

type Start = dyn Fn(&Arc<Driver>) + Send + Sync;

/// What a driver, its handles and its key set share.
pub(crate) struct Driver {
    handles: AtomicUsize,
    process: AtomicU32,
    stopped: AtomicBool,
    /// Starts a thread that drives.
    start: Box<Start>,
    /// Wakes whoever drives.
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Driver {
    fn new<P: Provider>(shared: &Arc<Shared<P>>) -> Arc<Self> {
        let (ours, its) = (Arc::downgrade(shared), Arc::downgrade(shared));
        Arc::new(Self {
            handles: AtomicUsize::new(1),
            process: AtomicU32::new(std::process::id()),
            stopped: AtomicBool::new(false),
            start: Box::new(move |driver| {
                let (shared, running) = (Weak::clone(&ours), Running(Arc::clone(driver)));
                // Where there is no thread to be had, the callers refresh, as without a driver.
                let _ = thread::Builder::new()
                    .name("jwtverify-jwks-refresh".to_owned())
                    .spawn(move || drive(&shared, &running));
            }),
            wake: Box::new(move || {
                if let Some(shared) = its.upgrade() {
                    shared.desk().ring_all();
                }
            }),
        })
    }

    /// One more handle, unless the last one is gone, or the driver has ended with its runtime.
    fn join(self: &Arc<Self>) -> Option<Refresher> {
        if self.is_stopped() {
            return None;
        }
        let more = |handles: usize| handles.checked_add(1).filter(|_| handles > 0);
        let (set, fetch) = (Ordering::SeqCst, Ordering::SeqCst);
        self.handles.fetch_update(set, fetch, more).ok()?;
        Some(Refresher {
            driver: Arc::clone(self),
        })
    }

    /// Starts anew in a child process, once.
    pub(crate) fn revive(self: &Arc<Self>) {
        let ours = std::process::id();
        if self.process.swap(ours, Ordering::SeqCst) != ours && !self.is_stopped() {
            (self.start)(self);
        }
    }

    /// As it looks in a child process.
    #[cfg(test)]
    pub(crate) fn belongs_to(&self, process: u32) {
        self.process.store(process, Ordering::SeqCst);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

/// A driver at work. However it ends, with the key set, with its runtime or never begun, it is over
/// then, and the next handle gets another.
struct Running(Arc<Driver>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.stopped.store(true, Ordering::SeqCst);
    }
}

impl Drop for Refresher {
    fn drop(&mut self) {
        if self.driver.handles.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.driver.stopped.store(true, Ordering::SeqCst);
            (self.driver.wake)();
        }
    }
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresher").finish_non_exhaustive()
    }
}

impl<P: Provider> RemoteJwks<P> {
    /// Refreshes the key set in the background, on a thread of its own, while what this gives is
    /// kept. Called again, it gives one more handle to the same thread.
    ///
    /// Without it the callers do all there is to do, and need it only after an idle time: the first
    /// of them then waits for a fetch, or [up to `stale_wait`](crate::RemoteJwksBuilder::stale_wait).
    ///
    /// ```no_run
    /// use jwtverify_jwks::RemoteJwks;
    ///
    /// let remote = RemoteJwks::discover("https://issuer.example")?;
    /// let _refresher = remote.refresh_in_background();
    /// # Ok::<(), jwtverify_jwks::Error>(())
    /// ```
    pub fn refresh_in_background(&self) -> Refresher {
        self.drive_by(|driver| (driver.start)(driver))
    }

    /// The same as a task of the tokio runtime that is there. With a
    /// [transport that does not block](crate::RemoteJwksBuilder::fetch_async) its fetches are tasks
    /// too. It ends with the runtime; then the callers do all there is to do.
    ///
    /// Outside of a runtime it is a thread, and in a child after `fork()` as well: there the runtime
    /// of the parent does not run.
    #[cfg(feature = "async")]
    pub fn refresh_in_task(&self) -> Refresher {
        let shared = Arc::downgrade(self.shared());
        self.drive_by(|driver| match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                let running = Running(Arc::clone(driver));
                drop(runtime.spawn(drive_in_task(shared, running)));
            }
            Err(_) => (driver.start)(driver),
        })
    }

    fn drive_by(&self, start: impl FnOnce(&Arc<Driver>)) -> Refresher {
        let shared = self.shared();
        let joined = shared.driver.load_full().and_then(|driver| driver.join());
        joined.unwrap_or_else(|| {
            let driver = Driver::new(shared);
            shared.driver.store(Some(Arc::clone(&driver)));
            start(&driver);
            Refresher { driver }
        })
    }
}

fn drive<P: Provider>(shared: &Weak<Shared<P>>, running: &Running) {
    while let Some(shared) = shared.upgrade() {
        if running.0.is_stopped() {
            return;
        }
        let (desk, seen, sleep) = shared.tick(Caller::Thread);
        // While it sleeps it holds nothing but the desk.
        drop(shared);
        desk.sleep(seen, sleep.min(LONGEST_SLEEP));
    }
}

#[cfg(feature = "async")]
async fn drive_in_task<P: Provider>(shared: Weak<Shared<P>>, running: Running) {
    loop {
        let Some(ours) = shared.upgrade() else {
            return;
        };
        if running.0.is_stopped() {
            return;
        }
        let (desk, seen, sleep) = ours.tick(Caller::Task);
        drop(ours);
        desk.sleep_in_task(seen, sleep.min(LONGEST_SLEEP)).await;
    }
}
