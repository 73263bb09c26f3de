//! The algorithms: one table row each. Nothing below this file compares names.

use core::fmt;

/// A type of key, the `kty` of RFC 7517 section 4.1.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// `AKP`, a key that its `alg` describes (algorithm key pair), RFC 9964
    Akp,
    /// `EC`, RFC 7518 section 6.2
    Ec,
    /// `oct`, a symmetric secret, RFC 7518 section 6.4
    Oct,
    /// `OKP`, RFC 8037 section 2
    Okp,
    /// `RSA`, RFC 7518 section 6.3
    Rsa,
}

impl KeyType {
    /// The value of `kty`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Akp => "AKP",
            Self::Ec => "EC",
            Self::Oct => "oct",
            Self::Okp => "OKP",
            Self::Rsa => "RSA",
        }
    }

    pub(crate) fn from_text(name: crate::json::Text<'_>) -> Option<Self> {
        [Self::Akp, Self::Ec, Self::Oct, Self::Okp, Self::Rsa]
            .into_iter()
            .find(|kty| name == kty.name())
    }
}

/// A curve, the `crv` of RFC 7518 section 6.2.1.1, RFC 8037 section 2 and RFC 8812 section 3.1.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// `Ed25519`
    Ed25519,
    /// `P-256`
    P256,
    /// `P-384`
    P384,
    /// `P-521`
    P521,
    /// `secp256k1`
    Secp256k1,
}

impl Curve {
    /// The value of `crv`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    /// Octets of one coordinate.
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::Ed25519 | Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(crate) fn from_text(name: crate::json::Text<'_>) -> Option<Self> {
        [
            Self::Ed25519,
            Self::P256,
            Self::P384,
            Self::P521,
            Self::Secp256k1,
        ]
        .into_iter()
        .find(|curve| name == curve.name())
    }
}

/// A digest that a signature is made over.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    /// SHA-256, 32 octets
    Sha256,
    /// SHA-384, 48 octets
    Sha384,
    /// SHA-512, 64 octets
    Sha512,
}

impl Digest {
    /// Octets of the digest.
    pub const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Never: a digest has octets. Present because `len` is.
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// A parameter set of ML-DSA, FIPS 204 section 4.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterSet {
    /// ML-DSA-44, category 2
    MlDsa44,
    /// ML-DSA-65, category 3
    MlDsa65,
    /// ML-DSA-87, category 5
    MlDsa87,
}

impl ParameterSet {
    /// Octets of a public key, FIPS 204 table 2.
    pub const fn public_key_len(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }

    /// Octets of a signature, FIPS 204 table 2.
    pub const fn signature_len(self) -> usize {
        match self {
            Self::MlDsa44 => 2420,
            Self::MlDsa65 => 3309,
            Self::MlDsa87 => 4627,
        }
    }
}

/// How an algorithm signs, with what it needs beside the key.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// ECDSA; the signature is `r` and `s` at full length (RFC 7518 section 3.4).
    Ecdsa(Curve, Digest),
    /// Ed25519, strictly verified (RFC 8032 section 5.1.7, RFC 8037 section 3.1).
    Ed25519,
    /// HMAC at full length (RFC 7518 section 3.2).
    Hmac(Digest),
    /// ML-DSA over the message itself, with the empty context string (RFC 9964).
    MlDsa(ParameterSet),
    /// RSASSA-PKCS1-v1_5 (RFC 7518 section 3.3).
    RsaPkcs1(Digest),
    /// RSASSA-PSS, MGF1 with the same digest, salt as long as it (RFC 7518 section 3.5).
    RsaPss(Digest),
}

/// The table: variant, name, scheme.
macro_rules! algorithms {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $scheme:expr;)+) => {
        /// A signature algorithm, named as in the IANA registry of JOSE algorithms.
        ///
        /// `none` has no representation here. Names are case-sensitive.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Algorithm {
            $($(#[$doc])* $variant,)+
        }

        impl Algorithm {
            /// Every algorithm that has a name here, whether or not this build can verify it.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value of `alg`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// [`Self::name`] the other way round.
            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// How it signs.
            pub const fn scheme(self) -> Scheme {
                match self { $(Self::$variant => $scheme,)+ }
            }
        }
    };
}

algorithms! {
    /// RSASSA-PKCS1-v1_5 with SHA-256
    Rs256 = "RS256", Scheme::RsaPkcs1(Digest::Sha256);
    /// RSASSA-PKCS1-v1_5 with SHA-384
    Rs384 = "RS384", Scheme::RsaPkcs1(Digest::Sha384);
    /// RSASSA-PKCS1-v1_5 with SHA-512
    Rs512 = "RS512", Scheme::RsaPkcs1(Digest::Sha512);
    /// RSASSA-PSS with SHA-256
    Ps256 = "PS256", Scheme::RsaPss(Digest::Sha256);
    /// RSASSA-PSS with SHA-384
    Ps384 = "PS384", Scheme::RsaPss(Digest::Sha384);
    /// RSASSA-PSS with SHA-512
    Ps512 = "PS512", Scheme::RsaPss(Digest::Sha512);
    /// ECDSA on P-256 with SHA-256
    Es256 = "ES256", Scheme::Ecdsa(Curve::P256, Digest::Sha256);
    /// ECDSA on P-384 with SHA-384
    Es384 = "ES384", Scheme::Ecdsa(Curve::P384, Digest::Sha384);
    /// ECDSA on P-521 with SHA-512
    Es512 = "ES512", Scheme::Ecdsa(Curve::P521, Digest::Sha512);
    /// ECDSA on secp256k1 with SHA-256 (RFC 8812 section 3.2)
    Es256K = "ES256K", Scheme::Ecdsa(Curve::Secp256k1, Digest::Sha256);
    /// EdDSA, of which only Ed25519 is supported (RFC 8037 section 3.1)
    EdDsa = "EdDSA", Scheme::Ed25519;
    /// The fully specified name of the same algorithm (RFC 9864 section 2.2)
    Ed25519 = "Ed25519", Scheme::Ed25519;
    /// ML-DSA with the parameter set of category 2 (RFC 9964)
    MlDsa44 = "ML-DSA-44", Scheme::MlDsa(ParameterSet::MlDsa44);
    /// ML-DSA with the parameter set of category 3 (RFC 9964)
    MlDsa65 = "ML-DSA-65", Scheme::MlDsa(ParameterSet::MlDsa65);
    /// ML-DSA with the parameter set of category 5 (RFC 9964)
    MlDsa87 = "ML-DSA-87", Scheme::MlDsa(ParameterSet::MlDsa87);
    /// HMAC with SHA-256
    Hs256 = "HS256", Scheme::Hmac(Digest::Sha256);
    /// HMAC with SHA-384
    Hs384 = "HS384", Scheme::Hmac(Digest::Sha384);
    /// HMAC with SHA-512
    Hs512 = "HS512", Scheme::Hmac(Digest::Sha512);
}

impl Algorithm {
    /// The algorithm of this name, compared with case.
    ///
    /// ```
    /// use jwtverify_core::Algorithm;
    ///
    /// assert_eq!(Algorithm::from_name("ES256"), Some(Algorithm::Es256));
    /// assert_eq!(Algorithm::from_name("es256"), None);
    /// assert_eq!(Algorithm::from_name("none"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::named(name)
    }

    pub(crate) fn from_text(name: crate::json::Text<'_>) -> Option<Self> {
        match name.as_plain() {
            Some(plain) => Self::named(plain),
            None => Self::ALL
                .iter()
                .copied()
                .find(|algorithm| name == algorithm.name()),
        }
    }

    /// The type of key that it takes.
    pub const fn key_type(self) -> KeyType {
        match self.scheme() {
            Scheme::Ecdsa(..) => KeyType::Ec,
            Scheme::Ed25519 => KeyType::Okp,
            Scheme::Hmac(_) => KeyType::Oct,
            Scheme::MlDsa(_) => KeyType::Akp,
            Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => KeyType::Rsa,
        }
    }

    /// The curve that its keys are on.
    pub const fn curve(self) -> Option<Curve> {
        match self.scheme() {
            Scheme::Ecdsa(curve, _) => Some(curve),
            Scheme::Ed25519 => Some(Curve::Ed25519),
            _ => None,
        }
    }

    /// The parameter set of its keys, for ML-DSA.
    pub const fn parameter_set(self) -> Option<ParameterSet> {
        match self.scheme() {
            Scheme::MlDsa(set) => Some(set),
            _ => None,
        }
    }

    /// The digest, where it is not part of the scheme.
    pub const fn digest(self) -> Option<Digest> {
        match self.scheme() {
            Scheme::Ecdsa(_, digest)
            | Scheme::Hmac(digest)
            | Scheme::RsaPkcs1(digest)
            | Scheme::RsaPss(digest) => Some(digest),
            Scheme::Ed25519 | Scheme::MlDsa(_) => None,
        }
    }

    /// Octets of a signature, where they do not depend on the key (RSA: as long as the modulus).
    pub const fn signature_len(self) -> Option<usize> {
        match self.scheme() {
            Scheme::Ecdsa(curve, _) => Some(curve.coordinate_len().saturating_mul(2)),
            Scheme::Ed25519 => Some(64),
            Scheme::Hmac(digest) => Some(digest.len()),
            Scheme::MlDsa(set) => Some(set.signature_len()),
            Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => None,
        }
    }

    /// Whether whoever can verify can also sign.
    pub const fn is_symmetric(self) -> bool {
        matches!(self.scheme(), Scheme::Hmac(_))
    }

    #[expect(
        clippy::as_conversions,
        reason = "the number of a variant, which nothing else gives in a const"
    )]
    const fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A set of algorithms: a verifier's allow-list, or what a key may be used for.
///
/// A set is exact: one that holds `EdDSA` does not hold `Ed25519`, though both name the same
/// computation.
///
/// ```
/// use jwtverify_core::{Algorithm, AlgorithmSet};
///
/// const ALLOWED: AlgorithmSet = AlgorithmSet::EMPTY.with(Algorithm::Rs256).with(Algorithm::Es256);
/// assert!(ALLOWED.contains(Algorithm::Es256) && !ALLOWED.contains(Algorithm::Hs256));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AlgorithmSet(u32);

impl AlgorithmSet {
    /// No algorithm.
    pub const EMPTY: Self = Self(0);

    /// Every algorithm, symmetric ones included.
    pub const ALL: Self = Self::where_symmetric(None);

    /// Every algorithm whose verification key can't sign.
    pub const ASYMMETRIC: Self = Self::where_symmetric(Some(false));

    const fn where_symmetric(wanted: Option<bool>) -> Self {
        let mut set = Self::EMPTY;
        let mut rest = Algorithm::ALL;
        while let [algorithm, tail @ ..] = rest {
            let fits = match wanted {
                Some(symmetric) => algorithm.is_symmetric() == symmetric,
                None => true,
            };
            if fits {
                set = set.with(*algorithm);
            }
            rest = tail;
        }
        set
    }

    /// This set and `algorithm`.
    #[must_use]
    pub const fn with(self, algorithm: Algorithm) -> Self {
        Self(self.0 | algorithm.bit())
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `algorithm` is in the set.
    pub const fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & algorithm.bit() != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The algorithms of the set, in the order of [`Algorithm::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL
            .iter()
            .copied()
            .filter(move |algorithm| self.contains(*algorithm))
    }
}

impl FromIterator<Algorithm> for AlgorithmSet {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(algorithms: I) -> Self {
        algorithms.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl<const N: usize> From<[Algorithm; N]> for AlgorithmSet {
    fn from(algorithms: [Algorithm; N]) -> Self {
        Self::from_iter(algorithms)
    }
}

impl From<&[Algorithm]> for AlgorithmSet {
    fn from(algorithms: &[Algorithm]) -> Self {
        algorithms.iter().copied().collect()
    }
}

impl From<Algorithm> for AlgorithmSet {
    fn from(algorithm: Algorithm) -> Self {
        Self::EMPTY.with(algorithm)
    }
}

impl fmt::Debug for AlgorithmSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(*algorithm));
        }
    }

    #[test]
    fn rfc7518_and_fips204_signature_lengths() {
        for (algorithm, len) in [
            (Algorithm::Es256, Some(64)),
            (Algorithm::Es384, Some(96)),
            (Algorithm::Es512, Some(132)),
            (Algorithm::Es256K, Some(64)),
            (Algorithm::EdDsa, Some(64)),
            (Algorithm::MlDsa44, Some(2420)),
            (Algorithm::MlDsa87, Some(4627)),
            (Algorithm::Hs384, Some(48)),
            (Algorithm::Ps512, None),
        ] {
            assert_eq!(algorithm.signature_len(), len, "{algorithm}");
        }
    }

    #[test]
    fn sets_are_exact() {
        assert!(AlgorithmSet::ALL.iter().eq(Algorithm::ALL.iter().copied()));
        assert!(
            AlgorithmSet::ASYMMETRIC
                .iter()
                .all(|algorithm| !algorithm.is_symmetric())
        );
        assert_eq!(
            AlgorithmSet::ASYMMETRIC.iter().count() + 3,
            Algorithm::ALL.len()
        );
        assert!(!AlgorithmSet::from(Algorithm::EdDsa).contains(Algorithm::Ed25519));
        assert!(AlgorithmSet::default().is_empty());
    }
}
