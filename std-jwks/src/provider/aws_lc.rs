//! The provider for servers: AWS-LC, with every key parsed once.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    ParsedPublicKey,
};
use jwtverify_core::{
    Algorithm, Curve, Digest, Error, InvalidSignature, KeyMaterial, Provider, RustCrypto, Scheme,
};

mod hmac;
mod rsa;

use hmac::HmacKey;
use rsa::RsaKey;

/// AWS-LC, through aws-lc-rs: several times faster than [`RustCrypto`], with the same verdict on
/// every input.
///
/// * RSA, ECDSA on P-256, P-384 and P-521, Ed25519 and HMAC are its own work.
/// * Whether a point may be a key is decided by [`RustCrypto`], once, when the key is prepared.
/// * Ed25519 stays strict: see the source for why the two agree on every signature.
/// * Keys of any other kind, and points that AWS-LC would not take, are verified by [`RustCrypto`].
///   It takes all RSA keys that core accepts.
#[derive(Clone, Copy, Debug)]
pub struct AwsLc;

/// A prepared key of [`AwsLc`].
pub struct AwsLcKey(Prepared);

enum Prepared {
    /// The curve and the digest are part of the parsed key.
    Ecdsa(Scheme, ParsedPublicKey),
    Ed25519(ParsedPublicKey),
    Rsa(Box<RsaKey>),
    Hmac(Box<HmacKey>),
    Portable(Box<<RustCrypto as Provider>::Key>),
}

impl Provider for AwsLc {
    type Key = AwsLcKey;

    fn prepare(material: &KeyMaterial<'_>) -> Result<AwsLcKey, Error> {
        let prepared = match *material {
            KeyMaterial::Rsa { modulus, exponent } => {
                Prepared::Rsa(Box::new(RsaKey::new(modulus, exponent)))
            }
            KeyMaterial::Symmetric { secret } => Prepared::Hmac(Box::new(HmacKey::new(secret))),
            // A point: what one provider refuses, and with which code, the other must refuse.
            _ => {
                let portable = RustCrypto::prepare(material)?;
                parse(material).unwrap_or_else(|| Prepared::Portable(Box::new(portable)))
            }
        };
        Ok(AwsLcKey(prepared))
    }

    fn verify(
        key: &AwsLcKey,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        match (&key.0, algorithm.scheme()) {
            (Prepared::Ecdsa(scheme, key), asked) if *scheme == asked => key
                .verify_sig(message, signature)
                .map_err(|_| InvalidSignature),
            (Prepared::Ed25519(key), Scheme::Ed25519) => ed25519(key, message, signature),
            (Prepared::Rsa(key), scheme) => key.verify(scheme, message, signature),
            (Prepared::Hmac(key), Scheme::Hmac(digest)) => key.verify(digest, message, signature),
            (Prepared::Portable(key), _) => RustCrypto::verify(key, algorithm, message, signature),
            _ => Err(InvalidSignature),
        }
    }

    fn same(a: &AwsLcKey, b: &AwsLcKey) -> bool {
        match (&a.0, &b.0) {
            (Prepared::Ecdsa(scheme, a), Prepared::Ecdsa(other, b)) => {
                scheme == other && a.as_ref() == b.as_ref()
            }
            (Prepared::Ed25519(a), Prepared::Ed25519(b)) => a.as_ref() == b.as_ref(),
            (Prepared::Rsa(a), Prepared::Rsa(b)) => a.same(b),
            (Prepared::Hmac(a), Prepared::Hmac(b)) => a.same(b),
            (Prepared::Portable(a), Prepared::Portable(b)) => RustCrypto::same(a, b),
            _ => false,
        }
    }
}

/// A point for AWS-LC, or `None` where that has nothing to gain, or does not take it.
fn parse(material: &KeyMaterial<'_>) -> Option<Prepared> {
    match *material {
        KeyMaterial::Ec { curve, x, y } => {
            let (digest, algorithm) = match curve {
                Curve::P256 => (Digest::Sha256, &ECDSA_P256_SHA256_FIXED),
                Curve::P384 => (Digest::Sha384, &ECDSA_P384_SHA384_FIXED),
                Curve::P521 => (Digest::Sha512, &ECDSA_P521_SHA512_FIXED),
                _ => return None,
            };
            // SEC 1 section 2.3.3, uncompressed.
            let key = ParsedPublicKey::new(algorithm, [&[4], x, y].concat()).ok()?;
            Some(Prepared::Ecdsa(Scheme::Ecdsa(curve, digest), key))
        }
        KeyMaterial::Ed25519 { point } => {
            let key = ParsedPublicKey::new(&ED25519, point).ok()?;
            Some(Prepared::Ed25519(key))
        }
        _ => None,
    }
}

/// Strict verification, as `verify_strict` of ed25519-dalek does it.
///
/// Both compute `S·B - k·A` after refusing an `S` that is not below the order, and compare its
/// encoding with the octets of `R`: so an `R` that is not encoded canonically never matches. Both
/// take `k` from the octets of `R` and `A` as they stand. What AWS-LC lacks is the refusal of
/// points of small order: for `A` that was done when the key was prepared, for `R` it is done
/// here.
fn ed25519(
    key: &ParsedPublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), InvalidSignature> {
    let (r, _) = signature
        .split_first_chunk::<32>()
        .ok_or(InvalidSignature)?;
    if is_small_order(r) {
        return Err(InvalidSignature);
    }
    key.verify_sig(message, signature)
        .map_err(|_| InvalidSignature)
}

/// The y coordinates of the eight points of order 1, 2, 4 and 8, little-endian. The points come
/// in pairs that differ in the sign of x alone, but for those of order 1 and 2, whose x is zero.
const SMALL_ORDER_Y: [[u8; 32]; 5] = [
    [
        0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x7f,
    ],
    [0; 32],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

fn is_small_order(point: &[u8; 32]) -> bool {
    let mut y = *point;
    let [.., sign] = &mut y;
    *sign &= 0x7f;
    SMALL_ORDER_Y.contains(&y)
}
