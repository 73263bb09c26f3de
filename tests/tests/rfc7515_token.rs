//! RFC 7515: the compact serialization, base64url, the header. Every token here carries a good
//! signature over exactly the text that is sent, unless the case is about that.

mod common;

use common::{Table, claims, key_set, now, open_policy, outcome, per_provider};
use jwtverify_core::{KeySet, Provider, limits};
use jwtverify_tests::{Alg, SigningKey, base64url, forge};
use serde_json::json;

per_provider!(
    exactly_three_segments,
    base64url_is_canonical_and_unpadded,
    allow_padding_tolerates_correct_padding_only,
    the_header_is_one_strict_json_object,
    header_members_are_strings_or_absent,
    alg_is_exact_and_never_none,
    crit_is_never_understood,
    b64_is_never_understood,
    limits_hold_to_the_octet,
    keys_in_the_token_are_never_read,
    the_signature_comes_before_the_claims,
    typ_is_compared_as_a_media_type,
);

const ALG: Alg = Alg::Es256;

fn key() -> &'static SigningKey {
    SigningKey::shared(ALG)
}

fn verify<P: Provider>(token: impl AsRef<[u8]>, keys: &KeySet<P>) -> String {
    outcome(open_policy().build().unwrap().verify(token, keys, now()))
}

fn exactly_three_segments<P: Provider>() {
    let keys = key_set::<P>(key());
    let good = key().mint(&claims());
    let [h, p, s] = good.split('.').collect::<Vec<_>>()[..] else {
        unreachable!()
    };
    let mut table = Table::default();
    for (token, expected) in [
        (good.clone(), "accepted"),
        (String::new(), "TokenSegments"),
        (".".into(), "TokenSegments"),
        ("..".into(), "HeaderEmpty"),
        (h.into(), "TokenSegments"),
        (format!("{h}.{p}"), "TokenSegments"),
        (format!("{h}.{p}."), "SignatureEmpty"),
        (format!(".{p}.{s}"), "HeaderEmpty"),
        (format!("{h}..{s}"), "SignatureInvalid"),
        (key().sign_segments(h, ""), "PayloadJson"),
        (format!("{good}."), "TokenSegments"),
        (format!(".{good}"), "TokenSegments"),
        (format!("{good}.{s}"), "TokenSegments"),
        (format!("{h}.{p}.{s}.{p}.{s}"), "TokenEncrypted"),
        ("....".into(), "TokenEncrypted"),
        (format!("{good}...."), "TokenSegments"),
        (".".repeat(limits::MAX_TOKEN_BYTES), "TokenSegments"),
        (".".repeat(limits::MAX_TOKEN_BYTES + 1), "TokenTooLarge"),
        (format!("Bearer {good}"), "HeaderBase64"),
        (format!("{h}\u{ff0e}{p}\u{ff0e}{s}"), "TokenSegments"),
        (
            json!({"protected": h, "payload": p, "signature": s}).to_string(),
            "TokenSegments",
        ),
    ] {
        table.row(shown(&token), verify(&token, &keys), expected);
    }
    table.check();
}

/// RFC 7515, 2, and RFC 4648, 3.5. Foreign characters are put in before signing, so only the
/// decoder stands between them and acceptance.
fn base64url_is_canonical_and_unpadded<P: Provider>() {
    let keys = key_set::<P>(key());
    let header = base64url(key().header().to_string());
    // 3n + 1 octets: two characters at the end, the last with four unused bits.
    let padded_to = |text: &str, rest: usize| {
        let spaces = (3 + rest - text.len() % 3) % 3;
        base64url(format!("{text}{}", " ".repeat(spaces)))
    };
    let one_over = padded_to(&claims().to_string(), 1);
    let mut table = Table::default();
    for foreign in [
        " ", "\t", "\n", "\r\n", "\u{b}", "\0", "!", "%20", "+", "/", "*", "é", "\u{a0}",
    ] {
        let (a, b) = header.split_at(8);
        let token = key().sign_segments(&format!("{a}{foreign}{b}"), &one_over);
        table.row(
            format!("{foreign:?} in the header"),
            verify(token, &keys),
            "HeaderBase64",
        );
        let (a, b) = one_over.split_at(8);
        let token = key().sign_segments(&header, &format!("{a}{foreign}{b}"));
        table.row(
            format!("{foreign:?} in the payload"),
            verify(token, &keys),
            "PayloadBase64",
        );
        let good = key().sign_segments(&header, &one_over);
        let got = verify(format!("{good}{foreign}"), &keys);
        table.row(
            format!("{foreign:?} after the signature"),
            got,
            "SignatureBase64",
        );
        let got = verify(format!("{foreign}{good}"), &keys);
        table.row(
            format!("{foreign:?} before the header"),
            got,
            "HeaderBase64",
        );
    }
    for padded in ["=", "==", "===", "===="] {
        let token = key().sign_segments(&header, &format!("{one_over}{padded}"));
        table.row(
            format!("payload with {padded}"),
            verify(token, &keys),
            "PayloadBase64",
        );
    }
    // The unused bits of the last character: 16 spellings decode alike, one is canonical.
    let alphabet: Vec<char> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['-', '_'])
        .collect();
    let last = one_over.chars().last().unwrap();
    let value = alphabet.iter().position(|&c| c == last).unwrap();
    assert_eq!(value % 16, 0);
    for other in 1..16 {
        let mut text = one_over.clone();
        text.pop();
        text.push(alphabet[value + other]);
        let token = key().sign_segments(&header, &text);
        table.row(
            format!("unused bits {other:04b}"),
            verify(token, &keys),
            "PayloadBase64",
        );
    }
    // 4n + 1 characters encode nothing.
    let token = key().sign_segments(
        &header,
        &format!("{}A", padded_to(&claims().to_string(), 0)),
    );
    table.row("length 1 mod 4", verify(token, &keys), "PayloadBase64");
    table.check();
}

/// What AWS ALB sends: padded segments, and the signature covers the padding.
fn allow_padding_tolerates_correct_padding_only<P: Provider>() {
    let keys = key_set::<P>(key());
    let strict = open_policy().build().unwrap();
    let lenient = open_policy().allow_padding(true).build().unwrap();
    let text = |rest: usize, octets: String| {
        let spaces = (3 + rest - octets.len() % 3) % 3;
        base64url(format!("{octets}{}", " ".repeat(spaces)))
    };
    let header = |rest| text(rest, key().header().to_string());
    let payload = |rest| text(rest, claims().to_string());
    let mut table = Table::default();
    // (header, payload, padding of the signature of 64 octets, verdict when padding is allowed)
    for (h, p, s, expected) in [
        (header(0), payload(0), "", "accepted"),
        (header(1), payload(2), "", "accepted"),
        (header(1) + "==", payload(2) + "=", "==", "accepted"),
        (header(2) + "=", payload(1) + "==", "==", "accepted"),
        (header(0), payload(1) + "==", "", "accepted"),
        (header(0) + "=", payload(0), "", "HeaderBase64"),
        (header(1) + "=", payload(0), "", "HeaderBase64"),
        (header(1) + "===", payload(0), "", "HeaderBase64"),
        (header(0), payload(2) + "==", "", "PayloadBase64"),
        (header(0), payload(0) + "====", "", "PayloadBase64"),
        (header(0), payload(0), "=", "SignatureBase64"),
        (header(0), payload(0), "===", "SignatureBase64"),
        (format!("={}", header(1)), payload(0), "", "HeaderBase64"),
    ] {
        let token = key().sign_segments(&h, &p) + s;
        let what = format!(
            "header ..{} payload ..{} signature ..{s}",
            tail(&h),
            tail(&p)
        );
        let got = outcome(lenient.verify(&token, &keys, now()));
        table.row(format!("allowed: {what}"), got, expected);
        if token.contains('=') {
            let got = outcome(strict.verify(&token, &keys, now()));
            table.row(
                format!("strict: {what}"),
                got.ends_with("Base64").to_string(),
                "true",
            );
        }
    }
    // The signature covers the text as received: padding put on afterwards breaks it.
    let (h, p) = (header(1), payload(1));
    let signed = key().sign_segments(&h, &p);
    let signature = signed.rsplit('.').next().unwrap();
    let got = outcome(lenient.verify(format!("{h}==.{p}.{signature}"), &keys, now()));
    table.row("padded after signing", got, "SignatureInvalid");
    table.check();
}

fn the_header_is_one_strict_json_object<P: Provider>() {
    let keys = key_set::<P>(key());
    let deep = |depth: usize| {
        format!(
            r#"{{"alg":"ES256","x":{}{}}}"#,
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        )
    };
    let mut table = Table::default();
    for (header, expected) in [
        (br#"{"alg":"ES256"}"#.to_vec(), "accepted"),
        (b" \t\r\n{ \"alg\" : \"ES256\" } \n".to_vec(), "accepted"),
        (br#"{"\u0061lg":"\u0045S256"}"#.to_vec(), "accepted"),
        (
            br#"{"alg":"ES256","x":"\ud83d\ude00"}"#.to_vec(),
            "accepted",
        ),
        (deep(32).into(), "accepted"),
        (deep(33).into(), "HeaderJson"),
        (deep(4000).into(), "HeaderJson"),
        (b"{".repeat(4000), "HeaderJson"),
        (br#"{"alg":"ES256"}x"#.to_vec(), "HeaderJson"),
        (b"{\"alg\":\"ES256\"}\0".to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256"}{"alg":"ES256"}"#.to_vec(), "HeaderJson"),
        (b"\xef\xbb\xbf{\"alg\":\"ES256\"}".to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256","alg":"none"}"#.to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256","alg":"ES256"}"#.to_vec(), "HeaderJson"),
        (
            br#"{"alg":"ES256","\u0061lg":"ES256"}"#.to_vec(),
            "HeaderJson",
        ),
        (br#"{"alg":"ES256","x":1,"x":1}"#.to_vec(), "HeaderJson"),
        (
            br#"{"alg":"ES256","x":{"a":1,"\u0061":1}}"#.to_vec(),
            "HeaderJson",
        ),
        (
            br#"{"alg":"ES256","x":[{"a":1,"a":1}]}"#.to_vec(),
            "HeaderJson",
        ),
        (
            br#"{"alg":"ES256","x":[{"a":1},{"a":1}]}"#.to_vec(),
            "accepted",
        ),
        (br#"{"alg":"ES256","x":"\ud800"}"#.to_vec(), "HeaderJson"),
        (
            br#"{"alg":"ES256","x":"\ude00\ud83d"}"#.to_vec(),
            "HeaderJson",
        ),
        (b"{\"alg\":\"ES256\",\"x\":\"\xff\"}".to_vec(), "HeaderJson"),
        (
            b"{\"alg\":\"ES256\",\"x\":\"\xc0\xaf\"}".to_vec(),
            "HeaderJson",
        ),
        (
            b"{\"alg\":\"ES256\",\"x\":\"\xed\xa0\x80\"}".to_vec(),
            "HeaderJson",
        ),
        (b"{\"alg\":\"ES256\",\"x\":\"\n\"}".to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256","x":01}"#.to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256","x":.5}"#.to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256","x":+1}"#.to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256","x":0x1}"#.to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256","x":NaN}"#.to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256","x":1e999}"#.to_vec(), "accepted"),
        (br#"{"alg":"ES256",}"#.to_vec(), "HeaderJson"),
        (br#"{'alg':'ES256'}"#.to_vec(), "HeaderJson"),
        (br#"{"alg":"ES256" /* */}"#.to_vec(), "HeaderJson"),
        (b"{\"alg\":\"ES256\",\x0c\"x\":1}".to_vec(), "HeaderJson"),
        (br#""ES256""#.to_vec(), "HeaderJson"),
        (br#"["ES256"]"#.to_vec(), "HeaderJson"),
        (b"null".to_vec(), "HeaderJson"),
        (b" ".to_vec(), "HeaderJson"),
        (b"{}".to_vec(), "AlgorithmMissing"),
    ] {
        let token = key().sign_text(&header, claims().to_string());
        table.row(
            shown(&String::from_utf8_lossy(&header)),
            verify(token, &keys),
            expected,
        );
    }
    table.check();
}

fn header_members_are_strings_or_absent<P: Provider>() {
    let keys = key_set::<P>(key());
    let mut table = Table::default();
    for member in ["alg", "kid", "typ", "cty"] {
        for value in [
            json!(1),
            json!(1.5),
            json!(true),
            json!(["ES256"]),
            json!({"a": "ES256"}),
        ] {
            let token = key().mint_with(&json!({ member: value }), &claims());
            let what = format!("{member}: {value}");
            table.row(what, verify(token, &keys), "HeaderMemberType");
        }
        let header = match member {
            "alg" => r#"{"alg":null}"#.into(),
            _ => format!(r#"{{"alg":"ES256","{member}":null}}"#),
        };
        let token = key().sign_text(header, claims().to_string());
        table.row(
            format!("{member}: null"),
            verify(token, &keys),
            "HeaderMemberType",
        );
    }
    // What nobody understands is ignored, whatever it holds.
    for value in [json!(null), json!(1), json!({"a": []})] {
        let token = key().sign_text(
            json!({"alg": "ES256", "x": value, "zip": "DEF", "enc": 1}).to_string(),
            claims().to_string(),
        );
        table.row(format!("x: {value}"), verify(token, &keys), "accepted");
    }
    table.check();
}

fn alg_is_exact_and_never_none<P: Provider>() {
    let keys = key_set::<P>(key());
    let mut table = Table::default();
    for (alg, expected) in [
        ("ES256", "accepted"),
        ("es256", "AlgorithmUnknown"),
        ("ES256 ", "AlgorithmUnknown"),
        (" ES256", "AlgorithmUnknown"),
        ("ES256\0", "AlgorithmUnknown"),
        ("ES256K", "KeyMismatch"),
        ("ES", "AlgorithmUnknown"),
        ("", "AlgorithmUnknown"),
        ("SHA256withECDSA", "AlgorithmUnknown"),
        ("ML-DSA-44", "KeyMismatch"),
        ("ml-dsa-44", "AlgorithmUnknown"),
        ("ML-DSA", "AlgorithmUnknown"),
        ("none", "AlgorithmNone"),
        ("None", "AlgorithmUnknown"),
        ("NONE", "AlgorithmUnknown"),
        ("none ", "AlgorithmUnknown"),
        ("none\0", "AlgorithmUnknown"),
        ("nöne", "AlgorithmUnknown"),
        ("ES384", "KeyMismatch"),
        ("RS256", "KeyMismatch"),
        ("HS256", "KeyMismatch"),
    ] {
        let token = key().mint_with(&json!({"alg": alg}), &claims());
        table.row(format!("{alg:?}"), verify(token, &keys), expected);
        let unsigned = forge::unsecured(key(), alg, &claims());
        table.row(
            format!("{alg:?} unsigned"),
            verify(unsigned, &keys),
            "SignatureEmpty",
        );
    }
    table.check();
}

/// RFC 7515, 4.1.11. Malformed values are errors too.
fn crit_is_never_understood<P: Provider>() {
    let keys = key_set::<P>(key());
    let mut table = Table::default();
    for value in [
        r#"["exp"]"#,
        r#"["alg"]"#,
        r#"["b64"]"#,
        r#"["http://example.com/unknown"]"#,
        "[]",
        "null",
        r#""exp""#,
        "[1]",
        "{}",
        "false",
    ] {
        let header = format!(r#"{{"alg":"ES256","crit":{value},"exp":1}}"#);
        let token = key().sign_text(header, claims().to_string());
        table.row(value, verify(token, &keys), "CriticalHeader");
    }
    table.check();
}

/// RFC 7797, 7: an unencoded payload is not for JWTs.
fn b64_is_never_understood<P: Provider>() {
    let keys = key_set::<P>(key());
    let mut table = Table::default();
    for value in ["true", "false", "null", r#""false""#, "0"] {
        let header = format!(r#"{{"alg":"ES256","b64":{value}}}"#);
        let token = key().sign_text(header, claims().to_string());
        table.row(value, verify(token, &keys), "UnencodedPayload");
    }
    let header = r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#;
    let token = key().sign_text(header, claims().to_string());
    table.row("with crit", verify(token, &keys), "CriticalHeader");
    let token = key().sign_segments(&base64url(header), r#"{"exp":1800000300}"#);
    table.row(
        "with crit, payload as it is",
        verify(token, &keys),
        "CriticalHeader",
    );
    table.check();
}

fn limits_hold_to_the_octet<P: Provider>() {
    let keys = key_set::<P>(key());
    let mut table = Table::default();
    let header_of = |octets: usize| {
        let empty = r#"{"alg":"ES256","x":""}"#.len();
        format!(r#"{{"alg":"ES256","x":"{}"}}"#, "x".repeat(octets - empty))
    };
    for (octets, expected) in [
        (limits::MAX_HEADER_BYTES, "accepted"),
        (limits::MAX_HEADER_BYTES + 1, "HeaderTooLarge"),
    ] {
        let token = key().sign_text(header_of(octets), claims().to_string());
        table.row(
            format!("header of {octets}"),
            verify(token, &keys),
            expected,
        );
    }
    // A payload that brings the whole token to exactly the limit.
    let rest = key().sign_text(r#"{"alg":"ES256"}"#, "").len();
    let claims = claims().to_string();
    for (characters, expected) in [
        (limits::MAX_TOKEN_BYTES, "accepted"),
        (limits::MAX_TOKEN_BYTES + 4, "TokenTooLarge"),
    ] {
        let octets = (characters - rest) * 3 / 4;
        let payload = format!("{claims}{}", " ".repeat(octets - claims.len()));
        let token = key().sign_text(r#"{"alg":"ES256"}"#, payload);
        let length = token.len();
        assert!(length.abs_diff(characters) < 4);
        table.row(format!("token of {length}"), verify(token, &keys), expected);
    }
    let small = open_policy()
        .max_token_bytes(400)
        .max_header_bytes(20)
        .build()
        .unwrap();
    let token = key().sign_text(header_of(24), &claims);
    table.row(
        "header limit as set",
        outcome(small.verify(token, &keys, now())),
        "HeaderTooLarge",
    );
    let token = key().sign_text(r#"{"alg":"ES256"}"#, format!("{claims}{}", " ".repeat(300)));
    table.row(
        "token limit as set",
        outcome(small.verify(token, &keys, now())),
        "TokenTooLarge",
    );
    let kid = "k".repeat(limits::MAX_KID_BYTES);
    let token = key().mint_with(&json!({ "kid": kid }), &common::claims());
    table.row("longest kid", verify(token, &keys), "KeyNotFound");
    let token = key().mint_with(&json!({"kid": kid + "k"}), &common::claims());
    table.row("longer kid", verify(token, &keys), "KidTooLong");
    table.check();
}

/// RFC 7515, 4.1.2 to 4.1.8: they are neither trusted nor an error (CVE-2018-0114).
fn keys_in_the_token_are_never_read<P: Provider>() {
    let keys = key_set::<P>(key());
    let attacker = SigningKey::generate(ALG, "attacker");
    let mut table = Table::default();
    for (member, value) in [
        ("jwk", attacker.jwk()),
        ("jwk", json!("text")),
        ("jku", json!("http://127.0.0.1:1/jwks.json")),
        ("jku", json!("file:///etc/passwd")),
        ("x5u", json!("http://127.0.0.1:1/cert")),
        ("x5c", json!(["bm90IGEgY2VydGlmaWNhdGU"])),
        ("x5c", json!(1)),
        ("x5t", json!("abc")),
        ("x5t#S256", json!([])),
    ] {
        let members = json!({ member: value });
        let good = key().mint_with(&members, &claims());
        table.row(
            format!("{member} {value}: good key"),
            verify(good, &keys),
            "accepted",
        );
        let named = json!({member: value, "kid": key().kid()});
        let forged = attacker.mint_with(&named, &claims());
        table.row(
            format!("{member}: good kid"),
            verify(forged, &keys),
            "SignatureInvalid",
        );
        let forged = attacker.mint_with(&members, &claims());
        table.row(
            format!("{member}: its own kid"),
            verify(forged, &keys),
            "KeyNotFound",
        );
        let forged = attacker.mint_with(&json!({member: value, "kid": null}), &claims());
        table.row(
            format!("{member}: no kid"),
            verify(forged, &keys),
            "SignatureInvalid",
        );
    }
    table.check();
}

/// Nothing of the payload is looked at before the signature holds: a forger learns nothing from
/// the kind of refusal.
fn the_signature_comes_before_the_claims<P: Provider>() {
    let keys = key_set::<P>(key());
    let mut table = Table::default();
    for payload in [
        "{}",
        "not JSON",
        r#"{"exp":0}"#,
        r#"{"exp":"x"}"#,
        r#"{"a":1,"a":1}"#,
        "",
    ] {
        let good = key().sign_text(key().header().to_string(), payload);
        let at = good.len() - 20;
        let other = if &good[at..=at] == "A" { "B" } else { "A" };
        let bad = format!("{}{other}{}", &good[..at], &good[at + 1..]);
        table.row(payload, verify(bad, &keys), "SignatureInvalid");
        let refused = verify(good, &keys);
        assert!(
            refused != "accepted" && refused != "SignatureInvalid",
            "{payload}: {refused}"
        );
    }
    table.check();
}

/// RFC 7515, 4.1.9, and RFC 8725, 3.11.
fn typ_is_compared_as_a_media_type<P: Provider>() {
    let keys = key_set::<P>(key());
    let mut table = Table::default();
    for (wanted, typ, expected) in [
        ("at+jwt", Some("at+jwt"), "accepted"),
        ("at+jwt", Some("AT+JWT"), "accepted"),
        ("at+jwt", Some("application/at+jwt"), "accepted"),
        ("at+jwt", Some("Application/AT+jwt"), "accepted"),
        ("application/at+jwt", Some("at+jwt"), "accepted"),
        ("JWT", Some("jwt"), "accepted"),
        ("at+jwt", Some("JWT"), "TypeMismatch"),
        ("at+jwt", Some("logout+jwt"), "TypeMismatch"),
        ("at+jwt", Some("text/at+jwt"), "TypeMismatch"),
        (
            "at+jwt",
            Some("application/application/at+jwt"),
            "TypeMismatch",
        ),
        ("at+jwt", Some("at+jwt;x=1"), "TypeMismatch"),
        ("at+jwt", Some(" at+jwt"), "TypeMismatch"),
        ("at+jwt", Some(""), "TypeMismatch"),
        ("at+jwt", None, "TypeMissing"),
    ] {
        let token = key().mint_with(&json!({ "typ": typ }), &claims());
        let verifier = open_policy().typ(wanted).build().unwrap();
        let got = outcome(verifier.verify(token, &keys, now()));
        table.row(format!("{typ:?} for {wanted}"), got, expected);
    }
    table.check();
}

fn shown(text: &str) -> String {
    let start: String = text.chars().take(60).collect();
    format!("{start:?} ({} octets)", text.len())
}

fn tail(text: &str) -> &str {
    &text[text.len() - 4..]
}
