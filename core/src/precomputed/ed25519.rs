//! Ed25519 with tables of the base point and of the key (RFC 8032 section 5.1.7).
//!
//! Points are those of [`super::edwards`]; scalars modulo the order are curve25519-dalek's.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "operators of points and scalars, which wrap around by definition"
)]

use alloc::boxed::Box;
use alloc::vec::Vec;

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::ED25519_BASEPOINT_COMPRESSED;
use curve25519_dalek::edwards::CompressedEdwardsY;
use once_cell::race::OnceBox;
use sha2::{Digest, Sha512};

use super::budget::Reservation;
use super::digits;
use super::edwards::{Affine, Extended, Niels};
use super::field::{Element25519, Field, invert_all};
use super::tables::{NotBuilt, with_room};

/// Bits of a scalar below the order.
const BITS: u32 = 253;
const KEY_WIDTH: u32 = 6;
const BASE_WIDTH: u32 = 7;

static BASE: OnceBox<Table> = OnceBox::new();

/// What a key has when it is warm.
pub(super) struct Ed25519Tables {
    base: &'static Table,
    key: Table,
    encoded: [u8; 32],
}

impl Ed25519Tables {
    /// The tables of a point that is a key: encoded canonically, not of small order.
    pub(super) fn build(encoded: &[u8; 32]) -> Result<Self, NotBuilt> {
        let base = BASE.get_or_try_init(|| {
            let base = decode(ED25519_BASEPOINT_COMPRESSED.as_bytes())?;
            Table::checked(&base, BASE_WIDTH).map(Box::new)
        })?;
        Ok(Self {
            base,
            key: Table::checked(&decode(encoded)?.neg(), KEY_WIDTH)?,
            encoded: *encoded,
        })
    }

    /// The verdict, or `None` where the tables can't give one.
    ///
    /// Strict verification, with the equation of `verify_strict` of ed25519-dalek: `S` is below
    /// the order, and `S*B - k*A` has the very octets of `R` as its encoding and is not of small
    /// order. Octets that are an encoding are canonical and those of a point on the curve, so
    /// that `R` needs no decoding.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<bool> {
        let halves = signature.split_first_chunk::<32>();
        let Some((r, s)) = halves.and_then(|(r, s)| Some((r, s.try_into().ok()?))) else {
            return Some(false);
        };
        let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(s)) else {
            return Some(false);
        };
        let hash = Sha512::new()
            .chain_update(r)
            .chain_update(self.encoded)
            .chain_update(message)
            .finalize();
        let k = Scalar::from_bytes_mod_order_wide(&hash.into());
        let sum = self.base.add_multiple(Extended::IDENTITY, &s)?;
        let sum = self.key.add_multiple(sum, &k)?;
        let sum = sum.normalised(&sum.z.invert());
        Some(sum.encode() == *r && !sum.is_of_small_order())
    }
}

fn decode(encoded: &[u8; 32]) -> Result<Affine, NotBuilt> {
    Affine::decode(encoded).ok_or(NotBuilt::Wrong)
}

/// `j * 2^(width * i) * P` for every digit's place `i` and every `j` from 1 to `2^(width - 1)`.
struct Table {
    width: u32,
    places: u32,
    /// Place by place, in each from 1 up.
    entries: Vec<Niels>,
    _memory: Reservation,
}

impl Table {
    /// A table that was compared with curve25519-dalek.
    fn checked(point: &Affine, width: u32) -> Result<Self, NotBuilt> {
        let table = Self::build(point, width).ok_or(NotBuilt::Memory)?;
        if table.agrees_with(point)? {
            Ok(table)
        } else {
            Err(NotBuilt::Wrong)
        }
    }

    /// Whether the table gives the same products as curve25519-dalek, with two scalars that
    /// depend on the point and lead to both signs of every digit.
    fn agrees_with(&self, point: &Affine) -> Result<bool, NotBuilt> {
        let encoded = point.encode();
        let hash = Sha512::digest(encoded);
        let scalar = Scalar::from_bytes_mod_order_wide(&hash.into());
        let reference = CompressedEdwardsY(encoded).decompress();
        let reference = reference.ok_or(NotBuilt::Wrong)?;
        Ok([scalar, -scalar].iter().all(|scalar| {
            let product = self.add_multiple(Extended::IDENTITY, scalar);
            product.is_some_and(|product| {
                let product = product.normalised(&product.z.invert());
                product.encode() == (reference * scalar).compress().to_bytes()
            })
        }))
    }

    /// The table, or `None` where there is no memory for it.
    fn build(point: &Affine, width: u32) -> Option<Self> {
        let places = digits::count(BITS, width);
        let each = 1usize.checked_shl(width.checked_sub(1)?)?.max(1);
        let len = each.checked_mul(usize::try_from(places).ok()?)?;
        let memory = Reservation::new(len.checked_mul(size_of::<Niels>())?)?;
        let mut entries = with_room(len)?;
        // Two inversions in all: one for the bases, one for all of their multiples.
        let mut multiples = with_room(len)?;
        let (mut inverses, mut products) = (with_room(len)?, with_room(len)?);

        let mut bases = with_room(len)?;
        let mut base = Extended::from_affine(point);
        for _ in 0..places {
            bases.push(base);
            for _ in 0..width {
                base = base.double();
            }
        }
        invert_z(&bases, &mut inverses, &mut products);
        for (base, inverse) in bases.iter().zip(&inverses) {
            let step = Niels::from_affine(&base.normalised(inverse));
            let mut multiple = *base;
            multiples.push(multiple);
            for _ in 1..each {
                multiple = multiple.add(&step, false);
                multiples.push(multiple);
            }
        }
        invert_z(&multiples, &mut inverses, &mut products);
        let affine = multiples.iter().zip(&inverses);
        entries.extend(affine.map(|(point, z)| Niels::from_affine(&point.normalised(z))));
        Some(Self {
            width,
            places,
            entries,
            _memory: memory,
        })
    }

    /// The sum and a multiple of the point. There are no exceptions: [`super::edwards`].
    #[inline]
    fn add_multiple(&self, mut sum: Extended, scalar: &Scalar) -> Option<Extended> {
        let mut octets = scalar.to_bytes();
        octets.reverse();
        for place in 0..self.places {
            let (is_negative, digit) = digits::digit(&octets, self.width, place);
            if digit == 0 {
                continue;
            }
            sum = sum.add(self.entry(place, digit)?, is_negative);
        }
        Some(sum)
    }

    fn entry(&self, place: u32, digit: usize) -> Option<&Niels> {
        self.entries
            .get(digits::position(self.width, place, digit)?)
    }
}

/// The inverses of all `z`.
fn invert_z(
    points: &[Extended],
    inverses: &mut Vec<Element25519>,
    products: &mut Vec<Element25519>,
) {
    inverses.clear();
    inverses.extend(points.iter().map(|point| point.z));
    invert_all(inverses, products);
}

#[cfg(test)]
mod tests;
