//! The multiples of one point that a product with any scalar is a sum of.

use alloc::vec::Vec;

use super::budget::Reservation;
use super::digits;
use super::field::{Field, invert_all};
use super::point::{Affine, Xyzz, slope};
use super::tables::with_room;

/// `j * 2^(width * i) * P` for every digit's place `i` and every `j` from 1 to `2^(width - 1)`.
pub(super) struct Table<F> {
    width: u32,
    places: u32,
    /// Place by place, in each from 1 up.
    entries: Vec<Affine<F>>,
    _memory: Reservation,
}

impl<F: Field> Table<F> {
    /// The table for scalars of so many bits, or `None` where there is no memory for it.
    ///
    /// The point must have a large prime order, else the entries are wrong.
    pub(super) fn build(point: &Affine<F>, bits: u32, width: u32) -> Option<Self> {
        let places = digits::count(bits, width);
        let each = 1usize.checked_shl(width.checked_sub(1)?)?.max(1);
        let len = each.checked_mul(usize::try_from(places).ok()?)?;
        let memory = Reservation::new(len.checked_mul(size_of::<Affine<F>>())?)?;
        let mut entries = with_room(len)?;
        // Inversions are dear, so that each serves all places: half the entries are the most
        // that are made at a time.
        let (mut inverses, mut products) = (with_room(len)?, with_room(len)?);

        let mut bases = with_room::<Xyzz<F>>(len)?;
        let mut base = Xyzz::from_affine(point);
        for _ in 0..places {
            bases.push(base);
            for _ in 0..width {
                base = base.double();
            }
        }
        inverses.extend(bases.iter().map(|base| base.zzz));
        invert_all(&mut inverses, &mut products);
        for (base, inverse) in bases.iter().zip(&inverses) {
            let base = base.normalised(inverse);
            entries.extend(core::iter::repeat_n(base, each));
        }

        let mut have = 1;
        while have < each {
            inverses.clear();
            for place in entries.chunks_exact(each) {
                let (known, _) = place.split_at_checked(have)?;
                let (last, smaller) = known.split_last()?;
                inverses.extend(smaller.iter().map(|entry| last.x.sub(&entry.x)));
                inverses.push(last.y.double());
            }
            invert_all(&mut inverses, &mut products);
            let places = entries.chunks_exact_mut(each);
            for (place, inverses) in places.zip(inverses.chunks_exact(have.max(1))) {
                extend(place, have, inverses)?;
            }
            have = have.checked_mul(2)?;
        }
        Some(Self {
            width,
            places,
            entries,
            _memory: memory,
        })
    }

    fn entry(&self, place: u32, digit: usize) -> Option<&Affine<F>> {
        self.entries
            .get(digits::position(self.width, place, digit)?)
    }
}

/// Makes the entries `have + 1 ..= 2 * have` of one place from those up to `have`: the last of
/// them and each of them, itself included, added. The inverses are those of the denominators of
/// the slopes.
fn extend<F: Field>(place: &mut [Affine<F>], have: usize, inverses: &[F]) -> Option<()> {
    let (known, new) = place.split_at_mut_checked(have)?;
    let (last, smaller) = known.split_last()?;
    let (inverse_of_last, inverses) = inverses.split_last()?;
    let (new, rest) = new.split_at_mut_checked(smaller.len())?;
    let sum = |other: &Affine<F>, slope: F| {
        let x = slope.square().sub(&last.x).sub(&other.x);
        let y = slope.mul(&last.x.sub(&x)).sub(&last.y);
        Affine { x, y }
    };
    for ((slot, other), inverse) in new.iter_mut().zip(smaller).zip(inverses) {
        *slot = sum(other, last.y.sub(&other.y).mul(inverse));
    }
    *rest.first_mut()? = sum(last, slope(&last.x, &F::ONE).mul(inverse_of_last));
    Some(())
}

/// A sum of multiples of points that have tables. None of anything is infinity.
pub(super) struct Sum<F>(Option<Xyzz<F>>);

impl<F: Field> Sum<F> {
    pub(super) const ZERO: Self = Self(None);

    /// Adds a multiple, the scalar big-endian and below the group's order. `None` where the
    /// formula of addition does not hold on the way: the sum is then somebody else's task.
    #[inline]
    pub(super) fn add(mut self, table: &Table<F>, scalar: &[u8]) -> Option<Self> {
        for place in 0..table.places {
            let (is_negative, digit) = digits::digit(scalar, table.width, place);
            if digit == 0 {
                continue;
            }
            let entry = table.entry(place, digit)?;
            let entry = if is_negative { entry.neg() } else { *entry };
            self.0 = Some(match &self.0 {
                Some(sum) => sum.add_affine(&entry)?,
                None => Xyzz::from_affine(&entry),
            });
        }
        Some(self)
    }

    /// `None` is infinity.
    pub(super) fn point(&self) -> Option<&Xyzz<F>> {
        self.0.as_ref()
    }
}
