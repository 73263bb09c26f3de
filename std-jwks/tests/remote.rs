//! The whole of it over real HTTP: a loopback issuer, its rotation and its outage.

#[expect(
    dead_code,
    reason = "shared by several test programs, none of which uses all of it"
)]
mod support;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use jwtverify_jwks::{
    Algorithm, Clock, JwksVerifier, RemoteJwks, RemoteJwksBuilder, UnixTime, Verifier, check,
};
use support::{Server, answer, jwks, token};

/// An issuer whose answer can be replaced while it runs.
struct Issuer {
    server: Server,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Issuer {
    fn start() -> Self {
        let answer = Arc::new(Mutex::new(answer("200 OK", &jwks(&[("a", 1)]))));
        let shared = Arc::clone(&answer);
        Self {
            server: Server::http(move |_| shared.lock().unwrap().clone()),
            answer,
        }
    }

    fn says(&self, octets: Vec<u8>) {
        *self.answer.lock().unwrap() = octets;
    }
}

/// Seconds that pass when the test says so.
struct Hand(Mutex<u64>);

impl Hand {
    fn advance(&self, secs: u64) {
        *self.0.lock().unwrap() += secs;
    }
}

impl Clock for Hand {
    fn monotonic(&self) -> Duration {
        Duration::from_secs(*self.0.lock().unwrap())
    }

    fn unix(&self) -> UnixTime {
        UnixTime::from_secs(1_700_000_000 + i64::try_from(*self.0.lock().unwrap()).unwrap())
    }
}

fn patient() -> RemoteJwksBuilder {
    let long = Duration::from_secs(20);
    RemoteJwks::builder()
        .connect_timeout(long)
        .timeout(long)
        .stale_wait(long)
}

fn verifier(remote: &RemoteJwks) -> JwksVerifier {
    let policy = Verifier::builder()
        .algorithms([Algorithm::EdDsa])
        .issuer("https://issuer.example")
        .audience("my-api")
        .build()
        .unwrap();
    JwksVerifier::new(policy, remote.clone())
}

fn good(kid: &str, seed: u8) -> String {
    token(
        kid,
        seed,
        r#"{"iss":"https://issuer.example","aud":"my-api","exp":1700009999}"#,
    )
}

#[test]
fn fetch_verify_rotate_and_survive_an_outage() {
    let issuer = Issuer::start();
    let clock = Arc::new(Hand(Mutex::new(100)));
    let url = issuer.server.url("/jwks.json");
    let remote = patient().url(&url).clock(clock.clone()).build().unwrap();
    let verifier = verifier(&remote);
    let verdict = |token: &str| match verifier.verify(token) {
        Ok(_) => "valid",
        Err(error) => error.name(),
    };

    assert_eq!(verdict(&good("a", 1)), "valid");
    assert_eq!(verdict(&good("a", 2)), "SignatureInvalid");
    assert_eq!(issuer.server.connections(), 1);

    // The issuer adds a key and signs with it at once.
    clock.advance(5);
    issuer.says(answer("200 OK", &jwks(&[("a", 1), ("b", 2)])));
    assert_eq!(verdict(&good("b", 2)), "valid");
    assert_eq!(issuer.server.connections(), 2);

    // It goes down; nobody notices.
    issuer.says(answer("503 Busy", ""));
    clock.advance(600);
    assert_eq!(verdict(&good("a", 1)), "valid");
    assert_eq!(verdict(&good("c", 3)), "UnavailableUnchecked");

    // It comes back without the old key.
    issuer.says(answer("200 OK", &jwks(&[("b", 2)])));
    clock.advance(60);
    remote.refresh().unwrap();
    clock.advance(5);
    assert_eq!(verdict(&good("a", 1)), "KeyNotFound");
    assert_eq!(verdict(&good("b", 2)), "valid");
}

#[test]
fn t1_many_threads_share_the_first_request() {
    let issuer = Issuer::start();
    let remote = patient().url(&issuer.server.url("/")).build().unwrap();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..64)
            .map(|_| scope.spawn(|| remote.keys().is_ok()))
            .collect();
        assert!(callers.into_iter().all(|caller| caller.join().unwrap()));
    });
    assert_eq!(issuer.server.connections(), 1);
}

#[test]
fn discovery_over_http() {
    let place: Arc<Mutex<String>> = Arc::default();
    let shared = Arc::clone(&place);
    let server = Server::http(move |path| {
        let issuer = shared.lock().unwrap().clone();
        match path {
            "/tenant/.well-known/openid-configuration" => answer(
                "200 OK",
                &format!(r#"{{"issuer":"{issuer}","jwks_uri":"{issuer}/keys","x":[1,{{}}]}}"#),
            ),
            "/tenant/keys" => answer("200 OK", &jwks(&[("a", 1)])),
            _ => answer("404 Not Found", ""),
        }
    });
    let issuer = server.url("/tenant");
    place.lock().unwrap().clone_from(&issuer);
    let remote = patient().issuer(&issuer).build().unwrap();
    let keys = remote.keys().unwrap();
    assert_eq!(keys.url(), format!("{issuer}/keys"));
    assert_eq!(server.connections(), 2);

    // With a slash more it is another issuer, although its document is at the same place.
    let remote = patient().issuer(&format!("{issuer}/")).build().unwrap();
    assert_eq!(remote.keys().unwrap_err().name(), "UnavailableIssuer");
}

#[test]
fn t8_a_redirect_keeps_the_old_set_and_makes_no_second_request() {
    let trap = Issuer::start();
    let issuer = Issuer::start();
    let remote = patient().url(&issuer.server.url("/")).build().unwrap();
    remote.keys().unwrap();
    let target = trap.server.url("/");
    let redirect = format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n");
    issuer.says(redirect.into_bytes());
    let error = remote.refresh().unwrap_err();
    assert_eq!(error.name(), "UnavailableRedirect");
    assert_eq!(trap.server.connections(), 0);
    assert!(remote.keys().unwrap().key_set().kids().eq(["a"]));
}

#[test]
fn the_check_reports_an_endpoint() {
    let issuer = Issuer::start();
    let url = issuer.server.url("/jwks.json");
    let report = check(&url, Some("a"));
    assert!(report.is_ok(), "{report:?}");
    assert_eq!(
        (report.status, report.kid_found, report.usable),
        (Some(200), Some(true), 1)
    );
    assert_eq!(report.content_type.as_deref(), Some("application/json"));

    issuer.says(answer("404 Not Found", "nothing here"));
    let report = check(&url, Some("a"));
    assert_eq!(
        (report.reachable, report.status, report.kid_found),
        (true, Some(404), None)
    );
    assert_eq!(
        report.errors[0].to_string(),
        "the answer has the status 404, not 200"
    );
}
