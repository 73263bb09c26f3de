//! Which crypto a server verifies with.

use jwtverify_core::{Algorithm, Error, InvalidSignature, KeyMaterial, Precomputed, Provider};

#[cfg(feature = "aws-lc")]
mod aws_lc;

#[cfg(feature = "aws-lc")]
pub use aws_lc::AwsLc;

#[cfg(feature = "aws-lc")]
type Fastest = Precomputed<AwsLc>;
#[cfg(not(feature = "aws-lc"))]
type Fastest = Precomputed<jwtverify_core::RustCrypto>;

/// The fastest provider of this build: [`Precomputed`] over `AwsLc` with the feature `aws-lc`,
/// which is on by default, else over [`RustCrypto`](crate::RustCrypto).
///
/// Keys on P-256, P-384, P-521 and Ed25519 that are used often get tables of their own, within
/// [`limit_table_memory`](crate::limit_table_memory): 8 MiB for the process unless it is told
/// otherwise, and 0 for none.
///
/// The verdict is the same with any of them. It is a type of its own and no other name for one of
/// them, so that code compiles alike whichever features another crate of the program turns on.
///
/// For one provider whatever the features: `RemoteJwks<RustCrypto>`, see
/// [`RemoteJwksBuilder::build_for`](crate::RemoteJwksBuilder::build_for).
#[derive(Clone, Copy, Debug)]
pub struct DefaultProvider;

/// A prepared key of [`DefaultProvider`].
pub struct DefaultKey(<Fastest as Provider>::Key);

impl Provider for DefaultProvider {
    type Key = DefaultKey;

    fn prepare(material: &KeyMaterial<'_>) -> Result<DefaultKey, Error> {
        Fastest::prepare(material).map(DefaultKey)
    }

    fn verify(
        key: &DefaultKey,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        Fastest::verify(&key.0, algorithm, message, signature)
    }

    fn same(a: &DefaultKey, b: &DefaultKey) -> bool {
        Fastest::same(&a.0, &b.0)
    }

    fn warm(key: &DefaultKey) -> bool {
        Fastest::warm(&key.0)
    }

    fn inherit(key: &mut DefaultKey, before: &DefaultKey) {
        Fastest::inherit(&mut key.0, &before.0);
    }
}

/// Core's key set with the fastest crypto of this build. For another provider name it:
/// [`core_api::KeySet<P>`](jwtverify_core::KeySet).
///
/// ```
/// use jwtverify_jwks::KeySet;
///
/// let keys = KeySet::read(r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a",
///                            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#)?;
/// assert!(keys.kids().eq(["a"]));
/// # Ok::<(), jwtverify_jwks::KeySetError>(())
/// ```
pub type KeySet = jwtverify_core::KeySet<DefaultProvider>;

/// Core's key with the fastest crypto of this build. For another provider name it:
/// [`core_api::Key<P>`](jwtverify_core::Key).
pub type Key = jwtverify_core::Key<DefaultProvider>;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::testing::TestClock;
    use crate::testing::{ISSUER, Issuer, URL, token};
    use crate::{JwksVerifier, RemoteJwks, RustCrypto, Verifier};

    /// The verdicts of a remote key set that is held for this provider.
    fn verdicts<P: Provider>() -> [&'static str; 4] {
        let builder = RemoteJwks::builder()
            .url(URL)
            .fetch(Issuer::publishing(&[("a", 1), ("b", 2)]))
            .clock(Arc::new(TestClock::new()));
        let policy = Verifier::builder()
            .algorithms([Algorithm::EdDsa])
            .issuer(ISSUER)
            .any_audience();
        let remote: RemoteJwks<P> = builder.build_for().unwrap();
        let verifier = JwksVerifier::new(policy.build().unwrap(), remote);
        [("c", 3), ("a", 1), ("b", 2), ("a", 2)].map(|(kid, seed)| {
            let verdict = verifier.verify(token(kid, seed));
            verdict.map_or_else(|error| error.name(), |_| "valid")
        })
    }

    /// The portable provider, which counts how often it is asked.
    struct Counting;

    std::thread_local! {
        static ASKED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }

    impl Provider for Counting {
        type Key = <RustCrypto as Provider>::Key;

        fn prepare(material: &KeyMaterial<'_>) -> Result<Self::Key, Error> {
            RustCrypto::prepare(material)
        }

        fn verify(
            key: &Self::Key,
            algorithm: Algorithm,
            message: &[u8],
            signature: &[u8],
        ) -> Result<(), InvalidSignature> {
            ASKED.set(ASKED.get() + 1);
            RustCrypto::verify(key, algorithm, message, signature)
        }

        fn same(a: &Self::Key, b: &Self::Key) -> bool {
            RustCrypto::same(a, b)
        }
    }

    #[test]
    fn a_rotation_keeps_the_tables_of_the_key_that_stays() {
        let issuer = Issuer::publishing(&[("a", 1)]);
        let clock = Arc::new(TestClock::new());
        let builder = RemoteJwks::builder()
            .url(URL)
            .fetch(issuer.clone())
            .clock(clock.clone());
        let policy = Verifier::builder()
            .algorithms([Algorithm::EdDsa])
            .issuer(ISSUER)
            .any_audience();
        let remote: RemoteJwks<Precomputed<Counting, 2>> = builder.build_for().unwrap();
        let verifier = JwksVerifier::new(policy.build().unwrap(), remote);
        let asked = |kid, seed| {
            let before = ASKED.get();
            verifier.verify(token(kid, seed)).unwrap();
            ASKED.get() - before
        };
        assert_eq!([asked("a", 1), asked("a", 1), asked("a", 1)], [1, 1, 0]);
        // A key that is not known has the document read anew.
        clock.advance(std::time::Duration::from_secs(30));
        issuer.publish(&[("b", 2), ("a", 1)]);
        assert_eq!(asked("b", 2), 1);
        assert_eq!(issuer.requests(), 2);
        assert_eq!(asked("a", 1), 0);
        // Another key under the old name learns nothing from it.
        assert!(verifier.verify(token("a", 2)).is_err());
    }

    #[test]
    fn a_remote_key_set_works_with_every_provider() {
        let wanted = ["KeyNotFound", "valid", "valid", "SignatureInvalid"];
        assert_eq!(verdicts::<DefaultProvider>(), wanted);
        assert_eq!(verdicts::<RustCrypto>(), wanted);
        #[cfg(feature = "aws-lc")]
        assert_eq!(verdicts::<AwsLc>(), wanted);
    }
}
