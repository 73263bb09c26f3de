//! `jwtverify check`: is it reachable, what is in it, what is wrong with it.

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

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
fn what_the_answer_says_about_itself_is_shown() {
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
    let url = issuer.jwks_url();
    for (value, shown, seconds) in [
        (None, "kept for   10 minutes", 600),
        (Some("public, max-age=300"), "kept for   5 minutes", 300),
        (Some("max-age=1"), "kept for   1 minute", 60),
        (Some("max-age=604800"), "kept for   1 hour", 3600),
        (Some("no-store"), "kept for   10 minutes", 600),
    ] {
        issuer.cache_control(value);
        let outcome = run(&["check", &url], "");
        outcome.expect(
            0,
            &[shown, "application/json", "during one there must be two"],
        );
        if let Some(value) = value {
            outcome.expect(0, &[&format!("Cache-Control: {value}")]);
        }
        let json = run(&["check", &url, "--json"], "").json();
        assert_eq!(json["ttl_seconds"], seconds, "{value:?}");
        assert_eq!(json["cache_control"], json!(value));
        assert_eq!(json["reached"], "answer");
    }
}

#[test]
fn a_check_says_why_and_what_to_do() {
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
    let url = issuer.jwks_url();
    for (behaviour, cause, step) in [
        (Behaviour::Status(404), "wrong-url", "discovery document"),
        (Behaviour::Status(503), "endpoint-failing", "wait"),
        (
            Behaviour::Redirect("/elsewhere".to_owned()),
            "redirected",
            "configure the URL",
        ),
        (
            Behaviour::Body("<html>".to_owned()),
            "invalid-key-set",
            "keys array",
        ),
        (
            Behaviour::Body("{\"keys\":[]}".to_owned()),
            "empty-key-set",
            "activate a signing key",
        ),
        (Behaviour::Truncated, "endpoint-unreachable", "connectivity"),
    ] {
        issuer.behave(behaviour);
        let outcome = run(&["check", &url], "");
        assert_ne!(outcome.code, 0);
        outcome.expect(outcome.code, &["Probable cause", cause, "What to do", step]);
        let json = run(&["check", &url, "--json"], "").json();
        assert_eq!(json["causes"][0]["id"], cause);
        assert_ne!(json["next"], json!([]));
    }
    issuer.stop();
    let outcome = run(&["check", &url], "");
    outcome.expect(3, &["nobody answers at 127.0.0.1", "endpoint-unreachable"]);
    let json = run(&["check", &url, "--json"], "").json();
    assert_eq!(
        (&json["reached"], &json["addresses"]),
        (&json!("name"), &json!(["127.0.0.1"]))
    );
}

#[test]
fn a_failed_handshake_is_told_from_a_failed_connection() {
    // A server that speaks no TLS.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("https://{}/jwks.json", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .unwrap();
        }
    });
    let outcome = run(&["check", &url], "");
    outcome.expect(
        3,
        &["the TLS handshake failed", "certificate-refused", "--ca"],
    );
    let json = run(&["check", &url, "--json"], "").json();
    assert_eq!(json["reached"], "connection");
    server.join().unwrap();
}

#[test]
fn a_snapshot_tells_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("snapshot.json");
    let snapshot = snapshot.to_str().unwrap();
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
    let url = issuer.jwks_url();
    let both = ["check", &url, "--snapshot", snapshot, "--save", snapshot];
    run(&["check", &url, "--snapshot", snapshot], "").expect(2, &["is not there", "--save"]);
    run(&both, "").expect(0, &["Snapshot saved to"]);
    run(&both, "").expect(0, &["Changes", "none"]);

    issuer.rotate_keeping_old();
    run(&both, "").expect(
        0,
        &["+ \"es256-2\" (EC P-256, ES256): new", "time to fetch it"],
    );

    issuer.publish(vec![issuer.key(Alg::Es256)]);
    run(&both, "").expect(
        0,
        &["- \"es256-1\" (EC P-256, ES256): gone", "expired before"],
    );

    issuer.publish(vec![SigningKey::generate(Alg::Es256, "es256-2").into()]);
    let json = run(&[&both[..4], &["--json"]].concat(), "").json();
    assert_eq!(
        json["changes"]["replaced"],
        json!(["\"es256-2\" (EC P-256, ES256)"])
    );
    run(&both, "").expect(
        0,
        &[
            "another key under the same kid",
            "a new key needs a new kid",
        ],
    );

    issuer.rotate();
    run(&both, "").expect(0, &["no key is in both sets", "overlap"]);

    // What can't be read replaces nothing.
    let before = std::fs::read_to_string(snapshot).unwrap();
    issuer.behave(Behaviour::Status(500));
    run(&both, "").expect(3, &["not saved"]);
    assert_eq!(std::fs::read_to_string(snapshot).unwrap(), before);

    std::fs::write(snapshot, "{\"keys\":[]}").unwrap();
    run(&both, "").expect(2, &["is no snapshot"]);
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
            "its private key is published",
            "a shared secret is published",
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
