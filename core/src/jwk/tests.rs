use std::format;

use super::*;

/// The public key of RFC 7515 appendix A.3.
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

fn refused(jwk: &str) -> Option<Error> {
    Key::from_jwk(jwk).err()
}

#[test]
fn rfc7517_members_decide_what_a_key_is_for() {
    for (more, expected) in [
        ("", None),
        (
            r#","use":"sig","key_ops":["verify"],"alg":"ES256","kid":"k","x5c":7"#,
            None,
        ),
        (r#","use":"enc""#, Some(Error::JwkUse)),
        (r#","use":"SIG""#, Some(Error::JwkUse)),
        (
            r#","use":["sig"]"#,
            Some(Error::JwkMemberType(JwkMember::Use)),
        ),
        (r#","key_ops":["sign"]"#, Some(Error::JwkKeyOps)),
        (r#","key_ops":[]"#, Some(Error::JwkKeyOps)),
        (
            r#","key_ops":"verify""#,
            Some(Error::JwkMemberType(JwkMember::KeyOps)),
        ),
        (r#","alg":"none""#, Some(Error::JwkAlgorithmUnknown)),
        (r#","alg":"ECDH-ES""#, Some(Error::JwkAlgorithmUnknown)),
        (r#","alg":"ES384""#, Some(Error::JwkAlgorithmMismatch)),
        (r#","alg":"RS256""#, Some(Error::JwkAlgorithmMismatch)),
        (r#","alg":256"#, Some(Error::JwkMemberType(JwkMember::Alg))),
        (r#","kid":null"#, Some(Error::JwkMemberType(JwkMember::Kid))),
        (r#","kid":7"#, Some(Error::JwkMemberType(JwkMember::Kid))),
    ] {
        let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"{more}}}"#);
        assert_eq!(refused(&jwk), expected, "{more}");
    }
}

#[test]
fn rfc7518_types_and_curves_are_case_sensitive() {
    for (jwk, expected) in [
        ("{}", Error::JwkMemberMissing(JwkMember::Kty)),
        (r#"{"kty":null}"#, Error::JwkMemberType(JwkMember::Kty)),
        (r#"{"kty":"ec"}"#, Error::KeyTypeUnknown),
        (r#"{"kty":"akp"}"#, Error::KeyTypeUnknown),
        (r#"{"kty":"EC"}"#, Error::JwkMemberMissing(JwkMember::Crv)),
        (r#"{"kty":"EC","crv":"p-256"}"#, Error::CurveUnknown),
        (r#"{"kty":"EC","crv":"Ed25519"}"#, Error::CurveUnknown),
        (r#"{"kty":"OKP","crv":"P-256"}"#, Error::CurveUnknown),
        (r#"{"kty":"OKP","crv":"X25519"}"#, Error::CurveUnknown),
        (
            r#"{"kty":"OKP","crv":"Ed25519"}"#,
            Error::JwkMemberMissing(JwkMember::X),
        ),
        (r#"{"kty":"RSA","n":"AQAB"}"#, Error::RsaModulusSize(17)),
        (r#"{"kty":"RSA"}"#, Error::JwkMemberMissing(JwkMember::N)),
        (
            r#"{"kty":"RSA","n":65537}"#,
            Error::JwkMemberType(JwkMember::N),
        ),
        (r#"{"kty":"oct","k":"AQAB"}"#, Error::SymmetricNotAllowed),
    ] {
        let disabled = jwk.contains("RSA") && cfg!(not(feature = "rsa"));
        let expected = if disabled {
            Error::KeyTypeDisabled
        } else {
            expected
        };
        assert_eq!(refused(jwk), Some(expected), "{jwk}");
    }
    assert!(matches!(refused("[]"), Some(Error::JwkJson(_))));
}

#[test]
fn invalid_curve_points_are_refused_when_the_key_is_read() {
    // The same point with its y of the other sign is on the curve; one bit more is not.
    let off_curve = Y.replace("x_FE", "y_FE");
    let beyond_p = "_____wAAAAEAAAAAAAAAAAAAAAD_______________8";
    let short = &X[..X.len() - 2];
    for (x, y, expected) in [
        (X, off_curve.as_str(), Error::EcPoint),
        (beyond_p, Y, Error::EcPoint),
        (short, Y, Error::EcCoordinateLength),
        (X, "", Error::EcCoordinateLength),
    ] {
        let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#);
        assert_eq!(refused(&jwk), Some(expected), "{x} {y}");
    }
}

#[cfg(feature = "ed25519")]
#[test]
fn ed25519_points_are_canonical_and_of_large_order() {
    for (x, expected) in [
        ("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", None),
        (
            "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            Some(Error::OkpPoint),
        ), // identity
        (
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            Some(Error::OkpPoint),
        ), // order 4
        (
            "7v___________________________________________38",
            Some(Error::OkpKeyLength),
        ),
        (
            "7v_______________________________________38",
            Some(Error::OkpPoint),
        ), // y = p + 1
        ("", Some(Error::OkpKeyLength)),
    ] {
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        assert_eq!(refused(&jwk), expected, "{x}");
    }
}

#[cfg(feature = "ed25519")]
#[test]
fn rfc9864_eddsa_and_ed25519_name_the_same_key() {
    for alg in ["EdDSA", "Ed25519"] {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","alg":"{alg}"}}"#);
        let both = AlgorithmSet::from([Algorithm::EdDsa, Algorithm::Ed25519]);
        assert_eq!(Key::from_jwk(&jwk).map(|key| key.algorithms()), Ok(both));
    }
}

#[test]
fn private_members_are_reported_and_from_the_network_refused() {
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","d":"AA"}}"#);
    let local: Result<Key, Error> = JwkOptions::new().read(&jwk);
    assert!(local.is_ok_and(|key| key.has_private_members()));
    let fetched: Result<Key, Error> = JwkOptions::new().fetched(true).read(&jwk);
    assert_eq!(fetched.err(), Some(Error::JwkPrivate));
}

#[cfg(feature = "hmac")]
#[test]
fn secrets_need_permission_and_never_come_from_the_network() {
    let jwk = r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
    let read = |options: JwkOptions| options.read::<RustCrypto>(jwk).map(|key| key.algorithms());
    let allowed = JwkOptions::new().allow_symmetric(true);
    assert_eq!(read(JwkOptions::new()), Err(Error::SymmetricNotAllowed));
    assert_eq!(read(allowed), Ok(Algorithm::Hs256.into()));
    assert_eq!(
        read(allowed.allow_weak_hmac(true)).map(|set| set.iter().count()),
        Ok(3)
    );
    assert_eq!(read(allowed.fetched(true)), Err(Error::SymmetricNotAllowed));
}

#[test]
fn members_may_be_written_with_json_escapes() {
    let escaped = |text: &str| -> std::string::String {
        text.chars()
            .map(|c| format!("\\u{:04x}", u32::from(c)))
            .collect()
    };
    let read = |x: &str| {
        let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{Y}"}}"#);
        refused(&jwk)
    };
    let unused_bits = X.replace("vRVEU", "vRVEV");
    let bad = Some(Error::JwkMemberBase64(JwkMember::X));
    assert_eq!(read(&escaped(X)), None);
    assert_eq!(read(&format!("{}{}", escaped(&X[..5]), &X[5..])), None);
    assert_eq!(read(&escaped(&unused_bits)), bad);
    assert_eq!(read(&escaped(&X.replace('3', "="))), bad);
    let length = Some(Error::EcCoordinateLength);
    assert_eq!(read(&escaped(&X[1..])), length);
    assert_eq!(read(&escaped(&format!("{X}A"))), length);
}

#[test]
fn rfc9964_an_akp_key_is_nothing_without_its_alg() {
    let public = |octets: usize| "A".repeat(octets.div_ceil(3) * 4 - (3 - octets % 3) % 3);
    let (right, long) = (public(1312), public(1313));
    let found = if cfg!(feature = "ml-dsa") {
        None
    } else {
        Some(Error::KeyTypeDisabled)
    };
    for (members, expected) in [
        (
            format!(r#""pub":"{right}""#),
            Some(Error::JwkMemberMissing(JwkMember::Alg)),
        ),
        (
            format!(r#""alg":"ML-DSA","pub":"{right}""#),
            Some(Error::JwkAlgorithmUnknown),
        ),
        (
            format!(r#""alg":"ES256","pub":"{right}""#),
            Some(Error::JwkAlgorithmMismatch),
        ),
        (
            r#""alg":"ML-DSA-44""#.into(),
            Some(Error::JwkMemberMissing(JwkMember::Pub)),
        ),
        (
            r#""alg":"ML-DSA-44","pub":7"#.into(),
            Some(Error::JwkMemberType(JwkMember::Pub)),
        ),
        (
            format!(r#""alg":"ML-DSA-44","pub":"{right}=""#),
            Some(Error::JwkMemberBase64(JwkMember::Pub)),
        ),
        (
            format!(r#""alg":"ML-DSA-44","pub":"{long}""#),
            Some(Error::AkpKeyLength),
        ),
        (
            format!(r#""alg":"ML-DSA-65","pub":"{right}""#),
            Some(Error::AkpKeyLength),
        ),
        (
            format!(r#""alg":"ML-DSA-44","pub":"{right}","use":"enc""#),
            Some(Error::JwkUse),
        ),
        (format!(r#""alg":"ML-DSA-44","pub":"{right}""#), found),
    ] {
        let jwk = format!(r#"{{"kty":"AKP",{members}}}"#);
        assert_eq!(refused(&jwk), expected, "{}", &jwk[..60.min(jwk.len())]);
    }
    let jwk = format!(r#"{{"kty":"AKP","alg":"ML-DSA-44","pub":"{right}","priv":"AA"}}"#);
    let fetched: Result<Key, Error> = JwkOptions::new().fetched(true).read(jwk);
    assert_eq!(fetched.err(), Some(Error::JwkPrivate));
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","alg":"ML-DSA-44"}}"#);
    assert_eq!(refused(&jwk), Some(Error::JwkAlgorithmMismatch));
}
