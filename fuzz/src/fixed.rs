//! Keys, tokens and verifiers that stay the same while the input changes.

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use jwtverify_core::{
    Algorithm, AlgorithmSet, JwkOptions, Key, KeySet, KeySetOptions, UnixTime, Verifier,
};

use crate::base64;

/// The time of every verification.
pub const NOW: i64 = 1_800_000_000;

pub const ISSUER: &str = "https://idp.example";
pub const AUDIENCE: &str = "api";

/// The secret of [`secret_key`] and [`sign`].
pub const SECRET: &[u8; 32] = b"a secret for fuzzing, thirty-two";

/// One public key for each algorithm, from `tests/src/bin/fuzz-seeds.rs`.
pub static PUBLIC: LazyLock<KeySet> = LazyLock::new(|| {
    KeySet::from_jwks(include_str!("../fixtures/keys.json")).expect("the fixture is a key set")
});

/// Good tokens under [`PUBLIC`] and [`strict`], a line each.
pub static TOKENS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("../fixtures/tokens.txt").lines().collect());

/// [`SECRET`], for all three digests that it is long enough for.
pub static SECRET_KEY: LazyLock<Key> = LazyLock::new(|| {
    let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64::encode(SECRET));
    JwkOptions::new()
        .allow_symmetric(true)
        .read(jwk)
        .expect("a secret")
});

/// The same as a set, under the kid `hs256`.
pub static SECRETS: LazyLock<KeySet> = LazyLock::new(|| {
    let k = base64::encode(SECRET);
    let jwk = format!(r#"{{"kty":"oct","kid":"hs256","alg":"HS256","k":"{k}"}}"#);
    KeySetOptions::new()
        .allow_symmetric(true)
        .read(jwk)
        .expect("a set")
});

/// Every algorithm, one issuer and one audience.
pub static STRICT: LazyLock<Verifier<'static>> = LazyLock::new(|| {
    let builder = Verifier::builder().algorithms(AlgorithmSet::ALL);
    builder
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .build()
        .expect("a verifier")
});

/// Every algorithm and nothing else demanded.
pub static OPEN: LazyLock<Verifier<'static>> = LazyLock::new(|| {
    let builder = Verifier::builder().algorithms(AlgorithmSet::ALL);
    let builder = builder.any_issuer().any_audience().required_claims(&[]);
    builder.build().expect("a verifier")
});

/// The same, and padding is passed over.
pub static PADDED: LazyLock<Verifier<'static>> = LazyLock::new(|| {
    let builder = Verifier::builder().algorithms(AlgorithmSet::ALL);
    let builder = builder.any_issuer().any_audience().required_claims(&[]);
    builder.allow_padding(true).build().expect("a verifier")
});

/// Some algorithms, and a type.
pub static TYPED: LazyLock<Verifier<'static>> = LazyLock::new(|| {
    let builder = Verifier::builder().algorithms([Algorithm::Hs256, Algorithm::Es256]);
    let builder = builder.any_issuer().any_audience().required_claims(&[]);
    builder.typ("at+jwt").build().expect("a verifier")
});

pub fn now() -> UnixTime {
    UnixTime::from_secs(NOW)
}

/// A token of these octets, signed with HS256 and [`SECRET`] whatever its header says.
pub fn sign(header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", base64::encode(header), base64::encode(payload));
    let mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET).expect("any length");
    let tag = mac.chain_update(input.as_bytes()).finalize().into_bytes();
    format!("{input}.{}", base64::encode(&tag))
}
