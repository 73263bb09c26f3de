//! Changes to good tokens, and who may still pass after them.

use jwtverify_core::Algorithm;

use crate::ecdsa::negated;
use crate::{Input, base64, fixed};

/// Whether the text is a token that was signed, or the ECDSA twin of one.
pub fn is_genuine(text: &[u8]) -> bool {
    fixed::TOKENS.iter().any(|token| {
        token.as_bytes() == text || twin(token).is_some_and(|twin| twin.as_bytes() == text)
    })
}

/// The same for a verifier that passes over correct padding. In header and payload the padding
/// is signed as received, so only the signature may have it.
pub fn is_genuine_but_padded(text: &[u8]) -> bool {
    let padding = text
        .iter()
        .rev()
        .take_while(|octet| **octet == b'=')
        .count();
    let signature = text
        .rsplit(|octet| *octet == b'.')
        .next()
        .unwrap_or_default();
    let correct = padding == 0 || signature.len() % 4 == 0;
    correct && padding <= 2 && is_genuine(&text[..text.len() - padding])
}

/// The token with (r, n - s) for (r, s), if it is signed with ECDSA.
pub fn twin(token: &str) -> Option<String> {
    let (input, signature) = token.rsplit_once('.')?;
    let (header, _) = input.split_once('.')?;
    let header: serde_json::Value =
        serde_json::from_slice(&base64::decode(header.as_bytes())?).ok()?;
    let algorithm = Algorithm::from_name(header["alg"].as_str()?)?;
    let signature = negated(algorithm, &base64::decode(signature.as_bytes())?)?;
    Some(format!("{input}.{}", base64::encode(&signature)))
}

/// Changes the text until the input is used up. Some of the changes undo others.
pub fn mutate(mut text: Vec<u8>, input: &mut Input<'_>) -> Vec<u8> {
    let other = fixed::TOKENS[usize::from(input.octet()) % fixed::TOKENS.len()].as_bytes();
    for _ in 0..8 {
        if input.is_empty() || text.is_empty() {
            break;
        }
        let kind = input.octet();
        let at = input.below(text.len());
        let octet = input.octet();
        match kind % 14 {
            0 => text[at] ^= 1 << (octet % 8),
            1 => text[at] = octet,
            2 => text.insert(at, octet),
            3 => drop(text.remove(at)),
            4 => text.insert(at, b'.'),
            5 => text.extend(std::iter::repeat_n(b'=', usize::from(octet % 4))),
            6 => text.truncate(at),
            7 => {
                text[at] = if text[at].is_ascii_lowercase() {
                    text[at].to_ascii_uppercase()
                } else {
                    text[at].to_ascii_lowercase()
                }
            }
            8 => segment(&mut text, other, usize::from(octet % 3)),
            9 => text
                .splice(
                    at..at,
                    input.octets(usize::from(octet % 32)).iter().copied(),
                )
                .for_each(drop),
            10 => decoded(&mut text, usize::from(octet % 3), input),
            11 => text.extend_from_slice(&other[other.len().min(at)..]),
            12 => text.insert(0, octet),
            _ => last_characters(&mut text, usize::from(octet % 3), input.octet()),
        }
    }
    text
}

/// One segment replaced by that of another token.
fn segment(text: &mut Vec<u8>, other: &[u8], which: usize) {
    let mut parts: Vec<Vec<u8>> = split(text);
    if let (Some(part), Some(other)) = (parts.get_mut(which), split(other).get(which)) {
        part.clone_from(other);
    }
    *text = parts.join(&b'.');
}

/// One octet of a decoded segment changed, or one inserted, and encoded again.
fn decoded(text: &mut Vec<u8>, which: usize, input: &mut Input<'_>) {
    let mut parts = split(text);
    let Some(part) = parts.get_mut(which) else {
        return;
    };
    let Some(mut octets) = base64::decode(part) else {
        return;
    };
    let at = input.below(octets.len() + 1);
    match (input.octet(), octets.get_mut(at)) {
        (change, Some(octet)) if change & 1 == 0 => *octet ^= change >> 1 | 1,
        (change, _) => octets.insert(at, change),
    }
    *part = base64::encode(&octets).into_bytes();
    *text = parts.join(&b'.');
}

/// The last character of a segment replaced by another of the alphabet: where only its unused
/// bits change, a lenient decoder reads the same octets.
fn last_characters(text: &mut Vec<u8>, which: usize, octet: u8) {
    let mut parts = split(text);
    if let Some(last) = parts.get_mut(which).and_then(|part| part.last_mut()) {
        *last = base64::encode(&[octet]).as_bytes()[0];
    }
    *text = parts.join(&b'.');
}

fn split(text: &[u8]) -> Vec<Vec<u8>> {
    text.split(|octet| *octet == b'.')
        .map(<[u8]>::to_vec)
        .collect()
}
