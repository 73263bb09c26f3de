//! The portable provider: pure Rust, no_std, every target.

#[cfg(all(feature = "hmac", feature = "alloc"))]
use alloc::boxed::Box;

use super::{InvalidSignature, KeyMaterial, Provider};
use crate::algorithm::Algorithm;
#[allow(unused_imports, reason = "each algorithm feature uses some of them")]
use crate::algorithm::{Curve, Digest, Scheme};
use crate::error::Error;

#[cfg(feature = "hmac")]
mod hmac;
#[cfg(feature = "ml-dsa")]
mod ml_dsa;
#[cfg(feature = "rsa")]
mod rsa;

/// The RustCrypto crates p256, p384, p521, k256, ed25519-dalek, ml-dsa and hmac, and RSA of this
/// crate's own: verification alone needs little, and that little needs no heap.
///
/// What firmware uses, and what faster providers are measured against: where two disagree, this
/// one is right.
#[derive(Clone, Copy, Debug)]
pub struct RustCrypto;

/// A prepared key of [`RustCrypto`].
pub struct RustCryptoKey(Prepared);

#[cfg_attr(
    not(feature = "alloc"),
    allow(clippy::large_enum_variant, reason = "there is no heap to put it on")
)]
enum Prepared {
    #[cfg(feature = "p256")]
    P256(p256::ecdsa::VerifyingKey),
    #[cfg(feature = "p384")]
    P384(p384::ecdsa::VerifyingKey),
    #[cfg(feature = "p521")]
    P521(p521::ecdsa::VerifyingKey),
    #[cfg(feature = "k256")]
    K256(k256::ecdsa::VerifyingKey),
    #[cfg(feature = "ed25519")]
    Ed25519(ed25519_dalek::VerifyingKey),
    #[cfg(feature = "ml-dsa")]
    MlDsa(ml_dsa::MlDsaKey),
    #[cfg(feature = "rsa")]
    Rsa(rsa::RsaKey),
    #[cfg(all(feature = "hmac", feature = "alloc"))]
    Hmac(Box<hmac::HmacKey>),
    #[cfg(all(feature = "hmac", not(feature = "alloc")))]
    Hmac(hmac::HmacKey),
}

impl Provider for RustCrypto {
    type Key = RustCryptoKey;

    fn prepare(material: &KeyMaterial<'_>) -> Result<RustCryptoKey, Error> {
        prepare(material).map(RustCryptoKey)
    }

    fn verify(
        key: &RustCryptoKey,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        // Without any algorithm feature there is no key, and nothing to give these to.
        let _ = (message, signature);
        match (&key.0, algorithm.scheme()) {
            #[cfg(feature = "p256")]
            (Prepared::P256(key), Scheme::Ecdsa(Curve::P256, Digest::Sha256)) => {
                ecdsa::<sha2::Sha256, _>(
                    key,
                    message,
                    p256::ecdsa::Signature::from_slice(signature),
                )
            }
            #[cfg(feature = "p384")]
            (Prepared::P384(key), Scheme::Ecdsa(Curve::P384, Digest::Sha384)) => {
                ecdsa::<sha2::Sha384, _>(
                    key,
                    message,
                    p384::ecdsa::Signature::from_slice(signature),
                )
            }
            #[cfg(feature = "p521")]
            (Prepared::P521(key), Scheme::Ecdsa(Curve::P521, Digest::Sha512)) => {
                ecdsa::<sha2::Sha512, _>(
                    key,
                    message,
                    p521::ecdsa::Signature::from_slice(signature),
                )
            }
            #[cfg(feature = "k256")]
            (Prepared::K256(key), Scheme::Ecdsa(Curve::Secp256k1, Digest::Sha256)) => {
                // The crate refuses the larger of the two equivalent `s`, a rule of Bitcoin that
                // RFC 8812 does not have: give it the smaller one.
                let signature = k256::ecdsa::Signature::from_slice(signature);
                let signature = signature.map(|signature| signature.normalize_s());
                ecdsa::<sha2::Sha256, _>(key, message, signature)
            }
            #[cfg(feature = "ml-dsa")]
            (Prepared::MlDsa(key), Scheme::MlDsa(set)) => key.verify(set, message, signature),
            #[cfg(feature = "ed25519")]
            (Prepared::Ed25519(key), Scheme::Ed25519) => {
                let signature = ed25519_dalek::Signature::from_slice(signature);
                let signature = signature.map_err(|_| InvalidSignature)?;
                key.verify_strict(message, &signature)
                    .map_err(|_| InvalidSignature)
            }
            #[cfg(feature = "rsa")]
            (Prepared::Rsa(key), Scheme::RsaPkcs1(digest)) => match digest {
                Digest::Sha256 => key.verify_pkcs1::<sha2::Sha256>(message, signature),
                Digest::Sha384 => key.verify_pkcs1::<sha2::Sha384>(message, signature),
                Digest::Sha512 => key.verify_pkcs1::<sha2::Sha512>(message, signature),
            },
            #[cfg(feature = "rsa")]
            (Prepared::Rsa(key), Scheme::RsaPss(digest)) => match digest {
                Digest::Sha256 => key.verify_pss::<sha2::Sha256>(message, signature),
                Digest::Sha384 => key.verify_pss::<sha2::Sha384>(message, signature),
                Digest::Sha512 => key.verify_pss::<sha2::Sha512>(message, signature),
            },
            #[cfg(feature = "hmac")]
            (Prepared::Hmac(key), Scheme::Hmac(digest)) => key.verify(digest, message, signature),
            #[allow(
                unreachable_patterns,
                reason = "without any algorithm feature it is the only arm"
            )]
            _ => Err(InvalidSignature),
        }
    }

    fn same(a: &RustCryptoKey, b: &RustCryptoKey) -> bool {
        match (&a.0, &b.0) {
            #[cfg(feature = "p256")]
            (Prepared::P256(a), Prepared::P256(b)) => a == b,
            #[cfg(feature = "p384")]
            (Prepared::P384(a), Prepared::P384(b)) => a == b,
            #[cfg(feature = "p521")]
            (Prepared::P521(a), Prepared::P521(b)) => a == b,
            #[cfg(feature = "k256")]
            (Prepared::K256(a), Prepared::K256(b)) => a == b,
            #[cfg(feature = "ed25519")]
            (Prepared::Ed25519(a), Prepared::Ed25519(b)) => a == b,
            #[cfg(feature = "ml-dsa")]
            (Prepared::MlDsa(a), Prepared::MlDsa(b)) => a == b,
            #[cfg(feature = "rsa")]
            (Prepared::Rsa(a), Prepared::Rsa(b)) => a == b,
            #[cfg(feature = "hmac")]
            (Prepared::Hmac(a), Prepared::Hmac(b)) => a.same(b),
            #[allow(
                unreachable_patterns,
                reason = "with one algorithm feature there is one pair"
            )]
            _ => false,
        }
    }
}

fn prepare(material: &KeyMaterial<'_>) -> Result<Prepared, Error> {
    match *material {
        KeyMaterial::Ec { curve, x, y } => {
            let mut buffer = [0; 1 + 2 * 66];
            let point = uncompressed(&mut buffer, x, y).ok_or(Error::EcCoordinateLength)?;
            match curve {
                #[cfg(feature = "p256")]
                Curve::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
                    .map(Prepared::P256)
                    .map_err(|_| Error::EcPoint),
                #[cfg(feature = "p384")]
                Curve::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(point)
                    .map(Prepared::P384)
                    .map_err(|_| Error::EcPoint),
                #[cfg(feature = "p521")]
                Curve::P521 => p521::ecdsa::VerifyingKey::from_sec1_bytes(point)
                    .map(Prepared::P521)
                    .map_err(|_| Error::EcPoint),
                #[cfg(feature = "k256")]
                Curve::Secp256k1 => k256::ecdsa::VerifyingKey::from_sec1_bytes(point)
                    .map(Prepared::K256)
                    .map_err(|_| Error::EcPoint),
                _ => {
                    let _ = point;
                    Err(Error::KeyTypeDisabled)
                }
            }
        }
        #[cfg(feature = "ed25519")]
        KeyMaterial::Ed25519 { point } => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(point);
            let key = key.map_err(|_| Error::OkpPoint)?;
            if key.is_weak() {
                Err(Error::OkpPoint)
            } else {
                Ok(Prepared::Ed25519(key))
            }
        }
        #[cfg(feature = "ml-dsa")]
        KeyMaterial::MlDsa {
            parameter_set,
            public,
        } => ml_dsa::MlDsaKey::new(parameter_set, public).map(Prepared::MlDsa),
        #[cfg(feature = "rsa")]
        KeyMaterial::Rsa { modulus, exponent } => {
            rsa::RsaKey::new(modulus, exponent).map(Prepared::Rsa)
        }
        #[cfg(feature = "hmac")]
        KeyMaterial::Symmetric { secret } => {
            let key = hmac::HmacKey::new(secret)?;
            #[cfg(feature = "alloc")]
            let key = Box::new(key);
            Ok(Prepared::Hmac(key))
        }
        #[allow(
            unreachable_patterns,
            reason = "with every algorithm feature nothing is left"
        )]
        _ => Err(Error::KeyTypeDisabled),
    }
}

/// The uncompressed encoding of SEC 1 section 2.3.3: 04, x, y.
fn uncompressed<'b>(buffer: &'b mut [u8], x: &[u8], y: &[u8]) -> Option<&'b [u8]> {
    let len = x.len().checked_add(y.len())?.checked_add(1)?;
    let point = buffer.get_mut(..len)?;
    let (tag, coordinates) = point.split_first_mut()?;
    *tag = 4;
    for (slot, octet) in coordinates.iter_mut().zip(x.iter().chain(y)) {
        *slot = *octet;
    }
    Some(point)
}

#[cfg(any(feature = "p256", feature = "p384", feature = "p521", feature = "k256"))]
fn ecdsa<D, S>(
    key: &impl p_signature::PrehashVerifier<S>,
    message: &[u8],
    signature: Result<S, p_signature::Error>,
) -> Result<(), InvalidSignature>
where
    D: sha2::Digest,
{
    let signature = signature.map_err(|_| InvalidSignature)?;
    key.verify_prehash(&D::digest(message), &signature)
        .map_err(|_| InvalidSignature)
}

/// The signature traits, by way of whichever curve crate is there.
#[cfg(any(feature = "p256", feature = "p384", feature = "p521", feature = "k256"))]
mod p_signature {
    #[cfg(not(any(feature = "p256", feature = "p384", feature = "p521")))]
    use k256 as curve;
    #[cfg(feature = "p256")]
    use p256 as curve;
    #[cfg(all(feature = "p384", not(feature = "p256")))]
    use p384 as curve;
    #[cfg(all(feature = "p521", not(any(feature = "p256", feature = "p384"))))]
    use p521 as curve;

    pub(super) use curve::ecdsa::signature::{Error, hazmat::PrehashVerifier};
}

#[cfg(all(test, feature = "k256"))]
mod tests {
    use k256::ecdsa::signature::hazmat::PrehashSigner;
    use sha2::Digest as _;

    use super::*;

    #[test]
    fn rfc8812_both_signs_of_s_verify() {
        let signer = k256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let point = signer.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let curve = Curve::Secp256k1;
        let key = RustCrypto::prepare(&KeyMaterial::Ec { curve, x, y }).unwrap();
        let digest = sha2::Sha256::digest(b"message");
        let low: k256::ecdsa::Signature = signer.sign_prehash(&digest).unwrap();
        let (r, s) = low.split_scalars();
        let high = k256::ecdsa::Signature::from_scalars(r, -s).unwrap();
        assert_ne!(low, high);
        for signature in [low, high] {
            let mut octets = signature.to_bytes();
            let verify =
                |octets: &[u8]| RustCrypto::verify(&key, Algorithm::Es256K, b"message", octets);
            assert_eq!(verify(&octets), Ok(()));
            octets[40] ^= 1;
            assert_eq!(verify(&octets), Err(InvalidSignature));
        }
    }
}
