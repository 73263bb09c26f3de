//! Powers modulo an odd number, by Montgomery's multiplication.
//!
//! Everything here is public (a modulus, a signature), so time may depend on the numbers. Numbers
//! are slices of words, the lowest first, all as long as the modulus: the same code serves every
//! size, and nothing is allocated but the key.

use super::{MAX_OCTETS, Words, zeroed};
use crate::error::Error;

#[cfg(target_pointer_width = "64")]
pub(super) type Word = u64;
#[cfg(target_pointer_width = "64")]
type Wide = u128;
#[cfg(not(target_pointer_width = "64"))]
pub(super) type Word = u32;
#[cfg(not(target_pointer_width = "64"))]
type Wide = u64;

const WORD_OCTETS: usize = size_of::<Word>();
pub(super) const MAX_WORDS: usize = MAX_OCTETS.div_ceil(WORD_OCTETS);

/// An odd modulus, with what multiplication needs of it.
pub(super) struct Modulus {
    n: Words,
    /// R^2 mod n, where R is the first power of 2 that does not fit the words of n.
    r2: Words,
    /// -1/n modulo the size of a word.
    k0: Word,
}

impl Modulus {
    /// Of an odd number without leading zero octets.
    pub(super) fn new(octets: &[u8]) -> Result<Self, Error> {
        let len = octets.len().div_ceil(WORD_OCTETS);
        let (mut n, mut r2) = (zeroed(len)?, zeroed(len)?);
        load(&mut n, octets);
        let k0 = negative_inverse(n.first().copied().unwrap_or_default());
        square_of_r(&n, k0, &mut r2)?;
        Ok(Self { n, r2, k0 })
    }

    /// Writes `base ^ exponent mod n` to `power`, both big-endian and as long as the modulus was.
    /// `None` if the base is not below the modulus, or the exponent is not odd or below 3.
    pub(super) fn power(&self, base: &[u8], exponent: u64, power: &mut [u8]) -> Option<()> {
        let mut buffers = [[0; MAX_WORDS]; 4];
        let [plain, base_r, a, b] = &mut buffers;
        let len = self.n.len();
        let (plain, base_r) = (plain.get_mut(..len)?, base_r.get_mut(..len)?);
        let (mut a, mut b) = (a.get_mut(..len)?, b.get_mut(..len)?);
        load(plain, base);
        if !is_below(plain, &self.n) || exponent & 1 == 0 || exponent < 3 {
            return None;
        }
        self.multiply(plain, &self.r2, base_r);
        copy_to(a, base_r);
        // From the second highest bit of the exponent down to the second lowest.
        for bit in (1..exponent.ilog2()).rev() {
            self.multiply(a, a, b);
            core::mem::swap(&mut a, &mut b);
            if (exponent >> bit) & 1 == 1 {
                self.multiply(a, base_r, b);
                core::mem::swap(&mut a, &mut b);
            }
        }
        // The lowest bit is set. To multiply by the plain base removes the factor R.
        self.multiply(a, a, b);
        self.multiply(b, plain, a);
        store(a, power);
        Some(())
    }

    fn multiply(&self, a: &[Word], b: &[Word], product: &mut [Word]) {
        multiply(a, b, &self.n, self.k0, product);
    }
}

impl PartialEq for Modulus {
    fn eq(&self, other: &Self) -> bool {
        *self.n == *other.n
    }
}

/// `a * b / R mod n`, below n if a and b are. Each round adds one word's multiple of `b`, then
/// the multiple of `n` that makes the lowest word zero, and shifts that word out.
fn multiply(a: &[Word], b: &[Word], n: &[Word], k0: Word, product: &mut [Word]) {
    let (Some((b0, b_rest)), Some((n0, n_rest))) = (b.split_first(), n.split_first()) else {
        return;
    };
    product.fill(0);
    let mut top = 0;
    for word in a {
        let Some((mut slot, rest)) = product.split_first_mut() else {
            return;
        };
        let (low, mut carry_b) = multiply_add(*word, *b0, *slot, 0);
        let factor = low.wrapping_mul(k0);
        let (_, mut carry_n) = multiply_add(factor, *n0, low, 0);
        for ((next, b), n) in rest.iter_mut().zip(b_rest).zip(n_rest) {
            let low;
            (low, carry_b) = multiply_add(*word, *b, *next, carry_b);
            (*slot, carry_n) = multiply_add(factor, *n, low, carry_n);
            slot = next;
        }
        (*slot, top) = add(carry_b, carry_n, top);
    }
    // Below 2n: a < n and b < n, and R > n.
    if top != 0 || !is_below(product, n) {
        subtract(product, n);
    }
}

/// `a * b + c + d`, low word and high word: it fits exactly.
#[inline(always)]
fn multiply_add(a: Word, b: Word, c: Word, d: Word) -> (Word, Word) {
    let product = Wide::from(a).wrapping_mul(Wide::from(b));
    split(
        product
            .wrapping_add(Wide::from(c))
            .wrapping_add(Wide::from(d)),
    )
}

/// The sum of three words, low word and high word.
fn add(a: Word, b: Word, c: Word) -> (Word, Word) {
    split(
        Wide::from(a)
            .wrapping_add(Wide::from(b))
            .wrapping_add(Wide::from(c)),
    )
}

/// The low and the high word.
#[expect(clippy::as_conversions, reason = "to cut off is the purpose")]
#[inline(always)]
const fn split(wide: Wide) -> (Word, Word) {
    (wide as Word, (wide >> Word::BITS) as Word)
}

/// Copies a number to one of the same length.
fn copy_to(to: &mut [Word], from: &[Word]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

fn is_below(a: &[Word], b: &[Word]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// `a - b`, without the borrow of the highest word.
fn subtract(a: &mut [Word], b: &[Word]) {
    let mut borrow = false;
    for (a, b) in a.iter_mut().zip(b) {
        let (difference, first) = a.overflowing_sub(*b);
        let (difference, second) = difference.overflowing_sub(Word::from(borrow));
        *a = difference;
        borrow = first | second;
    }
}

/// `2a mod n`, for `a` below `n`.
fn double(a: &mut [Word], n: &[Word]) {
    let mut carry = 0;
    for word in a.iter_mut() {
        let high = *word >> (Word::BITS - 1);
        *word = (*word << 1) | carry;
        carry = high;
    }
    if carry != 0 || !is_below(a, n) {
        subtract(a, n);
    }
}

/// R^2 mod n without a division: doubling gives R * 2^odd, and each Montgomery square then
/// doubles the power of 2 behind R, until it is that of R itself.
fn square_of_r(n: &[Word], k0: Word, r2: &mut [Word]) -> Result<(), Error> {
    let (Some(n_top), Some(r2_top)) = (n.last(), r2.last_mut()) else {
        return Err(Error::Internal);
    };
    // The highest bit of n alone: below n, since n is odd and longer than a bit.
    let unused = n_top.leading_zeros();
    let bit = Word::BITS.wrapping_sub(1).wrapping_sub(unused);
    *r2_top = Word::checked_shl(1, bit).ok_or(Error::Internal)?;
    (0..=unused).for_each(|_| double(r2, n));

    let bits = n.len().saturating_mul(WORD_OCTETS).saturating_mul(8);
    let squares = bits.trailing_zeros();
    let doublings = bits.checked_shr(squares).unwrap_or_default();
    (0..doublings).for_each(|_| double(r2, n));
    let mut copy = [0; MAX_WORDS];
    let copy = copy.get_mut(..n.len()).ok_or(Error::Internal)?;
    for _ in 0..squares {
        copy_to(copy, r2);
        multiply(copy, copy, n, k0, r2);
    }
    Ok(())
}

/// -1/n modulo the size of a word, for odd n: Newton's iteration doubles the right bits, of which
/// there are three at first (n * n is 1 modulo 8).
fn negative_inverse(n: Word) -> Word {
    let mut inverse = n;
    for _ in 0..5 {
        let error: Word = Word::wrapping_sub(2, n.wrapping_mul(inverse));
        inverse = inverse.wrapping_mul(error);
    }
    inverse.wrapping_neg()
}

/// Words of a big-endian number that is no longer than they are.
fn load(words: &mut [Word], octets: &[u8]) {
    words.fill(0);
    for (word, chunk) in words.iter_mut().zip(octets.rchunks(WORD_OCTETS)) {
        *word = chunk
            .iter()
            .fold(0, |word, octet| (word << 8) | Word::from(*octet));
    }
}

/// The lowest octets of a number, big-endian.
fn store(words: &[Word], octets: &mut [u8]) {
    for (word, chunk) in words.iter().zip(octets.rchunks_mut(WORD_OCTETS)) {
        let low_first = word.to_le_bytes();
        let octets = chunk.iter_mut().rev().zip(low_first);
        octets.for_each(|(to, octet)| *to = octet);
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn the_inverse_of_every_low_word_is_exact() {
        for n in (1..2000)
            .step_by(2)
            .chain([Word::MAX, Word::MAX / 3, 1 << 31 | 1])
        {
            assert_eq!(n.wrapping_mul(negative_inverse(n)), Word::MAX, "{n}");
        }
    }

    /// 2^k mod n, computed by doubling alone: R^2 of a modulus of every length of the top word.
    #[test]
    fn the_square_of_r_is_right_for_every_number_of_unused_bits() {
        for octets in [9, 16, 17, 20, 24, 256, 257, 384] {
            for top in [1, 2, 3, 0x40, 0x7f, 0x80, 0xff] {
                let mut number = vec![0xff; octets];
                number[0] = top;
                let modulus = Modulus::new(&number).unwrap();
                let len = modulus.n.len();
                let mut expected = vec![0; len];
                expected[0] = 1;
                for _ in 0..2 * len * 8 * WORD_OCTETS {
                    double(&mut expected, &modulus.n);
                }
                assert_eq!(*modulus.r2, *expected, "{octets} {top}");
            }
        }
    }

    /// Moduli of every accepted size of interest and many numbers, against num-bigint.
    #[test]
    fn powers_are_those_of_another_implementation() {
        use num_bigint::BigUint;

        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |octets: usize| -> Vec<u8> {
            let next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_be_bytes()[3]
            };
            std::iter::repeat_with(next).take(octets).collect()
        };
        let bits = (2048..=2113).chain([3071, 3072, 3073, 4095, 4096, 4097, 6000, 8191, 8192]);
        for bits in bits.filter(|bits| *bits <= MAX_OCTETS * 8) {
            let octets = bits.div_ceil(8);
            let top = 0x80_u8 >> (octets * 8 - bits);
            let mut n = random(octets);
            n[0] = (n[0] & (top - 1)) | top;
            n[octets - 1] |= 1;
            let modulus = Modulus::new(&n).unwrap();
            let mut below = random(octets);
            below[0] = 0;
            let mut n_minus_1 = n.clone();
            n_minus_1[octets - 1] -= 1;
            let mut ones = vec![0xff; octets];
            ones[0] = top - 1;
            for (base, exponent) in [(&below, 65537), (&n_minus_1, 3), (&ones, 0x1_0000_0001_u64)] {
                let [number, of] = [base, &n].map(|octets| BigUint::from_bytes_be(octets));
                let expected = number.modpow(&BigUint::from(exponent), &of);
                let mut power = vec![0; octets];
                modulus.power(base, exponent, &mut power).unwrap();
                assert_eq!(BigUint::from_bytes_be(&power), expected, "{bits} bits");
            }
        }
    }

    /// Small numbers, for which the words of the machine are enough.
    #[test]
    fn powers_of_small_numbers_are_those_of_plain_arithmetic() {
        let p: u64 = (1 << 61) - 1;
        let modulus = Modulus::new(&p.to_be_bytes()).unwrap();
        let multiply = |a: u64, b: u64| {
            let product = u128::from(a) * u128::from(b) % u128::from(p);
            u64::try_from(product).unwrap()
        };
        for base in [0, 1, 2, 3, 0xffff_ffff, p - 2, p - 1] {
            for exponent in [3, 5, 17, 35, 257, 65537, 0x1_ffff_ffff, p] {
                let mut expected = 1;
                for bit in (0..64).rev() {
                    expected = multiply(expected, expected);
                    if (exponent >> bit) & 1 == 1 {
                        expected = multiply(expected, base);
                    }
                }
                let mut power = [0; 8];
                modulus
                    .power(&base.to_be_bytes(), exponent, &mut power)
                    .unwrap();
                assert_eq!(u64::from_be_bytes(power), expected, "{base}^{exponent}");
            }
        }
        let mut power = [0; 8];
        let refused: Vec<_> = [(p, 3), (u64::MAX, 3), (5, 1), (5, 4)]
            .map(|(base, e)| modulus.power(&base.to_be_bytes(), e, &mut power))
            .into();
        assert_eq!(refused, [None; 4]);
    }
}
