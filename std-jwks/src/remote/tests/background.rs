//! The driver that refreshes while nobody calls, on a clock that moves by hand.

use super::*;

/// Lets time pass, and has whoever sleeps look at the clock.
fn pass(setup: &Setup, time: Duration) {
    setup.clock.advance(time);
    setup.remote.shared().desk().ring_all();
}

/// Waits until a set of that generation is held, however busy the machine is.
fn wait_for_generation(setup: &Setup, generation: u64) {
    wait_until(setup, || {
        let held = setup.remote.snapshot();
        held.is_some_and(|held| held.generation() >= generation)
    });
}

/// Waits until a landing has made this true. The bell of a desk that is left behind is not heard
/// again, so nobody sleeps on it for long.
fn wait_until(setup: &Setup, done: impl Fn() -> bool) {
    loop {
        let desk = setup.remote.shared().desk();
        let books = desk.lock();
        if done() {
            return;
        }
        drop(desk.landed.wait_timeout(books, Duration::from_millis(50)));
    }
}

#[test]
fn a_thread_fetches_and_refreshes_without_any_caller() {
    let setup = Setup::new(&[("a", 1)]);
    let refresher = setup.remote.refresh_in_background();
    wait_for_generation(&setup, 1);
    for generation in 2..6 {
        let kid = format!("k{generation}");
        setup.issuer.publish(&[(&kid, 1)]);
        pass(&setup, secs(300));
        // Young: nothing to do. Then past 80 % and its jitter, and before the ttl.
        pass(&setup, secs(250));
        wait_for_generation(&setup, generation);
        assert_eq!(setup.verdict(&kid, 1), "valid");
    }
    assert_eq!(setup.issuer.requests(), 5);
    drop(refresher);
}

#[test]
fn a_failure_is_tried_again_and_nobody_notices() {
    let setup = Setup::new(&[("a", 1)]);
    let _refresher = setup.remote.refresh_in_background();
    wait_for_generation(&setup, 1);
    setup.issuer.next(Step::Answer(503, String::new()));
    setup.issuer.publish(&[("b", 1)]);
    pass(&setup, secs(550));
    setup.issuer.wait_for_requests(2);
    settle(&setup.remote);
    assert_eq!(setup.verdict("a", 1), "valid");
    pass(&setup, secs(2));
    wait_for_generation(&setup, 2);
    assert_eq!(setup.verdict("b", 1), "valid");
    assert_eq!(setup.issuer.requests(), 3);
}

#[test]
fn it_ends_with_its_last_handle_or_with_the_key_set() {
    let setup = Setup::new(&[("a", 1)]);
    let first = setup.remote.refresh_in_background();
    let second = setup.remote.clone().refresh_in_background();
    wait_for_generation(&setup, 1);
    let driver = || setup.remote.shared().driver.load_full().unwrap();
    let alive = Arc::downgrade(&driver());
    drop(first);
    setup.issuer.publish(&[("b", 1)]);
    pass(&setup, secs(550));
    wait_for_generation(&setup, 2);
    drop(second);
    // The thread lets go of the driver when it ends; the key set and the last look keep theirs.
    while alive.strong_count() > 1 {
        thread::yield_now();
    }
    pass(&setup, secs(550));
    assert_eq!(setup.issuer.requests(), 2);
    // One that comes after the end begins anew.
    setup.issuer.publish(&[("c", 1)]);
    let _third = setup.remote.refresh_in_background();
    wait_for_generation(&setup, 3);

    let Setup {
        remote, verifier, ..
    } = setup;
    let shared = Arc::downgrade(remote.shared());
    drop((remote, verifier));
    while shared.strong_count() > 0 {
        thread::yield_now();
    }
}

#[test]
fn after_fork_the_child_starts_its_own() {
    let setup = Setup::new(&[("a", 1)]);
    let _refresher = setup.remote.refresh_in_background();
    wait_for_generation(&setup, 1);
    // What a child of fork() finds: a desk and a driver of another process, and no thread.
    let shared = setup.remote.shared();
    let parents = std::process::id().wrapping_add(1);
    let mut desk = Desk::new(Engine::new(shared.timing.clone(), 1));
    desk.process = parents;
    let desk = Arc::new(desk);
    shared.driver.load_full().unwrap().belongs_to(parents);
    shared.desk.store(Arc::clone(&desk));
    let _locked_for_ever = desk.lock();

    setup.issuer.publish(&[("b", 1)]);
    setup.clock.advance(secs(550));
    let _ = setup.remote.status();
    wait_for_generation(&setup, 2);
    assert_eq!(setup.verdict("b", 1), "valid");
}

#[cfg(feature = "async")]
mod tasks {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use jwtverify_core::UnixTime;

    use super::*;
    use crate::fetch::{AsyncFetch, FetchFuture, Request};

    /// The clock of the runtime, which jumps from timer to timer.
    struct RuntimeClock(tokio::time::Instant);

    impl Clock for RuntimeClock {
        fn monotonic(&self) -> Duration {
            self.0.elapsed()
        }

        fn unix(&self) -> UnixTime {
            let secs = i64::try_from(self.0.elapsed().as_secs()).unwrap();
            UnixTime::from_secs(1_700_000_000 + secs)
        }
    }

    struct Counting(AtomicUsize);

    impl AsyncFetch for Counting {
        fn fetch<'a>(&'a self, _: &'a Request) -> FetchFuture<'a> {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                // The issuer is down for an hour of the day.
                match number {
                    60..80 => Err(FetchError::Timeout),
                    _ => Ok(Response::new(200, jwks(&[("a", 1)]))),
                }
            })
        }
    }

    #[test]
    fn one_that_ended_with_its_runtime_is_followed_by_another() {
        let setup = Setup::new(&[("a", 1)]);
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        let refresher = {
            let _inside = runtime.enter();
            setup.remote.refresh_in_task()
        };
        drop(runtime);
        assert_eq!(setup.issuer.requests(), 0, "the runtime never ran");
        let another = setup.remote.refresh_in_background();
        wait_for_generation(&setup, 1);
        drop(refresher);
        setup.issuer.publish(&[("b", 1)]);
        pass(&setup, secs(550));
        wait_for_generation(&setup, 2);
        drop(another);
    }

    #[test]
    fn a_task_keeps_the_set_young_for_a_day_of_the_clock_of_its_runtime() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let issuer = Arc::new(Counting(AtomicUsize::new(0)));
            let remote = RemoteJwks::builder()
                .url(URL)
                .fetch_async(Arc::<Counting>::clone(&issuer))
                .clock(Arc::new(RuntimeClock(tokio::time::Instant::now())))
                .retries(0)
                .build()
                .unwrap();
            let refresher = remote.refresh_in_task();
            let requests = || issuer.0.load(Ordering::SeqCst);
            tokio::time::sleep(secs(1)).await;
            for _ in 0..24 * 60 {
                assert!(remote.snapshot().unwrap().age() < secs(600 + 1800));
                tokio::time::sleep(secs(60)).await;
            }
            // One in 8 minutes, and the twenty that failed, a minute apart at most.
            assert!((175..=225).contains(&requests()), "{}", requests());
            drop(refresher);
            tokio::time::sleep(secs(1)).await;
            let before = requests();
            tokio::time::sleep(secs(3600)).await;
            assert_eq!(requests(), before);
        });
    }
}
