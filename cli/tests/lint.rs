//! `jwtverify lint`: what a key set or a discovery document should do better.

mod common;

use common::{file, path, run};
use jwtverify_jwks::lint_rules;
use jwtverify_tests::{Alg, Behaviour, LoopbackIssuer, SigningKey, jwks};
use serde_json::json;

#[test]
fn a_good_set_is_clean() {
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256, Alg::EdDsa]);
    for source in [issuer.jwks_url(), issuer.discovery_url()] {
        run(&["lint", &source], "").expect(0, &["CLEAN", "0 errors, 0 warnings", "2 keys"]);
        run(&["lint", &source, "--strict"], "").expect(0, &["CLEAN"]);
        let json = run(&["lint", &source, "--json"], "").json();
        assert_eq!(json["clean"], true);
    }
    let json = run(&["lint", &issuer.jwks_url(), "--json"], "").json();
    assert_eq!(json["findings"], json!([]));
    let json = run(&["lint", &issuer.discovery_url(), "--json"], "").json();
    assert_eq!(json["kind"], "discovery");
    assert_eq!(json["key_set"]["kind"], "key-set");
    assert_eq!(json["key_set"]["url"], issuer.jwks_url());
}

#[test]
fn what_should_be_better_is_listed_with_what_to_do() {
    let mut private = SigningKey::shared(Alg::EdDsa).jwk();
    private["d"] = json!("AAAA");
    let mut nameless = SigningKey::shared(Alg::Es384).jwk();
    nameless.as_object_mut().unwrap().remove("kid");
    let twin = || SigningKey::generate(Alg::Es256, "twin").jwk();
    let set = json!({"keys": [
        private,
        nameless,
        SigningKey::shared(Alg::Hs256).jwk(),
        twin(),
        twin(),
        SigningKey::shared(Alg::Rs256).jwk(),
    ]});
    let document = file(set.to_string());
    let outcome = run(&["lint", path(&document)], "");
    outcome.expect(1, &["ERRORS 3 errors, 1 warning, 1 note"]);
    let json = run(&["lint", path(&document), "--json"], "").json();
    assert_eq!(json["clean"], false);
    let found = json["findings"].as_array().unwrap();
    let rules: Vec<_> = found
        .iter()
        .map(|finding| (finding["rule"].as_str().unwrap(), &finding["position"]))
        .collect();
    assert_eq!(
        rules,
        [
            ("private-key", &json!(0)),
            ("symmetric-key", &json!(2)),
            ("duplicate-kid", &json!(4)),
            ("missing-kid", &json!(1)),
            ("rsa-below-3072", &json!(5)),
        ]
    );
    for (name, _) in rules {
        let rule = lint_rules().iter().find(|rule| rule.id() == name).unwrap();
        outcome.expect(1, &[rule.next(), &format!("[{name}]")]);
    }
}

#[test]
fn warnings_count_when_they_are_told_to() {
    let mut bare = SigningKey::shared(Alg::Es256).jwk();
    bare.as_object_mut().unwrap().remove("alg");
    let document = file(json!({"keys": [bare, SigningKey::shared(Alg::EdDsa).jwk()]}).to_string());
    run(&["lint", path(&document)], "").expect(0, &["WARNINGS", "missing-alg"]);
    run(&["lint", path(&document), "--strict"], "").expect(1, &["WARNINGS"]);
}

#[test]
fn discovery_documents_are_held_to_what_clients_ask() {
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
    issuer.behave(Behaviour::WrongIssuer);
    let url = issuer.discovery_url();
    let outcome = run(&["lint", &url], "");
    outcome.expect(
        1,
        &[
            "issuer-elsewhere",
            "another-issuer.example",
            &issuer.jwks_url(),
        ],
    );
    // The document leads to the keys, and they can't be had.
    let gone = json!({"issuer": issuer.url(), "jwks_uri": issuer.url() + "/gone"}).to_string();
    issuer.behave(Behaviour::Body(gone));
    let outcome = run(&["lint", &url], "");
    outcome.expect(3, &["NOT KNOWN", "HTTP 404", "wrong-url", "What to do"]);
    let json = run(&["lint", &url, "--json"], "").json();
    assert_eq!(json["key_set"]["error"]["name"], "UnavailableStatus");
    assert_eq!(json["clean"], false);
}

#[test]
fn sources_that_cannot_be_read_are_not_known() {
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
    let url = issuer.jwks_url();
    issuer.stop();
    for (source, code, words) in [
        (&url[..], 3, "endpoint-unreachable"),
        ("/nonexistent.json", 3, "can't be read"),
        ("http://issuer.example/", 2, "https"),
        ("https://user:s3cret@issuer.example/", 2, "password"),
    ] {
        let outcome = run(&["lint", source], "");
        outcome.expect(code, &[words]);
        assert!(!outcome.text().contains("s3cret"), "{}", outcome.text());
    }
    run(&["lint"], "").expect(2, &["URL|FILE"]);
    let set = file(jwks([SigningKey::shared(Alg::Es256)]));
    run(&["lint", path(&set), "--ca", "x"], "").expect(2, &["--ca is for keys that are fetched"]);
}

#[test]
fn hostile_text_does_not_reach_the_terminal() {
    let mut key = SigningKey::shared(Alg::Es256).jwk();
    key["kid"] = json!("\u{1b}[2J\u{202e}x\nERRORS");
    key.as_object_mut().unwrap().remove("alg");
    let document = file(json!({"keys": [key, {"kty": "\u{1b}]0;x"}]}).to_string());
    for args in [
        &["lint", path(&document)][..],
        &["lint", path(&document), "--json"],
    ] {
        let text = run(args, "").text();
        assert!(
            text.chars().all(|c| c == '\n' || !c.is_control()),
            "{text:?}"
        );
        assert!(!text.contains('\u{202e}'), "{text:?}");
    }
}
