//! Properties of texts: base64url, JSON, numbers, the split of a token. Each is checked on random
//! inputs against something slow and obvious.

mod common;

use std::cmp::Ordering;

use common::open_policy;
use jwtverify_core::json::{self, Value};
use jwtverify_core::unverified::UnverifiedToken;
use jwtverify_core::{Error, JwkOptions, Key, Token, UnixTime};
use jwtverify_tests::{Alg, SigningKey, base64url};
use num_bigint::BigInt;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;

fn quick() -> Config {
    Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    }
}

/// The payload that a text stands for as the second segment of a token.
fn decode(text: &str) -> Option<Vec<u8>> {
    let token = UnverifiedToken::read(format!("e30.{text}.AA")).ok()?;
    Some(token.payload().to_vec())
}

proptest! {
    #![proptest_config(quick())]

    #[test]
    fn rfc4648_what_is_encoded_decodes_to_itself(octets in vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(decode(&base64url(&octets)), Some(octets));
    }

    /// One spelling for each token: whatever decodes is what encoding gives.
    #[test]
    fn rfc4648_whatever_decodes_is_canonical(text in "[A-Za-z0-9_+/ \\n-]{0,12}") {
        if let Some(octets) = decode(&text) {
            prop_assert_eq!(base64url(octets), text);
        }
    }

    #[test]
    fn rfc4648_no_other_last_character_decodes(
        octets in vec(any::<u8>(), 1..20),
        other in "[A-Za-z0-9_-]",
    ) {
        let text = base64url(&octets);
        let changed = format!("{}{other}", &text[..text.len() - 1]);
        let got = decode(&changed);
        prop_assert!(changed == text || got != Some(octets));
    }

    #[test]
    fn rfc7515_7_1_a_token_is_three_segments_joined(segments in vec("[A-Za-z0-9_-]{0,9}", 1..7)) {
        let text = segments.join(".");
        match (Token::parse(text.as_bytes()), segments.as_slice()) {
            (Ok(token), [header, payload, signature]) => {
                prop_assert!(!header.is_empty() && !signature.is_empty());
                let input = format!("{header}.{payload}");
                prop_assert_eq!(token.signing_input(), input.as_bytes());
            }
            (Err(Error::HeaderEmpty), [header, _, _]) => prop_assert!(header.is_empty()),
            (Err(Error::SignatureEmpty), [_, _, signature]) => prop_assert!(signature.is_empty()),
            (Err(Error::TokenEncrypted), segments) => prop_assert_eq!(segments.len(), 5),
            (Err(Error::TokenSegments), segments) => prop_assert!(![3, 5].contains(&segments.len())),
            (got, segments) => prop_assert!(false, "{:?} for {segments:?}", got.err()),
        }
    }

    #[test]
    fn rfc8259_values_are_those_that_serde_json_finds(value in value()) {
        let text = serde_json::json!({ "value": value }).to_string();
        let object = json::object(text.as_bytes()).unwrap();
        prop_assert!(same(object.member("value").unwrap(), &value));
    }

    /// A text with one octet changed is read by both or by neither; the one difference is a name
    /// that occurs twice.
    #[test]
    fn rfc8259_a_changed_text_is_read_by_both_or_by_neither(
        value in value(),
        at in any::<prop::sample::Index>(),
        octet in prop::sample::select(b"\"\\{}[],:0eE+-.tfn u\x01\xff ".as_slice()),
    ) {
        let mut text = serde_json::json!({ "value": value }).to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = octet;
        let got = json::object(&text).map_err(|error| format!("{:?}", error.fault()));
        // RawValue-free reading: numbers past a double are refused by serde_json alone.
        let theirs: Result<serde_json::Map<String, serde_json::Value>, _> =
            serde_json::from_slice(&text);
        match (&got, &theirs) {
            (Ok(_), Ok(_)) | (Err(_), Err(_)) => {}
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("out of range")),
            (Err(fault), Ok(_)) => prop_assert_eq!(fault, "DuplicateName"),
        }
    }

    /// RFC 7515 section 5.3: names and values compare as the texts they stand for.
    #[test]
    fn rfc7515_5_3_an_escaped_text_compares_as_what_it_stands_for(
        a in "[a-c\u{e9}\u{1f600}\"\\\\\n]{0,4}",
        b in "[a-c\u{e9}\u{1f600}\"\\\\\n]{0,4}",
        ways in vec(any::<bool>(), 8),
    ) {
        let text = format!("{{\"a\":{},\"b\":{}}}", written(&a, &ways), written(&b, &ways[4..]));
        let object = json::object(text.as_bytes()).unwrap();
        let (Some(Value::String(x)), Some(Value::String(y))) = (object.member("a"), object.member("b"))
        else {
            return Err(TestCaseError::fail("two strings"));
        };
        prop_assert!(x == a.as_str() && y == b.as_str());
        prop_assert_eq!(x == y, a == b);
        prop_assert_eq!(x == b.as_str(), a == b);
        prop_assert_eq!(x.to_cow(), a.as_str());
        prop_assert_eq!(x.utf8_len(), a.len());
        // The same two as names: a duplicate exactly when they are equal.
        let text = format!("{{{}:1,{}:2}}", written(&a, &ways), written(&b, &ways[4..]));
        prop_assert_eq!(json::object(text.as_bytes()).is_err(), a == b);
    }

    /// RFC 7519 section 4.1.4 in exact arithmetic, for numbers of any size and spelling.
    #[test]
    fn rfc7519_4_1_4_exp_is_compared_as_the_number_it_is(
        exp in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,8})?([eE][+-]?([0-9]|[1-9][0-9]|30[0-9]|[0-9]{4}))?",
        near in -2i64..=2,
    ) {
        let key = secret();
        // Near the number where it is small, else anywhere.
        let floor = exp.parse::<f64>().ok().filter(|double| double.abs() < 1e15);
        let now = floor.map_or(1_800_000_000, |double| double as i64) + near;
        let token = key.mint_with(&serde_json::json!({}), &serde_json::json!({}));
        let header = token.split('.').next().unwrap();
        let token = key.sign_segments(header, &base64url(format!("{{\"exp\":{exp}}}")));
        let verifier = open_policy().build().unwrap();
        let verdict = verifier.verify(&token, &jwk(&key), UnixTime::from_secs(now));
        let is_date = exp.parse::<f64>().unwrap().is_finite();
        match verdict {
            Ok(_) => prop_assert!(is_date && compare(&exp, now).is_gt()),
            Err(Error::Expired) => prop_assert!(is_date && compare(&exp, now).is_le()),
            Err(Error::ClaimType(_)) => prop_assert!(!is_date),
            Err(error) => prop_assert!(false, "{error}"),
        }
    }
}

fn secret() -> SigningKey {
    SigningKey::from_secret(Alg::Hs256, "k", [7; 32])
}

fn jwk(key: &SigningKey) -> Key {
    let options = JwkOptions::new().allow_symmetric(true);
    options.read(key.jwk().to_string()).unwrap()
}

/// A JSON number against an integer, exactly.
fn compare(number: &str, integer: i64) -> Ordering {
    let number = number.to_lowercase();
    let (mantissa, exponent) = number.split_once('e').unwrap_or((&number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().unwrap();
    let exponent = exponent.parse::<i64>().unwrap() - i64::try_from(fraction.len()).unwrap();
    let ten = |power: i64| BigInt::from(10).pow(u32::try_from(power).unwrap());
    if exponent >= 0 {
        (digits * ten(exponent)).cmp(&BigInt::from(integer))
    } else {
        digits.cmp(&(BigInt::from(integer) * ten(-exponent)))
    }
}

/// A JSON string, each character as it is or escaped.
fn written(text: &str, ways: &[bool]) -> String {
    let mut json = String::from("\"");
    for (c, escaped) in text.chars().zip(ways.iter().cycle()) {
        if *escaped || "\"\\\n".contains(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                json.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            json.push(c);
        }
    }
    json + "\""
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map(any::<String>(), inner, 0..4).prop_map(|members| members
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

fn same(got: Value<'_>, expected: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (got, expected) {
        (Value::Null, Json::Null) => true,
        (Value::Bool(got), Json::Bool(expected)) => got == *expected,
        (Value::Number(got), Json::Number(expected)) => got == expected.to_string(),
        (Value::String(got), Json::String(expected)) => got == expected.as_str(),
        (Value::Array(got), Json::Array(expected)) => {
            let mut pairs = got.elements().zip(expected);
            got.elements().count() == expected.len() && pairs.all(|(got, other)| same(got, other))
        }
        (Value::Object(got), Json::Object(expected)) => {
            let found =
                |(name, other): (&String, _)| got.member(name).is_some_and(|got| same(got, other));
            got.members().count() == expected.len() && expected.iter().all(found)
        }
        _ => false,
    }
}

/// Found by comparing with doubles: between the largest double and the point from where numbers
/// round to infinity, `exp` was called a wrong type.
#[test]
fn found_an_exp_that_rounds_down_to_the_largest_double_is_a_date() {
    let (key, verifier) = (secret(), open_policy().build().unwrap());
    for (exp, expected) in [
        ("1.7976931348623158e308", true),
        ("1.7976931348623159e308", false),
    ] {
        let header = base64url(key.header().to_string());
        let token = key.sign_segments(&header, &base64url(format!("{{\"exp\":{exp}}}")));
        let verdict = verifier.verify(&token, &jwk(&key), UnixTime::from_secs(0));
        assert_eq!(verdict.is_ok(), expected, "{exp}");
    }
}
