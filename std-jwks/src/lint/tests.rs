//! What each rule finds, and what it lets pass.

use super::*;
use crate::fetch::FetchError;
use crate::testing::{Issuer, Step, jwk, jwks};

/// An RSA modulus of this many bits: odd, with the highest bit set, and no key of anybody's.
fn modulus(bits: usize) -> Vec<u8> {
    let mut octets = vec![0xa5; bits / 8];
    octets[bits / 8 - 1] = 0xa7;
    octets
}

fn rsa(bits: usize, exponent: &str, more: &str) -> String {
    let n = base64url(&modulus(bits));
    format!(
        r#"{{"kty":"RSA","kid":"r{bits}","alg":"RS256","use":"sig","n":"{n}","e":"{exponent}"{more}}}"#
    )
}

fn base64url(octets: &[u8]) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::encode_string(octets)
}

fn set(keys: &[String]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// `severity rule place`, of each finding.
fn found(document: &str) -> Vec<String> {
    let lint = lint_document(document.as_bytes());
    let words = |finding: &Finding| {
        let place = finding
            .position
            .map_or(String::new(), |at| format!(" {at}"));
        format!("{} {}{place}", finding.severity, finding.rule.id())
    };
    lint.findings.iter().map(words).collect()
}

#[test]
fn a_good_set_is_clean() {
    let document = jwks(&[("a", 1), ("b", 2)]);
    assert_eq!(found(&document), [""; 0]);
    assert_eq!(lint_document(document.as_bytes()).keys, 2);
}

#[test]
fn each_rule_finds_what_it_is_for() {
    let good = jwk("good", 1);
    let two = |key: String| set(&[jwk("good", 1), jwk("fine", 9), key]);
    let without = |member: &str| jwk("k", 2).replace(member, "");
    let certificate = |content: &[u8]| {
        use base64ct::{Base64, Encoding};
        format!(r#","x5c":["{}"]"#, Base64::encode_string(content))
    };
    let holding = [b"before".to_vec(), modulus(3072), b"after".to_vec()].concat();
    let thumbprint = |octets: &[u8]| {
        use sha2::{Digest, Sha256};
        format!(r#","x5t#S256":"{}""#, base64url(&Sha256::digest(octets)))
    };
    let kid = |length: usize| jwk(&"k".repeat(length), 2);
    for (document, wanted) in [
        ("<html>".to_owned(), &["error not-json"][..]),
        ("{}".to_owned(), &["error no-keys"]),
        (r#"{"keys":{}}"#.to_owned(), &["error no-keys"]),
        (r#"{"keys":[]}"#.to_owned(), &["error no-usable-key"]),
        (set(&vec![good.clone(); 101]), &["error set-too-large"]),
        (set(std::slice::from_ref(&good)), &["note one-key"]),
        (good.clone(), &["note one-key"]),
        (
            two(jwk("p", 2).replace('}', r#","d":"AAAA"}"#)),
            &["error private-key 2"],
        ),
        (
            two(r#"{"kty":"oct","kid":"s","k":"c2VjcmV0"}"#.to_owned()),
            &["error symmetric-key 2"],
        ),
        (two(rsa(1024, "AQAB", "")), &["error weak-rsa 2"]),
        (two(rsa(8200, "AQAB", "")), &["error oversized-rsa 2"]),
        (two(rsa(2048, "AQAB", "")), &["note rsa-below-3072 2"]),
        (two(rsa(3072, "AQAB", "")), &[]),
        (two(rsa(3072, "AAEAAQ", "")), &[]),
        (two(rsa(3072, "AQ", "")), &["error rsa-exponent 2"]),
        (two(rsa(3072, "Aw", "")), &["note unusual-exponent 2"]),
        (two("7".to_owned()), &["error broken-key 2"]),
        (
            two(jwk("k", 2).replace(r#""x":""#, r#""x":"A"#)),
            &["error broken-key 2"],
        ),
        (two(without(r#""kid":"k","#)), &["warning missing-kid 2"]),
        (
            set(&[without(r#""kid":"k","#)]),
            &["note one-key", "note missing-kid 0"],
        ),
        (two(jwk("", 2)), &["warning empty-kid 2"]),
        (two(jwk("good", 2)), &["error duplicate-kid 2"]),
        (two(jwk("other", 1)), &["note repeated-key 2"]),
        (two(kid(1025)), &["error kid-too-long 2"]),
        (two(kid(129)), &["note long-kid 2"]),
        (two(kid(128)), &[]),
        (
            two(without(r#""alg":"EdDSA","#)),
            &["warning missing-alg 2"],
        ),
        (two(without(r#""use":"sig","#)), &["note missing-use 2"]),
        (
            two(jwk("k", 2).replace(r#""sig""#, r#""enc""#)),
            &["note not-for-signatures 2"],
        ),
        (
            two(r#"{"kty":"XYZ","kid":"future"}"#.to_owned()),
            &["note unknown-kind 2"],
        ),
        (
            two(jwk("k", 2).replace("EdDSA", "RS256")),
            &["error alg-mismatch 2"],
        ),
        (two(rsa(3072, "AQAB", &certificate(&holding))), &[]),
        (
            two(rsa(
                3072,
                "AQAB",
                &(certificate(&holding) + &thumbprint(&holding)),
            )),
            &[],
        ),
        (
            two(rsa(
                3072,
                "AQAB",
                &(certificate(&holding) + &thumbprint(b"x")),
            )),
            &["note x5t-mismatch 2"],
        ),
        (
            two(rsa(3072, "AQAB", &certificate(b"another"))),
            &["note x5c-mismatch 2"],
        ),
        (
            two(rsa(3072, "AQAB", r#","x5c":[]"#)),
            &["note x5c-mismatch 2"],
        ),
    ] {
        assert_eq!(found(&document), wanted, "{document:.300}");
    }
    let many: Vec<String> = (0..21).map(|n| jwk(&format!("k{n}"), n)).collect();
    assert_eq!(found(&set(&many)), ["note large-set"]);
}

#[test]
fn rules_of_discovery_documents() {
    let document = |issuer: &str, uri: &str, algorithms: &str| {
        format!(
            r#"{{"issuer":"{issuer}","jwks_uri":"{uri}","id_token_signing_alg_values_supported":[{algorithms}]}}"#
        )
    };
    const ISSUER: &str = "https://a.example";
    const KEYS: &str = "https://a.example/keys";
    for (text, wanted) in [
        (document(ISSUER, KEYS, r#""RS256""#), &[][..]),
        (
            document("http://a.example", KEYS, r#""RS256""#),
            &["error issuer-url"],
        ),
        (
            document("https://a.example?x", KEYS, r#""RS256""#),
            &["error issuer-url"],
        ),
        (
            document("https://a.example/{tenantid}/v2.0", KEYS, r#""RS256""#),
            &["warning issuer-template"],
        ),
        (
            document(ISSUER, "http://a.example/keys", r#""RS256""#),
            &["error jwks-uri-url"],
        ),
        (
            document(ISSUER, "https://keys.example/", r#""RS256""#),
            &["note jwks-uri-host"],
        ),
        (
            document(ISSUER, KEYS, r#""RS256","none""#),
            &["warning alg-none"],
        ),
        (
            document(ISSUER, KEYS, r#""HS256""#),
            &["note symmetric-alg", "note rs256-missing"],
        ),
        (
            r#"{"jwks_uri":"https://a.example/keys"}"#.to_owned(),
            &["error issuer-missing"],
        ),
        (
            r#"{"issuer":"https://a.example"}"#.to_owned(),
            &["error jwks-uri-missing"],
        ),
    ] {
        assert_eq!(found(&text), wanted, "{text}");
        assert_eq!(lint_document(text.as_bytes()).kind, DocumentKind::Discovery);
    }
}

#[test]
fn a_discovery_document_leads_to_its_key_set() {
    let issuer = Issuer::publishing(&[("a", 1), ("b", 2)]);
    let document =
        r#"{"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/jwks.json"}"#;
    issuer.next(Step::Answer(200, document.to_owned()));
    let url = "https://issuer.example/tenant/.well-known/openid-configuration";
    let lint = lint_url(url, Duration::from_secs(1), Some(issuer.clone()));
    assert_eq!(lint.findings.len(), 1, "{lint:?}");
    assert_eq!(lint.findings[0].rule.id(), "issuer-elsewhere");
    let set = lint.key_set.as_ref().expect("the key set");
    assert_eq!((set.kind, set.keys), (DocumentKind::KeySet, 2));
    assert_eq!(lint.count(Severity::Error), 1);

    // A key set on this machine is not asked for on the word of somebody elsewhere.
    let inward = document.replace("https://issuer.example/jwks.json", "http://127.0.0.1/keys");
    issuer.next(Step::Answer(200, inward));
    let lint = lint_url(url, Duration::from_secs(1), Some(issuer));
    assert!(lint.key_set.is_none());
}

#[test]
fn what_cannot_be_fetched_is_not_known() {
    let issuer = Issuer::publishing(&[]);
    issuer.next(Step::Fail(FetchError::Connect("refused".to_owned())));
    let lint = lint_url(crate::testing::URL, Duration::from_secs(1), Some(issuer));
    assert_eq!(lint.error, Some(Code::UnavailableConnect));
    assert_eq!(lint.causes[0].id(), "endpoint-unreachable");
    assert!(!lint.next.is_empty() && lint.findings.is_empty());

    let lint = lint_url(
        "http://user:s3cret@a.example/",
        Duration::from_secs(1),
        None,
    );
    assert_eq!(lint.error, Some(Code::MisuseUrl));
    assert!(!format!("{lint:?}").contains("s3cret"));
}

#[test]
fn every_rule_is_found_somewhere_and_has_a_next_step() {
    let tests = include_str!("tests.rs");
    for (place, rule) in lint_rules().iter().enumerate() {
        assert!(tests.contains(rule.id()), "{} is not tested", rule.id());
        assert!(rule.next().len() > 10 && rule.finds().len() > 10);
        assert!(lint_rules()[..place].iter().all(|other| other != rule));
    }
}

#[test]
fn every_reason_to_skip_a_key_falls_under_a_rule() {
    for code in Code::ALL
        .iter()
        .filter(|code| (620..=699).contains(&code.code()))
    {
        let rule = keys::rule_for(*code);
        assert!(
            lint_rules().iter().any(|known| known.id() == rule),
            "{rule}"
        );
    }
}

#[test]
fn hostile_names_are_shown_escaped_and_cut() {
    let kid = format!("\\u001b[2J{}", "y".repeat(300));
    let lint = lint_document(set(&[jwk(&kid, 1), jwk("b", 2)]).as_bytes());
    let text = lint.findings[0].to_string();
    assert!(!text.contains('\u{1b}') && text.len() < 200, "{text}");
}
