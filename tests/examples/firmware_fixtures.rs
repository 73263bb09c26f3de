//! Writes the keys and tokens that the firmware of tests/firmware carries. They are checked in;
//! run this again only when they must change:
//!
//! ```text
//! cargo run -p jwtverify-tests --example firmware_fixtures
//! ```

use std::fs;
use std::path::Path;

use jwtverify_tests::{Alg, SigningKey, forge, jwks};
use serde_json::{Value, json};

/// The time that the firmware believes it is: 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600;

/// The sets of algorithms that the firmware is built for.
const ALL: [Alg; 3] = [Alg::Es256, Alg::EdDsa, Alg::Rs256];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware/fixtures");
    let mut all = (Vec::new(), Vec::new());
    for alg in [Alg::Es256, Alg::EdDsa, Alg::Rs256, Alg::Hs256] {
        let name = alg.name().to_lowercase();
        let flash = SigningKey::generate(alg, format!("{name}-2026a"));
        let rotated = SigningKey::generate(alg, format!("{name}-2026b"));
        let folder = root.join(&name);
        fs::create_dir_all(&folder).unwrap();
        let write = |file: &str, content: &[u8]| fs::write(folder.join(file), content).unwrap();

        write("flash.jwks.json", flash.jwks().as_bytes());
        write("rotated.jwks.json", rotated.jwks().as_bytes());
        write("public.bin", &raw_public(alg, &flash));
        let good = flash.mint(&claims(&json!({})));
        let (message, signature) = good.rsplit_once('.').unwrap();
        write("message.txt", message.as_bytes());
        write("signature.bin", &decoded(signature));
        write("good.jwt", good.as_bytes());
        let expired = claims(&json!({"exp": NOW - 1}));
        let elsewhere = claims(&json!({"aud": "another-device"}));
        for (file, token) in [
            ("expired.jwt", flash.mint(&expired)),
            ("other-audience.jwt", flash.mint(&elsewhere)),
            (
                "unknown-kid.jwt",
                forge::unknown_kid(&flash, &claims(&json!({}))),
            ),
            (
                "tampered.jwt",
                forge::tampered(&flash, &claims(&json!({})), &json!({"sub": "mallory"})),
            ),
            ("rotated.jwt", rotated.mint(&claims(&json!({})))),
        ] {
            write(file, token.as_bytes());
        }
        if ALL.contains(&alg) {
            all.0.push(flash);
            all.1.push(rotated);
        }
    }
    let folder = root.join("all");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("flash.jwks.json"), jwks(&all.0)).unwrap();
    fs::write(folder.join("rotated.jwks.json"), jwks(&all.1)).unwrap();
}

/// Claims of the size that access tokens have in practice.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://idp.example",
        "sub": "device-operator-4711",
        "aud": ["my-device", "https://api.example"],
        "iat": NOW - 60,
        "nbf": NOW - 60,
        "exp": NOW + 3600,
        "jti": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "scope": "openid profile telemetry:read telemetry:write firmware:update",
        "roles": ["operator", "technician"],
        "tenant": "plant-17",
        "given_name": "Anna",
        "email": "anna@plant-17.example",
        "email_verified": true,
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

/// What a raw check takes: an uncompressed point, 32 octets, the modulus, or the secret.
fn raw_public(alg: Alg, key: &SigningKey) -> Vec<u8> {
    match alg {
        Alg::Rs256 => decoded(key.jwk()["n"].as_str().unwrap()),
        _ => key.raw_public().to_vec(),
    }
}

fn decoded(text: &str) -> Vec<u8> {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::decode_vec(text).unwrap()
}
