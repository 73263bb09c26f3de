//! Signatures: ECDSA as `r` and `s`, Ed25519, RSA PKCS#1 v1.5, RSA-PSS, ML-DSA.

use jwtverify_core::{Algorithm, Error, Key, Provider, verify_signature};
use jwtverify_tests::{base64url, vectors};
use serde_json::{Value, json};

use crate::common::per_provider;
use crate::suite::{Owed, Reader, Suite, hex, jwk_of, rsa_jwk};

per_provider!(
    ecdsa_p1363,
    ecdsa_with_the_digest_of_another_algorithm,
    ed25519,
    rsa_pkcs1,
    rsa_pss,
    rsa_pss_that_is_not_jose,
    ml_dsa,
);

fn verify<P: Provider>(
    key: Result<&Key<P>, Error>,
    algorithm: Algorithm,
    test: &Value,
) -> Result<(), Error> {
    verify_signature(algorithm, key?, &hex(&test["msg"]), &hex(&test["sig"])).map(drop)
}

fn run<P: Provider>(name: &str, algorithm: Algorithm) {
    let mut keys = Reader::<P>::new();
    Suite::of_crate(name).run((0, 0), |group, test| {
        let key = keys.read(jwk_of(group));
        (Owed::AsListed, verify(key, algorithm, test))
    });
}

fn ecdsa_p1363<P: Provider>() {
    for (name, algorithm) in [
        ("ecdsa_secp256r1_sha256_p1363_test.json", Algorithm::Es256),
        ("ecdsa_secp384r1_sha384_p1363_test.json", Algorithm::Es384),
        ("ecdsa_secp521r1_sha512_p1363_test.json", Algorithm::Es512),
        ("ecdsa_secp256k1_sha256_p1363_test.json", Algorithm::Es256K),
    ] {
        run::<P>(name, algorithm);
    }
}

/// JOSE binds the digest to the curve (RFC 7518, 3.4).
fn ecdsa_with_the_digest_of_another_algorithm<P: Provider>() {
    for (name, algorithm, valid) in [
        (
            "ecdsa_secp256r1_sha512_p1363_test.json",
            Algorithm::Es256,
            242,
        ),
        (
            "ecdsa_secp384r1_sha512_p1363_test.json",
            Algorithm::Es384,
            230,
        ),
        (
            "ecdsa_secp256k1_sha512_p1363_test.json",
            Algorithm::Es256K,
            236,
        ),
    ] {
        let mut keys = Reader::<P>::new();
        Suite::of_crate(name).run((valid, 0), |group, test| {
            let key = keys.read(jwk_of(group));
            let owed = Owed::Refused("SHA-512 on a curve that goes with another digest");
            (owed, verify(key, algorithm, test))
        });
    }
}

fn ed25519<P: Provider>() {
    run::<P>("ed25519_test.json", Algorithm::EdDsa);
    run::<P>("ed25519_test.json", Algorithm::Ed25519);
}

fn rsa_pkcs1<P: Provider>() {
    for bits in [2048, 3072, 4096, 8192] {
        for (digest, algorithm) in [
            (256, Algorithm::Rs256),
            (384, Algorithm::Rs384),
            (512, Algorithm::Rs512),
        ] {
            run::<P>(
                &format!("rsa_signature_{bits}_sha{digest}_test.json"),
                algorithm,
            );
        }
    }
}

fn rsa_pss<P: Provider>() {
    for (name, algorithm) in [
        ("rsa_pss_2048_sha256_mgf1_32_test.json", Algorithm::Ps256),
        ("rsa_pss_2048_sha384_mgf1_48_test.json", Algorithm::Ps384),
        ("rsa_pss_3072_sha256_mgf1_32_test.json", Algorithm::Ps256),
        ("rsa_pss_4096_sha256_mgf1_32_test.json", Algorithm::Ps256),
        ("rsa_pss_4096_sha384_mgf1_48_test.json", Algorithm::Ps384),
        ("rsa_pss_4096_sha512_mgf1_64_test.json", Algorithm::Ps512),
    ] {
        run::<P>(name, algorithm);
    }
}

/// The files about other salts, digests and masks; each with how many of its tests the list calls
/// valid and JOSE does not, or the other way round.
const NOT_JOSE: [(&str, usize); 12] = [
    ("rsa_pss_2048_sha1_mgf1_20_test.json", 42),
    ("rsa_pss_2048_sha256_mgf1_0_test.json", 62),
    ("rsa_pss_2048_sha256_mgf1sha1_20_test.json", 63),
    ("rsa_pss_2048_sha512_224_mgf1_28_test.json", 53),
    ("rsa_pss_2048_sha512_256_mgf1_32_test.json", 69),
    ("rsa_pss_2048_shake128_test.json", 69),
    ("rsa_pss_2048_shake256_test.json", 138),
    ("rsa_pss_3072_shake128_test.json", 69),
    ("rsa_pss_3072_shake256_test.json", 138),
    ("rsa_pss_4096_sha512_mgf1_32_test.json", 132),
    ("rsa_pss_4096_shake256_test.json", 138),
    ("rsa_pss_misc_test.json", 147),
];

/// RFC 7518, 3.5: the salt is as long as the digest, and MGF1 uses the same one. Each signature is
/// put to all three algorithms.
fn rsa_pss_that_is_not_jose<P: Provider>() {
    for (name, inverted) in NOT_JOSE {
        let mut keys = Reader::<P>::new();
        Suite::of_crate(name).run((inverted, 0), |group, test| {
            let key = keys.read(rsa_jwk(&group["publicKey"]));
            let by = |algorithm| verify(key, algorithm, test);
            let result = by(Algorithm::Ps256)
                .or_else(|_| by(Algorithm::Ps384))
                .or_else(|_| by(Algorithm::Ps512));
            let salt = match group["sha"].as_str().unwrap() {
                "SHA-256" => Some(32),
                "SHA-384" => Some(48),
                "SHA-512" => Some(64),
                _ => None,
            };
            let is_jose = group["mgf"] == "MGF1"
                && group["mgfSha"] == group["sha"]
                && group["sLen"].as_u64() == salt;
            let owed = match test["comment"].as_str().unwrap() {
                _ if is_jose => Owed::AsListed,
                "s_len changed to 32" if group["mgfSha"] == "SHA-256" && salt == Some(32) => {
                    Owed::Accepted("changed from no salt to that of PS256")
                }
                _ => Owed::Refused("a salt, digest or mask that JOSE does not have"),
            };
            (owed, result)
        });
    }
}

/// RFC 9964: the context is empty, and `pub` has the length of the set.
fn ml_dsa<P: Provider>() {
    for (name, algorithm) in [
        ("mldsa_44_verify_test.json", Algorithm::MlDsa44),
        ("mldsa_65_verify_test.json", Algorithm::MlDsa65),
        ("mldsa_87_verify_test.json", Algorithm::MlDsa87),
    ] {
        let mut unread = 0;
        let mut keys = Reader::<P>::new();
        // Two tests of each file have a context and a signature that is good with it.
        Suite::of_crate(name).run((2, 0), |group, test| {
            let public = base64url(hex(&group["publicKey"]));
            let jwk = json!({"kty": "AKP", "alg": algorithm.name(), "pub": public});
            let key = keys.read(jwk);
            if let Err(error) = key {
                assert_eq!(error, Error::AkpKeyLength);
                unread += 1;
            }
            let owed = match test["ctx"].as_str() {
                Some(context) if !context.is_empty() => Owed::Refused("a context"),
                _ => Owed::AsListed,
            };
            (owed, verify(key, algorithm, test))
        });
        vectors::announce(&format!("{name}: {unread} with a key of another length"));
        assert!(unread > 0, "{name}");
    }
}
