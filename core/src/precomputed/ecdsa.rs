//! ECDSA with tables of the generator and of the key (FIPS 186-5 section 6.4.2).

use alloc::boxed::Box;

use super::field::Field;
use super::nist::{NistCurve, Numbers};
use super::point::{Affine, Xyzz};
use super::table::{Sum, Table};
use super::tables::NotBuilt;

/// What a key of the curve has when it is warm.
pub(super) struct EcdsaTables<C: NistCurve> {
    generator: &'static Table<C::Element>,
    key: Table<C::Element>,
}

impl<C: NistCurve> EcdsaTables<C> {
    /// The tables of a point that is on the curve, `x` and `y` big-endian at full length.
    pub(super) fn build(x: &[u8], y: &[u8]) -> Result<Self, NotBuilt> {
        // Two threads may both build one: the first is kept, the other dropped.
        let generator = C::generator_cell().get_or_try_init(|| {
            let (x, y) = C::GENERATOR;
            checked_table::<C>(x, y, C::GENERATOR_WIDTH).map(Box::new)
        })?;
        let key = checked_table::<C>(x, y, C::KEY_WIDTH)?;
        Ok(Self { generator, key })
    }

    /// The verdict, or `None` where the tables can't give one.
    pub(super) fn verify(&self, digest: &[u8], signature: &[u8]) -> Option<bool> {
        let Some(numbers) = C::numbers(digest, signature) else {
            return Some(false);
        };
        let Numbers { r, u1, u2 } = numbers;
        let sum = Sum::ZERO.add(self.generator, u1.as_ref())?;
        let sum = sum.add(&self.key, u2.as_ref())?;
        Some(is_x_modulo_order::<C>(sum.point()?, r.as_ref()))
    }
}

/// Whether the x coordinate of the point is `r` modulo the order: `r` itself, or `r + n` where
/// that is below the prime. (The prime is below twice the order.)
fn is_x_modulo_order<C: NistCurve>(point: &Xyzz<C::Element>, r: &[u8]) -> bool {
    let Some(element) = C::Element::from_octets(r) else {
        return false;
    };
    // Numbers of one length compare like their octets.
    point.has_x(&element)
        || (r < C::PRIME_MINUS_ORDER
            && C::Element::from_octets(C::ORDER)
                .is_some_and(|order| point.has_x(&element.add(&order))))
}

/// A table that gave the same products as the curve crate, with two scalars that depend on the
/// point and lead to both signs of every digit.
fn checked_table<C: NistCurve>(
    x: &[u8],
    y: &[u8],
    width: u32,
) -> Result<Table<C::Element>, NotBuilt> {
    let element = |octets| C::Element::from_octets(octets).ok_or(NotBuilt::Wrong);
    let point = Affine {
        x: element(x)?,
        y: element(y)?,
    };
    let table = Table::build(&point, C::ORDER_BITS, width).ok_or(NotBuilt::Memory)?;
    let agrees = C::samples(x, y).is_some_and(|samples| {
        samples.iter().all(|sample| {
            let sum = Sum::ZERO.add(&table, sample.scalar.as_ref());
            let sum = sum.as_ref().and_then(Sum::point);
            sum.is_some_and(|sum| {
                let expected = |octets: &[u8]| C::Element::from_octets(octets);
                expected(sample.x.as_ref()).is_some_and(|x| sum.has_x(&x))
                    && expected(sample.y.as_ref()).is_some_and(|y| sum.has_y(&y))
            })
        })
    });
    if agrees {
        Ok(table)
    } else {
        Err(NotBuilt::Wrong)
    }
}

#[cfg(test)]
mod tests;
