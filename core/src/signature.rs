//! The signature: the only place where the proof of a valid one is made.

use crate::algorithm::{Algorithm, Scheme};
use crate::error::Error;
use crate::jwk::Key;
use crate::provider::Provider;

/// The proof that a signature was verified. Nothing but this module can make one.
#[derive(Clone, Copy, Debug)]
pub struct SignatureValid(());

#[cfg(test)]
impl SignatureValid {
    /// For tests of what comes after the signature.
    pub(crate) const ASSUMED: Self = Self(());
}

/// Verifies one signature over a message of any kind.
///
/// Guarantees that `algorithm` is one that the key may be used for, that the signature has
/// exactly the length of the algorithm (RFC 7518 section 3), and that it verifies. It knows
/// nothing of tokens: for those, [`Verifier`](crate::Verifier) is the right door.
///
/// # Errors
/// [`Error::KeyMismatch`], [`Error::SignatureInvalid`]
///
/// ```
/// # #[cfg(feature = "ed25519")] {
/// use jwtverify_core::{Algorithm, Error, Key, verify_signature};
///
/// // RFC 8037 appendix A.2
/// let jwk = br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let key: Key = Key::from_jwk(jwk)?;
/// let refused = verify_signature(Algorithm::EdDsa, &key, b"message", &[0; 64]);
/// assert_eq!(refused.err(), Some(Error::SignatureInvalid));
/// # }
/// # Ok::<(), jwtverify_core::Error>(())
/// ```
pub fn verify_signature<P: Provider>(
    algorithm: Algorithm,
    key: &Key<P>,
    message: &[u8],
    signature: &[u8],
) -> Result<SignatureValid, Error> {
    if !key.algorithms().contains(algorithm) {
        return Err(Error::KeyMismatch);
    }
    let len = match algorithm.scheme() {
        Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => Some(key.modulus_len()),
        _ => algorithm.signature_len(),
    };
    if len != Some(signature.len()) {
        return Err(Error::SignatureInvalid);
    }
    P::verify(key.prepared(), algorithm, message, signature)
        .map(|()| SignatureValid(()))
        .map_err(|_| Error::SignatureInvalid)
}
