//! How long an input takes, in processor time of this thread.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs};

use rustix::time::{ClockId, clock_gettime};

/// The longest that any input may take, in milliseconds: many times what the slowest needs, and
/// far from what a service would notice. `FUZZ_LIMIT_MS` changes it, for builds with a sanitizer.
const LIMIT_MS: u64 = 50;

static LIMIT_MICROS: LazyLock<u64> = LazyLock::new(|| {
    let given = env::var("FUZZ_LIMIT_MS")
        .ok()
        .and_then(|text| text.parse().ok());
    given.unwrap_or(LIMIT_MS) * 1000
});

/// The slowest so far, in microseconds; each new one is written to the file `FUZZ_SLOWEST`.
static SLOWEST: AtomicU64 = AtomicU64::new(0);

/// Does the work, and panics if it took longer than an input may take.
pub fn measured<T>(work: impl FnOnce() -> T) -> T {
    let before = micros();
    let result = work();
    let spent = micros() - before;
    if spent > SLOWEST.fetch_max(spent, Ordering::Relaxed) {
        if let Some(path) = env::var_os("FUZZ_SLOWEST") {
            let _ = fs::write(path, format!("{spent}\n"));
        }
    }
    assert!(
        spent < *LIMIT_MICROS,
        "this input takes {spent} microseconds"
    );
    result
}

fn micros() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec.unsigned_abs() * 1_000_000 + now.tv_nsec.unsigned_abs() / 1000
}
