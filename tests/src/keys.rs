//! Signing keys of every algorithm, made by aws-lc-rs.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, PqdsaKeyPair, PqdsaSigningAlgorithm, RsaEncoding,
    RsaKeyPair,
};
use aws_lc_rs::{encoding, hmac};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

/// A signature algorithm, named as in a token's `alg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the registered names")]
pub enum Alg {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
    Es256K,
    EdDsa,
    Ed25519,
    MlDsa44,
    MlDsa65,
    MlDsa87,
    Hs256,
    Hs384,
    Hs512,
}

impl Alg {
    /// Every algorithm.
    pub const ALL: [Self; 18] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Es256K,
        Self::EdDsa,
        Self::Ed25519,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
    ];

    /// The name in a token's header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Es256K => "ES256K",
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// The algorithm of that name, if it is one of these.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    /// Whether the key is a secret that both sides hold.
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }

    /// The algorithms whose keys can be published.
    pub fn asymmetric() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|alg| !alg.is_symmetric())
    }

    fn rsa(self) -> Option<&'static dyn RsaEncoding> {
        Some(match self {
            Self::Rs256 => &signature::RSA_PKCS1_SHA256,
            Self::Rs384 => &signature::RSA_PKCS1_SHA384,
            Self::Rs512 => &signature::RSA_PKCS1_SHA512,
            Self::Ps256 => &signature::RSA_PSS_SHA256,
            Self::Ps384 => &signature::RSA_PSS_SHA384,
            Self::Ps512 => &signature::RSA_PSS_SHA512,
            _ => return None,
        })
    }

    fn hmac(self) -> Option<hmac::Algorithm> {
        Some(match self {
            Self::Hs256 => hmac::HMAC_SHA256,
            Self::Hs384 => hmac::HMAC_SHA384,
            Self::Hs512 => hmac::HMAC_SHA512,
            _ => return None,
        })
    }
}

enum Material {
    Rsa(RsaKeyPair),
    Ec {
        pair: EcdsaKeyPair,
        curve: &'static str,
    },
    Ed25519(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
    Secret(Vec<u8>),
}

/// A key that signs, its kid, and the algorithm it signs with.
pub struct SigningKey {
    alg: Alg,
    kid: String,
    material: Material,
}

impl SigningKey {
    /// A fresh key. RSA keys have 2048 bits, secrets as many octets as the digest.
    pub fn generate(alg: Alg, kid: impl Into<String>) -> Self {
        let material = match alg {
            Alg::Rs256 | Alg::Rs384 | Alg::Rs512 | Alg::Ps256 | Alg::Ps384 | Alg::Ps512 => {
                Material::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
            }
            Alg::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            Alg::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            Alg::Es512 => ec(&signature::ECDSA_P521_SHA512_FIXED_SIGNING, "P-521"),
            Alg::Es256K => ec(&signature::ECDSA_P256K1_SHA256_FIXED_SIGNING, "secp256k1"),
            Alg::MlDsa44 => ml_dsa(&signature::ML_DSA_44_SIGNING),
            Alg::MlDsa65 => ml_dsa(&signature::ML_DSA_65_SIGNING),
            Alg::MlDsa87 => ml_dsa(&signature::ML_DSA_87_SIGNING),
            Alg::EdDsa | Alg::Ed25519 => Material::Ed25519(Ed25519KeyPair::generate().unwrap()),
            Alg::Hs256 => secret(32),
            Alg::Hs384 => secret(48),
            Alg::Hs512 => secret(64),
        };
        Self {
            alg,
            kid: kid.into(),
            material,
        }
    }

    /// A symmetric key of the octets given, whatever they are. Panics for public-key algorithms.
    pub fn from_secret(alg: Alg, kid: impl Into<String>, secret: impl Into<Vec<u8>>) -> Self {
        assert!(alg.is_symmetric(), "{} has no secret", alg.name());
        Self {
            alg,
            kid: kid.into(),
            material: Material::Secret(secret.into()),
        }
    }

    /// One key for each algorithm, made once in a process. Its kid is the name in lower case.
    ///
    /// RSA key generation takes tenths of a second; suites that don't care which key they use
    /// share these.
    pub fn shared(alg: Alg) -> &'static Self {
        static KEYS: [OnceLock<SigningKey>; Alg::ALL.len()] =
            [const { OnceLock::new() }; Alg::ALL.len()];
        let slot = Alg::ALL.iter().position(|&other| other == alg).unwrap();
        KEYS[slot].get_or_init(|| Self::generate(alg, alg.name().to_ascii_lowercase()))
    }

    /// The algorithm it signs with.
    pub const fn alg(&self) -> Alg {
        self.alg
    }

    /// The key's id, as its JWK and the tokens minted with it say.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What a verifier needs: the public JWK with `kid`, `alg` and `use`. For a symmetric
    /// algorithm there is nothing public, and it is the secret.
    pub fn jwk(&self) -> Value {
        let Value::Object(mut jwk) = self.bare_jwk() else {
            unreachable!()
        };
        jwk.insert("kid".into(), json!(self.kid));
        jwk.insert("alg".into(), json!(self.alg.name()));
        jwk.insert("use".into(), json!("sig"));
        Value::Object(jwk)
    }

    /// The JWK with nothing but `kty`, `crv` and the key itself; for ML-DSA, whose keys are
    /// nothing without it, also `alg`.
    pub fn bare_jwk(&self) -> Value {
        match &self.material {
            Material::Rsa(pair) => {
                let (n, e) = rsa_integers(pair.public_key().as_ref());
                json!({"kty": "RSA", "n": base64url(n), "e": base64url(e)})
            }
            Material::Ec { pair, curve } => {
                // SEC 1, 2.3.3: 04, x, y, each coordinate of the field's full length.
                let point = pair.public_key().as_ref();
                assert_eq!(point.first(), Some(&4));
                let (x, y) = point[1..].split_at((point.len() - 1) / 2);
                json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
            }
            Material::Ed25519(pair) => {
                let x = base64url(pair.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "x": x})
            }
            Material::MlDsa(pair) => {
                let public = base64url(pair.public_key().as_ref());
                json!({"kty": "AKP", "alg": self.alg.name(), "pub": public})
            }
            Material::Secret(secret) => json!({"kty": "oct", "k": base64url(secret)}),
        }
    }

    /// A set with this key alone.
    pub fn jwks(&self) -> String {
        jwks([self])
    }

    /// The public key as the DER of a SubjectPublicKeyInfo. None for a secret.
    pub fn spki_der(&self) -> Option<Vec<u8>> {
        let der: encoding::PublicKeyX509Der<'_> = match &self.material {
            Material::Rsa(pair) => pair.public_key().as_der().unwrap(),
            Material::Ec { pair, .. } => pair.public_key().as_der().unwrap(),
            Material::Ed25519(pair) => pair.public_key().as_der().unwrap(),
            Material::MlDsa(pair) => pair.public_key().as_der().unwrap(),
            Material::Secret(_) => return None,
        };
        Some(der.as_ref().to_vec())
    }

    /// The public key as the library encodes it: PKCS#1 DER, an uncompressed point, 32 octets,
    /// the octets of FIPS 204, or the secret.
    pub fn raw_public(&self) -> &[u8] {
        match &self.material {
            Material::Rsa(pair) => pair.public_key().as_ref(),
            Material::Ec { pair, .. } => pair.public_key().as_ref(),
            Material::Ed25519(pair) => pair.public_key().as_ref(),
            Material::MlDsa(pair) => pair.public_key().as_ref(),
            Material::Secret(secret) => secret,
        }
    }

    /// The header of an ordinary token: `alg`, `kid`, `typ`.
    pub fn header(&self) -> Value {
        json!({"alg": self.alg.name(), "kid": self.kid, "typ": "JWT"})
    }

    /// An ordinary token of these claims.
    pub fn mint(&self, claims: &Value) -> String {
        self.mint_with(&json!({}), claims)
    }

    /// A token whose header is the ordinary one changed by `members`: a value replaces or adds,
    /// null removes.
    pub fn mint_with(&self, members: &Value, claims: &Value) -> String {
        let header = patched(self.header(), members);
        self.sign_text(header.to_string(), claims.to_string())
    }

    /// A signed token of exactly these header and payload octets, JSON or not.
    pub fn sign_text(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        self.sign_segments(&base64url(header.as_ref()), &base64url(payload.as_ref()))
    }

    /// A signed token of exactly these header and payload segments, base64url or not.
    pub fn sign_segments(&self, header: &str, payload: &str) -> String {
        let input = format!("{header}.{payload}");
        let signature = base64url(self.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }

    /// The signature as JOSE has it: r || s for elliptic curves, the full tag for HMAC.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.sign_as(self.alg, message)
    }

    /// The signature by another algorithm of the same key type, as a confused signer makes it.
    pub fn sign_as(&self, alg: Alg, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.material {
            Material::Rsa(pair) => {
                let encoding = alg.rsa().expect("an RSA algorithm");
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Material::Ec { pair, .. } => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Material::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Material::MlDsa(pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                pair.sign(message, &mut signature).unwrap();
                signature
            }
            Material::Secret(secret) => {
                let digest = alg.hmac().expect("an HMAC algorithm");
                hmac::sign(&hmac::Key::new(digest, secret), message)
                    .as_ref()
                    .to_vec()
            }
        }
    }
}

/// The set of these keys, in this order.
pub fn jwks<'k>(keys: impl IntoIterator<Item = &'k SigningKey>) -> String {
    let keys: Vec<Value> = keys.into_iter().map(SigningKey::jwk).collect();
    json!({ "keys": keys }).to_string()
}

/// Octets as base64url without padding.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

/// `object` changed by `members`: a value replaces or adds, null removes.
pub(crate) fn patched(object: Value, members: &Value) -> Value {
    let Value::Object(mut object) = object else {
        unreachable!()
    };
    for (name, value) in members.as_object().into_iter().flatten() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    Value::Object(object)
}

fn ec(algorithm: &'static signature::EcdsaSigningAlgorithm, curve: &'static str) -> Material {
    Material::Ec {
        pair: EcdsaKeyPair::generate(algorithm).unwrap(),
        curve,
    }
}

fn ml_dsa(algorithm: &'static PqdsaSigningAlgorithm) -> Material {
    Material::MlDsa(PqdsaKeyPair::generate(algorithm).unwrap())
}

fn secret(length: usize) -> Material {
    let mut octets = vec![0; length];
    SystemRandom::new().fill(&mut octets).unwrap();
    Material::Secret(octets)
}

/// The two integers of an RSAPublicKey (RFC 8017, A.1.1), without DER's sign octet: JWK integers
/// are the shortest unsigned form (RFC 7518, 6.3.1).
fn rsa_integers(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, rest) = der_value(der, 0x30);
    assert!(rest.is_empty());
    let (n, rest) = der_value(sequence, 0x02);
    let (e, rest) = der_value(rest, 0x02);
    assert!(rest.is_empty());
    (
        n.strip_prefix(&[0]).unwrap_or(n),
        e.strip_prefix(&[0]).unwrap_or(e),
    )
}

fn der_value(der: &[u8], tag: u8) -> (&[u8], &[u8]) {
    assert_eq!(der[0], tag);
    let (length, start) = match der[1] {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let octets = usize::from(long & 0x7f);
            let length = der[2..2 + octets]
                .iter()
                .fold(0, |sum, &o| sum << 8 | usize::from(o));
            (length, 2 + octets)
        }
    };
    der[start..].split_at(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jwk_members_have_the_lengths_that_the_standards_fix() {
        let table = [
            (Alg::Es256, "x", 43),
            (Alg::Es384, "y", 64),
            (Alg::Es512, "x", 88),
            (Alg::Es256K, "y", 43),
            (Alg::EdDsa, "x", 43),
            (Alg::MlDsa44, "pub", 1750),
            (Alg::MlDsa87, "pub", 3456),
            (Alg::Rs256, "n", 342),
            (Alg::Rs256, "e", 4),
            (Alg::Hs512, "k", 86),
        ];
        for (alg, member, characters) in table {
            let jwk = SigningKey::shared(alg).jwk();
            assert_eq!(
                jwk[member].as_str().unwrap().len(),
                characters,
                "{} {member}",
                alg.name()
            );
        }
    }

    #[test]
    fn every_algorithm_signs_with_the_length_of_jose() {
        let lengths = [
            256, 256, 256, 256, 256, 256, 64, 96, 132, 64, 64, 64, 2420, 3309, 4627, 32, 48, 64,
        ];
        for (alg, length) in Alg::ALL.into_iter().zip(lengths) {
            assert_eq!(
                SigningKey::shared(alg).sign(b"message").len(),
                length,
                "{}",
                alg.name()
            );
        }
    }

    #[test]
    fn null_removes_a_header_member() {
        let header = patched(
            json!({"alg": "ES256", "kid": "a"}),
            &json!({"kid": null, "x": 1}),
        );
        assert_eq!(header.to_string(), r#"{"alg":"ES256","x":1}"#);
    }
}
