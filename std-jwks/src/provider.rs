//! Which crypto a server verifies with.

use jwtverify_core::{Algorithm, Error, InvalidSignature, KeyMaterial, Provider};

#[cfg(feature = "aws-lc")]
mod aws_lc;

#[cfg(feature = "aws-lc")]
pub use aws_lc::AwsLc;

#[cfg(feature = "aws-lc")]
type Fastest = AwsLc;
#[cfg(not(feature = "aws-lc"))]
type Fastest = jwtverify_core::RustCrypto;

/// The fastest provider of this build: `AwsLc` with the feature `aws-lc`, which is on by default,
/// else [`RustCrypto`](crate::RustCrypto).
///
/// The verdict is the same with either. It is a type of its own and no other name for one of
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
