//! The desk of the key sets and the token cache, run in every order in which their threads can come.
//!
//! The sources are those of `std-jwks`, compiled anew with the locks of a model checker in the place
//! of the system's. A model that can hang, or in which a promise breaks in any order, fails.
//! `scripts/loom.sh` runs them.
#![forbid(unsafe_code)]

mod sync;

/// What the desk carries for others and does not look into.
mod document {
    #[derive(Clone, Debug)]
    pub(crate) struct Failure;
}
mod event {
    #[derive(Debug, Default)]
    pub(crate) struct Told;
}
mod url {
    #[derive(Clone, Debug)]
    pub(crate) struct SourceUrl;
}

#[path = "../../../std-jwks/src"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the models use a part of what the library uses"
)]
mod std_jwks {
    pub(crate) mod clock;
    pub(crate) mod desk;
    pub mod engine;
    pub(crate) mod token_cache {
        pub(crate) mod shards;

        /// What is inside of the cache, for the models.
        pub(crate) mod open {
            use std::sync::Arc;

            use super::shards::{Shards, TokenCacheUsage};

            pub(crate) struct Cache(Shards<u64>);

            impl Cache {
                /// Room for so many values.
                pub(crate) fn new(entries: usize) -> Self {
                    Self(Shards::new(entries, 1 << 20))
                }

                pub(crate) fn keep(&self, digest: u8, value: u64) {
                    let place = self.0.place(0, [digest; 32]);
                    self.0.keep(&place, value, 100, |_| true);
                }

                pub(crate) fn find(&self, digest: u8) -> Option<Arc<u64>> {
                    self.0.find(&self.0.place(0, [digest; 32]), |_| true)
                }

                pub(crate) fn forget(&self, digest: u8, value: &Arc<u64>) {
                    self.0.forget(&self.0.place(0, [digest; 32]), value);
                }

                pub(crate) fn usage(&self) -> TokenCacheUsage {
                    self.0.usage()
                }
            }
        }
    }
}
pub(crate) use std_jwks::{clock, desk, engine};

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jwtverify_core::UnixTime;
use loom::sync::Arc;
use loom::thread;

use clock::Stamp;
use desk::{Desk, Landed};
use engine::{Answer, Engine, Freshness, Landing, Outcome, Timing, Want};
use std_jwks::token_cache::open::Cache;

fn at(secs: u64) -> Stamp {
    let unix = UnixTime::from_secs(1_800_000_000);
    Stamp::new(Duration::from_secs(secs), unix)
}

/// The landing of a flight, as `flight.rs` does it.
fn land(desk: &Desk, sequence: u64, outcome: Outcome) {
    let mut books = desk.lock();
    let landing = books.engine.on_fetch_result(at(1), sequence, outcome);
    let outcome = match landing {
        Landing::Failed { .. } => Err(document::Failure),
        _ => Ok(String::new()),
    };
    books.last = Some(Landed {
        sequence,
        at: at(1),
        outcome,
    });
    desk.announce(&books, at(1));
    books.ring();
    drop(books);
    desk.ring();
}

/// A caller without a set, as `resolve.rs` leads it; what it starts lands on a thread of its own.
/// Gives whether it heard of a success, or nothing if it was refused.
fn call(desk: &Arc<Desk>, outcome: Outcome) -> Option<bool> {
    let mut books = desk.lock();
    let answer = books.engine.on_lookup(at(1), Want::Keys);
    if let Answer::Wait { start: Some(_), .. } = answer {
        books.attempts += 1;
    }
    desk.announce(&books, at(1));
    drop(books);
    match answer {
        Answer::Serve | Answer::ServeAndStart(_) => Some(true),
        Answer::Refuse { .. } => None,
        Answer::Wait { flight, start, .. } => {
            if let Some(launch) = start {
                let desk = Arc::clone(desk);
                thread::spawn(move || land(&desk, launch.sequence, outcome));
            }
            let (_, landed) = desk.wait(desk.lock(), flight, None);
            Some(
                landed
                    .expect("a wait without an end ends with a landing")
                    .outcome
                    .is_ok(),
            )
        }
    }
}

/// At the end of each order: one flight, nothing in the air, and the calm that the books allow.
fn check_desk(desk: &Desk) {
    let books = desk.lock();
    assert_eq!(books.attempts, 1);
    assert!(!books.engine.is_fetching());
    let calm = !books.engine.calm_for(at(1)).is_zero();
    assert_eq!(desk.is_calm(at(1)), calm);
}

fn callers_of_a_cold_desk_share_one_flight_and_all_hear_of_it() {
    let desk = Arc::new(Desk::new(Engine::new(Timing::default(), 1)));
    let fetched = Outcome::Fetched(Freshness::default());
    let other = {
        let desk = Arc::clone(&desk);
        thread::spawn(move || call(&desk, fetched))
    };
    assert_eq!(call(&desk, fetched), Some(true));
    assert_eq!(other.join().unwrap(), Some(true));
    check_desk(&desk);
}

fn a_flight_that_fails_wakes_all_and_nobody_starts_another_at_once() {
    let desk = Arc::new(Desk::new(Engine::new(Timing::default(), 1)));
    let failed = Outcome::Failed {
        retry_after: None,
        gone: false,
    };
    let other = {
        let desk = Arc::clone(&desk);
        thread::spawn(move || call(&desk, failed))
    };
    let verdicts = [call(&desk, failed), other.join().unwrap()];
    // Who joined heard that it failed; who came after it was refused, for a while.
    assert!(verdicts.contains(&Some(false)));
    assert!(!verdicts.contains(&Some(true)));
    check_desk(&desk);
}

fn a_driver_that_is_told_to_stop_does_not_sleep_through_it() {
    let desk = Arc::new(Desk::new(Engine::new(Timing::default(), 1)));
    let stopped = Arc::new(loom::sync::atomic::AtomicBool::new(false));
    let driver = {
        let (desk, stopped) = (Arc::clone(&desk), Arc::clone(&stopped));
        thread::spawn(move || {
            loop {
                let seen = desk.lock().rings();
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                desk.sleep(seen, Duration::from_secs(60));
            }
        })
    };
    stopped.store(true, Ordering::SeqCst);
    desk.ring_all();
    driver.join().unwrap();
}

fn threads_that_keep_find_and_forget_one_token_leave_a_whole_cache() {
    let cache = Arc::new(Cache::new(2));
    let threads = [1, 2].map(|value| {
        let cache = Arc::clone(&cache);
        thread::spawn(move || {
            cache.keep(7, value);
            if let Some(found) = cache.find(7) {
                assert!([1, 2].contains(&*found));
                if value == 2 {
                    cache.forget(7, &found);
                }
            }
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    let usage = cache.usage();
    let there = cache.find(7);
    assert_eq!(usage.entries, usize::from(there.is_some()));
    assert_eq!(usage.bytes == 0, there.is_none());
}

fn threads_that_fill_a_cache_stay_within_its_bounds() {
    let cache = Arc::new(Cache::new(1));
    let threads = [1, 2].map(|digest| {
        let cache = Arc::clone(&cache);
        thread::spawn(move || {
            cache.keep(digest, u64::from(digest));
            if let Some(found) = cache.find(digest) {
                assert_eq!(*found, u64::from(digest), "each finds its own");
            }
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    let usage = cache.usage();
    assert_eq!(usage.entries, 1);
    assert!(usage.evicted <= 1);
}

fn main() {
    let models: [(&str, fn()); 5] = [
        (
            "callers of a cold desk share one flight and all hear of it",
            callers_of_a_cold_desk_share_one_flight_and_all_hear_of_it,
        ),
        (
            "a flight that fails wakes all, and nobody starts another at once",
            a_flight_that_fails_wakes_all_and_nobody_starts_another_at_once,
        ),
        (
            "a driver that is told to stop does not sleep through it",
            a_driver_that_is_told_to_stop_does_not_sleep_through_it,
        ),
        (
            "threads that keep, find and forget one token leave a whole cache",
            threads_that_keep_find_and_forget_one_token_leave_a_whole_cache,
        ),
        (
            "threads that fill a cache stay within its bounds",
            threads_that_fill_a_cache_stay_within_its_bounds,
        ),
    ];
    for (name, model) in models {
        static ORDERS: AtomicUsize = AtomicUsize::new(0);
        ORDERS.store(0, Ordering::Relaxed);
        let mut builder = loom::model::Builder::new();
        // Threads are interrupted in the middle of something up to three times.
        builder.preemption_bound = Some(3);
        builder.check(move || {
            ORDERS.fetch_add(1, Ordering::Relaxed);
            model();
        });
        println!(
            "ok      {:>7} orders: {name}",
            ORDERS.load(Ordering::Relaxed)
        );
    }
}
