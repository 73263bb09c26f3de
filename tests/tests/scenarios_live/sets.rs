//! Answers that are strange, and answers that are none.

use jwtverify_jwks::State;
use jwtverify_tests::{FaultServer, Step, jwks};

use super::*;

/// What the system may hold between a server that sends and a client that stopped reading, and
/// what may be read at most.
const IN_FLIGHT: usize = 64 * 1024 * 1024;

/// Keys that nobody should verify with, or nobody can.
fn exotic() -> Vec<Value> {
    let curve = es256("x").bare_jwk();
    let (x, y) = (&curve["x"], &curve["y"]);
    let long = base64url([0xff; 256]);
    vec![
        json!("not an object"),
        json!(null),
        json!([]),
        json!({}),
        json!({"kid": "no-type", "n": long, "e": "AQAB"}),
        json!({"kty": 7, "kid": "type-of-a-number"}),
        json!({"kty": "rsa", "kid": "type-in-lower-case", "n": long, "e": "AQAB"}),
        json!({"kty": "NEW", "kid": "type-of-the-future"}),
        json!({"kty": "oct", "kid": "symmetric", "k": long}),
        json!({"kty": "OKP", "kid": "x25519", "crv": "X25519", "x": base64url([9; 32])}),
        json!({"kty": "OKP", "kid": "ed448", "crv": "Ed448", "x": base64url([9; 57])}),
        json!({"kty": "OKP", "kid": "short", "crv": "Ed25519", "x": base64url([9; 31])}),
        json!({"kty": "EC", "kid": "brainpool", "crv": "brainpoolP256r1", "x": x, "y": y}),
        json!({"kty": "EC", "kid": "off-the-curve", "crv": "P-256", "x": x, "y": x}),
        json!({"kty": "EC", "kid": "half", "crv": "P-256", "x": x}),
        json!({"kty": "EC", "kid": "base64", "crv": "P-256", "x": "??", "y": y}),
        json!({"kty": "RSA", "kid": "rsa-1024", "n": base64url([0xff; 128]), "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "rsa-32k", "n": base64url([0xff; 4096]), "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "even", "n": long, "e": "Ag"}),
        json!({"kty": "RSA", "kid": "no-modulus", "e": "AQAB"}),
    ]
}

/// jwkset, joserfc, Authlib, josekit and jwks_client_rs refuse a whole set for one key that they
/// cannot read, so that the first key of a new kind takes every service down.
#[test]
fn s07_one_good_key_among_twenty_that_are_not_works_and_each_has_its_reason() {
    let good = es256("good");
    let mut keys = exotic();
    let others = keys.len();
    assert_eq!(others, 20);
    // In the middle, and once more at the end: the same key twice is one key.
    keys.insert(10, good.jwk());
    keys.push(good.jwk());
    let server = FaultServer::start([
        Step::Read,
        Step::answer("200 OK", "", json!({ "keys": keys }).to_string()),
    ]);
    let clock = Arc::new(TestClock::default());
    let remote = build(RemoteJwks::builder().url(&server.url("/jwks")), &clock);
    let verifier = JwksVerifier::new(policy("me"), remote);
    assert_eq!(
        outcome(verifier.verify(good.mint(&claims("me"))).map(drop)),
        "accepted"
    );

    let status = verifier.remote().status();
    let positions: Vec<usize> = status.skipped.iter().map(|key| key.position).collect();
    assert_eq!(
        positions,
        (0..=20).filter(|place| *place != 10).collect::<Vec<_>>()
    );
    for key in &status.skipped {
        assert_ne!(key.reason.name(), "Internal", "{key}");
    }
    // A token that names one of them hears why it is not used.
    let error = verifier.verify(token_of_kid("rsa-1024")).unwrap_err();
    assert!(error.to_string().contains("rsa-1024"), "{error}");
}

fn token_of_kid(kid: &str) -> String {
    let header = json!({"alg": "ES256", "kid": kid}).to_string();
    let claims = claims("me").to_string();
    let signature = base64url([7; 64]);
    format!("{}.{}.{signature}", base64url(header), base64url(claims))
}

/// PyJWT follows redirects and reads a body of any length; jwx reads up to a gigabyte.
#[test]
fn s08_an_unusable_answer_keeps_the_old_set_in_bounded_memory_and_leads_nowhere() {
    let (key, elsewhere) = (es256("good"), FaultServer::start([Step::Hang]));
    let set = jwks([&*key]);
    let redirect = |to: &str| {
        vec![Step::answer(
            "302 Found",
            &format!("Location: {to}\r\n"),
            &set,
        )]
    };
    let answer = |body: &str| vec![Step::answer("200 OK", "", body)];
    let endless = |head: &str| {
        let head = format!("HTTP/1.1 200 OK\r\n{head}\r\n");
        vec![
            Step::Send(head.into()),
            Step::Forever(vec![b' '; 64 * 1024]),
        ]
    };
    let answers = [
        (
            "HTML",
            answer("<!doctype html><title>login</title>"),
            "UnavailableKeySet",
        ),
        ("an empty object", answer("{}"), "UnavailableKeySet"),
        ("no keys", answer(r#"{"keys":[]}"#), "UnavailableKeySet"),
        (
            "2 GB, announced",
            endless("Content-Length: 2147483648\r\n"),
            "UnavailableTooLarge",
        ),
        ("a body without end", endless(""), "UnavailableTooLarge"),
        (
            "a redirect to a file",
            redirect("file:///etc/passwd"),
            "UnavailableRedirect",
        ),
        (
            "to metadata",
            redirect("http://169.254.169.254/latest/"),
            "UnavailableRedirect",
        ),
        (
            "to a neighbour",
            redirect(&elsewhere.url("/jwks")),
            "UnavailableRedirect",
        ),
    ];
    let server = FaultServer::start([]);
    for (what, steps, name) in answers {
        let clock = Arc::new(TestClock::default());
        let remote = build(RemoteJwks::builder().url(&server.url("/jwks")), &clock);
        let verifier = JwksVerifier::new(policy("me"), remote);
        let token = key.mint(&claims("me"));
        server.behave([Step::Read, Step::answer("200 OK", "", &set)]);
        assert!(verifier.verify(&token).is_ok());

        server.behave([vec![Step::Read], steps].concat());
        clock.advance(TTL);
        assert_eq!(
            outcome(verifier.verify(&token).map(drop)),
            "accepted",
            "{what}"
        );
        settle(verifier.remote());
        let status = verifier.remote().status();
        let why = status
            .last_fetch
            .and_then(|fetch| fetch.error)
            .map(jwtverify_jwks::ErrorCode::name);
        assert_eq!((why, status.generation), (Some(name), 1), "{what}");
        assert_eq!(status.state, State::StaleErr, "{what}");
        assert_eq!(
            (server.connections(), elsewhere.connections()),
            (1, 0),
            "{what}"
        );
        assert!(server.sent() < IN_FLIGHT, "{what}: {}", server.sent());
    }
}
