//! Keys for the comparison on the NIST curves: special ones, random ones, and ones made to fit a
//! signature that honest signers don't meet.

use aws_lc_rs::signature::ParsedPublicKey;
use jwtverify_core::{KeyMaterial, Provider};
use sha2::{Digest, Sha512};

use super::curve::Curve;
use super::{Tables, hex};
use crate::ecdsa::{add, subtract};

/// So many of the first numbers stand for special secrets.
pub(super) const SPECIAL: u64 = 24;

/// A key, in the form of each library.
pub(super) struct Key<C: Curve> {
    /// Not known of keys that were computed from a signature.
    pub(super) secret: Option<C::Scalar>,
    pub(super) known: Option<Known>,
    pub(super) encoded: Vec<u8>,
    pub(super) tables: <Tables as Provider>::Key,
    pub(super) other: ParsedPublicKey,
    pub(super) portable: C::Portable,
}

/// A signature that belongs to a key.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) digest: Vec<u8>,
    pub(super) r: Vec<u8>,
    pub(super) s: Vec<u8>,
    pub(super) valid: bool,
}

/// A nonce: the scalar, its inverse, and what it makes of `r`.
pub(super) struct Nonce<C: Curve> {
    pub(super) scalar: C::Scalar,
    pub(super) inverse: C::Scalar,
    pub(super) r: C::Scalar,
}

impl<C: Curve> Nonce<C> {
    /// `None` for scalars that make no signature.
    pub(super) fn new(scalar: C::Scalar) -> Option<Self> {
        let r = x_modulo_order::<C>(C::of_generator(scalar))?;
        C::invert(r)?;
        Some(Self {
            scalar,
            inverse: C::invert(scalar)?,
            r,
        })
    }
}

/// The x coordinate of a point as a scalar; `None` of infinity.
pub(super) fn x_modulo_order<C: Curve>(point: C::Point) -> Option<C::Scalar> {
    Some(C::reduce(&C::encode(point)?[1..=C::OCTETS]))
}

/// A scalar that depends on the curve, on what it is for, and on a number.
pub(super) fn derived<C: Curve>(purpose: &str, number: u64) -> C::Scalar {
    let hash = Sha512::new()
        .chain_update(C::ALGORITHM.name())
        .chain_update(purpose)
        .chain_update(number.to_be_bytes())
        .finalize();
    let taken = C::reduce(&hash[..C::OCTETS.min(hash.len())]);
    // All bits of the longest scalars as well.
    taken * taken
}

/// The order, big-endian.
pub(super) fn order<C: Curve>() -> Vec<u8> {
    let one = C::octets(C::Scalar::from(1));
    add(&C::octets(-C::Scalar::from(1)), &one).expect("the order fits")
}

/// The octets of a digest that is this number, if it has one: the order of P-521 has more bits
/// than SHA-512.
pub(super) fn digest_of<C: Curve>(z: C::Scalar) -> Option<Vec<u8>> {
    let octets = C::octets(z);
    let (above, digest) = octets.split_at(C::OCTETS - C::DIGEST);
    above
        .iter()
        .all(|octet| *octet == 0)
        .then(|| digest.to_vec())
}

impl<C: Curve> Key<C> {
    /// The key of a number; the same one each time.
    pub(super) fn new(number: u64, nonces: &[Nonce<C>]) -> Self {
        let made = match number {
            0..SPECIAL => None,
            _ if number % 4 == 1 => from_an_x::<C>(number),
            _ if number % 4 == 2 => where_points_meet::<C>(number, nonces),
            _ => None,
        };
        let (point, secret, known) = match made {
            Some(Made {
                point,
                secret,
                known,
            }) => (point, secret, Some(known)),
            None => {
                let secret = secret::<C>(number);
                (C::of_generator(secret), Some(secret), None)
            }
        };
        let encoded = C::encode(point).expect("no key is infinity");
        let (x, y) = encoded[1..].split_at(C::OCTETS);
        let curve = C::ALGORITHM.curve().expect("an elliptic curve");
        let tables = Tables::prepare(&KeyMaterial::Ec { curve, x, y }).expect("a key");
        assert!(Tables::warm(&tables), "tables of {}", hex(&encoded));
        Self {
            secret,
            known,
            tables,
            other: ParsedPublicKey::new(C::other(), &encoded).expect("a key"),
            portable: C::portable(&encoded),
            encoded,
        }
    }
}

fn secret<C: Curve>(number: u64) -> C::Scalar {
    let small = |number: u64| C::Scalar::from(number);
    let half = C::invert(small(2)).expect("two is not zero");
    match number {
        0..8 => small(number + 1),
        8..16 => -small(number - 7),
        16 => half,
        17 => -half,
        18..SPECIAL => (0..number * 7).fold(small(1), |power, _| power + power),
        _ => derived::<C>("key", number),
    }
}

struct Made<C: Curve> {
    point: C::Point,
    secret: Option<C::Scalar>,
    known: Known,
}

/// A key whose known signature ends at a point with a chosen x coordinate: at or above the order,
/// just above zero, or such that `r + n` is that coordinate modulo the prime only.
fn from_an_x<C: Curve>(number: u64) -> Option<Made<C>> {
    let order = order::<C>();
    let gap = subtract(&C::prime(), &order);
    let octets = |number: u64| C::octets(C::Scalar::from(number));
    let near = (number >> 4) & 0xffff;
    (near..near + 64).find_map(|near| {
        let near = octets(near);
        // Less than the gap, with its upper half.
        let middle = C::octets(derived::<C>("x", number));
        let spare = gap.iter().take_while(|octet| **octet == 0).count();
        let middle = [&vec![0; spare + 1], &middle[spare + 1..]].concat();
        let middle = add(&middle, &near)?;
        let (x, r, valid) = match (number >> 2) % 5 {
            0 => (add(&order, &near)?, near, true),
            1 => {
                let r = subtract(&subtract(&gap, &octets(1)), &near);
                (add(&order, &r)?, r, true)
            }
            2 => (add(&order, &middle)?, middle, true),
            3 => (near.clone(), near, true),
            _ => {
                let r = add(&gap, &near)?;
                (near, r, false)
            }
        };
        let sign = 2 + u8::try_from(number & 1).ok()?;
        let end = C::decode(&[&[sign], x.as_slice()].concat())?;
        let z = digest_of::<C>(C::reduce(&C::digest(&number.to_be_bytes())))?;
        let s = derived::<C>("s", number);
        let inverse = C::invert(s)?;
        let (u1, u2) = (C::reduce(&z) * inverse, C::reduce(&r) * inverse);
        let point = C::times(end - C::of_generator(u1), C::invert(u2)?);
        C::encode(point)?;
        let known = Known {
            digest: z,
            r,
            s: C::octets(s),
            valid,
        };
        Some(Made {
            point,
            secret: None,
            known,
        })
    })
}

/// A key and a valid signature such that `u1*G = u2*Q`, and `u2` is one entry of a table: the last
/// addition is that of a point to itself.
fn where_points_meet<C: Curve>(number: u64, nonces: &[Nonce<C>]) -> Option<Made<C>> {
    let start = usize::try_from(number).ok()?;
    let count = nonces.len();
    // Which digest comes out is a matter of luck: on P-521 one of 512 is one.
    (0..8192).find_map(|attempt| {
        let nonce = &nonces[(start + attempt) % count];
        let shift = (start * 7 + attempt / count) % (C::BITS - 5);
        let digit = C::Scalar::from(1 + number % 15);
        let u2 = (0..shift).fold(digit, |power, _| power + power);
        let u2 = if number & 16 == 0 { u2 } else { -u2 };
        let inverse = C::invert(u2)?;
        let secret = nonce.scalar * C::invert(C::Scalar::from(2))? * inverse;
        let z = digest_of::<C>(secret * nonce.r)?;
        let known = Known {
            digest: z,
            r: C::octets(nonce.r),
            s: C::octets(nonce.r * inverse),
            valid: true,
        };
        Some(Made {
            point: C::of_generator(secret),
            secret: Some(secret),
            known,
        })
    })
}
