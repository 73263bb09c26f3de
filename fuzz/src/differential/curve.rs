//! The three NIST curves as numbers in and numbers out, computed by the curves' own crates.

use std::ops::{Add, Mul, Neg, Sub};

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    EcdsaVerificationAlgorithm,
};
use jwtverify_core::Algorithm;

use super::unhex;

/// A curve that JWS has an algorithm for.
pub trait Curve: 'static {
    /// The algorithm.
    const ALGORITHM: Algorithm;
    /// Bits of the order.
    const BITS: usize;
    /// Octets of a coordinate and of a scalar.
    const OCTETS: usize;
    /// Octets of the digest.
    const DIGEST: usize;

    /// A number modulo the order.
    type Scalar: Copy
        + PartialEq
        + Add<Output = Self::Scalar>
        + Sub<Output = Self::Scalar>
        + Mul<Output = Self::Scalar>
        + Neg<Output = Self::Scalar>
        + From<u64>;
    /// A point, infinity included.
    type Point: Copy + PartialEq + Add<Output = Self::Point> + Sub<Output = Self::Point>;
    /// A key as RustCrypto holds it.
    type Portable;

    /// The algorithm as AWS-LC has it.
    fn other() -> &'static EcdsaVerificationAlgorithm;
    /// The digest as AWS-LC has it.
    fn other_digest() -> &'static digest::Algorithm;

    /// The field's prime.
    fn prime() -> Vec<u8>;
    /// A big-endian number of at most [`Self::OCTETS`], modulo the order.
    fn reduce(octets: &[u8]) -> Self::Scalar;
    /// Big-endian, [`Self::OCTETS`] of them.
    fn octets(scalar: Self::Scalar) -> Vec<u8>;
    /// `None` of zero.
    fn invert(scalar: Self::Scalar) -> Option<Self::Scalar>;
    /// A multiple of the generator.
    fn of_generator(scalar: Self::Scalar) -> Self::Point;
    /// A multiple of any point.
    fn times(point: Self::Point, scalar: Self::Scalar) -> Self::Point;
    /// The uncompressed encoding (SEC 1 section 2.3.3); `None` of infinity.
    fn encode(point: Self::Point) -> Option<Vec<u8>>;
    /// The point of an encoding, compressed or not; `None` if it is on no curve.
    fn decode(encoded: &[u8]) -> Option<Self::Point>;
    /// RustCrypto's key of a point that is not infinity.
    fn portable(encoded: &[u8]) -> Self::Portable;
    /// RustCrypto's verdict on a digest.
    fn portable_verdict(key: &Self::Portable, digest: &[u8], signature: &[u8]) -> bool;
    /// The digest of a message.
    fn digest(message: &[u8]) -> Vec<u8>;
}

macro_rules! curve {
    (
        $name:ident, $krate:ident, $algorithm:ident, $other:ident, $digest:ident, $sha2:ident,
        $bits:literal, $octets:literal, $digest_octets:literal, $prime:expr
    ) => {
        #[doc = concat!("Curve ", stringify!($name), ".")]
        pub struct $name;

        impl Curve for $name {
            const ALGORITHM: Algorithm = Algorithm::$algorithm;
            const BITS: usize = $bits;
            const OCTETS: usize = $octets;
            const DIGEST: usize = $digest_octets;

            type Scalar = $krate::Scalar;
            type Point = $krate::ProjectivePoint;
            type Portable = $krate::ecdsa::VerifyingKey;

            fn other() -> &'static EcdsaVerificationAlgorithm {
                &$other
            }

            fn other_digest() -> &'static digest::Algorithm {
                &$digest
            }

            fn prime() -> Vec<u8> {
                $prime
            }

            fn reduce(octets: &[u8]) -> Self::Scalar {
                use $krate::elliptic_curve::ops::Reduce;
                let mut number = [0; $octets];
                number[$octets - octets.len()..].copy_from_slice(octets);
                <$krate::Scalar as Reduce<$krate::FieldBytes>>::reduce(&number.into())
            }

            fn octets(scalar: Self::Scalar) -> Vec<u8> {
                use $krate::elliptic_curve::ff::PrimeField;
                scalar.to_repr().to_vec()
            }

            fn invert(scalar: Self::Scalar) -> Option<Self::Scalar> {
                use $krate::elliptic_curve::ops::Invert;
                Option::from(Invert::invert_vartime(&scalar))
            }

            fn of_generator(scalar: Self::Scalar) -> Self::Point {
                $krate::ProjectivePoint::GENERATOR * scalar
            }

            fn times(point: Self::Point, scalar: Self::Scalar) -> Self::Point {
                point * scalar
            }

            fn encode(point: Self::Point) -> Option<Vec<u8>> {
                use $krate::elliptic_curve::sec1::ToSec1Point;
                let encoded = point.to_affine().to_sec1_point(false).as_bytes().to_vec();
                (encoded.len() == 1 + 2 * $octets).then_some(encoded)
            }

            fn decode(encoded: &[u8]) -> Option<Self::Point> {
                use $krate::elliptic_curve::sec1::FromSec1Point;
                let encoded = $krate::Sec1Point::from_bytes(encoded).ok()?;
                let point = $krate::AffinePoint::from_sec1_point(&encoded);
                Option::<$krate::AffinePoint>::from(point).map(Into::into)
            }

            fn portable(encoded: &[u8]) -> Self::Portable {
                $krate::ecdsa::VerifyingKey::from_sec1_bytes(encoded).expect("a point")
            }

            fn portable_verdict(key: &Self::Portable, digest: &[u8], signature: &[u8]) -> bool {
                use $krate::ecdsa::signature::hazmat::PrehashVerifier;
                $krate::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
            }

            fn digest(message: &[u8]) -> Vec<u8> {
                use sha2::Digest;
                sha2::$sha2::digest(message).to_vec()
            }
        }
    };
}

curve!(
    P256,
    p256,
    Es256,
    ECDSA_P256_SHA256_FIXED,
    SHA256,
    Sha256,
    256,
    32,
    32,
    unhex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
);
curve!(
    P384,
    p384,
    Es384,
    ECDSA_P384_SHA384_FIXED,
    SHA384,
    Sha384,
    384,
    48,
    48,
    unhex(concat!(
        "ffffffffffffffffffffffffffffffffffffffffffffffff",
        "fffffffffffffffeffffffff0000000000000000ffffffff",
    ))
);
curve!(
    P521,
    p521,
    Es512,
    ECDSA_P521_SHA512_FIXED,
    SHA512,
    Sha512,
    521,
    66,
    64,
    [&[1], [0xff; 65].as_slice()].concat()
);
