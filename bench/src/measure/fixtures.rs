//! One token, its key and its issuer for each algorithm; made anew by each run.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

use jwtverify_bench::names::ALGORITHMS;
use jwtverify_tests::{Alg, LoopbackIssuer, SigningKey};
use serde_json::{Value, json};

/// Whom the tokens are for.
pub(crate) const AUDIENCE: &str = "my-api";

/// Who issues them. The key sets are fetched from elsewhere: the loopback issuer.
pub(crate) const ISSUER: &str = "https://issuer.example/tenants/4711";

/// A token and what verifies it.
pub(crate) struct Fixture {
    pub(crate) algorithm: &'static str,
    pub(crate) token: String,
    /// The public key, or the secret.
    pub(crate) jwk: Value,
    /// A set of this key alone.
    pub(crate) jwks: String,
    /// The public key as libraries encode it; see `SigningKey::raw_public`.
    pub(crate) public: Vec<u8>,
}

/// One for each algorithm.
pub(crate) fn all(issuer: &LoopbackIssuer) -> Vec<Fixture> {
    let one = |algorithm: &'static str| {
        let alg = Alg::from_name(algorithm).expect("an algorithm");
        match issuer.find_key(alg) {
            Some(key) => Fixture::new(algorithm, &key, &claims()),
            None => Fixture::new(algorithm, &SigningKey::generate(alg, "secret-1"), &claims()),
        }
    };
    ALGORITHMS.into_iter().map(one).collect()
}

impl Fixture {
    pub(crate) fn new(algorithm: &'static str, key: &SigningKey, claims: &Value) -> Self {
        Self {
            algorithm,
            token: key.mint(claims),
            jwk: key.jwk(),
            jwks: key.jwks(),
            public: key.raw_public().to_vec(),
        }
    }

    /// What was signed, and the signature.
    pub(crate) fn signed(&self) -> (Vec<u8>, Vec<u8>) {
        use base64ct::{Base64UrlUnpadded, Encoding};

        let (input, signature) = self.token.rsplit_once('.').expect("a token");
        let signature = Base64UrlUnpadded::decode_vec(signature).expect("base64url");
        (input.as_bytes().to_vec(), signature)
    }

    /// For contestants in other languages: `ES256.jwt` and `ES256.jwks.json`.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let Self { algorithm, .. } = self;
        fs::write(folder.join(format!("{algorithm}.jwt")), &self.token)?;
        fs::write(folder.join(format!("{algorithm}.jwks.json")), &self.jwks)
    }

    /// What [`write`](Self::write) wrote, but for the bare key.
    pub(crate) fn read(folder: &Path, algorithm: &'static str) -> io::Result<Self> {
        let jwks = fs::read_to_string(folder.join(format!("{algorithm}.jwks.json")))?;
        let set: Value = serde_json::from_str(&jwks)?;
        Ok(Self {
            algorithm,
            token: fs::read_to_string(folder.join(format!("{algorithm}.jwt")))?,
            jwk: set["keys"][0].clone(),
            jwks,
            public: Vec::new(),
        })
    }
}

/// An access token as they are in practice: 750 octets with a signature of 64.
pub(crate) fn claims() -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("a time after 1970").as_secs();
    json!({
        "iss": ISSUER,
        "sub": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "aud": [AUDIENCE, "https://api.example"],
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + 36_000,
        "jti": "8c9e2c56-6f54-4b3a-9d1c-4f1d1c0d2b7e",
        "scope": "openid profile email orders:read orders:write invoices:read",
        "roles": ["operator", "auditor"],
        "azp": "web-client",
        "given_name": "Anna",
        "email": "anna@customer.example",
        "email_verified": true,
        "session": "d41d8cd98f00b204e9800998",
    })
}

/// The claims of a token whose text is as near to `octets` as it can be without being longer:
/// the list of roles grows.
pub(crate) fn claims_of(octets: usize, key: &SigningKey) -> Value {
    let with = |count: usize| {
        let mut claims = claims();
        let roles = (0..count).map(|number| json!(format!("role-{number:06}-of-many")));
        claims["roles"] = Value::Array(roles.collect());
        claims
    };
    let len = |count: usize| key.mint(&with(count)).len();
    // The roles are of one length: two tokens tell what each adds.
    let (few, more) = (len(2), len(302));
    let each = (more - few) as f64 / 300.0;
    let mut count = 2 + (octets.saturating_sub(few) as f64 / each) as usize;
    while count > 0 && len(count) > octets {
        count -= 1;
    }
    with(count)
}
