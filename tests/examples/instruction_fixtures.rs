//! Writes the keys and tokens whose verification is counted in instructions. They are checked in;
//! after another run of this the counts must be taken anew, since other numbers take other paths:
//!
//! ```text
//! cargo run -p jwtverify-tests --example instruction_fixtures
//! ```

use std::fs;
use std::path::Path;

use jwtverify_tests::{Alg, SigningKey, jwks};
use serde_json::json;

/// The time that the program believes it is: 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions/fixtures");
    fs::create_dir_all(&folder).unwrap();
    let write = |file: &str, text: &str| fs::write(folder.join(file), text).unwrap();
    // An access token as they are in practice: 750 octets with a signature of 64.
    let claims = json!({
        "iss": "https://issuer.example/tenants/4711",
        "sub": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "aud": ["my-api", "https://api.example"],
        "iat": NOW - 60,
        "nbf": NOW - 60,
        "exp": NOW + 3600,
        "jti": "8c9e2c56-6f54-4b3a-9d1c-4f1d1c0d2b7e",
        "scope": "openid profile email orders:read orders:write invoices:read",
        "roles": ["operator", "auditor"],
        "azp": "web-client",
        "given_name": "Anna",
        "email": "anna@customer.example",
        "email_verified": true,
        "session": "d41d8cd98f00b204e9800998",
    });
    let mut keys = Vec::new();
    for alg in [Alg::Rs256, Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa] {
        let name = alg.name().to_lowercase();
        let key = SigningKey::generate(alg, format!("{name}-2026a"));
        write(&format!("{name}.jwt"), &key.mint(&claims));
        keys.push(key);
    }
    write("jwks.json", &jwks(&keys));
    let secret = SigningKey::generate(Alg::Hs256, "hs256-2026a");
    write("hs256.jwt", &secret.mint(&claims));
    write("secret.jwks.json", &secret.jwks());
}
