//! What a key set promises its service, against a real server on loopback, with real threads and
//! the library's own transport. Ages pass on a clock that the tests move.
//!
//! `make scenarios` runs these, the same promises in simulated time, and the ones that need a
//! process or an hour of their own. It prints this table. What it says of peers is by their
//! defaults, as they were known in 2026; a later version may do better.
//!
//! | scenario | promise | in simulated time | peers that fail it |
//! | --- | --- | --- | --- |
//! | 1 | 10,000 invented kids in a minute cost 5 fetches at most and no good request | `ten_thousand_random_kids_in_a_minute_cost_five_fetches_and_no_good_token` | go-oidc, node-jwks-rsa, get-jwks, Spring, jose4j, Authlib, jwks-rsa-java, keyfunc |
//! | 2 | an issuer that hangs at expiry delays no good token | `an_issuer_that_hangs_when_the_set_expires_delays_no_good_token` | PyJWT, jwtk, jwt-authorizer, jwks_client_rs, jose, Nimbus, Spring |
//! | 3 | an outage is survived for an hour past the ttl, and then a typed 503 | `an_outage_of_fifty_minutes_past_the_ttl_is_survived_and_one_of_an_hour_fails_closed` | jose, PyJWT, Spring, keyfunc, jwx, huskarl |
//! | 4 | a key that is new a second after a refresh is taken within 5 seconds | `a_rotation_just_after_a_refresh_is_followed_within_five_seconds` | jose, PyJWT, go-jwt-middleware, jwt-authorizer |
//! | 5 | a removed key is refused after the ttl, with a token cache too | `a_removed_key_is_refused_after_the_ttl_also_with_the_token_cache_on` | aws-jwt-verify, go-oidc, fast-jwt, Envoy |
//! | 6 | 1,000 threads that begin at once cost one fetch | `a_thousand_callers_of_a_cold_service_cost_one_fetch` | node-jwks-rsa, Spring, lua-resty-openidc |
//! | 7 | one good key among 20 that are not works, with 20 reasons | `one_good_key_among_twenty_odd_ones_works_and_each_of_the_others_has_its_reason` | jwkset, joserfc, Authlib, josekit, jwks_client_rs |
//! | 8 | an unusable answer changes nothing, costs bounded memory and leads nowhere | `an_answer_that_is_no_key_set_keeps_the_old_one_and_causes_no_other_request` | PyJWT, jwx |
//! | 9 | after 8 idle hours a key that was removed meanwhile is refused | `after_an_idle_night_a_removed_key_is_refused_at_once` | huskarl, stale-while-revalidate caches |
//! | 10 | a child after fork refreshes by itself, and no lock of its parent holds it | `a_child_process_has_its_own_budget_and_no_flight_of_its_parent` | designs with a background thread |
//! | 11 | a clock that jumps by a day, or sleeps, keeps or shortens ages and never stretches them | `a_wall_clock_that_is_set_by_a_day_changes_nothing_and_sleep_is_noticed` | wall-clock caches |
//! | 12 | the C interface is clean under sanitizers, misuse included | - | libjwt, cjose |

mod clocks;
mod crowds;
mod outages;
mod rotations;
mod sets;

#[path = "../common/mod.rs"]
mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use jwtverify_jwks::{
    Algorithm, Clock, JwksVerifier, RemoteJwks, RemoteJwksBuilder, UnixTime, Verifier,
};
use jwtverify_tests::{Alg, LoopbackIssuer, SigningKey, base64url};
use serde_json::{Value, json};

const TTL: Duration = Duration::from_secs(600);
const MAX_STALE: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

/// A clock that moves when a test says so.
#[derive(Default)]
struct TestClock {
    nanos: AtomicU64,
    /// How far somebody set the wall clock, in seconds.
    shift: AtomicI64,
}

impl TestClock {
    fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap();
        self.nanos.fetch_add(nanos, Ordering::SeqCst);
    }

    fn jump(&self, seconds: i64) {
        self.shift.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::SeqCst))
    }

    fn unix(&self) -> UnixTime {
        let run = i64::try_from(self.monotonic().as_secs()).unwrap();
        UnixTime::from_secs(common::NOW + run + self.shift.load(Ordering::SeqCst))
    }
}

/// An issuer with one key, the clock, and a verifier of its tokens with the numbers of the product.
struct Setting {
    issuer: LoopbackIssuer,
    clock: Arc<TestClock>,
    verifier: JwksVerifier,
}

impl Setting {
    fn new() -> Self {
        Self::with(|builder| builder)
    }

    fn with(change: impl FnOnce(RemoteJwksBuilder) -> RemoteJwksBuilder) -> Self {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let clock = Arc::new(TestClock::default());
        let source = RemoteJwks::builder().url(&issuer.jwks_url());
        let remote = build(change(source), &clock);
        let verifier = JwksVerifier::new(policy(&issuer.url()), remote);
        Self {
            issuer,
            clock,
            verifier,
        }
    }

    fn remote(&self) -> &RemoteJwks {
        self.verifier.remote()
    }

    fn token(&self) -> String {
        self.issuer.mint(Alg::Es256, &claims(&self.issuer.url()))
    }

    /// "accepted" or the error's name.
    fn verify(&self, token: &str) -> &'static str {
        outcome(self.verifier.verify(token).map(drop))
    }

    /// The same, for a caller that waits for nothing: whoever is accepted here was not delayed.
    fn verify_at_once(&self, token: &str) -> &'static str {
        outcome(self.verifier.verify_within(token, Duration::ZERO).map(drop))
    }

    fn requests(&self) -> usize {
        self.issuer.jwks_requests()
    }

    /// Waits until no fetch is on its way: what it does takes real time.
    fn settle(&self) {
        settle(self.remote());
    }
}

fn build(builder: RemoteJwksBuilder, clock: &Arc<TestClock>) -> RemoteJwks {
    let clock: Arc<TestClock> = Arc::clone(clock);
    // One request is one attempt, so that they can be counted.
    builder.retries(0).clock(clock).build().unwrap()
}

fn settle(remote: &RemoteJwks) {
    while remote.status().fetching {
        thread::yield_now();
    }
}

fn policy(issuer: &str) -> Verifier<'static> {
    Verifier::builder()
        .algorithms([Algorithm::Es256])
        .issuer(issuer)
        .audience(common::AUDIENCE)
        .build()
        .unwrap()
        .into_owned()
}

/// Good for a week.
fn claims(issuer: &str) -> Value {
    json!({"iss": issuer, "aud": common::AUDIENCE, "exp": common::NOW + 7 * 86_400})
}

fn outcome(verdict: Result<(), jwtverify_jwks::Error>) -> &'static str {
    verdict.map_or_else(|error| error.name(), |()| "accepted")
}

/// A token of a kid that nobody knows; it never gets as far as its signature.
fn invented(issuer: &str, number: usize) -> String {
    let header = json!({"alg": "ES256", "kid": format!("invented-{number}")}).to_string();
    let claims = claims(issuer).to_string();
    let signature = base64url([7; 64]);
    format!("{}.{}.{signature}", base64url(header), base64url(claims))
}

fn es256(kid: &str) -> Arc<SigningKey> {
    Arc::new(SigningKey::generate(Alg::Es256, kid))
}

/// The peers of each row of the table above.
fn rows() -> Vec<(String, Vec<&'static str>)> {
    let lines = include_str!("main.rs").lines();
    lines
        .filter_map(|line| line.strip_prefix("//! | "))
        .map(|row| row.trim_end_matches(" |").split(" | ").collect::<Vec<_>>())
        .filter(|row| row[0].parse::<u32>().is_ok())
        .map(|row| (row[0].to_owned(), row[3].split(", ").collect()))
        .collect()
}

#[test]
fn each_scenario_says_what_the_peers_of_its_row_do() {
    let sources = [
        include_str!("clocks.rs"),
        include_str!("crowds.rs"),
        include_str!("outages.rs"),
        include_str!("rotations.rs"),
        include_str!("sets.rs"),
    ];
    let rows = rows();
    assert_eq!(rows.len(), 12);
    for (number, peers) in rows {
        // These two need processes and compilers: scripts/test-py.sh and scripts/test-c.sh.
        if number == "10" || number == "12" {
            continue;
        }
        let start = format!("fn s{number:0>2}_");
        let found = sources.iter().find_map(|source| source.split_once(&start));
        let (before, _) = found.unwrap_or_else(|| panic!("no test of scenario {number}"));
        let docs = before.rsplit("\n\n").next().unwrap();
        for peer in peers {
            assert!(
                docs.contains(peer),
                "scenario {number} does not say what {peer} does"
            );
        }
    }
}
