//! The most memory that is held at once while a token is verified, by an allocator that counts:
//! one line a size, with the octets of the token, of ours, and of jsonwebtoken.
//!
//! A program of its own, so that what measures time runs on the allocator that users have.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

// The modules of the main program that make tokens and take part here.
#[path = "../measure/fixtures.rs"]
#[expect(dead_code, reason = "the main program uses the rest")]
mod fixtures;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, crypto, decode};
use jwtverify_bench::names::SIZES;
use jwtverify_core::{Algorithm as Ours, KeySet, Verifier};
use jwtverify_jwks::{AwsLc, system_now};
use jwtverify_tests::{Alg, SigningKey};
use serde::Deserialize;

use fixtures::{AUDIENCE, Fixture, ISSUER, claims_of};

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

impl Counting {
    fn taken(octets: usize) {
        let now = NOW.fetch_add(octets, Ordering::Relaxed) + octets;
        MOST.fetch_max(now, Ordering::Relaxed);
    }

    fn given_back(octets: usize) {
        NOW.fetch_sub(octets, Ordering::Relaxed);
    }
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::taken(layout.size());
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::taken(layout.size());
        // SAFETY: the caller keeps the promises of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        Self::given_back(layout.size());
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there while one is copied into the other.
        Self::taken(size);
        // SAFETY: the caller keeps the promises of `realloc`.
        let moved = unsafe { System.realloc(place, layout, size) };
        Self::given_back(layout.size());
        moved
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What it takes at most, beyond what was taken before.
fn most(once: impl FnOnce()) -> usize {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    once();
    MOST.load(Ordering::Relaxed) - before
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
}

fn main() {
    crypto::aws_lc::DEFAULT_PROVIDER
        .install_default()
        .expect("nobody has chosen before");
    let key = SigningKey::generate(Alg::Es256, "es256-1");
    let policy = Verifier::builder().algorithms([Ours::Es256]);
    let verifier = policy
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .build()
        .expect("a good policy");
    let keys: KeySet<AwsLc> = KeySet::read(key.jwks()).expect("good keys");
    let jwk: Jwk = serde_json::from_value(key.jwk()).expect("a good key");
    let their_key = DecodingKey::from_jwk(&jwk).expect("a good key");
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    for kib in SIZES {
        let fixture = Fixture::new("ES256", &key, &claims_of(kib * 1024, &key));
        let token = &fixture.token;
        let ours = || {
            let verified = verifier.verify(token, &keys, system_now());
            black_box(verified.expect("a good token"));
        };
        let theirs = || {
            let data = decode::<Claims>(token, &their_key, &validation).expect("a good token");
            black_box((data.claims.sub, data.claims.exp));
        };
        // What a first use makes for good is not the token's.
        ours();
        theirs();
        println!("{} {} {}", token.len(), most(ours), most(theirs));
    }
}
