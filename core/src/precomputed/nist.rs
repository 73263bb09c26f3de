//! The three NIST curves: their numbers (SP 800-186), and their scalars by way of the curve
//! crates.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "operators of points and scalars, which wrap around by definition"
)]

use once_cell::race::OnceBox;
use sha2::{Digest, Sha512};

use super::field::Field;
use super::table::Table;

/// A curve of prime order with `a = -3`.
pub(super) trait NistCurve: 'static {
    type Element: Field;
    /// A scalar, big-endian.
    type Octets: AsRef<[u8]>;

    const ORDER_BITS: u32;
    /// The order, as long as an element of the field.
    const ORDER: &'static [u8];
    /// How far the prime is above the order, of the same length.
    const PRIME_MINUS_ORDER: &'static [u8];
    const GENERATOR: (&'static [u8], &'static [u8]);
    /// Bits of a digit: with one bit more a table takes nearly twice the memory.
    const KEY_WIDTH: u32;
    const GENERATOR_WIDTH: u32;

    /// Where the table of the generator is, once it was built.
    fn generator_cell() -> &'static OnceBox<Table<Self::Element>>;

    /// What a signature says of a digest; `None` if its halves are not both in `1..order`.
    fn numbers(digest: &[u8], signature: &[u8]) -> Option<Numbers<Self::Octets>>;

    /// Products of a point and scalars that depend on it, as the curve crate computes them.
    fn samples(x: &[u8], y: &[u8]) -> Option<[Sample<Self::Octets>; 2]>;
}

/// The numbers of one verification: `r`, and the scalars of the generator and of the key.
pub(super) struct Numbers<O> {
    pub(super) r: O,
    pub(super) u1: O,
    pub(super) u2: O,
}

/// A scalar, and the coordinates of its product with a point.
pub(super) struct Sample<O> {
    pub(super) scalar: O,
    pub(super) x: O,
    pub(super) y: O,
}

macro_rules! nist_curve {
    (
        $(#[$attribute:meta])* $name:ident, $krate:ident, $element:ident, $octets:literal,
        bits: $bits:literal, widths: $key_width:literal, $generator_width:literal,
        order: $order:literal, prime_minus_order: $difference:literal,
        generator: $x:literal, $y:literal $(,)?
    ) => {
        $(#[$attribute])*
        pub(super) struct $name;

        $(#[$attribute])*
        impl NistCurve for $name {
            type Element = super::field::$element;
            type Octets = $krate::FieldBytes;

            const ORDER_BITS: u32 = $bits;
            const ORDER: &'static [u8] = &number::<$octets>($order);
            const PRIME_MINUS_ORDER: &'static [u8] = &number::<$octets>($difference);
            const GENERATOR: (&'static [u8], &'static [u8]) =
                (&number::<$octets>($x), &number::<$octets>($y));
            const KEY_WIDTH: u32 = $key_width;
            const GENERATOR_WIDTH: u32 = $generator_width;

            fn generator_cell() -> &'static OnceBox<Table<Self::Element>> {
                static GENERATOR: OnceBox<Table<super::field::$element>> = OnceBox::new();
                &GENERATOR
            }

            fn numbers(digest: &[u8], signature: &[u8]) -> Option<Numbers<Self::Octets>> {
                use $krate::elliptic_curve::ops::{Invert, Reduce};
                use $krate::elliptic_curve::PrimeField;

                // Refuses what is not in 1..order.
                let signature = $krate::ecdsa::Signature::from_slice(signature).ok()?;
                let (r, s) = signature.split_scalars();
                let digest = leftmost::<$octets>(digest, $bits).into();
                let z = <$krate::Scalar as Reduce<$krate::FieldBytes>>::reduce(&digest);
                let inverse = s.invert_vartime();
                let u1 = z.multiply(&inverse);
                let u2 = r.multiply(&inverse);
                Some(Numbers {
                    r: r.to_repr(),
                    u1: u1.to_repr(),
                    u2: u2.to_repr(),
                })
            }

            fn samples(x: &[u8], y: &[u8]) -> Option<[Sample<Self::Octets>; 2]> {
                use $krate::elliptic_curve::ops::Reduce;
                use $krate::elliptic_curve::sec1::{FromSec1Point, ToSec1Point};
                use $krate::elliptic_curve::PrimeField;

                let (x, y) = (x.try_into().ok()?, y.try_into().ok()?);
                let point = $krate::Sec1Point::from_affine_coordinates(x, y, false);
                let point = $krate::AffinePoint::from_sec1_point(&point);
                let point = Option::<$krate::AffinePoint>::from(point)?;
                let point = $krate::ProjectivePoint::from(point);
                let digest = Sha512::new().chain_update(x).chain_update(y).finalize();
                let octets = leftmost::<$octets>(&digest, $bits).into();
                let scalar = <$krate::Scalar as Reduce<$krate::FieldBytes>>::reduce(&octets);
                let sample = |scalar: $krate::Scalar| {
                    let product = (&point * &scalar).to_affine().to_sec1_point(false);
                    Some(Sample {
                        scalar: scalar.to_repr(),
                        x: *product.x()?,
                        y: *product.y()?,
                    })
                };
                Some([sample(scalar)?, sample(-scalar)?])
            }
        }
    };
}

nist_curve! {
    #[cfg(feature = "p256")]
    P256, p256, P256Element, 32,
    bits: 256, widths: 6, 7,
    order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    prime_minus_order: "000000000000000000000000000000004319055358e8617b0c46353d039cdaae",
    generator:
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
}

nist_curve! {
    #[cfg(feature = "p384")]
    P384, p384, P384Element, 48,
    bits: 384, widths: 6, 7,
    order:
        "ffffffffffffffffffffffffffffffffffffffffffffffff\
         c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    prime_minus_order:
        "000000000000000000000000000000000000000000000000\
         389cb27e0bc8d21fa7e5f24cb74f58851313e696333ad68c",
    generator:
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b98\
         59f741e082542a385502f25dbf55296c3a545e3872760ab7",
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147c\
         e9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
}

nist_curve! {
    #[cfg(feature = "p521")]
    P521, p521, P521Element, 66,
    bits: 521, widths: 5, 6,
    order:
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
         fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    prime_minus_order:
        "000000000000000000000000000000000000000000000000000000000000000000\
         05ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf6",
    generator:
        "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3d\
         baa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
        "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e66\
         2c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
}

/// The leftmost `bits` bits of a digest as a number of `N` octets (FIPS 186-5 section 6.4.2,
/// step 2).
fn leftmost<const N: usize>(digest: &[u8], bits: u32) -> [u8; N] {
    let mut number = [0; N];
    let taken = digest.get(..N).unwrap_or(digest);
    for (slot, octet) in number.iter_mut().rev().zip(taken.iter().rev()) {
        *slot = *octet;
    }
    // A digest that fills all octets may have some bits too many.
    let unused = bits.wrapping_neg() & 7;
    if taken.len() == N && unused != 0 {
        let mut above = 0u8;
        for octet in &mut number {
            let this = *octet;
            *octet = above.wrapping_shl(8u32.wrapping_sub(unused)) | this.wrapping_shr(unused);
            above = this;
        }
    }
    number
}

/// A big-endian number in hexadecimal digits. For constants: another character, or another
/// length, does not compile.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::panic,
    reason = "runs when compiling"
)]
const fn number<const N: usize>(hex: &str) -> [u8; N] {
    const fn nibble(digit: u8) -> u8 {
        match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => panic!("a hexadecimal digit"),
        }
    }
    let hex = hex.as_bytes();
    assert!(hex.len() == 2 * N);
    let mut octets = [0; N];
    let mut i = 0;
    while i < N {
        octets[i] = nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]);
        i += 1;
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::leftmost;

    #[test]
    fn a_digest_is_cut_to_the_bits_of_the_order() {
        assert_eq!(leftmost(&[1, 2, 3], 32), [0, 1, 2, 3]);
        assert_eq!(leftmost(&[1, 2, 3, 4, 5], 32), [1, 2, 3, 4]);
        assert_eq!(leftmost(&[0xff, 2, 3, 0x81, 5], 25), [1, 0xfe, 4, 7]);
        assert_eq!(leftmost(&[0xff, 2, 3], 25), [0, 0xff, 2, 3]);
        assert_eq!(leftmost(&[], 32), [0; 4]);
    }
}
