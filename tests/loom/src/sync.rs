//! What `std-jwks/src/sync.rs` is in the library, with the locks of the model checker.

pub(crate) use loom::hint::spin_loop;
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};

use std::sync::Arc;

/// A pointer that is swapped: here under a lock, so that readers and writers are seen.
#[derive(Debug)]
pub(crate) struct ArcSwapOption<T>(Mutex<Option<Arc<T>>>);

impl<T> ArcSwapOption<T> {
    pub(crate) fn empty() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) fn load(&self) -> Option<Arc<T>> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn store(&self, value: Option<Arc<T>>) {
        *self.0.lock().unwrap() = value;
    }
}
