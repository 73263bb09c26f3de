//! Numbers on a NIST curve that are worth a try.

use super::curve::Curve;
use super::nist_key::order;
use crate::Input;
use crate::ecdsa::{add, subtract};

/// A number where something changes, or one beside it.
pub(super) fn edge<C: Curve>(input: &mut Input<'_>) -> Vec<u8> {
    let order = order::<C>();
    let half = C::octets(C::invert(C::Scalar::from(2)).expect("two is not zero"));
    let gap = subtract(&C::prime(), &order);
    let power = {
        let mut power = vec![0; C::OCTETS];
        let bit = input.below(8 * C::OCTETS);
        power[C::OCTETS - 1 - bit / 8] = 1 << (bit % 8);
        power
    };
    let zero = vec![0; C::OCTETS];
    let ones = vec![0xff; C::OCTETS];
    let prime = C::prime();
    let start = input.one_of(&[&zero, &order, &half, &gap, &prime, &power, &ones]);
    let near = C::octets(C::Scalar::from(u64::from(input.octet() / 4 % 4)));
    match input.octet() % 2 {
        0 => add(start, &near).unwrap_or_else(|| start.clone()),
        _ => subtract(start, &near),
    }
}

/// A scalar at an edge, or a digit of a table, or any.
pub(super) fn scalar<C: Curve>(input: &mut Input<'_>) -> C::Scalar {
    let shift = input.below(C::BITS);
    let digit = C::Scalar::from(1 + u64::from(input.octet() % 64));
    let scalar = match input.octet() % 4 {
        0 => digit,
        1 | 2 => (0..shift).fold(digit, |power, _| power + power),
        _ => {
            let octets = C::reduce(input.octets(C::OCTETS));
            octets + digit
        }
    };
    if input.octet() % 2 == 0 {
        scalar
    } else {
        -scalar
    }
}

/// What the digits below a place add up to: the low bits, as a signed number.
pub(super) fn low<C: Curve>(scalar: C::Scalar, bits: usize) -> C::Scalar {
    if bits == 0 {
        return C::Scalar::from(0);
    }
    if bits > C::BITS {
        return scalar;
    }
    let mut octets = C::octets(scalar);
    let mut top = false;
    for (place, octet) in octets.iter_mut().rev().enumerate() {
        let below = bits.saturating_sub(8 * place).min(8);
        if (1..=8).contains(&below) && bits <= 8 * (place + 1) {
            top = *octet >> (below - 1) & 1 == 1;
        }
        *octet &= u8::try_from((1u16 << below) - 1).expect("an octet");
    }
    let value = C::reduce(&octets);
    if !top {
        return value;
    }
    value - (0..bits).fold(C::Scalar::from(1), |power, _| power + power)
}
