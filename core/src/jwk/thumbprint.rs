//! The thumbprint of a key: a name for its numbers that nobody can choose (RFC 7638).

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

use super::Key;
use crate::algorithm::{Algorithm, ParameterSet};
use crate::provider::{KeyMaterial, Provider};

impl<P: Provider> Key<P> {
    /// The SHA-256 thumbprint of a public key (RFC 7638 section 3; RFC 8037 section 2 for
    /// Ed25519, RFC 9964 for ML-DSA).
    ///
    /// Two keys with one thumbprint are the same key, whatever their `kid`, `alg` and `use` are
    /// and however their numbers were written. Secrets have none: a digest of a secret tells too
    /// much of it (section 7).
    ///
    /// ```
    /// # #[cfg(feature = "ed25519")] {
    /// use jwtverify_core::Key;
    ///
    /// // RFC 8037 appendix A.3
    /// let jwk = br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// let key: Key = Key::from_jwk(jwk)?;
    /// assert_eq!(key.thumbprint().map(|octets| octets[..4].to_vec()), Some(vec![0x90, 0xfa, 0xca, 0xfe]));
    /// # }
    /// # Ok::<(), jwtverify_core::Error>(())
    /// ```
    pub const fn thumbprint(&self) -> Option<&[u8; 32]> {
        self.thumbprint.as_ref()
    }
}

/// The value of a required member.
enum Member<'m> {
    Name(&'static str),
    Octets(&'m [u8]),
}

/// The digest of the required members, in the order of their names and without white space.
pub(super) fn of(material: &KeyMaterial<'_>) -> Option<[u8; 32]> {
    use Member::{Name, Octets};

    let digest = match *material {
        KeyMaterial::Ec { curve, x, y } => digest(&[
            ("crv", Name(curve.name())),
            ("kty", Name("EC")),
            ("x", Octets(x)),
            ("y", Octets(y)),
        ]),
        KeyMaterial::Ed25519 { point } => digest(&[
            ("crv", Name("Ed25519")),
            ("kty", Name("OKP")),
            ("x", Octets(point)),
        ]),
        KeyMaterial::MlDsa {
            parameter_set,
            public,
        } => digest(&[
            ("alg", Name(name_of(parameter_set))),
            ("kty", Name("AKP")),
            ("pub", Octets(public)),
        ]),
        KeyMaterial::Rsa { modulus, exponent } => {
            let exponent = exponent.to_be_bytes();
            let zeros = exponent.iter().take_while(|octet| **octet == 0).count();
            digest(&[
                ("e", Octets(exponent.get(zeros..).unwrap_or_default())),
                ("kty", Name("RSA")),
                ("n", Octets(modulus)),
            ])
        }
        KeyMaterial::Symmetric { .. } => return None,
    };
    Some(digest)
}

/// ML-DSA keys are named by their algorithm, of which each parameter set has one.
const fn name_of(parameter_set: ParameterSet) -> &'static str {
    match parameter_set {
        ParameterSet::MlDsa44 => Algorithm::MlDsa44.name(),
        ParameterSet::MlDsa65 => Algorithm::MlDsa65.name(),
        ParameterSet::MlDsa87 => Algorithm::MlDsa87.name(),
    }
}

fn digest(members: &[(&str, Member<'_>)]) -> [u8; 32] {
    /// A multiple of three, so that the pieces of a number join without padding.
    const PIECE: usize = 48;

    let mut digest = Sha256::new();
    let mut before = "{\"";
    for (name, value) in members {
        digest.update(before);
        digest.update(name);
        digest.update("\":\"");
        match value {
            Member::Name(name) => digest.update(name),
            Member::Octets(octets) => {
                let mut text = [0; PIECE / 3 * 4];
                for piece in octets.chunks(PIECE) {
                    // Infallible: the text of a piece has room.
                    let text = Base64UrlUnpadded::encode(piece, &mut text);
                    digest.update(text.unwrap_or_default());
                }
            }
        }
        before = "\",\"";
    }
    digest.update("\"}");
    digest.finalize().into()
}

#[cfg(all(
    test,
    feature = "rsa",
    feature = "p256",
    feature = "ed25519",
    feature = "hmac"
))]
mod tests {
    use std::format;
    use std::string::String;

    use super::*;
    use crate::jwk::JwkOptions;

    fn base64url(digest: &[u8; 32]) -> String {
        let mut text = [0; 43];
        Base64UrlUnpadded::encode(digest, &mut text).unwrap().into()
    }

    fn thumbprint(jwk: &str) -> Option<String> {
        let key: Key = JwkOptions::new().allow_symmetric(true).read(jwk).unwrap();
        key.thumbprint().map(base64url)
    }

    const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    #[test]
    fn rfc7638_3_1_example() {
        let jwk =
            format!(r#"{{"kty":"RSA","n":"{N}","e":"AQAB","alg":"RS256","kid":"2011-04-29"}}"#);
        let wanted = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(thumbprint(&jwk).as_deref(), Some(wanted));
    }

    #[test]
    fn rfc7638_another_number_is_another_thumbprint_and_another_spelling_is_not() {
        let of = |n: &str, e: &str| thumbprint(&format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#));
        assert_ne!(of(N, "AQAB"), of(N, "Aw"));
        assert_eq!(of(N, "AQAB"), of(N, "AAEAAQ"));
    }

    #[test]
    fn rfc8037_a_3_example() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        let wanted = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        assert_eq!(thumbprint(&jwk).as_deref(), Some(wanted));
    }

    #[test]
    fn rfc7638_elliptic_curve_members_are_in_the_order_of_their_names() {
        // RFC 7515 appendix A.3
        let (x, y) = (
            "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        );
        let text = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let wanted = base64url(&Sha256::digest(&text).into());
        let jwk = format!(r#"{{"y":"{y}","x":"{x}","kid":"a","kty":"EC","crv":"P-256"}}"#);
        assert_eq!(thumbprint(&jwk), Some(wanted));
    }

    #[test]
    fn rfc7638_7_a_secret_has_no_thumbprint() {
        let jwk = r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
        assert_eq!(thumbprint(jwk), None);
    }
}
