//! The promises of the remote key set, on a scripted issuer and a clock that moves by hand.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::desk::Desk;
use crate::fetch::{FetchError, Response};
use crate::schedule::Schedule;
use crate::status::State;
use crate::testing::{ISSUER, Setup, Step, URL, jwk, jwks, mint, token};

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Waits for the flights that nobody waits for.
fn settle(remote: &RemoteJwks) {
    let desk = remote.shared().desk();
    let books = desk.lock();
    let flight = books.attempts;
    drop(desk.wait(books, flight, None));
}

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
    assert_eq!(setup.remote.status().state, State::Stale);
    answer.send(Response::new(200, jwks(&[("b", 2)]))).unwrap();
    settle(&setup.remote);
    assert_eq!(setup.verdict("b", 2), "valid");
    assert_eq!(setup.issuer.requests(), 2);
}

#[test]
fn t3_ten_thousand_random_kids_cost_one_request_in_an_interval() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    for round in 1..=3 {
        for junk in 0..10_000 {
            let kid = format!("junk-{round}-{junk}");
            let found = setup.remote.keys_with(&kid).unwrap_err();
            match junk {
                0 => assert_eq!((found.name(), found.http_status()), ("KeyNotFound", 401)),
                _ => {
                    assert_eq!(
                        (found.name(), found.http_status()),
                        ("UnavailableUnchecked", 503)
                    );
                    assert_eq!(found.retry_after(), Some(30));
                }
            }
        }
        assert_eq!(setup.verdict("a", 1), "valid");
        assert_eq!(setup.issuer.requests(), 1 + round);
        setup.clock.advance(secs(30));
    }
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
        .since(setup.remote.snapshot().unwrap().confirmed())
        < secs(4200)
    {
        assert_eq!(setup.verdict("a", 1), "valid");
        settle(&setup.remote);
        setup.clock.advance(secs(1));
        verdicts += 1;
    }
    assert_eq!(verdicts, 3600);
    // 0, 1, 3, 7, 15, 31, 63 s, then one a minute, however many callers there were.
    let attempts = setup.issuer.requests() - 1;
    assert!((60..=70).contains(&attempts), "{attempts}");

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
    setup.clock.advance(secs(599));
    assert_eq!(setup.verdict("b", 2), "valid");
    setup.clock.advance(secs(1));
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
fn rotation_is_followed_at_the_first_token_of_the_new_key() {
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(1));
    setup.issuer.publish(&[("a", 1), ("b", 2)]);
    assert_eq!(setup.verdict("b", 2), "valid");
    assert_eq!(setup.issuer.requests(), 2);
    assert_eq!(setup.remote.status().generation, 2);
}

#[test]
fn an_unknown_kid_against_a_set_fetched_for_it_is_a_bad_token() {
    let setup = Setup::new(&[("a", 1)]);
    let error = setup.verifier.verify(token("b", 2)).unwrap_err();
    assert_eq!((error.name(), error.http_status()), ("KeyNotFound", 401));
    assert_eq!(setup.issuer.requests(), 1, "the first fetch was the check");
    // The budget is still there.
    assert_eq!(setup.verdict("b", 2), "KeyNotFound");
    assert_eq!(setup.issuer.requests(), 2);
    assert_eq!(setup.verdict("b", 2), "UnavailableUnchecked");
    assert_eq!(setup.issuer.requests(), 2);
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
fn a_transport_that_panics_is_a_failed_fetch() {
    let setup = Setup::new(&[("a", 1)]);
    setup.issuer.next(Step::Panic);
    let error = setup.remote.keys().unwrap_err();
    assert_eq!(error.name(), "UnavailableConnect");
    assert!(error.to_string().contains("panicked"), "{error}");
    setup.clock.advance(secs(1));
    assert_eq!(setup.verdict("a", 1), "valid");
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
    while books.schedule.lost() > 0 {
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
fn a_wanted_refresh_is_made_at_once_and_leaves_the_budget_alone() {
    let setup = Setup::new(&[("a", 1)]);
    for round in 1..=5 {
        setup.remote.refresh().unwrap();
        assert_eq!(setup.issuer.requests(), round);
    }
    setup.issuer.publish(&[("b", 2)]);
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
    let mut parents = Desk::new(Schedule::inherit(shared.timing.clone(), None));
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
    assert_eq!(setup.remote.status().next_unknown_kid_fetch_in, secs(30));
}

#[test]
fn an_error_says_all_that_is_known() {
    let setup = Setup::new(&[("key-2", 1)]);
    setup.remote.keys().unwrap();
    setup.clock.advance(secs(12));
    let checked = setup.verifier.verify(token("key-1", 1)).unwrap_err();
    assert_eq!(checked.name(), "KeyNotFound");
    let unchecked = setup.verifier.verify(token("key-1", 1)).unwrap_err();
    assert_eq!(unchecked.name(), "UnavailableUnchecked");
    for error in [checked, unchecked] {
        let diagnosis = error.diagnosis().unwrap();
        assert_eq!(diagnosis.kid.as_deref(), Some("key-1"));
        assert_eq!(diagnosis.available, ["key-2"]);
        assert_eq!(diagnosis.closest.as_deref(), Some("key-2"));
        assert_eq!(diagnosis.url.as_deref(), Some(URL));
        assert_eq!(diagnosis.age, Some(Duration::ZERO));
        assert!(diagnosis.last_fetch.as_ref().unwrap().contains("HTTP 200"));
        assert_eq!(diagnosis.next_fetch_in, Some(secs(30)));
        assert!(!diagnosis.suggestions.is_empty());
    }
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
