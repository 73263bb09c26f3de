//! Settings that contradict each other, say nothing or say too much: refused before the first
//! token.

mod common;

use common::{AUDIENCE, ISSUER, Table, claims, key_set, now, outcome, per_provider};
use jwtverify_core::{Algorithm, AlgorithmSet, Error, Provider, Verifier, VerifierBuilder, limits};
use jwtverify_tests::{Alg, SigningKey};

per_provider!(
    a_policy_of_any_still_checks_the_rest,
    a_small_scratch_is_the_callers_fault
);

fn complete<'p>() -> VerifierBuilder<'p> {
    Verifier::builder()
        .algorithms([Algorithm::Es256])
        .issuer(ISSUER)
        .audience(AUDIENCE)
}

#[test]
fn a_verifier_says_what_it_checks() {
    let es256 = || Verifier::builder().algorithms([Algorithm::Es256]);
    let many = vec!["x"; limits::MAX_EXPECTED + 1];
    let most = vec!["x"; limits::MAX_EXPECTED];
    let mut table = Table::default();
    for (what, builder, expected) in [
        ("complete", complete(), "built"),
        ("nothing at all", Verifier::builder(), "MisuseNoAlgorithms"),
        (
            "no algorithms",
            Verifier::builder().issuer(ISSUER).audience(AUDIENCE),
            "MisuseNoAlgorithms",
        ),
        (
            "an empty list of algorithms",
            Verifier::builder()
                .algorithms(AlgorithmSet::EMPTY)
                .any_issuer()
                .any_audience(),
            "MisuseNoAlgorithms",
        ),
        ("no issuer", es256().audience(AUDIENCE), "MisuseIssuerUnset"),
        ("no audience", es256().issuer(ISSUER), "MisuseAudienceUnset"),
        (
            "an empty list of issuers",
            es256().issuers(&[]).any_audience(),
            "MisuseEmptyList",
        ),
        (
            "an empty list of audiences",
            es256().any_issuer().audiences(&[]),
            "MisuseEmptyList",
        ),
        (
            "an empty issuer",
            es256().issuer("").any_audience(),
            "MisuseArgument",
        ),
        (
            "an empty audience",
            es256().any_issuer().audience(""),
            "MisuseArgument",
        ),
        (
            "an empty audience among others",
            es256().any_issuer().audiences(&["a", ""]),
            "MisuseArgument",
        ),
        (
            "issuer and any issuer",
            complete().any_issuer(),
            "MisuseTwice",
        ),
        (
            "any issuer and issuer",
            es256().any_issuer().issuer(ISSUER).any_audience(),
            "MisuseTwice",
        ),
        (
            "issuer and issuers",
            complete().issuers(&["a"]),
            "MisuseTwice",
        ),
        (
            "the same issuer twice",
            complete().issuer(ISSUER),
            "MisuseTwice",
        ),
        (
            "audience and any audience",
            complete().any_audience(),
            "MisuseTwice",
        ),
        ("audience twice", complete().audience("b"), "MisuseTwice"),
        (
            "algorithms twice",
            complete().algorithms([Algorithm::Hs256]),
            "MisuseTwice",
        ),
        (
            "leeway twice",
            complete().leeway(0).leeway(0),
            "MisuseTwice",
        ),
        ("typ twice", complete().typ("a").typ("b"), "MisuseTwice"),
        (
            "required twice",
            complete().required_claims(&[]).required_claims(&["exp"]),
            "MisuseTwice",
        ),
        ("age twice", complete().max_age(1).max_age(1), "MisuseTwice"),
        ("most leeway", complete().leeway(300), "built"),
        ("a second more", complete().leeway(301), "MisuseLeeway"),
        (
            "endless leeway",
            complete().leeway(u64::MAX),
            "MisuseLeeway",
        ),
        ("endless age", complete().max_age(u64::MAX), "built"),
        ("an empty typ", complete().typ(""), "MisuseArgument"),
        (
            "an empty claim name",
            complete().required_claims(&["exp", ""]),
            "MisuseArgument",
        ),
        ("nothing required", complete().required_claims(&[]), "built"),
        ("most required", complete().required_claims(&most), "built"),
        (
            "one more",
            complete().required_claims(&many),
            "MisuseTooMany",
        ),
        (
            "too many issuers",
            es256().issuers(&many).any_audience(),
            "MisuseTooMany",
        ),
        (
            "too many audiences",
            es256().any_issuer().audiences(&many),
            "MisuseTooMany",
        ),
    ] {
        let got = builder.build().map_or_else(Error::name, |_| "built");
        table.row(what, got, expected);
    }
    table.check();
}

fn a_policy_of_any_still_checks_the_rest<P: Provider>() {
    let key = SigningKey::shared(Alg::Es256);
    let keys = key_set::<P>(key);
    let verifier = Verifier::builder()
        .algorithms([Algorithm::Es256])
        .any_issuer()
        .any_audience();
    let verifier = verifier.build().unwrap();
    let mut table = Table::default();
    for (what, token, expected) in [
        ("good", key.mint(&claims()), "accepted"),
        (
            "expired",
            key.mint(&common::claims_with(serde_json::json!({"exp": 1}))),
            "Expired",
        ),
        (
            "forged",
            jwtverify_tests::forge::wrong_key(key, &claims()),
            "SignatureInvalid",
        ),
        (
            "unsigned",
            jwtverify_tests::forge::unsecured(key, "none", &claims()),
            "SignatureEmpty",
        ),
    ] {
        table.row(
            what,
            outcome(verifier.verify(token, &keys, now())),
            expected,
        );
    }
    table.check();
}

fn a_small_scratch_is_the_callers_fault<P: Provider>() {
    let key = SigningKey::shared(Alg::Es256);
    let keys = key_set::<P>(key);
    let token = key.mint(&claims());
    let verifier = complete().build().unwrap();
    let mut smallest = None;
    for size in 0..=token.len() {
        let mut scratch = vec![0; size];
        match verifier.verify_in(&token, &keys, now(), &mut scratch) {
            Ok(verified) => {
                assert_eq!(verified.payload(), claims().to_string().as_bytes());
                smallest.get_or_insert(size);
            }
            Err(error) => {
                assert_eq!(error, Error::MisuseScratch, "{size}");
                assert_eq!(smallest, None, "more room must never be worse");
            }
        }
    }
    assert!(
        smallest.is_some(),
        "a scratch as long as the token is enough"
    );
}

#[test]
fn algorithm_names_are_exact() {
    for alg in Alg::ALL {
        let known = Algorithm::from_name(alg.name()).unwrap();
        assert_eq!(
            (known.name(), known.is_symmetric()),
            (alg.name(), alg.is_symmetric())
        );
        for wrong in [
            alg.name().to_lowercase(),
            format!("{} ", alg.name()),
            alg.name()[1..].into(),
        ] {
            assert_eq!(Algorithm::from_name(&wrong), None, "{wrong:?}");
        }
    }
    for wrong in [
        "", "none", "None", "RSA", "ESP256", "ML-DSA", "HS1", "RS1", "RSA-OAEP", "*",
    ] {
        assert_eq!(Algorithm::from_name(wrong), None, "{wrong:?}");
    }
    assert_eq!(Algorithm::ALL.len(), Alg::ALL.len());
}
