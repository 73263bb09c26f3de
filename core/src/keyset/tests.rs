use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::algorithm::{AlgorithmSet, KeyType};
use crate::header::Header;
use crate::json::Names;
use crate::keys::Keys;
use crate::limits::MAX_KEYS;
use crate::policy::HeaderPolicy;
use crate::provider::RustCrypto;

/// Public keys of RFC 7515 appendix A.3 and RFC 8037 appendix A.2.
const EC: &str = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;
/// The base point of P-256 (SEC 2 section 2.4.2): a second key on the same curve.
const EC2: &str = r#""kty":"EC","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU""#;
const OKP: &str =
    r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
const OCT: &str = r#""kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8""#;

fn set(keys: &[&str]) -> Result<KeySet, KeySetError> {
    let keys: Vec<String> = keys.iter().map(|key| format!("{{{key}}}")).collect();
    let document = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
    KeySetOptions::new().allow_symmetric(true).read(document)
}

fn select(set: &KeySet, header: &str) -> Result<KeyTypeAndKid, Error> {
    let header = Header::read(header.as_bytes(), &mut Names::on_heap())?;
    let policy = HeaderPolicy {
        algorithms: AlgorithmSet::ALL,
        typ: None,
    };
    let key = set.select(&policy.permit(&header)?)?;
    Ok((key.key_type(), key.kid().map(String::from)))
}

type KeyTypeAndKid = (KeyType, Option<String>);

#[test]
fn selection_gives_exactly_one_key_or_says_why_not() {
    let with = |key: &str, more: &str| format!("{key},{more}");
    let a = with(EC, r#""kid":"a""#);
    let b = with(EC2, r#""kid":"b","alg":"ES256""#);
    let a_okp = with(OKP, r#""kid":"a""#);
    let a_other = with(EC2, r#""kid":"a""#);
    let es = |kid: &str| format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#);
    for (keys, header, expected) in [
        (&[&*a, &*b][..], es("a"), Ok(Some("a"))),
        (&[&*a, &*b], es("\\u0062"), Ok(Some("b"))),
        (&[&*a, &*b], es("c"), Err(Error::KeyNotFound)),
        (&[&*a, &*b], es("A"), Err(Error::KeyNotFound)),
        (&[&*a, &*b], es(""), Err(Error::KeyNotFound)),
        (
            &[&*a],
            r#"{"alg":"RS256","kid":"a"}"#.to_string(),
            Err(Error::KeyMismatch),
        ),
        (
            &[&*a],
            r#"{"alg":"HS256","kid":"a"}"#.to_string(),
            Err(Error::KeyMismatch),
        ),
        // A key without kid is never used for a token that names one.
        (&[EC], es("a"), Err(Error::KeyNotFound)),
        // The same kid: one key twice, keys of different types, two keys of one type.
        (&[&*a, &*a], es("a"), Ok(Some("a"))),
        (&[&*a, &*a_okp], es("a"), Ok(Some("a"))),
        (&[&*a, &*a_other], es("a"), Err(Error::KeyAmbiguous)),
        (&[&*a, &*a_other, &*b], es("b"), Ok(Some("b"))),
        // No kid in the token.
        (&[&*a], r#"{"alg":"ES256"}"#.to_string(), Ok(Some("a"))),
        (
            &[&*a, &*a_okp],
            r#"{"alg":"ES256"}"#.to_string(),
            Ok(Some("a")),
        ),
        (
            &[&*a, &*b],
            r#"{"alg":"ES256"}"#.to_string(),
            Err(Error::KeyAmbiguous),
        ),
        (
            &[&*a, &*b],
            r#"{"alg":"ES384"}"#.to_string(),
            Err(Error::KeyNoneFits),
        ),
        (&[EC, EC], r#"{"alg":"ES256"}"#.to_string(), Ok(None)),
    ] {
        let selected = select(&set(keys).unwrap(), &header).map(|(_, kid)| kid);
        assert_eq!(
            selected,
            expected.map(|kid| kid.map(String::from)),
            "{keys:?} {header}"
        );
    }
}

#[test]
fn two_mentions_of_one_key_join_their_algorithms() {
    let eddsa = format!(r#"{OKP},"kid":"a","alg":"EdDSA""#);
    let keys = set(&[&eddsa, &format!(r#"{OKP},"kid":"a""#)]).unwrap();
    assert_eq!((keys.len(), keys.warnings().len()), (1, 0));
}

#[test]
fn one_bad_key_does_not_lose_the_set_and_its_reason_is_kept() {
    let keys = set(&[EC, r#""kty":"XYZ","kid":"odd""#, OCT]).unwrap();
    let skipped: Vec<String> = keys.skipped().iter().map(ToString::to_string).collect();
    assert_eq!(
        skipped,
        [
            r#"keys[1] (kid "odd"): kty is not a type of signature key"#,
            "keys[2]: a symmetric key in a set that also holds public keys",
        ]
    );
}

#[test]
fn secrets_stay_apart_from_public_keys_even_unusable_ones() {
    for public in [EC, r#""kty":"RSA""#, r#""kty":"AKP""#] {
        let result = set(&[OCT, public]);
        let skipped = match &result {
            Ok(set) => set.skipped(),
            Err(error) => &error.skipped,
        };
        assert_eq!(skipped[0].reason, Error::SymmetricMixed, "{public}");
    }
    assert_eq!(set(&[OCT]).map(|set| set.len()), Ok(1));
}

#[test]
fn documents_that_are_no_key_set() {
    for (document, expected) in [
        ("", "KeySetJson"),
        ("<html>", "KeySetJson"),
        ("[]", "KeySetShape"),
        ("{}", "KeySetShape"),
        (r#"{"keys":{}}"#, "KeySetShape"),
        (r#"{"keys":"x","kty":"EC"}"#, "KeySetShape"),
        (r#"{"keys":[]}"#, "KeySetEmpty"),
        (r#"{"keys":[7,null,[]]}"#, "KeySetEmpty"),
        (r#"{"kty":"EC"}"#, "KeySetEmpty"),
        (r#"{"keys":[],"keys":[]}"#, "KeySetJson"),
        (r#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#, "KeySetJson"),
        ("{\"keys\":[]}\u{feff}", "KeySetJson"),
    ] {
        let error = KeySet::from_jwks(document)
            .err()
            .map(|error| error.error.name());
        assert_eq!(error, Some(expected), "{document}");
    }
}

#[test]
fn limits_are_exact() {
    let document = |keys: usize| {
        let members: Vec<String> = (0..keys)
            .map(|i| format!(r#"{{{EC},"kid":"{i}"}}"#))
            .collect();
        format!(r#"{{"keys":[{}]}}"#, members.join(","))
    };
    assert_eq!(
        KeySet::from_jwks(document(MAX_KEYS)).map(|set| set.len()),
        Ok(MAX_KEYS)
    );
    let error = |result: Result<KeySet, KeySetError>| result.err().map(Error::from);
    let many = KeySet::from_jwks(document(MAX_KEYS + 1));
    assert_eq!(error(many), Some(Error::KeySetTooManyKeys));
    let long = document(1);
    assert!(
        KeySetOptions::new()
            .max_bytes(long.len())
            .read::<RustCrypto>(&long)
            .is_ok()
    );
    let refused = KeySetOptions::new()
        .max_bytes(long.len() - 1)
        .read::<RustCrypto>(&long);
    assert_eq!(error(refused), Some(Error::KeySetTooLarge));
}

impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.kids().eq(other.kids())
    }
}
