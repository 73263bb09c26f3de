//! ECDSA with chosen secrets and nonces, and signatures that went wrong in known ways.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    EcdsaVerificationAlgorithm,
};
use jwtverify_core::{Algorithm, Curve};

use crate::{Input, base64};

/// A key, a message and a signature, with what is known of them.
pub struct Case {
    pub algorithm: Algorithm,
    pub other: &'static EcdsaVerificationAlgorithm,
    pub point: Vec<u8>,
    pub signature: Vec<u8>,
    /// What the verdict must be, where that is known.
    pub valid: Option<bool>,
}

impl Case {
    /// The public key as a JWK.
    pub fn jwk(&self) -> String {
        let curve = self.algorithm.curve().expect("an elliptic curve").name();
        let (x, y) = self.point[1..].split_at((self.point.len() - 1) / 2);
        let (x, y) = (base64::encode(x), base64::encode(y));
        format!(r#"{{"kty":"EC","crv":"{curve}","x":"{x}","y":"{y}"}}"#)
    }
}

macro_rules! curve {
    ($name:ident, $curve:ident, $type:ident, $digest:ident, $algorithm:ident, $other:ident) => {
        mod $name {
            use sha2::Digest;
            use $curve::ecdsa::SigningKey;
            use $curve::elliptic_curve::ff::PrimeField;
            use $curve::{NonZeroScalar, Scalar};

            use super::*;

            /// The order of the group, big-endian.
            pub(super) fn order() -> Vec<u8> {
                let mut order = (-Scalar::ONE).to_repr().to_vec();
                *order.last_mut().expect("not empty") += 1;
                order
            }

            /// A scalar at the edges of the range, or anywhere.
            fn scalar(input: &mut Input<'_>) -> NonZeroScalar {
                let half = Scalar::TWO_INV;
                let small = Scalar::from(u64::from(input.octet()));
                let scalar = match input.octet() % 6 {
                    0 => small,
                    1 => -small,
                    2 => half + small,
                    3 => half - small,
                    4 => small.square().square().square(),
                    _ => {
                        let octets = input.octets(24);
                        octets.iter().fold(Scalar::ONE, |sum, octet| {
                            sum * Scalar::from(257u64) + Scalar::from(u64::from(*octet))
                        })
                    }
                };
                Option::from(NonZeroScalar::new(scalar)).unwrap_or(
                    Option::from(NonZeroScalar::new(Scalar::ONE)).expect("one is not zero"),
                )
            }

            pub(super) fn case(message: &[u8], input: &mut Input<'_>) -> Option<Case> {
                let (secret, nonce) = (scalar(input), scalar(input));
                let hash = sha2::$digest::digest(message);
                let signed =
                    ::ecdsa::hazmat::sign_prehashed::<$curve::$type>(&secret, &nonce, &hash);
                let (signature, _) = signed.ok()?;
                let public = SigningKey::from(secret);
                let point = public
                    .verifying_key()
                    .to_sec1_point(false)
                    .as_bytes()
                    .to_vec();
                let (signature, valid) = spoil(&signature.to_bytes(), &order(), input);
                Some(Case {
                    algorithm: Algorithm::$algorithm,
                    other: &$other,
                    point,
                    signature,
                    valid,
                })
            }
        }
    };
}

curve!(
    on_p256,
    p256,
    NistP256,
    Sha256,
    Es256,
    ECDSA_P256_SHA256_FIXED
);
curve!(
    on_p384,
    p384,
    NistP384,
    Sha384,
    Es384,
    ECDSA_P384_SHA384_FIXED
);
curve!(
    on_p521,
    p521,
    NistP521,
    Sha512,
    Es512,
    ECDSA_P521_SHA512_FIXED
);

/// A signature over the message, good or spoiled. None where the scalars make no signature.
pub fn case(message: &[u8], input: &mut Input<'_>) -> Option<Case> {
    match input.octet() % 3 {
        0 => on_p256::case(message, input),
        1 => on_p384::case(message, input),
        _ => on_p521::case(message, input),
    }
}

/// (r, n - s) for (r, s), if this is ECDSA.
pub fn negated(algorithm: Algorithm, signature: &[u8]) -> Option<Vec<u8>> {
    let order = match algorithm.curve()? {
        Curve::P256 => on_p256::order(),
        Curve::P384 => on_p384::order(),
        Curve::P521 => on_p521::order(),
        _ => return None,
    };
    let (r, s) = signature.split_at_checked(order.len())?;
    Some([r, &subtract(&order, s)].concat())
}

fn spoil(signature: &[u8], order: &[u8], input: &mut Input<'_>) -> (Vec<u8>, Option<bool>) {
    let (r, s) = signature.split_at(order.len());
    let zero = vec![0; order.len()];
    let one = [&zero[1..], &[1]].concat();
    let below = subtract(order, &one);
    let join = |r: &[u8], s: &[u8]| [r, s].concat();
    let ones = [0xff].repeat(order.len());
    let edge = input.one_of(&[&zero[..], &one, &below, order, &ones]);
    match input.octet() % 13 {
        0 => (join(r, s), Some(true)),
        1 => (join(r, &subtract(order, s)), Some(true)),
        2 => (join(&zero, s), Some(false)),
        3 => (join(r, &zero), Some(false)),
        4 => (join(order, s), Some(false)),
        5 => (join(r, order), Some(false)),
        6 => add(r, order).map_or((join(r, s), Some(true)), |r| (join(&r, s), Some(false))),
        7 => add(s, order).map_or((join(r, s), Some(true)), |s| (join(r, &s), Some(false))),
        8 => (join(s, r), None),
        9 => (join(edge, s), None),
        10 => (join(r, edge), None),
        11 => {
            let mut flipped = signature.to_vec();
            let at = input.below(flipped.len());
            flipped[at] ^= 1 << (input.octet() % 8);
            (flipped, None)
        }
        _ => {
            // Another length, or anything at all.
            let mut other = signature.to_vec();
            other.truncate(input.below(other.len()));
            other.extend_from_slice(input.octets(2 * order.len()));
            (other, None)
        }
    }
}

/// `a - b`, modulo what fits.
pub fn subtract(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = false;
    let mut digits: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let (digit, first) = a.overflowing_sub(*b);
            let (digit, second) = digit.overflowing_sub(u8::from(borrow));
            borrow = first || second;
            digit
        })
        .collect();
    digits.reverse();
    digits
}

/// `a + b`, if it fits.
pub fn add(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let mut carry = false;
    let mut digits: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let (digit, first) = a.overflowing_add(*b);
            let (digit, second) = digit.overflowing_add(u8::from(carry));
            carry = first || second;
            digit
        })
        .collect();
    digits.reverse();
    (!carry).then_some(digits)
}
