use std::format;
use std::string::ToString;

use super::*;

const NOW: i64 = 1_800_000_000;

struct Policy {
    issuer: Expected<'static>,
    audience: Expected<'static>,
    required: &'static [&'static str],
    leeway: u64,
    max_age: Option<u64>,
}

const LAX: Policy = Policy {
    issuer: Expected::Any,
    audience: Expected::Any,
    required: &[],
    leeway: 0,
    max_age: None,
};

fn check_at(policy: &Policy, payload: &str, now: i64) -> Option<Error> {
    let required = List::Many(policy.required);
    let policy = ClaimsPolicy {
        issuer: &policy.issuer,
        audience: &policy.audience,
        required: &required,
        leeway: policy.leeway,
        max_age: policy.max_age,
    };
    let mut names = Names::in_buffer(&mut []);
    let now = UnixTime::from_secs(now);
    policy
        .check(payload.as_bytes(), SignatureValid::ASSUMED, now, &mut names)
        .err()
}

fn check(policy: &Policy, payload: &str) -> Option<Error> {
    check_at(policy, payload, NOW)
}

#[test]
fn rfc7519_4_1_4_valid_while_now_is_before_exp_plus_leeway() {
    for (exp, leeway, valid) in [
        ("1800000001", 0, true),
        ("1800000000", 0, false),
        ("1800000000.5", 0, true),
        ("1799999999.5", 0, false),
        ("1799999971", 30, true),
        ("1799999970", 30, false),
        ("1799999970.001", 30, true),
        ("18000003000e-1", 0, true),
        ("9223372036854775807", 300, true),
        ("9223372036854775808", 0, true),
        ("1e50", 0, true),
        ("0", 0, false),
        ("-0", 300, false),
        ("-9223372036854775809", 300, false),
    ] {
        let result = check(&Policy { leeway, ..LAX }, &format!(r#"{{"exp":{exp}}}"#));
        assert_eq!(
            result,
            (!valid).then_some(Error::Expired),
            "{exp} leeway {leeway}"
        );
    }
}

#[test]
fn rfc7519_4_1_5_valid_from_nbf_minus_leeway() {
    for (nbf, leeway, valid) in [
        ("1800000000", 0, true),
        ("1800000000.5", 0, false),
        ("1800000001", 0, false),
        ("1800000030", 30, true),
        ("1800000031", 30, false),
        ("10", 30, true),
        ("-1", 0, true),
        ("1e50", 300, false),
        ("-1e50", 0, true),
    ] {
        let result = check(&Policy { leeway, ..LAX }, &format!(r#"{{"nbf":{nbf}}}"#));
        assert_eq!(
            result,
            (!valid).then_some(Error::NotYetValid),
            "{nbf} leeway {leeway}"
        );
    }
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    for now in [i64::MIN, -1, 0, i64::MAX] {
        let policy = Policy {
            leeway: 300,
            max_age: Some(u64::MAX),
            ..LAX
        };
        for date in ["-1e300", "0", "1e300"] {
            let payload = format!(r#"{{"exp":{date},"nbf":{date},"iat":{date}}}"#);
            let _ = check_at(&policy, &payload, now);
        }
    }
    assert_eq!(
        check_at(&LAX, r#"{"exp":1e300}"#, i64::MAX),
        Some(Error::Expired)
    );
    assert_eq!(
        check_at(&LAX, r#"{"exp":-1e300}"#, i64::MIN),
        Some(Error::Expired)
    );
}

#[test]
fn max_age_counts_from_iat_and_requires_it() {
    let policy = Policy {
        max_age: Some(60),
        leeway: 5,
        ..LAX
    };
    for (payload, expected) in [
        (r#"{"iat":1799999935}"#, None),
        (r#"{"iat":1799999934.9}"#, Some(Error::TooOld)),
        (r#"{"iat":1799999934}"#, Some(Error::TooOld)),
        (r#"{"iat":1900000000}"#, None),
        ("{}", Some(Error::ClaimMissing(ClaimName::Iat))),
    ] {
        assert_eq!(check(&policy, payload), expected, "{payload}");
    }
    assert_eq!(check(&LAX, r#"{"iat":1900000000}"#), None);
}

#[test]
fn cve_2026_25537_a_claim_of_the_wrong_type_is_an_error_and_not_absent() {
    for name in [ClaimName::Exp, ClaimName::Nbf, ClaimName::Iat] {
        for value in [
            "null",
            "true",
            "\"1800000300\"",
            "[1800000300]",
            "{}",
            "1e999",
            "-1e309",
        ] {
            let payload = format!(r#"{{"{name}":{value}}}"#);
            assert_eq!(
                check(&LAX, &payload),
                Some(Error::ClaimType(name)),
                "{payload}"
            );
        }
    }
    for name in [ClaimName::Sub, ClaimName::Jti] {
        for value in ["null", "false", "7", "[\"a\"]", "{}"] {
            let payload = format!(r#"{{"{name}":{value}}}"#);
            assert_eq!(
                check(&LAX, &payload),
                Some(Error::ClaimType(name)),
                "{payload}"
            );
        }
    }
}

#[test]
fn rfc7519_4_1_1_iss_is_compared_exactly() {
    let one = || Expected::OneOf(List::One("https://idp.example"));
    let two = || Expected::OneOf(List::Many(&["https://a.example", "https://b.example"]));
    for (issuer, iss, expected) in [
        (one(), r#""https://idp.example""#, None),
        (one(), r#""https:\/\/idp.\u0065xample""#, None),
        (two(), r#""https://b.example""#, None),
        (two(), r#""https://c.example""#, Some(Error::IssuerMismatch)),
        (
            one(),
            r#""https://idp.example/""#,
            Some(Error::IssuerMismatch),
        ),
        (
            one(),
            r#""HTTPS://idp.example""#,
            Some(Error::IssuerMismatch),
        ),
        (
            one(),
            r#""https://idp.exampl""#,
            Some(Error::IssuerMismatch),
        ),
        (
            one(),
            r#""https://idp.example\u0000""#,
            Some(Error::IssuerMismatch),
        ),
        (
            one(),
            r#"["https://idp.example"]"#,
            Some(Error::ClaimType(ClaimName::Iss)),
        ),
        (one(), "null", Some(Error::ClaimType(ClaimName::Iss))),
        (Expected::Any, "7", None),
    ] {
        let result = check(&Policy { issuer, ..LAX }, &format!(r#"{{"iss":{iss}}}"#));
        assert_eq!(result, expected, "{iss}");
    }
    let absent = check(
        &Policy {
            issuer: one(),
            ..LAX
        },
        "{}",
    );
    assert_eq!(absent, Some(Error::ClaimMissing(ClaimName::Iss)));
}

#[test]
fn rfc7519_4_1_3_aud_is_a_string_or_an_array_of_strings() {
    let one = || Expected::OneOf(List::One("api"));
    for (aud, fits) in [
        (r#""api""#, true),
        (r#"["api"]"#, true),
        (r#"["x","api"]"#, true),
        (r#"["\u0061pi"]"#, true),
        (r#""API""#, false),
        (r#""ap""#, false),
        (r#""api,x""#, false),
        (r#"["x"]"#, false),
        ("[]", false),
        (r#"["api",1]"#, false),
        (r#"["api",null]"#, false),
        (r#"[["api"]]"#, false),
        (r#"{"api":1}"#, false),
        ("null", false),
    ] {
        let result = check(
            &Policy {
                audience: one(),
                ..LAX
            },
            &format!(r#"{{"aud":{aud}}}"#),
        );
        assert_eq!(result, (!fits).then_some(Error::AudienceMismatch), "{aud}");
    }
    let absent = check(
        &Policy {
            audience: one(),
            ..LAX
        },
        "{}",
    );
    assert_eq!(absent, Some(Error::ClaimMissing(ClaimName::Aud)));
}

#[test]
fn required_claims_are_there_and_not_null() {
    let policy = Policy {
        required: &["exp", "tenant", "iss"],
        ..LAX
    };
    for (payload, expected) in [
        (r#"{"exp":1900000000,"tenant":0,"iss":"i"}"#, None),
        (r#"{"exp":1900000000,"\u0074enant":false,"iss":"i"}"#, None),
        (r#"{"tenant":"t","iss":"i"}"#, Some(ClaimName::Exp)),
        (
            r#"{"exp":1900000000,"iss":"i"}"#,
            Some(ClaimName::Required(1)),
        ),
        (
            r#"{"exp":1900000000,"iss":"i","tenant":null}"#,
            Some(ClaimName::Required(1)),
        ),
        (
            r#"{"exp":1900000000,"tenant":"t","iss":null}"#,
            Some(ClaimName::Iss),
        ),
    ] {
        assert_eq!(
            check(&policy, payload),
            expected.map(Error::ClaimMissing),
            "{payload}"
        );
    }
    let message = Error::ClaimMissing(ClaimName::Required(1)).to_string();
    assert_eq!(
        message,
        "a required claim is missing: number 2 of the verifier's required claims"
    );
}

#[test]
fn claims_are_read_without_trusting_their_order_or_spelling() {
    let payload = r#" {"x":1e400,"aud":["a","b"],"s\u0075b":"al\u0069ce","exp":1.5,"jti":"j"} "#;
    let mut names = Names::in_buffer(&mut []);
    let issuer = Expected::Any;
    let policy = ClaimsPolicy {
        issuer: &issuer,
        audience: &Expected::Any,
        required: &List::Many(&[]),
        leeway: 0,
        max_age: None,
    };
    let checked = policy
        .check(
            payload.as_bytes(),
            SignatureValid::ASSUMED,
            UnixTime::from_secs(0),
            &mut names,
        )
        .unwrap();
    let claims = Claims::new(checked.object.as_str(), checked.registered);
    assert!(claims.subject().is_some_and(|sub| sub == "alice"));
    assert!(claims.jwt_id().is_some_and(|jti| jti == "j"));
    assert!(claims.issuer().is_none() && claims.not_before().is_none());
    assert_eq!(claims.expiration().map(NumericDate::ceil), Some(2));
    assert_eq!(claims.audience().count(), 2);
    assert_eq!(claims.claim("x"), Some(Value::Number("1e400")));
    assert_eq!(claims.iter().count(), 5);
}
