//! Ed25519 with chosen scalars, small points mixed in, and signatures that went wrong.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::{EdwardsPoint, Scalar};
use sha2::{Digest, Sha512};

use crate::{Input, base64};

/// The order of the group, little-endian.
pub(crate) const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub struct Case {
    pub public: [u8; 32],
    pub signature: Vec<u8>,
    /// What the verdict must be, where that is known.
    pub valid: Option<bool>,
}

impl Case {
    /// The public key as a JWK.
    pub fn jwk(&self) -> String {
        let x = base64::encode(&self.public);
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#)
    }

    /// Whether R is a point of small order, in whatever encoding. Those are refused by the strict
    /// rules (RFC 8032 section 5.1.7 leaves it open), though the equation may hold.
    pub fn has_small_r(&self) -> bool {
        let r = self
            .signature
            .get(..32)
            .and_then(|r| CompressedEdwardsY::from_slice(r).ok());
        r.and_then(|r| r.decompress())
            .is_some_and(|r| r.is_small_order())
    }
}

pub fn case(message: &[u8], input: &mut Input<'_>) -> Case {
    let (secret, nonce) = (scalar(input), scalar(input));
    // In one of two cases the points have no part of small order.
    let torsion = |octet: u8| {
        EIGHT_TORSION[if octet & 8 == 0 {
            0
        } else {
            usize::from(octet & 7)
        }]
    };
    let (in_key, in_r) = (torsion(input.octet()), torsion(input.octet()));
    let public = (EdwardsPoint::mul_base(&secret) + in_key)
        .compress()
        .to_bytes();
    let r = (EdwardsPoint::mul_base(&nonce) + in_r)
        .compress()
        .to_bytes();
    let hash: [u8; 64] = Sha512::digest([&r, &public, message].concat()).into();
    let s = nonce + Scalar::from_bytes_mod_order_wide(&hash) * secret;
    let pure = in_key == EIGHT_TORSION[0] && in_r == EIGHT_TORSION[0];
    let mut signature = [r, s.to_bytes()].concat();
    let valid = match input.octet() % 6 {
        0 | 1 => (pure && nonce != Scalar::ZERO).then_some(true),
        2 => {
            let carry = signature[32..]
                .iter_mut()
                .zip(ORDER)
                .fold(0, |carry, (octet, add)| {
                    let sum = u16::from(*octet) + u16::from(add) + carry;
                    *octet = sum.to_le_bytes()[0];
                    sum >> 8
                });
            assert_eq!(carry, 0);
            Some(false)
        }
        3 => {
            signature[63] |= 0xe0;
            Some(false)
        }
        4 => {
            let at = input.below(64);
            signature[at] ^= 1 << (input.octet() % 8);
            None
        }
        _ => {
            signature.truncate(input.below(64));
            signature.extend_from_slice(input.octets(64));
            None
        }
    };
    Case {
        public,
        signature,
        valid,
    }
}

fn scalar(input: &mut Input<'_>) -> Scalar {
    let small = Scalar::from(input.octet());
    match input.octet() % 3 {
        0 => small,
        1 => -small,
        _ => input.octets(24).iter().fold(Scalar::ONE, |sum, octet| {
            sum * Scalar::from(257u64) + Scalar::from(*octet)
        }),
    }
}
