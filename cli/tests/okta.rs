//! A question that many people ask: an Okta access token names a kid that the org's key set does
//! not have. The answer must come from the tool, without looking anything up.

mod common;

use common::{file, path, run};
use jwtverify_tests::{Alg, SigningKey};
use serde_json::json;

const ORG: &str = "https://dev-606497.oktapreview.com";
const ASKED: &str = "_yomDqFziFzjpiI-OZmeDEgM772DGHWmW_DL3IaE26U";
const PUBLISHED: &str = "gtUiz-YdlCSRpr0Ue7LRuEtqgVqRmDWpe5ZuvBaWgVk";

/// The token and the key set of the question, with keys of our own.
fn token_and_keys() -> (String, tempfile::NamedTempFile) {
    let unpublished = SigningKey::generate(Alg::Rs256, ASKED);
    let token = unpublished.mint(&json!({
        "ver": 1,
        "jti": "AT.-DOhmdXTjQfreylwZfB9hUhlRyVTSztoE75puR5F0RQ",
        "iss": ORG,
        "aud": ORG,
        "sub": "myemail@email.com",
        "iat": 1_481_883_065,
        "exp": 1_481_886_665,
        "cid": "YLZRQFhXF5FZSwlkl9pT",
        "uid": "00u91awifkag6XpQ90h7",
        "scp": ["openid", "profile"],
    }));
    (
        token,
        file(SigningKey::generate(Alg::Rs256, PUBLISHED).jwks()),
    )
}

/// What answers the question: both kids, that the key is not published by design, and the two
/// ways out.
const ANSWER: [&str; 7] = [
    ASKED,
    PUBLISHED,
    "Okta",
    "does not publish",
    "/userinfo",
    "/introspect",
    "custom authorization server",
];

#[test]
fn verify_says_why_the_kid_is_not_there_and_what_to_do() {
    let (token, keys) = token_and_keys();
    let args = [
        "verify",
        "--jwks",
        path(&keys),
        "--alg",
        "RS256",
        "--iss",
        ORG,
        "--aud",
        "http://api.azurewebsites.net",
        "--now",
        "1481883066",
        "-",
    ];
    let outcome = run(&args, &token);
    outcome.expect(1, &ANSWER);
    outcome.expect(1, &["INVALID KeyNotFound (301)", "[for-provider-only]"]);
    outcome.expect_silent_about(&token);
    assert!(!outcome.text().contains("myemail"), "{}", outcome.text());

    let json = run(&[&args[..], &["--json"]].concat(), &token).json();
    assert_eq!(json["diagnosis"]["kid"], ASKED);
    assert_eq!(json["diagnosis"]["available"], json!([PUBLISHED]));
    let first = json["diagnosis"]["suggestions"][0].as_str().unwrap();
    assert!(first.contains("does not publish"), "{first}");
    assert_eq!(json["diagnosis"]["causes"][0]["id"], "for-provider-only");
}

#[test]
fn inspect_warns_before_anybody_looks_for_the_key() {
    let (token, _) = token_and_keys();
    run(&["inspect", "-"], &token).expect(0, &[ASKED, "does not publish", "/userinfo"]);
}

#[test]
fn check_says_that_the_kid_is_not_there() {
    let (_, keys) = token_and_keys();
    run(&["check", path(&keys), "--kid", ASKED], "").expect(1, &[ASKED, PUBLISHED, "not found"]);
}
