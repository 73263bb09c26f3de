//! An issuer, a clock that moves by hand, and a provider that counts: a hit takes no signature.

mod bounds;
mod verdicts;

use std::cell::Cell;

use jwtverify_core::{Algorithm, InvalidSignature, KeyMaterial, RustCrypto, VerifierBuilder};

use super::*;
use crate::clock::testing::TestClock;
use crate::testing::{ISSUER, Issuer, URL, mint, token};
use crate::{JwksVerifier, RemoteJwks};

thread_local! {
    static SIGNATURES: Cell<usize> = const { Cell::new(0) };
}

/// How many signatures this thread has verified.
fn signatures() -> usize {
    SIGNATURES.get()
}

/// The portable provider, counting.
struct Counting;

impl Provider for Counting {
    type Key = <RustCrypto as Provider>::Key;

    fn prepare(material: &KeyMaterial<'_>) -> Result<Self::Key, Code> {
        RustCrypto::prepare(material)
    }

    fn verify(
        key: &Self::Key,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        SIGNATURES.set(SIGNATURES.get() + 1);
        RustCrypto::verify(key, algorithm, message, signature)
    }

    fn same(a: &Self::Key, b: &Self::Key) -> bool {
        RustCrypto::same(a, b)
    }
}

/// An issuer, a clock, and the cached verifier of a policy.
struct Setup {
    issuer: Arc<Issuer>,
    clock: Arc<TestClock>,
    remote: RemoteJwks<Counting>,
    cache: TokenCache,
    verifier: JwksVerifier<Counting>,
}

fn policy() -> VerifierBuilder<'static> {
    Verifier::builder()
        .algorithms([Algorithm::EdDsa])
        .issuer(ISSUER)
        .any_audience()
}

impl Setup {
    fn new(keys: &[(&str, u8)]) -> Self {
        Self::with(keys, policy(), TokenCache::new())
    }

    fn with(keys: &[(&str, u8)], policy: VerifierBuilder<'static>, cache: TokenCache) -> Self {
        let issuer = Issuer::publishing(keys);
        let clock = Arc::new(TestClock::new());
        // A busy machine may take its time to run a thread; no verdict must depend on that.
        let patience = Duration::from_secs(60);
        let remote: RemoteJwks<Counting> = RemoteJwks::builder()
            .url(URL)
            .fetch(issuer.clone())
            .clock(clock.clone())
            .wait(patience)
            .stale_wait(patience)
            // What is not in the set is asked for at once: the clock stands still.
            .miss_spacing(Duration::ZERO)
            .build_for()
            .unwrap();
        let verifier = JwksVerifier::new(policy.build().unwrap(), remote.clone())
            .with_token_cache(cache.clone());
        Self {
            issuer,
            clock,
            remote,
            cache,
            verifier,
        }
    }

    /// Another verifier of the same issuer, with the same cache.
    fn beside(&self, policy: VerifierBuilder<'static>) -> JwksVerifier<Counting> {
        JwksVerifier::new(policy.build().unwrap(), self.remote.clone())
            .with_token_cache(self.cache.clone())
    }

    fn verdict(&self, token: &str) -> (&'static str, usize) {
        verdict(&self.verifier, token)
    }

    /// Lets the issuer publish other keys, and fetches them.
    fn publish(&self, keys: &[(&str, u8)]) {
        self.issuer.publish(keys);
        self.remote.refresh().unwrap();
    }
}

/// The name of the verdict, and how many signatures it took.
fn verdict(verifier: &JwksVerifier<Counting>, token: &str) -> (&'static str, usize) {
    let before = signatures();
    let name = match verifier.verify(token) {
        Ok(_) => "valid",
        Err(error) => error.name(),
    };
    (name, signatures() - before)
}

/// A token of key "a" with these claims besides `iss`.
fn with_claims(claims: &str) -> String {
    mint(
        r#"{"alg":"EdDSA","kid":"a"}"#,
        &format!(r#"{{"iss":"{ISSUER}",{claims}}}"#),
        1,
    )
}
