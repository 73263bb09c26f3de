//! The tables of a key, whatever its curve.

#[cfg(feature = "p256")]
use sha2::Sha256;
#[cfg(feature = "p384")]
use sha2::Sha384;
#[cfg(feature = "p521")]
use sha2::Sha512;

#[allow(unused_imports, reason = "each algorithm feature uses some of them")]
use crate::algorithm::{Algorithm, Curve, Digest, Scheme};
use crate::provider::KeyMaterial;

#[cfg(feature = "ed25519")]
use super::ed25519::Ed25519Tables;
#[cfg(any(feature = "p256", feature = "p384", feature = "p521"))]
use super::{ecdsa::EcdsaTables, nist};

/// What a key has when it is warm.
pub(super) enum Tables {
    #[cfg(feature = "p256")]
    P256(EcdsaTables<nist::P256>),
    #[cfg(feature = "p384")]
    P384(EcdsaTables<nist::P384>),
    #[cfg(feature = "p521")]
    P521(EcdsaTables<nist::P521>),
    #[cfg(feature = "ed25519")]
    Ed25519(Ed25519Tables),
}

/// Why there are no tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotBuilt {
    /// There is no memory within the limit, now.
    Memory,
    /// A table did not pass its check.
    Wrong,
}

/// A key that tables can be built of.
#[derive(PartialEq, Eq)]
pub(super) enum Point {
    #[cfg(feature = "p256")]
    P256([[u8; 32]; 2]),
    #[cfg(feature = "p384")]
    P384([[u8; 48]; 2]),
    #[cfg(feature = "p521")]
    P521([[u8; 66]; 2]),
    #[cfg(feature = "ed25519")]
    Ed25519([u8; 32]),
}

impl Point {
    /// `None` for keys of another kind.
    pub(super) fn of(material: &KeyMaterial<'_>) -> Option<Self> {
        match *material {
            KeyMaterial::Ec { curve, x, y } => match curve {
                #[cfg(feature = "p256")]
                Curve::P256 => Some(Self::P256([x.try_into().ok()?, y.try_into().ok()?])),
                #[cfg(feature = "p384")]
                Curve::P384 => Some(Self::P384([x.try_into().ok()?, y.try_into().ok()?])),
                #[cfg(feature = "p521")]
                Curve::P521 => Some(Self::P521([x.try_into().ok()?, y.try_into().ok()?])),
                _ => {
                    let _ = (x, y);
                    None
                }
            },
            #[cfg(feature = "ed25519")]
            KeyMaterial::Ed25519 { point } => Some(Self::Ed25519(*point)),
            _ => None,
        }
    }
}

impl Tables {
    pub(super) fn build(point: &Point) -> Result<Self, NotBuilt> {
        match point {
            #[cfg(feature = "p256")]
            Point::P256([x, y]) => EcdsaTables::build(x, y).map(Self::P256),
            #[cfg(feature = "p384")]
            Point::P384([x, y]) => EcdsaTables::build(x, y).map(Self::P384),
            #[cfg(feature = "p521")]
            Point::P521([x, y]) => EcdsaTables::build(x, y).map(Self::P521),
            #[cfg(feature = "ed25519")]
            Point::Ed25519(point) => Ed25519Tables::build(point).map(Self::Ed25519),
        }
    }

    /// The verdict, or `None` where the tables can't give one.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        match (self, algorithm.scheme()) {
            #[cfg(feature = "p256")]
            (Self::P256(tables), Scheme::Ecdsa(Curve::P256, Digest::Sha256)) => {
                tables.verify(&digest::<Sha256>(message), signature)
            }
            #[cfg(feature = "p384")]
            (Self::P384(tables), Scheme::Ecdsa(Curve::P384, Digest::Sha384)) => {
                tables.verify(&digest::<Sha384>(message), signature)
            }
            #[cfg(feature = "p521")]
            (Self::P521(tables), Scheme::Ecdsa(Curve::P521, Digest::Sha512)) => {
                tables.verify(&digest::<Sha512>(message), signature)
            }
            #[cfg(feature = "ed25519")]
            (Self::Ed25519(tables), Scheme::Ed25519) => tables.verify(message, signature),
            _ => {
                let _ = (message, signature);
                None
            }
        }
    }

    /// The same of a digest, for ECDSA.
    #[cfg(all(fuzzing, any(feature = "p256", feature = "p384", feature = "p521")))]
    pub(super) fn verify_digest(&self, digest: &[u8], signature: &[u8]) -> Option<bool> {
        match self {
            #[cfg(feature = "p256")]
            Self::P256(tables) => tables.verify(digest, signature),
            #[cfg(feature = "p384")]
            Self::P384(tables) => tables.verify(digest, signature),
            #[cfg(feature = "p521")]
            Self::P521(tables) => tables.verify(digest, signature),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(_) => None,
        }
    }
}

#[cfg(any(feature = "p256", feature = "p384", feature = "p521"))]
fn digest<D: sha2::Digest>(message: &[u8]) -> sha2::digest::Output<D> {
    D::digest(message)
}

/// An empty vector with room for so many, or `None` where there is no memory.
pub(super) fn with_room<T>(len: usize) -> Option<alloc::vec::Vec<T>> {
    let mut vec = alloc::vec::Vec::new();
    vec.try_reserve_exact(len).ok()?;
    Some(vec)
}
