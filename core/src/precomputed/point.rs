//! Points of a curve `y^2 = x^3 - 3x + b`: affine ones in tables, XYZZ ones for sums.

use super::field::Field;

/// A point other than infinity.
#[derive(Clone, Copy)]
pub(super) struct Affine<F> {
    pub(super) x: F,
    pub(super) y: F,
}

impl<F: Field> Affine<F> {
    pub(super) fn neg(&self) -> Self {
        Self {
            x: self.x,
            y: self.y.neg(),
        }
    }
}

/// The point `(x/zz, y/zzz)`, where `zz^3 = zzz^2` is not zero: never infinity.
#[derive(Clone, Copy)]
pub(super) struct Xyzz<F> {
    x: F,
    y: F,
    zz: F,
    pub(super) zzz: F,
}

impl<F: Field> Xyzz<F> {
    /// Whether this is the affine x coordinate. No inversion is needed to know.
    pub(super) fn has_x(&self, x: &F) -> bool {
        x.mul(&self.zz).sub(&self.x).is_zero()
    }

    pub(super) fn has_y(&self, y: &F) -> bool {
        y.mul(&self.zzz).sub(&self.y).is_zero()
    }

    pub(super) fn from_affine(point: &Affine<F>) -> Self {
        Self {
            x: point.x,
            y: point.y,
            zz: F::ONE,
            zzz: F::ONE,
        }
    }

    /// The sum, or `None` where the formula does not hold: a point added to itself or to its
    /// negative. ("madd-2008-s" of the Explicit-Formulas Database.)
    #[inline]
    pub(super) fn add_affine(&self, other: &Affine<F>) -> Option<Self> {
        let h = other.x.mul(&self.zz).sub(&self.x);
        let r = other.y.mul(&self.zzz).sub(&self.y);
        if h.is_zero() {
            return None;
        }
        let hh = h.square();
        let hhh = h.mul(&hh);
        let v = self.x.mul(&hh);
        let x = r.square().sub(&hhh).sub(&v.double());
        let y = r.mul(&v.sub(&x)).sub(&self.y.mul(&hhh));
        Some(Self {
            x,
            y,
            zz: self.zz.mul(&hh),
            zzz: self.zzz.mul(&hhh),
        })
    }

    /// Twice the point. A curve of odd order has no point whose double is infinity.
    /// ("dbl-2008-s-1")
    pub(super) fn double(&self) -> Self {
        let u = self.y.double();
        let v = u.square();
        let w = u.mul(&v);
        let s = self.x.mul(&v);
        let m = slope(&self.x, &self.zz.square());
        let x = m.square().sub(&s.double());
        let y = m.mul(&s.sub(&x)).sub(&w.mul(&self.y));
        Self {
            x,
            y,
            zz: v.mul(&self.zz),
            zzz: w.mul(&self.zzz),
        }
    }

    /// The affine point, given `1/zzz`.
    pub(super) fn normalised(&self, inverse: &F) -> Affine<F> {
        // zz/zzz is 1/z, and its square 1/zz.
        let z = inverse.mul(&self.zz);
        Affine {
            x: self.x.mul(&z.square()),
            y: self.y.mul(inverse),
        }
    }
}

/// `3x^2 - 3z`: the curve's `a` is -3.
pub(super) fn slope<F: Field>(x: &F, z: &F) -> F {
    let difference = x.square().sub(z);
    difference.double().add(&difference)
}
