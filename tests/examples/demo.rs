//! The demo: an issuer on this machine, its keys over real HTTP, good tokens and forged ones, a
//! rotation, a flood, an outage. Every line says what happened and why.
//!
//! ```text
//! make demo
//! ```
//!
//! It exits with 1 if anything did not happen as it should. The clock is the demo's own: it
//! starts at the present and is moved forward, so that an hour's outage takes no time.
#![forbid(unsafe_code)]

use std::fmt::Display;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anstream::println;
use anstyle::{AnsiColor, Style};
use jwtverify_jwks::{
    Algorithm, Clock, Error, JwksVerifier, RemoteJwks, SystemClock, UnixTime, Verified, Verifier,
};
use jwtverify_tests::{Alg, LoopbackIssuer, base64url, forge};
use serde_json::{Value, json};

const AUDIENCE: &str = "my-api";
const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();

fn main() -> ExitCode {
    let demo = Demo::start();
    match demo {
        Ok(mut demo) => {
            demo.run();
            demo.summary()
        }
        Err(error) => {
            println!("{RED}✗{RED:#} {error}");
            ExitCode::FAILURE
        }
    }
}

struct Demo {
    issuer: LoopbackIssuer,
    clock: Arc<DemoClock>,
    verifier: JwksVerifier,
    steps: u32,
    surprises: u32,
}

impl Demo {
    fn start() -> Result<Self, Error> {
        let issuer = LoopbackIssuer::start();
        let clock = Arc::new(DemoClock::new());
        let remote = RemoteJwks::builder()
            .issuer(&issuer.url())
            .clock(Arc::<DemoClock>::clone(&clock))
            .build()?;
        let policy = Verifier::builder()
            .algorithms([
                Algorithm::Rs256,
                Algorithm::Ps256,
                Algorithm::Es256,
                Algorithm::Es384,
                Algorithm::Es512,
                Algorithm::EdDsa,
                // Allowed on purpose: the forgeries below must fail for a better reason.
                Algorithm::Hs256,
            ])
            .issuer(&issuer.url())
            .audience(AUDIENCE)
            .build()?
            .into_owned();
        let verifier = JwksVerifier::new(policy, remote);
        Ok(Self {
            issuer,
            clock,
            verifier,
            steps: 0,
            surprises: 0,
        })
    }

    fn run(&mut self) {
        println!();
        println!("{BOLD}jwtverify{BOLD:#}: may this token be trusted?");
        self.keys_over_http();
        self.good_tokens();
        self.forged_tokens();
        self.unknown_kids();
        self.rotation();
        self.outage();
    }

    fn keys_over_http(&mut self) {
        heading("An issuer on this machine, and its keys over HTTP");
        note("listens", self.issuer.url());
        match self.verifier.remote().keys() {
            Ok(snapshot) => {
                let kids: Vec<&str> = snapshot.key_set().kids().collect();
                let requests = self.issuer.discovery_requests() + self.issuer.jwks_requests();
                let what = format!(
                    "{} keys, {requests} requests: discovery, key set",
                    kids.len()
                );
                self.step(kids.len() == 6 && requests == 2, "fetched", what);
                detail(kids.join("  "));
            }
            Err(error) => self.step(false, "fetched", error),
        }
    }

    fn good_tokens(&mut self) {
        heading("Good tokens");
        for alg in [
            Alg::Rs256,
            Alg::Ps256,
            Alg::Es256,
            Alg::Es384,
            Alg::Es512,
            Alg::EdDsa,
        ] {
            self.accept(alg.name(), &self.issuer.mint(alg, &self.claims()));
        }
    }

    fn forged_tokens(&mut self) {
        heading("Tokens that must not pass");
        let claims = self.claims();
        let (es256, rs256) = (self.issuer.key(Alg::Es256), self.issuer.key(Alg::Rs256));
        let mut expired = claims.clone();
        expired["exp"] = json!(self.now() - 60);
        let mut elsewhere = claims.clone();
        elsewhere["aud"] = json!("another-api");
        let unsigned = forge::unsecured(&es256, "none", &claims);
        let with_signature = format!("{unsigned}{}", base64url([1; 64]));
        for (what, token, code) in [
            ("expired a minute ago", es256.mint(&expired), 504),
            ("for another audience", es256.mint(&elsewhere), 508),
            (
                "sub changed to admin",
                forge::tampered(&es256, &claims, &json!({"sub": "admin"})),
                401,
            ),
            (
                "signed by someone else",
                forge::wrong_key(&es256, &claims),
                401,
            ),
            ("alg none, unsigned", unsigned, 105),
            ("alg none, some signature", with_signature, 204),
            (
                "HS256 with the RSA key",
                forge::hmac_with_public_key(&rs256, &claims),
                303,
            ),
            (
                "crit: b64",
                es256.mint_with(&json!({"crit": ["b64"]}), &claims),
                207,
            ),
            ("not a token at all", "Bearer eyJhbGciOi".into(), 102),
        ] {
            self.refuse(what, &token, code);
        }
    }

    fn unknown_kids(&mut self) {
        heading("A kid that the issuer does not have");
        self.clock.advance(Duration::from_secs(5));
        note("5 seconds later", "the issuer may be asked again");
        let key = self.issuer.key(Alg::Es256);
        let typo = key.mint_with(&json!({"kid": "es256-l"}), &self.claims());
        let before = self.issuer.jwks_requests();
        self.refuse("kid es256-l", &typo, 301);
        // Such a token does not get as far as its signature, so it needs no good one.
        let payload = base64url(self.claims().to_string());
        for number in 0..10_000 {
            let header = json!({"alg": "ES256", "kid": format!("junk-{number}")}).to_string();
            let _ = self
                .verifier
                .verify(format!("{}.{payload}.junk", base64url(header)));
        }
        let requests = self.issuer.jwks_requests() - before;
        let what = format!("requests that they cost the issuer: {requests}");
        self.step(requests == 1, "10,000 made-up kids", what);
    }

    fn rotation(&mut self) {
        heading("The issuer replaces its keys");
        let old = self.issuer.mint(Alg::Es256, &self.claims());
        self.issuer.rotate();
        self.clock.advance(Duration::from_secs(30));
        note(
            "30 seconds later",
            "one question about unknown kids is free again",
        );
        for alg in [Alg::Es256, Alg::Rs256] {
            let token = self.issuer.mint(alg, &self.claims());
            self.accept(&format!("{}, new key", alg.name()), &token);
        }
        self.clock.advance(Duration::from_secs(30));
        self.refuse("signed with the old key", &old, 301);
    }

    fn outage(&mut self) {
        heading("The issuer goes away");
        let token = self.issuer.mint(Alg::EdDsa, &self.claims());
        self.issuer.stop();
        note("stopped", "connections are refused");
        self.accept("EdDSA, at once", &token);
        self.clock.advance(Duration::from_secs(50 * 60));
        self.accept("EdDSA, 50 minutes later", &token);
        self.clock.advance(Duration::from_secs(60 * 60));
        self.unavailable("EdDSA, an hour after that", &token);
        self.issuer.restart();
        self.clock.advance(Duration::from_secs(60));
        note("started again", "at the same address, a minute later");
        self.accept("EdDSA", &token);
    }

    fn accept(&mut self, what: &str, token: &str) {
        match self.verifier.verify(token) {
            Ok(verified) => {
                let text = format!("{GREEN}accepted{GREEN:#}  {}", self.describe(&verified));
                self.step(true, what, text);
            }
            Err(error) => self.step(false, what, shown(&error)),
        }
    }

    fn refuse(&mut self, what: &str, token: &str, code: u16) {
        match self.verifier.verify(token) {
            Ok(_) => self.step(false, what, "ACCEPTED"),
            Err(error) => {
                let text = format!("{YELLOW}refused{YELLOW:#}   {}", shown(&error));
                self.step(error.code() == code, what, text);
                self.reason(&error);
            }
        }
    }

    fn unavailable(&mut self, what: &str, token: &str) {
        match self.verifier.verify(token) {
            Ok(_) => self.step(false, what, "ACCEPTED"),
            Err(error) => {
                let text = format!("{YELLOW}not known{YELLOW:#} {}", shown(&error));
                self.step(error.http_status() == 503, what, text);
                self.reason(&error);
            }
        }
    }

    fn describe(&self, verified: &Verified<'_>) -> String {
        let claims = verified.claims();
        let text = |text: Option<jwtverify_jwks::json::Text<'_>>| {
            text.map_or_else(|| "nobody".into(), |text| text.to_string())
        };
        let status = self.verifier.remote().status();
        let age = status.age.unwrap_or_default().as_secs() / 60;
        let age = if age == 0 {
            String::new()
        } else {
            format!(", keys {age} min old")
        };
        format!(
            "{} signed by {}{age}",
            text(claims.subject()),
            text(verified.header().kid())
        )
    }

    fn reason(&self, error: &Error) {
        detail(error.message());
        let Some(diagnosis) = error.diagnosis() else {
            return;
        };
        // For a kid that the set has, there is nothing to guess.
        if let (301, Some(closest)) = (error.code(), &diagnosis.closest) {
            detail(format!("available: {}", diagnosis.available.join(" ")));
            detail(format!("did you mean {closest}?"));
        }
        if let (503, Some(last)) = (error.http_status(), &diagnosis.last_fetch) {
            detail(format!("last fetch: {last}"));
            if let Some(seconds) = error.retry_after() {
                detail(format!("the caller is told: 503, Retry-After: {seconds}"));
            }
        }
    }

    fn step(&mut self, as_expected: bool, what: &str, outcome: impl Display) {
        self.steps += 1;
        let (style, mark) = if as_expected {
            (GREEN, "✓")
        } else {
            (RED, "✗")
        };
        println!("  {style}{mark}{style:#} {what:<26}{outcome}");
        if !as_expected {
            self.surprises += 1;
            println!("    {RED}this should not have happened{RED:#}");
        }
    }

    fn summary(&self) -> ExitCode {
        println!();
        if self.surprises == 0 {
            println!(
                "{GREEN}All {} steps went as they should.{GREEN:#}",
                self.steps
            );
            println!();
            ExitCode::SUCCESS
        } else {
            println!(
                "{RED}{} of {} steps went wrong.{RED:#}",
                self.surprises, self.steps
            );
            ExitCode::FAILURE
        }
    }

    fn now(&self) -> i64 {
        self.clock.unix().secs()
    }

    /// Good for four hours: the demo moves the clock by two.
    fn claims(&self) -> Value {
        json!({
            "iss": self.issuer.url(),
            "aud": AUDIENCE,
            "sub": "alice",
            "iat": self.now(),
            "exp": self.now() + 4 * 3600,
        })
    }
}

fn heading(text: &str) {
    println!();
    println!("{BOLD}{text}{BOLD:#}");
}

fn note(what: &str, text: impl Display) {
    println!("  {DIM}· {what:<26}{text}{DIM:#}");
}

fn detail(text: impl Display) {
    println!("    {:<26}{DIM}{text}{DIM:#}", "");
}

fn shown(error: &Error) -> String {
    format!("{} {}", error.code(), error.name())
}

/// Clocks that stand still but for what the demo moves them, so that a slow machine shows the same.
struct DemoClock {
    start: (Duration, i64),
    moved: Mutex<Duration>,
}

impl DemoClock {
    fn new() -> Self {
        Self {
            start: (SystemClock.monotonic(), SystemClock.unix().secs()),
            moved: Mutex::new(Duration::ZERO),
        }
    }

    fn advance(&self, by: Duration) {
        *self.moved.lock().unwrap() += by;
    }

    fn moved(&self) -> Duration {
        *self.moved.lock().unwrap()
    }
}

impl Clock for DemoClock {
    fn monotonic(&self) -> Duration {
        self.start.0 + self.moved()
    }

    fn unix(&self) -> UnixTime {
        let moved = i64::try_from(self.moved().as_secs()).unwrap_or(i64::MAX);
        UnixTime::from_secs(self.start.1.saturating_add(moved))
    }
}
