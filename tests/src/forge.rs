//! Tokens that must never be accepted, each made from a good key by one known attack.

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use crate::keys::{Alg, SigningKey, base64url, patched};

/// `alg: none` in this spelling and no signature (RFC 7519, 6; CVE-2015-9235).
pub fn unsecured(key: &SigningKey, spelling: &str, claims: &Value) -> String {
    let header = patched(key.header(), &json!({ "alg": spelling }));
    format!(
        "{}.{}.",
        base64url(header.to_string()),
        base64url(claims.to_string())
    )
}

/// The claims replaced after signing.
pub fn tampered(key: &SigningKey, claims: &Value, changes: &Value) -> String {
    let token = key.mint(claims);
    let (header, rest) = token.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let payload = base64url(patched(claims.clone(), changes).to_string());
    format!("{header}.{payload}.{signature}")
}

/// HS256 keyed with the public key's PEM text, under the kid of the public key (CVE-2015-9235).
pub fn hmac_with_public_key(key: &SigningKey, claims: &Value) -> String {
    hmac_with(key, pem(key).as_bytes(), claims)
}

/// HS256 keyed with these octets, under the kid of a public key.
pub fn hmac_with(key: &SigningKey, secret: &[u8], claims: &Value) -> String {
    SigningKey::from_secret(Alg::Hs256, key.kid(), secret).mint(claims)
}

/// Signed by another key that claims this one's kid.
pub fn wrong_key(key: &SigningKey, claims: &Value) -> String {
    SigningKey::generate(key.alg(), key.kid()).mint(claims)
}

/// A good signature under a kid that nobody published.
pub fn unknown_kid(key: &SigningKey, claims: &Value) -> String {
    key.mint_with(&json!({"kid": format!("{}-unknown", key.kid())}), claims)
}

/// An ECDSA signature in DER, as TLS has it and JOSE has not (RFC 7518, 3.4).
pub fn der_signature(key: &SigningKey, claims: &Value) -> String {
    let input = format!(
        "{}.{}",
        base64url(key.header().to_string()),
        base64url(claims.to_string())
    );
    let signature = key.sign(input.as_bytes());
    let (r, s) = signature.split_at(signature.len() / 2);
    let mut body = der_integer(r);
    body.extend(der_integer(s));
    let mut der = vec![0x30];
    // P-521's sequence is longer than a short-form length can say.
    if body.len() > 0x7f {
        der.push(0x81);
    }
    der.push(u8::try_from(body.len()).expect("at most 139 octets"));
    der.extend(body);
    format!("{input}.{}", base64url(der))
}

/// The public key as a PEM text of its SubjectPublicKeyInfo.
pub fn pem(key: &SigningKey) -> String {
    let der = key.spki_der().expect("a public key");
    let base64 = Base64::encode_string(&der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

fn der_integer(octets: &[u8]) -> Vec<u8> {
    let first = octets
        .iter()
        .position(|&octet| octet != 0)
        .unwrap_or(octets.len() - 1);
    let mut value = octets[first..].to_vec();
    if value[0] & 0x80 != 0 {
        value.insert(0, 0);
    }
    let mut der = vec![0x02, u8::try_from(value.len()).unwrap()];
    der.extend(value);
    der
}
