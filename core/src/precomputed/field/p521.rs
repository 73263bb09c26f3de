//! The prime of P-521, `2^521 - 1`, in nine limbs of 58 bits, the highest of 57.
//!
//! `2^521` is 1 modulo the prime, and `2^522`, the place after the ninth limb, is 2.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::needless_range_loop,
    reason = "loops over arrays of nine limbs, with bounds known when compiling; sums that the \
              bounds of the limbs keep far from overflowing"
)]

use super::Field;

/// A number in limbs from the lowest, each at most [`LIMB`] and 4 more, the highest [`TOP`] and
/// 4 more. So it may be a little above the prime.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct P521Element([u64; 9]);

const LIMB: u64 = (1 << 58) - 1;
const TOP: u64 = (1 << 57) - 1;

/// The prime minus 2, big-endian: the exponent that inverts.
const INVERTING: [u8; 66] = {
    let mut octets = [0xff; 66];
    octets[0] = 1;
    octets[65] = 0xfd;
    octets
};

impl Field for P521Element {
    const ZERO: Self = Self([0; 9]);
    const ONE: Self = Self([1, 0, 0, 0, 0, 0, 0, 0, 0]);

    fn from_octets(octets: &[u8]) -> Option<Self> {
        let octets: &[u8; 66] = octets.try_into().ok()?;
        let mut limbs = [0; 9];
        let (mut bits, mut held, mut place) = (0u128, 0u32, 0);
        for octet in octets.iter().rev() {
            bits |= u128::from(*octet).wrapping_shl(held);
            held = held.wrapping_add(8);
            if held >= 58 && place < 8 {
                limbs[place] = low(bits) & LIMB;
                bits >>= 58;
                held = held.wrapping_sub(58);
                place += 1;
            }
        }
        limbs[8] = low(bits);
        // A number below the prime has no more bits.
        (limbs[8] <= TOP).then_some(Self(limbs))
    }

    #[inline]
    fn add(&self, other: &Self) -> Self {
        let mut sums = [0; 9];
        for i in 0..9 {
            sums[i] = self.0[i].wrapping_add(other.0[i]);
        }
        carried_once(sums)
    }

    #[inline]
    fn sub(&self, other: &Self) -> Self {
        // Twice the prime is added first, so that no limb is below zero.
        let mut differences = [0; 9];
        for i in 0..8 {
            differences[i] = self.0[i].wrapping_add(2 * LIMB).wrapping_sub(other.0[i]);
        }
        differences[8] = self.0[8].wrapping_add(2 * TOP).wrapping_sub(other.0[8]);
        carried_once(differences)
    }

    #[inline]
    fn mul(&self, other: &Self) -> Self {
        let (a, b) = (&self.0, &other.0);
        let twice = b.map(|limb| limb << 1);
        carried([
            column::<0>(a, b, &twice),
            column::<1>(a, b, &twice),
            column::<2>(a, b, &twice),
            column::<3>(a, b, &twice),
            column::<4>(a, b, &twice),
            column::<5>(a, b, &twice),
            column::<6>(a, b, &twice),
            column::<7>(a, b, &twice),
            column::<8>(a, b, &twice),
        ])
    }

    #[inline]
    fn square(&self) -> Self {
        let a = &self.0;
        let twice = a.map(|limb| limb << 1);
        carried([
            square_column::<0>(a, &twice),
            square_column::<1>(a, &twice),
            square_column::<2>(a, &twice),
            square_column::<3>(a, &twice),
            square_column::<4>(a, &twice),
            square_column::<5>(a, &twice),
            square_column::<6>(a, &twice),
            square_column::<7>(a, &twice),
            square_column::<8>(a, &twice),
        ])
    }

    #[inline]
    fn is_zero(&self) -> bool {
        // Carried to the end the limbs are exact, and the number below 2^521 + 1.
        let limbs = settled(settled(self.0));
        let is_prime = limbs[8] == TOP && limbs[..8].iter().all(|limb| *limb == LIMB);
        is_prime || limbs == [0; 9]
    }

    fn invert(&self) -> Self {
        self.power(&INVERTING)
    }
}

/// What a product has in one place: the products of limbs whose places add up to it, and twice
/// those that are nine places above.
#[inline(always)]
fn column<const PLACE: usize>(a: &[u64; 9], b: &[u64; 9], twice: &[u64; 9]) -> u128 {
    let mut sum = 0u128;
    for i in 0..9 {
        let other = if i <= PLACE {
            b[PLACE - i]
        } else {
            twice[PLACE + 9 - i]
        };
        sum = sum.wrapping_add(product(a[i], other));
    }
    sum
}

/// The same of a square, each product of two different limbs once and doubled.
#[inline(always)]
fn square_column<const PLACE: usize>(a: &[u64; 9], twice: &[u64; 9]) -> u128 {
    let mut sum = 0u128;
    for i in 0..9 {
        let j = (PLACE + 9 - i) % 9;
        let other = if i + j < 9 { a[j] } else { twice[j] };
        if i < j {
            sum = sum.wrapping_add(product(twice[i], other));
        } else if i == j {
            sum = sum.wrapping_add(product(a[i], other));
        }
    }
    sum
}

/// Carries once, all limbs at the same time: limbs of 60 bits are then within their bounds.
#[inline(always)]
fn carried_once(limbs: [u64; 9]) -> P521Element {
    let mut carried = [0; 9];
    carried[0] = (limbs[0] & LIMB).wrapping_add(limbs[8] >> 57);
    for i in 1..8 {
        carried[i] = (limbs[i] & LIMB).wrapping_add(limbs[i - 1] >> 58);
    }
    carried[8] = (limbs[8] & TOP).wrapping_add(limbs[7] >> 58);
    P521Element(carried)
}

/// Carries from limb to limb, and once around.
#[inline(always)]
fn settled(limbs: [u64; 9]) -> [u64; 9] {
    let mut settled = limbs;
    let mut carry = 0;
    for limb in settled.iter_mut().take(8) {
        let sum = limb.wrapping_add(carry);
        *limb = sum & LIMB;
        carry = sum >> 58;
    }
    let sum = settled[8].wrapping_add(carry);
    settled[8] = sum & TOP;
    settled[0] = settled[0].wrapping_add(sum >> 57);
    settled
}

/// The columns of a product, each below 2^124: carried, they are within the bounds of limbs.
#[inline(always)]
fn carried(columns: [u128; 9]) -> P521Element {
    let mut limbs = [0; 9];
    let mut carry = 0u128;
    for i in 0..8 {
        let sum = columns[i].wrapping_add(carry);
        limbs[i] = low(sum) & LIMB;
        carry = sum >> 58;
    }
    let sum = columns[8].wrapping_add(carry);
    limbs[8] = low(sum) & TOP;
    // What is above 2^521, less than 2^68, belongs to the lowest limb.
    let lowest = (sum >> 57).wrapping_add(u128::from(limbs[0]));
    limbs[0] = low(lowest) & LIMB;
    let second = low(lowest >> 58).wrapping_add(limbs[1]);
    limbs[1] = second & LIMB;
    limbs[2] = limbs[2].wrapping_add(second >> 58);
    P521Element(limbs)
}

#[inline(always)]
fn product(a: u64, b: u64) -> u128 {
    u128::from(a).wrapping_mul(u128::from(b))
}

#[inline(always)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    reason = "the low half is meant"
)]
fn low(wide: u128) -> u64 {
    wide as u64
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use fiat_crypto::p521_64::{
        fiat_p521_carry_mul, fiat_p521_loose_field_element as Loose,
        fiat_p521_tight_field_element as Tight, fiat_p521_to_bytes,
    };
    use p521::elliptic_curve::bigint::{NonZero, U576};

    use super::super::tests::limbs;
    use super::*;

    fn largest(more: u64) -> [u64; 9] {
        let mut limbs = [LIMB + more; 9];
        limbs[8] = TOP + more;
        limbs
    }

    /// Numbers within the bounds of limbs, the bounds included.
    fn elements() -> Vec<P521Element> {
        let edges = [
            [0; 9],
            P521Element::ONE.0,
            largest(0),
            largest(1),
            largest(4),
        ];
        let single = (0..9).flat_map(|place| {
            [1, 1 << 56, TOP, TOP + 4].map(|limb| {
                let mut limbs = [0; 9];
                limbs[place] = limb;
                limbs
            })
        });
        let random = (0..200).map(|seed| {
            let limit = largest(4);
            let mut limbs = limbs::<9>(seed);
            for (limb, limit) in limbs.iter_mut().zip(limit) {
                *limb = if *limb == u64::MAX {
                    limit
                } else {
                    *limb & (limit - 4)
                };
            }
            limbs
        });
        let all = edges.into_iter().chain(single).chain(random);
        all.map(P521Element).collect()
    }

    /// The number below the prime, little-endian, by fiat-crypto.
    fn octets(element: &P521Element) -> [u8; 66] {
        assert!(
            element
                .0
                .iter()
                .zip(largest(4))
                .all(|(limb, limit)| *limb <= limit)
        );
        let mut octets = [0; 66];
        fiat_p521_to_bytes(&mut octets, &Tight(settled(element.0)));
        octets
    }

    fn number(element: &P521Element) -> U576 {
        let mut wide = [0; 72];
        wide[..66].copy_from_slice(&octets(element));
        U576::from_le_slice(&wide)
    }

    #[test]
    fn products_are_those_of_fiat_crypto() {
        let elements = elements();
        for a in &elements {
            assert_eq!(octets(&a.square()), octets(&a.mul(a)));
            for b in &elements {
                let mut product = Tight([0; 9]);
                fiat_p521_carry_mul(&mut product, &Loose(a.0), &Loose(b.0));
                let mut expected = [0; 66];
                fiat_p521_to_bytes(&mut expected, &product);
                assert_eq!(octets(&a.mul(b)), expected, "{a:x?} {b:x?}");
            }
        }
    }

    #[test]
    fn every_operation_is_that_of_big_integers() {
        let mut prime = [0; 72];
        prime[..65].fill(0xff);
        prime[65] = 1;
        let prime = NonZero::new(U576::from_le_slice(&prime)).unwrap();
        let elements = elements();
        for (i, a) in elements.iter().enumerate() {
            assert_eq!(a.is_zero(), octets(a) == [0; 66], "{a:x?}");
            for b in elements.iter().skip(i % 7).step_by(7) {
                let (m, n) = (number(a), number(b));
                assert_eq!(number(&a.add(b)), m.add_mod(&n, &prime), "{a:x?} {b:x?}");
                assert_eq!(number(&a.sub(b)), m.sub_mod(&n, &prime), "{a:x?} {b:x?}");
                assert_eq!(number(&a.mul(b)), m.mul_mod(&n, &prime), "{a:x?} {b:x?}");
                assert_eq!(a.sub(b).is_zero(), m == n, "{a:x?} {b:x?}");
            }
        }
    }

    #[test]
    fn octets_are_read_as_they_are_written() {
        for element in elements() {
            let mut big_endian = octets(&element);
            big_endian.reverse();
            let read = P521Element::from_octets(&big_endian).unwrap();
            assert!(read.sub(&element).is_zero());
        }
        assert!(P521Element::from_octets(&[2; 66]).is_none());
        assert!(P521Element::from_octets(&[0; 65]).is_none());
    }

    #[test]
    fn an_inverse_times_its_number_is_one() {
        for element in elements() {
            let product = element.mul(&element.invert());
            let expected = if element.is_zero() {
                P521Element::ZERO
            } else {
                P521Element::ONE
            };
            assert!(product.sub(&expected).is_zero());
        }
    }
}
