//! ML-DSA for JOSE, RFC 9964: keys of type AKP, which are nothing without their `alg`.

mod common;

use common::{Table, claims, key_set, now, open_policy, outcome, per_provider, read};
use jwtverify_core::{
    Algorithm, Error, FixedKeySet, JwkMember, JwkOptions, Key, KeySet, KeySetOptions, ParameterSet,
    Provider, verify_signature,
};
use jwtverify_tests::{Alg, SigningKey, base64url, jwks};
use serde_json::{Value, json};

per_provider!(
    an_akp_key_needs_its_alg_and_the_length_that_it_fixes,
    a_published_private_key_is_skipped,
    a_key_of_one_parameter_set_verifies_no_other,
    keys_of_one_kid_are_told_apart_by_their_parameter_set,
    a_key_of_another_type_is_never_taken_for_one,
    a_token_of_the_largest_set_is_within_the_limits,
    a_changed_payload_is_refused,
    keys_of_raw_octets_are_checked_alike,
);

const SETS: [Alg; 3] = [Alg::MlDsa44, Alg::MlDsa65, Alg::MlDsa87];

fn verify<P: Provider>(token: impl AsRef<[u8]>, keys: &KeySet<P>) -> String {
    outcome(open_policy().build().unwrap().verify(token, keys, now()))
}

fn with(mut jwk: Value, member: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(jwk.as_object_mut().unwrap().remove(member)),
        value => jwk[member] = value,
    }
    jwk
}

/// "usable", or the error and the member that it names.
fn reading<P: Provider>(jwk: &Value) -> String {
    match JwkOptions::new().read::<P>(jwk.to_string()) {
        Ok(_) => "usable".into(),
        Err(
            error @ (Error::JwkMemberMissing(member)
            | Error::JwkMemberType(member)
            | Error::JwkMemberBase64(member)),
        ) => format!("{} {member}", error.name()),
        Err(error) => error.name().into(),
    }
}

fn an_akp_key_needs_its_alg_and_the_length_that_it_fixes<P: Provider>() {
    let mut table = Table::default();
    assert_eq!(JwkMember::Pub.name(), "pub");
    for alg in SETS {
        let key = SigningKey::shared(alg);
        let (jwk, public) = (key.jwk(), key.raw_public());
        let escaped: String = base64url(public)
            .chars()
            .map(|c| format!("\\u{:04x}", u32::from(c)))
            .collect();
        let escaped = jwk.to_string().replace(&base64url(public), &escaped);
        let escaped: Result<Key<P>, _> = JwkOptions::new().read(escaped);
        assert!(escaped.is_ok(), "{}: pub with escapes", alg.name());
        let of = |octets: &[u8]| with(jwk.clone(), "pub", json!(base64url(octets)));
        let longer = [public, &[0]].concat();
        for (what, jwk, expected) in [
            ("good", jwk.clone(), "usable"),
            ("without kid and use", key.bare_jwk(), "usable"),
            (
                "no alg",
                with(jwk.clone(), "alg", json!(null)),
                "JwkMemberMissing alg",
            ),
            (
                "alg a number",
                with(jwk.clone(), "alg", json!(44)),
                "JwkMemberType alg",
            ),
            (
                "alg in lower case",
                with(jwk.clone(), "alg", json!("ml-dsa-44")),
                "JwkAlgorithmUnknown",
            ),
            (
                "alg of another family",
                with(jwk.clone(), "alg", json!("EdDSA")),
                "JwkAlgorithmMismatch",
            ),
            (
                "an AKP algorithm of the future",
                with(jwk.clone(), "alg", json!("SLH-DSA-SHA2-128s")),
                "JwkAlgorithmUnknown",
            ),
            (
                "no pub",
                with(jwk.clone(), "pub", json!(null)),
                "JwkMemberMissing pub",
            ),
            (
                "pub a list",
                with(jwk.clone(), "pub", json!([1, 2])),
                "JwkMemberType pub",
            ),
            (
                "pub padded",
                with(jwk.clone(), "pub", json!(base64url(public) + "=")),
                "JwkMemberBase64 pub",
            ),
            ("pub empty", of(b""), "AkpKeyLength"),
            ("pub one octet short", of(&public[1..]), "AkpKeyLength"),
            ("pub one octet long", of(&longer), "AkpKeyLength"),
            (
                "pub of 100,000 octets",
                of(&vec![1; 100_000]),
                "AkpKeyLength",
            ),
            (
                "kty OKP",
                with(jwk.clone(), "kty", json!("OKP")),
                "JwkMemberMissing crv",
            ),
            ("use enc", with(jwk.clone(), "use", json!("enc")), "JwkUse"),
        ] {
            table.row(
                format!("{} {what}", alg.name()),
                reading::<P>(&jwk),
                expected,
            );
        }
        for other in SETS.into_iter().filter(|&other| other != alg) {
            let relabelled = with(jwk.clone(), "alg", json!(other.name()));
            let what = format!("{} as {}", alg.name(), other.name());
            table.row(what, reading::<P>(&relabelled), "AkpKeyLength");
        }
    }
    table.check();
}

fn a_published_private_key_is_skipped<P: Provider>() {
    let (key, good) = (
        SigningKey::shared(Alg::MlDsa65),
        SigningKey::shared(Alg::Es256),
    );
    let leaked = with(key.jwk(), "priv", json!(base64url([7; 32])));
    let set = json!({"keys": [leaked, good.jwk()]}).to_string();
    let fetched: KeySet<P> = KeySetOptions::new().fetched(true).read(&set).unwrap();
    assert_eq!(fetched.skipped()[0].reason, Error::JwkPrivate);
    assert_eq!(verify(key.mint(&claims()), &fetched), "KeyNotFound");
    let local = read::<P>(&set).unwrap();
    assert_eq!(local.warnings().len(), 1);
    assert_eq!(verify(key.mint(&claims()), &local), "accepted");
}

fn a_key_of_one_parameter_set_verifies_no_other<P: Provider>() {
    let mut table = Table::default();
    for held in SETS {
        let key = SigningKey::shared(held);
        let keys = key_set::<P>(key);
        for said in SETS {
            let token = SigningKey::shared(said).mint_with(&json!({"kid": key.kid()}), &claims());
            let expected = if said == held {
                "accepted"
            } else {
                "KeyMismatch"
            };
            let what = format!("{} with a key for {}", said.name(), held.name());
            table.row(&what, verify(token, &keys), expected);
            // The header alone changed: the key decides, not the header.
            let claimed = key.mint_with(&json!({"alg": said.name()}), &claims());
            table.row(format!("{what}, said"), verify(claimed, &keys), expected);
            let algorithm = Algorithm::from_name(said.name()).unwrap();
            let raw: Key<P> = JwkOptions::new().read(key.jwk().to_string()).unwrap();
            let result = verify_signature(algorithm, &raw, b"m", &key.sign(b"m"));
            assert_eq!(result.is_ok(), said == held, "{what}");
        }
    }
    table.check();
}

/// As the keys of one `kid` on different curves are.
fn keys_of_one_kid_are_told_apart_by_their_parameter_set<P: Provider>() {
    let own = SETS.map(|alg| SigningKey::generate(alg, "one"));
    let keys = read::<P>(jwks(&own)).unwrap();
    assert_eq!((keys.len(), keys.warnings().len()), (3, 0));
    let mut table = Table::default();
    for key in &own {
        table.row(
            key.alg().name(),
            verify(key.mint(&claims()), &keys),
            "accepted",
        );
        let unnamed = key.mint_with(&json!({"kid": null}), &claims());
        table.row(
            format!("{} without kid", key.alg().name()),
            verify(unnamed, &keys),
            "accepted",
        );
    }
    let mut fixed: FixedKeySet<3, P> = FixedKeySet::new();
    for key in &own {
        let jwk = key.jwk().to_string();
        fixed.insert_jwk(jwk, JwkOptions::new()).unwrap();
    }
    let verifier = open_policy().build().unwrap();
    for key in &own {
        let result = verifier.verify(key.mint(&claims()), &fixed, now());
        let what = format!("{} in a set of fixed size", key.alg().name());
        table.row(what, outcome(result), "accepted");
    }
    // Two of one set are a guess, and the same key twice is one key.
    let twin = SigningKey::generate(Alg::MlDsa44, "one");
    let keys = read::<P>(jwks(own.iter().chain([&twin]))).unwrap();
    for (key, expected) in own
        .iter()
        .zip(["KeyAmbiguous", "accepted", "accepted"])
        .chain([(&twin, "KeyAmbiguous")])
    {
        let what = format!("{} beside a twin", key.alg().name());
        table.row(what, verify(key.mint(&claims()), &keys), expected);
    }
    assert_eq!(keys.warnings().len(), 1);
    let twice = read::<P>(jwks([&own[0], &own[0]])).unwrap();
    assert_eq!(twice.len(), 1);
    table.row("twice", verify(own[0].mint(&claims()), &twice), "accepted");
    table.check();
}

fn a_key_of_another_type_is_never_taken_for_one<P: Provider>() {
    let ml_dsa = SigningKey::shared(Alg::MlDsa44);
    let mut table = Table::default();
    for alg in Alg::asymmetric().filter(|alg| !SETS.contains(alg)) {
        let other = SigningKey::shared(alg);
        let token = ml_dsa.mint_with(&json!({"kid": other.kid()}), &claims());
        let what = format!("ML-DSA-44 with a key for {}", alg.name());
        table.row(what, verify(token, &key_set::<P>(other)), "KeyMismatch");
        let token = other.mint_with(&json!({"kid": ml_dsa.kid()}), &claims());
        let what = format!("{} with a key for ML-DSA-44", alg.name());
        table.row(what, verify(token, &key_set::<P>(ml_dsa)), "KeyMismatch");
    }
    table.check();
}

fn a_token_of_the_largest_set_is_within_the_limits<P: Provider>() {
    let key = SigningKey::shared(Alg::MlDsa87);
    let token = key.mint(&claims());
    assert!(token.len() > 4627 * 4 / 3);
    let verifier = open_policy().build().unwrap();
    let keys = key_set::<P>(key);
    let mut scratch = vec![0; token.len()];
    let result = verifier.verify_in(&token, &keys, now(), &mut scratch);
    assert_eq!(outcome(result), "accepted");
    // A hundred keys of the largest set are still a key set.
    let many: Vec<Value> = (0..100)
        .map(|n| {
            let mut jwk = key.jwk();
            jwk["kid"] = json!(format!("{n}"));
            jwk
        })
        .collect();
    let set = read::<P>(json!({ "keys": many }).to_string()).unwrap();
    assert_eq!(set.len(), 100);
    let last = key.mint_with(&json!({"kid": "99"}), &claims());
    assert_eq!(verify(last, &set), "accepted");
}

fn a_changed_payload_is_refused<P: Provider>() {
    let mut table = Table::default();
    for alg in SETS {
        let key = SigningKey::shared(alg);
        let token = jwtverify_tests::forge::tampered(key, &claims(), &json!({"sub": "mallory"}));
        table.row(
            alg.name(),
            verify(token, &key_set::<P>(key)),
            "SignatureInvalid",
        );
    }
    table.check();
}

fn keys_of_raw_octets_are_checked_alike<P: Provider>() {
    let sets = [
        ParameterSet::MlDsa44,
        ParameterSet::MlDsa65,
        ParameterSet::MlDsa87,
    ];
    for (alg, own) in SETS.into_iter().zip(sets) {
        let key = SigningKey::shared(alg);
        let algorithm = Algorithm::from_name(alg.name()).unwrap();
        let signature = key.sign(b"message");
        for set in sets {
            let read: Result<Key<P>, _> = Key::from_ml_dsa(set, key.raw_public());
            if set != own {
                assert_eq!(read.err(), Some(Error::AkpKeyLength));
                continue;
            }
            let read = read.unwrap();
            assert_eq!(read.algorithms(), algorithm.into());
            assert_eq!(read.parameter_set(), Some(set));
            assert!(verify_signature(algorithm, &read, b"message", &signature).is_ok());
            assert!(verify_signature(algorithm, &read, b"massage", &signature).is_err());
        }
    }
}
