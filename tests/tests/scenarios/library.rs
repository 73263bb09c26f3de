//! Scenarios about documents and tokens, through the library: its transport and its clock are made
//! up.

use std::sync::{Arc, Mutex};

use jwtverify_jwks::{
    Algorithm, Clock, Fetch, FetchError, JwksVerifier, RemoteJwks, Request, Response, TokenCache,
    UnixTime, Verifier,
};
use jwtverify_tests::{Alg, SigningKey, base64url};
use serde_json::{Value, json};

use super::common::{AUDIENCE, ISSUER, NOW};
use super::*;

/// Answers what it is told to, and counts.
struct Wire {
    answer: Mutex<Result<Response, FetchError>>,
    requests: Mutex<Vec<Request>>,
}

impl Fetch for Wire {
    fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        self.requests.lock().unwrap().push(request.clone());
        self.answer.lock().unwrap().clone()
    }
}

struct Hand(Mutex<Duration>);

impl Clock for Hand {
    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn unix(&self) -> UnixTime {
        let passed = i64::try_from(self.0.lock().unwrap().as_secs()).unwrap();
        UnixTime::from_secs(NOW + passed)
    }
}

struct Service {
    wire: Arc<Wire>,
    clock: Arc<Hand>,
    verifier: JwksVerifier,
}

impl Service {
    fn new(keys: &[Value], cache: Option<TokenCache>) -> Self {
        let wire = Arc::new(Wire {
            answer: Mutex::new(Ok(published(keys))),
            requests: Mutex::default(),
        });
        let clock = Arc::new(Hand(Mutex::new(secs(100))));
        let remote = RemoteJwks::builder()
            .url("https://idp.example/jwks")
            .fetch(Arc::<Wire>::clone(&wire))
            .clock(Arc::<Hand>::clone(&clock))
            .retries(0)
            .build()
            .unwrap();
        let policy = Verifier::builder()
            .algorithms([Algorithm::Es256, Algorithm::EdDsa])
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .build()
            .unwrap()
            .into_owned();
        let verifier = JwksVerifier::new(policy, remote);
        let verifier = match cache {
            Some(cache) => verifier.with_token_cache(cache),
            None => verifier,
        };
        Self {
            wire,
            clock,
            verifier,
        }
    }

    fn answer(&self, answer: Result<Response, FetchError>) {
        *self.wire.answer.lock().unwrap() = answer;
    }

    fn pass(&self, time: Duration) {
        *self.clock.0.lock().unwrap() += time;
    }

    fn requests(&self) -> usize {
        self.wire.requests.lock().unwrap().len()
    }

    fn verdict(&self, token: &str) -> &'static str {
        match self.verifier.verify(token) {
            Ok(_) => "accepted",
            Err(error) => error.name(),
        }
    }
}

fn published(keys: &[Value]) -> Response {
    Response::new(200, json!({ "keys": keys }).to_string())
}

fn token(key: &SigningKey) -> String {
    key.mint(&json!({"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 1_000_000}))
}

/// aws-jwt-verify and go-oidc keep the key; fast-jwt and Envoy the tokens that it signed.
#[test]
fn a_removed_key_is_refused_after_the_ttl_also_with_the_token_cache_on() {
    for cache in [None, Some(TokenCache::new())] {
        let stays = SigningKey::generate(Alg::Es256, "stays");
        let goes = SigningKey::generate(Alg::Es256, "goes");
        let service = Service::new(&[stays.jwk(), goes.jwk()], cache.clone());
        let (good, stolen) = (token(&stays), token(&goes));
        for _ in 0..10 {
            assert_eq!(
                (service.verdict(&good), service.verdict(&stolen)),
                ("accepted", "accepted")
            );
        }
        service.answer(Ok(published(&[stays.jwk()])));
        service.pass(secs(600));
        assert_eq!(service.verdict(&stolen), "KeyNotFound");
        assert_eq!(service.verdict(&good), "accepted");
        if let Some(cache) = cache {
            assert!(cache.usage().hits > 0, "the cache was in use");
        }
    }
}

/// jwkset, joserfc, Authlib, josekit and jwks_client_rs lose the good key to the bad ones.
#[test]
fn one_good_key_among_twenty_odd_ones_works_and_each_of_the_others_has_its_reason() {
    let good = SigningKey::generate(Alg::Es256, "good");
    let mut odd = vec![json!(null), json!(7), json!("key"), json!([]), json!({})];
    odd.extend([
        json!({"kty": "XYZ", "kid": "exotic"}),
        json!({"kty": "oct", "kid": "secret", "k": base64url([7; 32])}),
        json!({"kty": "RSA", "kid": "weak", "n": "AQAB", "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "no-modulus", "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "padded", "n": "AQAB==", "e": "AQAB"}),
        json!({"kty": "EC", "kid": "curve", "crv": "P-192", "x": "AA", "y": "AA"}),
        json!({"kty": "EC", "kid": "short", "crv": "P-256", "x": "AA", "y": "AA"}),
        json!({"kty": "EC", "kid": "off", "crv": "P-256", "x": base64url([1; 32]), "y": base64url([1; 32])}),
        json!({"kty": "EC", "kid": "no-y", "crv": "P-256", "x": base64url([1; 32])}),
        json!({"kty": "OKP", "kid": "x25519", "crv": "X25519", "x": base64url([9; 32])}),
        json!({"kty": "OKP", "kid": "ed448", "crv": "Ed448", "x": base64url([9; 57])}),
        json!({"kty": "OKP", "kid": "zero", "crv": "Ed25519", "x": base64url([0; 32])}),
        json!({"kty": 1, "kid": "type"}),
    ]);
    let mut member = good.jwk();
    member["kid"] = json!(["list"]);
    odd.push(member);
    let mut private = SigningKey::generate(Alg::Es256, "private").jwk();
    private["d"] = json!(base64url([5; 32]));
    odd.push(private);
    assert_eq!(odd.len(), 20);
    let mut keys = odd;
    keys.insert(11, good.jwk());
    let service = Service::new(&keys, None);
    assert_eq!(service.verdict(&token(&good)), "accepted");
    let status = service.verifier.remote().status();
    assert_eq!(status.kids, ["good"]);
    assert_eq!(status.skipped.len(), 20, "{:?}", status.skipped);
    assert!(
        status
            .skipped
            .iter()
            .all(|skipped| !skipped.reason.to_string().is_empty())
    );
}

/// Several libraries drop the old set, follow the redirect, or read until memory ends.
#[test]
fn an_answer_that_is_no_key_set_keeps_the_old_one_and_causes_no_other_request() {
    let key = SigningKey::generate(Alg::Es256, "key");
    let redirect = |to: &str| Ok(Response::new(302, "").with_header("Location", to));
    let answers = [
        ("HTML", Ok(Response::new(200, "<html>sign in</html>"))),
        ("an object", Ok(Response::new(200, "{}"))),
        ("an empty set", Ok(Response::new(200, r#"{"keys":[]}"#))),
        ("nothing", Ok(Response::new(200, ""))),
        // What a transport says of a body of two gigabytes, and what a careless one hands over.
        ("too much", Err(FetchError::TooLarge)),
        (
            "more than allowed",
            Ok(Response::new(200, vec![b' '; 512 * 1024 + 1])),
        ),
        ("a file", redirect("file:///etc/passwd")),
        (
            "cloud metadata",
            redirect("http://169.254.169.254/latest/meta-data"),
        ),
        ("another host", redirect("https://attacker.example/jwks")),
        ("an unasked 304", Ok(Response::new(304, ""))),
    ];
    for (what, answer) in answers {
        let service = Service::new(&[key.jwk()], None);
        let token = token(&key);
        assert_eq!(service.verdict(&token), "accepted");
        service.answer(answer);
        service.pass(secs(1200));
        assert_eq!(service.verdict(&token), "accepted", "{what}");
        assert_eq!(service.requests(), 2, "{what}");
        let urls = service.wire.requests.lock().unwrap();
        assert!(
            urls.iter()
                .all(|request| request.url == "https://idp.example/jwks"),
            "{what}"
        );
        let remote = service.verifier.remote();
        assert_eq!(remote.snapshot().unwrap().generation(), 1, "{what}");
        assert!(
            remote.status().last_fetch.unwrap().error.is_some(),
            "{what}"
        );
    }
}

/// A service whose issuer went down at night: old keys serve, and the verdict says so.
#[test]
fn a_verdict_on_stale_keys_is_marked() {
    let key = SigningKey::generate(Alg::EdDsa, "key");
    let service = Service::new(&[key.jwk()], None);
    let token = token(&key);
    let marked = || {
        let (_, keys) = service.verifier.verify_and_show_keys(&token).unwrap();
        keys.is_stale()
    };
    assert!(!marked());
    service.answer(Err(FetchError::Connect("refused".to_owned())));
    service.pass(secs(660));
    assert!(marked());
}
