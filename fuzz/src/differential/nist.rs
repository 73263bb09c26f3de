//! Cases on a NIST curve: good signatures, nearly good ones, and those whose sums meet one point
//! twice.

use aws_lc_rs::digest::Digest;

use super::curve::Curve;
use super::nist_key::{Key, Known, Nonce, SPECIAL, derived, digest_of, order, x_modulo_order};
use super::numbers::{edge, low, scalar};
use super::slots::Slots;
use super::{Difference, Lane, Outcome, Tables, Verdicts, hex, of_tables};
use crate::Input;
use crate::ecdsa::{add, subtract};
use crate::time::measured;

/// Keys and cases of one curve.
pub struct Nist<C: Curve> {
    nonces: Vec<Nonce<C>>,
    keys: Slots<Key<C>>,
    /// One verdict in so many is compared with RustCrypto's too.
    share: usize,
}

/// What was signed.
enum Signed {
    Message(Vec<u8>),
    Digest(Vec<u8>),
}

struct Case {
    kind: &'static str,
    signed: Signed,
    signature: Vec<u8>,
    valid: Option<bool>,
}

impl<C: Curve> Nist<C> {
    /// So many keys and nonces that depend on a seed; every `share`th verdict is compared with
    /// RustCrypto's too.
    pub fn new(seed: u64, keys: usize, nonces: u64, share: usize) -> Self {
        let small = (1..=nonces / 8).flat_map(|number| {
            let scalar = C::Scalar::from(number);
            [scalar, -scalar]
        });
        let random = (0..nonces).map(|number| derived::<C>("nonce", seed.wrapping_add(number)));
        Self {
            nonces: small.chain(random).filter_map(Nonce::new).collect(),
            keys: Slots::new(seed, keys, SPECIAL),
            share,
        }
    }

    fn case(&self, key: &Key<C>, input: &mut Input<'_>) -> Case {
        match input.octet() % 32 {
            0..=7 => self.honest(key, input),
            8..=9 => self.negated(key, input),
            10..=13 => self.damaged(key, input),
            14..=17 => self.at_the_edges(key, input),
            18 => self.another_length(key, input),
            19..=20 => self.edge_digest(key, input),
            21 => chosen_numbers(key, input).unwrap_or_else(|| self.honest(key, input)),
            22 => points_meet(key, input, true)
                .or_else(|| points_meet(key, input, false))
                .unwrap_or_else(|| self.honest(key, input)),
            23..=27 => points_meet(key, input, false).unwrap_or_else(|| self.honest(key, input)),
            _ => self.known(key, input),
        }
    }

    /// The numbers of a good signature, where the secret is known; else those of a bad one.
    fn signed(
        &self,
        key: &Key<C>,
        signed: &Signed,
        input: &mut Input<'_>,
    ) -> (Vec<u8>, Vec<u8>, Option<bool>) {
        let z = number_of::<C>(signed);
        let nonce = &self.nonces[input.below(self.nonces.len())];
        let secret = key.secret.unwrap_or(nonce.scalar);
        let s = (z + nonce.r * secret) * nonce.inverse;
        // Zero is a chance that special keys, nonces and digests have.
        let valid = C::invert(s).is_some().then_some(key.secret.is_some());
        (C::octets(nonce.r), C::octets(s), valid)
    }

    fn honest(&self, key: &Key<C>, input: &mut Input<'_>) -> Case {
        let signed = message(input);
        let (r, s, valid) = self.signed(key, &signed, input);
        Case {
            kind: "signed",
            signed,
            signature: [r, s].concat(),
            valid,
        }
    }

    fn negated(&self, key: &Key<C>, input: &mut Input<'_>) -> Case {
        let signed = message(input);
        let (r, s, valid) = self.signed(key, &signed, input);
        let s = C::octets(-C::reduce(&s));
        Case {
            kind: "signed, with n - s",
            signed,
            signature: [r, s].concat(),
            valid,
        }
    }

    fn damaged(&self, key: &Key<C>, input: &mut Input<'_>) -> Case {
        let signed = message(input);
        let (r, s, _) = self.signed(key, &signed, input);
        let mut signature = [r, s].concat();
        let signed = match input.octet() % 4 {
            0 => {
                let half = signature.len() / 2;
                signature.rotate_left(half);
                signed
            }
            1 => message(input),
            _ => {
                let at = input.below(signature.len());
                signature[at] ^= 1 << (input.octet() % 8);
                signed
            }
        };
        Case {
            kind: "signed, then damaged",
            signed,
            signature,
            valid: None,
        }
    }

    fn at_the_edges(&self, key: &Key<C>, input: &mut Input<'_>) -> Case {
        let signed = message(input);
        let (mut r, mut s, mut valid) = self.signed(key, &signed, input);
        let kind = match input.octet() % 5 {
            0 => {
                (r, valid) = (edge::<C>(input), None);
                "r at an edge"
            }
            1 => {
                (s, valid) = (edge::<C>(input), None);
                "s at an edge"
            }
            2 => {
                (r, s, valid) = (edge::<C>(input), edge::<C>(input), None);
                "r and s at an edge"
            }
            // On curves without spare bits only small numbers leave room for that.
            3 => match add(&r, &order::<C>()) {
                Some(more) => {
                    (r, valid) = (more, Some(false));
                    "r + n"
                }
                None => "signed",
            },
            _ => match add(&s, &order::<C>()) {
                Some(more) => {
                    (s, valid) = (more, Some(false));
                    "s + n"
                }
                None => "signed",
            },
        };
        Case {
            kind,
            signed,
            signature: [r, s].concat(),
            valid,
        }
    }

    fn another_length(&self, key: &Key<C>, input: &mut Input<'_>) -> Case {
        let signed = message(input);
        let (r, s, _) = self.signed(key, &signed, input);
        let mut signature = [r, s].concat();
        let full = signature.len();
        signature.truncate(input.below(full));
        let more = usize::from(input.octet());
        signature.extend_from_slice(input.octets(more));
        let valid = (signature.len() != full).then_some(false);
        Case {
            kind: "another length",
            signed,
            signature,
            valid,
        }
    }

    fn edge_digest(&self, key: &Key<C>, input: &mut Input<'_>) -> Case {
        let edge = edge::<C>(input);
        let signed = Signed::Digest(edge[C::OCTETS - C::DIGEST..].to_vec());
        let (r, s, valid) = self.signed(key, &signed, input);
        Case {
            kind: "digest at an edge, signed",
            signed,
            signature: [r, s].concat(),
            valid,
        }
    }

    /// The signature that the key was made for, as it is or nearly so.
    fn known(&self, key: &Key<C>, input: &mut Input<'_>) -> Case {
        let Some(Known {
            mut digest,
            mut r,
            mut s,
            valid,
        }) = key.known.clone()
        else {
            return self.honest(key, input);
        };
        let mut valid = Some(valid);
        let kind = match input.octet() % 8 {
            0..=3 => "the key's known signature",
            4 => {
                s = C::octets(-C::reduce(&s));
                "the key's known signature, with n - s"
            }
            5 => {
                let at = input.below(digest.len());
                digest[at] ^= 1 << (input.octet() % 8);
                valid = None;
                "the key's known signature, damaged"
            }
            6 => {
                let one = C::octets(C::Scalar::from(1));
                r = match input.octet() % 2 {
                    0 => add(&r, &one).unwrap_or(one),
                    _ => subtract(&r, &one),
                };
                valid = None;
                "the key's known signature, damaged"
            }
            _ => match add(&r, &order::<C>()) {
                Some(more) => {
                    (r, valid) = (more, Some(false));
                    "the key's known signature, with r + n"
                }
                None => "the key's known signature",
            },
        };
        Case {
            kind,
            signed: Signed::Digest(digest),
            signature: [r, s].concat(),
            valid,
        }
    }

    fn compare(
        &self,
        key: &Key<C>,
        case: &Case,
        with_portable: bool,
    ) -> Result<Outcome, Difference> {
        let signature = case.signature.as_slice();
        let (tables, left, other, portable) = match &case.signed {
            Signed::Message(message) => {
                let (tables, left) = of_tables(&key.tables, C::ALGORITHM, message, signature);
                let other = key.other.verify_sig(message, signature).is_ok();
                let portable = with_portable
                    .then(|| C::portable_verdict(&key.portable, &C::digest(message), signature));
                (tables, left, other, portable)
            }
            Signed::Digest(digest) => {
                let verdict = || C::portable_verdict(&key.portable, digest, signature);
                let tables = measured(|| Tables::tables_verdict(&key.tables, digest, signature));
                let imported = Digest::import_less_safe(digest, C::other_digest());
                let other = key
                    .other
                    .verify_digest_sig(&imported.expect("a digest"), signature)
                    .is_ok();
                let portable = with_portable.then(verdict);
                (
                    tables.unwrap_or_else(verdict),
                    tables.is_none(),
                    other,
                    portable,
                )
            }
        };
        let verdicts = Verdicts {
            tables,
            left,
            other,
            portable,
            known: case.valid,
        };
        verdicts.outcome(case.kind, || {
            let signed = match &case.signed {
                Signed::Message(message) => format!("message {}", hex(message)),
                Signed::Digest(digest) => format!("digest {}", hex(digest)),
            };
            let (name, key) = (C::ALGORITHM.name(), hex(&key.encoded));
            format!("{name}\nkey {key}\n{signed}\nsignature {}", hex(signature))
        })
    }
}

impl<C: Curve> Lane for Nist<C> {
    fn name(&self) -> &'static str {
        C::ALGORITHM.name()
    }

    fn round(&mut self, input: &mut Input<'_>) -> Result<Outcome, Difference> {
        let slot = input.below(self.keys.len());
        let with_portable = input.below(self.share) == 0;
        let nonces = &self.nonces;
        let key = self.keys.take(slot, |number| Key::new(number, nonces));
        let case = self.case(&key, input);
        let outcome = self.compare(&key, &case, with_portable);
        self.keys.put(slot, key);
        outcome
    }

    fn renew_a_key(&mut self) {
        self.keys.renew();
    }
}

fn message(input: &mut Input<'_>) -> Signed {
    let length = usize::from(input.octet()) / 4;
    Signed::Message(input.octets(length).to_vec())
}

fn number_of<C: Curve>(signed: &Signed) -> C::Scalar {
    match signed {
        Signed::Message(message) => C::reduce(&C::digest(message)),
        Signed::Digest(digest) => C::reduce(digest),
    }
}

/// A good signature whose `u1` and `u2` are chosen.
fn chosen_numbers<C: Curve>(key: &Key<C>, input: &mut Input<'_>) -> Option<Case> {
    let u1 = match input.octet() % 4 {
        0 => C::Scalar::from(0),
        _ => scalar::<C>(input),
    };
    numbers_signed(key, u1, scalar::<C>(input), "u1 and u2 chosen, signed")
}

/// The signature whose sum is `u1*G + u2*Q`; it is good. `None` where no digest leads there.
fn numbers_signed<C: Curve>(
    key: &Key<C>,
    u1: C::Scalar,
    u2: C::Scalar,
    kind: &'static str,
) -> Option<Case> {
    let r = x_modulo_order::<C>(C::of_generator(u1 + u2 * key.secret?))?;
    let s = r * C::invert(u2)?;
    let digest = digest_of::<C>(u1 * s)?;
    let valid = Some(C::invert(r).is_some());
    let signature = [C::octets(r), C::octets(s)].concat();
    Some(Case {
        kind,
        signed: Signed::Digest(digest),
        signature,
        valid,
    })
}

/// A sum that comes, before some digit of `u2`, to the very entry that the digit stands for or to
/// its negative. As a good signature, or with any `r` at all, where the message is free.
fn points_meet<C: Curve>(key: &Key<C>, input: &mut Input<'_>, good: bool) -> Option<Case> {
    let secret = key.secret?;
    let u2 = scalar::<C>(input);
    let width = input.one_of(&[5, 6, 6, 7]);
    let place = width * input.below(C::BITS / width + 1);
    let before = low::<C>(u2, place);
    let digit = low::<C>(u2, place + width) - before;
    let (met, kind) = match (input.octet() % 2, good) {
        (0, true) => (digit, "sums meet a point, signed"),
        (0, false) => (digit, "sums meet a point"),
        (_, true) => (-digit, "sums meet its negative, signed"),
        (_, false) => (-digit, "sums meet its negative"),
    };
    let u1 = (met - before) * secret;
    if good {
        return numbers_signed(key, u1, u2, kind);
    }
    let signed = message(input);
    let s = number_of::<C>(&signed) * C::invert(u1)?;
    let signature = [C::octets(u2 * s), C::octets(s)].concat();
    Some(Case {
        kind,
        signed,
        signature,
        valid: None,
    })
}
