//! What issuers do wrong, and what becomes of old keys.

use super::*;

#[test]
fn t2_at_the_ttl_callers_keep_the_old_keys_while_one_request_hangs() {
    let setup = Setup::with(&[("a", 1)], |builder| {
        builder.url(URL).stale_wait(Duration::ZERO)
    });
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(600));
    let answer = setup.issuer.hang_next();
    for _ in 0..100 {
        assert_eq!(setup.verdict("a", 1), "valid");
    }
    assert_eq!(setup.remote.status().state, State::StaleIdle);
    answer.send(Response::new(200, jwks(&[("b", 2)]))).unwrap();
    settle(&setup.remote);
    assert_eq!(setup.verdict("b", 2), "valid");
    assert_eq!(setup.issuer.requests(), 2);
}

#[test]
fn t4_an_unusable_answer_keeps_the_old_set() {
    let private = jwk("p", 9).replace(
        r#""x""#,
        r#""d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x""#,
    );
    let answers = [
        (
            200,
            "<html>maintenance</html>".to_owned(),
            "UnavailableKeySet",
        ),
        (200, "{}".to_owned(), "UnavailableKeySet"),
        (200, r#"{"keys":[]}"#.to_owned(), "UnavailableKeySet"),
        (200, jwks(&[("b", 2)])[..40].to_owned(), "UnavailableKeySet"),
        (200, String::new(), "UnavailableKeySet"),
        (
            200,
            format!(r#"{{"keys":[{private}]}}"#),
            "UnavailableKeySet",
        ),
        (
            200,
            format!("{}{}", jwks(&[("b", 2)]), " ".repeat(512 * 1024)),
            "UnavailableTooLarge",
        ),
        (204, String::new(), "UnavailableStatus"),
        (302, jwks(&[("b", 2)]), "UnavailableRedirect"),
        (404, jwks(&[("b", 2)]), "UnavailableStatus"),
        (500, jwks(&[("b", 2)]), "UnavailableStatus"),
    ];
    for (status, body, name) in answers {
        let setup = Setup::new(&[("a", 1)]);
        assert_eq!(setup.verdict("a", 1), "valid");
        setup.issuer.always(Response::new(status, body));
        setup.clock.advance(secs(600));
        assert_eq!(setup.verdict("a", 1), "valid", "{status} {name}");
        assert_eq!(
            setup.verdict("b", 2),
            "UnavailableUnchecked",
            "{status} {name}"
        );
        let last = setup.remote.status().last_fetch.unwrap();
        assert_eq!(last.error.map(Code::name), Some(name), "{status}");
        assert_eq!(setup.remote.refresh().unwrap_err().name(), name);
        assert_eq!(setup.remote.status().generation, 1);
    }
}

#[test]
fn t5_an_outage_is_survived_for_an_hour_past_the_ttl_and_then_fails_closed() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.issuer.always(Response::new(500, ""));
    setup.clock.advance(secs(600));
    let mut verdicts = 0;
    while setup
        .clock
        .stamp()
        .since(setup.remote.snapshot().unwrap().held().confirmed)
        < secs(4200)
    {
        assert_eq!(setup.verdict("a", 1), "valid");
        settle(&setup.remote);
        setup.clock.advance(secs(1));
        verdicts += 1;
    }
    assert_eq!(verdicts, 3600);
    // About 0, 1, 3, 7, 15, 31, 63 s, then one in 30 to 60 s, however many callers there were.
    let attempts = setup.issuer.requests() - 1;
    assert!((60..=128).contains(&attempts), "{attempts}");

    assert_eq!(setup.remote.status().state, State::Expired);
    let error = setup.verifier.verify(token("a", 1)).unwrap_err();
    assert_eq!(error.http_status(), 503);
    assert!(
        error
            .retry_after()
            .is_some_and(|secs| (1..=60).contains(&secs))
    );
    setup.clock.advance(secs(60));
    let error = setup.verifier.verify(token("a", 1)).unwrap_err();
    assert_eq!(error.name(), "UnavailableStatus");
    assert!(error.to_string().contains("HTTP 500"), "{error}");

    // The issuer is back.
    setup.issuer.publish(&[("a", 1)]);
    setup.clock.advance(secs(60));
    assert_eq!(setup.verdict("a", 1), "valid");
    assert_eq!(setup.remote.status().failures, 0);
}

#[test]
fn t5_cold_callers_hear_the_reason_and_then_when_to_come_back() {
    let setup = Setup::new(&[("a", 1)]);
    setup.issuer.next(Step::Fail(FetchError::Connect(
        "connection refused".to_owned(),
    )));
    let error = setup.remote.keys().unwrap_err();
    assert_eq!(
        (error.name(), error.retry_after()),
        ("UnavailableConnect", Some(1))
    );
    assert!(error.to_string().contains("connection refused"), "{error}");
    for _ in 0..1000 {
        assert_eq!(
            setup.remote.keys().unwrap_err().name(),
            "UnavailableBackoff"
        );
    }
    assert_eq!(setup.issuer.requests(), 1);
    setup.clock.advance(Duration::from_millis(250));
    assert_eq!(setup.verdict("a", 1), "valid");
}

#[test]
fn t6_a_removed_key_is_refused_after_the_refresh() {
    let setup = Setup::new(&[("a", 1), ("b", 2)]);
    assert_eq!(setup.verdict("b", 2), "valid");
    setup.issuer.publish(&[("a", 1)]);
    setup.clock.advance(secs(431));
    assert_eq!(setup.verdict("b", 2), "valid");
    setup.clock.advance(secs(169));
    assert_eq!(setup.verdict("b", 2), "KeyNotFound");
    assert_eq!(setup.verdict("a", 1), "valid");
    assert_eq!(setup.issuer.requests(), 2);
}

#[test]
fn t6_an_idle_night_does_not_revive_a_removed_key() {
    for idle in [secs(1800), secs(8 * 3600)] {
        let setup = Setup::new(&[("a", 1), ("b", 2)]);
        assert_eq!(setup.verdict("b", 2), "valid");
        setup.issuer.publish(&[("a", 1)]);
        setup.clock.advance(idle);
        assert_eq!(setup.verdict("b", 2), "KeyNotFound");
    }
}

#[test]
fn a_transport_that_panics_is_a_failed_fetch() {
    let setup = Setup::new(&[("a", 1)]);
    setup.issuer.next(Step::Panic);
    let error = setup.remote.keys().unwrap_err();
    assert_eq!(error.name(), "UnavailableConnect");
    assert!(error.to_string().contains("panicked"), "{error}");
    setup.clock.advance(secs(1));
    assert_eq!(setup.verdict("a", 1), "valid");
}
