use std::format;
use std::string::String;
use std::vec::Vec;

use super::*;
use crate::algorithm::AlgorithmSet;
use crate::jwk::JwkOptions;
use crate::provider::RustCrypto;

fn base64url(octets: &[u8]) -> String {
    use base64ct::Encoding;
    let mut text = std::vec![0; octets.len() * 2 + 2];
    base64ct::Base64UrlUnpadded::encode(octets, &mut text)
        .unwrap()
        .into()
}

fn bits(len: usize, first: u8, last: u8) -> Vec<u8> {
    let mut octets = std::vec![0x5a; len];
    octets[0] = first;
    octets[len - 1] = last;
    octets
}

/// The raw key and the JWK of the same numbers: equal in what they are for, or in the error.
#[track_caller]
fn same(raw: Result<Key, Error>, jwk: &str) -> Option<Error> {
    let options = JwkOptions::new().allow_symmetric(true);
    let jwk: Result<Key<RustCrypto>, Error> = options.read(jwk);
    match (&raw, &jwk) {
        (Ok(raw), Ok(jwk)) => {
            assert!(raw.same_material(jwk));
            assert_eq!(raw.algorithms(), jwk.algorithms());
            assert_eq!(raw.key_type(), jwk.key_type());
            assert_eq!(raw.curve(), jwk.curve());
            assert_eq!(raw.modulus_bits(), jwk.modulus_bits());
        }
        _ => assert_eq!(raw.as_ref().err(), jwk.as_ref().err()),
    }
    raw.err()
}

#[test]
fn points_are_checked_as_those_of_a_jwk() {
    let generator = p256_generator();
    let (x, y) = generator.split_at(32);
    let beyond = [0xff; 32];
    for (x, y, expected) in [
        (x, y, None),
        (y, x, Some(Error::EcPoint)),
        (&beyond[..], y, Some(Error::EcPoint)),
        (&[][..], y, Some(Error::EcCoordinateLength)),
        (x, &y[1..], Some(Error::EcCoordinateLength)),
        (&generator[..33], y, Some(Error::EcCoordinateLength)),
    ] {
        let jwk = format!(
            r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}}"#,
            base64url(x),
            base64url(y)
        );
        let raw = Key::from_ec_coordinates(Curve::P256, x, y);
        assert_eq!(same(raw, &jwk), expected, "{jwk}");
    }
    let okp: Result<Key, Error> = Key::from_ec_coordinates(Curve::Ed25519, x, y);
    assert_eq!(okp.err(), Some(Error::CurveUnknown));
}

#[test]
fn sec1_points_are_uncompressed() {
    let point = [&[4][..], &p256_generator()].concat();
    for (point, expected) in [
        (&point[..], None),
        (&point[..64], Some(Error::EcCoordinateLength)),
        (
            &[&point[..], &[0]].concat(),
            Some(Error::EcCoordinateLength),
        ),
        (&[4], Some(Error::EcCoordinateLength)),
        (&[0], Some(Error::EcPoint)),
        (&[], Some(Error::EcPoint)),
        (&[&[2], &point[1..33]].concat(), Some(Error::EcPoint)),
        (&[&[6], &point[1..]].concat(), Some(Error::EcPoint)),
    ] {
        let key: Result<Key, Error> = Key::from_ec_sec1(Curve::P256, point);
        assert_eq!(key.err(), expected, "{point:?}");
    }
}

#[test]
fn ed25519_keys_are_checked_as_those_of_a_jwk() {
    let mut base_point = [0x66; 32];
    base_point[0] = 0x58;
    for (point, expected) in [
        (&base_point[..], None),
        (&base_point[1..], Some(Error::OkpKeyLength)),
        (&[0x66; 33], Some(Error::OkpKeyLength)),
        (&[], Some(Error::OkpKeyLength)),
        (&[0xff; 32], Some(Error::OkpPoint)),
        (&[0; 32], Some(Error::OkpPoint)),
    ] {
        let x = base64url(point);
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        assert_eq!(same(Key::from_ed25519(point), &jwk), expected, "{jwk}");
    }
}

#[test]
fn rsa_numbers_are_checked_as_those_of_a_jwk() {
    let n = bits(256, 0xc5, 0x5b);
    let e = [1, 0, 1];
    for (n, e, expected) in [
        (&[&[0], &n[..]].concat(), &[0, 1, 0, 1][..], None),
        (
            &bits(256, 0x7f, 1),
            &e[..],
            Some(Error::RsaModulusSize(2047)),
        ),
        (&bits(1025, 1, 1), &e[..], Some(Error::RsaModulusSize(8193))),
        (&bits(1026, 0, 1), &e[..], Some(Error::RsaModulusSize(8208))),
        (&bits(256, 0xc5, 2), &e[..], Some(Error::RsaModulusEven)),
        (&Vec::new(), &e[..], Some(Error::RsaModulusSize(0))),
        (&n, &[1], Some(Error::RsaExponent)),
        (&n, &[4], Some(Error::RsaExponent)),
        (&n, &[], Some(Error::RsaExponent)),
        (&n, &[2, 0, 0, 0, 1], Some(Error::RsaExponent)),
        (&n, &[1; 10], Some(Error::RsaExponent)),
        (
            &n,
            &[0, 0, 3],
            Some(Error::JwkMemberBase64(crate::member::JwkMember::E)),
        ),
    ] {
        let jwk = format!(
            r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#,
            base64url(n),
            base64url(e)
        );
        let expected = if cfg!(feature = "rsa") {
            expected
        } else {
            Some(Error::KeyTypeDisabled)
        };
        assert_eq!(same(Key::from_rsa(n, e), &jwk), expected, "{jwk}");
    }
}

#[test]
fn secrets_are_checked_as_those_of_a_jwk() {
    let spki: &[u8] = &[&[0x30, 0x2a, 0x30, 0x05][..], &[7; 40]].concat();
    for (algorithm, secret, expected) in [
        (Algorithm::Hs256, &[7; 32][..], None),
        (Algorithm::Hs512, &[7; 64][..], None),
        (
            Algorithm::Hs512,
            &[7; 32][..],
            Some(Error::SymmetricTooShort(32)),
        ),
        (Algorithm::Hs256, &[][..], Some(Error::SymmetricTooShort(0))),
        (
            Algorithm::Hs256,
            &[7; 1025][..],
            Some(Error::SymmetricTooLong),
        ),
        (Algorithm::Hs256, spki, Some(Error::SymmetricLooksPublic)),
        (
            Algorithm::Hs256,
            b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA",
            Some(Error::SymmetricLooksPublic),
        ),
        (
            Algorithm::Rs256,
            &[7; 32][..],
            Some(Error::JwkAlgorithmMismatch),
        ),
    ] {
        let k = base64url(secret);
        let jwk = format!(r#"{{"kty":"oct","k":"{k}","alg":"{algorithm}"}}"#);
        let raw = Key::from_hmac_secret(algorithm, secret);
        assert_eq!(same(raw, &jwk), expected, "{jwk}");
    }
}

#[test]
fn a_key_bound_to_an_algorithm_is_for_nothing_else() {
    let mut base_point = [0x66; 32];
    base_point[0] = 0x58;
    let key = || -> Key { Key::from_ed25519(base_point).unwrap() };
    let both = AlgorithmSet::from([Algorithm::EdDsa, Algorithm::Ed25519]);
    let bound = key().bound_to(Algorithm::Ed25519);
    assert_eq!(bound.map(|key| key.algorithms()), Ok(both));
    let wrong = key().bound_to(Algorithm::Es256);
    assert_eq!(wrong.err(), Some(Error::JwkAlgorithmMismatch));
}

/// The base point of P-256 (SEC 2 section 2.4.2).
fn p256_generator() -> [u8; 64] {
    let text =
        "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li_hp_m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q";
    let mut point = [0; 64];
    crate::base64url::decode(text.as_bytes(), &mut point).unwrap();
    point
}
