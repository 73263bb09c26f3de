//! RSA: moduli of all sizes, and whichever exponents core lets through.

use jwtverify_core::{Algorithm, KeyMaterial};
use jwtverify_tests::{Alg, SigningKey};
use serde_json::Value;

use crate::integers::{add, small, sub};
use crate::{LENGTHS, Pair, random};

/// What `rsa_keys.json` has signed with each key.
const MESSAGE: &[u8] = b"one message for every key";

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
];

fn base64url(text: &Value) -> Vec<u8> {
    use base64ct::Encoding;
    base64ct::Base64UrlUnpadded::decode_vec(text.as_str().unwrap()).unwrap()
}

/// Keys of odd sizes and exponents, each with signatures, made by a program of a few lines in
/// Python with nothing but its integers.
fn keys() -> Vec<Value> {
    serde_json::from_str(include_str!("../../data/rsa_keys.json")).unwrap()
}

fn pair(modulus: &[u8], exponent: u64) -> Pair {
    Pair::prepare(&KeyMaterial::Rsa { modulus, exponent }).unwrap()
}

#[test]
fn signatures_and_what_becomes_of_them() {
    let signer = SigningKey::shared(Alg::Rs256);
    let modulus = base64url(&signer.bare_jwk()["n"]);
    let key = pair(&modulus, 65_537);
    for alg in Alg::ALL {
        let algorithm = Algorithm::from_name(alg.name()).unwrap();
        if !ALGORITHMS.contains(&algorithm) {
            continue;
        }
        for len in LENGTHS {
            let message = random(len);
            assert!(key.accepts(algorithm, &message, &signer.sign_as(alg, &message)));
        }
        let message = random(684);
        key.check_damage(algorithm, &message, &signer.sign_as(alg, &message));
    }
}

#[test]
fn moduli_and_exponents_at_every_edge() {
    let keys = keys();
    assert_eq!(keys.len(), 11);
    for key in &keys {
        let (bits, exponent) = (&key["bits"], key["e"].as_u64().unwrap());
        let modulus = base64url(&key["n"]);
        let pair = pair(&modulus, exponent);
        let mut accepted = 0;
        for (name, signature) in key["signatures"].as_object().unwrap() {
            let signature = base64url(signature);
            for algorithm in ALGORITHMS {
                // The salt that is too short is part of the name: no algorithm is called so.
                let good = algorithm.name() == name;
                let verdict = pair.accepts(algorithm, MESSAGE, &signature);
                assert_eq!(
                    verdict, good,
                    "{bits} bits, {exponent}, {name} as {algorithm}"
                );
                accepted += u32::from(verdict);
            }
            for algorithm in [Algorithm::Rs256, Algorithm::Ps512] {
                check_numbers(&pair, algorithm, &modulus, &signature);
            }
        }
        assert_eq!(accepted, 4);
    }
}

/// Signatures that are not below the modulus, and the fixed points of the exponentiation.
fn check_numbers(pair: &Pair, algorithm: Algorithm, modulus: &[u8], signature: &[u8]) {
    let len = modulus.len();
    let one = small(1, len);
    let mut numbers = vec![
        small(0, len),
        one.clone(),
        small(2, len),
        sub(modulus, &one),
        modulus.to_vec(),
        add(modulus, &one).0,
        vec![0xff; len],
        sub(modulus, signature),
        random(len),
    ];
    // The same number modulo the modulus, where it fits into as many octets.
    let (again, overflow) = add(modulus, signature);
    if !overflow {
        numbers.push(again);
    }
    for number in numbers {
        assert!(!pair.accepts(algorithm, MESSAGE, &number));
    }
    for place in (0..len).step_by(101).chain([len - 1]) {
        let mut bent = signature.to_vec();
        bent[place] ^= 1 << (place % 8);
        assert!(!pair.accepts(algorithm, MESSAGE, &bent));
    }
    for wrong in [
        signature[1..].to_vec(),
        signature[..len - 1].to_vec(),
        [&[0], signature].concat(),
        [signature, &[0]].concat(),
        vec![],
    ] {
        assert!(!pair.accepts(algorithm, MESSAGE, &wrong));
    }
}

/// Core looks at size, parity and exponent alone: a modulus may be any odd number.
#[test]
fn moduli_that_are_no_product_of_primes() {
    for len in [256, 257, 300, 512, 1024] {
        for exponent in [3, 5, 35, 65_537, (1 << 32) + 1, (1 << 33) - 1] {
            let mut modulus = random(len);
            modulus[0] |= if len == 256 { 0x80 } else { 1 };
            modulus[len - 1] |= 1;
            let pair = pair(&modulus, exponent);
            for algorithm in [Algorithm::Rs256, Algorithm::Ps512] {
                check_numbers(&pair, algorithm, &modulus, &small(3, len));
            }
        }
    }
    for modulus in [vec![0xff; 256], vec![0xff; 1024]] {
        let pair = pair(&modulus, 3);
        check_numbers(&pair, Algorithm::Rs256, &modulus, &small(1, modulus.len()));
    }
}
