//! ECDSA on the three NIST curves.

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use jwtverify_core::{Algorithm, Curve, Error, KeyMaterial};
use jwtverify_tests::{Alg, SigningKey};

use crate::integers::{add, add_mod, negated, small, sub};
use crate::{LENGTHS, Pair, random, unhex};

/// A curve of SP 800-186: the field's prime, the order, and the base point.
struct Domain {
    curve: Curve,
    algorithm: Algorithm,
    signer: Alg,
    digest: &'static digest::Algorithm,
    p: Vec<u8>,
    n: Vec<u8>,
    x: Vec<u8>,
    y: Vec<u8>,
}

fn domains() -> [Domain; 3] {
    [
        Domain {
            curve: Curve::P256,
            algorithm: Algorithm::Es256,
            signer: Alg::Es256,
            digest: &SHA256,
            p: unhex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
            n: unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
            x: unhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
            y: unhex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
        },
        Domain {
            curve: Curve::P384,
            algorithm: Algorithm::Es384,
            signer: Alg::Es384,
            digest: &SHA384,
            p: unhex(concat!(
                "ffffffffffffffffffffffffffffffffffffffffffffffff",
                "fffffffffffffffeffffffff0000000000000000ffffffff",
            )),
            n: unhex(concat!(
                "ffffffffffffffffffffffffffffffffffffffffffffffff",
                "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
            )),
            x: unhex(concat!(
                "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b98",
                "59f741e082542a385502f25dbf55296c3a545e3872760ab7",
            )),
            y: unhex(concat!(
                "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147c",
                "e9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
            )),
        },
        Domain {
            curve: Curve::P521,
            algorithm: Algorithm::Es512,
            signer: Alg::Es512,
            digest: &SHA512,
            p: [&[1], [0xff; 65].as_slice()].concat(),
            n: unhex(concat!(
                "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
            )),
            x: unhex(concat!(
                "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3d",
                "baa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
            )),
            y: unhex(concat!(
                "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e66",
                "2c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
            )),
        },
    ]
}

impl Domain {
    fn key(&self, x: &[u8], y: &[u8]) -> Result<Pair, Error> {
        let curve = self.curve;
        Pair::prepare(&KeyMaterial::Ec { curve, x, y })
    }

    fn key_of(&self, signer: &SigningKey) -> Pair {
        let (x, y) = signer.raw_public()[1..].split_at(self.x.len());
        self.key(x, y).unwrap()
    }

    /// The digest of a message as an integer below the order.
    fn z(&self, message: &[u8]) -> Vec<u8> {
        let digest = digest::digest(self.digest, message);
        let mut z = vec![0; self.n.len() - digest.as_ref().len()];
        z.extend_from_slice(digest.as_ref());
        if z >= self.n { sub(&z, &self.n) } else { z }
    }
}

#[test]
fn signatures_and_what_becomes_of_them() {
    for domain in domains() {
        let signer = SigningKey::generate(domain.signer, "a");
        let (key, stranger) = (
            domain.key_of(&signer),
            SigningKey::generate(domain.signer, "b"),
        );
        for len in LENGTHS {
            let message = random(len);
            assert!(key.accepts(domain.algorithm, &message, &signer.sign(&message)));
            assert!(!key.accepts(domain.algorithm, &message, &stranger.sign(&message)));
        }
        let message = random(684);
        key.check_damage(domain.algorithm, &message, &signer.sign(&message));
        for _ in 0..10 {
            let noise = random(2 * domain.n.len());
            assert!(!key.accepts(domain.algorithm, &message, &noise));
        }
    }
}

#[test]
fn r_and_s_at_every_edge() {
    for domain in domains() {
        let signer = SigningKey::generate(domain.signer, "a");
        let key = domain.key_of(&signer);
        let message = random(100);
        let signature = signer.sign(&message);
        let (n, p, len) = (&domain.n, &domain.p, domain.n.len());
        let (r, s) = signature.split_at(len);
        let z = domain.z(&message);
        let plus = |a: &[u8], b: &[u8]| add(a, b).0;
        let edges = [
            small(0, len),
            small(1, len),
            small(2, len),
            sub(n, &small(2, len)),
            sub(n, &small(1, len)),
            n.clone(),
            plus(n, &small(1, len)),
            sub(p, &small(1, len)),
            p.clone(),
            plus(p, &small(1, len)),
            vec![0xff; len],
            vec![0x80; len],
            domain.x.clone(),
            r.to_vec(),
            s.to_vec(),
            negated(r, n),
            negated(s, n),
            // On P-521 these fit: the same numbers modulo the order.
            plus(r, n),
            plus(s, n),
            negated(&z, n),
            z,
        ];
        let mut accepted = Vec::new();
        for r in &edges {
            for s in &edges {
                let signature = [r.as_slice(), s].concat();
                if key.accepts(domain.algorithm, &message, &signature) {
                    accepted.push(signature);
                }
            }
        }
        // ECDSA is malleable, and RFC 7518 does not forbid it.
        let negative = [r, &negated(s, n)].concat();
        assert_eq!(
            accepted,
            [signature.clone(), negative],
            "{:?}",
            domain.curve
        );
    }
}

/// With the base point or its negative as the key, and the base point as the nonce, signatures
/// can be made without any multiplication; and so can sums that are the point at infinity.
#[test]
fn keys_and_sums_that_are_special_points() {
    for domain in domains() {
        let (n, len) = (&domain.n, domain.n.len());
        let base = domain.key(&domain.x, &domain.y).unwrap();
        let minus = domain
            .key(&domain.x, &negated(&domain.y, &domain.p))
            .unwrap();
        let r = if domain.x >= *n {
            sub(&domain.x, n)
        } else {
            domain.x.clone()
        };
        for _ in 0..4 {
            let message = random(40);
            let z = domain.z(&message);
            let verdict = |key: &Pair, r: &[u8], s: &[u8]| {
                key.accepts(domain.algorithm, &message, &[r, s].concat())
            };
            // s = z + r·d: the sum is the base point again, by way of a difference or a sum.
            let plus = add_mod(&z, &r, n);
            let difference = add_mod(&z, &negated(&r, n), n);
            assert!(verdict(&base, &r, &plus));
            assert!(verdict(&minus, &r, &difference));
            assert!(!verdict(&base, &r, &difference));
            assert!(!verdict(&minus, &r, &plus));
            for s in [
                small(1, len),
                small(2, len),
                sub(n, &small(1, len)),
                random(len),
            ] {
                // z·G + r·Q with r = -z, then with r = z: infinity for one of the keys, and a
                // doubling for the other.
                for r in [negated(&z, n), z.clone()] {
                    assert!(!verdict(&base, &r, &s));
                    assert!(!verdict(&minus, &r, &s));
                }
            }
        }
    }
}

#[test]
fn points_that_are_no_key() {
    for domain in domains() {
        let (p, len) = (&domain.p, domain.p.len());
        let one = small(1, len);
        let refused = |x: &[u8], y: &[u8]| {
            assert_eq!(
                domain.key(x, y).err(),
                Some(Error::EcPoint),
                "{:?}",
                domain.curve
            );
        };
        let edges = [
            small(0, len),
            one.clone(),
            sub(p, &one),
            p.clone(),
            add(p, &one).0,
            vec![0xff; len],
        ];
        for edge in &edges {
            refused(edge, &domain.y);
            refused(&domain.x, edge);
            refused(edge, edge);
        }
        refused(&domain.y, &domain.x);
        // The same point with coordinates that are not reduced, where they fit.
        let (x, y) = (add(&domain.x, p), add(&domain.y, p));
        if !x.1 {
            refused(&x.0, &domain.y);
            refused(&domain.x, &y.0);
        }
        for place in 0..len {
            let mut bent = domain.x.clone();
            bent[place] ^= 1 << (place % 8);
            refused(&bent, &domain.y);
            let mut bent = domain.y.clone();
            bent[place] ^= 1 << (place % 8);
            refused(&domain.x, &bent);
        }
        for _ in 0..50 {
            refused(&random(len), &random(len));
        }
    }
}
