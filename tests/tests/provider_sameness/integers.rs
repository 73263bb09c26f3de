//! Big-endian integers of one length, as far as edge cases need them.

use std::cmp::Ordering;

/// `a + b` and whether it overflowed.
pub(crate) fn add(a: &[u8], b: &[u8]) -> (Vec<u8>, bool) {
    assert_eq!(a.len(), b.len());
    let mut carry = 0;
    let mut sum: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let column = u16::from(*a) + u16::from(*b) + carry;
            carry = column >> 8;
            column as u8
        })
        .collect();
    sum.reverse();
    (sum, carry != 0)
}

/// `a - b`, wrapped around if `b` is greater.
pub(crate) fn sub(a: &[u8], b: &[u8]) -> Vec<u8> {
    let complement: Vec<u8> = b.iter().map(|octet| !octet).collect();
    add(&add(a, &complement).0, &small(1, a.len())).0
}

/// `a + b mod n`, for `a` and `b` below `n`.
pub(crate) fn add_mod(a: &[u8], b: &[u8], n: &[u8]) -> Vec<u8> {
    let (sum, overflow) = add(a, b);
    if overflow || sum.as_slice().cmp(n) != Ordering::Less {
        sub(&sum, n)
    } else {
        sum
    }
}

/// `-a mod n`, for `a` below `n`.
pub(crate) fn negated(a: &[u8], n: &[u8]) -> Vec<u8> {
    let zero = small(0, a.len());
    if a == zero { zero } else { sub(n, a) }
}

pub(crate) fn small(value: u8, len: usize) -> Vec<u8> {
    let mut octets = vec![0; len];
    octets[len - 1] = value;
    octets
}
