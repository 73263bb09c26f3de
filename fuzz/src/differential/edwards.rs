//! Cases of Ed25519: good signatures, parts of small order in the key and in `R`, encodings that
//! are not canonical, and nearly good signatures.

use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{EdwardsPoint, Scalar};
use jwtverify_core::{Algorithm, KeyMaterial, Provider, RustCrypto};
use sha2::{Digest, Sha512};

use super::slots::Slots;
use super::{Difference, Lane, Outcome, Tables, Verdicts, hex, of_tables};
use crate::Input;
use crate::ed25519::ORDER;

/// So many of the first numbers stand for special keys.
const SPECIAL: u64 = 48;

/// Keys and cases of Ed25519.
pub struct Edwards {
    nonces: Vec<Nonce>,
    keys: Slots<Key>,
    /// One verdict in so many is compared with RustCrypto's too.
    share: usize,
}

struct Nonce {
    scalar: Scalar,
    point: EdwardsPoint,
}

struct Key {
    /// The scalar, and the part of small order; not known of keys that are octets only.
    secret: Option<(Scalar, EdwardsPoint)>,
    encoded: [u8; 32],
    /// `None` for octets that are no key: then no other library may be of another mind.
    prepared: Option<Prepared>,
}

struct Prepared {
    tables: <Tables as Provider>::Key,
    portable: <RustCrypto as Provider>::Key,
    other: ParsedPublicKey,
}

struct Case {
    kind: &'static str,
    message: Vec<u8>,
    signature: Vec<u8>,
    valid: Option<bool>,
}

impl Edwards {
    /// So many keys and nonces that depend on a seed; every `share`th verdict is compared with
    /// RustCrypto's too.
    pub fn new(seed: u64, keys: usize, nonces: u64, share: usize) -> Self {
        let small = (0..=nonces / 8).flat_map(|number| {
            let scalar = Scalar::from(number);
            [scalar, -scalar]
        });
        let random = (0..nonces).map(|number| derived("nonce", seed.wrapping_add(number)));
        let nonce = |scalar| Nonce {
            scalar,
            point: EdwardsPoint::mul_base(&scalar),
        };
        Self {
            nonces: small.chain(random).map(nonce).collect(),
            keys: Slots::new(seed, keys, SPECIAL),
            share,
        }
    }

    fn case(&self, key: &Key, input: &mut Input<'_>) -> Case {
        match input.octet() % 16 {
            0..=5 => self.honest(key, input),
            6..=7 => self.small_parts(key, input),
            8..=9 => self.small_r(key, input),
            10..=11 => self.another_s(key, input),
            12..=14 => self.damaged(key, input),
            _ => self.another_length(key, input),
        }
    }

    fn nonce(&self, input: &mut Input<'_>) -> &Nonce {
        &self.nonces[input.below(self.nonces.len())]
    }

    fn honest(&self, key: &Key, input: &mut Input<'_>) -> Case {
        let message = message(input);
        let nonce = self.nonce(input);
        let r = nonce.point.compress().to_bytes();
        let signature = sign(key, &message, nonce.scalar, &r);
        // With a part of small order in the key it depends on the message.
        let pure = key.secret.is_some_and(|(_, part)| part.is_identity());
        let valid = pure.then_some(!nonce.point.is_small_order());
        Case {
            kind: "signed",
            message,
            signature,
            valid,
        }
    }

    /// `R` with a part of small order, which makes up for the key's where that can be.
    fn small_parts(&self, key: &Key, input: &mut Input<'_>) -> Case {
        let message = message(input);
        let nonce = self.nonce(input);
        let part = key.secret.map_or(EIGHT_TORSION[0], |(_, part)| part);
        let start = usize::from(input.octet());
        let fits = (0..8)
            .map(|more| EIGHT_TORSION[(start + more) % 8])
            .find(|in_r| {
                let r = (nonce.point + in_r).compress().to_bytes();
                let times = hash(&r, &key.encoded, &message).as_bytes()[0] % 8;
                (0..times).fold(*in_r, |sum, _| sum + part).is_identity()
            });
        let small = nonce.point.is_small_order();
        let valid = match key.secret {
            Some(_) if fits.is_some() => Some(!small),
            _ => None,
        };
        let in_r = fits.unwrap_or(EIGHT_TORSION[start % 8]);
        let r = (nonce.point + in_r).compress().to_bytes();
        let signature = sign(key, &message, nonce.scalar, &r);
        Case {
            kind: "signed, with parts of small order",
            message,
            signature,
            valid,
        }
    }

    /// `R` of small order, or in an encoding that is not canonical, or no point: the equation may
    /// hold of the point, and the signature is bad all the same.
    fn small_r(&self, key: &Key, input: &mut Input<'_>) -> Case {
        let message = message(input);
        let mut r = match input.octet() % 3 {
            0 => EIGHT_TORSION[usize::from(input.octet() % 8)]
                .compress()
                .to_bytes(),
            1 => beyond_the_prime(input.octet()),
            _ => small_number(input.octet()),
        };
        if input.octet() % 4 == 0 {
            r[31] ^= 0x80;
        }
        let signature = sign(key, &message, Scalar::ZERO, &r);
        Case {
            kind: "R small or not canonical",
            message,
            signature,
            valid: None,
        }
    }

    fn another_s(&self, key: &Key, input: &mut Input<'_>) -> Case {
        let message = message(input);
        let nonce = self.nonce(input);
        let r = nonce.point.compress().to_bytes();
        let mut signature = sign(key, &message, nonce.scalar, &r);
        let half = &mut signature[32..];
        let mut valid = Some(false);
        match input.octet() % 4 {
            0 => plus_order(half),
            1 => half[31] |= 0xe0 & input.octet() | 0x20,
            2 => {
                let again = usize::from(input.octet() % 14);
                (0..=again).for_each(|_| plus_order(half));
            }
            _ => {
                let mut edge = match input.octet() % 4 {
                    0 => [0; 32],
                    1 => ORDER,
                    2 => [0xff; 32],
                    _ => {
                        let mut power = [0; 32];
                        power[usize::from(input.octet() % 32)] = 1 << (input.octet() % 8);
                        power
                    }
                };
                edge[0] = edge[0].wrapping_add(input.octet() % 4).wrapping_sub(2);
                half.copy_from_slice(&edge);
                valid = None;
            }
        }
        Case {
            kind: "S not below the order, or at an edge",
            message,
            signature,
            valid,
        }
    }

    fn damaged(&self, key: &Key, input: &mut Input<'_>) -> Case {
        let message_signed = message(input);
        let nonce = self.nonce(input);
        let r = nonce.point.compress().to_bytes();
        let mut signature = sign(key, &message_signed, nonce.scalar, &r);
        let message = match input.octet() % 4 {
            0 => message(input),
            _ => {
                let at = input.below(64);
                signature[at] ^= 1 << (input.octet() % 8);
                message_signed
            }
        };
        Case {
            kind: "signed, then damaged",
            message,
            signature,
            valid: None,
        }
    }

    fn another_length(&self, key: &Key, input: &mut Input<'_>) -> Case {
        let message = message(input);
        let nonce = self.nonce(input);
        let mut signature = sign(
            key,
            &message,
            nonce.scalar,
            &nonce.point.compress().to_bytes(),
        );
        signature.truncate(input.below(64));
        let more = usize::from(input.octet());
        signature.extend_from_slice(input.octets(more));
        let valid = (signature.len() != 64).then_some(false);
        Case {
            kind: "another length",
            message,
            signature,
            valid,
        }
    }
}

impl Lane for Edwards {
    fn name(&self) -> &'static str {
        "EdDSA"
    }

    fn round(&mut self, input: &mut Input<'_>) -> Result<Outcome, Difference> {
        let slot = input.below(self.keys.len());
        let with_portable = input.below(self.share) == 0;
        let key = self.keys.take(slot, Key::new);
        let case = self.case(&key, input);
        let outcome = compare(&key, &case, with_portable);
        self.keys.put(slot, key);
        outcome
    }

    fn renew_a_key(&mut self) {
        self.keys.renew();
    }
}

fn compare(key: &Key, case: &Case, with_portable: bool) -> Result<Outcome, Difference> {
    let (message, signature) = (case.message.as_slice(), case.signature.as_slice());
    let algorithm = Algorithm::EdDsa;
    let Some(prepared) = &key.prepared else {
        // Both must find that it is no key; which of the libraries says so first is no matter.
        return Ok(Outcome {
            kind: "octets that are no key",
            comparisons: 0,
            valid: false,
            left: false,
        });
    };
    let (tables, left) = of_tables(&prepared.tables, algorithm, message, signature);
    // Stricter in one thing: AWS-LC takes an R of small order.
    let other = prepared.other.verify_sig(message, signature).is_ok() && !has_small_r(signature);
    let portable = with_portable
        .then(|| RustCrypto::verify(&prepared.portable, algorithm, message, signature).is_ok());
    let verdicts = Verdicts {
        tables,
        left,
        other,
        portable,
        known: case.valid,
    };
    verdicts.outcome(case.kind, || {
        let key = hex(&key.encoded);
        format!(
            "EdDSA\nkey {key}\nmessage {}\nsignature {}",
            hex(message),
            hex(signature)
        )
    })
}

impl Key {
    /// The key of a number; the same one each time.
    fn new(number: u64) -> Self {
        let octet = number.to_le_bytes()[0];
        let (secret, encoded) = match number {
            // Small scalars, with every part of small order.
            0..16 => {
                let scalar = Scalar::from(1 + number / 8);
                of_secret(scalar, number)
            }
            16..20 => of_secret(-Scalar::from(number - 15), 0),
            // All encodings that are not canonical, and some points whose secret nobody knows.
            20..39 => (None, beyond_the_prime(octet - 20)),
            39..SPECIAL => (None, small_number(octet)),
            _ => of_secret(
                derived("key", number),
                if number % 4 == 0 { number / 4 } else { 0 },
            ),
        };
        let material = KeyMaterial::Ed25519 { point: &encoded };
        let prepared = Tables::prepare(&material).ok().and_then(|tables| {
            let portable = RustCrypto::prepare(&material).ok()?;
            let other = ParsedPublicKey::new(&ED25519, encoded).ok()?;
            // Octets that are not canonical get no tables.
            let _ = Tables::warm(&tables);
            Some(Prepared {
                tables,
                portable,
                other,
            })
        });
        assert!(
            secret.is_none() || prepared.is_some(),
            "a key: {}",
            hex(&encoded)
        );
        Self {
            secret,
            encoded,
            prepared,
        }
    }
}

fn of_secret(scalar: Scalar, part: u64) -> (Option<(Scalar, EdwardsPoint)>, [u8; 32]) {
    let part = EIGHT_TORSION[usize::try_from(part % 8).expect("below eight")];
    let point = EdwardsPoint::mul_base(&scalar) + part;
    (Some((scalar, part)), point.compress().to_bytes())
}

/// `S` for a nonce and an `R`, whichever that is.
fn sign(key: &Key, message: &[u8], nonce: Scalar, r: &[u8; 32]) -> Vec<u8> {
    let scalar = key.secret.map_or(Scalar::ONE, |(scalar, _)| scalar);
    let s = nonce + hash(r, &key.encoded, message) * scalar;
    [*r, s.to_bytes()].concat()
}

fn hash(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new()
        .chain_update(r)
        .chain_update(key)
        .chain_update(message)
        .finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

fn derived(purpose: &str, number: u64) -> Scalar {
    let hash = Sha512::new()
        .chain_update("Ed25519")
        .chain_update(purpose)
        .chain_update(number.to_be_bytes())
        .finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

/// The prime, or one of the 18 numbers above it that fit in 255 bits.
fn beyond_the_prime(more: u8) -> [u8; 32] {
    let mut number = [0xff; 32];
    (number[0], number[31]) = (0xed + more % 19, 0x7f);
    number
}

fn small_number(number: u8) -> [u8; 32] {
    let mut octets = [0; 32];
    octets[0] = number;
    octets
}

/// More by the order, modulo what fits.
fn plus_order(number: &mut [u8]) {
    number.iter_mut().zip(ORDER).fold(0, |carry, (octet, add)| {
        let sum = u16::from(*octet) + u16::from(add) + carry;
        *octet = sum.to_le_bytes()[0];
        sum >> 8
    });
}

/// Whether R is a point of small order, in whatever encoding.
fn has_small_r(signature: &[u8]) -> bool {
    let r = signature
        .get(..32)
        .and_then(|r| CompressedEdwardsY::from_slice(r).ok());
    r.and_then(|r| r.decompress())
        .is_some_and(|r| r.is_small_order())
}

fn message(input: &mut Input<'_>) -> Vec<u8> {
    let length = usize::from(input.octet()) / 4;
    input.octets(length).to_vec()
}
