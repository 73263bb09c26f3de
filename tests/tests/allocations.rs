//! What a verdict costs in memory, counted by an allocator of this test's own.
//!
//! The counts are of the calling thread, so that the harness and other tests don't matter.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use jwtverify_core::{AlgorithmSet, Error, JwkOptions, Key, UnixTime, Verifier};
use jwtverify_tests::{Alg, SigningKey, base64url};
use serde_json::json;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn changed(allocations: usize, octets: isize) {
    // A thread that is being torn down has no counters any more, and nobody asks for them.
    let _ = COUNT.try_with(|count| count.set(count.get() + allocations));
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + octets);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

fn signed(octets: usize) -> isize {
    isize::try_from(octets).unwrap_or(isize::MAX)
}

// SAFETY: every call goes to the system's allocator with the arguments it came with; counting
// touches nothing but `Cell`s of this thread, which need no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        changed(1, signed(layout.size()));
        // SAFETY: the caller keeps the promises of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        changed(0, -signed(layout.size()));
        // SAFETY: the caller keeps the promises of `GlobalAlloc::dealloc`, and `memory` came from
        // `System` as all memory here does.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        changed(1, signed(size) - signed(layout.size()));
        // SAFETY: as for `dealloc`.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// What some work allocated.
#[derive(Debug, PartialEq)]
struct Cost {
    allocations: usize,
    /// The most octets that were held at one time, above those held before.
    peak: usize,
}

const NOTHING: Cost = Cost {
    allocations: 0,
    peak: 0,
};

fn cost<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (count, live) = (COUNT.get(), LIVE.get());
    PEAK.set(live);
    let result = work();
    let cost = Cost {
        allocations: COUNT.get() - count,
        peak: usize::try_from(PEAK.get() - live).unwrap(),
    };
    (result, cost)
}

fn verifier() -> Verifier<'static> {
    let builder = Verifier::builder().algorithms(AlgorithmSet::ALL);
    builder.issuer("i").audience("a").build().unwrap()
}

fn claims(filling: usize) -> serde_json::Value {
    json!({"iss": "i", "aud": ["x", "a"], "exp": NOW.secs() + 300, "sub": "s".repeat(filling)})
}

fn key(alg: Alg) -> Key {
    let jwk = SigningKey::shared(alg).jwk().to_string();
    JwkOptions::new().allow_symmetric(true).read(jwk).unwrap()
}

#[test]
fn the_counter_counts() {
    let (kept, cost) = cost(|| vec![0u8; 1000]);
    assert_eq!((cost.allocations, cost.peak, kept.len()), (1, 1000, 1000));
}

#[test]
fn verify_in_allocates_nothing() {
    let verifier = verifier();
    for alg in [
        Alg::Rs256,
        Alg::Ps256,
        Alg::Rs512,
        Alg::Ps512,
        Alg::Es256,
        Alg::Es384,
        Alg::Es512,
        Alg::EdDsa,
        Alg::Hs256,
        Alg::Hs384,
        Alg::Hs512,
    ] {
        let key = key(alg);
        let token = SigningKey::shared(alg).mint(&claims(100));
        let mut scratch = vec![0; token.len()];
        let (verdict, cost) = cost(|| {
            let verified = verifier.verify_in(&token, &key, NOW, &mut scratch)?;
            let claims = verified.claims();
            // Reading the claims is free as well.
            let all = claims.iter().count() + claims.audience().count();
            Ok::<_, Error>((all, claims.expiration().is_some()))
        });
        assert_eq!(verdict, Ok((6, true)), "{}", alg.name());
        assert_eq!(cost, NOTHING, "{}", alg.name());
    }
}

/// One allocation, shorter than the token, however long the token is.
#[test]
fn verify_allocates_once_and_less_than_the_token() {
    let verifier = verifier();
    let key = key(Alg::Hs256);
    for kibibytes in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
        let token = SigningKey::shared(Alg::Hs256).mint(&claims(kibibytes * 768 - 200));
        assert!(token.len() > (kibibytes - 1) * 1024 && token.len() <= 256 * 1024);
        let (verdict, cost) = cost(|| verifier.verify(&token, &key, NOW).map(|_| ()));
        assert_eq!(verdict, Ok(()));
        assert_eq!(cost.allocations, 1, "{kibibytes} KiB");
        assert!(cost.peak <= token.len(), "{kibibytes} KiB: {cost:?}");
    }
}

/// The worst that a sender can do: as many members as fit, whose names must be remembered.
#[test]
fn no_payload_makes_verify_hold_more_than_twice_the_token() {
    let verifier = verifier();
    let key = SigningKey::shared(Alg::Hs256);
    let header = base64url(key.header().to_string());
    let numbered = |separator: &str, count: usize, member: fn(usize) -> String| {
        let members: Vec<String> = (0..count).map(member).collect();
        members.join(separator)
    };
    for payload in [
        format!("{{{}}}", numbered(",", 20_000, |n| format!("\"{n}\":0"))),
        format!("{{\"a\":[{}]}}", numbered(",", 40_000, |_| "{}".into())),
        format!(
            "{{\"a\":[{}]}}",
            numbered(",", 18_000, |_| "{\"\":0}".into())
        ),
        format!("{{\"a\":{}1{}", "{\"\":".repeat(30), "}".repeat(31)),
        format!("{{\"a\":\"{}\"}}", "\\u0000".repeat(30_000)),
        "[".repeat(190_000),
    ] {
        let token = key.sign_segments(&header, &base64url(&payload));
        let jwk = self::key(Alg::Hs256);
        let (_, cost) = cost(|| verifier.verify(&token, &jwk, NOW).map(|_| ()));
        let start = &payload[..20];
        assert!(
            cost.peak <= 2 * token.len(),
            "{start}: {cost:?} for {}",
            token.len()
        );
        assert!(cost.allocations <= 24, "{start}: {cost:?}");
        let mut scratch = vec![0; 2 * token.len()];
        let (_, cost) = self::cost(|| {
            let verified = verifier.verify_in(&token, &jwk, NOW, &mut scratch);
            verified.map(|_| ()).err()
        });
        assert_eq!(cost, NOTHING, "{start}");
    }
}

/// Refused for its structure: nothing was allocated. Refused later: no more than the text decoded.
#[test]
fn a_token_that_is_refused_costs_no_more_than_one_that_is_not() {
    let verifier = verifier();
    let key = SigningKey::shared(Alg::Hs256);
    let good = key.mint(&claims(5000));
    let (input, _) = good.rsplit_once('.').unwrap();
    let header = |json: &str| format!("{}.e30.AA", base64url(json));
    for (token, expected, allocations) in [
        (".".repeat(200_000), "TokenSegments", 0),
        ("a.b.c.d.e".into(), "TokenEncrypted", 0),
        ("a".repeat(300_000), "TokenTooLarge", 0),
        (format!("{input}."), "SignatureEmpty", 0),
        (format!("{input}.!"), "SignatureBase64", 1),
        (format!("{input}.{}", "A".repeat(43)), "SignatureInvalid", 1),
        (header(r#"{"alg":"none"}"#), "AlgorithmNone", 1),
        (header(r#"{"alg":"HS256","crit":[]}"#), "CriticalHeader", 1),
        (header(&"[".repeat(6000)), "HeaderJson", 1),
        (header(&"a".repeat(9000)), "HeaderTooLarge", 1),
    ] {
        let jwk = self::key(Alg::Hs256);
        let (verdict, cost) = cost(|| verifier.verify(&token, &jwk, NOW).map(|_| ()));
        assert_eq!(verdict.map_err(Error::name), Err(expected));
        assert_eq!(cost.allocations, allocations, "{expected}");
        assert!(cost.peak <= token.len(), "{expected}: {cost:?}");
        let mut scratch = vec![0; token.len()];
        let verdict = self::cost(|| {
            let verified = verifier.verify_in(&token, &jwk, NOW, &mut scratch);
            verified.map(|_| ()).map_err(Error::name)
        });
        assert_eq!(verdict, (Err(expected), NOTHING));
    }
}
