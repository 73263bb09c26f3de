//! Every algorithm of RFC 7518, RFC 8037, RFC 8812, RFC 9864 and RFC 9964, signed by one implementation and verified
//! by another.

mod common;

use common::{Table, algorithm, claims, key_set, now, open_policy, outcome, per_provider, policy};
use jwtverify_core::{Algorithm, AlgorithmSet, Error, Provider, Verifier};
use jwtverify_tests::{Alg, SigningKey, base64url};
use serde_json::{Value, json};

per_provider!(
    every_algorithm_is_accepted,
    the_allow_list_is_exact,
    eddsa_and_ed25519_name_the_same_thing,
    another_key_of_the_same_kind_is_refused,
    every_bit_of_a_signature_counts,
    signatures_of_another_length_are_refused,
    what_was_signed_is_what_is_given,
    a_jws_payload_may_be_any_octets,
    a_key_is_not_bound_to_a_kid,
);

fn every_algorithm_is_accepted<P: Provider>() {
    let verifier = policy().build().unwrap();
    let mut table = Table::default();
    for alg in Alg::ALL {
        let key = SigningKey::shared(alg);
        let result = verifier.verify(key.mint(&claims()), &key_set::<P>(key), now());
        table.row(alg.name(), outcome(result), "accepted");
    }
    table.check();
}

fn the_allow_list_is_exact<P: Provider>() {
    let mut table = Table::default();
    for alg in Alg::ALL {
        let key = SigningKey::shared(alg);
        let (token, keys) = (key.mint(&claims()), key_set::<P>(key));
        for allowed in Algorithm::ALL {
            let expected = match (alg.name(), allowed.name()) {
                (token, allowed) if token == allowed => "accepted",
                _ => "AlgorithmNotAllowed",
            };
            let verifier = Verifier::builder()
                .algorithms([*allowed])
                .any_issuer()
                .any_audience()
                .build();
            let result = verifier.unwrap().verify(&token, &keys, now());
            table.row(
                format!("{} by {allowed}", alg.name()),
                outcome(result),
                expected,
            );
        }
    }
    table.check();
}

/// RFC 9864, 2.2: a key marked with either name verifies tokens of either.
fn eddsa_and_ed25519_name_the_same_thing<P: Provider>() {
    let key = SigningKey::shared(Alg::EdDsa);
    let verifier = open_policy().build().unwrap();
    let mut table = Table::default();
    for marked in ["EdDSA", "Ed25519"] {
        let mut jwk = key.jwk();
        jwk["alg"] = json!(marked);
        let keys = common::read::<P>(jwk.to_string()).unwrap();
        for said in ["EdDSA", "Ed25519"] {
            let token = key.mint_with(&json!({"alg": said}), &claims());
            let result = verifier.verify(token, &keys, now());
            table.row(
                format!("token {said}, key {marked}"),
                outcome(result),
                "accepted",
            );
        }
    }
    table.check();
}

fn another_key_of_the_same_kind_is_refused<P: Provider>() {
    let verifier = open_policy().build().unwrap();
    let mut table = Table::default();
    for alg in [
        Alg::Rs256,
        Alg::Ps512,
        Alg::Es256,
        Alg::Es384,
        Alg::Es512,
        Alg::Es256K,
        Alg::EdDsa,
        Alg::MlDsa44,
        Alg::MlDsa65,
        Alg::MlDsa87,
        Alg::Hs256,
    ] {
        let key = SigningKey::shared(alg);
        let token = jwtverify_tests::forge::wrong_key(key, &claims());
        let result = verifier.verify(token, &key_set::<P>(key), now());
        table.row(alg.name(), outcome(result), "SignatureInvalid");
    }
    table.check();
}

fn every_bit_of_a_signature_counts<P: Provider>() {
    let verifier = open_policy().build().unwrap();
    let mut table = Table::default();
    for (alg, step) in [
        (Alg::Rs256, 17),
        (Alg::Ps256, 17),
        (Alg::Es256, 3),
        (Alg::Es256K, 3),
        (Alg::EdDsa, 17),
        (Alg::MlDsa44, 139),
        (Alg::MlDsa87, 271),
        (Alg::Hs256, 17),
    ] {
        let key = SigningKey::shared(alg);
        let (keys, input) = (key_set::<P>(key), input(key, &claims()));
        let good = key.sign(input.as_bytes());
        for bit in (0..good.len() * 8).step_by(step) {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let result = verifier.verify(format!("{input}.{}", base64url(bad)), &keys, now());
            table.row(
                format!("{} bit {bit}", alg.name()),
                outcome(result),
                "SignatureInvalid",
            );
        }
    }
    table.check();
}

/// RFC 7518, 3.2 to 3.5, and RFC 8032: the length is fixed by the algorithm and the key.
fn signatures_of_another_length_are_refused<P: Provider>() {
    let verifier = open_policy().build().unwrap();
    let mut table = Table::default();
    for alg in Alg::ALL {
        let key = SigningKey::shared(alg);
        let (keys, input) = (key_set::<P>(key), input(key, &claims()));
        let good = key.sign(input.as_bytes());
        let zero_in_front = [&[0], good.as_slice()].concat();
        let zero_behind = [good.as_slice(), &[0]].concat();
        let twice = [good.as_slice(), good.as_slice()].concat();
        for (what, signature) in [
            ("one octet", &good[..1]),
            ("half", &good[..good.len() / 2]),
            ("one octet short", &good[..good.len() - 1]),
            ("without the first octet", &good[1..]),
            ("zero in front", &zero_in_front),
            ("zero behind", &zero_behind),
            ("twice", &twice),
        ] {
            let token = format!("{input}.{}", base64url(signature));
            let result = verifier.verify(token, &keys, now());
            table.row(
                format!("{} {what}", alg.name()),
                outcome(result),
                "SignatureInvalid",
            );
        }
    }
    table.check();
}

fn what_was_signed_is_what_is_given<P: Provider>() {
    let key = SigningKey::shared(Alg::Es256);
    let header = r#"{ "typ":"JWT" , "kid":"es256","alg":"ES256", "x":"\u00e9" }"#;
    let payload = format!(
        r#"{{ "iss":"{}", "aud":["other","{}"], "exp":{}, "n":123456789012345678901234567890 }}"#,
        common::ISSUER,
        common::AUDIENCE,
        common::NOW + 1
    );
    let token = key.sign_text(header, &payload);
    let verified = policy()
        .build()
        .unwrap()
        .verify(token, &key_set::<P>(key), now())
        .unwrap();
    assert_eq!(verified.payload(), payload.as_bytes());
    assert_eq!(verified.claims().json(), payload);
    assert_eq!(verified.header().json(), header);
    assert_eq!(verified.header().kid().unwrap(), "es256");
    assert_eq!(verified.algorithm(), algorithm(Alg::Es256));
    assert_eq!(verified.claims().issuer().unwrap(), common::ISSUER);
    let audience: Vec<String> = verified
        .claims()
        .audience()
        .map(|text| text.to_string())
        .collect();
    assert_eq!(audience, ["other", "api"]);
    let typed: Value = verified.deserialize().unwrap();
    assert_eq!(typed["exp"], common::NOW + 1);
}

/// RFC 7515, 3: the payload of a JWS is any octets, none included.
fn a_jws_payload_may_be_any_octets<P: Provider>() {
    let key = SigningKey::shared(Alg::EdDsa);
    let verifier = open_policy().build().unwrap();
    for payload in [
        &b""[..],
        b"\x00\xff",
        b"not JSON",
        b"[1,2]",
        br#"{"a":1,"a":2}"#,
    ] {
        let token = key.sign_text(key.header().to_string(), payload);
        let verified = verifier.verify_jws(token, &key_set::<P>(key)).unwrap();
        assert_eq!(verified.payload(), payload);
        assert_eq!(verified.header().algorithm_name(), "EdDSA");
    }
    let token = key.sign_text(key.header().to_string(), "not JSON");
    let refused = verifier.verify(token, &key_set::<P>(key), now());
    assert!(matches!(refused, Err(Error::PayloadJson(_))));
}

fn a_key_is_not_bound_to_a_kid<P: Provider>() {
    let mut table = Table::default();
    for alg in Alg::asymmetric() {
        let key = SigningKey::shared(alg);
        let keys = common::read::<P>(key.bare_jwk().to_string()).unwrap();
        let verifier = Verifier::builder()
            .algorithms(AlgorithmSet::from([algorithm(alg)]))
            .any_issuer()
            .any_audience()
            .build()
            .unwrap();
        let with = verifier.verify(key.mint(&claims()), &keys, now());
        table.row(
            format!("{} kid in the token alone", alg.name()),
            outcome(with),
            "KeyNotFound",
        );
        let without = key.mint_with(&json!({"kid": null}), &claims());
        let without = verifier.verify(without, &keys, now());
        table.row(
            format!("{} no kid at all", alg.name()),
            outcome(without),
            "accepted",
        );
    }
    table.check();
}

fn input(key: &SigningKey, claims: &Value) -> String {
    format!(
        "{}.{}",
        base64url(key.header().to_string()),
        base64url(claims.to_string())
    )
}
