//! Several URLs, RFC 8414, files, and sets that the program brings along; requests made anew.

use super::*;
use crate::engine::Timing;

/// Retries without a pause.
fn hasty(retries: u32) -> Timing {
    Timing {
        retries,
        retry_least: Duration::ZERO,
        retry_most: Duration::ZERO,
        ..Timing::default()
    }
}

#[test]
fn a_failure_that_may_be_chance_is_tried_once_more() {
    let fail = |error| Step::Fail(error);
    let status = |status, field: &[(&str, &str)]| {
        let mut response = Response::new(status, "");
        for (name, value) in field {
            response = response.with_header(*name, *value);
        }
        Step::Respond(response)
    };
    let cases: Vec<(Step, Option<&str>)> = vec![
        (fail(FetchError::Connect("refused".to_owned())), None),
        (status(408, &[]), None),
        (status(429, &[]), None),
        (status(500, &[]), None),
        (status(503, &[]), None),
        (
            status(503, &[("Retry-After", "1")]),
            Some("UnavailableStatus"),
        ),
        (
            status(429, &[("Retry-After", "1")]),
            Some("UnavailableStatus"),
        ),
        (status(404, &[]), Some("UnavailableStatus")),
        (status(302, &[]), Some("UnavailableRedirect")),
        (
            fail(FetchError::Tls("expired".to_owned())),
            Some("UnavailableTls"),
        ),
        (fail(FetchError::Timeout), Some("UnavailableTimeout")),
        (
            Step::Answer(200, "{}".to_owned()),
            Some("UnavailableKeySet"),
        ),
    ];
    for (number, (step, refused)) in cases.into_iter().enumerate() {
        let setup = Setup::with(&[("a", 1)], |builder| builder.url(URL).timing(hasty(1)));
        setup.issuer.next(step);
        let outcome = setup.remote.keys().err().map(|error| error.name());
        assert_eq!(outcome, refused, "case {number}");
        let requests = if refused.is_some() { 1 } else { 2 };
        assert_eq!(setup.issuer.requests(), requests, "case {number}");
        assert_eq!(setup.remote.status().attempts, 1, "case {number}");
    }
}

#[test]
fn retries_are_counted() {
    for retries in 0..=3 {
        let setup = Setup::with(&[("a", 1)], |builder| {
            builder.url(URL).timing(hasty(retries))
        });
        setup.issuer.always(Response::new(500, ""));
        assert_eq!(setup.remote.keys().unwrap_err().name(), "UnavailableStatus");
        assert_eq!(
            setup.issuer.requests(),
            1 + usize::try_from(retries).unwrap()
        );
        assert_eq!(setup.remote.status().failures, 1);
    }
}

#[test]
fn a_pause_that_would_outlast_the_timeout_is_not_made() {
    let timing = Timing {
        retry_least: secs(10),
        retry_most: secs(10),
        ..Timing::default()
    };
    let setup = Setup::with(&[("a", 1)], |builder| builder.url(URL).timing(timing));
    setup.issuer.next(Step::Answer(500, String::new()));
    assert_eq!(setup.remote.keys().unwrap_err().name(), "UnavailableStatus");
    assert_eq!(setup.issuer.requests(), 1);
}

#[test]
fn the_first_url_with_a_usable_set_is_taken() {
    let (one, two, three) = (
        "https://one.example/k",
        "https://two.example/k",
        "https://3.example/",
    );
    let setup = Setup::with(&[("a", 1)], |builder| builder.urls([one, two, three]));
    setup.issuer.next(Step::Fail(FetchError::Timeout));
    setup.issuer.next(Step::Answer(200, "<html>".to_owned()));
    assert_eq!(setup.verdict("a", 1), "valid");
    assert_eq!(setup.remote.keys().unwrap().url(), three);
    assert_eq!(setup.issuer.urls(), [one, two, three]);
    // The first is the first again.
    assert_eq!(setup.remote.refresh().unwrap().url(), one);
    assert_eq!(setup.issuer.requests(), 4);

    // Each has its share of the time.
    let requests = setup.issuer.requests.lock().unwrap();
    let most = |share| setup.remote.shared().timeout / share;
    assert!(requests[0].timeout <= most(3), "{:?}", requests[0]);
    assert!(requests[1].timeout <= most(2), "{:?}", requests[1]);
    assert!(requests[2].timeout <= most(1), "{:?}", requests[2]);
}

#[test]
fn when_all_urls_fail_each_is_named() {
    let setup = Setup::with(&[("a", 1)], |builder| {
        builder.urls(["https://one.example/k", "https://two.example/k?code=s3cret"])
    });
    setup.issuer.next(Step::Answer(404, String::new()));
    setup.issuer.next(Step::Answer(302, String::new()));
    let error = setup.remote.keys().unwrap_err();
    assert_eq!(error.name(), "UnavailableStatus");
    let text = error.to_string();
    assert!(
        text.contains("HTTP 404; then https://two.example/k?…: HTTP 302"),
        "{text}"
    );
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn rfc8414_an_authorization_server_names_its_keys() {
    let issuer = "https://as.example/tenant";
    let setup = Setup::with(&[("a", 1)], |builder| builder.authorization_server(issuer));
    let body = format!(r#"{{"issuer":"{issuer}","jwks_uri":"{URL}"}}"#);
    setup.issuer.next(Step::Answer(200, body));
    setup.remote.keys().unwrap();
    let document = "https://as.example/.well-known/oauth-authorization-server/tenant";
    assert_eq!(setup.issuer.urls(), [document, URL]);
    assert_eq!(setup.remote.status().issuer.as_deref(), Some(issuer));
}

#[test]
fn a_set_that_the_program_brought_along_never_ages_and_never_fetches() {
    let remote = RemoteJwks::builder()
        .jwks(jwks(&[("a", 1)]))
        .build()
        .unwrap();
    let policy = crate::Verifier::builder()
        .algorithms([crate::Algorithm::EdDsa])
        .issuer(ISSUER)
        .any_audience()
        .build()
        .unwrap();
    let verifier = crate::JwksVerifier::new(policy, remote.clone());
    assert!(verifier.verify(token("a", 1)).is_ok());
    for number in 0..100 {
        let error = verifier
            .verify(token(&format!("x{number}"), 1))
            .unwrap_err();
        assert_eq!((error.name(), error.http_status()), ("KeyNotFound", 401));
        assert_eq!(error.diagnosis().unwrap().next_fetch_in, None);
    }
    assert_eq!(remote.refresh().unwrap().generation(), 1);
    let status = remote.status();
    assert_eq!((status.state, status.attempts), (State::Fresh, 0));
    assert!(!remote.keys().unwrap().is_stale());

    let secret = r#"{"keys":[{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]}"#;
    for (document, word) in [("{}", "given"), (secret, "symmetric"), ("", "given")] {
        let error = RemoteJwks::builder().jwks(document).build().unwrap_err();
        assert!((600..700).contains(&error.code()), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

/// A file of its own for each test, removed at the end.
struct Temporary(std::path::PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        let name = format!("jwtverify-{}-{name}.json", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn write(&self, text: &str) {
        std::fs::write(&self.0, text).unwrap();
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_file_is_read_anew_when_it_is_due_and_for_a_new_kid() {
    let file = Temporary::new("anew");
    let clock = Arc::new(crate::clock::testing::TestClock::new());
    let builder = RemoteJwks::builder().file(&file.0).clock(clock.clone());
    let remote = builder
        .wait(secs(60))
        .stale_wait(secs(60))
        .retries(0)
        .build()
        .unwrap();
    let error = remote.keys().unwrap_err();
    assert_eq!(error.name(), "UnavailableConnect");
    assert!(error.to_string().contains("anew.json"), "{error}");

    clock.advance(secs(1));
    file.write(&jwks(&[("a", 1)]));
    let first = remote.keys().unwrap();
    assert!(first.url().ends_with("anew.json"));
    assert_eq!((first.generation(), first.etag()), (1, None));

    clock.advance(secs(5));
    file.write(&jwks(&[("a", 1), ("b", 2)]));
    assert_eq!(remote.keys_with("b").unwrap().generation(), 2);

    // A file that is just being written is no reason to lose the keys.
    file.write("{\"keys\":[");
    clock.advance(secs(600));
    assert!(remote.keys_with("a").is_ok());
    let last = remote.status().last_fetch.unwrap();
    assert_eq!(last.error, Some(Code::UnavailableKeySet));
    file.write(&jwks(&[("c", 3)]));
    clock.advance(secs(1));
    let _ = remote.keys();
    settle(&remote);
    assert_eq!(
        remote.keys_with("a").unwrap_err().name(),
        "UnavailableUnchecked"
    );
    assert!(remote.keys_with("c").is_ok());
}
