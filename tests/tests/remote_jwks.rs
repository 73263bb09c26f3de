//! Remote key sets over real HTTP: rotation, outage, floods, lies. The issuer listens on
//! loopback; time is a clock that the tests move.

mod common;

use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use common::Table;
use jwtverify_jwks::{
    Algorithm, Clock, JwksVerifier, RemoteJwks, RemoteJwksBuilder, UnixTime, Verifier,
};
use jwtverify_tests::{Alg, Behaviour, LoopbackIssuer, SigningKey, base64url, jwks};
use serde_json::{Value, json};

const TTL: Duration = Duration::from_secs(600);
const MISS: Duration = Duration::from_secs(30);
const SPACING: Duration = Duration::from_secs(5);

/// A clock that moves when a test says so.
struct TestClock(Mutex<(Duration, i64)>);

impl TestClock {
    fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        now.0 += by;
        now.1 += i64::try_from(by.as_secs()).unwrap();
    }

    fn jump(&self, seconds: i64) {
        self.0.lock().unwrap().1 += seconds;
    }
}

impl Clock for TestClock {
    fn monotonic(&self) -> Duration {
        self.0.lock().unwrap().0
    }

    fn unix(&self) -> UnixTime {
        UnixTime::from_secs(self.0.lock().unwrap().1)
    }
}

/// An issuer, the clock, and a verifier of its tokens.
struct Setting {
    issuer: LoopbackIssuer,
    clock: Arc<TestClock>,
    verifier: JwksVerifier,
}

impl Setting {
    fn new() -> Self {
        Self::with(|issuer| RemoteJwks::builder().url(&issuer.jwks_url()))
    }

    fn with(source: impl FnOnce(&LoopbackIssuer) -> RemoteJwksBuilder) -> Self {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let clock = Arc::new(TestClock(Mutex::new((
            Duration::from_secs(1000),
            common::NOW,
        ))));
        let remote = source(&issuer)
            .ttl(TTL)
            .miss_interval(MISS)
            .miss_spacing(SPACING)
            .retries(0)
            .max_stale(Duration::from_secs(3600))
            .clock(Arc::<TestClock>::clone(&clock))
            .build()
            .unwrap();
        let verifier = JwksVerifier::new(policy(&issuer.url()), remote);
        Self {
            issuer,
            clock,
            verifier,
        }
    }

    /// Good for a day.
    fn claims(&self) -> Value {
        json!({"iss": self.issuer.url(), "aud": common::AUDIENCE, "exp": common::NOW + 86_400})
    }

    fn token(&self) -> String {
        self.issuer.mint(Alg::Es256, &self.claims())
    }

    /// "accepted" or the error's name.
    fn verify(&self, token: &str) -> &'static str {
        match self.verifier.verify(token) {
            Ok(_) => "accepted",
            Err(error) => error.name(),
        }
    }

    fn requests(&self) -> usize {
        self.issuer.jwks_requests()
    }

    /// Of a kid that nobody knows; such a token never gets as far as its signature.
    fn unknown(&self, number: usize) -> String {
        let header = json!({"alg": "ES256", "kid": format!("unknown-{number}")}).to_string();
        let signature = base64url([7; 64]);
        format!(
            "{}.{}.{signature}",
            base64url(header),
            base64url(self.claims().to_string())
        )
    }
}

fn policy(issuer: &str) -> Verifier<'static> {
    Verifier::builder()
        .algorithms([Algorithm::Es256, Algorithm::Hs256])
        .issuer(issuer)
        .audience(common::AUDIENCE)
        .build()
        .unwrap()
        .into_owned()
}

#[test]
fn sixty_four_threads_cost_one_request() {
    let setting = Setting::new();
    let token = setting.token();
    setting.issuer.behave(Behaviour::Hang);
    let barrier = Barrier::new(64);
    thread::scope(|scope| {
        let verdicts: Vec<_> = (0..64)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    setting.verify(&token)
                })
            })
            .collect();
        setting.issuer.wait_for_jwks_requests(1);
        setting.issuer.behave(Behaviour::Good);
        for verdict in verdicts {
            assert_eq!(verdict.join().unwrap(), "accepted");
        }
    });
    assert_eq!(setting.requests(), 1);
}

#[test]
fn a_rotation_is_picked_up_with_the_first_new_token() {
    let setting = Setting::new();
    let old = setting.token();
    assert_eq!(setting.verify(&old), "accepted");
    setting.issuer.rotate();
    let new = setting.token();
    // A set that was fetched a moment ago is not asked for again at once.
    let error = setting.verifier.verify(&new).err().unwrap();
    assert_eq!(
        (error.name(), error.retry_after()),
        ("UnavailableUnchecked", Some(5))
    );
    setting.clock.advance(SPACING);
    assert_eq!(setting.verify(&new), "accepted");
    assert_eq!(setting.requests(), 2);
    // The old key was withdrawn, and is gone at once.
    assert_eq!(setting.verify(&old), "UnavailableUnchecked");
    setting.clock.advance(MISS);
    assert_eq!(setting.verify(&old), "KeyNotFound");
    assert_eq!(setting.verify(&new), "accepted");
    assert_eq!(setting.requests(), 3);
}

#[test]
fn keys_that_overlap_verify_side_by_side() {
    let setting = Setting::new();
    let old = setting.token();
    assert_eq!(setting.verify(&old), "accepted");
    setting.issuer.rotate_keeping_old();
    setting.clock.advance(SPACING);
    let new = setting.token();
    for token in [&new, &old, &new] {
        assert_eq!(setting.verify(token), "accepted");
    }
    assert_eq!(setting.requests(), 2);
}

#[test]
fn a_withdrawn_key_is_refused_when_the_set_is_due() {
    let setting = Setting::new();
    let old = setting.token();
    assert_eq!(setting.verify(&old), "accepted");
    setting.issuer.rotate();
    // Nobody has told us yet.
    assert_eq!(setting.verify(&old), "accepted");
    setting.clock.advance(TTL);
    assert_eq!(setting.verify(&old), "KeyNotFound");
}

/// T3 of the threat model: random kids cost one request each interval, and good tokens nothing.
#[test]
fn a_flood_of_unknown_kids_is_bounded() {
    let setting = Setting::new();
    let good = setting.token();
    assert_eq!(setting.verify(&good), "accepted");
    setting.clock.advance(SPACING);
    let mut verdicts = std::collections::BTreeMap::new();
    for number in 0..10_000 {
        *verdicts
            .entry(setting.verify(&setting.unknown(number)))
            .or_insert(0) += 1;
        if number % 100 == 0 {
            assert_eq!(setting.verify(&good), "accepted");
        }
    }
    assert_eq!(setting.requests(), 2, "{verdicts:?}");
    assert_eq!(verdicts["KeyNotFound"], 1);
    assert_eq!(verdicts["UnavailableUnchecked"], 9_999);
    for round in 1..=3 {
        setting.clock.advance(MISS);
        for number in 0..100 {
            setting.verify(&setting.unknown(number));
        }
        assert_eq!(setting.requests(), 2 + round);
    }
    // The flood does not hide a key that is new.
    setting.issuer.rotate();
    let new = setting.token();
    assert_eq!(setting.verify(&new), "UnavailableUnchecked");
    setting.clock.advance(MISS);
    assert_eq!(setting.verify(&new), "accepted");
}

#[test]
fn rubbish_never_causes_a_request() {
    let setting = Setting::new();
    let good = setting.token();
    let none = base64url(r#"{"alg":"none"}"#);
    let not_allowed = base64url(r#"{"alg":"RS256","kid":"x"}"#);
    for token in [
        "",
        "a.b.c",
        "....",
        &good[1..],
        &format!("{good}."),
        &format!("{none}.e30.AA"),
        &format!("{not_allowed}.e30.AA"),
    ] {
        let error = setting.verifier.verify(token).err().unwrap();
        assert_eq!(error.http_status(), 401, "{token}: {error}");
    }
    assert_eq!(setting.requests(), 0);
    assert_eq!(setting.verify(&good), "accepted");
}

#[test]
fn an_outage_is_survived_and_ends() {
    let setting = Setting::new();
    let token = setting.token();
    assert_eq!(setting.verify(&token), "accepted");
    setting.issuer.stop();
    // Fresh, then stale: the set is good for an hour after its ten minutes.
    for _ in 0..13 {
        assert_eq!(setting.verify(&token), "accepted");
        setting.clock.advance(Duration::from_secs(300));
    }
    assert_eq!(setting.verify(&token), "accepted");
    setting.clock.advance(Duration::from_secs(300));
    let error = setting.verifier.verify(&token).err().unwrap();
    assert_eq!(error.http_status(), 503, "{error}");
    assert!(error.retry_after().is_some());
    setting.issuer.restart();
    setting.clock.advance(Duration::from_secs(60));
    assert_eq!(setting.verify(&token), "accepted");
}

/// An unknown kid during an outage is "not known now", never "refused".
#[test]
fn an_outage_is_never_a_401_for_an_unknown_kid() {
    let setting = Setting::new();
    assert_eq!(setting.verify(&setting.token()), "accepted");
    setting.issuer.rotate();
    let new = setting.token();
    setting.issuer.stop();
    setting.clock.advance(SPACING);
    let error = setting.verifier.verify(&new).err().unwrap();
    assert_eq!(
        (error.name(), error.http_status()),
        ("UnavailableConnect", 503)
    );
    setting.issuer.restart();
    setting.clock.advance(MISS);
    assert_eq!(setting.verify(&new), "accepted");
}

/// What issuers do wrong, and what is said about it when there is no set yet.
fn troubles(issuer: &LoopbackIssuer) -> Vec<(Behaviour, &'static str)> {
    let secret = SigningKey::from_secret(Alg::Hs256, "s", [9; 32]);
    let mut private = SigningKey::shared(Alg::Es256).jwk();
    private["d"] = json!("AAAA");
    vec![
        (Behaviour::Status(500), "UnavailableStatus"),
        (Behaviour::Status(503), "UnavailableStatus"),
        (Behaviour::Status(404), "UnavailableStatus"),
        (Behaviour::Status(204), "UnavailableStatus"),
        (
            Behaviour::Redirect(issuer.url() + "/elsewhere"),
            "UnavailableRedirect",
        ),
        (
            Behaviour::Redirect("file:///etc/passwd".into()),
            "UnavailableRedirect",
        ),
        (
            Behaviour::Body("<!doctype html><title>Sign in</title>".into()),
            "UnavailableKeySet",
        ),
        (Behaviour::Body(String::new()), "UnavailableKeySet"),
        (Behaviour::Body("{}".into()), "UnavailableKeySet"),
        (
            Behaviour::Body(r#"{"keys":[]}"#.into()),
            "UnavailableKeySet",
        ),
        (
            Behaviour::Body(r#"{"keys":[{"kty":"XX"}]}"#.into()),
            "UnavailableKeySet",
        ),
        (Behaviour::Body(jwks([&secret])), "UnavailableKeySet"),
        (
            Behaviour::Body(json!({"keys": [private]}).to_string()),
            "UnavailableKeySet",
        ),
        (Behaviour::Truncated, "UnavailableBody"),
        (Behaviour::Padded(1 << 20), "UnavailableTooLarge"),
        (Behaviour::Padded(64 << 20), "UnavailableTooLarge"),
    ]
}

#[test]
fn each_trouble_has_its_error_and_no_request_follows_at_once() {
    let mut table = Table::default();
    for index in 0..troubles(&LoopbackIssuer::start_with(&[])).len() {
        let setting = Setting::new();
        let token = setting.token();
        let (behaviour, expected) = troubles(&setting.issuer).swap_remove(index);
        setting.issuer.behave(behaviour.clone());
        let error = setting.verifier.verify(&token).err().unwrap();
        let what = format!("{behaviour:?}")
            .chars()
            .take(60)
            .collect::<String>();
        table.row(&what, error.name(), expected);
        table.row(&what, error.http_status().to_string(), "503");
        assert!(error.retry_after().is_some(), "{what}");
        for _ in 0..100 {
            table.row(
                format!("{what}, again"),
                setting.verify(&token),
                "UnavailableBackoff",
            );
        }
        assert_eq!(setting.requests(), 1, "{what}");
        assert_eq!(setting.issuer.requests("/elsewhere"), 0, "{what}");
        // The trouble passes.
        setting.issuer.behave(Behaviour::Good);
        setting.clock.advance(Duration::from_secs(1));
        table.row(format!("{what}, over"), setting.verify(&token), "accepted");
    }
    table.check();
}

/// T4: whatever the issuer answers instead of a key set, the set that is held stays.
#[test]
fn no_trouble_costs_the_set_that_is_held() {
    let setting = Setting::new();
    let token = setting.token();
    assert_eq!(setting.verify(&token), "accepted");
    let mut table = Table::default();
    for (round, (behaviour, _)) in troubles(&setting.issuer).into_iter().enumerate() {
        setting.issuer.behave(behaviour.clone());
        setting.clock.advance(TTL);
        let what = format!("{behaviour:?}")
            .chars()
            .take(60)
            .collect::<String>();
        table.row(&what, setting.verify(&token), "accepted");
        let held = setting.verifier.remote().snapshot().unwrap();
        assert_eq!(held.generation(), 1, "{what}");
        setting.issuer.behave(Behaviour::Good);
        setting.clock.advance(Duration::from_secs(60));
        setting.verifier.remote().refresh().unwrap();
        assert!(setting.requests() >= 2 * round, "{what}");
    }
    assert_eq!(setting.issuer.requests("/elsewhere"), 0);
    table.check();
}

#[test]
fn an_issuer_that_hangs_is_given_up() {
    let setting = Setting::with(|issuer| {
        RemoteJwks::builder()
            .url(&issuer.jwks_url())
            .timeout(Duration::from_millis(100))
    });
    let token = setting.token();
    setting.issuer.behave(Behaviour::Hang);
    assert_eq!(setting.verify(&token), "UnavailableTimeout");
    setting.issuer.behave(Behaviour::Good);
    setting.clock.advance(Duration::from_secs(60));
    assert_eq!(setting.verify(&token), "accepted");
}

#[test]
fn a_closed_port_and_a_closed_connection_are_told_apart_from_an_answer() {
    let setting = Setting::new();
    let token = setting.token();
    setting.issuer.stop();
    assert_eq!(setting.verify(&token), "UnavailableConnect");
    setting.issuer.restart();
    setting.issuer.behave(Behaviour::Close);
    setting.clock.advance(Duration::from_secs(60));
    let error = setting.verifier.verify(&token).err().unwrap();
    assert!(
        ["UnavailableConnect", "UnavailableBody"].contains(&error.name()),
        "{error}"
    );
    assert_eq!(error.http_status(), 503);
}

#[test]
fn failed_attempts_are_spaced_and_retry_after_is_obeyed() {
    let setting = Setting::new();
    let token = setting.token();
    setting.issuer.behave(Behaviour::Status(503));
    for _ in 0..600 {
        setting.verify(&token);
        setting.clock.advance(Duration::from_secs(1));
    }
    // 0.25 s, doubled up to 30 s, each cut by up to a half: ten minutes of one call a second.
    assert!(
        (10..=60).contains(&setting.requests()),
        "{}",
        setting.requests()
    );

    let before = setting.requests();
    setting.issuer.retry_after(Some("120"));
    setting.clock.advance(Duration::from_secs(60));
    assert_eq!(setting.verify(&token), "UnavailableStatus");
    setting.clock.advance(Duration::from_secs(119));
    let error = setting.verifier.verify(&token).err().unwrap();
    assert_eq!(
        (error.name(), error.retry_after()),
        ("UnavailableBackoff", Some(1))
    );
    assert_eq!(setting.requests(), before + 1);
    setting.issuer.behave(Behaviour::Good);
    setting.clock.advance(Duration::from_secs(1));
    assert_eq!(setting.verify(&token), "accepted");
}

#[test]
fn discovery_leads_to_the_keys_and_its_issuer_must_match() {
    let discover = |issuer: &LoopbackIssuer| RemoteJwks::builder().issuer(&issuer.url());
    let setting = Setting::with(discover);
    let token = setting.token();
    assert_eq!(setting.verify(&token), "accepted");
    assert_eq!(
        (setting.issuer.discovery_requests(), setting.requests()),
        (1, 1)
    );

    let elsewhere = "https://idp.example".to_owned();
    for (behaviour, expected) in [
        (Behaviour::WrongIssuer, "UnavailableIssuer"),
        (
            Behaviour::Body("<!doctype html>".into()),
            "UnavailableDiscovery",
        ),
        (Behaviour::Body("{}".into()), "UnavailableDiscovery"),
        (
            Behaviour::Body(r#"{"issuer":"x","issuer":"y"}"#.into()),
            "UnavailableDiscovery",
        ),
        (Behaviour::Status(404), "UnavailableStatus"),
        (Behaviour::Redirect(elsewhere), "UnavailableRedirect"),
    ] {
        let setting = Setting::with(discover);
        let token = setting.token();
        setting.issuer.behave(behaviour.clone());
        assert_eq!(setting.verify(&token), expected, "{behaviour:?}");
        assert_eq!(setting.requests(), 0, "{behaviour:?}");
    }

    // A document that sends us to another scheme or host's file is not followed.
    for uri in [
        "file:///etc/passwd",
        "http://idp.example/jwks",
        "data:,{}",
        "ftp://127.0.0.1/",
        "",
    ] {
        let setting = Setting::with(discover);
        let token = setting.token();
        let document = json!({"issuer": setting.issuer.url(), "jwks_uri": uri});
        setting.issuer.behave(Behaviour::Body(document.to_string()));
        assert_eq!(setting.verify(&token), "UnavailableDiscovery", "{uri}");
    }
}

/// T12: where keys come from is configured, and a token never changes it.
#[test]
fn a_token_never_says_where_its_keys_are() {
    let attacker = LoopbackIssuer::start_with(&[Alg::Es256]);
    let setting = Setting::new();
    let key = attacker.key(Alg::Es256);
    for iss in [setting.issuer.url(), attacker.url()] {
        let claims = json!({"iss": iss, "aud": common::AUDIENCE, "exp": common::NOW + 60});
        for header in [
            json!({"jku": attacker.jwks_url()}),
            json!({"jku": attacker.jwks_url(), "kid": "attacker"}),
            json!({"x5u": attacker.jwks_url(), "jwk": key.jwk(), "kid": null}),
        ] {
            let refused = setting.verifier.verify(key.mint_with(&header, &claims));
            assert!(refused.is_err(), "{header}");
            setting.clock.advance(MISS);
        }
    }
    assert_eq!(attacker.received(), []);
}

/// T11: the same kid at two issuers names two keys.
#[test]
fn issuers_never_share_keys() {
    let (one, two) = (Setting::new(), Setting::new());
    assert_eq!(
        one.issuer.key(Alg::Es256).kid(),
        two.issuer.key(Alg::Es256).kid()
    );
    assert_eq!(one.verify(&one.token()), "accepted");
    assert_eq!(two.verify(&two.token()), "accepted");
    // In the other's name, signed with the own key under the kid that both have.
    let forged = one.issuer.mint(Alg::Es256, &two.claims());
    assert_eq!(two.verify(&forged), "SignatureInvalid");
    assert_eq!(one.verify(&two.token()), "SignatureInvalid");
    assert_eq!(one.verify(&forged), "IssuerMismatch");
}

/// T15: a clock that jumps causes no storm and no error.
#[test]
fn clocks_may_jump() {
    let setting = Setting::new();
    let token = setting.token();
    assert_eq!(setting.verify(&token), "accepted");
    setting.clock.jump(-86_400);
    for _ in 0..100 {
        assert_eq!(setting.verify(&token), "accepted");
    }
    assert_eq!(setting.requests(), 1);
    // Suspended for two hours: the set is too old, and is fetched once.
    setting.clock.jump(86_400 + 7200);
    for _ in 0..100 {
        assert_eq!(setting.verify(&token), "accepted");
    }
    assert_eq!(setting.requests(), 2);
}

#[test]
fn only_https_and_loopback_are_asked() {
    for url in [
        "",
        "idp.example",
        "http://idp.example/jwks",
        "http://127.0.0.1.idp.example/jwks",
        "http://localhost.idp.example/jwks",
        "ftp://127.0.0.1/jwks",
        "file:///etc/passwd",
        "data:application/json,{}",
        "https://user:password@idp.example/jwks",
        "https:///idp.example/jwks",
        "https:/idp.example/jwks",
        "https:idp.example/jwks",
        "http:///127.0.0.1/jwks",
        "https:\\\\idp.example/jwks",
        "https://idp.example/jwks\n",
    ] {
        let error = RemoteJwks::from_url(url).err().map(|error| error.name());
        assert_eq!(error, Some("MisuseUrl"), "{url:?}");
        let error = RemoteJwks::discover(url).err().map(|error| error.name());
        assert_eq!(error, Some("MisuseUrl"), "issuer {url:?}");
    }
    for url in [
        "https://idp.example/jwks",
        "http://127.0.0.1:9/jwks",
        "http://[::1]:9/jwks",
    ] {
        assert!(RemoteJwks::from_url(url).is_ok(), "{url}");
    }
}

#[test]
fn a_mixed_set_keeps_its_good_keys_and_lists_the_others() {
    let setting = Setting::new();
    let good = setting.issuer.key(Alg::Es256);
    let mut keys = vec![json!({"kty": "XYZ"}), json!(null), good.jwk()];
    keys.push(SigningKey::from_secret(Alg::Hs256, "secret", [9; 32]).jwk());
    keys.push(json!({"kty": "RSA", "kid": "weak", "n": "AQAB", "e": "AQAB"}));
    setting
        .issuer
        .behave(Behaviour::Body(json!({ "keys": keys }).to_string()));
    assert_eq!(setting.verify(&setting.token()), "accepted");
    let status = setting.verifier.remote().status();
    assert_eq!(status.kids, [good.kid()]);
    let reasons: Vec<_> = status.skipped.iter().map(|key| key.reason.name()).collect();
    assert_eq!(
        reasons,
        [
            "KeyTypeUnknown",
            "JwkNotObject",
            "SymmetricNotAllowed",
            "RsaModulusSize"
        ]
    );
    // The secret of a fetched set never verifies HMAC.
    let hmac = SigningKey::from_secret(Alg::Hs256, "secret", [9; 32]).mint(&setting.claims());
    setting.clock.advance(SPACING);
    assert_eq!(setting.verify(&hmac), "KeyNotFound");
    let under_public_kid = SigningKey::from_secret(Alg::Hs256, good.kid(), [9; 32]);
    assert_eq!(
        setting.verify(&under_public_kid.mint(&setting.claims())),
        "KeyMismatch"
    );
}
