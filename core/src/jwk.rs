//! One JWK (RFC 7517 section 4): a checked key, or the reason why not.

mod material;
mod raw;
mod secret;
#[cfg(feature = "thumbprint")]
mod thumbprint;

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::fmt;

use crate::algorithm::{Algorithm, AlgorithmSet, Curve, KeyType, ParameterSet};
use crate::error::Error;
use crate::json::{self, JsonFault, Names, Object, Text, Value};
use crate::limits::MAX_KID_BYTES;
use crate::member::JwkMember;
use crate::provider::{KeyMaterial, Provider, RustCrypto};

/// A key that may verify signatures.
///
/// Guarantees: its type and curve are known; its numbers are in range, its point is on the curve;
/// `use`, `key_ops` and `alg` allow it to verify. It knows the algorithms that it may be used
/// for, so that a token's header can select among them but never decide. Certificates in a JWK
/// (`x5c`, `x5t`) are ignored, private members are never kept.
pub struct Key<P: Provider = RustCrypto> {
    prepared: P::Key,
    algorithms: AlgorithmSet,
    key_type: KeyType,
    curve: Option<Curve>,
    parameter_set: Option<ParameterSet>,
    modulus_len: usize,
    has_private_members: bool,
    has_unreadable_namesake: bool,
    #[cfg(feature = "thumbprint")]
    thumbprint: Option<[u8; 32]>,
    #[cfg(feature = "alloc")]
    kid: Option<Box<str>>,
}

impl Key<RustCrypto> {
    /// Reads one public JWK. For symmetric keys there is [`JwkOptions`], for other providers
    /// [`read`](Self::read).
    ///
    /// # Errors
    /// The reason why the key can't be used: the codes 62x to 64x.
    pub fn from_jwk(jwk: impl AsRef<[u8]>) -> Result<Self, Error> {
        JwkOptions::new().read(jwk)
    }
}

impl<P: Provider> Key<P> {
    /// The same as [`from_jwk`](Key::from_jwk) for the provider that the type names.
    ///
    /// # Errors
    /// The reason why the key can't be used: the codes 62x to 64x.
    pub fn read(jwk: impl AsRef<[u8]>) -> Result<Self, Error> {
        JwkOptions::new().read(jwk)
    }

    /// The algorithms that this key may be used for: its `alg`, or all of its type and curve.
    pub const fn algorithms(&self) -> AlgorithmSet {
        self.algorithms
    }

    /// The type of the key.
    pub const fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The curve of the key.
    pub const fn curve(&self) -> Option<Curve> {
        self.curve
    }

    /// The parameter set of an ML-DSA key.
    pub const fn parameter_set(&self) -> Option<ParameterSet> {
        self.parameter_set
    }

    /// Bits of an RSA modulus, rounded up to whole octets; 0 for other keys.
    pub const fn modulus_bits(&self) -> usize {
        self.modulus_len.saturating_mul(8)
    }

    /// The `kid` of the JWK. Keys of raw numbers, and those of a
    /// [`FixedKeySet`](crate::FixedKeySet), which keeps each `kid` beside its key, have none.
    #[cfg(feature = "alloc")]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether the JWK came with its private part, which was not kept.
    pub const fn has_private_members(&self) -> bool {
        self.has_private_members
    }

    /// Does now what the provider would do after many signatures to verify faster, see
    /// [`Provider::warm`]: whether the key is as fast as it gets.
    pub fn warm(&self) -> bool {
        P::warm(&self.prepared)
    }

    /// Goes on with what the same key of an earlier set has learnt.
    #[cfg(feature = "alloc")]
    pub(crate) fn inherit(&mut self, before: &Self) {
        if self.same_material(before) {
            P::inherit(&mut self.prepared, &before.prepared);
        }
    }

    pub(crate) const fn prepared(&self) -> &P::Key {
        &self.prepared
    }

    pub(crate) const fn modulus_len(&self) -> usize {
        self.modulus_len
    }

    /// Whether the algorithm takes keys of this kind, whatever else the JWK says.
    pub(crate) fn is_of_kind(&self, algorithm: Algorithm) -> bool {
        self.key_type == algorithm.key_type()
            && self.curve == algorithm.curve()
            && self.parameter_set == algorithm.parameter_set()
    }

    /// Whether both are keys of one kind, which a token's algorithm can't tell apart.
    pub(crate) fn same_kind(&self, other: &Self) -> bool {
        self.key_type == other.key_type
            && self.curve == other.curve
            && self.parameter_set == other.parameter_set
    }

    /// Whether both are the same key of the same type, whatever `alg` says of each.
    pub(crate) fn same_material(&self, other: &Self) -> bool {
        P::same(&self.prepared, &other.prepared)
    }

    /// Adds the algorithms of another mention of the same key.
    pub(crate) const fn merge(&mut self, other: &Self) {
        self.algorithms = self.algorithms.union(other.algorithms);
    }

    /// Whether the set has a key of the same `kid` and type whose numbers can't be read. Nobody
    /// can tell whether that is the same key or another one.
    pub(crate) const fn has_unreadable_namesake(&self) -> bool {
        self.has_unreadable_namesake
    }

    pub(crate) const fn mark_unreadable_namesake(&mut self) {
        self.has_unreadable_namesake = true;
    }
}

impl<P: Provider> fmt::Debug for Key<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("key_type", &self.key_type)
            .field("curve", &self.curve)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

/// How to read a JWK: which kinds of key the caller is willing to have.
///
/// ```
/// # #[cfg(all(feature = "hmac", feature = "alloc"))] {
/// use jwtverify_core::{JwkOptions, Key};
///
/// let jwk = br#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
/// assert!(Key::from_jwk(jwk).is_err());
/// let key: Key = JwkOptions::new().allow_symmetric(true).read(jwk)?;
/// assert_eq!(key.algorithms().iter().count(), 3);
/// # }
/// # Ok::<(), jwtverify_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct JwkOptions {
    allow_symmetric: bool,
    allow_weak_hmac: bool,
    fetched: bool,
}

impl JwkOptions {
    /// Public keys only.
    pub const fn new() -> Self {
        Self {
            allow_symmetric: false,
            allow_weak_hmac: false,
            fetched: false,
        }
    }

    /// Accept symmetric secrets (`oct`).
    #[must_use]
    pub const fn allow_symmetric(mut self, allow: bool) -> Self {
        self.allow_symmetric = allow;
        self
    }

    /// Accept secrets shorter than the digest, against RFC 7518 section 3.2. Empty ones are
    /// refused all the same.
    #[must_use]
    pub const fn allow_weak_hmac(mut self, allow: bool) -> Self {
        self.allow_weak_hmac = allow;
        self
    }

    /// The key came over a network: secrets, and keys published with their private part, are
    /// refused whatever else is set.
    #[must_use]
    pub const fn fetched(mut self, fetched: bool) -> Self {
        self.fetched = fetched;
        self
    }

    /// Reads one JWK.
    ///
    /// # Errors
    /// The reason why the key can't be used: the codes 62x to 64x.
    pub fn read<P: Provider>(&self, jwk: impl AsRef<[u8]>) -> Result<Key<P>, Error> {
        #[cfg(feature = "alloc")]
        let mut names = Names::on_heap();
        #[cfg(not(feature = "alloc"))]
        let mut names = Names::in_buffer(&mut []);
        let (key, kid) = self.read_text(jwk.as_ref(), &mut names)?;
        #[cfg(feature = "alloc")]
        return Ok(key.with_kid(kid.map(|kid| kid.to_cow().into())));
        #[cfg(not(feature = "alloc"))]
        {
            let _ = kid;
            Ok(key)
        }
    }

    /// Reads one JWK: the key, and its `kid` for the caller to keep.
    pub(crate) fn read_text<'j, P: Provider>(
        &self,
        jwk: &'j [u8],
        names: &mut Names<'_>,
    ) -> Result<(Key<P>, Option<Text<'j>>), Error> {
        let object = json::members(jwk, names, |_, _, _| {});
        let object = object.map_err(|error| match error.fault() {
            JsonFault::NoRoom => Error::MisuseScratch,
            _ => Error::JwkJson(error),
        })?;
        self.read_object(object)
    }

    /// Reads a JWK that is a checked JSON object.
    pub(crate) fn read_object<'j, P: Provider>(
        &self,
        jwk: Object<'j>,
    ) -> Result<(Key<P>, Option<Text<'j>>), Error> {
        let members = Members::of(jwk);
        let key_type = members.key_type()?;
        let kid = members.kid()?;
        if key_type == KeyType::Oct && (self.fetched || !self.allow_symmetric) {
            return Err(Error::SymmetricNotAllowed);
        }
        if self.fetched && members.has_private {
            return Err(Error::JwkPrivate);
        }
        members.check_use()?;
        members.check_key_ops()?;
        let curve = members.curve(key_type)?;
        let algorithms = members.algorithms(key_type, curve)?;
        let parameter_set = members.parameter_set(key_type, algorithms)?;
        let mut key =
            material::with_material(&members, key_type, curve, parameter_set, |material| {
                Key::prepare(
                    material,
                    (key_type, curve),
                    algorithms,
                    self.allow_weak_hmac,
                )
            })?;
        key.has_private_members = members.has_private;
        Ok((key, kid))
    }
}

impl<P: Provider> Key<P> {
    /// Makes a key of numbers that were checked; secrets are checked here.
    fn prepare(
        material: &KeyMaterial<'_>,
        (key_type, curve): (KeyType, Option<Curve>),
        algorithms: AlgorithmSet,
        allow_weak_hmac: bool,
    ) -> Result<Self, Error> {
        let algorithms = match material {
            KeyMaterial::Symmetric { .. } if !cfg!(feature = "hmac") => {
                return Err(Error::KeyTypeDisabled);
            }
            KeyMaterial::Symmetric { secret } => {
                secret::check(secret, algorithms, allow_weak_hmac)?
            }
            _ => algorithms,
        };
        let modulus_len = match material {
            KeyMaterial::Rsa { modulus, .. } => modulus.len(),
            _ => 0,
        };
        let parameter_set = match material {
            KeyMaterial::MlDsa { parameter_set, .. } => Some(*parameter_set),
            _ => None,
        };
        Ok(Self {
            prepared: P::prepare(material)?,
            algorithms,
            key_type,
            curve,
            parameter_set,
            modulus_len,
            has_private_members: false,
            has_unreadable_namesake: false,
            #[cfg(feature = "thumbprint")]
            thumbprint: thumbprint::of(material),
            #[cfg(feature = "alloc")]
            kid: None,
        })
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn with_kid(mut self, kid: Option<Box<str>>) -> Self {
        self.kid = kid;
        self
    }
}

/// What a key of this type and curve may be used for.
fn fitting(key_type: KeyType, curve: Option<Curve>) -> impl Iterator<Item = Algorithm> {
    let fits =
        move |algorithm: &Algorithm| algorithm.key_type() == key_type && algorithm.curve() == curve;
    Algorithm::ALL.iter().copied().filter(fits)
}

/// What is left where a key is bound to `alg`. Names of the same computation stand for one
/// another: EdDSA and Ed25519.
fn bound_to(
    algorithms: impl Iterator<Item = Algorithm>,
    alg: Algorithm,
) -> Result<AlgorithmSet, Error> {
    let named: AlgorithmSet = algorithms
        .filter(|other| other.scheme() == alg.scheme())
        .collect();
    if named.is_empty() {
        Err(Error::JwkAlgorithmMismatch)
    } else {
        Ok(named)
    }
}

/// Whether a JWK says that it is a public key, of a type known here or not.
pub(crate) fn declares_public(jwk: Object<'_>) -> bool {
    matches!(Members::of(jwk).kty, Some(Value::String(kty)) if kty != KeyType::Oct.name())
}

/// The type of a JWK that may be bad otherwise.
pub(crate) fn declared_type(jwk: Object<'_>) -> Option<KeyType> {
    Members::of(jwk).key_type().ok()
}

/// The `kid` of a JWK that may be bad otherwise: for the list of skipped keys.
pub(crate) fn declared_kid(jwk: Object<'_>) -> Option<Text<'_>> {
    Members::of(jwk).kid().ok().flatten()
}

/// The members of a JWK that matter here.
#[derive(Default)]
struct Members<'j> {
    alg: Option<Value<'j>>,
    crv: Option<Value<'j>>,
    e: Option<Value<'j>>,
    k: Option<Value<'j>>,
    key_ops: Option<Value<'j>>,
    key_use: Option<Value<'j>>,
    kid: Option<Value<'j>>,
    kty: Option<Value<'j>>,
    n: Option<Value<'j>>,
    public: Option<Value<'j>>,
    x: Option<Value<'j>>,
    y: Option<Value<'j>>,
    has_private: bool,
}

impl<'j> Members<'j> {
    fn of(jwk: Object<'j>) -> Self {
        let mut members = Self::default();
        for (name, value) in jwk.members() {
            let slot = match name {
                name if name == "alg" => &mut members.alg,
                name if name == "crv" => &mut members.crv,
                name if name == "e" => &mut members.e,
                name if name == "k" => &mut members.k,
                name if name == "key_ops" => &mut members.key_ops,
                name if name == "use" => &mut members.key_use,
                name if name == "kid" => &mut members.kid,
                name if name == "kty" => &mut members.kty,
                name if name == "n" => &mut members.n,
                name if name == "pub" => &mut members.public,
                name if name == "x" => &mut members.x,
                name if name == "y" => &mut members.y,
                name => {
                    // RFC 7518 sections 6.2.2 and 6.3.2, RFC 9964
                    const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "priv"];
                    members.has_private |= PRIVATE.iter().any(|private| name == *private);
                    continue;
                }
            };
            *slot = Some(value);
        }
        members
    }

    fn key_type(&self) -> Result<KeyType, Error> {
        let kty = required(self.kty, JwkMember::Kty)?;
        KeyType::from_text(kty).ok_or(Error::KeyTypeUnknown)
    }

    fn kid(&self) -> Result<Option<Text<'j>>, Error> {
        let kid = string(self.kid, JwkMember::Kid)?;
        match kid {
            Some(kid) if kid.utf8_len() > MAX_KID_BYTES => Err(Error::JwkKidTooLong),
            kid => Ok(kid),
        }
    }

    fn check_use(&self) -> Result<(), Error> {
        match string(self.key_use, JwkMember::Use)? {
            Some(key_use) if key_use != "sig" => Err(Error::JwkUse),
            _ => Ok(()),
        }
    }

    fn check_key_ops(&self) -> Result<(), Error> {
        match self.key_ops {
            None => Ok(()),
            Some(Value::Array(operations)) => {
                let is_verify =
                    |operation| matches!(operation, Value::String(op) if op == "verify");
                if operations.elements().any(is_verify) {
                    Ok(())
                } else {
                    Err(Error::JwkKeyOps)
                }
            }
            Some(_) => Err(Error::JwkMemberType(JwkMember::KeyOps)),
        }
    }

    fn curve(&self, key_type: KeyType) -> Result<Option<Curve>, Error> {
        if !matches!(key_type, KeyType::Ec | KeyType::Okp) {
            return Ok(None);
        }
        let curve = Curve::from_text(required(self.crv, JwkMember::Crv)?);
        let is_okp = curve == Some(Curve::Ed25519);
        if curve.is_none() || is_okp != (key_type == KeyType::Okp) {
            return Err(Error::CurveUnknown);
        }
        Ok(curve)
    }

    /// `alg` if there is one, else everything that goes with the type and the curve. An AKP key
    /// is nothing without its `alg`.
    fn algorithms(&self, key_type: KeyType, curve: Option<Curve>) -> Result<AlgorithmSet, Error> {
        let fitting = fitting(key_type, curve);
        let Some(alg) = string(self.alg, JwkMember::Alg)? else {
            return match key_type {
                KeyType::Akp => Err(Error::JwkMemberMissing(JwkMember::Alg)),
                _ => Ok(fitting.collect()),
            };
        };
        let alg = Algorithm::from_text(alg).ok_or(Error::JwkAlgorithmUnknown)?;
        bound_to(fitting, alg)
    }

    /// The parameter set that the `alg` of an AKP key names.
    fn parameter_set(
        &self,
        key_type: KeyType,
        algorithms: AlgorithmSet,
    ) -> Result<Option<ParameterSet>, Error> {
        match key_type {
            KeyType::Akp => algorithms
                .iter()
                .find_map(Algorithm::parameter_set)
                .map(Some)
                .ok_or(Error::JwkAlgorithmMismatch),
            _ => Ok(None),
        }
    }
}

fn string(value: Option<Value<'_>>, member: JwkMember) -> Result<Option<Text<'_>>, Error> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::JwkMemberType(member)),
    }
}

fn required(value: Option<Value<'_>>, member: JwkMember) -> Result<Text<'_>, Error> {
    string(value, member)?.ok_or(Error::JwkMemberMissing(member))
}

#[cfg(all(test, feature = "p256"))]
mod tests;
