#![no_main]
//! Any octets as a signed payload, under a policy that the first octets choose. The oracle: a
//! model in decimal arithmetic on serde_json's reading gives the same error, and whoever is
//! accepted gives the claims back that were written.

use jwtverify_core::{Algorithm, Error, UnixTime, Verifier};
use jwtverify_fuzz::claims::Policy;
use jwtverify_fuzz::json::{self, Node};
use jwtverify_fuzz::time::measured;
use jwtverify_fuzz::{Input, fixed, verdict};
use libfuzzer_sys::fuzz_target;

const HEADER: &[u8] = br#"{"alg":"HS256"}"#;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let policy = Policy {
        now: input.one_of(&[fixed::NOW, 0, -1, 1, 1 << 53, -(1 << 62), 1 << 62]),
        leeway: input.one_of(&[0, 1, 60, 300]),
        max_age: input.one_of(&[None, Some(0), Some(3600), Some(1 << 40)]),
        issuer: input.one_of(&[None, Some(fixed::ISSUER), Some("\u{e9}\"")]),
        audience: input.one_of(&[None, Some(fixed::AUDIENCE), Some("\u{1f600}")]),
        required: input.one_of(&[
            &["exp"][..],
            &[],
            &["sub", "custom"],
            &["nbf", "iat", "jti"],
        ]),
    };
    let payload = input.0;
    let token = fixed::sign(HEADER, payload);
    let verifier = verifier(&policy);
    let now = UnixTime::from_secs(policy.now);
    let got = measured(|| verifier.verify(&token, &*fixed::SECRET_KEY, now));
    match (&got, policy.expected(payload)) {
        (Ok(verified), Ok(())) => {
            assert_eq!(verified.payload(), payload);
            read_back(
                verified.claims(),
                &json::object(payload).expect("strict JSON"),
            );
        }
        (Err(Error::PayloadJson(_)), Err(None)) => {}
        (Err(got), Err(Some(expected))) if *got == expected => {}
        (got, expected) => panic!("{got:?}, and the model says {expected:?}"),
    }
    if policy.now == fixed::NOW {
        let verdict = verdict::verdict(&verifier, token.as_bytes(), &*fixed::SECRET_KEY);
        assert_eq!(verdict, got.map(|_| ()));
    }
});

fn verifier<'p>(policy: &Policy<'p>) -> Verifier<'p> {
    let builder = Verifier::builder()
        .algorithms([Algorithm::Hs256])
        .leeway(policy.leeway);
    let builder = match policy.issuer {
        Some(issuer) => builder.issuer(issuer),
        None => builder.any_issuer(),
    };
    let builder = match policy.audience {
        Some(audience) => builder.audience(audience),
        None => builder.any_audience(),
    };
    let builder = match policy.max_age {
        Some(seconds) => builder.max_age(seconds),
        None => builder,
    };
    builder
        .required_claims(policy.required)
        .build()
        .expect("a verifier")
}

fn read_back(claims: jwtverify_core::Claims<'_>, node: &Node) {
    let text = |name| node.member(name).and_then(Node::text);
    let same = |got: Option<jwtverify_core::json::Text<'_>>, name| {
        assert_eq!(
            got.map(|got| got.to_string()).as_deref(),
            text(name),
            "{name}"
        );
    };
    same(claims.issuer(), "iss");
    same(claims.subject(), "sub");
    same(claims.jwt_id(), "jti");
    let audience: Vec<String> = claims.audience().map(|aud| aud.to_string()).collect();
    let expected: Vec<String> = match node.member("aud") {
        Some(Node::String(aud)) => vec![aud.clone()],
        Some(Node::Array(all)) => all
            .iter()
            .filter_map(Node::text)
            .map(String::from)
            .collect(),
        _ => vec![],
    };
    assert_eq!(audience, expected);
    assert_eq!(claims.expiration().is_some(), node.member("exp").is_some());
    assert_eq!(claims.not_before().is_some(), node.member("nbf").is_some());
    assert_eq!(claims.issued_at().is_some(), node.member("iat").is_some());
}
