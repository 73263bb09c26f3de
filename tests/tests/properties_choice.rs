//! Properties of choices: sets of algorithms, the key for a token, the order of the checks. Each
//! is checked on random inputs against a model in a few lines.

mod common;

use std::collections::BTreeSet;

use common::open_policy;
use jwtverify_core::{
    Algorithm, AlgorithmSet, Error, KeySet, KeySetOptions, KeyType, UnixTime, Verifier,
};
use jwtverify_tests::{Alg, SigningKey, base64url};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;
use serde_json::{Value, json};

fn quick() -> Config {
    Config {
        cases: 100,
        failure_persistence: None,
        ..Config::default()
    }
}

fn algorithms() -> impl Strategy<Value = Vec<Algorithm>> {
    vec(select(Algorithm::ALL), 0..8)
}

proptest! {
    #![proptest_config(quick())]

    #[test]
    fn an_algorithm_set_is_a_set(a in algorithms(), b in algorithms()) {
        let (set, other): (AlgorithmSet, AlgorithmSet) =
            (a.iter().copied().collect(), b.iter().copied().collect());
        let names = |all: &[Algorithm]| all.iter().map(|a| a.name()).collect::<BTreeSet<_>>();
        let (model, model_of_other) = (names(&a), names(&b));
        prop_assert_eq!(set.iter().map(Algorithm::name).collect::<BTreeSet<_>>(), model.clone());
        prop_assert_eq!(set.iter().count(), model.len());
        prop_assert_eq!(set.is_empty(), model.is_empty());
        prop_assert_eq!(set == other, model == model_of_other);
        let union: BTreeSet<_> = model.union(&model_of_other).copied().collect();
        prop_assert_eq!(set.union(other).iter().map(Algorithm::name).collect::<BTreeSet<_>>(), union);
        for algorithm in Algorithm::ALL {
            prop_assert_eq!(set.contains(*algorithm), model.contains(algorithm.name()));
            let with: BTreeSet<_> = set.with(*algorithm).iter().map(Algorithm::name).collect();
            prop_assert!(with.contains(algorithm.name()) && with.is_superset(&model));
        }
    }

    /// RFC 7517 section 4.5, and never a guess: see `what-is-accepted.md`.
    #[test]
    fn the_choice_of_a_key_is_that_of_a_linear_scan(
        members in vec((select(&MATERIAL[..]), select(&KIDS[..]), any::<bool>()), 1..6),
        kid in select(&KIDS[..]),
        alg in select(&[Alg::Rs256, Alg::Ps256, Alg::Es256, Alg::Es384, Alg::EdDsa][..]),
    ) {
        let jwks: Vec<Value> = members.iter().map(|member| jwk(*member)).collect();
        let set: KeySet = KeySetOptions::new().read(json!({"keys": jwks}).to_string()).unwrap();
        let header = match kid {
            Some(kid) => json!({"alg": alg.name(), "kid": kid}),
            None => json!({"alg": alg.name()}),
        };
        // A signature of the wrong length: what is refused before it is the choice of the key.
        let token = format!("{}.e30.AA", base64url(header.to_string()));
        let got = open_policy().build().unwrap().verify_jws(&token, &set).map(|_| ());
        prop_assert_eq!(got, Err(model(&members, kid, alg)));
    }

    /// Structure, header, algorithm, key, signature, payload, claims: of several faults the first
    /// in this order is reported.
    #[test]
    fn of_several_faults_the_first_in_the_order_of_the_checks_is_reported(
        faults in vec(any::<bool>(), 9),
    ) {
        let key = SigningKey::from_secret(Alg::Hs256, "k", [7; 32]);
        let set = KeySetOptions::new().allow_symmetric(true).read(key.jwks()).unwrap();
        let set: KeySet = set;
        let names = [
            Error::TokenSegments, Error::AlgorithmNotAllowed, Error::CriticalHeader,
            Error::KeyNotFound, Error::SignatureInvalid, Error::Expired, Error::NotYetValid,
            Error::IssuerMismatch, Error::AudienceMismatch,
        ];
        let has = |fault: Error| names.iter().zip(&faults).any(|(name, on)| *on && *name == fault);
        let mut header = json!({
            "alg": if has(Error::AlgorithmNotAllowed) { "HS512" } else { "HS256" },
            "kid": if has(Error::KeyNotFound) { "other" } else { "k" },
        });
        if has(Error::CriticalHeader) {
            header["crit"] = json!(["x"]);
        }
        let claims = json!({
            "exp": if has(Error::Expired) { 9 } else { 11 },
            "nbf": if has(Error::NotYetValid) { 11 } else { 9 },
            "iss": if has(Error::IssuerMismatch) { "j" } else { "i" },
            "aud": if has(Error::AudienceMismatch) { "b" } else { "a" },
        });
        let mut token = key.sign_text(header.to_string(), claims.to_string());
        if has(Error::SignatureInvalid) {
            let end = token.rfind('.').unwrap();
            token = format!("{}.{}", &token[..end], "A".repeat(43));
        }
        if has(Error::TokenSegments) {
            token.push_str(".x");
        }
        let verifier = Verifier::builder().algorithms([Algorithm::Hs256]).issuer("i").audience("a");
        let verdict = verifier.build().unwrap().verify(&token, &set, UnixTime::from_secs(10));
        let first = names.into_iter().find(|fault| has(*fault));
        prop_assert_eq!(verdict.err(), first);
    }
}

/// Two keys of each of these.
const MATERIAL: [(Alg, usize); 8] = [
    (Alg::Rs256, 0),
    (Alg::Rs256, 1),
    (Alg::Es256, 0),
    (Alg::Es256, 1),
    (Alg::Es384, 0),
    (Alg::Es384, 1),
    (Alg::EdDsa, 0),
    (Alg::EdDsa, 1),
];

const KIDS: [Option<&str>; 4] = [None, Some(""), Some("a"), Some("b\u{e9}")];

type Member = ((Alg, usize), Option<&'static str>, bool);

fn jwk(((alg, number), kid, with_alg): Member) -> Value {
    use std::sync::LazyLock;
    static KEYS: LazyLock<Vec<((Alg, usize), Value)>> = LazyLock::new(|| {
        let generate = |(alg, _)| SigningKey::generate(alg, "k").bare_jwk();
        MATERIAL
            .into_iter()
            .map(|which| (which, generate(which)))
            .collect()
    });
    let found = KEYS.iter().find(|(which, _)| *which == (alg, number));
    let mut jwk = found.unwrap().1.clone();
    if let Some(kid) = kid {
        jwk["kid"] = kid.into();
    }
    if with_alg {
        jwk["alg"] = alg.name().into();
    }
    jwk
}

fn model(members: &[Member], kid: Option<&str>, alg: Alg) -> Error {
    let algorithm = Algorithm::from_name(alg.name()).unwrap();
    let own = |member: &Member| Algorithm::from_name(member.0.0.name()).unwrap();
    let of_type = |member: &&Member| {
        (own(member).key_type(), own(member).curve()) == (algorithm.key_type(), algorithm.curve())
    };
    // A member with `alg` is for that alone; one without, for all of its type and curve. Mentions
    // of the same key under the same kid add up.
    let is_for = |member: &Member| of_type(&member) && (!member.2 || own(member) == algorithm);
    let keys = |chosen: &dyn Fn(&&Member) -> bool| {
        let chosen = members.iter().filter(chosen);
        let keys = chosen.map(|((alg, number), kid, _)| (alg.name(), number, kid));
        keys.collect::<BTreeSet<_>>().len()
    };
    assert_ne!(algorithm.key_type(), KeyType::Oct);
    let Some(kid) = kid else {
        return match keys(&|member| is_for(member)) {
            0 => Error::KeyNoneFits,
            1 => Error::SignatureInvalid,
            _ => Error::KeyAmbiguous,
        };
    };
    let named = |member: &&Member| member.1 == Some(kid);
    match keys(&|member| named(member) && of_type(member)) {
        _ if keys(&named) == 0 => Error::KeyNotFound,
        0 => Error::KeyMismatch,
        1 if keys(&|member| named(member) && is_for(member)) == 0 => Error::KeyMismatch,
        1 => Error::SignatureInvalid,
        _ => Error::KeyAmbiguous,
    }
}
