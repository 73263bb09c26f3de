//! A flood of invented kids against a service with a real issuer, in real time: how many fetches
//! it costs, whether a good request is refused, and how long good requests take with it and
//! without.
//!
//! The run is half a calm phase, the flood, and the other half of the calm phase, so that a machine
//! that gets slower or faster meanwhile counts for both. `FLOOD_SECONDS` is the length of the flood:
//! 60, with 10,000 kids; a shorter one has fewer. It fails if a promise does not hold.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use jwtverify_jwks::{Algorithm, JwksVerifier, RemoteJwks, Verifier};
use jwtverify_tests::{Alg, LoopbackIssuer, base64url};
use serde_json::{Value, json};

const THREADS: u32 = 4;
const GOOD_A_SECOND: u32 = 1000;
const KIDS_A_MINUTE: u32 = 10_000;
const MOST_FETCHES: usize = 5;
/// The p99 of good requests during the flood, as a multiple of the one without.
const MOST_SLOWDOWN: f64 = 1.5;

/// How long calls took.
type Times = Mutex<Vec<Duration>>;

struct Run<'r> {
    verifier: &'r JwksVerifier,
    start: Instant,
    /// When the flood begins and ends.
    flood: (Duration, Duration),
    end: Duration,
}

impl Run<'_> {
    /// Waits for a moment of the run. One that is over is not waited for, so that the rate holds.
    fn wait_until(&self, moment: Duration) {
        thread::sleep(moment.saturating_sub(self.start.elapsed()));
    }

    /// Good requests at their rate, from the beginning to the end.
    fn good(&self, tokens: &[String], calm: &Times, flood: &Times, refused: &Mutex<Vec<String>>) {
        let between = Duration::from_secs(1) * THREADS / GOOD_A_SECOND;
        for number in 0.. {
            let moment = between * number;
            if moment >= self.end {
                return;
            }
            self.wait_until(moment);
            let place = usize::try_from(number).unwrap() % tokens.len();
            let began = Instant::now();
            let verdict = self.verifier.verify(&tokens[place]);
            let took = began.elapsed();
            let flooded = moment >= self.flood.0 && moment < self.flood.1;
            let times = if flooded { flood } else { calm };
            times.lock().unwrap().push(took);
            if let Err(error) = verdict {
                refused.lock().unwrap().push(error.to_string());
            }
        }
    }

    /// Invented kids at their rate, while the flood lasts. A token that is accepted is a disaster.
    fn junk(&self, issuer: &str, exp: u64, times: &Times) -> bool {
        let length = self.flood.1 - self.flood.0;
        let between = Duration::from_secs(60) / KIDS_A_MINUTE;
        let mut held = true;
        for number in 0.. {
            let moment = between * number;
            if moment >= length {
                return held;
            }
            self.wait_until(self.flood.0 + moment);
            let token = invented(issuer, exp, number);
            let began = Instant::now();
            held &= self.verifier.verify(token).is_err();
            times.lock().unwrap().push(began.elapsed());
        }
        held
    }
}

fn claims(issuer: &str, exp: u64) -> Value {
    json!({"iss": issuer, "aud": "api", "sub": "alice", "exp": exp})
}

fn invented(issuer: &str, exp: u64, number: u32) -> String {
    let header = json!({"alg": "ES256", "kid": format!("invented-{number}")}).to_string();
    let claims = claims(issuer, exp).to_string();
    let signature = base64url([7; 64]);
    format!("{}.{}.{signature}", base64url(header), base64url(claims))
}

/// The time that so many in a thousand are not above.
fn per_mille(times: &[Duration], share: usize) -> Duration {
    times
        .get(times.len() * share / 1000)
        .copied()
        .unwrap_or_default()
}

fn show(name: &str, times: &Times) -> Duration {
    let mut times = times.lock().unwrap();
    times.sort_unstable();
    let micros = |share| per_mille(&times, share).as_secs_f64() * 1e6;
    println!(
        "{name:<22} {:>8} {:>9.0} {:>9.0} {:>9.0} {:>9.0}",
        times.len(),
        micros(500),
        micros(900),
        micros(990),
        micros(999),
    );
    per_mille(&times, 990)
}

fn main() -> ExitCode {
    let seconds = match std::env::var("FLOOD_SECONDS") {
        Ok(text) => text.parse().expect("FLOOD_SECONDS is a number of seconds"),
        Err(_) => 60,
    };
    let length = Duration::from_secs(seconds);
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
    let url = issuer.url();
    let policy = Verifier::builder()
        .algorithms([Algorithm::Es256])
        .issuer(url.as_str())
        .audience("api")
        .build()
        .unwrap();
    let remote = RemoteJwks::from_url(&issuer.jwks_url()).unwrap();
    let verifier = JwksVerifier::new(policy.into_owned(), remote);
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let exp = now.as_secs() + seconds * 3 + 600;
    let mint = |number: u32| {
        let mut claims = claims(&url, exp);
        claims["jti"] = json!(format!("token-{number}"));
        issuer.mint(Alg::Es256, &claims)
    };
    let tokens: Vec<String> = (0..64).map(mint).collect();
    verifier
        .verify(&tokens[0])
        .expect("the first request fetches the keys");

    println!(
        "{GOOD_A_SECOND} good requests a second for {} s, in their middle {} invented kids in \
         {seconds} s",
        seconds * 2,
        u64::from(KIDS_A_MINUTE) * seconds / 60,
    );
    let run = Run {
        verifier: &verifier,
        start: Instant::now(),
        flood: (length / 2, length / 2 + length),
        end: length * 2,
    };
    let (calm, flood, junk) = (Times::default(), Times::default(), Times::default());
    let (refused, no_forgery) = (Mutex::default(), AtomicBool::new(true));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| run.good(&tokens, &calm, &flood, &refused));
        }
        scope.spawn(|| no_forgery.store(run.junk(&url, exp, &junk), Ordering::SeqCst));
    });

    println!(
        "{:<22} {:>8} {:>9} {:>9} {:>9} {:>9}",
        "microseconds", "calls", "p50", "p90", "p99", "p99.9"
    );
    let without = show("good, without flood", &calm);
    let with = show("good, with flood", &flood);
    show("invented kids", &junk);
    let ratio = with.as_secs_f64() / without.as_secs_f64();
    let (refused, fetches) = (refused.into_inner().unwrap(), issuer.jwks_requests());
    println!("fetches: {fetches} (at most {MOST_FETCHES}, the first one among them)");
    println!("good requests refused: {}", refused.len());
    println!("p99 with flood: {ratio:.2} times that without (at most {MOST_SLOWDOWN})");
    if let Some(first) = refused.first() {
        println!("the first refusal: {first}");
    }
    let holds = [
        (fetches <= MOST_FETCHES, "too many fetches"),
        (refused.is_empty(), "a good request was refused"),
        (no_forgery.into_inner(), "an invented token was accepted"),
        (
            ratio <= MOST_SLOWDOWN,
            "the flood made good requests slower",
        ),
    ];
    for (_, broken) in holds.iter().filter(|(holds, _)| !holds) {
        println!("FAILED: {broken}");
    }
    if holds.iter().all(|(holds, _)| *holds) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
