//! What the check reports, on answers from a script.

use super::*;
use crate::testing::{Issuer, Step, URL, jwk, jwks};

fn run(status: u16, body: &str, kid: Option<&str>) -> Check {
    let issuer = Issuer::publishing(&[]);
    issuer.always(Response::new(status, body).with_header("Content-Type", "application/json"));
    let options = CheckOptions::new().fetch(issuer);
    let options = match kid {
        Some(kid) => options.kid(kid),
        None => options,
    };
    options.run(URL)
}

#[test]
fn a_good_endpoint_is_reported_in_full() {
    let check = run(200, &jwks(&[("a", 1), ("b", 2)]), Some("b"));
    assert!(check.is_ok(), "{check:?}");
    assert_eq!(
        (check.reachable, check.status, check.usable),
        (true, Some(200), 2)
    );
    assert_eq!((check.kid_found, check.error), (Some(true), None));
    assert_eq!(check.url.as_deref(), Some(URL));
    let key = &check.keys[1];
    assert_eq!(key.kid.as_deref(), Some("b"));
    assert_eq!(key.kty.as_deref(), Some("OKP"));
    assert_eq!(key.alg.as_deref(), Some("EdDSA"));
    assert_eq!(key.key_use.as_deref(), Some("sig"));
    assert_eq!(key.refused, None);
    assert!(check.warnings.is_empty(), "{:?}", check.warnings);
}

#[test]
fn what_is_wrong_is_said() {
    for (status, body, code, words) in [
        (404, "", "UnavailableStatus", "status 404"),
        (500, "", "UnavailableStatus", "status 500"),
        (302, "", "UnavailableRedirect", "redirect"),
        (200, "<html>", "KeySetJson", "HTML"),
        (200, "", "KeySetJson", "empty"),
        (200, "{}", "KeySetShape", "no keys array"),
        (
            200,
            r#"{"jwks_uri":"x"}"#,
            "KeySetShape",
            "discovery document",
        ),
        (200, r#"{"keys":{}}"#, "KeySetShape", "no keys array"),
        (200, r#"{"keys":[]}"#, "KeySetEmpty", "no usable key"),
        (
            200,
            r#"{"keys":[1,{"kty":"oct","k":"AA"}]}"#,
            "KeySetEmpty",
            "no usable key",
        ),
        (200, r#"{"keys":[],"keys":[]}"#, "KeySetJson", "strict JSON"),
    ] {
        let check = run(status, body, None);
        assert!(check.reachable);
        assert_eq!(check.error.map(Code::name), Some(code), "{status} {body}");
        let text = check.errors[0].to_string();
        assert!(text.contains(words), "{status} {body}: {text}");
    }
    let long = run(200, &" ".repeat(512 * 1024 + 1), None);
    assert_eq!(long.errors, [Problem::TooLarge]);
}

#[test]
fn every_key_has_its_verdict() {
    let weak = r#"{"kty":"EC","crv":"P-256","kid":"short","x":"AA","y":"AA"}"#;
    let body = format!(
        r#"{{"keys":["text",{weak},{},{{"kty":"oct","k":"AA"}}]}}"#,
        jwk("a", 1)
    );
    let check = run(200, &body, Some("short"));
    let verdicts: Vec<_> = check
        .keys
        .iter()
        .map(|key| key.refused.map(Code::name))
        .collect();
    assert_eq!(
        verdicts,
        [
            Some("JwkNotObject"),
            Some("EcCoordinateLength"),
            None,
            Some("SymmetricNotAllowed")
        ],
    );
    assert_eq!((check.usable, check.kid_found), (1, Some(true)));
    assert_eq!(check.error, Some(Code::KeyNotFound), "there, but of no use");
    assert!(
        check.errors[0].to_string().contains("full length"),
        "{}",
        check.errors[0]
    );
}

#[test]
fn a_missing_kid_lists_what_there_is() {
    let bare = jwk("", 3).replace(r#""kid":"","#, "");
    let body = format!(r#"{{"keys":[{},{bare}]}}"#, jwk("key-2", 1));
    let check = run(200, &body, Some("key-1"));
    assert_eq!(check.kid_found, Some(false));
    let text = check.errors[0].to_string();
    assert_eq!(
        text,
        "expected kid \"key-1\" not found; available: \"key-2\", (no kid) (did you mean \"key-2\"?)"
    );
    assert!(
        check
            .warnings
            .iter()
            .any(|warning| warning.contains("no kid"))
    );
}

#[test]
fn failures_to_fetch_are_told_apart_from_bad_answers() {
    for (error, reachable, code) in [
        (
            FetchError::Connect("refused".to_owned()),
            false,
            "UnavailableConnect",
        ),
        (FetchError::Timeout, false, "UnavailableTimeout"),
        (
            FetchError::Tls("UnknownIssuer".to_owned()),
            false,
            "UnavailableTls",
        ),
        (
            FetchError::Body("reset".to_owned()),
            true,
            "UnavailableBody",
        ),
        (FetchError::TooLarge, true, "UnavailableTooLarge"),
    ] {
        let issuer = Issuer::publishing(&[]);
        issuer.next(Step::Fail(error));
        let check = CheckOptions::new().fetch(issuer).run(URL);
        assert_eq!((check.reachable, check.status), (reachable, None));
        assert_eq!(check.error.map(Code::name), Some(code));
    }
    let issuer = Issuer::publishing(&[]);
    issuer.next(Step::Panic);
    let panicked = CheckOptions::new().fetch(issuer).run(URL);
    assert_eq!(panicked.error, Some(Code::UnavailableConnect));

    let refused = check("http://user:s3cret@issuer.example/", None);
    assert_eq!(refused.error, Some(Code::MisuseUrl));
    assert!(!format!("{refused:?}").contains("s3cret"));
}

#[test]
fn a_document_in_memory_is_checked_alike() {
    let check = CheckOptions::new()
        .kid("a")
        .run_document(jwk("a", 1).as_bytes());
    assert!(check.is_ok(), "one bare JWK is a set: {check:?}");
    assert_eq!(
        (check.reachable, check.url.is_none(), check.usable),
        (false, true, 1)
    );
    let check = CheckOptions::new().run_document(b"\xff\xfe");
    assert_eq!(check.error.map(Code::name), Some("KeySetJson"));
}
