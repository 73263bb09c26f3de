//! Points against curve25519-dalek's.

use std::vec::Vec;

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::{Identity, IsIdentity};
use curve25519_dalek::{EdwardsPoint, Scalar};
use num_bigint::BigUint;
use sha2::{Digest, Sha512};

use super::*;

fn affine(point: &EdwardsPoint) -> Affine {
    Affine::decode(point.compress().as_bytes()).unwrap()
}

fn encode(point: &Extended) -> [u8; 32] {
    // What the formulas keep: x·y = z·t.
    let products = (point.x.mul(&point.y), point.z.mul(&point.t));
    assert!(products.0.sub(&products.1).is_zero());
    assert!(!point.z.is_zero());
    point.normalised(&point.z.invert()).encode()
}

/// The same point with another `z`.
fn scaled(point: &Affine, z: &Element) -> Extended {
    Extended {
        x: point.x.mul(z),
        y: point.y.mul(z),
        z: *z,
        t: point.x.mul(&point.y).mul(z),
    }
}

/// Points of every order, and of every order times the large prime: multiples of the base point,
/// their negatives among them, with each of the eight points of small order added.
fn points() -> Vec<EdwardsPoint> {
    let random = Scalar::from_bytes_mod_order_wide(&Sha512::digest(b"a scalar").into());
    let some = [Scalar::ZERO, Scalar::ONE, Scalar::from(2u8), random];
    let some = some.into_iter().flat_map(|scalar| [scalar, -scalar]);
    let multiples: Vec<_> = some
        .map(|scalar| ED25519_BASEPOINT_POINT * scalar)
        .collect();
    let sums = multiples
        .iter()
        .flat_map(|point| EIGHT_TORSION.map(|small| point + small));
    sums.collect()
}

#[test]
fn the_numbers_of_the_curve() {
    let prime = (BigUint::from(1u8) << 255) - 19u8;
    let number = |element: Element| BigUint::from_bytes_le(&element.to_octets());
    assert_eq!(number(HALF) * 2u8 % &prime, BigUint::from(1u8));
    assert_eq!(number(ROOT_OF_MINUS_ONE).pow(2) % &prime, &prime - 1u8);
    assert_eq!(number(D) * 121_666u32 % &prime, &prime - 121_665u32);
    // Why the formulas have no exceptions: -1 is a square, and d is none.
    let euler = number(D).modpow(&((&prime - 1u8) / 2u8), &prime);
    assert_eq!(euler, &prime - 1u8);
}

#[test]
fn sums_and_differences_of_all_kinds_of_points() {
    let points = points();
    let z = Element::from_octets(&[0x55; 32]).unwrap();
    for a in &points {
        for b in &points {
            let entry = Niels::from_affine(&affine(b));
            for left in [Extended::from_affine(&affine(a)), scaled(&affine(a), &z)] {
                let sum = encode(&left.add(&entry, false));
                assert_eq!(&sum, (a + b).compress().as_bytes());
                let difference = encode(&left.add(&entry, true));
                assert_eq!(&difference, (a - b).compress().as_bytes());
            }
        }
    }
}

#[test]
fn doubles_negatives_and_the_identity() {
    let z = Element::from_octets(&[0x55; 32]).unwrap();
    for point in points() {
        let mine = affine(&point);
        for extended in [Extended::from_affine(&mine), scaled(&mine, &z)] {
            let double = encode(&extended.double());
            assert_eq!(&double, (point + point).compress().as_bytes());
        }
        assert_eq!(&mine.neg().encode(), (-point).compress().as_bytes());
        let entry = Niels::from_affine(&mine);
        let same = encode(&Extended::IDENTITY.add(&entry, false));
        assert_eq!(&same, point.compress().as_bytes());
    }
    let identity = EdwardsPoint::identity().compress();
    assert_eq!(&encode(&Extended::IDENTITY), identity.as_bytes());
}

#[test]
fn a_point_is_of_small_order_where_eight_times_it_is_the_identity() {
    let points = points();
    let mut small = 0;
    for point in &points {
        let is_small = affine(point).is_of_small_order();
        assert_eq!(is_small, point.is_small_order());
        assert_eq!(is_small, point.mul_by_cofactor().is_identity());
        small += usize::from(is_small);
    }
    assert_eq!((small, points.len()), (16, 64), "zero, and zero negated");
}

#[test]
fn what_is_no_encoding_is_no_point() {
    let mut points = 0;
    for seed in 0u32..400 {
        let mut encoded: [u8; 32] = Sha512::digest(seed.to_be_bytes())[..32].try_into().unwrap();
        if seed % 4 == 0 {
            // Near both ends of the numbers, above the prime as well.
            encoded[1..31].fill([0, 0xff][usize::from(seed % 8 == 0)]);
            encoded[31] |= encoded[1] & 0x7f;
        }
        let expected = CompressedEdwardsY(encoded).decompress();
        let found = Affine::decode(&encoded);
        points += usize::from(found.is_some());
        match (expected, found) {
            (Some(expected), Some(found)) => {
                assert_eq!(expected.compress().to_bytes(), found.encode());
            }
            (None, None) => {}
            (expected, _) => panic!("{encoded:x?}: {expected:?}"),
        }
    }
    assert!((100..300).contains(&points), "{points}");
    // x is 0, and its sign that of an odd number.
    let mut encoded = [0; 32];
    encoded[0] = 1;
    encoded[31] = 0x80;
    assert!(Affine::decode(&encoded).is_none());
}
