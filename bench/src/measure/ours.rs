//! This library, as Rust calls it.

use std::hint::black_box;
use std::sync::Arc;

use jwtverify_bench::names;
use jwtverify_core::{
    Algorithm, Error, InvalidSignature, KeyMaterial, KeySet, KeySetOptions, Provider, RustCrypto,
    Verifier, verify_signature,
};
use jwtverify_jwks::{
    AwsLc, DefaultProvider, Fetch, FetchError, JwksVerifier, RemoteJwks, Request, Response,
    TokenCache, system_now,
};
use serde::Deserialize;

use super::fixtures::{AUDIENCE, Fixture, ISSUER};
use super::rounds::Contestant;

/// What users get: tables for the keys that are used often.
pub(crate) type Warm = DefaultProvider;

/// The same before there are tables.
type Cold = AwsLc;

/// Every signature is good: what is measured is everything else.
pub(crate) struct Trusting;

impl Provider for Trusting {
    type Key = ();

    fn prepare(_: &KeyMaterial<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn verify((): &(), _: Algorithm, _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        Ok(())
    }

    fn same((): &(), (): &()) -> bool {
        false
    }
}

/// What a service reads of the claims. jsonwebtoken is asked for the same.
#[derive(Deserialize)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) scope: String,
    pub(crate) exp: u64,
}

/// Everybody who is ours, on this token.
pub(crate) fn contestants(fixture: &Fixture) -> Vec<Contestant> {
    let mut contestants = vec![
        whole::<Warm>(names::OURS, fixture),
        whole::<RustCrypto>(names::OURS_PORTABLE, fixture),
        whole::<Trusting>(names::OURS_BESIDE, fixture),
        typed(fixture),
        signature(fixture),
    ];
    let algorithm = algorithm(fixture);
    if algorithm.curve().is_some() || fixture.algorithm == "EdDSA" {
        contestants.push(whole::<Cold>(names::OURS_COLD, fixture));
    }
    if !algorithm.is_symmetric() {
        contestants.push(cached(fixture));
    }
    contestants
}

fn algorithm(fixture: &Fixture) -> Algorithm {
    Algorithm::from_name(fixture.algorithm).expect("an algorithm")
}

/// The policy that every library is given.
pub(crate) fn verifier(algorithm: Algorithm) -> Verifier<'static> {
    let policy = Verifier::builder().algorithms([algorithm]);
    let policy = policy.issuer(ISSUER).audience(AUDIENCE);
    policy.build().expect("a good policy")
}

/// The keys, with the tables that they would get after some dozen uses.
pub(crate) fn keys<P: Provider>(jwks: &str) -> KeySet<P> {
    let options = KeySetOptions::new().allow_symmetric(true);
    let options = options.max_keys(20_000).max_bytes(16 << 20);
    options.read(jwks).expect("good keys")
}

fn whole<P: Provider + 'static>(name: &'static str, fixture: &Fixture) -> Contestant
where
    P::Key: 'static,
{
    let (verifier, keys) = (verifier(algorithm(fixture)), keys::<P>(&fixture.jwks));
    warm(&keys);
    let token = fixture.token.clone();
    Contestant::new(name, move || {
        let verified = verifier.verify(black_box(&token), &keys, system_now());
        black_box(verified.expect("a good token"));
    })
}

/// Builds what tables there are now, and not while something is measured.
pub(crate) fn warm<P: Provider>(keys: &KeySet<P>) {
    for key in keys.keys() {
        key.warm();
    }
}

fn typed(fixture: &Fixture) -> Contestant {
    let (verifier, keys) = (verifier(algorithm(fixture)), keys::<Warm>(&fixture.jwks));
    warm(&keys);
    let token = fixture.token.clone();
    Contestant::new(names::OURS_TYPED, move || {
        let verified = verifier.verify(black_box(&token), &keys, system_now());
        let claims: Claims = verified
            .expect("a good token")
            .deserialize()
            .expect("such claims");
        black_box((&claims.sub, &claims.scope, claims.exp));
    })
}

fn signature(fixture: &Fixture) -> Contestant {
    let (algorithm, keys) = (algorithm(fixture), keys::<Warm>(&fixture.jwks));
    warm(&keys);
    let (message, signature) = fixture.signed();
    Contestant::new(names::OURS_SIGNATURE, move || {
        let key = keys.keys().next().expect("a key");
        let verdict = verify_signature(algorithm, key, black_box(&message), &signature);
        black_box(verdict.expect("a good signature"));
    })
}

/// Publishes one document.
#[derive(Debug)]
struct Issuer(String);

impl Fetch for Issuer {
    fn fetch(&self, _: &Request) -> Result<Response, FetchError> {
        Ok(Response::new(200, self.0.clone()))
    }
}

/// As a service has it that asked for the cache.
pub(crate) fn cached_verifier(fixture: &Fixture) -> JwksVerifier<Warm> {
    let builder = RemoteJwks::builder().url("https://issuer.example/jwks.json");
    let builder = builder.fetch(Arc::new(Issuer(fixture.jwks.clone())));
    let remote: RemoteJwks<Warm> = builder.build_for().expect("good settings");
    let verifier = JwksVerifier::new(verifier(algorithm(fixture)), remote);
    verifier.with_token_cache(TokenCache::new())
}

fn cached(fixture: &Fixture) -> Contestant {
    let (verifier, token) = (cached_verifier(fixture), fixture.token.clone());
    Contestant::new(names::OURS_CACHED, move || {
        black_box(verifier.verify(black_box(&token)).expect("a good token"));
    })
}
