//! Tables against curve25519-dalek, and verdicts against ed25519-dalek.

use std::vec::Vec;

use curve25519_dalek::EdwardsPoint;
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

use super::*;

/// A number that depends on `seed`.
fn scalar(seed: u64) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(seed.to_be_bytes()).into())
}

/// Tables of the negative of a key are tables of the key's own.
fn tables(key: &EdwardsPoint) -> Ed25519Tables {
    Ed25519Tables::build(key.compress().as_bytes()).unwrap()
}

fn encode(sum: &Extended) -> [u8; 32] {
    sum.normalised(&sum.z.invert()).encode()
}

#[test]
fn every_place_and_digit_of_a_table_is_the_product_it_stands_for() {
    let key = ED25519_BASEPOINT_POINT * scalar(1);
    let tables = tables(&key);
    for (table, point, width) in [
        (&tables.key, -key, KEY_WIDTH),
        (tables.base, ED25519_BASEPOINT_POINT, BASE_WIDTH),
    ] {
        let mut base = point;
        let mut unit = Scalar::ONE;
        for _ in 0..BITS / width {
            let mut expected = base;
            let mut number = unit;
            for _ in 0..1 << (width - 1) {
                let sum = table.add_multiple(Extended::IDENTITY, &number).unwrap();
                assert_eq!(&encode(&sum), expected.compress().as_bytes());
                expected += base;
                number += unit;
            }
            for _ in 0..width {
                base += base;
                unit += unit;
            }
        }
    }
}

/// Keys with a part of small order as well: a table must not lose it.
#[test]
fn scalars_at_the_edges_and_between() {
    let edges = [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, Scalar::from(2u8)];
    let scalars: Vec<Scalar> = edges.into_iter().chain((3..30).map(scalar)).collect();
    for small in EIGHT_TORSION {
        let key = ED25519_BASEPOINT_POINT * scalar(2) + small;
        let tables = tables(&key);
        for (s, k) in scalars.iter().zip(scalars.iter().rev()) {
            let sum = tables.base.add_multiple(Extended::IDENTITY, s).unwrap();
            let sum = tables.key.add_multiple(sum, k).unwrap();
            let expected = ED25519_BASEPOINT_POINT * s - key * k;
            assert_eq!(&encode(&sum), expected.compress().as_bytes());
        }
    }
}

/// Sums that meet one point twice, or end in the identity, which ECDSA has to hand over.
#[test]
fn sums_of_equal_and_of_opposite_points() {
    for key in [1u64, 2, 3, 64, 1 << 40] {
        let key = Scalar::from(key);
        for negative in [false, true] {
            let key = if negative { -key } else { key };
            let tables = tables(&(ED25519_BASEPOINT_POINT * key));
            for k in (0..40).map(scalar).chain([Scalar::ONE, -Scalar::ONE]) {
                for s in [key * k, -(key * k)] {
                    let sum = tables.base.add_multiple(Extended::IDENTITY, &s).unwrap();
                    let sum = tables.key.add_multiple(sum, &k).unwrap();
                    let expected = ED25519_BASEPOINT_POINT * (s - key * k);
                    assert_eq!(&encode(&sum), expected.compress().as_bytes());
                }
            }
        }
    }
}

/// Signatures whose `R` has a part of small order, or nothing else, over keys that have one.
#[test]
fn the_verdict_is_that_of_strict_verification() {
    let (mut accepted, mut refused) = (0, 0);
    let secret = scalar(4);
    for (i, small) in (0u64..).zip(EIGHT_TORSION) {
        let key = ED25519_BASEPOINT_POINT * secret + small;
        let encoded = key.compress().to_bytes();
        let tables = tables(&key);
        let reference = ed25519_dalek::VerifyingKey::from_bytes(&encoded).unwrap();
        for (j, other) in (0u64..).zip(EIGHT_TORSION) {
            for number in 0..12 {
                // Every fourth has no part of large order.
                let nonce = if number % 4 == 0 {
                    Scalar::ZERO
                } else {
                    scalar(1000 + 100 * i + 10 * j + number)
                };
                let r = ED25519_BASEPOINT_POINT * nonce + other;
                let r = r.compress().to_bytes();
                let message = number.to_be_bytes();
                let hash = Sha512::new().chain_update(r).chain_update(encoded);
                let k = hash.chain_update(message).finalize();
                let k = Scalar::from_bytes_mod_order_wide(&k.into());
                let s = (nonce + k * secret).to_bytes();
                let signature = [r, s].concat();
                let expected = ed25519_dalek::Signature::from_slice(&signature).unwrap();
                let expected = reference.verify_strict(&message, &expected).is_ok();
                assert_eq!(tables.verify(&message, &signature), Some(expected));
                *if expected {
                    &mut accepted
                } else {
                    &mut refused
                } += 1;
                assert_eq!(tables.verify(b"another", &signature), Some(false));
                assert_eq!(tables.verify(&message, &signature[..63]), Some(false));
            }
        }
    }
    assert!(accepted > 50 && refused > 400, "{accepted} {refused}");
}

#[test]
fn a_table_that_is_wrong_is_not_used() {
    // No point has this y.
    let mut encoded = [0; 32];
    encoded[0] = 2;
    let built = Ed25519Tables::build(&encoded);
    assert_eq!(built.err(), Some(NotBuilt::Wrong));
    // Whichever place has a wrong entry, one that the scalar uses: it is noticed.
    let point = decode(ED25519_BASEPOINT_COMPRESSED.as_bytes()).unwrap();
    let scalar = Scalar::from_bytes_mod_order_wide(&Sha512::digest(point.encode()).into());
    let mut octets = scalar.to_bytes();
    octets.reverse();
    let mut table = Table::build(&point, KEY_WIDTH).unwrap();
    assert_eq!(table.agrees_with(&point), Ok(true));
    let mut noticed = 0;
    for place in 0..table.places {
        let (_, digit) = digits::digit(&octets, KEY_WIDTH, place);
        if digit == 0 {
            continue;
        }
        let index = digits::position(KEY_WIDTH, place, digit).unwrap();
        let right = table.entries[index];
        table.entries[index] = Niels::from_affine(&point.neg());
        assert_eq!(table.agrees_with(&point), Ok(false), "{place}");
        table.entries[index] = right;
        noticed += 1;
    }
    assert!(noticed > 30, "{noticed}");
}
