//! Discovery, claims, and what is said about it all.

use super::*;

#[test]
fn claims_are_compared_with_the_given_time_and_the_injected_clock() {
    let setup = Setup::new(&[("a", 1)]);
    let now = setup.clock.unix().secs();
    let payload = format!(r#"{{"iss":"{ISSUER}","exp":{}}}"#, now + 10);
    let token = mint(r#"{"alg":"EdDSA","kid":"a"}"#, &payload, 1);
    assert!(setup.verifier.verify(&token).is_ok());
    let at = |secs| {
        setup
            .verifier
            .verify_at(&token, jwtverify_core::UnixTime::from_secs(secs))
    };
    assert!(at(now + 9).is_ok());
    assert_eq!(at(now + 10).unwrap_err().name(), "Expired");
    setup.clock.advance(secs(10));
    assert_eq!(setup.verifier.verify(&token).unwrap_err().name(), "Expired");
    assert_eq!(
        setup.verifier.verify_jws(&token).unwrap().payload(),
        payload.as_bytes()
    );
}

#[test]
fn discovery_names_the_url_once_and_again_when_it_is_gone() {
    let setup = Setup::with(&[("a", 1)], |builder| builder.issuer(ISSUER));
    let document = |uri: &str| {
        Step::Answer(
            200,
            format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{uri}"}}"#),
        )
    };
    setup.issuer.next(document("https://keys.example/1?v=2"));
    assert_eq!(setup.verdict("a", 1), "valid");
    let well_known = "https://issuer.example/.well-known/openid-configuration";
    assert_eq!(
        setup.issuer.urls(),
        [well_known, "https://keys.example/1?v=2"]
    );
    assert_eq!(
        setup.remote.keys().unwrap().url(),
        "https://keys.example/1?…"
    );
    assert_eq!(setup.remote.status().issuer.as_deref(), Some(ISSUER));

    // A short absence is not a move.
    setup.clock.advance(secs(60));
    setup.issuer.next(Step::Answer(404, String::new()));
    assert_eq!(
        setup.remote.refresh().unwrap_err().name(),
        "UnavailableStatus"
    );
    setup.remote.refresh().unwrap();
    let keys = "https://keys.example/1?v=2";
    assert_eq!(setup.issuer.urls()[2..], [keys, keys]);

    // The next refresh goes straight to the keys. They have moved.
    setup.clock.advance(secs(600));
    setup.issuer.next(Step::Answer(404, String::new()));
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(1));
    setup.issuer.next(document("https://keys.example/2"));
    assert_eq!(setup.verdict("a", 1), "valid");
    settle(&setup.remote);
    let urls = setup.issuer.urls();
    assert_eq!(
        urls[4..],
        [
            "https://keys.example/1?v=2",
            well_known,
            "https://keys.example/2"
        ]
    );
}

#[test]
fn discovery_and_keys_share_one_timeout() {
    let setup = Setup::with(&[("a", 1)], |builder| {
        builder.issuer(ISSUER).timeout(secs(3))
    });
    let body = format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{URL}"}}"#);
    setup.issuer.next(Step::Answer(200, body));
    setup.remote.keys().unwrap();
    let requests = setup.issuer.requests.lock().unwrap();
    assert!(requests[0].timeout <= secs(3) && requests[1].timeout <= requests[0].timeout);
    assert!(
        requests
            .iter()
            .all(|request| request.connect_timeout <= secs(2))
    );
}

#[test]
fn a_discovery_document_of_another_issuer_is_refused() {
    let setup = Setup::with(&[("a", 1)], |builder| builder.issuer(ISSUER));
    let body = format!(r#"{{"issuer":"{ISSUER}/","jwks_uri":"{URL}"}}"#);
    setup.issuer.next(Step::Answer(200, body));
    let error = setup.remote.keys().unwrap_err();
    assert_eq!(error.name(), "UnavailableIssuer");
    assert!(error.to_string().contains("slash"), "{error}");
    assert_eq!(setup.issuer.requests(), 1, "its keys are not even fetched");
}

#[test]
fn status_tells_what_happened() {
    let setup = Setup::new(&[("a", 1)]);
    let bad = r#"{"kty":"EC","crv":"P-256","kid":"broken","x":"AA","y":"AA"}"#;
    let body = format!(r#"{{"keys":[{},{bad}]}}"#, jwk("a", 1));
    setup.issuer.always(Response::new(200, body));
    setup.remote.keys().unwrap();
    setup.clock.advance(secs(7));
    let status = setup.remote.status();
    assert_eq!(
        (status.state, status.attempts, status.failures),
        (State::Fresh, 1, 0)
    );
    assert_eq!((status.age, status.generation), (Some(secs(7)), 1));
    assert_eq!((status.kids.len(), status.skipped.len()), (1, 1));
    assert_eq!(status.url.as_deref(), Some(URL));
    let last = status.last_fetch.unwrap();
    assert_eq!((last.error, last.ago), (None, secs(7)));
    assert_eq!(last.text, "HTTP 200, usable keys: 1, skipped: 1");
    assert_eq!(status.next_unknown_kid_fetch_in, Duration::ZERO);
    let _ = setup.remote.keys_with("x");
    assert_eq!(setup.remote.status().next_unknown_kid_fetch_in, secs(5));
    assert_eq!((status.ttl, status.etag), (Some(secs(600)), None));
}

#[test]
fn an_error_says_all_that_is_known() {
    let setup = Setup::new(&[("key-2", 1)]);
    setup.remote.keys().unwrap();
    setup.clock.advance(secs(12));
    let checked = setup.verifier.verify(token("key-1", 1)).unwrap_err();
    assert_eq!(checked.name(), "KeyNotFound");
    let unchecked = setup.verifier.verify(token("key-3", 1)).unwrap_err();
    assert_eq!(unchecked.name(), "UnavailableUnchecked");
    for (error, kid) in [(checked, "key-1"), (unchecked, "key-3")] {
        let diagnosis = error.diagnosis().unwrap();
        assert_eq!(diagnosis.kid.as_deref(), Some(kid));
        assert_eq!(diagnosis.available, ["key-2"]);
        assert_eq!(diagnosis.closest.as_deref(), Some("key-2"));
        assert_eq!(diagnosis.url.as_deref(), Some(URL));
        assert_eq!(diagnosis.age, Some(Duration::ZERO));
        assert!(diagnosis.last_fetch.as_ref().unwrap().contains("HTTP 200"));
        assert_eq!(diagnosis.next_fetch_in, Some(secs(5)));
        assert!(!diagnosis.suggestions.is_empty());
    }
}
