//! Ed25519 with tables of the base point and of the key (RFC 8032 section 5.1.7).

#![allow(
    clippy::arithmetic_side_effects,
    reason = "operators of points and scalars, which wrap around by definition"
)]

use alloc::boxed::Box;
use alloc::vec::Vec;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::{Identity, IsIdentity};
use curve25519_dalek::{EdwardsPoint, Scalar};
use once_cell::race::OnceBox;
use sha2::{Digest, Sha512};

use super::budget::Reservation;
use super::digits;
use super::tables::NotBuilt;

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
        let point = CompressedEdwardsY(*encoded).decompress();
        let point = point.ok_or(NotBuilt::Wrong)?;
        let base = BASE.get_or_try_init(|| {
            Table::checked(&ED25519_BASEPOINT_POINT, BASE_WIDTH).map(Box::new)
        })?;
        Ok(Self {
            base,
            key: Table::checked(&-point, KEY_WIDTH)?,
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
        let sum = self.base.add_multiple(EdwardsPoint::identity(), &s)?;
        let sum = self.key.add_multiple(sum, &k)?;
        Some(sum.compress().as_bytes() == r && !sum.is_small_order())
    }
}

/// `j * 2^(width * i) * P` for every digit's place `i` and every `j` from 1 to `2^(width - 1)`.
struct Table {
    width: u32,
    places: u32,
    /// Place by place, in each from 1 up.
    entries: Vec<EdwardsPoint>,
    _memory: Reservation,
}

impl Table {
    /// A table that gave the same products as the curve crate, with two scalars that depend on
    /// the point and lead to both signs of every digit.
    fn checked(point: &EdwardsPoint, width: u32) -> Result<Self, NotBuilt> {
        let table = Self::build(point, width).ok_or(NotBuilt::Memory)?;
        let hash = Sha512::digest(point.compress().as_bytes());
        let scalar = Scalar::from_bytes_mod_order_wide(&hash.into());
        let agrees = [scalar, -scalar].iter().all(|scalar| {
            let product = table.add_multiple(EdwardsPoint::identity(), scalar);
            product.is_some_and(|product| (product - point * scalar).is_identity())
        });
        if agrees {
            Ok(table)
        } else {
            Err(NotBuilt::Wrong)
        }
    }

    fn build(point: &EdwardsPoint, width: u32) -> Option<Self> {
        let places = digits::count(BITS, width);
        let each = 1usize.checked_shl(width.checked_sub(1)?)?.max(1);
        let len = each.checked_mul(usize::try_from(places).ok()?)?;
        let memory = Reservation::new(len.checked_mul(size_of::<EdwardsPoint>())?)?;
        let mut entries = Vec::new();
        entries.try_reserve_exact(len).ok()?;
        let mut base = *point;
        for _ in 0..places {
            let mut multiple = base;
            for _ in 1..each {
                entries.push(multiple);
                multiple += base;
            }
            entries.push(multiple);
            // The last multiple is half of the next base.
            base = multiple + multiple;
        }
        Some(Self {
            width,
            places,
            entries,
            _memory: memory,
        })
    }

    /// The formulas of this curve hold for all points: there are no exceptions.
    fn add_multiple(&self, mut sum: EdwardsPoint, scalar: &Scalar) -> Option<EdwardsPoint> {
        let mut octets = scalar.to_bytes();
        octets.reverse();
        for place in 0..self.places {
            let (is_negative, digit) = digits::digit(&octets, self.width, place);
            if digit == 0 {
                continue;
            }
            let entry = self.entry(place, digit)?;
            sum = if is_negative {
                sum - entry
            } else {
                sum + entry
            };
        }
        Some(sum)
    }

    fn entry(&self, place: u32, digit: usize) -> Option<&EdwardsPoint> {
        self.entries
            .get(digits::position(self.width, place, digit)?)
    }
}
