//! Arithmetic modulo the primes of the curves, for public data only.

use alloc::vec::Vec;

#[cfg(feature = "ed25519")]
mod f25519;
#[cfg(any(feature = "p256", feature = "p384", feature = "ed25519"))]
mod limbs;
#[cfg(feature = "p256")]
mod p256;
#[cfg(feature = "p384")]
mod p384;
#[cfg(feature = "p521")]
mod p521;

#[cfg(feature = "ed25519")]
pub(super) use f25519::{Element25519, product};
#[cfg(feature = "p256")]
pub(super) use p256::P256Element;
#[cfg(feature = "p384")]
pub(super) use p384::P384Element;
#[cfg(feature = "p521")]
pub(super) use p521::P521Element;

/// An element of a prime field. Nothing here runs in constant time by promise.
#[cfg_attr(
    not(any(feature = "p256", feature = "p384", feature = "p521")),
    allow(dead_code, reason = "Ed25519 needs less of it")
)]
pub(super) trait Field: Copy + Send + Sync + 'static {
    const ZERO: Self;
    const ONE: Self;

    /// The element of a number below the prime, of the field's full length and in the order of
    /// octets that the curve's standard has; `None` where the length is another one.
    fn from_octets(octets: &[u8]) -> Option<Self>;

    fn add(&self, other: &Self) -> Self;
    fn sub(&self, other: &Self) -> Self;
    fn mul(&self, other: &Self) -> Self;
    fn square(&self) -> Self;
    fn is_zero(&self) -> bool;

    fn double(&self) -> Self {
        self.add(self)
    }

    fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    /// The inverse; of zero it is zero.
    fn invert(&self) -> Self;

    /// The element to the power of a big-endian number.
    fn power(&self, exponent: &[u8]) -> Self {
        // Four bits of the exponent at a time.
        let mut power = Self::ONE;
        let powers: [Self; 16] = core::array::from_fn(|_| {
            let this = power;
            power = power.mul(self);
            this
        });
        let mut result = Self::ONE;
        for octet in exponent {
            for nibble in [octet >> 4, octet & 15] {
                result = result.square().square().square().square();
                if let Some(power) = powers.get(usize::from(nibble)) {
                    result = result.mul(power);
                }
            }
        }
        result
    }
}

/// Inverts every element with one inversion and three multiplications each. Zeros spoil the
/// others: the callers have none, and whatever is built of the result is checked.
pub(super) fn invert_all<F: Field>(elements: &mut [F], products: &mut Vec<F>) {
    products.clear();
    let mut product = F::ONE;
    for element in &*elements {
        products.push(product);
        product = product.mul(element);
    }
    let mut inverse = product.invert();
    for (element, before) in elements.iter_mut().zip(products.iter()).rev() {
        let this = inverse.mul(before);
        inverse = inverse.mul(element);
        *element = this;
    }
}

#[cfg(test)]
mod tests;
