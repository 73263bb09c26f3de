//! Many callers, many processes, late answers and odd clocks.

use super::*;

#[test]
fn nothing_is_fetched_before_the_first_use() {
    let setup = Setup::new(&[("a", 1)]);
    assert!(setup.remote.snapshot().is_none());
    assert_eq!(setup.remote.status().state, State::Cold);
    assert_eq!(setup.issuer.requests(), 0);
    assert_eq!(setup.verdict("a", 1), "valid");
    assert_eq!(setup.verdict("a", 1), "valid");
    assert_eq!(setup.issuer.requests(), 1);
    assert_eq!(setup.remote.status().state, State::Fresh);
}

#[test]
fn t1_a_cold_start_of_many_threads_is_one_request() {
    let setup = Setup::new(&[("a", 1)]);
    let answer = setup.issuer.hang_next();
    let start = Barrier::new(33);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..32)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    setup.verdict("a", 1)
                })
            })
            .collect();
        start.wait();
        answer.send(Response::new(200, jwks(&[("a", 1)]))).unwrap();
        for caller in callers {
            assert_eq!(caller.join().unwrap(), "valid");
        }
    });
    assert_eq!(setup.issuer.requests(), 1);
}

#[test]
fn a_poisoned_lock_poisons_nothing_else() {
    let setup = Setup::new(&[("a", 1)]);
    let shared = Arc::clone(setup.remote.shared());
    let poisoned = thread::spawn(move || {
        let desk = shared.desk();
        let _books = desk.lock();
        panic!("scripted: a thread dies with the books in its hands");
    });
    assert!(poisoned.join().is_err());
    assert_eq!(setup.verdict("a", 1), "valid");
}

#[test]
fn callers_of_a_hanging_issuer_wait_no_longer_than_they_said() {
    let setup = Setup::with(&[("a", 1)], |builder| builder.url(URL).wait(Duration::ZERO));
    let answer = setup.issuer.hang_next();
    for _ in 0..10 {
        let error = setup.remote.keys().unwrap_err();
        assert_eq!(
            (error.name(), error.retry_after()),
            ("UnavailableTimeout", Some(1))
        );
    }
    answer.send(Response::new(200, jwks(&[("a", 1)]))).unwrap();
    settle(&setup.remote);
    assert_eq!(setup.verdict("a", 1), "valid");
    assert_eq!(setup.issuer.requests(), 1);
}

#[test]
fn t13_a_late_answer_does_not_replace_a_newer_one() {
    let setup = Setup::with(&[("a", 1)], |builder| builder.url(URL).wait(Duration::ZERO));
    let late = setup.issuer.hang_next();
    assert_eq!(
        setup.remote.keys().unwrap_err().name(),
        "UnavailableTimeout"
    );
    setup.issuer.wait_for_requests(1);
    setup.clock.advance(secs(6));
    // The first flight counts as lost and failed; after the backoff a second one is made.
    assert_eq!(
        setup.remote.keys().unwrap_err().name(),
        "UnavailableBackoff"
    );
    setup.clock.advance(secs(1));
    let _ = setup.remote.keys();
    settle(&setup.remote);
    assert_eq!(setup.verdict("a", 1), "valid");
    late.send(Response::new(200, jwks(&[("old", 3)]))).unwrap();
    // The late flight rings the bell when it lands.
    let desk = setup.remote.shared().desk();
    let mut books = desk.lock();
    while books.engine.lost_flights() > 0 {
        books = desk.landed.wait(books).unwrap();
    }
    drop(books);
    assert!(setup.remote.snapshot().unwrap().key_set().kids().eq(["a"]));
    assert_eq!(setup.verdict("a", 1), "valid");
}

#[test]
fn a_refresh_that_changes_nothing_keeps_the_prepared_keys() {
    let setup = Setup::new(&[("a", 1)]);
    let first = setup.remote.keys().unwrap();
    setup.clock.advance(secs(300));
    assert_eq!(first.age(), secs(300));
    let second = setup.remote.refresh().unwrap();
    assert!(std::ptr::eq(first.key_set(), second.key_set()));
    assert_eq!((second.generation(), second.age()), (1, Duration::ZERO));

    setup.issuer.publish(&[("a", 1), ("b", 2)]);
    let third = setup.remote.refresh().unwrap();
    assert_eq!(third.generation(), 2);
    assert_eq!(second.key_set().len(), 1, "a snapshot never changes");
}

#[test]
fn t15_a_clock_set_back_by_a_day_changes_nothing() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.jump(-86_400);
    for _ in 0..100 {
        assert_eq!(setup.verdict("a", 1), "valid");
    }
    assert_eq!(setup.issuer.requests(), 1);
    // A machine that slept for a day asks again before it trusts anything.
    setup.clock.jump(2 * 86_400);
    setup.issuer.publish(&[("b", 2)]);
    assert_eq!(setup.verdict("a", 1), "KeyNotFound");
    assert_eq!(setup.issuer.requests(), 2);
}

#[test]
fn t16_a_child_process_keeps_the_set_and_shares_no_lock() {
    let setup = Setup::with(&[("a", 1)], |builder| builder.url(URL).wait(Duration::ZERO));
    let _ = setup.remote.keys();
    settle(&setup.remote);
    let hang = setup.issuer.hang_next();
    let _ = setup.remote.refresh();
    setup.issuer.wait_for_requests(2);

    // What a child of fork() finds: a desk of another process, locked by a thread it lacks, with a
    // flight that will never land.
    let shared = setup.remote.shared();
    let mut parents = Desk::new(Engine::new(shared.timing.clone(), 1));
    parents.process = parents.process.wrapping_add(1);
    let parents = Arc::new(parents);
    shared.desk.store(Arc::clone(&parents));
    let _locked_for_ever = parents.lock();

    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(600));
    let _ = setup.remote.keys();
    settle(&setup.remote);
    assert_eq!(setup.remote.status().state, State::Fresh);
    assert_eq!(setup.remote.status().attempts, 1);
    drop(hang);
}

#[test]
fn handles_are_shared_between_threads() {
    fn shareable<T: Send + Sync + Clone + 'static>() {}
    shareable::<RemoteJwks>();
    shareable::<crate::JwksVerifier>();
    let setup = Setup::new(&[("a", 1)]);
    let clone = setup.remote.clone();
    setup.remote.keys().unwrap();
    assert!(clone.snapshot().is_some());
}
