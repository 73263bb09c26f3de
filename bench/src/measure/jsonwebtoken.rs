//! jsonwebtoken. Its crypto is chosen once for a process, so one of the two is a process of its
//! own: this program, asked to serve.

use std::hint::black_box;
use std::str::FromStr as _;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, crypto, dangerous, decode};
use jwtverify_bench::names;

use super::fixtures::{AUDIENCE, Fixture, ISSUER};
use super::ours::Claims;
use super::rounds::Contestant;

/// What it has no name for.
pub(crate) const NOT_OFFERED: &str = "not offered";

/// Chooses AWS-LC for this process.
pub(crate) fn use_aws_lc() {
    let chosen = crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    chosen.expect("nobody has chosen before");
}

/// Chooses the RustCrypto crates for this process.
pub(crate) fn use_rust_crypto() {
    let chosen = crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
    chosen.expect("nobody has chosen before");
}

/// Whole tokens; nothing if it has no such algorithm.
pub(crate) fn whole(name: &'static str, fixture: &Fixture) -> Option<Contestant> {
    let (validation, key) = (validation(fixture.algorithm)?, key(fixture));
    let token = fixture.token.clone();
    Some(Contestant::new(name, move || {
        let data = decode::<Claims>(black_box(&token), &key, &validation).expect("a good token");
        black_box((&data.claims.sub, &data.claims.scope, data.claims.exp));
    }))
}

/// The same without signature and checks: what is left beside them.
pub(crate) fn decoding(fixture: &Fixture) -> Option<Contestant> {
    validation(fixture.algorithm)?;
    let token = fixture.token.clone();
    Some(Contestant::new(names::JSONWEBTOKEN_DECODES, move || {
        let data = dangerous::insecure_decode::<Claims>(black_box(&token)).expect("a token");
        black_box((&data.claims.sub, &data.claims.scope, data.claims.exp));
    }))
}

/// The policy that every library is given.
pub(crate) fn validation(algorithm: &str) -> Option<Validation> {
    let mut validation = Validation::new(Algorithm::from_str(algorithm).ok()?);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.validate_nbf = true;
    Some(validation)
}

fn key(fixture: &Fixture) -> DecodingKey {
    let jwk: Jwk = serde_json::from_value(fixture.jwk.clone()).expect("a good key");
    DecodingKey::from_jwk(&jwk).expect("a good key")
}
