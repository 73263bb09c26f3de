//! Points of the curve `-x^2 + y^2 = 1 + d x^2 y^2` (RFC 8032 section 5.1): affine ones, Niels'
//! form of them in tables, extended ones for sums.
//!
//! -1 is a square modulo the prime and `d` is none, so that the formulas hold for all points:
//! equal ones, opposite ones, and those of small order too.

use super::field::{Element25519 as Element, Field, product};

/// `-121665/121666`
const D: Element = Element::from_limbs([
    0x75eb_4dca_1359_78a3,
    0x0070_0a4d_4141_d8ab,
    0x8cc7_4079_7779_e898,
    0x5203_6cee_2b6f_fe73,
]);

/// A square root of -1.
const ROOT_OF_MINUS_ONE: Element = Element::from_limbs([
    0xc4ee_1b27_4a0e_a0b0,
    0x2f43_1806_ad2f_e478,
    0x2b4d_0099_3dfb_d7a7,
    0x2b83_2480_4fc1_df0b,
]);

/// 1/2
const HALF: Element = Element::from_limbs([
    0xffff_ffff_ffff_fff7,
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
    0x3fff_ffff_ffff_ffff,
]);

/// A point.
#[derive(Clone, Copy)]
pub(super) struct Affine {
    x: Element,
    y: Element,
}

impl Affine {
    /// The point of an encoding (RFC 8032 section 5.1.3). Whether `y` is below the prime is not
    /// asked.
    pub(super) fn decode(encoded: &[u8; 32]) -> Option<Self> {
        let mut octets = *encoded;
        let [.., last] = &mut octets;
        let is_odd = *last >> 7 == 1;
        *last &= 0x7f;
        let y = Element::from_octets(&octets)?;
        // x^2 = u/v. With w = u·v^3 and z = u·v^7, w·z^((p-5)/8) is a root of u/v or of -u/v.
        let square = y.square();
        let u = square.sub(&Element::ONE);
        let v = square.mul(&D).add(&Element::ONE);
        let w = v.square().mul(&v).mul(&u);
        let z = v.square().square().mul(&w);
        let x = w.mul(&z.power_for_a_root());
        let found = x.square().mul(&v);
        let x = if found.sub(&u).is_zero() {
            x
        } else if found.add(&u).is_zero() {
            x.mul(&ROOT_OF_MINUS_ONE)
        } else {
            return None;
        };
        match (is_odd, x.is_zero()) {
            (true, true) => None,
            _ if is_odd == x.is_odd() => Some(Self { x, y }),
            _ => Some(Self { x: x.neg(), y }),
        }
    }

    /// The encoding (RFC 8032 section 5.1.2), which is canonical.
    pub(super) fn encode(&self) -> [u8; 32] {
        let mut octets = self.y.to_octets();
        let [.., last] = &mut octets;
        *last |= u8::from(self.x.is_odd()) << 7;
        octets
    }

    /// Whether eight times the point is the identity.
    ///
    /// Points of the orders 1 and 2 have no `x`, those of order 4 no `y`, and those of order 8
    /// are the ones whose double has no `y`: its numerator is `x^2 + y^2`.
    pub(super) fn is_of_small_order(&self) -> bool {
        let squares = self.x.square().add(&self.y.square());
        self.x.mul(&self.y).mul(&squares).is_zero()
    }

    pub(super) fn neg(&self) -> Self {
        Self {
            x: self.x.neg(),
            y: self.y,
        }
    }
}

/// A point as an addition wants it: `(y + x)/2`, `(y - x)/2` and `d·x·y`.
///
/// All three are half of what is usual, so that an addition need not double the sum's `z`.
#[derive(Clone, Copy)]
pub(super) struct Niels {
    plus: Element,
    minus: Element,
    product: Element,
}

impl Niels {
    pub(super) fn from_affine(point: &Affine) -> Self {
        Self {
            plus: product(&point.y.plus(&point.x), &HALF),
            minus: product(&point.y.minus(&point.x), &HALF),
            product: point.x.mul(&point.y).mul(&D),
        }
    }
}

/// The point `(x/z, y/z)`, where `x·y = z·t` and `z` is not zero.
#[derive(Clone, Copy)]
pub(super) struct Extended {
    x: Element,
    y: Element,
    pub(super) z: Element,
    t: Element,
}

impl Extended {
    pub(super) const IDENTITY: Self = Self {
        x: Element::ZERO,
        y: Element::ONE,
        z: Element::ONE,
        t: Element::ZERO,
    };

    pub(super) fn from_affine(point: &Affine) -> Self {
        Self {
            x: point.x,
            y: point.y,
            z: Element::ONE,
            t: point.x.mul(&point.y),
        }
    }

    /// The sum with a point, or with its negative. ("madd-2008-hwcd-3" of the Explicit-Formulas
    /// Database, with all halved.)
    #[inline(always)]
    pub(super) fn add(&self, other: &Niels, is_negative: bool) -> Self {
        // The negative has y + x and y - x exchanged, and the other sign of d·x·y.
        let (plus, minus) = if is_negative {
            (&other.minus, &other.plus)
        } else {
            (&other.plus, &other.minus)
        };
        let a = product(&self.y.minus(&self.x), minus);
        let b = product(&self.y.plus(&self.x), plus);
        let c = self.t.mul(&other.product);
        let (e, h) = (b.minus(&a), b.plus(&a));
        let (f, g) = (self.z.minus(&c), self.z.plus(&c));
        let (f, g) = if is_negative { (g, f) } else { (f, g) };
        Self {
            x: product(&e, &f),
            y: product(&g, &h),
            z: product(&f, &g),
            t: product(&e, &h),
        }
    }

    /// Twice the point. ("dbl-2008-hwcd", with the signs of two factors turned.)
    pub(super) fn double(&self) -> Self {
        let (a, b) = (self.x.square(), self.y.square());
        let zz = self.z.square();
        let xy = self.x.mul(&self.y);
        let (e, h) = (xy.plus(&xy), a.plus(&b));
        let g = b.minus(&a);
        let f = zz.double().minus(&g.reduced());
        Self {
            x: product(&e, &f),
            y: product(&g, &h),
            z: product(&f, &g),
            t: product(&e, &h),
        }
    }

    /// The affine point, given `1/z`.
    pub(super) fn normalised(&self, inverse: &Element) -> Affine {
        Affine {
            x: self.x.mul(inverse),
            y: self.y.mul(inverse),
        }
    }
}

#[cfg(test)]
mod tests;
