//! The prime of Curve25519, `2^255 - 19`, in four limbs of 64 bits.
//!
//! `2^255` is 19 modulo the prime and `2^256`, the place after the fourth limb, is 38. Numbers
//! stay below `2^256` and are brought below the prime in the end only.

use super::Field;
use super::limbs::{adc, mul, sbb};

/// A number below `2^255 + 2^11`, in limbs from the lowest. So it may be a little above the
/// prime.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Element25519([u64; 4]);

/// The sum or the difference of two elements, any number below `2^256`: a factor, and no more.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Unreduced([u64; 4]);

/// What can be multiplied: any number below `2^256`.
pub(in super::super) trait Factor {
    fn limbs(&self) -> &[u64; 4];
}

impl Factor for Element25519 {
    #[inline(always)]
    fn limbs(&self) -> &[u64; 4] {
        &self.0
    }
}

impl Factor for Unreduced {
    #[inline(always)]
    fn limbs(&self) -> &[u64; 4] {
        &self.0
    }
}

/// The product of two factors.
#[inline(always)]
pub(in super::super) fn product(a: &impl Factor, b: &impl Factor) -> Element25519 {
    let (a, [b0, b1, b2, b3]) = (a.limbs(), b.limbs());
    let [t0, t1, t2, t3, t4] = row(a, *b0);
    let (t1, t2, t3, t4, t5) = with_row([t1, t2, t3, t4], row(a, *b1));
    let (t2, t3, t4, t5, t6) = with_row([t2, t3, t4, t5], row(a, *b2));
    let (t3, t4, t5, t6, t7) = with_row([t3, t4, t5, t6], row(a, *b3));
    folded([t0, t1, t2, t3], [t4, t5, t6, t7])
}

impl Element25519 {
    /// The number of these limbs, which is below the prime.
    pub(in super::super) const fn from_limbs(limbs: [u64; 4]) -> Self {
        Self(limbs)
    }

    /// The number below the prime, little-endian (RFC 8032 section 5.1.2).
    pub(in super::super) fn to_octets(self) -> [u8; 32] {
        // With 19 more it reaches 2^255 if it reaches the prime, twice which it does not reach.
        let [a0, a1, a2, a3] = self.0;
        let (b0, carry) = adc(a0, 19, 0);
        let (b1, carry) = adc(a1, 0, carry);
        let (b2, carry) = adc(a2, 0, carry);
        let (b3, _) = adc(a3, 0, carry);
        let limbs = if b3 >> 63 == 0 {
            self.0
        } else {
            [b0, b1, b2, b3 & LOW_63]
        };
        let mut octets = [0; 32];
        for (octets, limb) in octets.as_chunks_mut::<8>().0.iter_mut().zip(limbs) {
            *octets = limb.to_le_bytes();
        }
        octets
    }

    /// Whether the number below the prime is odd.
    pub(in super::super) fn is_odd(&self) -> bool {
        let [lowest, ..] = self.to_octets();
        lowest & 1 == 1
    }

    /// The sum, to be multiplied.
    #[inline(always)]
    pub(in super::super) fn plus(&self, other: &Self) -> Unreduced {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, other.0);
        let (t0, carry) = adc(a0, b0, 0);
        let (t1, carry) = adc(a1, b1, carry);
        let (t2, carry) = adc(a2, b2, carry);
        let (t3, carry) = adc(a3, b3, carry);
        // The sum is below 2^256 + 2^12: where it reaches 2^256 there is room in the lowest limb.
        let t0 = t0.wrapping_add(carry.wrapping_neg() & 38);
        Unreduced([t0, t1, t2, t3])
    }

    /// The difference, to be multiplied.
    #[inline(always)]
    pub(in super::super) fn minus(&self, other: &Self) -> Unreduced {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, other.0);
        let (t0, borrow) = sbb(a0, b0, 0);
        let (t1, borrow) = sbb(a1, b1, borrow);
        let (t2, borrow) = sbb(a2, b2, borrow);
        let (t3, borrow) = sbb(a3, b3, borrow);
        // Where 2^256 was borrowed, what is left is above 2^254: 38 can be taken away.
        let (t0, borrow) = sbb(t0, borrow.wrapping_neg() & 38, 0);
        let (t1, borrow) = sbb(t1, 0, borrow);
        let (t2, borrow) = sbb(t2, 0, borrow);
        Unreduced([t0, t1, t2, t3.wrapping_sub(borrow)])
    }

    /// This element to the power of `2^times`.
    fn squared(&self, times: u32) -> Self {
        let mut square = *self;
        for _ in 0..times {
            square = square.square();
        }
        square
    }

    /// This element to the powers of `2^250 - 1` and of 11.
    fn powers(&self) -> (Self, Self) {
        let two = self.square();
        let nine = two.squared(2).mul(self);
        let eleven = nine.mul(&two);
        // From here on the exponents are 2^n - 1.
        let n5 = eleven.square().mul(&nine);
        let n10 = n5.squared(5).mul(&n5);
        let n20 = n10.squared(10).mul(&n10);
        let n40 = n20.squared(20).mul(&n20);
        let n50 = n40.squared(10).mul(&n10);
        let n100 = n50.squared(50).mul(&n50);
        let n200 = n100.squared(100).mul(&n100);
        let n250 = n200.squared(50).mul(&n50);
        (n250, eleven)
    }

    /// This element to the power of `(p - 5) / 8`, which is `2^252 - 3`.
    pub(in super::super) fn power_for_a_root(&self) -> Self {
        let (n250, _) = self.powers();
        n250.squared(2).mul(self)
    }
}

impl Unreduced {
    pub(in super::super) fn reduced(&self) -> Element25519 {
        reduced(self.0, 0)
    }
}

impl Field for Element25519 {
    const ZERO: Self = Self([0; 4]);
    const ONE: Self = Self([1, 0, 0, 0]);

    /// Little-endian (RFC 8032 section 5.1.3).
    fn from_octets(octets: &[u8]) -> Option<Self> {
        let octets: &[u8; 32] = octets.try_into().ok()?;
        let mut limbs = [0; 4];
        for (limb, octets) in limbs.iter_mut().zip(octets.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*octets);
        }
        // A number below the prime has no more bits.
        let [.., highest] = limbs;
        (highest <= LOW_63).then_some(Self(limbs))
    }

    fn add(&self, other: &Self) -> Self {
        self.plus(other).reduced()
    }

    fn sub(&self, other: &Self) -> Self {
        self.minus(other).reduced()
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        product(self, other)
    }

    /// Six products could be saved; what they would save in time was lost in waiting for carries.
    #[inline(always)]
    fn square(&self) -> Self {
        product(self, self)
    }

    fn is_zero(&self) -> bool {
        self.to_octets() == [0; 32]
    }

    /// By Fermat: the power of `p - 2`, which is `2^255 - 21`.
    fn invert(&self) -> Self {
        let (n250, eleven) = self.powers();
        n250.squared(5).mul(&eleven)
    }
}

const LOW_63: u64 = u64::MAX >> 1;

/// The product of four limbs and one. Its halves are added in one chain of carries.
#[inline(always)]
fn row([a0, a1, a2, a3]: &[u64; 4], b: u64) -> [u64; 5] {
    let (l0, h0) = mul(*a0, b);
    let (l1, h1) = mul(*a1, b);
    let (l2, h2) = mul(*a2, b);
    let (l3, h3) = mul(*a3, b);
    let (t1, carry) = adc(l1, h0, 0);
    let (t2, carry) = adc(l2, h1, carry);
    let (t3, carry) = adc(l3, h2, carry);
    // The product is below 2^320.
    [l0, t1, t2, t3, h3.wrapping_add(carry)]
}

/// The upper limbs of a product so far and its next row, which is below what the place above
/// them could hold.
#[inline(always)]
fn with_row(
    [t0, t1, t2, t3]: [u64; 4],
    [r0, r1, r2, r3, r4]: [u64; 5],
) -> (u64, u64, u64, u64, u64) {
    let (t0, carry) = adc(t0, r0, 0);
    let (t1, carry) = adc(t1, r1, carry);
    let (t2, carry) = adc(t2, r2, carry);
    let (t3, carry) = adc(t3, r3, carry);
    (t0, t1, t2, t3, r4.wrapping_add(carry))
}

/// A number of eight limbs: 38 times the upper four are added to the lower.
#[inline(always)]
fn folded([t0, t1, t2, t3]: [u64; 4], upper: [u64; 4]) -> Element25519 {
    let [r0, r1, r2, r3, r4] = row(&upper, 38);
    let (t0, carry) = adc(t0, r0, 0);
    let (t1, carry) = adc(t1, r1, carry);
    let (t2, carry) = adc(t2, r2, carry);
    let (t3, carry) = adc(t3, r3, carry);
    // The sum is below 39·2^256.
    reduced([t0, t1, t2, t3], r4.wrapping_add(carry))
}

/// A number of four limbs and at most 38 above them.
#[inline(always)]
fn reduced([t0, t1, t2, t3]: [u64; 4], above: u64) -> Element25519 {
    // From 2^255 on there is 77 at most, which is 1463 in the lowest limb.
    let above = (above << 1 | t3 >> 63).wrapping_mul(19);
    let (t0, carry) = adc(t0, above, 0);
    let (t1, carry) = adc(t1, 0, carry);
    let (t2, carry) = adc(t2, 0, carry);
    Element25519([t0, t1, t2, (t3 & LOW_63).wrapping_add(carry)])
}

#[cfg(test)]
mod tests;
