//! How long callers wait, and what they are told about old keys.

use super::*;

#[test]
fn a_caller_chooses_how_long_it_waits() {
    let setup = Setup::new(&[("a", 1)]);
    let answer = setup.issuer.hang_next();
    // The settings say 60 seconds; these callers do not have them.
    let zero = Duration::ZERO;
    let error = setup
        .verifier
        .verify_within(token("a", 1), zero)
        .unwrap_err();
    assert_eq!(
        (error.name(), error.retry_after()),
        ("UnavailableTimeout", Some(1))
    );
    let hasty = setup.remote.with_wait(zero);
    assert_eq!(hasty.keys().unwrap_err().name(), "UnavailableTimeout");
    assert_eq!(
        hasty.keys_with("a").unwrap_err().name(),
        "UnavailableTimeout"
    );
    assert_eq!(
        hasty.clone().refresh().unwrap_err().name(),
        "UnavailableTimeout"
    );
    setup.issuer.wait_for_requests(1);
    assert_eq!(
        setup.issuer.requests(),
        1,
        "they share the fetch that they started"
    );
    answer.send(Response::new(200, jwks(&[("a", 1)]))).unwrap();
    settle(&setup.remote);
    assert!(setup.verifier.verify_within(token("a", 1), zero).is_ok());
    assert!(hasty.keys().is_ok());
}

#[test]
fn a_caller_that_never_waits_gets_a_stale_set_at_once() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(1800));
    let answer = setup.issuer.hang_next();
    let zero = Duration::ZERO;
    for _ in 0..10 {
        assert!(setup.verifier.verify_within(token("a", 1), zero).is_ok());
    }
    // A kid that the stale set lacks can't be judged.
    let error = setup
        .verifier
        .verify_within(token("b", 2), zero)
        .unwrap_err();
    assert_eq!(
        (error.name(), error.retry_after()),
        ("UnavailableTimeout", Some(1))
    );
    answer.send(Response::new(200, jwks(&[("b", 2)]))).unwrap();
    settle(&setup.remote);
    assert!(setup.verifier.verify_within(token("b", 2), zero).is_ok());
    assert_eq!(setup.issuer.requests(), 2);
}

#[test]
fn a_verdict_on_old_keys_can_be_told_from_one_on_young_ones() {
    let setup = Setup::new(&[("a", 1)]);
    let stale = |setup: &Setup| {
        let (verified, keys) = setup.verifier.verify_and_show_keys(token("a", 1)).unwrap();
        assert!(verified.claims().issuer().unwrap() == ISSUER);
        (keys.is_stale(), keys.state(), setup.remote.status().state)
    };
    assert_eq!(stale(&setup), (false, State::Fresh, State::Fresh));
    setup.issuer.always(Response::new(503, ""));
    setup.clock.advance(secs(601));
    assert_eq!(stale(&setup), (true, State::StaleIdle, State::StaleErr));
    setup.issuer.publish(&[("a", 1)]);
    setup.clock.advance(secs(60));
    let _ = setup.remote.refresh().unwrap();
    assert_eq!(stale(&setup), (false, State::Fresh, State::Fresh));
}

#[test]
fn a_key_that_arrives_with_a_joined_fetch_is_found_and_one_that_does_not_may_come_back() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(530));
    let answer = setup.issuer.hang_next();
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.issuer.wait_for_requests(2);
    // This fetch began before the callers came: what it brings counts, what it lacks proves nothing.
    thread::scope(|scope| {
        let found = scope.spawn(|| setup.verdict("b", 2));
        let missing = scope.spawn(|| setup.verdict("c", 3));
        answer.send(Response::new(200, jwks(&[("b", 2)]))).unwrap();
        assert_eq!(found.join().unwrap(), "valid");
        assert_eq!(missing.join().unwrap(), "UnavailableUnchecked");
    });
    setup.clock.advance(secs(5));
    assert_eq!(setup.verdict("c", 3), "KeyNotFound");
    assert_eq!(setup.issuer.requests(), 3);
}

#[test]
fn t15_an_answer_that_the_machine_slept_over_is_not_trusted() {
    let setup = Setup::new(&[("a", 1)]);
    let answer = setup.issuer.hang_next();
    thread::scope(|scope| {
        let caller = scope.spawn(|| setup.verdict("a", 1));
        setup.issuer.wait_for_requests(1);
        setup.clock.jump(86_400);
        answer.send(Response::new(200, jwks(&[("a", 1)]))).unwrap();
        assert_eq!(caller.join().unwrap(), "UnavailableTimeout");
    });
    assert_eq!(setup.verdict("a", 1), "valid");
    assert_eq!(setup.issuer.requests(), 2);
}
