//! The prime of P-384, `2^384 - 2^128 - 2^96 + 2^32 - 1`: Montgomery's product written for it.
//!
//! All but one of the products of the reduction are shifts, and that one is with `2^32 + 1`.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::needless_range_loop,
    reason = "loops over arrays of six and twelve limbs, with bounds known when compiling"
)]

use super::Field;
use super::limbs::{adc, mac, sbb};

/// A number below the prime times `2^384`, in limbs from the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct P384Element([u64; 6]);

const P: [u64; 6] = [
    0x0000_0000_ffff_ffff,
    0xffff_ffff_0000_0000,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// `2^768` modulo the prime: multiplying by it enters Montgomery's form.
const R2: P384Element = P384Element([
    0xffff_fffe_0000_0001,
    0x0000_0002_0000_0000,
    0xffff_fffe_0000_0000,
    0x0000_0002_0000_0000,
    1,
    0,
]);

/// The prime minus 2, big-endian: the exponent that inverts.
const INVERTING: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfd,
];

impl Field for P384Element {
    const ZERO: Self = Self([0; 6]);
    const ONE: Self = Self([0xffff_ffff_0000_0001, 0xffff_ffff, 1, 0, 0, 0]);

    fn from_octets(octets: &[u8]) -> Option<Self> {
        let octets: &[u8; 48] = octets.try_into().ok()?;
        let (limbs, _) = octets.as_chunks::<8>();
        let [f, e, d, c, b, a] = limbs else {
            return None;
        };
        let limbs = [a, b, c, d, e, f].map(|limb| u64::from_be_bytes(*limb));
        Some(Self(limbs).mul(&R2))
    }

    #[inline]
    fn add(&self, other: &Self) -> Self {
        let (sum, carry) = sum(&self.0, &other.0);
        reduced_once(sum, carry)
    }

    #[inline]
    fn sub(&self, other: &Self) -> Self {
        let (difference, borrow) = difference(&self.0, &other.0);
        let mask = borrow.wrapping_neg();
        let (sum, _) = sum(&difference, &P.map(|limb| limb & mask));
        Self(sum)
    }

    #[inline]
    fn mul(&self, other: &Self) -> Self {
        let (a, b) = (&self.0, &other.0);
        let mut t = [0; 12];
        for i in 0..6 {
            let mut carry = 0;
            for j in 0..6 {
                (t[i + j], carry) = mac(t[i + j], a[i], b[j], carry);
            }
            t[i + 6] = carry;
        }
        reduced(&t)
    }

    #[inline]
    fn square(&self) -> Self {
        let a = &self.0;
        // Each product of two different limbs once, then all of them twice, then the squares.
        let mut t = [0; 12];
        for i in 0..5 {
            let mut carry = 0;
            for j in i + 1..6 {
                (t[i + j], carry) = mac(t[i + j], a[i], a[j], carry);
            }
            t[i + 6] = carry;
        }
        for i in (1..12).rev() {
            t[i] = (t[i] << 1) | (t[i - 1] >> 63);
        }
        let mut carry = 0;
        for i in 0..6 {
            let (low, high) = mac(0, a[i], a[i], 0);
            (t[2 * i], carry) = adc(t[2 * i], low, carry);
            (t[2 * i + 1], carry) = adc(t[2 * i + 1], high, carry);
        }
        reduced(&t)
    }

    #[inline]
    fn is_zero(&self) -> bool {
        self.0 == [0; 6]
    }

    fn invert(&self) -> Self {
        self.power(&INVERTING)
    }
}

/// A number below `2^384` times the prime, divided by `2^384` modulo the prime.
#[inline(always)]
fn reduced(t: &[u64; 12]) -> P384Element {
    let [t0, t1, t2, t3, t4, t5, high @ ..] = t;
    let mut low = [*t0, *t1, *t2, *t3, *t4, *t5];
    for _ in 0..6 {
        low = cleared(low);
    }
    let (sum, carry) = sum(&low, high);
    reduced_once(sum, carry)
}

/// One step of the reduction: the multiple `m` of the prime that makes the lowest limb zero is
/// added, and the limb dropped.
#[inline(always)]
fn cleared([t0, t1, t2, t3, t4, t5]: [u64; 6]) -> [u64; 6] {
    let m = t0.wrapping_add(t0 << 32);
    // What m·2^384 is more than m times the prime: m·(2^128 + 2^96 - 2^32 + 1). Its lowest limb
    // is t0.
    let (low, high) = (m << 32, m >> 32);
    let (_, borrow) = sbb(m, low, 0);
    let (x1, borrow) = sbb(low, high, borrow);
    let (x2, carry) = adc(m, high, 0);
    let (x2, borrow) = sbb(x2, 0, borrow);
    let x3 = carry.wrapping_sub(borrow);

    let (t1, borrow) = sbb(t1, x1, 0);
    let (t2, borrow) = sbb(t2, x2, borrow);
    let (t3, borrow) = sbb(t3, x3, borrow);
    let (t4, borrow) = sbb(t4, 0, borrow);
    let (t5, borrow) = sbb(t5, 0, borrow);
    [t1, t2, t3, t4, t5, m.wrapping_sub(borrow)]
}

/// A number below twice the prime, whose bit 384 is `high`.
#[inline(always)]
fn reduced_once(number: [u64; 6], high: u64) -> P384Element {
    let (less, borrow) = difference(&number, &P);
    let (_, borrow) = sbb(high, 0, borrow);
    let keep = borrow.wrapping_neg();
    let mut limbs = less;
    for i in 0..6 {
        limbs[i] ^= keep & (less[i] ^ number[i]);
    }
    P384Element(limbs)
}

#[inline(always)]
fn sum(a: &[u64; 6], b: &[u64; 6]) -> ([u64; 6], u64) {
    let (mut limbs, mut carry) = ([0; 6], 0);
    for i in 0..6 {
        (limbs[i], carry) = adc(a[i], b[i], carry);
    }
    (limbs, carry)
}

#[inline(always)]
fn difference(a: &[u64; 6], b: &[u64; 6]) -> ([u64; 6], u64) {
    let (mut limbs, mut borrow) = ([0; 6], 0);
    for i in 0..6 {
        (limbs[i], borrow) = sbb(a[i], b[i], borrow);
    }
    (limbs, borrow)
}

#[cfg(test)]
mod tests {
    use fiat_crypto::p384_64::{
        fiat_p384_add as fiat_add, fiat_p384_montgomery_domain_field_element as Fiat,
        fiat_p384_mul as fiat_mul, fiat_p384_square as fiat_square, fiat_p384_sub as fiat_sub,
    };
    use p384::elliptic_curve::bigint::{NonZero, U384 as Integer};

    use super::super::tests::{elements, montgomery_tests};
    use super::{P, P384Element as Element, R2};
    use crate::precomputed::field::Field;

    montgomery_tests!(6);
}
