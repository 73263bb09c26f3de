//! A device that decides about tokens: keys in flash, a rotation at run time, no heap.
//!
//! Each line `ok` or `FAILED` is one check; the other lines are measurements.

#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use jwtverify_core::{Algorithm, AlgorithmSet, Error, FixedKeySet, UnixTime, Verifier};
use jwtverify_firmware::fixtures::{FIXTURES, FLASH_JWKS, Fixture, NOW, ROTATED_JWKS};
use jwtverify_firmware::meter::{self, Meter};

/// The longest token that the device takes.
const LONGEST_TOKEN: usize = 1024;

/// Up to four keys: two in use and two that are about to be.
type Keys = FixedKeySet<4>;

type Scratch = [u8; Verifier::scratch_len(LONGEST_TOKEN)];

#[entry]
fn main() -> ! {
    let Some(peripherals) = cortex_m::Peripherals::take() else {
        meter::exit(false)
    };
    let meter = Meter::start(peripherals.SYST);
    let outcome = run(&meter);
    if let Err(error) = outcome {
        meter::number("FAILED", "error", error.code().into());
    }
    meter::number("data", "octets", carried());
    meter::memory();
    meter::exit(outcome == Ok(true))
}

/// Whether every check passed; an error if there was none to make.
fn run(meter: &Meter) -> Result<bool, Error> {
    let mut scratch: Scratch = [0; _];
    let (keys, instructions) = meter.count(|| read_keys(black_box(FLASH_JWKS), &mut scratch));
    let mut keys = keys?;
    meter::number("load", "keys", instructions);
    let verifier = Verifier::builder()
        .algorithms(algorithms())
        .issuer("https://idp.example")
        .audience("my-device")
        .max_token_bytes(LONGEST_TOKEN)
        .build()?;

    let mut checks = Checks {
        verifier,
        passed: true,
    };
    for fixture in FIXTURES {
        meter::line(fixture.name);
        let token = black_box(fixture.good);
        let (verdict, instructions) = meter.count(|| checks.verdict(&keys, token, &mut scratch));
        checks.note("good", verdict == Ok(true));
        meter::number("verify", fixture.name, instructions);
        for (what, token, reason) in forged(fixture) {
            checks.refuses(what, &keys, token, reason, &mut scratch);
        }
        checks.refuses(
            "signed with a key to come",
            &keys,
            fixture.rotated,
            Error::KeyNotFound,
            &mut scratch,
        );
    }

    // What arrives is no key set: the device keeps what it has.
    for broken in [
        &b""[..],
        b"{\"keys\":[]}",
        b"<html>",
        ROTATED_JWKS.split_at(40).0,
    ] {
        checks.note(
            "what is no key set changes nothing",
            read_keys(broken, &mut scratch).is_err(),
        );
    }
    // A rotation: the issuer signs with new keys, and has withdrawn the old ones.
    keys = read_keys(black_box(ROTATED_JWKS), &mut scratch)?;
    for fixture in FIXTURES {
        meter::line(fixture.name);
        checks.accepts(
            "after the rotation, signed with the new key",
            &keys,
            fixture.rotated,
            &mut scratch,
        );
        checks.refuses(
            "after the rotation, signed with the old key",
            &keys,
            fixture.good,
            Error::KeyNotFound,
            &mut scratch,
        );
    }
    Ok(checks.passed)
}

fn algorithms() -> AlgorithmSet {
    [
        #[cfg(feature = "es256")]
        Algorithm::Es256,
        #[cfg(feature = "eddsa")]
        Algorithm::EdDsa,
        #[cfg(feature = "rs256")]
        Algorithm::Rs256,
        #[cfg(feature = "hs256")]
        Algorithm::Hs256,
    ]
    .into_iter()
    .collect()
}

#[cfg(not(feature = "hs256"))]
fn read_keys(document: &[u8], scratch: &mut [u8]) -> Result<Keys, Error> {
    Keys::from_jwks(document, scratch)
}

/// A device that shares a secret with its issuer says so.
#[cfg(feature = "hs256")]
fn read_keys(document: &[u8], scratch: &mut [u8]) -> Result<Keys, Error> {
    let options = jwtverify_core::KeySetOptions::new().allow_symmetric(true);
    options.read_in(&document, scratch, |_| {})
}

/// Tokens to be refused, and why.
fn forged(fixture: &Fixture) -> [(&'static str, &'static [u8], Error); 5] {
    [
        ("expired", fixture.expired, Error::Expired),
        (
            "for another audience",
            fixture.other_audience,
            Error::AudienceMismatch,
        ),
        ("unknown kid", fixture.unknown_kid, Error::KeyNotFound),
        ("tampered", fixture.tampered, Error::SignatureInvalid),
        (
            "without its signature",
            fixture.message,
            Error::TokenSegments,
        ),
    ]
}

/// Octets of keys and tokens in the image.
fn carried() -> u32 {
    let tokens = |fixture: &Fixture| {
        let forged = forged(fixture)
            .iter()
            .map(|(_, token, _)| token.len())
            .sum::<usize>();
        fixture.good.len() + fixture.rotated.len() + forged
    };
    let tokens = FIXTURES.iter().map(tokens).sum::<usize>();
    (FLASH_JWKS.len() + ROTATED_JWKS.len() + tokens) as u32
}

/// Makes the checks, and remembers whether all passed.
struct Checks {
    verifier: Verifier<'static>,
    passed: bool,
}

impl Checks {
    /// Whether a token is good and about whom it should be.
    fn verdict(&self, keys: &Keys, token: &[u8], scratch: &mut [u8]) -> Result<bool, Error> {
        let now = UnixTime::from_secs(NOW);
        let verified = self.verifier.verify_in(token, keys, now, scratch)?;
        let subject = verified.claims().subject();
        Ok(subject.is_some_and(|sub| sub == "device-operator-4711"))
    }

    fn accepts(&mut self, what: &str, keys: &Keys, token: &[u8], scratch: &mut [u8]) {
        let verdict = self.verdict(keys, token, scratch);
        self.note(what, verdict == Ok(true));
    }

    fn refuses(
        &mut self,
        what: &str,
        keys: &Keys,
        token: &[u8],
        reason: Error,
        scratch: &mut [u8],
    ) {
        let verdict = self.verdict(keys, token, scratch);
        self.note(what, verdict == Err(reason));
    }

    fn note(&mut self, what: &str, passed: bool) {
        self.passed &= passed;
        meter::text(if passed { "ok" } else { "FAILED" }, what);
    }
}
