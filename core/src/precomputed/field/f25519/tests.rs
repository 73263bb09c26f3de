//! Every operation against big integers, and against fiat-crypto's proven ones, from the edges of
//! what numbers may be.

use std::vec::Vec;

use fiat_crypto::curve25519_64::{
    fiat_25519_add, fiat_25519_carry, fiat_25519_carry_mul, fiat_25519_carry_square,
    fiat_25519_from_bytes, fiat_25519_loose_field_element as Loose, fiat_25519_relax,
    fiat_25519_sub, fiat_25519_tight_field_element as Tight, fiat_25519_to_bytes,
};
use num_bigint::BigUint;

use super::super::tests::limbs;
use super::*;

fn power_of_two(exponent: u32) -> BigUint {
    BigUint::from(1u8) << exponent
}

fn prime() -> BigUint {
    power_of_two(255) - 19u8
}

fn number(limbs: &[u64; 4]) -> BigUint {
    let limbs = limbs.iter().rev();
    limbs.fold(BigUint::ZERO, |sum, limb| {
        (sum << 64) + BigUint::from(*limb)
    })
}

/// Numbers below `2^256`: the edges of limbs, those near the multiples of the prime and near the
/// powers of two, and some that look random.
fn factors() -> Vec<[u64; 4]> {
    let mut all = Vec::new();
    for limb in [
        0,
        1,
        18,
        19,
        37,
        38,
        1 << 63,
        LOW_63,
        u64::MAX - 38,
        u64::MAX - 1,
        u64::MAX,
    ] {
        for others in [0, u64::MAX] {
            all.extend((0..4).map(|place| {
                let mut limbs = [others; 4];
                limbs[place] = limb;
                limbs
            }));
        }
    }
    // Below 2^256, and on both sides of 2^255, of the prime and of the bound of elements.
    all.extend((0..80).map(|less| [u64::MAX - less, u64::MAX, u64::MAX, u64::MAX]));
    all.extend((0..40).map(|less| [u64::MAX - less, u64::MAX, u64::MAX, LOW_63]));
    all.extend((0..20).chain(2028..2068).map(|more| [more, 0, 0, 1 << 63]));
    all.extend((0..150).map(limbs::<4>));
    all
}

/// Those of them that are elements.
fn elements() -> Vec<Element25519> {
    let bound = bound();
    let all = factors().into_iter().filter(|limbs| number(limbs) < bound);
    let elements: Vec<_> = all.map(Element25519).collect();
    assert!(elements.len() > 150);
    elements
}

fn bound() -> BigUint {
    power_of_two(255) + power_of_two(11)
}

/// The number of an element that is within its bound, modulo the prime.
#[track_caller]
fn checked(element: &Element25519) -> BigUint {
    assert!(number(&element.0) < bound(), "{element:x?}");
    number(&element.0) % prime()
}

fn to_fiat(element: &Element25519) -> (Tight, Loose) {
    let (mut tight, mut loose) = (Tight([0; 5]), Loose([0; 5]));
    fiat_25519_from_bytes(&mut tight, &element.to_octets());
    fiat_25519_relax(&mut loose, &tight);
    (tight, loose)
}

fn fiat(compute: impl FnOnce(&mut Tight)) -> [u8; 32] {
    let (mut out, mut octets) = (Tight([0; 5]), [0; 32]);
    compute(&mut out);
    fiat_25519_to_bytes(&mut octets, &out);
    octets
}

#[test]
fn octets_are_those_of_the_number_below_the_prime() {
    let mut zeros = 0;
    for element in elements() {
        let octets = element.to_octets();
        assert_eq!(BigUint::from_bytes_le(&octets), checked(&element));
        let read = Element25519::from_octets(&octets).unwrap();
        assert_eq!(read.to_octets(), octets);
        assert_eq!(element.is_zero(), octets == [0; 32]);
        assert_eq!(element.is_odd(), octets[0] % 2 == 1);
        zeros += usize::from(element.is_zero());
    }
    assert!(zeros > 1, "the prime is among them");
    assert!(Element25519::from_octets(&[0x80; 32]).is_none());
    assert!(Element25519::from_octets(&[0; 31]).is_none());
}

#[test]
fn every_operation_is_that_of_fiat_crypto() {
    let elements = elements();
    for a in &elements {
        let (tight_a, loose_a) = to_fiat(a);
        let square = fiat(|out| fiat_25519_carry_square(out, &loose_a));
        assert_eq!(a.square().to_octets(), square, "{a:x?}");
        for b in &elements {
            let (tight_b, loose_b) = to_fiat(b);
            let product = fiat(|out| fiat_25519_carry_mul(out, &loose_a, &loose_b));
            assert_eq!(a.mul(b).to_octets(), product, "{a:x?} {b:x?}");
            let mut loose = Loose([0; 5]);
            fiat_25519_add(&mut loose, &tight_a, &tight_b);
            let sum = fiat(|out| fiat_25519_carry(out, &loose));
            assert_eq!(a.add(b).to_octets(), sum, "{a:x?} {b:x?}");
            fiat_25519_sub(&mut loose, &tight_a, &tight_b);
            let difference = fiat(|out| fiat_25519_carry(out, &loose));
            assert_eq!(a.sub(b).to_octets(), difference, "{a:x?} {b:x?}");
        }
    }
}

#[test]
fn every_operation_is_that_of_big_integers() {
    let (prime, elements) = (prime(), elements());
    for a in &elements {
        let m = checked(a);
        assert_eq!(checked(&a.square()), m.pow(2) % &prime, "{a:x?}");
        assert_eq!(checked(&a.neg()), (&prime - &m) % &prime, "{a:x?}");
        for b in &elements {
            let n = checked(b);
            let sum = (&m + &n) % &prime;
            assert_eq!(number(&a.plus(b).0) % &prime, sum, "{a:x?} {b:x?}");
            assert_eq!(checked(&a.add(b)), sum, "{a:x?} {b:x?}");
            let difference = (&m + &prime - &n) % &prime;
            assert_eq!(number(&a.minus(b).0) % &prime, difference, "{a:x?} {b:x?}");
            assert_eq!(checked(&a.sub(b)), difference, "{a:x?} {b:x?}");
            assert_eq!(checked(&a.mul(b)), &m * n % &prime, "{a:x?} {b:x?}");
        }
    }
}

#[test]
fn any_four_limbs_are_a_factor() {
    let (prime, factors) = (prime(), factors());
    for a in &factors {
        let m = number(a);
        assert_eq!(checked(&Unreduced(*a).reduced()), &m % &prime, "{a:x?}");
        for b in &factors {
            let product = product(&Unreduced(*a), &Unreduced(*b));
            let expected = &m * number(b) % &prime;
            assert_eq!(checked(&product), expected, "{a:x?} {b:x?}");
        }
    }
}

/// What a product has before its last step: all that is above the four limbs, with all limbs.
#[test]
fn what_is_above_four_limbs_is_reduced() {
    let prime = prime();
    for limbs in factors() {
        for above in 0..=38 {
            let expected = (number(&limbs) + (BigUint::from(above) << 256)) % &prime;
            assert_eq!(
                checked(&reduced(limbs, above)),
                expected,
                "{limbs:x?} {above}"
            );
        }
    }
}

#[test]
fn the_chains_of_squares_are_powers() {
    let prime = prime();
    for element in elements() {
        let number = checked(&element);
        let inverse = number.modpow(&(&prime - 2u8), &prime);
        assert_eq!(checked(&element.invert()), inverse);
        let exponent = (&prime - 5u8) / 8u8;
        let power = number.modpow(&exponent, &prime);
        assert_eq!(checked(&element.power_for_a_root()), power);
        assert_eq!(checked(&element.power(&exponent.to_bytes_be())), power);
    }
}
