//! `jwtverify verify`: verdicts, exit codes, and what is said to people and to programs.

mod common;

use common::{NOW, claims, file, good_token, path, run, run_with};
use jwtverify_tests::{Alg, Behaviour, LoopbackIssuer, SigningKey, forge};
use serde_json::{Value, json};

const ISSUER: &str = "https://issuer.example";

/// The arguments of most runs: a token of [`ISSUER`] for `my-api`, judged at [`NOW`].
fn policy<'a>(keys: &'a str, alg: &'a str, now: &'a str) -> Vec<&'a str> {
    vec![
        "verify", "--jwks", keys, "--alg", alg, "--iss", ISSUER, "--aud", "my-api", "--now", now,
        "-",
    ]
}

#[test]
fn good_tokens_of_every_algorithm_are_valid() {
    for alg in Alg::ALL {
        let key = SigningKey::shared(alg);
        let set = file(key.jwks());
        let now = NOW.to_string();
        let mut args = policy(path(&set), alg.name(), &now);
        if alg.is_symmetric() {
            args.insert(1, "--allow-symmetric");
        }
        let outcome = run(&args, good_token(key));
        outcome.expect(
            0,
            &["VALID", alg.name(), "subject-0123456789", "in 10 minutes"],
        );
        assert_eq!(outcome.err, "");
    }
}

#[test]
fn each_fault_of_a_token_has_its_name_and_exit_code_1() {
    let key = SigningKey::shared(Alg::Es256);
    let rsa = SigningKey::shared(Alg::Rs256);
    let set = file(jwtverify_tests::jwks([key, rsa]));
    let good = claims(ISSUER);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        key.mint(&claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        key.mint(&claims)
    };
    let now = NOW.to_string();
    for (token, name, code) in [
        (
            forge::tampered(key, &good, &json!({"sub": "somebody-else"})),
            "SignatureInvalid",
            401,
        ),
        (forge::wrong_key(key, &good), "SignatureInvalid", 401),
        (forge::der_signature(key, &good), "SignatureInvalid", 401),
        (forge::unknown_kid(key, &good), "KeyNotFound", 301),
        (forge::unsecured(key, "none", &good), "SignatureEmpty", 105),
        (
            forge::hmac_with_public_key(rsa, &good),
            "AlgorithmNotAllowed",
            206,
        ),
        (
            rsa.mint_with(&json!({"alg": "ES256"}), &good),
            "KeyMismatch",
            303,
        ),
        (
            key.mint_with(&json!({"kid": null}), &json!([])),
            "PayloadJson",
            501,
        ),
        (
            key.mint_with(&json!({"crit": ["x"]}), &good),
            "CriticalHeader",
            207,
        ),
        (with("exp", json!(NOW)), "Expired", 504),
        (with("exp", json!("soon")), "ClaimType", 503),
        (with("nbf", json!(NOW + 1)), "NotYetValid", 505),
        (
            with("iss", json!("https://other.example")),
            "IssuerMismatch",
            507,
        ),
        (with("aud", json!("other-api")), "AudienceMismatch", 508),
        (without("exp"), "ClaimMissing", 502),
        (without("aud"), "ClaimMissing", 502),
        ("not-a-token".to_owned(), "TokenSegments", 102),
        (format!("Bearer {}", good_token(key)), "HeaderBase64", 110),
        (format!("{}=", good_token(key)), "SignatureBase64", 112),
        ("a.b.c.d.e".to_owned(), "TokenEncrypted", 103),
        ("A".repeat(256 * 1024 + 1), "TokenTooLarge", 101),
    ] {
        let args = policy(path(&set), "ES256,RS256", &now);
        let outcome = run(&args, &token);
        outcome.expect(1, &["INVALID", name, &format!("({code})")]);
        assert_eq!(outcome.out, "", "a refusal goes to standard error");
        outcome.expect_silent_about(&token);
        assert!(
            !outcome.text().contains("subject-0123456789"),
            "{}",
            outcome.text()
        );

        let outcome = run(&[&args[..], &["--json"]].concat(), &token);
        assert_eq!(outcome.code, 1);
        let json = outcome.json();
        assert_eq!(json["valid"], false);
        assert_eq!(
            (&json["error"]["name"], &json["error"]["code"]),
            (&json!(name), &json!(code))
        );
        assert_eq!(json["error"]["http_status"], 401);
        assert_eq!(
            json["error"]["www_authenticate"],
            "Bearer error=\"invalid_token\""
        );
        outcome.expect_silent_about(&token);
    }
}

#[test]
fn settings_of_the_policy_reach_the_verifier() {
    let key = SigningKey::shared(Alg::EdDsa);
    let set = file(key.jwks());
    let now = NOW.to_string();
    let base = [
        "verify",
        "--jwks",
        path(&set),
        "--alg",
        "EdDSA",
        "--now",
        &now,
    ];
    let any = ["--any-iss", "--any-aud"];
    let late = key.mint(&json!({"exp": NOW - 30, "iat": NOW - 3600}));
    let eternal = key.mint(&json!({"iat": NOW - 3600}));
    let typed = key.mint_with(&json!({"typ": "at+jwt"}), &json!({"exp": NOW + 1}));
    let good = good_token(key);
    for (token, extra, code, words) in [
        (&late, &["--leeway", "31"][..], 0, "VALID"),
        (&late, &["--leeway", "30"], 1, "Expired"),
        (&late, &["--leeway", "300", "--max-age", "60"], 1, "TooOld"),
        (&late, &["--leeway", "300", "--max-age", "3600"], 0, "VALID"),
        (&eternal, &[], 1, "exp"),
        (&eternal, &["--exp-optional"], 0, "VALID"),
        (
            &eternal,
            &["--exp-optional", "--require", "iat,sub"],
            1,
            "ClaimMissing",
        ),
        (&eternal, &["--require", "iat"], 1, "ClaimMissing"),
        (&typed, &["--typ", "at+jwt"], 0, "VALID"),
        (&typed, &["--typ", "application/AT+JWT"], 0, "VALID"),
        (&typed, &["--typ", "JWT"], 1, "TypeMismatch"),
    ] {
        run(&[&base[..], &any, extra, &["-"]].concat(), token).expect(code, &[words]);
    }
    for (extra, code, words) in [
        (&["--iss", ISSUER, "--aud", "my-api"][..], 0, "VALID"),
        (
            &[
                "--iss", "a", "--iss", ISSUER, "--aud", "b", "--aud", "my-api",
            ],
            0,
            "VALID",
        ),
        (
            &["--iss", "https://issuer.example/", "--any-aud"],
            1,
            "IssuerMismatch",
        ),
        (&["--any-iss", "--aud", "my"], 1, "AudienceMismatch"),
        (&["--any-iss", "--aud", "my-api"], 0, "not looked at"),
    ] {
        run(&[&base[..], extra, &["-"]].concat(), &good).expect(code, &[words]);
    }
}

#[test]
fn padded_tokens_are_an_option() {
    let key = SigningKey::shared(Alg::Es256);
    let set = file(key.jwks());
    let now = NOW.to_string();
    let pad = |text: String| format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4));
    // The claims are chosen so that the payload's length needs padding.
    let payload = json!({"exp": NOW + 60, "pad": "xx"}).to_string();
    let payload = pad(jwtverify_tests::base64url(payload));
    assert!(payload.ends_with('='), "{payload}");
    let header = pad(jwtverify_tests::base64url(key.header().to_string()));
    let token = pad_signature(&key.sign_segments(&header, &payload));
    let args = [
        "verify",
        "--jwks",
        path(&set),
        "--alg",
        "ES256",
        "--any-iss",
        "--any-aud",
        "--now",
        &now,
        "-",
    ];
    run(&args, &token).expect(1, &["Base64", "allow_padding"]);
    run(&[&args[..], &["--allow-padding"]].concat(), &token).expect(0, &["VALID"]);
}

fn pad_signature(token: &str) -> String {
    let signature = token.rsplit('.').next().unwrap();
    format!("{token}{}", "=".repeat((4 - signature.len() % 4) % 4))
}

#[test]
fn the_token_is_an_argument_or_standard_input() {
    let key = SigningKey::shared(Alg::Es256);
    let set = file(key.jwks());
    let now = NOW.to_string();
    let token = good_token(key);
    let mut args = policy(path(&set), "ES256", &now);
    for input in [
        token.clone(),
        format!("{token}\n"),
        format!("  {token}\r\n\n"),
    ] {
        run(&args, input).expect(0, &["VALID"]);
    }
    run(&args, "").expect(2, &["the input is empty"]);
    run(&args, "\n \n").expect(2, &["the input is empty"]);
    run(&args, b"\xff\xfe\x00.\x80.a").expect(1, &["HeaderBase64"]);
    args.pop();
    args.push(&token);
    run(&args, "").expect(0, &["VALID"]);
}

#[test]
fn keys_come_over_http_by_url_and_by_discovery() {
    let issuer = LoopbackIssuer::start_with(&[Alg::Rs256, Alg::Es256]);
    let token = issuer.mint(Alg::Rs256, &claims(&issuer.url()));
    let (url, jwks) = (issuer.url(), issuer.jwks_url());
    let now = NOW.to_string();
    let common = ["--alg", "RS256", "--aud", "my-api", "--now", &now, "-"];
    let by_url = [&["verify", "--jwks", &jwks, "--iss", &url][..], &common].concat();
    let by_discovery = [&["verify", "--issuer-discovery", &url][..], &common].concat();

    run(&by_url, &token).expect(0, &["VALID", "rs256-1"]);
    run(&by_discovery, &token).expect(0, &["VALID"]);
    // Without --iss, discovery expects the issuer that was discovered.
    let foreign = issuer.mint(Alg::Rs256, &claims(ISSUER));
    run(&by_discovery, &foreign).expect(1, &["IssuerMismatch"]);
    run(&[&by_discovery[..], &["--any-iss"]].concat(), &foreign).expect(0, &["VALID"]);

    let unknown = forge::unknown_kid(&issuer.key(Alg::Rs256), &claims(&url));
    let outcome = run(&by_url, &unknown);
    outcome.expect(
        1,
        &["INVALID KeyNotFound (301)", "rs256-1", "es256-1", &jwks],
    );
    outcome.expect_silent_about(&unknown);
}

#[test]
fn keys_that_cannot_be_had_are_exit_code_3() {
    let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
    let token = issuer.mint(Alg::Es256, &claims(&issuer.url()));
    let (url, jwks) = (issuer.url(), issuer.jwks_url());
    let common = ["--alg", "ES256", "--iss", &url, "--any-aud", "-"];
    let by_url = [&["verify", "--jwks", &jwks][..], &common].concat();
    for (behaviour, name) in [
        (Behaviour::Status(500), "UnavailableStatus"),
        (Behaviour::Status(404), "UnavailableStatus"),
        (
            Behaviour::Redirect("/elsewhere".to_owned()),
            "UnavailableRedirect",
        ),
        (Behaviour::Body("<html>".to_owned()), "UnavailableKeySet"),
        (
            Behaviour::Body("{\"keys\":[]}".to_owned()),
            "UnavailableKeySet",
        ),
        (Behaviour::Truncated, "UnavailableBody"),
        (Behaviour::Padded(1 << 20), "UnavailableTooLarge"),
    ] {
        issuer.behave(behaviour.clone());
        let outcome = run(&by_url, &token);
        outcome.expect(3, &["NOT KNOWN", name, &jwks]);
        outcome.expect_silent_about(&token);
        let json = run(&[&by_url[..], &["--json"]].concat(), &token).json();
        assert_eq!(json["valid"], false, "{behaviour:?}");
        assert_eq!(json["error"]["http_status"], 503, "{behaviour:?}");
    }
    issuer.behave(Behaviour::WrongIssuer);
    let by_discovery = [&["verify", "--issuer-discovery", &url][..], &common].concat();
    run(&by_discovery, &token).expect(3, &["UnavailableIssuer"]);
    issuer.stop();
    run(&by_url, &token).expect(3, &["UnavailableConnect"]);

    let empty = file("{\"keys\":[]}");
    let secret = file(SigningKey::shared(Alg::Hs256).jwks());
    let html = file("<html>");
    for (keys, words) in [
        ("/nonexistent/keys.json", "can't be read"),
        ("/", "can't be read"),
        (path(&empty), "no usable key"),
        (path(&html), "not one strict JSON object"),
        (path(&secret), "--allow-symmetric"),
    ] {
        run(&[&["verify", "--jwks", keys][..], &common].concat(), &token).expect(3, &[words]);
    }
}

#[test]
fn mistakes_of_usage_are_exit_code_2() {
    let key = SigningKey::shared(Alg::Es256);
    let set = file(key.jwks());
    let keys = path(&set);
    let token = good_token(key);
    let full = ["--jwks", keys, "--alg", "ES256", "--any-iss", "--any-aud"];
    let url = "https://issuer.example/keys";
    let remote = ["--jwks", url, "--alg", "ES256", "--any-iss", "--any-aud"];
    for (args, words) in [
        (&["--alg", "ES256", "--any-iss", "--any-aud"][..], "--jwks"),
        (&["--jwks", keys, "--any-iss", "--any-aud"], "--alg"),
        (&["--jwks", keys, "--alg", "ES256", "--any-aud"], "--iss"),
        (&["--jwks", keys, "--alg", "ES256", "--any-iss"], "--aud"),
        (
            &[&full[..], &["--issuer-discovery", ISSUER]].concat(),
            "cannot be used with",
        ),
        (
            &[&full[..], &["--iss", ISSUER]].concat(),
            "cannot be used with",
        ),
        (
            &[&full[..], &["--aud", "x"]].concat(),
            "cannot be used with",
        ),
        (&[&full[..], &["--leeway", "301"]].concat(), "MisuseLeeway"),
        (&[&full[..], &["--leeway", "-1"]].concat(), "-1"),
        (&[&full[..], &["--leeway", "1.5"]].concat(), "--leeway"),
        (&[&full[..], &["--now", "yesterday"]].concat(), "--now"),
        (&[&full[..], &["--unknown"]].concat(), "--unknown"),
        (
            &["--jwks", keys, "--alg", "none", "--any-iss", "--any-aud"],
            "never accepted",
        ),
        (
            &["--jwks", keys, "--alg", "es256", "--any-iss", "--any-aud"],
            "ES256",
        ),
        (
            &["--jwks", keys, "--alg", "", "--any-iss", "--any-aud"],
            "is not one of",
        ),
        (
            &[
                "--jwks",
                "http://issuer.example/",
                "--alg",
                "ES256",
                "--any-iss",
                "--any-aud",
            ],
            "https",
        ),
        (
            &[
                "--jwks",
                "file:///etc/passwd",
                "--alg",
                "ES256",
                "--any-iss",
                "--any-aud",
            ],
            "https",
        ),
        (
            &[
                "--jwks",
                url,
                "--allow-symmetric",
                "--alg",
                "HS256",
                "--any-iss",
                "--any-aud",
            ],
            "no secret",
        ),
        (
            &[&full[..], &["--ca", "/nonexistent"]].concat(),
            "--ca is for keys that are fetched",
        ),
        (
            &[
                "--jwks",
                url,
                "--ca",
                "/nonexistent",
                "--alg",
                "ES256",
                "--any-iss",
                "--any-aud",
            ],
            "can't be read",
        ),
        (&[&remote[..], &["--ca", keys]].concat(), "certificate"),
    ] {
        let args = [&["verify"][..], args, &["-"]].concat();
        run(&args, &token).expect(2, &[words]);
    }
    let missing = run(
        &[
            "verify",
            "--jwks",
            keys,
            "--alg",
            "ES256",
            "--any-iss",
            "--any-aud",
        ],
        "",
    );
    missing.expect(2, &["TOKEN"]);
}

#[test]
fn a_token_in_the_wrong_place_is_not_repeated() {
    let key = SigningKey::shared(Alg::Es256);
    let set = file(key.jwks());
    let keys = path(&set);
    let token = good_token(key);
    let option = format!("--{token}");
    let glued = format!("--jwk={token}");
    for args in [
        &[&token[..]][..],
        &["inspect", &token, &token],
        &["inspect", &token[..40]],
        &["inspect", &option],
        &["check", &token],
        &["check", keys, &glued],
        &["verify", &token],
        &[
            "verify",
            "--jwks",
            &token,
            "--alg",
            "ES256",
            "--any-iss",
            "--any-aud",
            "-",
        ],
        &[
            "verify",
            "--jwks",
            keys,
            "--alg",
            &token,
            "--any-iss",
            "--any-aud",
            "-",
        ],
        &[
            "verify",
            "--jwks",
            keys,
            "--alg",
            "ES256",
            "--any-iss",
            "--any-aud",
            "--now",
            &token,
        ],
        &[
            "verify",
            "--jwks",
            keys,
            "--ca",
            &token,
            "--alg",
            "ES256",
            "--any-iss",
            "--any-aud",
        ],
        &[
            "verify",
            "--issuer-discovery",
            &token,
            "--alg",
            "ES256",
            "--any-aud",
            "-",
        ],
    ] {
        let outcome = run(args, &token);
        assert_ne!(outcome.code, 0, "{args:?}");
        outcome.expect_silent_about(&token);
    }
}

#[test]
fn json_of_a_valid_token_holds_the_claims_as_they_were_signed() {
    let key = SigningKey::shared(Alg::Es256);
    let set = file(key.jwks());
    let payload = format!(
        "{{\"exp\":{}, \"big\":12345678901234567890123,\n\"f\":1.50}}",
        NOW + 1
    );
    let token = key.sign_text(key.header().to_string(), payload);
    let now = NOW.to_string();
    let outcome = run(
        &[
            "verify",
            "--jwks",
            path(&set),
            "--alg",
            "ES256",
            "--any-iss",
            "--any-aud",
            "--now",
            &now,
            "--json",
            "-",
        ],
        token,
    );
    assert_eq!(outcome.code, 0);
    let json = outcome.json();
    assert_eq!(json["valid"], true);
    assert_eq!(json["algorithm"], "ES256");
    assert_eq!(json["key_id"], key.kid());
    assert_eq!(json["checked_at"], NOW);
    assert!(
        outcome.out.contains("\"big\":12345678901234567890123"),
        "{}",
        outcome.out
    );
    assert!(outcome.out.contains("\"f\":1.50"), "{}", outcome.out);
}

#[test]
fn hostile_text_does_not_reach_the_terminal() {
    let key = SigningKey::shared(Alg::Es256);
    let set = file(key.jwks());
    let now = NOW.to_string();
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}\u{9b}31m\nVALID";
    let mut good = claims(ISSUER);
    good["name"] = json!(hostile);
    for token in [
        key.mint(&good),
        key.mint_with(&json!({"kid": hostile}), &good),
    ] {
        for extra in [&[][..], &["--json"]] {
            let args = [&policy(path(&set), "ES256", &now)[..], extra].concat();
            let text = run(&args, &token).text();
            assert!(
                text.chars().all(|c| c == '\n' || !c.is_control()),
                "{text:?}"
            );
            assert!(!text.contains('\u{202e}'), "{text:?}");
            assert!(
                !text.lines().any(|line| line.trim() == "VALID\""),
                "{text:?}"
            );
        }
    }
}

#[test]
fn colours_are_for_terminals() {
    let key = SigningKey::shared(Alg::Es256);
    let set = file(key.jwks());
    let now = NOW.to_string();
    let args = policy(path(&set), "ES256", &now);
    let token = good_token(key);
    assert!(!run(&args, &token).out.contains('\u{1b}'));
    assert!(
        run_with(&args, &token, &[("CLICOLOR_FORCE", "1")])
            .out
            .contains('\u{1b}')
    );
}
