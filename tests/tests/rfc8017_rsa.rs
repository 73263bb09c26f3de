//! RFC 8017: RSA verification against two other implementations, on signatures that no honest
//! signer makes. The test holds the private key, so that it can sign any encoded message.

use std::convert::Infallible;
use std::sync::LazyLock;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{self as lc, RsaParameters};
use jwtverify_core::{Algorithm, Error, Key, RustCrypto, verify_signature};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::sha2::{Digest, Sha256, Sha384, Sha512};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, RsaPrivateKey};

const MESSAGE: &[u8] = b"eyJhbGciOiJQUzI1NiJ9.e30";

/// Numbers for test keys: the same in every run.
struct Repeatable(u64);

impl TryRng for Repeatable {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| (number >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let digest = Sha256::digest(self.0.to_be_bytes());
        self.0 += 1;
        Ok(u64::from_be_bytes(digest[..8].try_into().unwrap()))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        for chunk in octets.chunks_mut(8) {
            let random = self.try_next_u64()?.to_be_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Repeatable {}

/// One algorithm in the three implementations.
#[derive(Clone, Copy)]
struct Scheme {
    algorithm: Algorithm,
    aws_lc: &'static RsaParameters,
    digest: fn(&[u8]) -> Vec<u8>,
    reference: fn(&RsaPrivateKey, &[u8]) -> bool,
}

fn digest<D: Digest>(octets: &[u8]) -> Vec<u8> {
    D::digest(octets).to_vec()
}

macro_rules! schemes {
    ($($name:ident $digest:ident $aws_lc:ident $scheme:expr;)+) => {
        [$(Scheme {
            algorithm: Algorithm::$name,
            aws_lc: &lc::$aws_lc,
            digest: digest::<$digest>,
            reference: |key, signature| {
                let digest = $digest::digest(MESSAGE);
                key.to_public_key().verify($scheme, &digest, signature).is_ok()
            },
        },)+]
    };
}

const PKCS1: [Scheme; 3] = schemes! {
    Rs256 Sha256 RSA_PKCS1_2048_8192_SHA256 Pkcs1v15Sign::new::<Sha256>();
    Rs384 Sha384 RSA_PKCS1_2048_8192_SHA384 Pkcs1v15Sign::new::<Sha384>();
    Rs512 Sha512 RSA_PKCS1_2048_8192_SHA512 Pkcs1v15Sign::new::<Sha512>();
};
const PSS: [Scheme; 3] = schemes! {
    Ps256 Sha256 RSA_PSS_2048_8192_SHA256 Pss::<Sha256>::new_with_salt(32);
    Ps384 Sha384 RSA_PSS_2048_8192_SHA384 Pss::<Sha384>::new_with_salt(48);
    Ps512 Sha512 RSA_PSS_2048_8192_SHA512 Pss::<Sha512>::new_with_salt(64);
};

struct Signer {
    private: RsaPrivateKey,
    key: Key<RustCrypto>,
    n: Vec<u8>,
    e: Vec<u8>,
    bits: usize,
}

impl Signer {
    fn new(bits: usize, exponent: u64) -> Self {
        let mut random = Repeatable(bits as u64);
        let private = RsaPrivateKey::new_with_exp(&mut random, bits, exponent.into()).unwrap();
        let shortest = |number: &BoxedUint| {
            let octets = number.to_be_bytes();
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            octets[zeros..].to_vec()
        };
        let (n, e) = (shortest(private.n().as_ref()), shortest(private.e()));
        assert_eq!(private.n().as_ref().bits() as usize, bits);
        let key = Key::from_rsa(&n, &e).unwrap();
        Self {
            private,
            key,
            n,
            e,
            bits,
        }
    }

    /// The signature of an encoded message, whatever it is, as long as the modulus.
    fn sign(&self, encoded: &[u8]) -> Vec<u8> {
        let precision = self.private.n().as_ref().bits_precision();
        let mut octets = vec![0; precision.div_ceil(8) as usize - encoded.len()];
        octets.extend(encoded);
        let encoded = BoxedUint::from_be_slice(&octets, precision).unwrap();
        let signature =
            rsa::hazmat::rsa_decrypt::<Repeatable>(None, &self.private, &encoded).unwrap();
        let signature = signature.to_be_bytes();
        signature[signature.len() - self.n.len()..].to_vec()
    }

    /// The verdict of the three, which must be the one expected.
    #[track_caller]
    fn check(&self, scheme: Scheme, signature: &[u8], expected: bool, what: &str) {
        let ours = verify_signature(scheme.algorithm, &self.key, MESSAGE, signature);
        let reference = (scheme.reference)(&self.private, signature);
        let (n, e) = (&self.n, &self.e);
        let components = PublicKeyComponents { n, e };
        let aws_lc = components.verify(scheme.aws_lc, MESSAGE, signature).is_ok();
        let name = format!("{} bits, {}: {what}", self.bits, scheme.algorithm);
        assert_eq!(ours.is_ok(), expected, "{name}");
        assert!(ours.is_ok() || ours.err() == Some(Error::SignatureInvalid));
        assert_eq!(reference, expected, "the rsa crate, {name}");
        assert_eq!(aws_lc, expected, "aws-lc, {name}");
    }

    /// Numbers that are no signature of anything, and signatures of another length.
    fn check_numbers(&self, scheme: Scheme, good: &[u8]) {
        let len = self.n.len();
        let number = |low: u8| [vec![0; len - 1], vec![low]].concat();
        let mut n_minus_1 = self.n.clone();
        n_minus_1[len - 1] -= 1;
        for (what, signature) in [
            ("0", number(0)),
            ("1", number(1)),
            ("2", number(2)),
            ("n - 1", n_minus_1),
            ("n", self.n.clone()),
            ("all ones", vec![0xff; len]),
            ("no octets", Vec::new()),
            ("one octet less", good[1..].to_vec()),
            ("the last octet cut off", good[..len - 1].to_vec()),
            ("a zero in front", [&[0], good].concat()),
            ("a zero behind", [good, &[0]].concat()),
        ] {
            self.check(scheme, &signature, false, what);
        }
        if let Some(sum) = self.plus_n(good) {
            self.check(scheme, &sum, false, "s + n");
        }
        for bit in (0..len * 8).step_by(97) {
            let mut flipped = good.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            self.check(scheme, &flipped, false, "a flipped bit");
        }
    }

    /// The same number modulo n, if it still has the length of the modulus.
    fn plus_n(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let mut carry = 0;
        let mut sum: Vec<u8> = Vec::new();
        for (a, b) in signature.iter().zip(&self.n).rev() {
            let octet = u16::from(*a) + u16::from(*b) + carry;
            sum.push(octet as u8);
            carry = octet >> 8;
        }
        sum.reverse();
        (carry == 0).then_some(sum)
    }
}

/// Moduli whose length in bits is a multiple of 8, one more, and one less; a small exponent and
/// the largest. To make keys takes seconds, so it is done once.
static SIGNERS: LazyLock<Vec<Signer>> = LazyLock::new(|| {
    [
        (2048, 65537),
        (2049, 3),
        (2055, 65537),
        (3072, 0x1_ffff_ffff),
    ]
    .map(|(bits, exponent)| Signer::new(bits, exponent))
    .into()
});

/// EMSA-PKCS1-v1_5: 00 01, the padding, 00, the DigestInfo.
fn pkcs1(len: usize, info: &[u8]) -> Vec<u8> {
    let padding = vec![0xff; len - info.len() - 3];
    [&[0, 1], &padding[..], &[0], info].concat()
}

fn digest_info(digest: &[u8], with_null: bool) -> Vec<u8> {
    let (oid, len) = match digest.len() {
        32 => (1, 0x20),
        48 => (2, 0x30),
        _ => (3, 0x40),
    };
    let oid = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, oid];
    let null: &[u8] = if with_null { &[5, 0] } else { &[] };
    let algorithm = [&[0x30, (oid.len() + null.len()) as u8], &oid[..], null].concat();
    let body = [&algorithm[..], &[4, len], digest].concat();
    [&[0x30, body.len() as u8], &body[..]].concat()
}

#[test]
fn pkcs1_encodings_that_are_not_exact_are_refused() {
    for signer in &*SIGNERS {
        for scheme in PKCS1 {
            let digest = (scheme.digest)(MESSAGE);
            let info = digest_info(&digest, true);
            let len = signer.n.len();
            let good = pkcs1(len, &info);
            let signature = signer.sign(&good);
            signer.check(scheme, &signature, true, "as RFC 8017 has it");
            signer.check_numbers(scheme, &signature);

            let set = |place: usize, octet: u8| {
                let mut encoded = good.clone();
                encoded[place] = octet;
                encoded
            };
            let separator = len - info.len() - 1;
            let shorter = |cut: usize, more: &[u8]| [&good[..2], &good[2 + cut..], more].concat();
            let mut other_digest = digest.clone();
            other_digest[0] ^= 1;
            let eight = [&[0, 1][..], &[0xff; 8], &[0], &info].concat();
            let garbage = vec![0x5a; len - eight.len()];
            for (what, encoded) in [
                ("block type 0", set(1, 0)),
                ("block type 2", set(1, 2)),
                ("a zero among the padding", set(9, 0)),
                ("another octet among the padding", set(9, 0xfe)),
                ("the last octet of the padding", set(separator - 1, 0xfe)),
                ("no separator", set(separator, 0xff)),
                ("an earlier separator", set(separator - 1, 0)),
                ("one octet behind", shorter(1, &[0])),
                ("many octets behind", [&eight[..], &garbage].concat()),
                (
                    "garbage in the middle",
                    [&eight[..10], &[0], &garbage, &info].concat(),
                ),
                ("without NULL", pkcs1(len, &digest_info(&digest, false))),
                ("without DigestInfo", pkcs1(len, &digest)),
                (
                    "another digest",
                    pkcs1(len, &digest_info(&other_digest, true)),
                ),
                (
                    "a digest of another length",
                    pkcs1(len, &digest_info(&[7; 48], true)),
                ),
                (
                    "the wrong length in the DigestInfo",
                    set(len - digest.len() - 1, 0x21),
                ),
                ("the OID of another digest", set(len - digest.len() - 5, 9)),
            ] {
                assert_eq!(encoded.len(), len, "{what}");
                signer.check(scheme, &signer.sign(&encoded), false, what);
            }
        }
    }
}

/// What is done to an encoding on its way.
type Change<'f> = &'f dyn Fn(&mut Vec<u8>);

/// EMSA-PSS (RFC 8017 section 9.1.1) with changes: `block` sees DB before the mask, `encoded` the
/// whole after it.
struct PssForger<'f> {
    salt_len: usize,
    block: Change<'f>,
    encoded: Change<'f>,
}

impl PssForger<'_> {
    fn encode(&self, digest: fn(&[u8]) -> Vec<u8>, modulus_bits: usize) -> Vec<u8> {
        let hash = digest(MESSAGE);
        let bits = modulus_bits - 1;
        let len = bits.div_ceil(8);
        let salt = vec![0xa5; self.salt_len];
        let h = digest(&[&[0; 8][..], &hash, &salt].concat());
        let mut block = vec![0; len - self.salt_len - h.len() - 2];
        block.push(1);
        block.extend(&salt);
        (self.block)(&mut block);
        let counters = (0..block.len().div_ceil(h.len())).map(|counter| counter as u32);
        let mask = counters.flat_map(|counter| digest(&[&h[..], &counter.to_be_bytes()].concat()));
        block
            .iter_mut()
            .zip(mask)
            .for_each(|(octet, mask)| *octet ^= mask);
        block[0] &= 0xff >> (len * 8 - bits);
        let mut encoded = [block, h, vec![0xbc]].concat();
        (self.encoded)(&mut encoded);
        encoded
    }
}

#[test]
fn pss_encodings_that_are_not_exact_are_refused() {
    for signer in &*SIGNERS {
        for scheme in PSS {
            let salt_len = (scheme.digest)(b"").len();
            let honest = PssForger {
                salt_len,
                block: &|_| {},
                encoded: &|_| {},
            };
            let encode = |forger: PssForger<'_>| {
                let encoded = forger.encode(scheme.digest, signer.bits);
                signer.sign(&encoded)
            };
            let good = encode(PssForger { ..honest });
            signer.check(scheme, &good, true, "as RFC 8017 has it");
            signer.check_numbers(scheme, &good);

            for salt_len in [0, 1, salt_len - 1, salt_len + 1] {
                let forged = encode(PssForger { salt_len, ..honest });
                signer.check(scheme, &forged, false, "a salt of another length");
            }
            let one = move |block: &Vec<u8>| block.len() - salt_len - 1;
            let blocks: [(&str, Change<'_>); 5] = [
                ("01 is 02", &move |block| {
                    let place = one(block);
                    block[place] = 2;
                }),
                ("01 is 00", &move |block| {
                    let place = one(block);
                    block[place] = 0;
                }),
                ("no zero before 01", &move |block| {
                    let place = one(block);
                    block[place - 1] = 1;
                }),
                ("no zeros at the start", &|block| block[1] = 0x80),
                ("another salt", &|block| *block.last_mut().unwrap() ^= 1),
            ];
            for (what, block) in blocks {
                signer.check(scheme, &encode(PssForger { block, ..honest }), false, what);
            }
            let unused = (signer.bits - 1).next_multiple_of(8) - (signer.bits - 1);
            let top_bit = move |encoded: &mut Vec<u8>| match unused {
                // The octet in front of the encoding, which is not part of it.
                0 => encoded.insert(0, 1),
                unused => encoded[0] |= 0x80 >> (unused - 1),
            };
            let wholes: [(&str, Change<'_>); 3] = [
                ("the trailer is cc", &|encoded| {
                    *encoded.last_mut().unwrap() = 0xcc;
                }),
                ("the hash", &|encoded| {
                    let place = encoded.len() - 2;
                    encoded[place] ^= 1;
                }),
                ("a bit above the encoding", &top_bit),
            ];
            for (what, encoded) in wholes {
                let encoded = PssForger { encoded, ..honest }.encode(scheme.digest, signer.bits);
                let below_n = [vec![0; signer.n.len() - encoded.len()], encoded.clone()].concat();
                if below_n < signer.n {
                    signer.check(scheme, &signer.sign(&encoded), false, what);
                } else {
                    assert_eq!(what, "a bit above the encoding");
                }
            }
        }
    }
}
