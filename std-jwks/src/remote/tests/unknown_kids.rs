//! Kids that the set lacks: rotation and floods.

use super::*;

#[test]
fn t3_ten_thousand_random_kids_cost_two_requests_and_then_one_in_thirty_seconds() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    for (round, pause, requests, next) in
        [(1, 5, 2, 5), (2, 5, 3, 25), (3, 25, 4, 30), (4, 30, 5, 30)]
    {
        setup.clock.advance(secs(pause));
        for junk in 0..10_000 {
            let kid = format!("junk-{round}-{junk}");
            let found = setup.remote.keys_with(&kid).unwrap_err();
            let wanted = match junk {
                0 => ("KeyNotFound", 401, None),
                _ => ("UnavailableUnchecked", 503, Some(next)),
            };
            let found = (found.name(), found.http_status(), found.retry_after());
            assert_eq!(found, wanted, "{kid}");
        }
        assert_eq!(setup.verdict("a", 1), "valid");
        assert_eq!(setup.issuer.requests(), requests);
    }
}

#[test]
fn rotation_is_followed_at_the_first_token_of_the_new_key() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(60));
    setup.issuer.publish(&[("a", 1), ("b", 2)]);
    assert_eq!(setup.verdict("b", 2), "valid");
    assert_eq!(setup.issuer.requests(), 2);
    assert_eq!(setup.remote.status().generation, 2);

    // Right after a fetch it takes up to five seconds, and the answer says so.
    setup.clock.advance(secs(1));
    setup.issuer.publish(&[("a", 1), ("b", 2), ("c", 3)]);
    let error = setup.verifier.verify(token("c", 3)).unwrap_err();
    assert_eq!(
        (error.name(), error.retry_after()),
        ("UnavailableUnchecked", Some(4))
    );
    setup.clock.advance(secs(4));
    assert_eq!(setup.verdict("c", 3), "valid");
}

#[test]
fn an_unknown_kid_against_a_set_fetched_for_it_is_a_bad_token() {
    let setup = Setup::new(&[("a", 1)]);
    let error = setup.verifier.verify(token("b", 2)).unwrap_err();
    assert_eq!((error.name(), error.http_status()), ("KeyNotFound", 401));
    assert_eq!(setup.issuer.requests(), 1, "the first fetch was the check");
    // It is not looked for again at once, and the answer is the same.
    assert_eq!(setup.verdict("b", 2), "KeyNotFound");
    assert_eq!(setup.issuer.requests(), 1);
    // Another kid is not known to be missing.
    assert_eq!(setup.verdict("c", 3), "UnavailableUnchecked");
    setup.clock.advance(secs(5));
    assert_eq!(setup.verdict("b", 2), "KeyNotFound");
    assert_eq!(setup.issuer.requests(), 2);
    setup.clock.advance(secs(14));
    assert_eq!(setup.verdict("b", 2), "KeyNotFound");
    assert_eq!(
        setup.issuer.requests(),
        2,
        "held for fifteen seconds the second time"
    );
    // A hold hides nothing.
    setup.issuer.publish(&[("a", 1), ("b", 2)]);
    setup.remote.refresh().unwrap();
    assert_eq!(setup.verdict("b", 2), "valid");
}

#[test]
fn a_bad_signature_under_a_known_kid_never_fetches() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    for _ in 0..100 {
        assert_eq!(setup.verdict("a", 2), "SignatureInvalid");
    }
    assert_eq!(setup.issuer.requests(), 1);
}

#[test]
fn rubbish_never_fetches_and_is_refused_while_the_issuer_is_down() {
    let setup = Setup::new(&[("a", 1)]);
    setup.issuer.always(Response::new(500, ""));
    let payload = format!(r#"{{"iss":"{ISSUER}","exp":9999999999}}"#);
    for (token, wanted) in [
        (String::new(), "TokenSegments"),
        ("a.b".to_owned(), "TokenSegments"),
        (
            mint(r#"{"alg":"none","kid":"a"}"#, &payload, 1),
            "AlgorithmNone",
        ),
        (
            mint(r#"{"alg":"HS256","kid":"a"}"#, &payload, 1),
            "AlgorithmNotAllowed",
        ),
        (
            mint(r#"{"alg":"EdDSA","kid":"a","crit":["exp"]}"#, &payload, 1),
            "CriticalHeader",
        ),
        (
            mint(r#"{"alg":"EdDSA","kid":null}"#, &payload, 1),
            "HeaderMemberType",
        ),
    ] {
        let error = setup.verifier.verify(&token).unwrap_err();
        assert_eq!((error.name(), error.http_status()), (wanted, 401));
    }
    assert_eq!(setup.issuer.requests(), 0);
    // A token that names no key can be judged by nobody but the issuer's keys.
    let unnamed = mint(r#"{"alg":"EdDSA"}"#, &payload, 7);
    assert_eq!(
        setup.verifier.verify(&unnamed).unwrap_err().name(),
        "UnavailableStatus"
    );
    assert_eq!(setup.issuer.requests(), 1);
}

#[test]
fn a_wanted_refresh_is_made_at_once_and_leaves_the_budget_alone() {
    let setup = Setup::new(&[("a", 1)]);
    for round in 1..=5 {
        setup.remote.refresh().unwrap();
        assert_eq!(setup.issuer.requests(), round);
    }
    setup.issuer.publish(&[("b", 2)]);
    setup.clock.advance(secs(5));
    assert_eq!(setup.verdict("b", 2), "valid");
    // It says so when it fails, and the set stays.
    setup
        .issuer
        .always(Response::new(503, "").with_header("Retry-After", "120"));
    let error = setup.remote.refresh().unwrap_err();
    assert_eq!(
        (error.name(), error.retry_after()),
        ("UnavailableStatus", Some(120))
    );
    assert_eq!(setup.verdict("b", 2), "valid");
}

#[test]
fn t11_two_issuers_with_the_same_kid_share_nothing() {
    let one = Setup::new(&[("a", 1)]);
    let two = Setup::new(&[("a", 2)]);
    assert_eq!(
        (one.verdict("a", 1), two.verdict("a", 2)),
        ("valid", "valid")
    );
    assert_eq!(
        (one.verdict("a", 2), two.verdict("a", 1)),
        ("SignatureInvalid", "SignatureInvalid")
    );
}

#[test]
fn a_kid_is_held_also_if_its_caller_did_not_wait() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(60));
    let answer = setup.issuer.hang_next();
    let hasty = setup.remote.with_wait(Duration::ZERO);
    assert_eq!(
        hasty.keys_with("b").unwrap_err().name(),
        "UnavailableTimeout"
    );
    answer.send(Response::new(200, jwks(&[("a", 1)]))).unwrap();
    settle(&setup.remote);
    assert_eq!(hasty.keys_with("b").unwrap_err().name(), "KeyNotFound");
    assert_eq!(
        hasty.keys_with("c").unwrap_err().name(),
        "UnavailableUnchecked"
    );
    assert_eq!(setup.issuer.requests(), 2);
}
