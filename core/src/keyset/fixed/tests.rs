use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::algorithm::{Algorithm, AlgorithmSet, Curve};
use crate::header::Header;
use crate::keyset::{Notice, Warning};
use crate::policy::HeaderPolicy;

const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
/// The base point of P-256 (SEC 2 section 2.4.2): a second key on the same curve.
const EC2: &str = r#""kty":"EC","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU""#;
const OCT: &str = r#""kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8""#;

fn ec() -> String {
    format!(r#""kty":"EC","crv":"P-256","x":"{X}","y":"{Y}""#)
}

fn document(keys: &[String]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("{{{key}}}")).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

fn point() -> ([u8; 32], [u8; 32]) {
    let (mut x, mut y) = ([0; 32], [0; 32]);
    crate::base64url::decode(X.as_bytes(), &mut x).unwrap();
    crate::base64url::decode(Y.as_bytes(), &mut y).unwrap();
    (x, y)
}

/// What is selected for a header, by anything that selects.
fn select<K: Keys>(set: &K, header: &str) -> Result<(KeyType, AlgorithmSet), Error> {
    let header = Header::read(header.as_bytes(), &mut Names::in_buffer(&mut []))?;
    let policy = HeaderPolicy {
        algorithms: AlgorithmSet::ALL,
        typ: None,
    };
    let key = set.select(&policy.permit(&header)?)?;
    Ok((key.key_type(), key.algorithms()))
}

#[test]
fn a_set_can_be_a_static_and_be_shared() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    static NONE: FixedKeySet<3> = FixedKeySet::new();
    is_shared(&NONE);
    assert!(NONE.is_empty());
    let named = select(&NONE, r#"{"alg":"ES256","kid":"a"}"#);
    assert_eq!(named, Err(Error::KeyNotFound));
    assert_eq!(select(&NONE, r#"{"alg":"ES256"}"#), Err(Error::KeyNoneFits));
}

#[test]
fn a_key_that_finds_no_room_is_an_error_and_never_left_out() {
    let with_kid = |key: &str, kid: &str| format!(r#"{key},"kid":"{kid}""#);
    let (a, b) = (with_kid(&ec(), "a"), with_kid(EC2, "b"));
    let two = document(&[a.clone(), b]);
    let read = |document: &str| -> Result<FixedKeySet<1>, Error> {
        FixedKeySet::from_jwks(document, &mut [])
    };
    assert_eq!(read(&two).err(), Some(Error::KeySetTooManyKeys));
    // The same key twice is one key, and what can't be used takes no room.
    let once = document(&[a.clone(), a, r#""kty":"XYZ""#.to_string()]);
    assert_eq!(read(&once).map(|set| set.len()), Ok(1));

    let read = |kid: &str| -> Result<FixedKeySet<1, RustCrypto, 8>, Error> {
        FixedKeySet::from_jwks(document(&[with_kid(&ec(), kid)]), &mut [])
    };
    assert!(read("12345678").is_ok());
    assert!(
        read("1234567\\u0038").is_ok(),
        "eight octets after unescaping"
    );
    assert_eq!(read("123456789").err(), Some(Error::JwkKidTooLong));
    assert_eq!(read("1234567é").err(), Some(Error::JwkKidTooLong));
}

#[test]
fn a_failed_insertion_changes_nothing() {
    let (x, y) = point();
    let key = || Key::from_ec_coordinates(Curve::P256, x, y).unwrap();
    let mut keys: FixedKeySet<1, RustCrypto, 4> = FixedKeySet::new();
    assert_eq!(keys.insert("abcde", key()), Err(Error::JwkKidTooLong));
    keys.insert("abcd", key().bound_to(Algorithm::Es256).unwrap())
        .unwrap();
    assert_eq!(keys.insert(None, key()), Err(Error::KeySetTooManyKeys));
    assert_eq!(keys.insert("abcd", key()), Ok(()), "the same key again");
    let secret = Key::from_hmac_secret(Algorithm::Hs256, [7; 32]).unwrap();
    assert_eq!(keys.insert(None, secret), Err(Error::SymmetricMixed));
    let jwk = format!("{{{OCT}}}");
    let symmetric = JwkOptions::new().allow_symmetric(true);
    assert_eq!(keys.insert_jwk(&jwk, symmetric), Err(Error::SymmetricMixed));
    assert_eq!(
        keys.insert_jwk(&jwk, JwkOptions::new()),
        Err(Error::SymmetricNotAllowed)
    );
    assert!(keys.kids().eq(["abcd"]) && keys.len() == 1);
    assert!(select(&keys, r#"{"alg":"ES256","kid":"abcd"}"#).is_ok());
}

#[test]
fn secrets_make_a_set_of_their_own() {
    let mut keys: FixedKeySet<2> = FixedKeySet::new();
    let symmetric = JwkOptions::new().allow_symmetric(true);
    let jwk = format!(r#"{{{OCT},"kid":"s"}}"#);
    keys.insert_jwk(jwk, symmetric).unwrap();
    let (x, y) = point();
    let public = Key::from_ec_coordinates(Curve::P256, x, y).unwrap();
    assert_eq!(keys.insert("p", public), Err(Error::SymmetricMixed));
    let selected = select(&keys, r#"{"alg":"HS256","kid":"s"}"#);
    assert_eq!(selected.map(|(key_type, _)| key_type), Ok(KeyType::Oct));
}

#[test]
fn jwk_raw_numbers_and_document_give_the_same_key() {
    let (x, y) = point();
    let sec1 = [&[4][..], &x, &y].concat();
    let mut keys: FixedKeySet<1> = FixedKeySet::new();
    keys.insert_jwk(format!(r#"{{{},"kid":"a"}}"#, ec()), JwkOptions::new())
        .unwrap();
    // One place is enough, since they are all the same key.
    keys.insert("a", Key::from_ec_coordinates(Curve::P256, x, y).unwrap())
        .unwrap();
    keys.insert("a", Key::from_ec_sec1(Curve::P256, sec1).unwrap())
        .unwrap();
    assert_eq!(keys.len(), 1);
}

#[test]
fn member_names_beyond_64_need_the_callers_scratch() {
    let members: Vec<String> = (0..70).map(|i| format!(r#""x{i}":0"#)).collect();
    let document = document(&[format!("{},{}", ec(), members.join(","))]);
    let read = |octets: usize| -> Result<FixedKeySet<1>, Error> {
        let mut scratch = std::vec![0; octets];
        FixedKeySet::from_jwks(&document, &mut scratch)
    };
    assert_eq!(read(0).err(), Some(Error::MisuseScratch));
    assert_eq!(read(document.len()).map(|set| set.len()), Ok(1));
    let mut keys: FixedKeySet<1> = FixedKeySet::new();
    let jwk = document
        .trim_start_matches("{\"keys\":[")
        .trim_end_matches("]}");
    assert_eq!(
        keys.insert_jwk(jwk, JwkOptions::new()),
        Err(Error::MisuseScratch)
    );
}

#[test]
fn notices_name_the_member_and_escape_its_kid() {
    let document = document(&[
        format!(r#"{},"kid":"a","d":"AA""#, ec()),
        format!(r#"{EC2},"kid":"a""#),
        r#""kty":"XYZ","kid":"it's \"odd\"\n""#.to_string(),
    ]);
    let document = document.replace("]}", ",7]}");
    let mut notices = Vec::new();
    let keys: Result<FixedKeySet<2>, Error> =
        KeySetOptions::new().read_in(&document, &mut [], |notice| notices.push(notice));
    assert!(keys.is_ok());
    let kinds: Vec<_> = notices.iter().map(|notice| notice.notice).collect();
    assert_eq!(
        kinds,
        [
            Notice::Warning(Warning::PrivateMembers),
            Notice::Warning(Warning::DuplicateKid),
            Notice::Skipped(Error::KeyTypeUnknown),
            Notice::Skipped(Error::JwkNotObject),
        ]
    );
    assert_eq!(
        notices[2].to_string(),
        r#"keys[2] (kid "it's \"odd\"\n"): kty is not a type of signature key"#
    );
}

#[cfg(feature = "alloc")]
mod same_as_on_the_heap {
    use super::*;
    use crate::keyset::{KeySet, KeySetError};

    const OKP: &str =
        r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;

    /// Every sequence of up to three of these members, with every header below.
    fn members() -> Vec<String> {
        let broken = |member: &str| format!(r#"{member},"kid":"a""#);
        std::vec![
            format!(r#"{},"kid":"a""#, ec()),
            format!(r#"{EC2},"kid":"a""#),
            format!(r#"{EC2},"kid":"\u0062","alg":"ES256""#),
            EC2.to_string(),
            format!(r#"{OKP},"kid":"a","alg":"EdDSA""#),
            format!(r#"{OCT},"kid":"a""#),
            // Numbers that can't be read: a namesake of the type is ambiguous.
            broken(r#""kty":"EC","crv":"P-256","x":"=","y":"=""#),
            broken(r#""kty":"OKP","crv":"Ed25519","x":"=""#),
            // Skipped for another reason: its namesakes are not concerned.
            broken(r#""kty":"EC","crv":"P-256","x":"AA","y":"AA""#),
        ]
    }

    const HEADERS: [&str; 8] = [
        r#"{"alg":"ES256","kid":"a"}"#,
        r#"{"alg":"ES256","kid":"b"}"#,
        r#"{"alg":"ES256","kid":"c"}"#,
        r#"{"alg":"ES384","kid":"a"}"#,
        r#"{"alg":"Ed25519","kid":"\u0061"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":"EdDSA"}"#,
        r#"{"alg":"HS256"}"#,
    ];

    fn compare(document: &str) {
        let options = KeySetOptions::new().allow_symmetric(true);
        let heap: Result<KeySet, KeySetError> = options.read(document);
        let mut skipped = Vec::new();
        let mut warnings = Vec::new();
        let fixed: Result<FixedKeySet<4>, Error> =
            options.read_in(document, &mut [], |notice| match notice.notice {
                Notice::Skipped(_) => skipped.push(notice.to_string()),
                Notice::Warning(_) => warnings.push(notice.to_string()),
            });
        match (heap, fixed) {
            (Ok(heap), Ok(fixed)) => {
                assert_eq!(heap.len(), fixed.len(), "{document}");
                let heap_skipped = heap.skipped().iter().map(ToString::to_string);
                assert!(heap_skipped.eq(skipped), "{document}");
                let heap_warnings = heap.warnings().iter().map(ToString::to_string);
                assert!(heap_warnings.eq(warnings), "{document}");
                for header in HEADERS {
                    let (a, b) = (select(&heap, header), select(&fixed, header));
                    assert_eq!(a, b, "{document} {header}");
                }
            }
            (heap, fixed) => {
                assert_eq!(heap.err().map(Error::from), fixed.err(), "{document}");
            }
        }
    }

    #[test]
    fn every_small_document_gives_the_same_set_notices_and_choices() {
        let members = members();
        let mut sequences: Vec<Vec<usize>> = std::vec![Vec::new()];
        for _ in 0..3 {
            let longer = sequences.iter().flat_map(|sequence| {
                let append = |next| [sequence.as_slice(), &[next]].concat();
                (0..members.len()).map(append).collect::<Vec<_>>()
            });
            let longer: Vec<_> = longer.collect();
            sequences.extend(longer);
            sequences.sort();
            sequences.dedup();
        }
        assert_eq!(sequences.len(), 1 + 9 + 81 + 729);
        for sequence in sequences {
            let keys: Vec<String> = sequence.iter().map(|i| members[*i].clone()).collect();
            compare(&document(&keys));
        }
    }

    #[test]
    fn documents_that_are_no_key_set() {
        for text in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":[]}"#,
            r#"{"keys":[7,null,[]]}"#,
            r#"{"kty":"EC"}"#,
            r#"{"keys":[],"keys":[]}"#,
            r#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#,
            "{\"keys\":[]}\u{feff}",
        ] {
            compare(text);
        }
        compare(&format!("{{{}}}", ec()));
    }
}

/// Without a heap there is room for 4096 bits. To leave the key out would make its namesake the
/// only one, where a build with a heap finds two.
#[cfg(feature = "rsa")]
#[test]
fn an_rsa_key_without_room_is_an_error_and_never_left_out() {
    let rsa = |octets: usize, kid: &str| {
        // 3 octets are 4 characters of 1 bits, and the one octet that is left is "_w".
        let n = format!("{}_w", "_".repeat(octets / 3 * 4));
        format!(r#""kty":"RSA","n":"{n}","e":"AQAB","kid":"{kid}""#)
    };
    let read = |long: usize, kid: &str| -> Result<FixedKeySet<2>, Error> {
        let text = document(&[rsa(256, "a"), rsa(long, kid)]);
        FixedKeySet::from_jwks(text, &mut [])
    };
    for kid in ["a", "b"] {
        assert_eq!(read(511, kid).map(|keys| keys.len()), Ok(2), "{kid}");
        let long = read(640, kid).map(|keys| keys.len());
        let expected = if cfg!(feature = "alloc") {
            Ok(2)
        } else {
            Err(Error::KeyTypeDisabled)
        };
        assert_eq!(long, expected, "{kid}");
    }
    if let Ok(keys) = read(640, "a") {
        let named = select(&keys, r#"{"alg":"RS256","kid":"a"}"#);
        assert_eq!(named, Err(Error::KeyAmbiguous));
    }
}
