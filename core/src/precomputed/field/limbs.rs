//! Sums and products of limbs of 64 bits. None of them overflows.

/// `a·b + sum + carry`, which always fits: low, high.
#[inline(always)]
#[cfg(any(feature = "p256", feature = "p384"))]
pub(super) fn mac(sum: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let product = u128::from(a).wrapping_mul(u128::from(b));
    split(
        product
            .wrapping_add(u128::from(sum))
            .wrapping_add(u128::from(carry)),
    )
}

/// `a·b`: low, high.
#[inline(always)]
#[cfg(feature = "ed25519")]
pub(super) fn mul(a: u64, b: u64) -> (u64, u64) {
    split(u128::from(a).wrapping_mul(u128::from(b)))
}

/// `a + b + carry`: the limb and the carry.
#[inline(always)]
pub(super) fn adc(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(carry);
    (sum, u64::from(first | second))
}

/// `a - b - borrow`: the limb and the borrow.
#[inline(always)]
pub(super) fn sbb(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(borrow);
    (difference, u64::from(first | second))
}

/// The low and the high limb.
#[inline(always)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    reason = "the low half is meant"
)]
fn split(wide: u128) -> (u64, u64) {
    (wide as u64, (wide >> 64) as u64)
}
