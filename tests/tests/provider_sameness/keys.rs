//! Which keys are the same.

use jwtverify_core::{Curve, KeyMaterial};
use jwtverify_tests::{Alg, SigningKey};

use crate::Pair;

#[test]
fn both_say_which_keys_are_the_same() {
    let signers = [Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa].map(|alg| {
        [
            SigningKey::generate(alg, "a"),
            SigningKey::generate(alg, "b"),
        ]
    });
    let moduli = [[0xff; 256], {
        let mut other = [0xff; 256];
        other[9] = 7;
        other
    }];
    let longest = [0xa5; 200];
    let mut materials = Vec::new();
    for signer in signers.iter().flatten() {
        let public = signer.raw_public();
        materials.push(match signer.alg() {
            Alg::EdDsa => KeyMaterial::Ed25519 {
                point: public.try_into().unwrap(),
            },
            alg => {
                let (x, y) = public[1..].split_at(public.len() / 2);
                let curve = match alg {
                    Alg::Es256 => Curve::P256,
                    Alg::Es384 => Curve::P384,
                    _ => Curve::P521,
                };
                KeyMaterial::Ec { curve, x, y }
            }
        });
    }
    for modulus in &moduli {
        for exponent in [3, 65_537, (1 << 32) + 1] {
            materials.push(KeyMaterial::Rsa { modulus, exponent });
        }
    }
    for secret in [b"secret".as_slice(), b"Secret", &longest, &longest[1..]] {
        materials.push(KeyMaterial::Symmetric { secret });
    }
    let prepared = || -> Vec<Pair> {
        let pairs = materials.iter().map(Pair::prepare);
        pairs.collect::<Result<_, _>>().unwrap()
    };
    let (left, right) = (prepared(), prepared());
    assert_eq!(left.len(), 18);
    for (i, a) in left.iter().enumerate() {
        for (j, b) in right.iter().enumerate() {
            assert_eq!(a.is(b), i == j, "{i} {j}");
        }
    }
}

/// HMAC fills a short secret up with zeros, so these two verify alike.
#[test]
fn secrets_that_give_the_same_tags_are_the_same() {
    let of = |secret| Pair::prepare(&KeyMaterial::Symmetric { secret }).unwrap();
    assert!(of(b"secret").is(&of(b"secret\0")));
    assert!(!of(b"secret").is(&of(b"\0secret")));
}

/// Secrets that agree under one digest and not under another: the blocks of SHA-256 have 64 octets,
/// those of SHA-512 128.
#[test]
fn secrets_that_give_the_same_tags_with_one_digest_alone_are_not_the_same() {
    let of = |secret: &[u8]| Pair::prepare(&KeyMaterial::Symmetric { secret }).unwrap();
    let block = [b'A'; 64];
    let longer = [&block[..], b"\0"].concat();
    assert!(!of(&block).is(&of(&longer)));
    let long = [b'A'; 129];
    let hashed = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, &long);
    assert!(!of(&long).is(&of(hashed.as_ref())));
}
