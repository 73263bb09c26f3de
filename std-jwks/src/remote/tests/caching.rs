//! Refreshes beside the callers, `Cache-Control`, entity tags and 304.

use super::*;

fn with_tag(keys: &[(&str, u8)], tag: &str) -> Response {
    Response::new(200, jwks(keys)).with_header("ETag", tag)
}

/// The conditions of the requests so far.
fn conditions(setup: &Setup) -> Vec<Option<String>> {
    let requests = setup.issuer.requests.lock().unwrap();
    let condition = |request: &crate::Request| {
        let mut fields = request.headers.iter();
        fields
            .find(|(name, _)| name == "If-None-Match")
            .map(|(_, value)| value.clone())
    };
    requests.iter().map(condition).collect()
}

#[test]
fn t2_a_due_refresh_runs_beside_the_callers_and_none_of_them_waits() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(530));
    let answer = setup.issuer.hang_next();
    // Were one of them to wait, this test would not end.
    for _ in 0..1000 {
        assert_eq!(setup.verdict("a", 1), "valid");
        assert_eq!(setup.remote.keys().unwrap().state(), State::Due);
    }
    setup.issuer.wait_for_requests(2);
    answer
        .send(Response::new(200, jwks(&[("a", 1), ("b", 2)])))
        .unwrap();
    settle(&setup.remote);
    assert_eq!(setup.verdict("b", 2), "valid");
    assert_eq!(
        (setup.issuer.requests(), setup.remote.status().state),
        (2, State::Fresh)
    );
}

#[test]
fn t2_while_a_refresh_fails_callers_take_no_lock_between_the_attempts() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.issuer.always(Response::new(500, ""));
    setup.clock.advance(secs(530));
    for past_ttl in [0, 120] {
        setup.clock.advance(secs(past_ttl));
        assert_eq!(setup.verdict("a", 1), "valid");
        settle(&setup.remote);
        let desk = setup.remote.shared().desk();
        // With the books in somebody else's hands a caller that wanted them would hang.
        let books = desk.lock();
        for _ in 0..100 {
            assert_eq!(setup.verdict("a", 1), "valid");
        }
        drop(books);
    }
}

#[test]
fn a_304_renews_the_set_and_its_keys_stay() {
    let setup = Setup::new(&[("a", 1)]);
    setup
        .issuer
        .next(Step::Respond(with_tag(&[("a", 1)], "W/\"one\"")));
    let first = setup.remote.keys().unwrap();
    assert_eq!(first.etag(), Some("W/\"one\""));
    setup.clock.advance(secs(300));
    let same = Response::new(304, "").with_header("Cache-Control", "max-age=900");
    setup.issuer.next(Step::Respond(same));
    let second = setup.remote.refresh().unwrap();
    assert!(std::ptr::eq(first.key_set(), second.key_set()));
    assert_eq!((second.age(), second.ttl()), (Duration::ZERO, secs(900)));
    assert_eq!((second.generation(), second.etag()), (1, first.etag()));
    let status = setup.remote.status();
    let text = status.last_fetch.unwrap().text;
    assert_eq!(text, "HTTP 304, the set has not changed");

    // A new set has its own tag, or none.
    setup
        .issuer
        .next(Step::Respond(with_tag(&[("b", 2)], "\"two\"")));
    assert_eq!(setup.remote.refresh().unwrap().generation(), 2);
    setup.issuer.next(Step::Answer(200, jwks(&[("c", 3)])));
    assert_eq!(setup.remote.refresh().unwrap().etag(), None);
    setup.remote.refresh().unwrap();
    let (one, two) = (Some("W/\"one\"".to_owned()), Some("\"two\"".to_owned()));
    assert_eq!(conditions(&setup), [None, one.clone(), one, two, None]);
}

#[test]
fn a_304_that_nobody_asked_for_is_a_failure() {
    let setup = Setup::new(&[("a", 1)]);
    setup.issuer.next(Step::Answer(304, String::new()));
    let error = setup.remote.keys().unwrap_err();
    assert_eq!(error.name(), "UnavailableStatus");
    assert!(error.to_string().contains("no condition"), "{error}");
    // With a set, but without a tag, it is one too.
    setup.clock.advance(secs(1));
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.issuer.next(Step::Answer(304, String::new()));
    assert_eq!(
        setup.remote.refresh().unwrap_err().name(),
        "UnavailableStatus"
    );
    assert_eq!(setup.remote.status().failures, 1);
}

#[test]
fn a_tag_is_sent_to_the_address_that_gave_it_and_to_no_other() {
    let setup = Setup::with(&[("a", 1)], |builder| builder.issuer(ISSUER));
    let document = |uri: &str| {
        let body = format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{uri}"}}"#);
        Step::Respond(Response::new(200, body).with_header("ETag", "\"document\""))
    };
    setup.issuer.next(document("https://keys.example/1"));
    setup
        .issuer
        .next(Step::Respond(with_tag(&[("a", 1)], "\"keys\"")));
    setup.remote.keys().unwrap();
    setup.clock.advance(secs(400));
    setup.issuer.next(Step::Answer(410, String::new()));
    assert!(setup.remote.refresh().is_err());
    setup.issuer.next(document("https://keys.example/2"));
    setup.remote.refresh().unwrap();
    let tag = Some("\"keys\"".to_owned());
    assert_eq!(conditions(&setup), [None, None, tag, None, None]);
}

#[test]
fn tags_that_are_none_are_not_sent_back() {
    for tag in [
        "\"a\r\nCookie: b\"",
        "bare",
        &format!("\"{}\"", "x".repeat(10_000)),
    ] {
        let setup = Setup::new(&[("a", 1)]);
        setup.issuer.next(Step::Respond(with_tag(&[("a", 1)], tag)));
        assert_eq!(setup.remote.keys().unwrap().etag(), None);
        setup.remote.refresh().unwrap();
        assert_eq!(conditions(&setup), [None, None]);
    }
}

#[test]
fn rfc9111_max_age_gives_the_ttl_within_bounds() {
    for (fields, wanted) in [
        (&[("Cache-Control", "max-age=900")][..], 900),
        (&[("cache-control", "max-age=900"), ("age", "300")], 600),
        (
            &[
                ("Cache-Control", "public"),
                ("Cache-Control", "max-age=900"),
            ],
            900,
        ),
        (&[("Cache-Control", "max-age=15")], 60),
        (&[("Cache-Control", "max-age=21600")], 3600),
        (&[("Cache-Control", "no-cache")], 600),
        (&[("Cache-Control", "no-store, max-age=900")], 600),
        (&[("Expires", "Thu, 01 Jan 1970 00:00:00 GMT")], 600),
        (&[], 600),
    ] {
        let setup = Setup::new(&[("a", 1)]);
        let mut response = Response::new(200, jwks(&[("a", 1)]));
        for (name, value) in fields {
            response = response.with_header(*name, *value);
        }
        setup.issuer.always(response);
        assert_eq!(
            setup.remote.keys().unwrap().ttl(),
            secs(wanted),
            "{fields:?}"
        );
        setup.clock.advance(secs(wanted));
        assert!(setup.remote.snapshot().unwrap().is_stale());
        setup.remote.keys().unwrap();
        assert_eq!(setup.issuer.requests(), 2, "{fields:?}");
    }
}

#[test]
fn a_ttl_that_was_chosen_is_not_exceeded_unless_that_was_chosen_too() {
    type Set = fn(RemoteJwksBuilder) -> RemoteJwksBuilder;
    let cases: [(Set, u64, u64); 6] = [
        (|builder| builder.ttl(secs(300)), 900, 300),
        (|builder| builder.ttl(secs(300)), 120, 120),
        (
            |builder| builder.ttl(secs(300)).max_ttl(secs(800)),
            900,
            800,
        ),
        (|builder| builder.ttl(secs(10)), 900, 10),
        (|builder| builder.cache_control(false), 900, 600),
        (|builder| builder.min_ttl(secs(1)), 15, 15),
    ];
    for (set, max_age, wanted) in cases {
        let setup = Setup::with(&[("a", 1)], |builder| set(builder.url(URL)));
        let field = format!("max-age={max_age}");
        let response = Response::new(200, jwks(&[("a", 1)]));
        setup
            .issuer
            .always(response.with_header("Cache-Control", field));
        assert_eq!(setup.remote.keys().unwrap().ttl(), secs(wanted));
    }
}
