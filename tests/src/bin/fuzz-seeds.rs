//! Makes the keys, tokens and seeds that the fuzz targets start from, in `fuzz/`.
//!
//! ```text
//! fuzz-seeds                        the seeds, from the fixtures that are there
//! fuzz-seeds --new-keys             new keys and tokens before
//! fuzz-seeds --third-party FOLDER   seeds of the Wycheproof tokens into FOLDER/TARGET, where the
//!                                   test data is; they are not for committing
//! ```
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

use base64ct::{Base64UrlUnpadded, Encoding};
use jwtverify_tests::{Alg, SigningKey, jwks, vectors};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;

/// Longer ones teach the fuzzer nothing new and make every run slower.
const LONGEST_SEED: usize = 2048;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    match words[..] {
        [] => {}
        ["--new-keys"] => fixtures(&here.join("fixtures")),
        ["--third-party", folder] => return third_party(Path::new(folder)),
        _ => panic!("usage: fuzz-seeds [--new-keys | --third-party FOLDER]"),
    }
    let corpus = Corpus(here.join("corpus"));
    own(&corpus, &here.join("fixtures"));
    attacks(&corpus);
}

/// One key for each public-key algorithm, and one good token of each.
fn fixtures(folder: &Path) {
    let keys: Vec<&SigningKey> = Alg::asymmetric().map(SigningKey::shared).collect();
    let claims = json!({
        "iss": "https://idp.example", "aud": ["other", "api"], "sub": "alice", "exp": NOW + 300,
    });
    let tokens: Vec<String> = keys.iter().map(|key| key.mint(&claims)).collect();
    write(&folder.join("keys.json"), jwks(keys.iter().copied()) + "\n");
    write(&folder.join("tokens.txt"), tokens.join("\n") + "\n");
}

struct Corpus(PathBuf);

impl Corpus {
    fn add(&self, target: &str, name: &str, seed: impl AsRef<[u8]>) {
        if seed.as_ref().len() <= LONGEST_SEED {
            write(&self.0.join(target).join(name), seed);
        }
    }
}

fn own(corpus: &Corpus, fixtures: &Path) {
    let tokens = fs::read_to_string(fixtures.join("tokens.txt")).unwrap();
    for (token, alg) in tokens.lines().zip(Alg::asymmetric()) {
        let name = alg.name().to_lowercase();
        corpus.add("verify", &name, token);
        if name.ends_with("256") || name.starts_with("ed") {
            corpus.add("token", &name, token);
        }
    }
    let document: Value =
        serde_json::from_slice(&fs::read(fixtures.join("keys.json")).unwrap()).unwrap();
    for key in document["keys"].as_array().unwrap() {
        let name = key["alg"].as_str().unwrap().to_lowercase();
        corpus.add("jwk", &name, format!("\0{key}"));
        corpus.add(
            "keyset",
            &name,
            format!("\0{}", json!({"keys": [key, {"kty": "x"}]})),
        );
    }
    let secret =
        json!({"kty": "oct", "kid": "s", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"});
    corpus.add("jwk", "secret", format!("\u{1}{secret}"));
    corpus.add(
        "keyset",
        "secret",
        format!("\u{1}{}", json!({"keys": [secret, secret]})),
    );
    for (name, text) in [
        (
            "claims",
            r#"{"iss":"https://idp.example","aud":"api","exp":1800000300,"nbf":1.8e9}"#,
        ),
        (
            "edges",
            r#"{"iat":-0.5e-3,"exp":1e308,"nbf":9223372036854775808,"jti":"\ud83d\ude00"}"#,
        ),
        (
            "escapes",
            "{\"\\u0069ss\":\"\\b\\f\\n\\r\\t\\\\\\/\\\"\\u00e9\",\"sub\":\"\u{e9}\u{1f600}\"}",
        ),
        (
            "nested",
            r#" {"a" : [ {"b":[[],{}]} , null,true,false ] } "#,
        ),
        (
            "members",
            r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"aud":["x","api"]}"#,
        ),
        (
            "header",
            r#"{"alg":"HS256","typ":"application/at+JWT","kid":"k","cty":"","x5c":[]}"#,
        ),
        (
            "critical",
            r#"{"alg":"ES256","crit":["b64"],"b64":false,"typ":"at+jwt"}"#,
        ),
    ] {
        corpus.add("json", name, text);
        corpus.add("header", name, text);
        corpus.add("claims", name, format!("\0\u{1}\0\u{1}\u{1}\0{text}"));
    }
    for kind in 0..5u8 {
        for accident in [0u8, 1, 2, 6, 9, 11] {
            let name = format!("kind-{kind}-accident-{accident}");
            let mut seed = vec![kind, 4, b't', b'e', b's', b't'];
            seed.extend([kind, 3, 0, accident, 1, 5, 7, 2, accident, 0, 9, 1]);
            seed.extend([0x41; 24]);
            corpus.add("provider", &name, &seed);
            corpus.add("mutate", &name, [&[kind, accident, 0], &seed[..6]].concat());
        }
    }
    // A curve, a key, whether RustCrypto is asked, the kind of case, and what that reads.
    let nist: &[u8] = &[0, 8, 10, 14, 18, 19, 21, 22, 23, 28];
    let edwards: &[u8] = &[0, 6, 8, 10, 12, 15];
    for (lane, name, kinds) in [
        (0, "p256", nist),
        (1, "p384", nist),
        (2, "p521", nist),
        (3, "ed25519", edwards),
    ] {
        for kind in kinds {
            let mut seed = vec![lane, 0, 3 * kind + 1, 0, 0, *kind];
            seed.extend((1..32).map(|number: u8| number.wrapping_mul(kind | 37)));
            corpus.add("precomputed", &format!("{name}-kind-{kind}"), seed);
        }
    }
}

/// Tokens, headers, payloads and key sets of the catalogue of attacks, which is our own.
fn attacks(corpus: &Corpus) {
    let Some(file) = vectors::json("attacks/attacks.json") else {
        return;
    };
    for case in file["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let token = case["token"].as_str().unwrap();
        let category = id.split('-').next().unwrap();
        let mut segments = token.split('.');
        let mut decode = || {
            segments
                .next()
                .and_then(|text| Base64UrlUnpadded::decode_vec(text).ok())
        };
        let (header, payload) = (decode(), decode());
        match category {
            "struct" | "b64" => corpus.add("token", id, token),
            "hdrjson" | "crit" | "kid" | "typ" | "alg" => {
                corpus.add("header", id, header.unwrap_or_default());
            }
            "clm" => {
                let payload = payload.unwrap_or_default();
                corpus.add("claims", id, [&[0, 1, 0, 1, 1, 0], &payload[..]].concat());
            }
            "ks" => {
                let document = case["keyset"].as_str().unwrap();
                corpus.add("keyset", id, format!("\0{document}"));
            }
            _ => {}
        }
    }
}

/// The tokens, headers, payloads and keys of Wycheproof's JOSE suite.
fn third_party(folder: &Path) {
    let corpus = Corpus(folder.into());
    let Some(file) = vectors::optional_json("wycheproof/json_web_signature_test.json") else {
        return;
    };
    for (group, number) in file["testGroups"].as_array().unwrap().iter().zip(0..) {
        for key in ["public", "private"] {
            corpus.add(
                "jwk",
                &format!("w{number}-{key}"),
                format!("\u{1}{}", group[key]),
            );
        }
        for test in group["tests"].as_array().unwrap() {
            let name = format!("w{}", test["tcId"]);
            let Some(token) = test["jws"].as_str() else {
                continue;
            };
            corpus.add("token", &name, token);
            corpus.add("verify", &name, token);
            let header = token.split('.').next().unwrap_or_default();
            corpus.add(
                "header",
                &name,
                Base64UrlUnpadded::decode_vec(header).unwrap_or_default(),
            );
        }
    }
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
