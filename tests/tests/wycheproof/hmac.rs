//! HMAC. JOSE has no truncated tags (RFC 7518, 3.2): groups of those are refused whole.

use jwtverify_core::{Algorithm, JwkOptions, Provider, verify_signature};
use jwtverify_tests::base64url;
use serde_json::json;

use crate::common::per_provider;
use crate::suite::{Owed, Suite, hex};

per_provider!(hmac);

fn hmac<P: Provider>() {
    for (name, algorithm) in [
        ("hmac_sha256_test.json", Algorithm::Hs256),
        ("hmac_sha384_test.json", Algorithm::Hs384),
        ("hmac_sha512_test.json", Algorithm::Hs512),
    ] {
        let full = algorithm.digest().unwrap().len() * 8;
        let options = JwkOptions::new()
            .allow_symmetric(true)
            .allow_weak_hmac(true);
        Suite::of_crate(name).run((33, 0), |group, test| {
            let k = base64url(hex(&test["key"]));
            let jwk = json!({"kty": "oct", "alg": algorithm.name(), "k": k});
            let (message, tag) = (hex(&test["msg"]), hex(&test["tag"]));
            let result = options
                .read::<P>(jwk.to_string())
                .and_then(|key| verify_signature(algorithm, &key, &message, &tag));
            let owed = if group["tagSize"] == full {
                Owed::AsListed
            } else {
                Owed::Refused("a truncated tag")
            };
            (owed, result.map(drop))
        });
    }
}
