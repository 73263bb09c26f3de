//! CVE-2015-9235 and its many children: a public key must never become a secret, and a secret
//! never a public key.

mod common;

use common::{Table, claims, key_set, now, open_policy, outcome, per_provider, read, read_local};
use jwtverify_core::{KeySet, KeySetOptions, Provider};
use jwtverify_tests::{Alg, SigningKey, base64url, forge, jwks};
use serde_json::{Value, json};

per_provider!(
    a_public_key_never_verifies_hmac,
    symmetric_keys_need_the_callers_word,
    a_secret_that_is_a_public_key_is_refused,
    a_secret_is_as_long_as_the_digest,
    secrets_and_public_keys_do_not_share_a_set,
    the_kid_of_a_public_key_never_leads_to_a_secret,
    der_ecdsa_signatures_are_refused,
    a_secret_verifies_hmac_alone,
);

fn verify<P: Provider>(token: impl AsRef<[u8]>, keys: &KeySet<P>) -> String {
    outcome(open_policy().build().unwrap().verify(token, keys, now()))
}

fn oct(secret: &[u8]) -> Value {
    json!({"kty": "oct", "kid": "secret", "k": base64url(secret)})
}

/// "usable", or the reason for which the only key of the set was skipped.
fn reading<P: Provider>(options: &KeySetOptions, jwk: &Value) -> String {
    let read: Result<KeySet<P>, _> = options.read(json!({"keys": [jwk]}).to_string());
    match read {
        Ok(_) => "usable".into(),
        Err(error) => error.skipped[0].reason.name().into(),
    }
}

/// Every text and every blob that a confused program could take for the secret.
fn encodings(key: &SigningKey) -> Vec<(String, Vec<u8>)> {
    let pem = forge::pem(key);
    let der = key.spki_der().unwrap();
    let jwk = key.jwk();
    let bare = key.bare_jwk();
    let pretty = serde_json::to_string_pretty(&jwk).unwrap();
    let base64 = |octets: &[u8]| {
        use base64ct::Encoding;
        base64ct::Base64::encode_string(octets)
    };
    [
        ("PEM", pem.clone().into_bytes()),
        ("PEM without the last line end", pem.trim_end().into()),
        ("PEM with CRLF", pem.replace('\n', "\r\n").into()),
        ("PEM after a space", format!(" {pem}").into()),
        ("PEM after a line end", format!("\n{pem}").into()),
        (
            "PEM after a byte order mark",
            format!("\u{feff}{pem}").into(),
        ),
        ("PEM after other text", format!("Key:\n{pem}").into()),
        (
            "PEM labelled RSA PUBLIC KEY",
            pem.replace("PUBLIC", "RSA PUBLIC").into(),
        ),
        (
            "PEM labelled CERTIFICATE",
            pem.replace("PUBLIC KEY", "CERTIFICATE").into(),
        ),
        ("SPKI DER", der.clone()),
        ("SPKI DER as base64", base64(&der).into()),
        ("SPKI DER as base64url", base64url(&der).into()),
        (
            "SPKI DER as base64 and a line end",
            format!("{}\n", base64(&der)).into(),
        ),
        ("JWK", jwk.to_string().into()),
        ("bare JWK", bare.to_string().into()),
        ("JWK, pretty", pretty.into()),
        ("JWK after a space", format!(" {jwk}").into()),
        (
            "JWK after a byte order mark",
            format!("\u{feff}{jwk}").into(),
        ),
        ("JWKS", jwks([key]).into()),
        ("JWK in an array", format!("[{jwk}]").into()),
        ("ssh", format!("ssh-rsa {} me@host", base64(&der)).into()),
        (
            "ssh, elliptic",
            format!("ecdsa-sha2-nistp256 {}", base64(&der)).into(),
        ),
        (
            "ssh, Ed25519",
            format!("ssh-ed25519 {}", base64(&der)).into(),
        ),
    ]
    .into_iter()
    .map(|(what, secret)| (what.into(), secret))
    .collect()
}

fn a_public_key_never_verifies_hmac<P: Provider>() {
    let mut table = Table::default();
    for alg in [Alg::Rs256, Alg::Es256, Alg::EdDsa, Alg::MlDsa44] {
        let key = SigningKey::shared(alg);
        let without_alg = {
            let mut jwk = key.bare_jwk();
            jwk["kid"] = json!(key.kid());
            read::<P>(jwk.to_string()).unwrap()
        };
        let keys = key_set::<P>(key);
        let mut secrets = encodings(key);
        let jwk = key.bare_jwk();
        for member in ["n", "x", "y", "pub"] {
            if let Some(text) = jwk[member].as_str() {
                secrets.push((format!("{member} as text"), text.into()));
            }
        }
        for (what, secret) in [
            ("the raw key", key.raw_public()),
            ("nothing", b""),
            ("a zero", b"\0"),
            ("null", b"null"),
        ] {
            secrets.push((what.into(), secret.into()));
        }
        for (what, secret) in secrets {
            let token = forge::hmac_with(key, &secret, &claims());
            let named = format!("{} keyed with {what}", alg.name());
            table.row(&named, verify(&token, &keys), "KeyMismatch");
            table.row(
                format!("{named}, no alg"),
                verify(&token, &without_alg),
                "KeyMismatch",
            );
            // Without a kid there is nothing to mismatch: no key of the set is for HS256.
            let hmac = SigningKey::from_secret(Alg::Hs256, "k", secret);
            let token = hmac.mint_with(&json!({"kid": null}), &claims());
            table.row(
                format!("{named}, no kid"),
                verify(token, &without_alg),
                "KeyNoneFits",
            );
        }
    }
    table.check();
}

fn symmetric_keys_need_the_callers_word<P: Provider>() {
    let key = SigningKey::shared(Alg::Hs256);
    let plain = KeySetOptions::new();
    let allowed = KeySetOptions::new().allow_symmetric(true);
    let fetched = KeySetOptions::new().allow_symmetric(true).fetched(true);
    assert_eq!(reading::<P>(&plain, &key.jwk()), "SymmetricNotAllowed");
    assert_eq!(reading::<P>(&allowed, &key.jwk()), "usable");
    assert_eq!(reading::<P>(&fetched, &key.jwk()), "SymmetricNotAllowed");
    let off = KeySetOptions::new()
        .allow_symmetric(true)
        .allow_symmetric(false);
    assert_eq!(reading::<P>(&off, &key.jwk()), "SymmetricNotAllowed");
}

/// CVE-2017-11424, CVE-2022-29217, CVE-2024-33663, CVE-2026-48526.
fn a_secret_that_is_a_public_key_is_refused<P: Provider>() {
    let options = KeySetOptions::new().allow_symmetric(true);
    let weak = options.allow_weak_hmac(true);
    let mut table = Table::default();
    for alg in [
        Alg::Rs256,
        Alg::Es256,
        Alg::Es384,
        Alg::Es512,
        Alg::Es256K,
        Alg::EdDsa,
    ] {
        let key = SigningKey::shared(alg);
        let mut secrets = encodings(key);
        if alg == Alg::Rs256 {
            // PKCS#1: RSAPublicKey.
            secrets.push(("PKCS#1 DER".into(), key.raw_public().into()));
            secrets.push((
                "PKCS#1 as base64url".into(),
                base64url(key.raw_public()).into(),
            ));
        }
        for (what, secret) in secrets {
            let jwk = oct(&secret);
            let what = format!("{} {what}", alg.name());
            table.row(&what, reading::<P>(&options, &jwk), "SymmetricLooksPublic");
            table.row(
                format!("{what}, weak"),
                reading::<P>(&weak, &jwk),
                "SymmetricLooksPublic",
            );
        }
    }
    // Secrets that only remind of one.
    for secret in [
        "a passphrase that mentions ssh and PEM and kty, and is long enough",
        "{braces do not make JSON, and this is long enough for a digest}",
        "MIIBIjANBgkqhkiG9w0 begins like a public key but goes on otherwise",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ] {
        table.row(
            secret,
            reading::<P>(&options, &oct(secret.as_bytes())),
            "usable",
        );
    }
    table.check();
}

/// RFC 7518, 3.2.
fn a_secret_is_as_long_as_the_digest<P: Provider>() {
    let options = KeySetOptions::new().allow_symmetric(true);
    let weak = options.allow_weak_hmac(true);
    let secret: Vec<u8> = (0..128).map(|octet| octet ^ 0x5c).collect();
    let mut table = Table::default();
    for (alg, digest) in [(Alg::Hs256, 32), (Alg::Hs384, 48), (Alg::Hs512, 64)] {
        for (octets, expected, expected_weak) in [
            (0, "SymmetricTooShort", "SymmetricTooShort"),
            (1, "SymmetricTooShort", "usable"),
            (digest - 1, "SymmetricTooShort", "usable"),
            (digest, "usable", "usable"),
            (digest + 1, "usable", "usable"),
            (128, "usable", "usable"),
        ] {
            let mut jwk = oct(&secret[..octets]);
            jwk["alg"] = json!(alg.name());
            let what = format!("{} with {octets} octets", alg.name());
            table.row(&what, reading::<P>(&options, &jwk), expected);
            table.row(
                format!("{what}, weak"),
                reading::<P>(&weak, &jwk),
                expected_weak,
            );
        }
    }
    // Without alg the secret is good for the digests that it is long enough for.
    let keys = read_local::<P>(oct(&secret[..48]).to_string()).unwrap();
    for (alg, expected) in [
        (Alg::Hs256, "accepted"),
        (Alg::Hs384, "accepted"),
        (Alg::Hs512, "KeyMismatch"),
    ] {
        let token = SigningKey::from_secret(alg, "secret", &secret[..48]).mint(&claims());
        table.row(
            format!("{} with 48 octets, no alg", alg.name()),
            verify(token, &keys),
            expected,
        );
    }
    for (what, k, expected) in [
        ("a number", json!(1), "JwkMemberType"),
        ("null", json!(null), "JwkMemberType"),
        (
            "padded",
            json!(format!("{}=", base64url(&secret[..32]))),
            "JwkMemberBase64",
        ),
        ("not base64url", json!("+".repeat(64)), "JwkMemberBase64"),
        (
            "2000 octets",
            json!(base64url([7; 2000])),
            "SymmetricTooLong",
        ),
    ] {
        let jwk = json!({"kty": "oct", "k": k});
        table.row(what, reading::<P>(&options, &jwk), expected);
    }
    table.row(
        "no k",
        reading::<P>(&options, &json!({"kty": "oct"})),
        "JwkMemberMissing",
    );
    let public = json!({"kty": "oct", "alg": "RS256", "k": base64url(&secret)});
    table.row(
        "alg RS256",
        reading::<P>(&options, &public),
        "JwkAlgorithmMismatch",
    );
    for alg in ["A256GCM", "A256KW", "dir"] {
        let jwk = json!({"kty": "oct", "alg": alg, "k": base64url(&secret)});
        table.row(
            format!("alg {alg}"),
            reading::<P>(&options, &jwk),
            "JwkAlgorithmUnknown",
        );
    }
    table.check();
}

fn secrets_and_public_keys_do_not_share_a_set<P: Provider>() {
    let (secret, public) = (
        SigningKey::shared(Alg::Hs256),
        SigningKey::shared(Alg::Es256),
    );
    let mut table = Table::default();
    for (what, set) in [
        ("secret first", jwks([secret, public])),
        ("public first", jwks([public, secret])),
    ] {
        let keys = read_local::<P>(&set).unwrap();
        table.row(what, verify(public.mint(&claims()), &keys), "accepted");
        table.row(what, verify(secret.mint(&claims()), &keys), "KeyNotFound");
        table.row(what, keys.skipped()[0].reason.name(), "SymmetricMixed");
        assert_eq!((keys.len(), keys.skipped().len()), (1, 1));
    }
    // Two secrets may share one.
    let other = SigningKey::generate(Alg::Hs256, "other");
    let keys = read_local::<P>(jwks([secret, &other])).unwrap();
    table.row(
        "two secrets",
        verify(other.mint(&claims()), &keys),
        "accepted",
    );
    table.check();
}

fn the_kid_of_a_public_key_never_leads_to_a_secret<P: Provider>() {
    let secret = SigningKey::shared(Alg::Hs256);
    let rsa = SigningKey::shared(Alg::Rs256);
    let token = secret.mint_with(&json!({"kid": rsa.kid()}), &claims());
    assert_eq!(verify(&token, &key_set::<P>(rsa)), "KeyMismatch");
    let mixed = read_local::<P>(jwks([rsa, secret])).unwrap();
    assert_eq!(verify(&token, &mixed), "KeyMismatch");
    assert_eq!(verify(&token, &key_set::<P>(secret)), "KeyNotFound");
}

/// RFC 7518, 3.4: r and s side by side, never DER.
fn der_ecdsa_signatures_are_refused<P: Provider>() {
    for alg in [Alg::Es256, Alg::Es384, Alg::Es512, Alg::Es256K] {
        let key = SigningKey::shared(alg);
        let token = forge::der_signature(key, &claims());
        assert_eq!(
            verify(token, &key_set::<P>(key)),
            "SignatureInvalid",
            "{}",
            alg.name()
        );
    }
}

fn a_secret_verifies_hmac_alone<P: Provider>() {
    let mut table = Table::default();
    for said in Alg::ALL {
        for held in [Alg::Hs256, Alg::Hs384, Alg::Hs512] {
            let key = SigningKey::shared(held);
            let token = SigningKey::shared(said).mint_with(&json!({"kid": key.kid()}), &claims());
            let expected = if said == held {
                "accepted"
            } else {
                "KeyMismatch"
            };
            let what = format!("{} with a secret for {}", said.name(), held.name());
            table.row(what, verify(token, &key_set::<P>(key)), expected);
        }
    }
    table.check();
}
