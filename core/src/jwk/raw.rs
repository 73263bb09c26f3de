//! Keys of raw numbers, as firmware keeps them in flash: the checks of a JWK without its text.

use super::material::{
    check_coordinate_len, check_ed25519, check_exponent, check_ml_dsa_len, check_modulus,
    check_secret_len,
};
use super::{Key, bound_to, fitting};
use crate::algorithm::{Algorithm, Curve, KeyType, ParameterSet};
use crate::error::Error;
use crate::provider::{KeyMaterial, Provider};

/// Keys of raw numbers. Each is checked as the JWK of the same numbers would be, with the same
/// errors, and may be used for every algorithm of its type and curve until
/// [`bound_to`](Self::bound_to) says otherwise.
impl<P: Provider> Key<P> {
    /// A point on P-256, P-384, P-521 or secp256k1 (RFC 7518 section 6.2.1, RFC 8812 section 3.1):
    /// both coordinates big-endian, at the full length of the curve, leading zeros included.
    ///
    /// # Errors
    /// [`Error::CurveUnknown`] for Ed25519, [`Error::EcCoordinateLength`], [`Error::EcPoint`],
    /// [`Error::KeyTypeDisabled`]
    ///
    /// ```
    /// # #[cfg(feature = "p256")] {
    /// use jwtverify_core::{Curve, Error, Key};
    ///
    /// // The key of RFC 7515 appendix A.3.
    /// let x = b"\x7f\xcd\xce\x27\x70\xf6\xc4\x5d\x41\x83\xcb\xee\x6f\xdb\x4b\x7b\
    ///     \x58\x07\x33\x35\x7b\xe9\xef\x13\xba\xcf\x6e\x3c\x7b\xd1\x54\x45";
    /// let y = b"\xc7\xf1\x44\xcd\x1b\xbd\x9b\x7e\x87\x2c\xdf\xed\xb9\xee\xb9\xf4\
    ///     \xb3\x69\x5d\x6e\xa9\x0b\x24\xad\x8a\x46\x23\x28\x85\x88\xe5\xad";
    /// let key: Key = Key::from_ec_coordinates(Curve::P256, x, y)?;
    /// assert_eq!(key.curve(), Some(Curve::P256));
    /// let swapped: Result<Key, Error> = Key::from_ec_coordinates(Curve::P256, y, x);
    /// assert_eq!(swapped.err(), Some(Error::EcPoint));
    /// # }
    /// # Ok::<(), jwtverify_core::Error>(())
    /// ```
    pub fn from_ec_coordinates(
        curve: Curve,
        x: impl AsRef<[u8]>,
        y: impl AsRef<[u8]>,
    ) -> Result<Self, Error> {
        let (x, y) = (x.as_ref(), y.as_ref());
        if !fitting(KeyType::Ec, Some(curve)).any(|_| true) {
            return Err(Error::CurveUnknown);
        }
        check_coordinate_len(x.len(), curve)?;
        check_coordinate_len(y.len(), curve)?;
        Self::of(&KeyMaterial::Ec { curve, x, y }, (KeyType::Ec, Some(curve)))
    }

    /// A point in the uncompressed encoding of SEC 1 section 2.3.3: the octet 4, then both
    /// coordinates. This is what tools print as the public key.
    ///
    /// # Errors
    /// Those of [`from_ec_coordinates`](Self::from_ec_coordinates); [`Error::EcPoint`] for the
    /// other encodings, the compressed one included.
    pub fn from_ec_sec1(curve: Curve, point: impl AsRef<[u8]>) -> Result<Self, Error> {
        let [4, coordinates @ ..] = point.as_ref() else {
            return Err(Error::EcPoint);
        };
        let split = coordinates.split_at_checked(curve.coordinate_len());
        let (x, y) = split.ok_or(Error::EcCoordinateLength)?;
        Self::from_ec_coordinates(curve, x, y)
    }

    /// An Ed25519 public key: the 32 octets of RFC 8032 section 5.1.5.
    ///
    /// # Errors
    /// [`Error::OkpKeyLength`], [`Error::OkpPoint`], [`Error::KeyTypeDisabled`]
    pub fn from_ed25519(point: impl AsRef<[u8]>) -> Result<Self, Error> {
        let point = check_ed25519(point.as_ref())?;
        let of_type = (KeyType::Okp, Some(Curve::Ed25519));
        Self::of(&KeyMaterial::Ed25519 { point }, of_type)
    }

    /// An RSA public key: modulus and exponent, big-endian (RFC 8017 section 3.1). One leading
    /// zero octet is tolerated, as in a JWK.
    ///
    /// # Errors
    /// [`Error::RsaModulusSize`], [`Error::RsaModulusEven`], [`Error::RsaExponent`],
    /// [`Error::JwkMemberBase64`] for a second leading zero, [`Error::KeyTypeDisabled`]
    pub fn from_rsa(modulus: impl AsRef<[u8]>, exponent: impl AsRef<[u8]>) -> Result<Self, Error> {
        if !cfg!(feature = "rsa") {
            return Err(Error::KeyTypeDisabled);
        }
        let modulus = check_modulus(modulus.as_ref())?;
        let exponent = check_exponent(exponent.as_ref())?;
        let material = KeyMaterial::Rsa { modulus, exponent };
        Self::of(&material, (KeyType::Rsa, None))
    }

    /// An ML-DSA public key in the encoding of FIPS 204 algorithm 22, which is what `pub` of a JWK
    /// holds (RFC 9964). It is for the one algorithm of its parameter set.
    ///
    /// # Errors
    /// [`Error::AkpKeyLength`], [`Error::KeyTypeDisabled`]
    pub fn from_ml_dsa(set: ParameterSet, public: impl AsRef<[u8]>) -> Result<Self, Error> {
        let public = public.as_ref();
        check_ml_dsa_len(public.len(), set)?;
        let of_set = |algorithm: &Algorithm| algorithm.parameter_set() == Some(set);
        let algorithms = fitting(KeyType::Akp, None).filter(of_set).collect();
        let material = KeyMaterial::MlDsa {
            parameter_set: set,
            public,
        };
        Self::prepare(&material, (KeyType::Akp, None), algorithms, false)
    }

    /// A secret for one of the HMAC algorithms: whoever holds it can sign tokens as well as
    /// verify them.
    ///
    /// A public key does not belong here, and is refused in the encodings that it is usually
    /// passed around in. The caller's copy of the secret is the caller's to overwrite.
    ///
    /// # Errors
    /// [`Error::JwkAlgorithmMismatch`] for an algorithm that is not HS256, HS384 or HS512;
    /// [`Error::SymmetricTooShort`], [`Error::SymmetricTooLong`],
    /// [`Error::SymmetricLooksPublic`], [`Error::KeyTypeDisabled`]
    ///
    /// ```
    /// # #[cfg(feature = "hmac")] {
    /// use jwtverify_core::{Algorithm, Error, Key};
    ///
    /// let secret = b"thirty-two octets, from the fuse";
    /// let key: Key = Key::from_hmac_secret(Algorithm::Hs256, secret)?;
    /// assert_eq!(key.algorithms(), Algorithm::Hs256.into());
    /// let short: Result<Key, Error> = Key::from_hmac_secret(Algorithm::Hs512, secret);
    /// assert_eq!(short.err(), Some(Error::SymmetricTooShort(32)));
    /// # }
    /// # Ok::<(), jwtverify_core::Error>(())
    /// ```
    pub fn from_hmac_secret(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret = secret.as_ref();
        let algorithms = bound_to(fitting(KeyType::Oct, None), algorithm)?;
        check_secret_len(secret.len())?;
        let material = KeyMaterial::Symmetric { secret };
        Self::prepare(&material, (KeyType::Oct, None), algorithms, false)
    }

    /// The same key for one algorithm alone, as the `alg` of a JWK says it (RFC 7517 section 4.4).
    /// `EdDSA` and `Ed25519` name the same computation and stay together.
    ///
    /// # Errors
    /// [`Error::JwkAlgorithmMismatch`]: the key is not for this algorithm.
    pub fn bound_to(mut self, algorithm: Algorithm) -> Result<Self, Error> {
        self.algorithms = bound_to(self.algorithms.iter(), algorithm)?;
        Ok(self)
    }

    fn of(material: &KeyMaterial<'_>, of_type: (KeyType, Option<Curve>)) -> Result<Self, Error> {
        let algorithms = fitting(of_type.0, of_type.1).collect();
        Self::prepare(material, of_type, algorithms, false)
    }
}

#[cfg(all(test, feature = "p256", feature = "ed25519", feature = "hmac"))]
mod tests;
