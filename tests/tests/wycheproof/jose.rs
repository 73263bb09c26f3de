//! JSON Web Signatures and JSON Web Keys. `overrides.json` beside the files names the tests whose
//! listed result is wrong for a JOSE verifier, and why.

use jwtverify_core::{Error, KeySet, KeySetOptions, Provider};
use jwtverify_tests::vectors;
use serde_json::Value;

use crate::common::{open_policy, per_provider};
use crate::suite::{Owed, Suite};

per_provider!(json_web_signature, json_web_key, json_web_crypto);

fn json_web_signature<P: Provider>() {
    run::<P>("json_web_signature_test.json", (8, 0));
}

fn json_web_key<P: Provider>() {
    run::<P>("json_web_key_test.json", (0, 1));
}

/// Not every copy of the test data has this file: it mixes in encryption.
fn json_web_crypto<P: Provider>() {
    let name = "json_web_crypto_test.json";
    if vectors::optional_json(&format!("wycheproof/{name}")).is_some() {
        run::<P>(name, None);
    }
}

fn run<P: Provider>(name: &'static str, counts: impl Into<Option<(usize, usize)>>) {
    let Some(overrides) = vectors::json("wycheproof/overrides.json") else {
        return;
    };
    let Some(suite) = Suite::of_folder(name) else {
        return;
    };
    let overrides = &overrides[name];
    let suite = suite.only(|test| test.get("jws").is_some());
    suite.run(counts, |group, test| {
        (owed(overrides, test), verify_in_group::<P>(group, test))
    });
}

fn owed(overrides: &Value, test: &Value) -> Owed<'static> {
    let listed = test["result"] == "valid";
    match overrides[test["tcId"].to_string()]["ours"].as_str() {
        None => Owed::AsListed,
        Some("either") => Owed::Either,
        Some(ours) => {
            assert_ne!(ours == "valid", listed, "overrides nothing: {test}");
            if ours == "valid" {
                Owed::Accepted("overrides.json")
            } else {
                Owed::Refused("overrides.json")
            }
        }
    }
}

/// Every algorithm allowed, so that the key alone stands against a confused header; symmetric
/// keys where the set has any.
fn verify_in_group<P: Provider>(group: &Value, test: &Value) -> Result<(), Error> {
    let jwk = group.get("public").unwrap_or_else(|| &group["private"]);
    let members = jwk["keys"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![jwk.clone()]);
    let symmetric = members.iter().any(|jwk| jwk["kty"] == "oct");
    let options = KeySetOptions::new().allow_symmetric(symmetric);
    let keys: KeySet<P> = options.read(jwk.to_string())?;
    let verifier = open_policy().build().unwrap();
    // The JSON serialization is an object in the file; as text it is no compact token.
    let token = match &test["jws"] {
        Value::String(compact) => compact.clone(),
        other => other.to_string(),
    };
    verifier.verify_jws(token, &keys).map(drop)
}
