//! The example tokens of RFC 7515, 7520, 7797 and 8037, and those of RFC 9964.

mod common;

use common::{open_policy, per_provider};
use jwtverify_core::{Algorithm, KeySet, KeySetOptions, Provider};
use jwtverify_tests::vectors;
use serde_json::Value;

per_provider!(the_examples_of_the_rfcs_verify, rfc8037_a_4_also_as_ed25519);

fn examples() -> Option<Vec<Value>> {
    let file = vectors::json("rfc/rfc_vectors.json")?;
    Some(file["vectors"].as_array().unwrap().clone())
}

fn the_examples_of_the_rfcs_verify<P: Provider>() {
    let Some(examples) = examples() else { return };
    let (mut accepted, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    for example in &examples {
        let id = example["id"].as_str().unwrap();
        let got = outcome::<P>(example);
        let expected = match id {
            // RFC 7519, 6: its signature is empty.
            "rfc7515-A.5" => "SignatureEmpty",
            // RFC 7515, F: the payload travels elsewhere, so the signature covers another text.
            "rfc7520-4.5-detached" => "SignatureInvalid",
            // RFC 7797: the payload is not base64url and may hold dots.
            "rfc7797-x" => "CriticalHeader",
            _ => "valid",
        };
        match expected {
            "valid" => accepted += 1,
            _ => refused += 1,
        }
        if got != expected {
            wrong.push(format!("  {id}: expected {expected}, got {got}"));
        }
        let should = example["valid"].as_bool().unwrap();
        assert_eq!(expected == "valid", should, "{id}");
    }
    vectors::announce(&format!(
        "rfc_vectors.json: {} examples, {accepted} valid, {refused} refused, {} wrong",
        examples.len(),
        wrong.len(),
    ));
    assert_eq!((accepted, refused), (12, 3));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn outcome<P: Provider>(example: &Value) -> String {
    let verifier = open_policy().build().unwrap();
    let token = example["compact"].as_str().unwrap();
    let options = KeySetOptions::new().allow_symmetric(true);
    let keys: Result<KeySet<P>, _> = options.read(match &example["jwk"] {
        Value::Null => any_key(),
        jwk => jwk.to_string(),
    });
    match keys {
        Ok(keys) => match verifier.verify_jws(token, &keys) {
            Ok(verified) => {
                assert_eq!(
                    verified.algorithm().name(),
                    example["alg"].as_str().unwrap()
                );
                "valid".into()
            }
            Err(error) => error.name().into(),
        },
        Err(error) => {
            let reason = error
                .skipped
                .first()
                .map_or("", |skipped| skipped.reason.name());
            format!("{} {reason}", error.error.name())
        }
    }
}

/// RFC 9864, 2.2: the same key under the fully specified name.
fn rfc8037_a_4_also_as_ed25519<P: Provider>() {
    let Some(examples) = examples() else { return };
    let example = examples
        .iter()
        .find(|example| example["id"] == "rfc8037-A.4")
        .unwrap();
    let mut jwk = example["jwk"].clone();
    jwk["alg"] = "Ed25519".into();
    let keys: KeySet<P> = KeySetOptions::new().read(jwk.to_string()).unwrap();
    let verified = open_policy().build().unwrap();
    let verified = verified
        .verify_jws(example["compact"].as_str().unwrap(), &keys)
        .unwrap();
    assert_eq!(verified.algorithm(), Algorithm::EdDsa);
    assert_eq!(verified.payload(), b"Example of Ed25519 signing");
}

fn any_key() -> String {
    jwtverify_tests::SigningKey::shared(jwtverify_tests::Alg::Rs256).jwks()
}
