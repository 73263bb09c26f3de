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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwk::JwkOptions;
    use crate::provider::{InvalidSignature, KeyMaterial};

    /// A provider that takes every key and every signature.
    struct Gullible;

    impl Provider for Gullible {
        type Key = ();

        fn prepare(_: &KeyMaterial<'_>) -> Result<(), Error> {
            Ok(())
        }

        fn verify(_: &(), _: Algorithm, _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
            Ok(())
        }

        fn same(_: &(), _: &()) -> bool {
            true
        }
    }

    fn key(members: &str) -> Key<Gullible> {
        let jwk = std::format!("{{{members}}}");
        JwkOptions::new().allow_symmetric(true).read(jwk).unwrap()
    }

    fn ec(curve: &str, characters: usize) -> Key<Gullible> {
        let zero = "A".repeat(characters);
        key(&std::format!(
            r#""kty":"EC","crv":"{curve}","x":"{zero}","y":"{zero}""#
        ))
    }

    /// RFC 7518 section 3: each algorithm has its length. A provider is not asked about others:
    /// one that forgets to check must not decide (2ef9500 in libjwt, 33-octet tags elsewhere).
    #[cfg(all(feature = "hmac", feature = "rsa"))] // without them there are no such keys
    #[test]
    fn rfc7518_3_a_wrong_length_is_refused_before_the_provider_is_asked() {
        let modulus = "_".repeat(341) + "w";
        let rsa = key(&std::format!(r#""kty":"RSA","n":"{modulus}","e":"AQAB""#));
        let okp = key(&std::format!(
            r#""kty":"OKP","crv":"Ed25519","x":"{}""#,
            "A".repeat(43)
        ));
        let oct = key(&std::format!(r#""kty":"oct","k":"{}""#, "A".repeat(86)));
        let (p256, p384, p521) = (ec("P-256", 43), ec("P-384", 64), ec("P-521", 88));
        for (algorithm, key, len) in [
            (Algorithm::Rs256, &rsa, 256),
            (Algorithm::Ps512, &rsa, 256),
            (Algorithm::Es256, &p256, 64),
            (Algorithm::Es384, &p384, 96),
            (Algorithm::Es512, &p521, 132),
            (Algorithm::EdDsa, &okp, 64),
            (Algorithm::Ed25519, &okp, 64),
            (Algorithm::Hs256, &oct, 32),
            (Algorithm::Hs384, &oct, 48),
            (Algorithm::Hs512, &oct, 64),
        ] {
            for octets in [0, 1, len - 1, len, len + 1, 2 * len, 4096] {
                let verdict = verify_signature(algorithm, key, b"m", &std::vec![7; octets]);
                let expected = (octets != len).then_some(Error::SignatureInvalid);
                assert_eq!(verdict.err(), expected, "{algorithm}, {octets} octets");
            }
        }
    }

    #[test]
    fn a_key_is_not_used_for_an_algorithm_of_another_key() {
        let p256 = ec("P-256", 43);
        for algorithm in [Algorithm::Es384, Algorithm::Hs512, Algorithm::EdDsa] {
            let verdict = verify_signature(algorithm, &p256, b"m", &[0; 64]);
            assert_eq!(verdict.err(), Some(Error::KeyMismatch), "{algorithm}");
        }
    }
}
