//! ES256K, RFC 8812: ECDSA on secp256k1 with SHA-256.

mod common;

use common::{Table, claims, key_set, now, open_policy, outcome, per_provider, read};
use jwtverify_core::{KeySet, Provider};
use jwtverify_tests::{Alg, SigningKey, base64url, jwks};
use serde_json::{Value, json};

per_provider!(
    both_signs_of_s_are_accepted_on_every_curve,
    r_and_s_are_in_range,
    es256_and_es256k_are_never_confused,
    keys_of_one_kid_are_told_apart_by_their_curve,
);

/// The orders of the groups, SEC 2, 2.4.1, and FIPS 186-4, D.1.2.
const ORDERS: [(Alg, &str); 4] = [
    (
        Alg::Es256K,
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    ),
    (
        Alg::Es256,
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    ),
    (
        Alg::Es384,
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    ),
    (
        Alg::Es512,
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    ),
];

fn hex(text: &str) -> Vec<u8> {
    let octet = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(octet).collect()
}

/// a - b of big-endian numbers of one length; a is not smaller.
fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    assert_eq!(a.len(), b.len());
    let mut borrow = 0;
    let mut digits: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(&a, &b)| {
            let difference = i16::from(a) - i16::from(b) - borrow;
            borrow = i16::from(difference < 0);
            u8::try_from(difference.rem_euclid(256)).unwrap()
        })
        .collect();
    assert_eq!(borrow, 0);
    digits.reverse();
    digits
}

fn verify<P: Provider>(token: impl AsRef<[u8]>, keys: &KeySet<P>) -> String {
    outcome(open_policy().build().unwrap().verify(token, keys, now()))
}

fn input(key: &SigningKey) -> String {
    let (header, claims) = (key.header().to_string(), claims().to_string());
    format!("{}.{}", base64url(header), base64url(claims))
}

/// JOSE has no rule about the sign of `s`, though Bitcoin has one: whoever signs may choose.
fn both_signs_of_s_are_accepted_on_every_curve<P: Provider>() {
    let mut table = Table::default();
    for (alg, order) in ORDERS {
        let (key, order) = (SigningKey::shared(alg), hex(order));
        let keys = key_set::<P>(key);
        let input = input(key);
        // Several, so that whichever sign the signer prefers there are both.
        for _ in 0..8 {
            let signature = key.sign(input.as_bytes());
            let (r, s) = signature.split_at(signature.len() / 2);
            let other = minus(&order, s);
            assert_ne!(s > other.as_slice(), other.as_slice() > s);
            for s in [s, &other] {
                let token = format!("{input}.{}", base64url([r, s].concat()));
                table.row(alg.name(), verify(token, &keys), "accepted");
            }
        }
    }
    table.check();
}

/// SEC 1, 4.1.4: r and s lie between 1 and n - 1.
fn r_and_s_are_in_range<P: Provider>() {
    let mut table = Table::default();
    for (alg, order) in ORDERS {
        let (key, order) = (SigningKey::shared(alg), hex(order));
        let keys = key_set::<P>(key);
        let input = input(key);
        let signature = key.sign(input.as_bytes());
        let (r, s) = signature.split_at(signature.len() / 2);
        let zero = vec![0; s.len()];
        let ones = vec![0xff; s.len()];
        for (what, r, s) in [
            ("r = 0", zero.as_slice(), s),
            ("s = 0", r, zero.as_slice()),
            ("both 0", &zero, &zero),
            ("r = n", &order, s),
            ("s = n", r, &order),
            ("r all ones", &ones, s),
            ("s all ones", r, &ones),
            ("exchanged", s, r),
        ] {
            let token = format!("{input}.{}", base64url([r, s].concat()));
            let what = format!("{} {what}", alg.name());
            table.row(what, verify(token, &keys), "SignatureInvalid");
        }
    }
    table.check();
}

/// Lengths and digest of the two are alike; the curve is not.
fn es256_and_es256k_are_never_confused<P: Provider>() {
    let mut table = Table::default();
    for (held, said) in [(Alg::Es256, Alg::Es256K), (Alg::Es256K, Alg::Es256)] {
        let key = SigningKey::shared(held);
        let other = SigningKey::shared(said);
        let what = format!("{} with a key for {}", said.name(), held.name());
        let mut unbound = key.bare_jwk();
        unbound["kid"] = json!(key.kid());
        let unbound = read::<P>(unbound.to_string()).unwrap();
        for keys in [&key_set::<P>(key), &unbound] {
            let token = other.mint_with(&json!({"kid": key.kid()}), &claims());
            table.row(&what, verify(token, keys), "KeyMismatch");
            let token = key.mint_with(&json!({"alg": said.name()}), &claims());
            table.row(format!("{what}, said"), verify(token, keys), "KeyMismatch");
            let token = other.mint_with(&json!({"kid": null}), &claims());
            table.row(
                format!("{what}, no kid"),
                verify(token, keys),
                "KeyNoneFits",
            );
            let token = other.mint_with(&json!({"kid": key.kid(), "alg": held.name()}), &claims());
            table.row(
                format!("{what}, relabelled"),
                verify(token, keys),
                "SignatureInvalid",
            );
        }
    }
    for (curve, alg) in [("secp256k1", "ES256"), ("P-256", "ES256K")] {
        let alg_of_curve = if curve == "P-256" {
            Alg::Es256
        } else {
            Alg::Es256K
        };
        let mut jwk: Value = SigningKey::shared(alg_of_curve).jwk();
        jwk["alg"] = json!(alg);
        let refused = read::<P>(jwk.to_string()).err().unwrap();
        let reason = refused.skipped[0].reason.name();
        table.row(format!("{curve} for {alg}"), reason, "JwkAlgorithmMismatch");
    }
    table.check();
}

fn keys_of_one_kid_are_told_apart_by_their_curve<P: Provider>() {
    let own = [Alg::Es256, Alg::Es256K].map(|alg| SigningKey::generate(alg, "one"));
    let keys = read::<P>(jwks(&own)).unwrap();
    assert_eq!((keys.len(), keys.warnings().len()), (2, 0));
    for key in &own {
        assert_eq!(verify(key.mint(&claims()), &keys), "accepted");
    }
}
