//! The arithmetic written here against fiat-crypto's, which is proven.

use std::vec::Vec;

use sha2::{Digest, Sha512};

/// Limbs that look random, with ones and zeros in all bits of one here and there.
pub(in super::super) fn limbs<const N: usize>(seed: u32) -> [u64; N] {
    let mut stream = Vec::new();
    for block in 0u32..3 {
        let hash = Sha512::new().chain_update(seed.to_be_bytes());
        stream.extend_from_slice(&hash.chain_update(block.to_be_bytes()).finalize());
    }
    core::array::from_fn(|i| {
        let octets = stream[8 * i..8 * i + 8].try_into().unwrap();
        match stream[100 + i] {
            0..16 => 0,
            16..32 => u64::MAX,
            32..40 => 1,
            40..48 => u64::MAX - 1,
            _ => u64::from_be_bytes(octets),
        }
    })
}

/// Numbers below the prime: its edges, single limbs, and some that look random.
#[cfg(any(feature = "p256", feature = "p384"))]
pub(super) fn elements<const N: usize>(prime: [u64; N]) -> Vec<[u64; N]> {
    let near = (0..4).map(|less: u64| {
        let mut limbs = prime;
        limbs[0] -= less;
        limbs
    });
    let single = (0..N).flat_map(|place| {
        [
            0,
            1,
            1 << 32,
            u64::MAX,
            u64::MAX - 1,
            u64::MAX << 32,
            prime[place],
        ]
        .map(|limb| {
            let mut limbs = [0; N];
            limbs[place] = limb;
            limbs
        })
    });
    let without = (0..N).map(|place| {
        let mut limbs = prime;
        limbs[place] = prime[place].saturating_sub(1);
        limbs
    });
    let is_below = |number: &[u64; N]| number.iter().rev().lt(prime.iter().rev());
    let all = near.chain(single).chain(without).chain((0..250).map(limbs));
    all.filter(is_below).collect()
}

/// The tests of a field in Montgomery's form, which is fiat-crypto's too, limb by limb.
#[cfg(any(feature = "p256", feature = "p384"))]
macro_rules! montgomery_tests {
    ($limbs:literal) => {
        fn fiat(compute: impl FnOnce(&mut Fiat)) -> [u64; $limbs] {
            let mut out = Fiat([0; $limbs]);
            compute(&mut out);
            out.0
        }

        #[test]
        fn every_operation_is_that_of_fiat_crypto() {
            let elements = elements(P);
            assert!(elements.len() > 200);
            for a in &elements {
                let (mine, its) = (Element(*a), Fiat(*a));
                let square = fiat(|out| fiat_square(out, &its));
                assert_eq!(mine.square().0, square, "{a:x?}");
                for b in &elements {
                    let (other, others) = (Element(*b), Fiat(*b));
                    let product = fiat(|out| fiat_mul(out, &its, &others));
                    assert_eq!(mine.mul(&other).0, product, "{a:x?} {b:x?}");
                    let sum = fiat(|out| fiat_add(out, &its, &others));
                    assert_eq!(mine.add(&other).0, sum, "{a:x?} {b:x?}");
                    let difference = fiat(|out| fiat_sub(out, &its, &others));
                    assert_eq!(mine.sub(&other).0, difference, "{a:x?} {b:x?}");
                }
            }
        }

        #[test]
        fn products_are_those_of_big_integers() {
            let number = |limbs: &[u64; $limbs]| Integer::from_words(*limbs);
            let prime = NonZero::new(number(&P)).unwrap();
            let radix = number(&Element::ONE.0);
            assert_eq!(number(&R2.0), radix.mul_mod(&radix, &prime));
            let elements = elements(P);
            for (a, b) in elements.iter().zip(elements.iter().rev()) {
                // Out of Montgomery's form: the product times the radix is that of the two.
                let product = number(&Element(*a).mul(&Element(*b)).0);
                let expected = number(a).mul_mod(&number(b), &prime);
                assert_eq!(product.mul_mod(&radix, &prime), expected);
            }
        }

        #[test]
        fn an_inverse_times_its_number_is_one() {
            for limbs in elements(P) {
                let element = Element(limbs);
                let product = element.mul(&element.invert());
                let expected = if element.is_zero() {
                    Element::ZERO
                } else {
                    Element::ONE
                };
                assert_eq!(product, expected);
            }
        }
    };
}
#[cfg(any(feature = "p256", feature = "p384"))]
pub(super) use montgomery_tests;
