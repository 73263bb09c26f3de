//! RFC 7519: the claims, each compared at its edges. Every token here has a good signature.

mod common;

use common::{
    AUDIENCE, ISSUER, NOW, Table, claims, claims_with, key_set, now, open_policy, outcome,
    per_provider, policy,
};
use jwtverify_core::{Error, Provider, UnixTime, Verifier, VerifierBuilder};
use jwtverify_tests::{Alg, SigningKey};
use serde_json::json;

per_provider!(
    exp_is_required_and_valid_while_now_is_before_it,
    nbf_is_reached_within_the_leeway,
    iat_matters_for_age_alone,
    numeric_dates_are_finite_json_numbers,
    the_time_is_any_i64,
    iss_is_one_of_those_told,
    aud_is_any_of_those_told,
    sub_and_jti_are_strings,
    required_claims_are_there,
    the_payload_is_one_strict_json_object,
    names_compare_after_unescaping,
    the_first_failure_is_the_only_one,
);

fn key() -> &'static SigningKey {
    SigningKey::shared(Alg::EdDsa)
}

fn verify<P: Provider>(policy: VerifierBuilder<'_>, payload: impl AsRef<[u8]>) -> String {
    let token = key().sign_text(key().header().to_string(), payload);
    outcome(
        policy
            .build()
            .unwrap()
            .verify(token, &key_set::<P>(key()), now()),
    )
}

fn exp_is_required_and_valid_while_now_is_before_it<P: Provider>() {
    let mut table = Table::default();
    for (leeway, exp, expected) in [
        (0, NOW + 1, "accepted"),
        (0, NOW, "Expired"),
        (0, NOW - 1, "Expired"),
        (30, NOW, "accepted"),
        (30, NOW - 29, "accepted"),
        (30, NOW - 30, "Expired"),
        (30, NOW - 31, "Expired"),
        (300, NOW - 299, "accepted"),
        (300, NOW - 300, "Expired"),
        (0, i64::MAX, "accepted"),
        (300, i64::MAX, "accepted"),
        (300, i64::MIN, "Expired"),
        (0, 0, "Expired"),
        (0, -1, "Expired"),
    ] {
        let payload = claims_with(json!({ "exp": exp })).to_string();
        let got = verify::<P>(policy().leeway(leeway), payload);
        table.row(
            format!("exp = now {:+}, leeway {leeway}", exp - NOW.min(exp)),
            got,
            expected,
        );
    }
    let without = claims_with(json!({"exp": null})).to_string();
    table.row(
        "no exp",
        verify::<P>(policy(), &without),
        "ClaimMissing exp",
    );
    table.row(
        "exp not required",
        verify::<P>(policy().required_claims(&[]), &without),
        "accepted",
    );
    let expired = claims_with(json!({"exp": NOW})).to_string();
    let got = verify::<P>(policy().required_claims(&[]), expired);
    table.row("not required, but there and past", got, "Expired");
    table.check();
}

fn nbf_is_reached_within_the_leeway<P: Provider>() {
    let mut table = Table::default();
    for (leeway, nbf, expected) in [
        (0, NOW, "accepted"),
        (0, NOW - 1, "accepted"),
        (0, NOW + 1, "NotYetValid"),
        (30, NOW + 30, "accepted"),
        (30, NOW + 31, "NotYetValid"),
        (300, NOW + 300, "accepted"),
        (300, NOW + 301, "NotYetValid"),
        (30, 0, "accepted"),
        (300, -1, "accepted"),
        (300, i64::MIN, "accepted"),
        (300, i64::MAX, "NotYetValid"),
    ] {
        let payload = claims_with(json!({ "nbf": nbf })).to_string();
        let got = verify::<P>(policy().leeway(leeway), payload);
        table.row(format!("nbf {nbf}, leeway {leeway}"), got, expected);
    }
    table.check();
}

fn iat_matters_for_age_alone<P: Provider>() {
    let mut table = Table::default();
    for (max_age, leeway, iat, expected) in [
        (None, 0, json!(NOW + 100_000), "accepted"),
        (None, 0, json!(0), "accepted"),
        (None, 0, json!(-1), "accepted"),
        (None, 0, json!("1800000000"), "ClaimType iat"),
        (None, 0, json!(true), "ClaimType iat"),
        (None, 0, json!([NOW]), "ClaimType iat"),
        (Some(60), 0, json!(NOW), "accepted"),
        (Some(60), 0, json!(NOW - 60), "accepted"),
        (Some(60), 0, json!(NOW - 61), "TooOld"),
        (Some(60), 30, json!(NOW - 90), "accepted"),
        (Some(60), 30, json!(NOW - 91), "TooOld"),
        (Some(60), 0, json!(NOW + 1000), "accepted"),
        (Some(60), 0, json!(i64::MIN), "TooOld"),
        (Some(60), 0, json!(i64::MAX), "accepted"),
        (Some(60), 0, json!(null), "ClaimMissing iat"),
        (Some(0), 0, json!(NOW), "accepted"),
        (Some(0), 0, json!(NOW - 1), "TooOld"),
        (Some(u64::MAX), 300, json!(i64::MIN), "accepted"),
    ] {
        let mut policy = policy().leeway(leeway);
        if let Some(max_age) = max_age {
            policy = policy.max_age(max_age);
        }
        let got = verify::<P>(policy, claims_with(json!({ "iat": iat })).to_string());
        table.row(
            format!("iat {iat}, age {max_age:?}, leeway {leeway}"),
            got,
            expected,
        );
    }
    table.check();
}

/// RFC 7519, 2: a JSON number, with or without a fraction. Neither a string nor infinite.
fn numeric_dates_are_finite_json_numbers<P: Provider>() {
    let mut table = Table::default();
    for (number, exp, nbf) in [
        ("1800000300", "accepted", "NotYetValid"),
        ("1800000300.0", "accepted", "NotYetValid"),
        ("1.8000003e9", "accepted", "NotYetValid"),
        ("18000003000e-1", "accepted", "NotYetValid"),
        ("0.18000003E+10", "accepted", "NotYetValid"),
        ("1800000000.5", "accepted", "NotYetValid"),
        ("1800000000.000", "Expired", "accepted"),
        ("1799999999.999", "Expired", "accepted"),
        ("1.8e9", "Expired", "accepted"),
        ("0", "Expired", "accepted"),
        ("-0", "Expired", "accepted"),
        ("-0.5", "Expired", "accepted"),
        ("1e-999999", "Expired", "accepted"),
        ("9223372036854775807", "accepted", "NotYetValid"),
        ("9223372036854775808", "accepted", "NotYetValid"),
        ("18446744073709551616", "accepted", "NotYetValid"),
        (
            "100000000000000000000000000000000000000000000000000",
            "accepted",
            "NotYetValid",
        ),
        ("1e50", "accepted", "NotYetValid"),
        ("1e308", "accepted", "NotYetValid"),
        ("-9223372036854775808", "Expired", "accepted"),
        ("-9223372036854775809", "Expired", "accepted"),
        ("-1e308", "Expired", "accepted"),
        ("1e309", "ClaimType", "ClaimType"),
        ("-1e309", "ClaimType", "ClaimType"),
        ("1e999", "ClaimType", "ClaimType"),
        ("1e99999999999999999999", "ClaimType", "ClaimType"),
        (r#""1800000300""#, "ClaimType", "ClaimType"),
        ("null", "ClaimType", "ClaimType"),
        ("true", "ClaimType", "ClaimType"),
        ("false", "ClaimType", "ClaimType"),
        ("[1800000300]", "ClaimType", "ClaimType"),
        (r#"{"a":1800000300}"#, "ClaimType", "ClaimType"),
        ("01800000300", "PayloadJson", "PayloadJson"),
        ("+1800000300", "PayloadJson", "PayloadJson"),
        ("1800000300.", "PayloadJson", "PayloadJson"),
        (".5", "PayloadJson", "PayloadJson"),
        ("0x7fffffff", "PayloadJson", "PayloadJson"),
        ("NaN", "PayloadJson", "PayloadJson"),
        ("Infinity", "PayloadJson", "PayloadJson"),
        ("1_800_000_300", "PayloadJson", "PayloadJson"),
    ] {
        for (claim, expected) in [("exp", exp), ("nbf", nbf)] {
            let payload = match claim {
                "exp" => format!(r#"{{"exp":{number}}}"#),
                _ => format!(r#"{{"exp":1800000300,"nbf":{number}}}"#),
            };
            let expected = match expected {
                "ClaimType" => format!("ClaimType {claim}"),
                other => other.into(),
            };
            let got = verify::<P>(open_policy(), payload);
            table.row(format!("{claim} = {number}"), got, &expected);
        }
    }
    // A long number is read to its end and costs nothing else.
    let long = format!(r#"{{"exp":{}}}"#, "9".repeat(300));
    table.row("300 digits", verify::<P>(open_policy(), long), "accepted");
    let long = format!(r#"{{"exp":{}}}"#, "9".repeat(100_000));
    table.row(
        "100,000 digits",
        verify::<P>(open_policy(), long),
        "ClaimType exp",
    );
    let long = format!(r#"{{"exp":1800000000.{}1}}"#, "0".repeat(100_000));
    table.row(
        "100,000 decimals",
        verify::<P>(open_policy(), long),
        "accepted",
    );
    table.check();
}

fn the_time_is_any_i64<P: Provider>() {
    let keys = key_set::<P>(key());
    let verifier = open_policy().leeway(300).max_age(u64::MAX).build().unwrap();
    let mut table = Table::default();
    for (now, expected) in [
        (i64::MIN, "NotYetValid"),
        (-1, "NotYetValid"),
        (NOW - 301, "NotYetValid"),
        (NOW - 300, "accepted"),
        (NOW + 309, "accepted"),
        (NOW + 310, "Expired"),
        (i64::MAX, "Expired"),
    ] {
        let token = key().mint(&json!({"exp": NOW + 10, "nbf": NOW, "iat": NOW}));
        let result = verifier.verify(token, &keys, UnixTime::from_secs(now));
        table.row(now, outcome(result), expected);
    }
    table.check();
}

fn iss_is_one_of_those_told<P: Provider>() {
    let others = ["https://a.example", "https://b.example"];
    let mut table = Table::default();
    for (iss, expected) in [
        (json!(ISSUER), "accepted"),
        (json!("https://idp.example/"), "IssuerMismatch"),
        (json!("HTTPS://idp.example"), "IssuerMismatch"),
        (json!("https://idp.exampl"), "IssuerMismatch"),
        (json!("https://idp.example.evil.example"), "IssuerMismatch"),
        (json!("idp.example"), "IssuerMismatch"),
        (json!("https://idp.example\0"), "IssuerMismatch"),
        (json!(" https://idp.example"), "IssuerMismatch"),
        (json!("h"), "IssuerMismatch"),
        (json!(""), "IssuerMismatch"),
        (json!(1), "ClaimType iss"),
        (json!(true), "ClaimType iss"),
        (json!([ISSUER]), "ClaimType iss"),
        (json!({ "a": ISSUER }), "ClaimType iss"),
    ] {
        let payload = claims_with(json!({ "iss": iss })).to_string();
        table.row(
            format!("iss {iss}"),
            verify::<P>(policy(), &payload),
            expected,
        );
        let any = Verifier::builder()
            .algorithms(jwtverify_core::AlgorithmSet::ALL)
            .any_issuer()
            .audience(AUDIENCE);

        table.row(
            format!("iss {iss}, any will do"),
            verify::<P>(any, payload),
            "accepted",
        );
    }
    let null = claims_with(json!({"iss": "?"}))
        .to_string()
        .replace("\"?\"", "null");
    table.row("iss null", verify::<P>(policy(), null), "ClaimType iss");
    let missing = claims_with(json!({"iss": null})).to_string();
    table.row(
        "no iss",
        verify::<P>(policy(), &missing),
        "ClaimMissing iss",
    );
    table.row(
        "no iss, any will do",
        verify::<P>(open_policy(), &missing),
        "accepted",
    );
    let several = || {
        let algorithms = jwtverify_core::AlgorithmSet::ALL;
        Verifier::builder()
            .algorithms(algorithms)
            .issuers(&others)
            .any_audience()
    };
    for (iss, expected) in [
        (others[0], "accepted"),
        (others[1], "accepted"),
        (ISSUER, "IssuerMismatch"),
        ("https://a.examplehttps://b.example", "IssuerMismatch"),
    ] {
        let payload = claims_with(json!({ "iss": iss })).to_string();
        table.row(
            format!("{iss} of several"),
            verify::<P>(several(), payload),
            expected,
        );
    }
    table.check();
}

fn aud_is_any_of_those_told<P: Provider>() {
    let mut table = Table::default();
    for (aud, expected) in [
        (json!("api"), "accepted"),
        (json!(["api"]), "accepted"),
        (json!(["other", "api"]), "accepted"),
        (json!(["api", "api"]), "accepted"),
        (json!("API"), "AudienceMismatch"),
        (json!("ap"), "AudienceMismatch"),
        (json!("api2"), "AudienceMismatch"),
        (json!("api,x"), "AudienceMismatch"),
        (json!("api x"), "AudienceMismatch"),
        (json!(""), "AudienceMismatch"),
        (json!("api\0"), "AudienceMismatch"),
        (json!([]), "AudienceMismatch"),
        (json!([""]), "AudienceMismatch"),
        (json!(["a", "p", "i"]), "AudienceMismatch"),
        (json!([null]), "AudienceMismatch"),
        (json!(["api", 1]), "AudienceMismatch"),
        (json!([1, "api"]), "AudienceMismatch"),
        (json!(["api", null]), "AudienceMismatch"),
        (json!([["api"]]), "AudienceMismatch"),
        (json!(1), "AudienceMismatch"),
        (json!(true), "AudienceMismatch"),
        (json!({"api": true}), "AudienceMismatch"),
    ] {
        let payload = claims_with(json!({ "aud": aud })).to_string();
        table.row(
            format!("aud {aud}"),
            verify::<P>(policy(), payload),
            expected,
        );
    }
    let null = claims_with(json!({"aud": "?"}))
        .to_string()
        .replace("\"?\"", "null");
    table.row("aud null", verify::<P>(policy(), null), "AudienceMismatch");
    let missing = claims_with(json!({"aud": null})).to_string();
    table.row(
        "no aud",
        verify::<P>(policy(), &missing),
        "ClaimMissing aud",
    );
    table.row(
        "no aud, any will do",
        verify::<P>(open_policy(), &missing),
        "accepted",
    );
    let present = claims_with(json!({"aud": "somebody else"})).to_string();
    table.row(
        "an aud, any will do",
        verify::<P>(open_policy(), present),
        "accepted",
    );
    let several = || {
        let algorithms = jwtverify_core::AlgorithmSet::ALL;
        Verifier::builder()
            .algorithms(algorithms)
            .any_issuer()
            .audiences(&["api", "web"])
    };
    for (aud, expected) in [
        (json!("web"), "accepted"),
        (json!(["x", "web"]), "accepted"),
        (json!("x"), "AudienceMismatch"),
    ] {
        let payload = claims_with(json!({ "aud": aud })).to_string();
        table.row(
            format!("{aud} for several"),
            verify::<P>(several(), payload),
            expected,
        );
    }
    table.check();
}

/// RFC 7519, 4.1.2 and 4.1.7.
fn sub_and_jti_are_strings<P: Provider>() {
    let mut table = Table::default();
    for claim in ["sub", "jti"] {
        for (value, good) in [
            (json!("x"), true),
            (json!(""), true),
            (json!(1), false),
            (json!(true), false),
            (json!(["x"]), false),
            (json!({}), false),
            (json!("?null?"), false),
        ] {
            let payload = claims_with(json!({ claim: value })).to_string();
            let payload = payload.replace(r#""?null?""#, "null");

            let expected = if good {
                "accepted".into()
            } else {
                format!("ClaimType {claim}")
            };
            table.row(
                format!("{claim} {value}"),
                verify::<P>(policy(), payload),
                &expected,
            );
        }
        let payload = claims_with(json!({ claim: null })).to_string();
        table.row(
            format!("no {claim}"),
            verify::<P>(policy(), payload),
            "accepted",
        );
    }
    table.check();
}

fn required_claims_are_there<P: Provider>() {
    let mut table = Table::default();
    for (required, expected) in [
        (&["exp"][..], "accepted"),
        (&["exp", "iss", "aud", "sub"], "accepted"),
        (&["jti"], "ClaimMissing jti"),
        (&["nbf"], "ClaimMissing nbf"),
        (&["exp", "iat"], "ClaimMissing iat"),
    ] {
        let got = verify::<P>(policy().required_claims(required), claims().to_string());
        table.row(format!("{required:?}"), got, expected);
    }
    table.check();
    // A claim that has no meaning here but to the caller.
    let names = ["exp", "tenant", "scope"];
    let verifier = policy().required_claims(&names).build().unwrap();
    let keys = key_set::<P>(key());
    let refused = verifier.verify(key().mint(&claims_with(json!({"tenant": 1}))), &keys, now());
    let error = refused.err().unwrap();
    assert!(matches!(error, Error::ClaimMissing(_)));
    assert_eq!(verifier.claim_name(error.claim().unwrap()), "scope");
    for tenant in [json!(1), json!("t"), json!([]), json!(false)] {
        let claims = claims_with(json!({"tenant": tenant, "scope": ""}));
        assert_eq!(
            outcome(verifier.verify(key().mint(&claims), &keys, now())),
            "accepted"
        );
    }
}

fn the_payload_is_one_strict_json_object<P: Provider>() {
    let good = claims().to_string();
    let body = good.trim_end_matches('}');
    let deep = |depth: usize| {
        format!(
            "{body},\"x\":{}{}}}",
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        )
    };
    let mut table = Table::default();
    for (payload, expected) in [
        (good.clone(), "accepted"),
        (format!(" \n{good}\t"), "accepted"),
        (
            format!(r#"{body},"n":123456789012345678901234567890,"f":1e999}}"#),
            "accepted",
        ),
        (format!(r#"{body},"s":"\ud83d\ude00"}}"#), "accepted"),
        (deep(32), "accepted"),
        (deep(33), "PayloadJson"),
        (deep(50_000), "PayloadJson"),
        (format!(r#"{body},"exp":1}}"#), "PayloadJson"),
        (format!(r#"{body},"\u0065xp":1}}"#), "PayloadJson"),
        (format!(r#"{body},"x":{{"a":1,"a":2}}}}"#), "PayloadJson"),
        (format!(r#"{body},"s":"\ud800"}}"#), "PayloadJson"),
        (format!("{good}x"), "PayloadJson"),
        (format!("{good}{good}"), "PayloadJson"),
        (format!("{good}\0"), "PayloadJson"),
        (format!("\u{feff}{good}"), "PayloadJson"),
        (format!("[{good}]"), "PayloadJson"),
        (String::new(), "PayloadJson"),
        ("null".into(), "PayloadJson"),
        ("true".into(), "PayloadJson"),
        ("1".into(), "PayloadJson"),
        (r#""text""#.into(), "PayloadJson"),
        (format!("{body},}}"), "PayloadJson"),
        (body.into(), "PayloadJson"),
        ("{}".into(), "ClaimMissing exp"),
        // A nested token (RFC 7519, 5.2) is not looked into.
        (key().mint(&claims()), "PayloadJson"),
    ] {
        let what: String = payload.chars().skip(60).take(40).collect();
        table.row(
            format!("..{what}"),
            verify::<P>(open_policy(), payload),
            expected,
        );
    }
    let mut invalid = good.into_bytes();
    let place = invalid
        .windows(5)
        .position(|window| window == b"alice")
        .unwrap();
    invalid[place] = 0xff;
    table.row(
        "not UTF-8",
        verify::<P>(open_policy(), invalid),
        "PayloadJson",
    );
    table.check();
}

fn names_compare_after_unescaping<P: Provider>() {
    let mut table = Table::default();
    for (payload, expected) in [
        (r#"{"\u0065xp":1800000001}"#, "accepted"),
        (r#"{"\u0065xp":1799999999}"#, "Expired"),
        (r#"{"exp":1800000001,"n\u0062f":1800000001}"#, "NotYetValid"),
        (r#"{"Exp":1800000001}"#, "ClaimMissing exp"),
        (r#"{"exp\u0000":1800000001}"#, "ClaimMissing exp"),
        (r#"{"x":{"exp":1800000001}}"#, "ClaimMissing exp"),
    ] {
        table.row(payload, verify::<P>(open_policy(), payload), expected);
    }
    let escaped = format!(
        r#"{{"exp":1800000001,"iss":"https:\/\/idp.ex\u0061mple","aud":["\u0061pi"],"x":{}}}"#,
        json!(ISSUER)
    );
    table.row("values too", verify::<P>(policy(), escaped), "accepted");
    table.check();
}

/// One error, never a list: a caller that tests for one can't miss another (CVE-2024-51744).
fn the_first_failure_is_the_only_one<P: Provider>() {
    let everything_wrong = json!({"iss": "x", "aud": "x", "exp": 1, "nbf": NOW + 9});
    let got = verify::<P>(policy(), everything_wrong.to_string());
    assert!(
        !got.contains("accepted") && got != "SignatureInvalid",
        "{got}"
    );
    let again = verify::<P>(policy(), everything_wrong.to_string());
    assert_eq!(got, again);
}
