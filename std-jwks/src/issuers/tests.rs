use std::sync::Arc;

use super::*;
use crate::testing::{Issuer, mint};
use crate::{Algorithm, FetchError, RemoteJwks, Response, RustCrypto, Verifier};

const ONE: &str = "https://one.example";
const TWO: &str = "https://two.example";

type Portable = JwksVerifier<RustCrypto>;

fn policy(issuers: &[&str]) -> Verifier<'static> {
    let policy = Verifier::builder()
        .algorithms([Algorithm::EdDsa])
        .issuers(issuers)
        .any_audience();
    policy.build().unwrap().into_owned()
}

fn remote(issuer: &Arc<Issuer>) -> RemoteJwks<RustCrypto> {
    let builder = RemoteJwks::builder()
        .url("https://keys.example/jwks")
        .fetch(issuer.clone());
    builder.build_for().unwrap()
}

fn of(issuer: &str, keys: &Arc<Issuer>) -> Portable {
    JwksVerifier::new(policy(&[issuer]), remote(keys))
}

/// A token signed with key `seed`, whose kid is "a".
fn token(claims: &str, seed: u8) -> String {
    mint(r#"{"alg":"EdDSA","kid":"a"}"#, claims, seed)
}

fn of_issuer(issuer: &str, seed: u8) -> String {
    token(&format!(r#"{{"iss":"{issuer}","exp":9999999999}}"#), seed)
}

fn name(verdict: Result<Verified<'static>, Error>) -> &'static str {
    verdict.map_or_else(|error| error.name(), |_| "valid")
}

#[test]
fn the_keys_of_one_issuer_never_verify_a_token_of_another() {
    // The same kid, other keys.
    let (one, two) = (
        Issuer::publishing(&[("a", 1)]),
        Issuer::publishing(&[("a", 2)]),
    );
    let issuers = Issuers::builder()
        .verifier(of(ONE, &one))
        .verifier(of(TWO, &two))
        .build()
        .unwrap();
    for (issuer, seed, wanted) in [
        (ONE, 1, "valid"),
        (TWO, 2, "valid"),
        (ONE, 2, "SignatureInvalid"),
        (TWO, 1, "SignatureInvalid"),
    ] {
        assert_eq!(name(issuers.verify(of_issuer(issuer, seed))), wanted);
    }
    assert_eq!((one.requests(), two.requests()), (1, 1));
}

#[test]
fn an_unknown_issuer_is_refused_before_any_network_activity() {
    let one = Issuer::publishing(&[("a", 1)]);
    let issuers = Issuers::builder().verifier(of(ONE, &one)).build().unwrap();
    for (claims, wanted) in [
        (
            r#"{"iss":"https://evil.example","exp":9}"#,
            "IssuerMismatch",
        ),
        (
            r#"{"iss":"https://one.example/","exp":9}"#,
            "IssuerMismatch",
        ),
        (r#"{"iss":"https://ONE.example","exp":9}"#, "IssuerMismatch"),
        (r#"{"iss":"","exp":9}"#, "IssuerMismatch"),
        (
            r#"{"iss":["https://one.example"],"exp":9}"#,
            "IssuerMismatch",
        ),
        (r#"{"iss":null,"exp":9}"#, "IssuerMismatch"),
        (r#"{"exp":9}"#, "ClaimMissing"),
        (r#"{"iss":"https://one.example","iss":"x"}"#, "PayloadJson"),
        ("[]", "PayloadJson"),
        ("", "PayloadJson"),
    ] {
        assert_eq!(name(issuers.verify(token(claims, 1))), wanted, "{claims}");
    }
    for rubbish in ["", "a.b", "a.b.c.d.e", "%.e30.AA", "e30"] {
        assert!(issuers.verify(rubbish).is_err());
    }
    assert_eq!(one.requests(), 0);
    // Written with an escape it is the same text.
    let escaped = r#"{"iss":"https:\/\/one\u002eexample","exp":9999999999}"#;
    assert_eq!(name(issuers.verify(token(escaped, 1))), "valid");
}

#[test]
fn an_issuer_that_is_down_has_no_effect_on_the_others() {
    let (one, two) = (
        Issuer::publishing(&[("a", 1)]),
        Issuer::publishing(&[("a", 2)]),
    );
    one.always(Response::new(503, ""));
    let issuers = Issuers::builder()
        .verifier(of(ONE, &one))
        .verifier(of(TWO, &two))
        .build()
        .unwrap();
    let down = issuers.verify(of_issuer(ONE, 1)).unwrap_err();
    assert_eq!(down.http_status(), 503);
    assert_eq!(name(issuers.verify(of_issuer(TWO, 2))), "valid");
    one.next(crate::testing::Step::Fail(FetchError::Connect(
        "refused".into(),
    )));
    assert_eq!(name(issuers.verify(of_issuer(TWO, 2))), "valid");
}

#[test]
fn verifiers_that_share_a_key_set_share_its_fetches() {
    let keys = Issuer::publishing(&[("a", 1)]);
    let remote = remote(&keys);
    let issuers = Issuers::builder()
        .verifier(JwksVerifier::new(policy(&[ONE]), remote.clone()))
        .verifier(JwksVerifier::new(policy(&[TWO, "three"]), remote))
        .build()
        .unwrap();
    for issuer in [ONE, TWO, "three"] {
        assert_eq!(name(issuers.verify(of_issuer(issuer, 1))), "valid");
    }
    assert_eq!(keys.requests(), 1);
    let mut names: Vec<_> = issuers.issuers().collect();
    names.sort_unstable();
    assert_eq!(names, [ONE, TWO, "three"]);
    assert!(issuers.verifier(ONE).is_some() && issuers.verifier("four").is_none());
}

#[test]
fn tenants_are_those_on_the_list() {
    let keys = Issuer::publishing(&[("a", 1)]);
    let remote = remote(&keys);
    let template = "https://login.example/{tenantid}/v2.0";
    let issuers = Issuers::builder()
        .tenants(template, ["red", "b-2"], |issuer| {
            Ok(JwksVerifier::new(policy(&[issuer]), remote.clone()))
        })
        .build()
        .unwrap();
    for (tenant, wanted) in [
        ("red", "valid"),
        ("b-2", "valid"),
        ("RED", "IssuerMismatch"),
        ("green", "IssuerMismatch"),
        ("{tenantid}", "IssuerMismatch"),
        ("red/v2.0/../b-2", "IssuerMismatch"),
    ] {
        let token = of_issuer(&template.replace(TENANT, tenant), 1);
        assert_eq!(name(issuers.verify(token)), wanted, "{tenant}");
    }
}

#[test]
fn nothing_in_a_token_chooses_an_address() {
    let keys = Issuer::publishing(&[("a", 1)]);
    let issuers = Issuers::builder().verifier(of(ONE, &keys)).build().unwrap();
    let claims =
        format!(r#"{{"iss":"{ONE}","exp":9999999999,"jwks_uri":"https://evil.example/"}}"#);
    for (kid, wanted) in [
        ("a", "valid"),
        ("https://evil.example/", "UnavailableUnchecked"),
    ] {
        let header = format!(
            r#"{{"alg":"EdDSA","kid":"{kid}","jku":"https://evil.example/","x5u":"https://evil.example/"}}"#
        );
        assert_eq!(name(issuers.verify(mint(&header, &claims, 1))), wanted);
    }
    assert_eq!(keys.urls(), ["https://keys.example/jwks"]);
}

#[test]
fn a_key_of_another_issuer_is_not_found_and_the_other_is_not_asked() {
    let (one, two) = (
        Issuer::publishing(&[("b", 1)]),
        Issuer::publishing(&[("a", 2)]),
    );
    let issuers = Issuers::builder()
        .verifier(of(ONE, &one))
        .verifier(of(TWO, &two))
        .build()
        .unwrap();
    assert_eq!(name(issuers.verify(of_issuer(ONE, 2))), "KeyNotFound");
    assert_eq!((one.requests(), two.requests()), (1, 0));
}

#[cfg(feature = "async")]
#[test]
fn tasks_get_the_same_verdicts() {
    let one = Issuer::publishing(&[("a", 1)]);
    let issuers = Issuers::builder().verifier(of(ONE, &one)).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.unwrap();
    let verdict = |token: String| name(runtime.block_on(issuers.verify_async(token)));
    assert_eq!(verdict(of_issuer(TWO, 1)), "IssuerMismatch");
    assert_eq!(one.requests(), 0);
    assert_eq!(verdict(of_issuer(ONE, 1)), "valid");
    assert_eq!(verdict(of_issuer(ONE, 2)), "SignatureInvalid");
    assert_eq!(one.requests(), 1);
}

#[test]
fn contradictions_are_refused_when_it_is_built() {
    let keys = Issuer::publishing(&[("a", 1)]);
    let any = || {
        let policy = Verifier::builder()
            .algorithms([Algorithm::EdDsa])
            .any_issuer()
            .any_audience();
        JwksVerifier::new(policy.build().unwrap(), remote(&keys))
    };
    let empty = Issuers::<RustCrypto>::builder;
    let make = |issuer: &str| Ok(of(issuer, &keys));
    let template = "https://x.example/{tenantid}";
    for (builder, wanted) in [
        (empty(), Code::MisuseEmptyList),
        (empty().verifier(any()), Code::MisuseIssuerUnset),
        (
            empty().verifier(of(ONE, &keys)).verifier(any()),
            Code::MisuseIssuerUnset,
        ),
        (
            empty().verifier(of(ONE, &keys)).verifier(of(ONE, &keys)),
            Code::MisuseArgument,
        ),
        (
            empty().tenants("https://x.example", ["a"], make),
            Code::MisuseArgument,
        ),
        (
            empty().tenants("{tenantid}{tenantid}", ["a"], make),
            Code::MisuseArgument,
        ),
        (
            empty().tenants(template, ["a", "a"], make),
            Code::MisuseArgument,
        ),
        (empty().tenants(template, [""], make), Code::MisuseArgument),
        (
            empty().tenants(template, ["a/b"], make),
            Code::MisuseArgument,
        ),
        (
            empty().tenants(template, ["a"], |_| Ok(of(ONE, &keys))),
            Code::MisuseArgument,
        ),
        (
            empty().tenants(template, ["a"], |_| Err(Code::MisuseUrl.into())),
            Code::MisuseUrl,
        ),
    ] {
        assert_eq!(builder.build().unwrap_err().error(), wanted);
    }
}
