//! Each cause of the manual's troubleshooting page, provoked with a real token and, where keys are
//! fetched, a real server: the error names the cause and says what to do next.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use jwtverify_jwks::{
    Algorithm, Error, ErrorCode, JwksVerifier, KeySet, RemoteJwks, Verifier, VerifierBuilder,
    causes, explain,
};
use jwtverify_tests::{Alg, Behaviour, LoopbackIssuer, SigningKey, forge, jwks};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;

fn claims(issuer: &str) -> Value {
    json!({"iss": issuer, "aud": "my-api", "exp": NOW + 600})
}

fn policy(issuer: &str) -> VerifierBuilder<'_> {
    Verifier::builder()
        .algorithms([Algorithm::Es256, Algorithm::Rs256])
        .issuer(issuer)
        .audience("my-api")
}

fn now() -> jwtverify_jwks::UnixTime {
    jwtverify_jwks::UnixTime::from_secs(NOW)
}

/// The refusal of a token by a verifier with keys from this URL.
fn by_url(url: &str, issuer: &str, token: &str) -> Error {
    verifier(RemoteJwks::from_url(url).unwrap(), issuer)
        .verify_at(token, now())
        .expect_err("the token must be refused")
}

/// The same with keys by discovery.
fn by_discovery(issuer: &str, token: &str) -> Error {
    verifier(RemoteJwks::discover(issuer).unwrap(), issuer)
        .verify_at(token, now())
        .expect_err("the token must be refused")
}

fn verifier(remote: RemoteJwks, issuer: &str) -> JwksVerifier {
    JwksVerifier::new(policy(issuer).build().unwrap().into_owned(), remote)
}

/// The refusal of a token by keys that the program holds.
fn held(keys: &str, verifier: VerifierBuilder<'_>, token: &str) -> Error {
    let keys = KeySet::read(keys).unwrap();
    let refused = verifier.build().unwrap().verify(token, &keys, now());
    explain(
        refused.expect_err("the token must be refused"),
        token.as_bytes(),
        Some(&keys),
    )
}

/// The refusal of a good token while the issuer behaves like this.
fn while_it(behaviour: Behaviour) -> Error {
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
    let token = issuer.mint(Alg::Es256, &claims(&issuer.url()));
    issuer.behave(behaviour);
    by_url(&issuer.jwks_url(), &issuer.url(), &token)
}

fn es256() -> &'static SigningKey {
    SigningKey::shared(Alg::Es256)
}

fn good() -> String {
    es256().mint(&claims(ISSUER))
}

const ISSUER: &str = "https://issuer.example";

/// The error's code is this one, its first cause that of the test, and what a person reads holds
/// the cause and every step of the remedy.
#[track_caller]
fn check(id: &str, code: &str, error: &Error) {
    assert_eq!(error.name(), code, "{error}");
    let diagnosis = error.diagnosis().expect("a diagnosis");
    let cause = diagnosis.causes.first().expect("a cause");
    let ids: Vec<&str> = diagnosis.causes.iter().map(|cause| cause.id()).collect();
    assert!(ids.contains(&id), "{id} is not among {ids:?}:\n{error}");
    let text = error.to_string();
    let named = causes().iter().find(|row| row.id() == id).expect("a row");
    assert!(text.contains(cause.title()), "{text}");
    assert!(
        text.contains(named.title()) && text.contains(&format!("[{id}]")),
        "{text}"
    );
    for step in named.next() {
        assert!(text.contains(step), "{step} is missing in:\n{text}");
    }
    let status = match error.code() {
        100..=599 => 401,
        700..=799 => 503,
        _ => 500,
    };
    assert_eq!(error.http_status(), status);
    assert_eq!(error.www_authenticate().is_some(), status == 401);
}

/// One test for each row, and one that no row is without.
macro_rules! rows {
    ($($name:ident: $id:literal, $code:literal, $error:expr;)+) => {
        $(
            #[test]
            fn $name() {
                check($id, $code, &$error);
            }
        )+

        #[test]
        fn every_cause_of_the_manual_is_provoked_here() {
            let provoked = [$($id),+];
            for cause in causes() {
                assert!(provoked.contains(&cause.id()), "{} is not", cause.id());
            }
        }
    };
}

rows! {
    the_word_bearer_was_copied_too: "token-wrapped", "HeaderBase64",
        held(&es256().jwks(), policy(ISSUER), &format!("Bearer {}", good()));
    a_balancer_pads_its_tokens: "token-padded", "SignatureBase64",
        held(&es256().jwks(), policy(ISSUER), &format!("{}==", good()));
    an_opaque_access_token: "token-opaque", "TokenSegments",
        held(&es256().jwks(), policy(ISSUER), "00DxxAQ8AQJ9");
    an_encrypted_token: "token-encrypted", "TokenEncrypted",
        held(&es256().jwks(), policy(ISSUER), "a.b.c.d.e");
    an_invalid_format: "invalid-format", "TokenSegments", {
        let token = good();
        let cut = token.rsplit_once('.').unwrap().0;
        held(&es256().jwks(), policy(ISSUER), cut)
    };
    an_unsigned_token: "token-unsigned", "SignatureEmpty",
        held(&es256().jwks(), policy(ISSUER), &forge::unsecured(es256(), "none", &claims(ISSUER)));
    a_token_of_hs256_and_public_keys: "shared-secret", "AlgorithmNotAllowed",
        held(&es256().jwks(), policy(ISSUER),
             &SigningKey::shared(Alg::Hs256).mint(&claims(ISSUER)));
    an_algorithm_that_is_not_allowed: "algorithm-mismatch", "AlgorithmNotAllowed", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es384]);
        by_url(&issuer.jwks_url(), ISSUER, &issuer.mint(Alg::Es384, &claims(ISSUER)))
    };
    an_algorithm_that_is_not_the_keys: "algorithm-mismatch", "KeyMismatch", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let token = SigningKey::shared(Alg::Rs256)
            .mint_with(&json!({"kid": "es256-1"}), &claims(&issuer.url()));
        by_url(&issuer.jwks_url(), &issuer.url(), &token)
    };
    a_missing_kid: "missing-kid", "KeyAmbiguous", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        issuer.rotate_keeping_old();
        let token = issuer.key(Alg::Es256)
            .mint_with(&json!({"kid": null}), &claims(&issuer.url()));
        by_url(&issuer.jwks_url(), &issuer.url(), &token)
    };
    a_kid_twice: "duplicate-kid", "KeyAmbiguous", {
        let issuer = LoopbackIssuer::start_with(&[]);
        issuer.publish((0..2).map(|_| Arc::new(SigningKey::generate(Alg::Es256, "twin"))).collect());
        let token = issuer.mint(Alg::Es256, &claims(&issuer.url()));
        by_url(&issuer.jwks_url(), &issuer.url(), &token)
    };
    the_key_is_there_and_cannot_be_used: "key-unusable", "KeyNotFound", {
        let mut encryption = es256().jwk();
        encryption["use"] = json!("enc");
        let issuer = LoopbackIssuer::start_with(&[]);
        let other = SigningKey::shared(Alg::Rs256).jwk();
        issuer.behave(Behaviour::Body(json!({"keys": [encryption, other]}).to_string()));
        by_url(&issuer.jwks_url(), ISSUER, &good())
    };
    no_key_of_the_set_has_a_kid: "set-without-kids", "KeyNotFound", {
        let mut bare = es256().jwk();
        bare.as_object_mut().unwrap().remove("kid");
        held(&json!({"keys": [bare]}).to_string(), policy(ISSUER), &good())
    };
    an_access_token_of_an_okta_org: "for-provider-only", "KeyNotFound", {
        let published = LoopbackIssuer::start_with(&[Alg::Rs256]);
        let claims = claims("https://dev-606497.oktapreview.com");
        let token = SigningKey::shared(Alg::Rs256)
            .mint_with(&json!({"kid": "_yomDqFziFzjpiI-OZmeDEgM772DGHWmW_DL3IaE26U"}), &claims);
        let error = by_url(&published.jwks_url(), ISSUER, &token);
        let first = &error.diagnosis().unwrap().suggestions[0];
        assert!(first.contains("does not publish, by design"), "{error}");
        error
    };
    a_token_for_microsoft_graph: "for-provider-only", "SignatureInvalid", {
        let published = LoopbackIssuer::start_with(&[Alg::Rs256]);
        let claims = claims("https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/");
        let key = published.key(Alg::Rs256);
        // Graph signs a header in which the nonce is another than the one that is sent.
        let token = key.mint_with(&json!({"nonce": "signed"}), &claims);
        let sent = key.mint_with(&json!({"nonce": "sent"}), &claims);
        let sent = sent.split_once('.').unwrap().0;
        let token = format!("{sent}.{}", token.split_once('.').unwrap().1);
        by_url(&published.jwks_url(), ISSUER, &token)
    };
    the_keys_of_another_environment: "wrong-url", "KeyNotFound", {
        let staging = LoopbackIssuer::start_with(&[Alg::Es256]);
        by_discovery(&staging.url(), &good())
    };
    nothing_is_at_the_url: "wrong-url", "UnavailableStatus", while_it(Behaviour::Status(404));
    the_same_kid_in_another_environment: "wrong-url", "SignatureInvalid", {
        let staging = LoopbackIssuer::start_with(&[]);
        staging.publish(vec![Arc::new(SigningKey::generate(Alg::Es256, es256().kid()))]);
        by_discovery(&staging.url(), &good())
    };
    a_key_that_was_rotated_away: "key-rotated", "KeyNotFound", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let old = issuer.mint(Alg::Es256, &claims(&issuer.url()));
        issuer.rotate();
        let error = by_discovery(&issuer.url(), &old);
        assert!(error.to_string().contains("similar kid \"es256-2\""), "{error}");
        error
    };
    a_copy_that_does_not_follow: "stale-cache", "KeyNotFound", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let copy = issuer.jwks();
        issuer.rotate();
        held(&copy, policy(&issuer.url()), &issuer.mint(Alg::Es256, &claims(&issuer.url())))
    };
    an_unknown_kid_before_the_issuer_may_be_asked: "not-asked-yet", "UnavailableUnchecked", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let verifier = verifier(RemoteJwks::from_url(&issuer.jwks_url()).unwrap(), &issuer.url());
        let token = |kid: String| es256().mint_with(&json!({"kid": kid}), &claims(&issuer.url()));
        // However large the budget for unknown kids is, it ends.
        let error = (0..10)
            .map(|n| verifier.verify_at(token(format!("made-up-{n}")), now()).unwrap_err())
            .find(|error| error.http_status() == 503)
            .expect("a budget");
        assert!(error.retry_after().is_some_and(|seconds| seconds > 0), "{error}");
        error
    };
    a_kid_of_nobody: "kid-mismatch", "KeyNotFound", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let token = forge::unknown_kid(&issuer.key(Alg::Es256), &claims(&issuer.url()));
        by_url(&issuer.jwks_url(), &issuer.url(), &token)
    };
    another_key_under_the_kid: "signature-mismatch", "SignatureInvalid", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let token = forge::wrong_key(&issuer.key(Alg::Es256), &claims(&issuer.url()));
        by_url(&issuer.jwks_url(), &issuer.url(), &token)
    };
    nobody_listens: "endpoint-unreachable", "UnavailableConnect", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let token = issuer.mint(Alg::Es256, &claims(&issuer.url()));
        issuer.stop();
        by_url(&issuer.jwks_url(), &issuer.url(), &token)
    };
    nobody_listened_a_moment_ago: "endpoint-unreachable", "UnavailableBackoff", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let token = issuer.mint(Alg::Es256, &claims(&issuer.url()));
        issuer.stop();
        let verifier = verifier(RemoteJwks::from_url(&issuer.jwks_url()).unwrap(), &issuer.url());
        let mut refusals = (0..100).map(|_| verifier.verify_at(&token, now()).unwrap_err());
        refusals.find(|error| error.name() == "UnavailableBackoff").expect("a backoff")
    };
    the_connection_breaks: "endpoint-unreachable", "UnavailableBody", while_it(Behaviour::Truncated);
    the_issuer_is_in_trouble: "endpoint-failing", "UnavailableStatus",
        while_it(Behaviour::Status(500));
    no_certificate_at_all: "certificate-refused", "UnavailableTls", {
        // A server that speaks no TLS: the handshake fails as with a wrong certificate.
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("https://{}/jwks.json", listener.local_addr().unwrap());
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 1024]).unwrap();
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
            });
            by_url(&url, ISSUER, &good())
        })
    };
    the_url_leads_elsewhere: "redirected", "UnavailableRedirect",
        while_it(Behaviour::Redirect("/elsewhere".to_owned()));
    an_empty_key_set: "empty-key-set", "UnavailableKeySet",
        while_it(Behaviour::Body("{\"keys\":[]}".to_owned()));
    a_set_with_keys_for_encryption_only: "empty-key-set", "UnavailableKeySet", {
        let mut encryption = es256().jwk();
        encryption["use"] = json!("enc");
        while_it(Behaviour::Body(json!({"keys": [encryption]}).to_string()))
    };
    a_login_page: "invalid-key-set", "UnavailableKeySet",
        while_it(Behaviour::Body("<html>sign in</html>".to_owned()));
    the_discovery_document: "invalid-key-set", "UnavailableKeySet", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let token = issuer.mint(Alg::Es256, &claims(&issuer.url()));
        by_url(&issuer.discovery_url(), &issuer.url(), &token)
    };
    no_provider_behind_the_issuer: "discovery-unusable", "UnavailableDiscovery", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let token = issuer.mint(Alg::Es256, &claims(&issuer.url()));
        issuer.behave(Behaviour::Body("{}".to_owned()));
        by_discovery(&issuer.url(), &token)
    };
    the_document_names_another_issuer: "issuer-mismatch", "UnavailableIssuer", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let token = issuer.mint(Alg::Es256, &claims(&issuer.url()));
        issuer.behave(Behaviour::WrongIssuer);
        by_discovery(&issuer.url(), &token)
    };
    the_token_names_another_issuer: "issuer-mismatch", "IssuerMismatch", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let slash = format!("{}/", issuer.url());
        by_url(&issuer.jwks_url(), &issuer.url(), &issuer.mint(Alg::Es256, &claims(&slash)))
    };
    the_token_names_another_audience: "audience-mismatch", "AudienceMismatch", {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let mut claims = claims(&issuer.url());
        claims["aud"] = json!("the-client");
        by_url(&issuer.jwks_url(), &issuer.url(), &issuer.mint(Alg::Es256, &claims))
    };
    an_id_token: "wrong-type", "TypeMismatch",
        held(&es256().jwks(), policy(ISSUER).typ("at+jwt"),
             &es256().mint_with(&json!({"typ": "JWT"}), &claims(ISSUER)));
    a_clock_behind: "clock-differs", "NotYetValid", {
        let mut claims = claims(ISSUER);
        claims["nbf"] = json!(NOW + 30);
        held(&es256().jwks(), policy(ISSUER), &es256().mint(&claims))
    };
}

#[test]
fn a_document_of_the_callers_own_has_causes_too() {
    for (document, id) in [
        ("<html>", "invalid-key-set"),
        ("{}", "invalid-key-set"),
        ("{\"keys\":[]}", "empty-key-set"),
    ] {
        let refused = KeySet::read(document).unwrap_err();
        let error = explain(refused.error, b"", None::<&KeySet>);
        assert_eq!((error.http_status(), error.retry_after()), (500, None));
        check(id, error.name(), &error);
    }
}

/// Who is at fault decides what a service answers, for every code there is: 401 with
/// `WWW-Authenticate` and no time, 503 with a time and no challenge, 500 with neither.
#[test]
fn three_kinds_of_failure_are_never_mixed() {
    let keys = KeySet::read(jwks([es256()])).unwrap();
    let token = good();
    for code in ErrorCode::ALL {
        let error = explain(*code, token.as_bytes(), Some(&keys));
        let answer = (error.http_status(), error.www_authenticate());
        let challenge = || Some("Bearer error=\"invalid_token\"".to_owned());
        match code.code() {
            100..=599 => assert_eq!(answer, (401, challenge()), "{code:?}"),
            600..=699 | 800..=999 => assert_eq!(answer, (500, None), "{code:?}"),
            _ => assert_eq!(answer, (503, None), "{code:?}"),
        }
        assert_eq!(error.retry_after(), None, "nothing was asked: {code:?}");
    }
}
