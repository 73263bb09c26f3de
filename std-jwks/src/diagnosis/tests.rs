//! What a person is told.

use super::*;
use crate::provider::KeySet;
use crate::testing::{jwk, jwks, mint};

fn keys(list: &[(&str, u8)]) -> KeySet {
    KeySet::read(jwks(list)).unwrap()
}

fn token_of(header: &str, issuer: &str) -> String {
    mint(
        header,
        &format!(r#"{{"iss":"{issuer}","sub":"secret-subject","exp":1}}"#),
        1,
    )
}

#[test]
fn the_okta_question_gets_its_answer() {
    // The header and the claims of the question; the set has the one published key.
    let header =
        r#"{"alg":"RS256","typ":"JWT","kid":"_yomDqFziFzjpiI-OZmeDEgM772DGHWmW_DL3IaE26U"}"#;
    let payload = r#"{"ver":1,"jti":"AT.-DOhmdXTjQfreylwZfB9hUhlRyVTSztoE75puR5F0RQ","iss":"https://dev-606497.oktapreview.com","aud":"https://dev-606497.oktapreview.com","sub":"myemail@email.com","iat":1481883065,"exp":1481886665,"cid":"YLZRQFhXF5FZSwlkl9pT","uid":"00u91awifkag6XpQ90h7","scp":["openid","profile"]}"#;
    let token = mint(header, payload, 1);
    let published = keys(&[("gtUiz-YdlCSRpr0Ue7LRuEtqgVqRmDWpe5ZuvBaWgVk", 1)]);
    let error = explain(Code::KeyNotFound, token.as_bytes(), Some(&published));
    let text = error.to_string();
    for needle in [
        "_yomDqFziFzjpiI-OZmeDEgM772DGHWmW_DL3IaE26U",
        "gtUiz-YdlCSRpr0Ue7LRuEtqgVqRmDWpe5ZuvBaWgVk",
        "Okta org authorization server",
        "does not publish",
        "/oauth2/v1/userinfo",
        "/oauth2/v1/introspect",
        "/oauth2/default",
        "not verified",
    ] {
        assert!(text.contains(needle), "{needle} is missing:\n{text}");
    }
    assert_eq!(
        error.diagnosis().unwrap().closest,
        None,
        "two random kids are not alike"
    );
    for claim in ["myemail", "00u91aw", "dev-606497", "AT.-DO"] {
        assert!(!text.contains(claim), "the claim {claim} is shown:\n{text}");
    }
}

#[test]
fn no_error_repeats_the_token_or_its_claims() {
    let set = keys(&[("key-2", 1)]);
    let claims =
        r#"{"iss":"https://zq9.auth0.com/","aud":"zq9","sub":"zq9","nonce":"zq9","exp":1}"#;
    let header = r#"{"alg":"EdDSA","kid":"key-1","nonce":"zq9","typ":"zq9","jku":"https://zq9/"}"#;
    let good = mint(header, claims, 1);
    let tokens = [
        good.clone(),
        format!("Bearer {good}"),
        format!("\"{good}\""),
        good.replace('.', "=."),
        "opaque-zq9-access-token".to_owned(),
        "{\"not\": \"a token zq9\"}".to_owned(),
    ];
    let parts: Vec<&str> = good.split('.').collect();
    for token in &tokens {
        for error in Code::ALL {
            let explained = explain(*error, token.as_bytes(), Some(&set));
            let text = format!("{explained} {explained:?}");
            for secret in ["zq9", parts[0], parts[1], parts[2]] {
                assert!(!text.contains(secret), "{error:?} shows {secret:?}: {text}");
            }
        }
    }
}

#[test]
fn no_other_kid_is_suggested_where_the_set_has_the_one_asked_for() {
    let set = keys(&[("key-1", 1), ("key-2", 2)]);
    let token = token_of(r#"{"alg":"EdDSA","kid":"key-1"}"#, "https://a.example");
    for error in [
        Code::KeyMismatch,
        Code::KeyAmbiguous,
        Code::SignatureInvalid,
    ] {
        let error = explain(error, token.as_bytes(), Some(&set));
        let diagnosis = error.diagnosis().unwrap();
        assert_eq!(diagnosis.kid.as_deref(), Some("key-1"));
        assert_eq!(diagnosis.closest, None);
        assert!(!error.to_string().contains("similar"), "{error}");
    }
}

#[test]
fn a_forged_kid_is_cut_and_escaped() {
    let kid = format!("x\\nFATAL all is lost\\u001b[2J{}", "y".repeat(900));
    let token = token_of(
        &format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#),
        "https://a.example",
    );
    let error = explain(
        Code::KeyNotFound,
        token.as_bytes(),
        Some(&keys(&[("a", 1)])),
    );
    let shown = error.diagnosis().unwrap().kid.clone().unwrap();
    assert!(
        shown.starts_with("x\\u{a}FATAL") && shown.chars().count() < 90,
        "{shown}"
    );
    let text = error.to_string();
    assert!(!text.contains('\u{1b}') && !text.lines().any(|line| line.starts_with("FATAL")));
}

#[test]
fn a_key_that_was_left_out_is_named() {
    let weak = r#"{"kty":"EC","crv":"P-256","kid":"mine","x":"AA","y":"AA"}"#;
    let set = KeySet::read(format!(r#"{{"keys":[{weak},{}]}}"#, jwk("other", 1))).unwrap();
    let token = token_of(r#"{"alg":"ES256","kid":"mine"}"#, "https://a.example");
    let error = explain(Code::KeyNotFound, token.as_bytes(), Some(&set));
    let diagnosis = error.diagnosis().unwrap();
    assert_eq!(diagnosis.skipped.len(), 1);
    assert!(
        diagnosis.suggestions[0].contains("can't be used"),
        "{error}"
    );
    assert!(diagnosis.suggestions[0].contains("full length"), "{error}");
}

#[test]
fn each_kind_of_mistake_gets_advice() {
    let named = token_of(r#"{"alg":"EdDSA","kid":"key-1"}"#, "https://a.example");
    let unnamed = jwk("", 1).replace(r#""kid":"","#, "");
    let no_kids = KeySet::read(unnamed).unwrap();
    let set = keys(&[("key-2", 1)]);
    for (error, token, keys, needle) in [
        (
            Code::KeyNotFound,
            named.as_str(),
            &set,
            "similar kid \"key-2\"",
        ),
        (Code::KeyNotFound, &named, &set, "copy and does not follow"),
        (
            Code::KeyNotFound,
            &named,
            &no_kids,
            "no key of the set has one",
        ),
        (Code::KeyAmbiguous, &named, &set, "its own kid"),
        (Code::KeyMismatch, &named, &set, "kty, crv or alg"),
        (Code::SignatureInvalid, &named, &set, "was changed"),
        (Code::AlgorithmNotAllowed, &named, &set, "allow-list"),
        (Code::NotYetValid, &named, &set, "clock"),
        (Code::TokenSegments, "Bearer a.b.c", &set, "word Bearer"),
        (Code::TokenSegments, "00Dxx!AQ8A", &set, "opaque"),
        (Code::TokenSegments, "", &set, "empty"),
        (Code::HeaderBase64, "\"a.b.c\"", &set, "quotes"),
        (Code::SignatureBase64, "a.b.c\n", &set, "white space"),
        (Code::HeaderBase64, "eyJ9==.b.c", &set, "allow_padding"),
        (Code::TokenEncrypted, "a.b.c.d.e", &set, "signed token"),
    ] {
        let text = explain(error, token.as_bytes(), Some(keys)).to_string();
        assert!(
            text.contains(needle),
            "{error:?}: {needle} is missing:\n{text}"
        );
    }
    // Where the message says all, nothing is added.
    assert!(
        explain(Code::Expired, named.as_bytes(), Some(&set))
            .diagnosis()
            .is_none()
    );
}

#[test]
fn a_load_balancer_token_is_recognized_by_its_header() {
    let header = r#"{"alg":"ES256","kid":"k","signer":"arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/x/y"}"#;
    let token = token_of(header, "https://idp.example");
    // As the balancer writes it: every segment padded.
    let padded: Vec<String> = token
        .split('.')
        .map(|part| format!("{part}{}", "=".repeat((4 - part.len() % 4) % 4)))
        .collect();
    let text = explain(
        Code::HeaderBase64,
        padded.join(".").as_bytes(),
        None::<&KeySet>,
    )
    .to_string();
    assert!(text.contains("AWS application load balancer"), "{text}");
}

#[test]
fn long_lists_are_cut_in_the_text_only() {
    let many: Vec<(String, u8)> = (0..60).map(|n| (format!("k{n}"), n)).collect();
    let many: Vec<(&str, u8)> = many.iter().map(|(kid, n)| (kid.as_str(), *n)).collect();
    let token = token_of(r#"{"alg":"EdDSA","kid":"zzz"}"#, "https://a.example");
    let error = explain(Code::KeyNotFound, token.as_bytes(), Some(&keys(&many)));
    assert_eq!(error.diagnosis().unwrap().available.len(), 60);
    assert!(error.to_string().contains("and 40 more"), "{error}");
}
