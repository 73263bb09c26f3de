//! The prime of P-256, `2^256 - 2^224 + 2^192 + 2^96 - 1`: Montgomery's product written for it.
//!
//! The lowest limb of the prime is `2^64 - 1`, so the multiple of it that clears a limb `m` is
//! `m` itself, and all but one of the four products of that multiple are shifts.

use super::Field;
use super::limbs::{adc, mac, sbb};

/// A number below the prime times `2^256`, in limbs from the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct P256Element([u64; 4]);

const P: [u64; 4] = [
    0xffff_ffff_ffff_ffff,
    0x0000_0000_ffff_ffff,
    0,
    0xffff_ffff_0000_0001,
];

/// `2^512` modulo the prime: multiplying by it enters Montgomery's form.
const R2: P256Element = P256Element([
    3,
    0xffff_fffb_ffff_ffff,
    0xffff_ffff_ffff_fffe,
    0x0000_0004_ffff_fffd,
]);

/// The prime minus 2, big-endian: the exponent that inverts.
const INVERTING: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd,
];

impl Field for P256Element {
    const ZERO: Self = Self([0; 4]);
    const ONE: Self = Self([
        1,
        0xffff_ffff_0000_0000,
        0xffff_ffff_ffff_ffff,
        0x0000_0000_ffff_fffe,
    ]);

    fn from_octets(octets: &[u8]) -> Option<Self> {
        let octets: &[u8; 32] = octets.try_into().ok()?;
        let (limbs, _) = octets.as_chunks::<8>();
        let [d, c, b, a] = limbs else { return None };
        let limbs = [a, b, c, d].map(|limb| u64::from_be_bytes(*limb));
        Some(Self(limbs).mul(&R2))
    }

    #[inline]
    fn add(&self, other: &Self) -> Self {
        let [a0, a1, a2, a3] = self.0;
        let [b0, b1, b2, b3] = other.0;
        let (t0, c) = adc(a0, b0, 0);
        let (t1, c) = adc(a1, b1, c);
        let (t2, c) = adc(a2, b2, c);
        let (t3, c) = adc(a3, b3, c);
        reduced_once([t0, t1, t2, t3], c)
    }

    #[inline]
    fn sub(&self, other: &Self) -> Self {
        let [a0, a1, a2, a3] = self.0;
        let [b0, b1, b2, b3] = other.0;
        let (t0, c) = sbb(a0, b0, 0);
        let (t1, c) = sbb(a1, b1, c);
        let (t2, c) = sbb(a2, b2, c);
        let (t3, c) = sbb(a3, b3, c);
        let mask = c.wrapping_neg();
        let [p0, p1, p2, p3] = P;
        let (t0, c) = adc(t0, p0 & mask, 0);
        let (t1, c) = adc(t1, p1 & mask, c);
        let (t2, c) = adc(t2, p2 & mask, c);
        let (t3, _) = adc(t3, p3 & mask, c);
        Self([t0, t1, t2, t3])
    }

    #[inline]
    fn mul(&self, other: &Self) -> Self {
        let [a0, a1, a2, a3] = self.0;
        let [b0, b1, b2, b3] = other.0;

        let (t0, c) = mac(0, a0, b0, 0);
        let (t1, c) = mac(0, a1, b0, c);
        let (t2, c) = mac(0, a2, b0, c);
        let (t3, t4) = mac(0, a3, b0, c);

        let (t1, c) = mac(t1, a0, b1, 0);
        let (t2, c) = mac(t2, a1, b1, c);
        let (t3, c) = mac(t3, a2, b1, c);
        let (t4, t5) = mac(t4, a3, b1, c);

        let (t2, c) = mac(t2, a0, b2, 0);
        let (t3, c) = mac(t3, a1, b2, c);
        let (t4, c) = mac(t4, a2, b2, c);
        let (t5, t6) = mac(t5, a3, b2, c);

        let (t3, c) = mac(t3, a0, b3, 0);
        let (t4, c) = mac(t4, a1, b3, c);
        let (t5, c) = mac(t5, a2, b3, c);
        let (t6, t7) = mac(t6, a3, b3, c);

        reduced([t0, t1, t2, t3, t4, t5, t6, t7])
    }

    #[inline]
    fn square(&self) -> Self {
        let [a0, a1, a2, a3] = self.0;

        let (t1, c) = mac(0, a0, a1, 0);
        let (t2, c) = mac(0, a0, a2, c);
        let (t3, t4) = mac(0, a0, a3, c);
        let (t3, c) = mac(t3, a1, a2, 0);
        let (t4, t5) = mac(t4, a1, a3, c);
        let (t5, t6) = mac(t5, a2, a3, 0);

        let t7 = t6 >> 63;
        let t6 = (t6 << 1) | (t5 >> 63);
        let t5 = (t5 << 1) | (t4 >> 63);
        let t4 = (t4 << 1) | (t3 >> 63);
        let t3 = (t3 << 1) | (t2 >> 63);
        let t2 = (t2 << 1) | (t1 >> 63);
        let t1 = t1 << 1;

        let (t0, c) = mac(0, a0, a0, 0);
        let (t1, c) = adc(t1, c, 0);
        let (low, high) = mac(0, a1, a1, 0);
        let (t2, c) = adc(t2, low, c);
        let (t3, c) = adc(t3, high, c);
        let (low, high) = mac(0, a2, a2, 0);
        let (t4, c) = adc(t4, low, c);
        let (t5, c) = adc(t5, high, c);
        let (low, high) = mac(0, a3, a3, 0);
        let (t6, c) = adc(t6, low, c);
        let (t7, _) = adc(t7, high, c);

        reduced([t0, t1, t2, t3, t4, t5, t6, t7])
    }

    #[inline]
    fn is_zero(&self) -> bool {
        self.0 == [0; 4]
    }

    fn invert(&self) -> Self {
        self.power(&INVERTING)
    }
}

/// A number below `2^256` times the prime, divided by `2^256` modulo the prime.
#[inline]
fn reduced([t0, t1, t2, t3, t4, t5, t6, t7]: [u64; 8]) -> P256Element {
    let (t1, t2, t3, m0) = cleared(t0, t1, t2, t3);
    let (t2, t3, m0, m1) = cleared(t1, t2, t3, m0);
    let (t3, m0, m1, m2) = cleared(t2, t3, m0, m1);
    let (m0, m1, m2, m3) = cleared(t3, m0, m1, m2);
    let (t4, c) = adc(t4, m0, 0);
    let (t5, c) = adc(t5, m1, c);
    let (t6, c) = adc(t6, m2, c);
    let (t7, c) = adc(t7, m3, c);
    reduced_once([t4, t5, t6, t7], c)
}

/// One step of the reduction: the multiple of the prime that makes the lowest limb `m` zero is
/// added, and the limb dropped. No carry leaves the limb that the step makes.
#[inline(always)]
fn cleared(m: u64, t1: u64, t2: u64, t3: u64) -> (u64, u64, u64, u64) {
    let [_, _, _, p3] = P;
    // m + m·(2^64 - 1) = m·2^64, and that with the limb above, m·2^64·(2^32 - 1), is m·2^96.
    let (t1, c) = adc(t1, m << 32, 0);
    let (t2, c) = adc(t2, m >> 32, c);
    let (t3, t4) = mac(t3, m, p3, c);
    (t1, t2, t3, t4)
}

/// A number below twice the prime, whose bit 256 is `high`.
#[inline(always)]
fn reduced_once([t0, t1, t2, t3]: [u64; 4], high: u64) -> P256Element {
    let [p0, p1, p2, p3] = P;
    let (s0, c) = sbb(t0, p0, 0);
    let (s1, c) = sbb(t1, p1, c);
    let (s2, c) = sbb(t2, p2, c);
    let (s3, c) = sbb(t3, p3, c);
    let (_, c) = sbb(high, 0, c);
    let keep = c.wrapping_neg();
    let pick = |t: u64, s: u64| s ^ (keep & (s ^ t));
    P256Element([pick(t0, s0), pick(t1, s1), pick(t2, s2), pick(t3, s3)])
}

#[cfg(test)]
mod tests {
    use fiat_crypto::p256_64::{
        fiat_p256_add as fiat_add, fiat_p256_montgomery_domain_field_element as Fiat,
        fiat_p256_mul as fiat_mul, fiat_p256_square as fiat_square, fiat_p256_sub as fiat_sub,
    };
    use p256::elliptic_curve::bigint::{NonZero, U256 as Integer};

    use super::super::tests::{elements, montgomery_tests};
    use super::{P, P256Element as Element, R2};
    use crate::precomputed::field::Field;

    montgomery_tests!(4);
}
