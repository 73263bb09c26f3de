//! What a crypto backend must do, and nothing more.

use crate::algorithm::{Algorithm, Curve, ParameterSet};
use crate::error::Error;

mod rustcrypto;

pub use rustcrypto::RustCrypto;

/// A crypto backend: prepares a key once, then verifies many signatures with it.
///
/// A provider never decides what is accepted: sizes, curves, allow-lists and encodings are
/// checked before it is asked. Two providers must give the same verdict on the same input.
/// Providers are chosen by type, so that a program holds only the code of those it names.
pub trait Provider: Sized + 'static {
    /// A key in the form that verifies fastest.
    type Key: Send + Sync;

    /// Prepares a key.
    ///
    /// # Errors
    /// [`Error::EcPoint`] and [`Error::OkpPoint`] where the key is no point that may be used;
    /// [`Error::KeyTypeDisabled`] where this build leaves out the algorithms of the key.
    fn prepare(material: &KeyMaterial<'_>) -> Result<Self::Key, Error>;

    /// Verifies one signature. The caller has checked that `algorithm` goes with the key.
    ///
    /// # Errors
    /// [`InvalidSignature`], whatever the reason.
    fn verify(
        key: &Self::Key,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature>;

    /// Whether two prepared keys are the same key.
    fn same(a: &Self::Key, b: &Self::Key) -> bool;

    /// Does now what would make later verifications with this key faster, if there is such a
    /// thing: whether the key is as fast as it gets. Never needed, and never changes a verdict.
    fn warm(key: &Self::Key) -> bool {
        let _ = key;
        true
    }

    /// Lets a key go on with what an earlier one of the same numbers has learnt to verify faster,
    /// if there is such a thing. Never needed, and never changes a verdict: from another key
    /// nothing may be taken over.
    fn inherit(key: &mut Self::Key, before: &Self::Key) {
        let _ = (key, before);
    }
}

/// The signature does not verify: there is nothing more specific to say, and no reason to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSignature;

/// The numbers of one key, decoded and checked as far as arithmetic is not needed.
///
/// [`Key`](crate::Key) checks what each variant promises before a provider sees it. A provider that
/// is handed one from elsewhere may refuse it or every signature, and must not panic.
#[non_exhaustive]
#[derive(Clone, Copy)]
pub enum KeyMaterial<'m> {
    /// Both coordinates have the full length of the curve, which is not Ed25519.
    Ec {
        /// The curve.
        curve: Curve,
        /// The x coordinate, big-endian.
        x: &'m [u8],
        /// The y coordinate, big-endian.
        y: &'m [u8],
    },
    /// The encoding of a y coordinate below the field's prime, with the sign of x.
    Ed25519 {
        /// The encoded point, RFC 8032 section 5.1.2.
        point: &'m [u8; 32],
    },
    /// A public key of exactly the length of its parameter set: every such string is a key.
    MlDsa {
        /// The parameter set.
        parameter_set: ParameterSet,
        /// The encoded public key, FIPS 204 algorithm 22.
        public: &'m [u8],
    },
    /// An odd modulus of 2048 to 8192 bits without leading zeros, and an odd exponent from 3 to
    /// below 2^33.
    Rsa {
        /// The modulus, big-endian.
        modulus: &'m [u8],
        /// The public exponent.
        exponent: u64,
    },
    /// A secret of at least one octet.
    Symmetric {
        /// The secret.
        secret: &'m [u8],
    },
}
