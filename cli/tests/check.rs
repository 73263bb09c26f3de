//! `jwtverify check`: is it reachable, what is in it, what is wrong with it.

mod common;

use common::{file, path, run};
use jwtverify_tests::{Alg, Behaviour, LoopbackIssuer, SigningKey};
use serde_json::{Value, json};

#[test]
fn a_good_endpoint_is_listed() {
    let issuer = LoopbackIssuer::start_with(&[Alg::Rs256, Alg::Es256]);
    let url = issuer.jwks_url();
    let outcome = run(&["check", &url], "");
    outcome.expect(
        0,
        &[
            "USABLE",
            &url,
            "yes, HTTP status 200",
            "2 keys, 2 usable",
            "rs256-1",
            "RS256",
            "P-256",
        ],
    );
    run(&["check", &url, "--kid", "es256-1"], "").expect(0, &["USABLE"]);
    let outcome = run(&["check", &url, "--kid", "es256-2"], "");
    outcome.expect(
        1,
        &[
            "NOT USABLE",
            "\"es256-2\" not found",
            "did you mean \"es256-1\"?",
        ],
    );

    let json = run(&["check", &url, "--json", "--kid", "es256-1"], "").json();
    assert_eq!(json["usable"], true);
    assert_eq!(
        (&json["reachable"], &json["status_code"]),
        (&json!(true), &json!(200))
    );
    assert_eq!(json["kid_found"], true);
    assert_eq!(json["usable_keys"], 2);
    assert_eq!(json["keys"][1]["kid"], "es256-1");
    assert_eq!(
        (&json["errors"], &json["error"]),
        (&json!([]), &Value::Null)
    );
}

#[test]
fn an_endpoint_that_cannot_be_used_says_why() {
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
    let url = issuer.jwks_url();
    for (behaviour, code, words) in [
        (Behaviour::Status(404), 3, "status 404"),
        (Behaviour::Status(503), 3, "status 503"),
        (Behaviour::Close, 3, "reachable"),
        (Behaviour::Redirect("/elsewhere".to_owned()), 3, "redirect"),
        (Behaviour::Truncated, 3, "end"),
        (Behaviour::Padded(1 << 20), 3, "longer than"),
        (
            Behaviour::Body("<html>login</html>".to_owned()),
            1,
            "not one strict JSON object",
        ),
        (Behaviour::Body("{}".to_owned()), 1, "no keys array"),
        (
            Behaviour::Body("{\"keys\":[]}".to_owned()),
            1,
            "no usable key",
        ),
    ] {
        issuer.behave(behaviour.clone());
        let outcome = run(&["check", &url], "");
        outcome.expect(code, &["NOT USABLE", words]);
        let json = run(&["check", &url, "--json"], "").json();
        assert_eq!(json["usable"], false, "{behaviour:?}");
        assert_ne!(json["errors"], json!([]), "{behaviour:?}");
    }
    issuer.behave(Behaviour::Hang);
    run(&["check", &url, "--timeout", "1"], "").expect(3, &["timed out"]);
    issuer.stop();
    run(&["check", &url], "").expect(3, &["reachable  no"]);
}

#[test]
fn odd_keys_are_listed_with_their_reasons() {
    let good = SigningKey::shared(Alg::Es256);
    let mut private = SigningKey::shared(Alg::EdDsa).jwk();
    private["d"] = json!("AAAA");
    let mut encryption = SigningKey::shared(Alg::Rs256).jwk();
    encryption["use"] = json!("enc");
    encryption["kid"] = json!("\u{1b}[2Jenc");
    let set = json!({"keys": [
        good.jwk(),
        private,
        encryption,
        SigningKey::shared(Alg::Hs256).jwk(),
        {"kty": "RSA", "kid": "half"},
        {"kty": "XYZ", "kid": "future"},
        "not a key",
    ]});
    let document = file(set.to_string());
    let outcome = run(&["check", path(&document)], "");
    outcome.expect(
        0,
        &[
            "7 keys, 1 usable",
            "private",
            "use is not sig",
            "symmetric",
            "lacks",
            "not an object",
        ],
    );
    assert!(!outcome.out.contains('\u{1b}'), "{}", outcome.out);
    let json = run(&["check", path(&document), "--json"], "").json();
    let names: Vec<&str> = json["keys"].as_array().unwrap()[1..]
        .iter()
        .map(|key| key["refused"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names[0], "JwkPrivate");
    assert_eq!(names[1], "JwkUse");
    assert!(names[2].starts_with("Symmetric"), "{names:?}");
    assert_eq!(
        &names[3..],
        ["JwkMemberMissing", "KeyTypeUnknown", "JwkNotObject"]
    );
    run(&["check", path(&document), "--kid", "half"], "").expect(1, &["can't be used"]);
}

#[test]
fn sources_that_cannot_be_read() {
    for (source, code, words) in [
        ("/nonexistent.json", 3, "can't be read"),
        ("http://issuer.example/jwks.json", 2, "https"),
        ("file:///etc/passwd", 2, "https"),
        ("https://user:s3cret@issuer.example/", 2, "password"),
    ] {
        let outcome = run(&["check", source], "");
        outcome.expect(code, &[words]);
        assert!(!outcome.text().contains("s3cret"), "{}", outcome.text());
    }
    run(&["check"], "").expect(2, &["URL|FILE"]);
}
