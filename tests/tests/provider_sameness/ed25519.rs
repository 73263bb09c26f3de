//! Ed25519: strict, and equal to the last bit.

use aws_lc_rs::digest::{SHA512, digest};
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use jwtverify_core::{Algorithm, Error, KeyMaterial};
use jwtverify_tests::{Alg, SigningKey};

use crate::{LENGTHS, Pair, random};

const EDDSA: Algorithm = Algorithm::EdDsa;

fn key(point: &[u8]) -> Result<Pair, Error> {
    let point = point.try_into().unwrap();
    Pair::prepare(&KeyMaterial::Ed25519 { point })
}

/// SHA-512 of R, A and the message, modulo the order (RFC 8032 section 5.1.7).
fn challenge(r: &[u8], a: &[u8], message: &[u8]) -> Scalar {
    let hash = digest(&SHA512, &[r, a, message].concat());
    Scalar::from_bytes_mod_order_wide(hash.as_ref().try_into().unwrap())
}

fn random_scalar() -> Scalar {
    Scalar::from_bytes_mod_order_wide(&random(64).try_into().unwrap())
}

/// What points of small order may be written as: canonically, with y plus the prime, and with a
/// sign where x is zero.
fn small_order_encodings() -> Vec<[u8; 32]> {
    let mut all: Vec<[u8; 32]> = EIGHT_TORSION.iter().map(|p| p.compress().0).collect();
    assert_eq!(all.len(), 8);
    let prime_plus = |y: u8| {
        let mut octets = [0xff; 32];
        octets[0] = 0xed + y;
        octets[31] = 0x7f;
        octets
    };
    all.extend([prime_plus(0), prime_plus(1)]);
    for mut octets in all.clone() {
        octets[31] ^= 0x80;
        if !all.contains(&octets) {
            all.push(octets);
        }
    }
    all
}

#[test]
fn signatures_and_what_becomes_of_them() {
    for _ in 0..5 {
        let signer = SigningKey::generate(Alg::EdDsa, "a");
        let key = key(signer.raw_public()).unwrap();
        for len in LENGTHS {
            let message = random(len);
            let signature = signer.sign(&message);
            assert!(key.accepts(EDDSA, &message, &signature));
            assert!(key.accepts(Algorithm::Ed25519, &message, &signature));
        }
        let message = random(684);
        key.check_damage(EDDSA, &message, &signer.sign(&message));
        for _ in 0..50 {
            assert!(!key.accepts(EDDSA, &message, &random(64)));
        }
    }
}

#[test]
fn s_is_below_the_order() {
    let order = [&(-Scalar::ONE).to_bytes()[..], &[0]].concat();
    let plus = |a: &[u8], b: &[u8]| {
        let reversed = |octets: &[u8]| octets.iter().rev().copied().collect::<Vec<u8>>();
        reversed(&crate::integers::add(&reversed(a), &reversed(b)).0)
    };
    let one = [&[1], [0; 31].as_slice()].concat();
    let order = plus(&order[..32], &one);
    let signer = SigningKey::generate(Alg::EdDsa, "a");
    let key = key(signer.raw_public()).unwrap();
    for _ in 0..20 {
        let message = random(30);
        let signature = signer.sign(&message);
        let (r, s) = signature.split_at(32);
        let mut multiple = s.to_vec();
        // s + order, s + 2·order and so on, as long as they fit.
        for _ in 0..15 {
            multiple = plus(&multiple, &order);
            assert!(!key.accepts(EDDSA, &message, &[r, &multiple].concat()));
        }
        let mut top = [0; 32];
        top[31] = 0x10;
        for s in [
            vec![0; 32],
            one.clone(),
            (-Scalar::ONE).to_bytes().to_vec(),
            order.clone(),
            plus(&order, &one),
            top.to_vec(),
            vec![0xff; 32],
        ] {
            assert!(!key.accepts(EDDSA, &message, &[r, &s].concat()));
        }
        for bit in [0x20, 0x40, 0x80] {
            let mut s = s.to_vec();
            s[31] |= bit;
            assert!(!key.accepts(EDDSA, &message, &[r, &s].concat()));
        }
    }
}

/// For these the equation of RFC 8032 holds, and plain verification accepts them.
#[test]
fn r_of_small_order_is_refused_though_the_equation_holds() {
    for torsion in EIGHT_TORSION {
        let secret = random_scalar();
        let a = ED25519_BASEPOINT_POINT * secret + torsion;
        let a = a.compress().0;
        let key = key(&a).unwrap();
        let mut held = 0;
        for number in 0u32..40 {
            let message = number.to_be_bytes();
            for encoded in small_order_encodings() {
                let k = challenge(&encoded, &a, &message);
                let s = k * secret;
                let sum = ED25519_BASEPOINT_POINT * s - decompressed(&a) * k;
                held += u32::from(sum.compress().0 == encoded);
                let signature = [encoded, s.to_bytes()].concat();
                assert!(!key.accepts(EDDSA, &message, &signature));
                assert!(!key.accepts(EDDSA, &message, &[encoded, [0; 32]].concat()));
            }
        }
        assert!(held > 10, "the cases do not test what they should: {held}");
    }
}

/// A key with a part of small order is no weak key. The equation without a cofactor decides.
#[test]
fn keys_of_mixed_order_follow_the_equation_without_cofactor() {
    let (mut accepted, mut refused) = (0, 0);
    for torsion in EIGHT_TORSION {
        let secret = random_scalar();
        let a = (ED25519_BASEPOINT_POINT * secret + torsion).compress().0;
        let key = key(&a).unwrap();
        for number in 0u32..40 {
            let message = number.to_be_bytes();
            // R with a part of small order as well, so that the two may cancel out.
            for other in [EIGHT_TORSION[0], EIGHT_TORSION[1], EIGHT_TORSION[4]] {
                let nonce = random_scalar();
                let r = (ED25519_BASEPOINT_POINT * nonce + other).compress().0;
                let k = challenge(&r, &a, &message);
                let s = nonce + k * secret;
                let holds = torsion * k == -other;
                let signature = [r, s.to_bytes()].concat();
                assert_eq!(key.accepts(EDDSA, &message, &signature), holds);
                accepted += u32::from(holds);
                refused += u32::from(!holds);
            }
        }
    }
    assert!(accepted > 50 && refused > 50, "{accepted} {refused}");
}

#[test]
fn points_that_are_no_key() {
    for point in EIGHT_TORSION {
        assert_eq!(key(&point.compress().0).err(), Some(Error::OkpPoint));
    }
    let (mut on, mut off) = (0, 0);
    for _ in 0..200 {
        let mut point = random(32);
        // Core has refused what is not below the prime.
        point[31] &= 0xbf;
        match key(&point) {
            Ok(key) => {
                on += 1;
                assert!(!key.accepts(EDDSA, b"message", &random(64)));
            }
            Err(error) => {
                off += 1;
                assert_eq!(error, Error::OkpPoint);
            }
        }
    }
    assert!(on > 10 && off > 10, "{on} {off}");
}

/// The cases of "taming the many EdDSAs", where the folder with the test data is there.
#[test]
fn ed25519_speccheck() {
    let Some(cases) = jwtverify_tests::vectors::json("ed25519-speccheck/cases.json") else {
        return;
    };
    for case in cases.as_array().unwrap() {
        let field = |name: &str| crate::unhex(case[name].as_str().unwrap());
        let point = field("pub_key");
        let y_is_canonical = decompressed_canonically(point.as_slice().try_into().unwrap());
        if y_is_canonical && let Ok(key) = key(&point) {
            key.accepts(EDDSA, &field("message"), &field("signature"));
        }
    }
}

fn decompressed(point: &[u8; 32]) -> EdwardsPoint {
    curve25519_dalek::edwards::CompressedEdwardsY(*point)
        .decompress()
        .unwrap()
}

fn decompressed_canonically(point: &[u8; 32]) -> bool {
    let point = curve25519_dalek::edwards::CompressedEdwardsY(*point);
    point.decompress().is_some_and(|p| p.compress() == point)
}
