//! Project Wycheproof: JSON Web Signatures, JSON Web Keys, and the primitives below them.
//!
//! `overrides.json` beside the files names the tests whose listed result is wrong for a JOSE
//! verifier, and why. They are run all the same, with the result inverted, and counted apart.

mod common;

use common::{open_policy, per_provider};
use jwtverify_core::{
    Algorithm, Error, JwkOptions, KeySet, KeySetOptions, Provider, verify_signature,
};
use jwtverify_tests::{base64url, vectors};
use serde_json::{Value, json};

per_provider!(
    json_web_signature,
    json_web_key,
    json_web_crypto,
    ecdsa_p1363,
    ed25519,
    hmac,
    rsa_pkcs1,
    rsa_pss,
    ml_dsa_is_refused_by_name,
);

/// The verdict that a test should have.
enum Expected {
    AsListed(bool),
    Inverted(bool),
    /// The file wants a check that nobody needs of a verifier; either verdict is right.
    Either,
}

struct Suite {
    name: &'static str,
    overrides: Value,
    as_listed: usize,
    inverted: usize,
    either: usize,
    wrong: Vec<String>,
}

impl Suite {
    fn open(name: &'static str) -> Option<(Self, Vec<Value>)> {
        let file = vectors::json(&format!("wycheproof/{name}"))?;
        let overrides = vectors::json("wycheproof/overrides.json")?;
        let groups = file["testGroups"].as_array().unwrap().clone();
        let count: usize = groups
            .iter()
            .map(|group| group["tests"].as_array().unwrap().len())
            .sum();
        assert_eq!(file["numberOfTests"], count);
        let suite = Self {
            name,
            overrides: overrides[name].clone(),
            as_listed: 0,
            inverted: 0,
            either: 0,
            wrong: Vec::new(),
        };
        Some((suite, groups))
    }

    fn expected(&self, test: &Value) -> Expected {
        // "acceptable" occurs for DigestInfo without NULL alone, and nobody needs it.
        let listed = test["result"] == "valid";
        match self.overrides[test["tcId"].to_string()]["ours"].as_str() {
            None => Expected::AsListed(listed),
            Some("either") => Expected::Either,
            Some(ours) => {
                let ours = ours == "valid";
                assert_ne!(ours, listed, "an override that overrides nothing: {test}");
                Expected::Inverted(ours)
            }
        }
    }

    fn record(&mut self, test: &Value, result: Result<(), Error>) {
        let expected = match self.expected(test) {
            Expected::AsListed(valid) => {
                self.as_listed += 1;
                valid
            }
            Expected::Inverted(valid) => {
                self.inverted += 1;
                valid
            }
            Expected::Either => {
                self.either += 1;
                return;
            }
        };
        if result.is_ok() != expected {
            let got = result.err().map_or("valid", Error::name);
            let expected = if expected { "valid" } else { "refused" };
            let (id, comment) = (&test["tcId"], &test["comment"]);
            self.wrong
                .push(format!("  {id} {comment}: expected {expected}, got {got}"));
        }
    }

    /// Prints the counts and fails if a test was wrong or the counts are not these.
    #[track_caller]
    fn finish(self, as_listed: usize, inverted: usize, either: usize) {
        vectors::announce(&format!(
            "{}: {} as listed, {} inverted by overrides.json, {} either, {} wrong",
            self.name,
            self.as_listed,
            self.inverted,
            self.either,
            self.wrong.len(),
        ));
        assert!(
            self.wrong.is_empty(),
            "{}:\n{}",
            self.name,
            self.wrong.join("\n")
        );
        let counts = (self.as_listed, self.inverted, self.either);
        assert_eq!(counts, (as_listed, inverted, either), "{}", self.name);
    }
}

fn json_web_signature<P: Provider>() {
    run_jose::<P>("json_web_signature_test.json", (393, 8, 0));
}

fn json_web_key<P: Provider>() {
    run_jose::<P>("json_web_key_test.json", (25, 0, 1));
}

/// Not every copy of the test data has this file: it mixes in encryption.
fn json_web_crypto<P: Provider>() {
    let name = "json_web_crypto_test.json";
    let Some(file) = vectors::optional_json(&format!("wycheproof/{name}")) else {
        return;
    };
    let Some((mut suite, groups)) = Suite::open(name) else {
        return;
    };
    for group in &groups {
        for test in group["tests"].as_array().unwrap() {
            if test["jws"].is_string() {
                suite.record(test, verify_in_group::<P>(group, test));
            }
        }
    }
    assert!(file["numberOfTests"].as_u64() > Some(0));
    let counts = (suite.as_listed, suite.inverted, suite.either);
    suite.finish(counts.0, counts.1, counts.2);
}

fn run_jose<P: Provider>(name: &'static str, (as_listed, inverted, either): (usize, usize, usize)) {
    let Some((mut suite, groups)) = Suite::open(name) else {
        return;
    };
    for group in &groups {
        for test in group["tests"].as_array().unwrap() {
            suite.record(test, verify_in_group::<P>(group, test));
        }
    }
    suite.finish(as_listed, inverted, either);
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

fn ecdsa_p1363<P: Provider>() {
    for (name, algorithm, count) in [
        (
            "ecdsa_secp256r1_sha256_p1363_test.json",
            Algorithm::Es256,
            262,
        ),
        (
            "ecdsa_secp384r1_sha384_p1363_test.json",
            Algorithm::Es384,
            280,
        ),
    ] {
        run_signatures::<P>(name, algorithm, "publicKeyJwk", count);
    }
}

fn ed25519<P: Provider>() {
    run_signatures::<P>("ed25519_test.json", Algorithm::EdDsa, "publicKeyJwk", 151);
}

fn rsa_pkcs1<P: Provider>() {
    for (name, algorithm, count) in [
        ("rsa_signature_2048_sha256_test.json", Algorithm::Rs256, 259),
        ("rsa_signature_2048_sha384_test.json", Algorithm::Rs384, 258),
        ("rsa_signature_3072_sha256_test.json", Algorithm::Rs256, 259),
    ] {
        run_signatures::<P>(name, algorithm, "keyJwk", count);
    }
}

fn rsa_pss<P: Provider>() {
    let name = "rsa_pss_2048_sha256_mgf1_32_test.json";
    run_signatures::<P>(name, Algorithm::Ps256, "publicKeyJwk", 108);
}

fn run_signatures<P: Provider>(
    name: &'static str,
    algorithm: Algorithm,
    member: &str,
    count: usize,
) {
    let Some((mut suite, groups)) = Suite::open(name) else {
        return;
    };
    for group in &groups {
        let jwk = jwk_of(group, member);
        for test in group["tests"].as_array().unwrap() {
            let result = JwkOptions::new()
                .read::<P>(jwk.to_string())
                .and_then(|key| {
                    verify_signature(algorithm, &key, &hex(&test["msg"]), &hex(&test["sig"]))
                });
            suite.record(test, result.map(drop));
        }
    }
    suite.finish(count, 0, 0);
}

/// The group's JWK, or one made of the key's numbers where the file has none.
fn jwk_of(group: &Value, member: &str) -> Value {
    if let Some(jwk) = group.get(member) {
        return jwk.clone();
    }
    let key = &group["publicKey"];
    let integer = |value: &Value| {
        let octets = hex(value);
        base64url(octets.strip_prefix(&[0]).unwrap_or(&octets))
    };
    if key["modulus"].is_string() {
        return json!({
            "kty": "RSA", "n": integer(&key["modulus"]), "e": integer(&key["publicExponent"]),
        });
    }
    let curve = match key["curve"].as_str().unwrap() {
        "secp256r1" => "P-256",
        "secp384r1" => "P-384",
        other => panic!("no JWK for a key on {other}"),
    };
    let point = hex(&key["uncompressed"]);
    let (x, y) = point[1..].split_at(point.len() / 2);
    json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
}

/// JOSE has no truncated tags (RFC 7518, 3.2): groups of those are refused whole.
fn hmac<P: Provider>() {
    let Some((mut suite, groups)) = Suite::open("hmac_sha256_test.json") else {
        return;
    };
    let options = JwkOptions::new()
        .allow_symmetric(true)
        .allow_weak_hmac(true);
    let mut truncated = 0;
    for group in &groups {
        for test in group["tests"].as_array().unwrap() {
            let jwk = json!({"kty": "oct", "alg": "HS256", "k": base64url(hex(&test["key"]))});
            let key = options.read::<P>(jwk.to_string()).unwrap();
            let (message, tag) = (hex(&test["msg"]), hex(&test["tag"]));
            let result = verify_signature(Algorithm::Hs256, &key, &message, &tag);
            if group["tagSize"] == 256 {
                suite.record(test, result.map(drop));
            } else {
                truncated += 1;
                assert_eq!(
                    result.err(),
                    Some(Error::SignatureInvalid),
                    "{}",
                    test["tcId"]
                );
            }
        }
    }
    assert_eq!(suite.as_listed + truncated, 174);
    vectors::announce(&format!(
        "hmac_sha256_test.json: {truncated} truncated tags refused"
    ));
    let as_listed = suite.as_listed;
    suite.finish(as_listed, 0, 0);
}

/// This build has no ML-DSA: its keys and its name are refused, never mistaken for others.
fn ml_dsa_is_refused_by_name<P: Provider>() {
    let Some((_, groups)) = Suite::open("mldsa_44_verify_test.json") else {
        return;
    };
    let mut refused = 0;
    for group in &groups {
        let public = base64url(hex(&group["publicKey"]));
        let jwk = json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": public});
        let error = JwkOptions::new().read::<P>(jwk.to_string()).err();
        assert_eq!(error, Some(Error::KeyTypeUnknown));
        refused += group["tests"].as_array().unwrap().len();
    }
    assert_eq!(Algorithm::from_name("ML-DSA-44"), None);
    vectors::announce(&format!(
        "mldsa_44_verify_test.json: {refused} NOT RUN: this build has no ML-DSA; keys refused"
    ));
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    assert!(text.len().is_multiple_of(2));
    let octet = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(octet).collect()
}
