//! `jwtverify inspect`: everything is shown, nothing is trusted.

mod common;

use common::{NOW, claims, run};
use jwtverify_tests::{Alg, SigningKey, base64url, forge};
use serde_json::json;

#[test]
fn header_claims_and_analysis_are_shown_and_marked() {
    let key = SigningKey::shared(Alg::Es256);
    let now = NOW.to_string();
    let token = key.mint(&claims("https://issuer.example"));
    let outcome = run(&["inspect", "--now", &now, "-"], &token);
    outcome.expect(
        0,
        &[
            "UNVERIFIED",
            "\"alg\": \"ES256\"",
            "\"iss\": \"https://issuer.example\"",
            "2027-01-15 08:10:00 UTC, in 10 minutes",
            "2027-01-15 07:59:00 UTC, 1 minute ago",
            "64 octets, not checked",
            "No issues",
            key.kid(),
        ],
    );
    assert!(!outcome.text().contains("VALID\n"), "{}", outcome.out);

    let json = run(&["inspect", "--json", "--now", &now, &token], "").json();
    assert_eq!(json["verified"], false);
    assert_eq!(
        (&json["algorithm"], &json["key_id"]),
        (&json!("ES256"), &json!(key.kid()))
    );
    assert_eq!(json["header"], key.header());
    assert_eq!(json["claims_unverified"], claims("https://issuer.example"));
    assert_eq!(json["times_unverified"]["exp"]["relative"], "in 10 minutes");
    assert_eq!(json["signature_octets"], 64);
    assert_eq!(json["issues"], json!([]));
}

#[test]
fn what_a_verifier_would_refuse_is_named() {
    let key = SigningKey::shared(Alg::Rs256);
    let good = claims("https://issuer.example");
    let now = NOW.to_string();
    let padded = format!(
        "{}.{}=.c2ln",
        base64url("{\"alg\":\"ES256\"}"),
        base64url("{ }  ")
    );
    for (token, words) in [
        (
            forge::unsecured(key, "none", &good),
            &["unsigned", "The signature is empty"][..],
        ),
        (forge::hmac_with_public_key(key, &good), &["symmetric"]),
        (key.mint_with(&json!({"kid": null}), &good), &["no kid"]),
        (
            key.mint_with(&json!({"alg": "rs256"}), &good),
            &["RS256 was meant"],
        ),
        (
            key.mint_with(&json!({"jwk": key.jwk()}), &good),
            &["brings its own key (jwk)"],
        ),
        (
            key.mint(&json!({"exp": NOW - 7200})),
            &["expired 2 hours ago", "no iss", "no aud"],
        ),
        (
            key.mint(&json!({"exp": (NOW + 1) * 1000})),
            &["milliseconds"],
        ),
        (
            key.sign_text("{\"alg\":\"RS256\",\"kid\":\"k\"}", "plain"),
            &["not one strict JSON"],
        ),
        (
            key.sign_text("{\"alg\":\"RS256\",\"kid\":\"k\"}", "{\"a\":1,\"a\":2}"),
            &["duplicate"],
        ),
        (padded, &["--allow-padding"]),
    ] {
        run(&["inspect", "--now", &now, "-"], &token).expect(0, words);
        run(&["inspect", "--now", &now, "--json", "-"], &token).expect(0, words);
    }
}

#[test]
fn what_cannot_be_read_is_exit_code_1_with_a_hint() {
    let key = SigningKey::shared(Alg::Es256);
    let token = key.mint(&claims("https://issuer.example"));
    for (input, name, words) in [
        (format!("Bearer {token}"), "HeaderBase64", "Bearer"),
        (format!("\"{token}\""), "HeaderBase64", "quotes"),
        ("opaque-access-token".to_owned(), "TokenSegments", "opaque"),
        ("a.b.c.d.e".to_owned(), "TokenEncrypted", "encrypted"),
        (
            format!("{}.e30.c2ln", base64url("{\"alg\":1,\"alg\":2}")),
            "HeaderJson",
            "duplicate",
        ),
        (
            format!("{}.e30.c2ln", base64url("[]")),
            "HeaderJson",
            "not an object",
        ),
        (
            "A".repeat(300_000),
            "TokenTooLarge",
            "longer than the limit",
        ),
    ] {
        let outcome = run(&["inspect", "-"], &input);
        outcome.expect(1, &[name, words]);
        outcome.expect_silent_about(&input);
        let json = run(&["inspect", "--json", "-"], &input).json();
        assert_eq!(json["error"]["name"], name);
    }
    run(&["inspect", "-"], "").expect(2, &["empty"]);
}

#[test]
fn hostile_text_does_not_reach_the_terminal() {
    let key = SigningKey::shared(Alg::Es256);
    let hostile = "\u{1b}[2J\u{9b}2J\u{202e}\u{200b}\u{7f}\nIssues\n  - none";
    let members = json!({"kid": hostile, "alg": hostile, hostile: hostile});
    let nested = json!({"exp": hostile, "aud": [hostile], hostile: {hostile: [hostile]}});
    let token = key.mint_with(&members, &nested);
    for args in [&["inspect", "-"][..], &["inspect", "--json", "-"]] {
        let outcome = run(args, &token);
        assert_eq!(outcome.code, 0);
        let text = outcome.text();
        assert!(
            text.chars().all(|c| c == '\n' || !c.is_control()),
            "{text:?}"
        );
        assert!(!text.contains(['\u{202e}', '\u{200b}']), "{text:?}");
        assert!(
            text.lines().filter(|line| *line == "Issues").count() <= 1,
            "{text}"
        );
    }
}

#[test]
fn the_deepest_and_widest_tokens_are_shown_too() {
    let key = SigningKey::shared(Alg::EdDsa);
    let header = key.header().to_string();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(31), "]".repeat(31));
    run(&["inspect", "-"], key.sign_text(&header, deep)).expect(0, &["UNVERIFIED"]);
    let deeper = format!("{{\"a\":{}1{}}}", "[".repeat(32), "]".repeat(32));
    run(&["inspect", "-"], key.sign_text(&header, deeper)).expect(0, &["nested too deeply"]);
    let members: Vec<String> = (0..5000).map(|i| format!("\"m{i}\":[{i},\"x\"]")).collect();
    let wide = format!("{{{}}}", members.join(","));
    run(&["inspect", "-"], key.sign_text(&header, wide)).expect(0, &["m4999"]);
}
