//! Symmetric secrets: long enough, and not the text of somebody's public key.

use super::material::Wiped;
use crate::algorithm::AlgorithmSet;
use crate::base64url;
use crate::error::Error;
use crate::json::{self, Names};
use crate::limits::MAX_SECRET_BYTES;

/// Checks a secret and returns which of `algorithms` it is good for.
pub(super) fn check(
    secret: &[u8],
    algorithms: AlgorithmSet,
    allow_weak: bool,
) -> Result<AlgorithmSet, Error> {
    if looks_public(secret) {
        return Err(Error::SymmetricLooksPublic);
    }
    // RFC 7518 section 3.2: at least as long as the digest.
    let fits = |len: usize| (allow_weak && !secret.is_empty()) || secret.len() >= len;
    let strong: AlgorithmSet = algorithms
        .iter()
        .filter(|algorithm| algorithm.digest().is_some_and(|digest| fits(digest.len())))
        .collect();
    if strong.is_empty() {
        let octets = u32::try_from(secret.len()).unwrap_or(u32::MAX);
        return Err(Error::SymmetricTooShort(octets));
    }
    Ok(strong)
}

/// Whether the secret is a key in one of the encodings that public keys are passed around in.
///
/// Whoever configures a public key as a secret lets everybody sign (CVE-2015-9235 and the many
/// after it). The list holds what attackers were seen to use: as it is, as base64, and as hex.
fn looks_public(secret: &[u8]) -> bool {
    if is_key(secret) {
        return true;
    }
    let mut text = Wiped([0; MAX_SECRET_BYTES]);
    let mut decoded = Wiped([0; MAX_SECRET_BYTES]);
    let Some(text) = without_space(secret, &mut text.0) else {
        return false;
    };
    from_base64(text, &mut decoded.0).is_some_and(is_key)
        || from_hex(text, &mut decoded.0).is_some_and(is_key)
}

/// Whether these octets are a key as they stand.
fn is_key(octets: &[u8]) -> bool {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    let text = octets.strip_prefix(BYTE_ORDER_MARK).unwrap_or(octets);
    is_pem(text) || is_ssh(text) || is_json(text.trim_ascii()) || is_der(octets)
}

/// PEM (RFC 7468) or the public-key file of RFC 4716, with anything before it.
fn is_pem(text: &[u8]) -> bool {
    contains(text, b"-----BEGIN") || contains(text, b"---- BEGIN")
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}

/// A line of an ssh key file or of `known_hosts`, or the blob in it (RFC 4253 section 6.6): all
/// of them name the type of the key.
fn is_ssh(text: &[u8]) -> bool {
    let names = [
        &b"ssh-rsa"[..],
        b"ssh-ed25519",
        b"ssh-dss",
        b"ecdsa-sha2-",
        b"sk-ssh-",
        b"sk-ecdsa-",
    ];
    names.iter().any(|name| contains(text, name))
}

/// A JWK or JWKS: JSON that names a `kty`. Read leniently, since a secret that is nearly a JWK
/// is no better.
fn is_json(text: &[u8]) -> bool {
    let object = json::members(text, &mut Names::in_buffer(&mut []), |_, _, _| {}).is_ok();
    let looks = matches!(text, [b'{', .., b'}'] | [b'[', .., b']']);
    object || (looks && contains(text, b"\"kty\""))
}

/// SubjectPublicKeyInfo (RFC 5280 section 4.1) or RSAPublicKey (RFC 8017 appendix A.1.1): one
/// DER sequence that fills the secret and starts with a sequence or an integer.
fn is_der(secret: &[u8]) -> bool {
    let Some((body_len, header_len)) = der_sequence(secret) else {
        return false;
    };
    let first = secret.get(header_len).copied();
    header_len.checked_add(body_len) == Some(secret.len()) && matches!(first, Some(0x30 | 0x02))
}

/// The length of the body and of the header of a DER sequence.
fn der_sequence(der: &[u8]) -> Option<(usize, usize)> {
    let (tag, rest) = der.split_first()?;
    if *tag != 0x30 {
        return None;
    }
    match *rest.first()? {
        len @ 0..=0x7f => Some((usize::from(len), 2)),
        0x81 => Some((usize::from(*rest.get(1)?), 3)),
        0x82 => {
            let (high, low) = (usize::from(*rest.get(1)?), usize::from(*rest.get(2)?));
            Some(((high << 8) | low, 4))
        }
        _ => None,
    }
}

/// The text without ASCII white space; `None` if there is something that is no printable ASCII.
fn without_space<'b>(text: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let mut len: usize = 0;
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        if !byte.is_ascii_graphic() {
            return None;
        }
        *buffer.get_mut(len)? = *byte;
        len = len.checked_add(1)?;
    }
    // The standard alphabet becomes the one of URLs.
    let text = buffer.get_mut(..len)?;
    for byte in text.iter_mut() {
        *byte = match *byte {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        };
    }
    Some(text)
}

/// What the text stands for as base64, with padding or without. What follows the last whole group
/// of four characters may be anything.
fn from_base64<'b>(text: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let text = text
        .strip_suffix(b"==")
        .or_else(|| text.strip_suffix(b"="))
        .unwrap_or(text);
    let groups = text.get(..text.len().saturating_sub(text.len() % 4))?;
    let whole = base64url::decode_secret(text, buffer).is_ok();
    let len = base64url::decoded_len(if whole { text.len() } else { groups.len() });
    if !whole {
        base64url::decode_secret(groups, buffer).ok()?;
    }
    buffer.get(..len)
}

/// What the text stands for as hexadecimal.
fn from_hex<'b>(text: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let (pairs, rest) = text.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    for (octet, [high, low]) in buffer.iter_mut().zip(pairs) {
        let value = digit(high)?.checked_mul(16)?.checked_add(digit(low)?)?;
        *octet = u8::try_from(value).ok()?;
    }
    buffer.get(..pairs.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::Algorithm;

    fn hmac() -> AlgorithmSet {
        AlgorithmSet::from([Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512])
    }

    #[test]
    fn rfc7518_3_2_a_secret_is_as_long_as_the_digest() {
        for (octets, expected) in [
            (31, Err(Error::SymmetricTooShort(31))),
            (32, Ok(1)),
            (47, Ok(1)),
            (48, Ok(2)),
            (64, Ok(3)),
            (200, Ok(3)),
        ] {
            let secret = std::vec![0x5a; octets];
            let count = check(&secret, hmac(), false).map(|set| set.iter().count());
            assert_eq!(count, expected, "{octets}");
        }
        assert_eq!(check(b"short", hmac(), true), Ok(hmac()));
        assert_eq!(check(b"", hmac(), true), Err(Error::SymmetricTooShort(0)));
    }

    #[test]
    fn cve_2022_29217_public_keys_are_no_secrets() {
        let spki: &[u8] = &[&[0x30, 0x2a, 0x30, 0x05][..], &[7; 40]].concat();
        for secret in [
            &b"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"[..],
            b"\xef\xbb\xbf  -----BEGIN RSA PUBLIC KEY-----",
            b"x-----BEGIN CERTIFICATE-----",
            b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ== someone@host",
            b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPL1I9oiq",
            b"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY",
            b"host.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
            br#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
            br#" {"keys": [{"kty": "EC"}]} "#,
            br#"[{"kty":"RSA"}]"#,
            spki,
            b"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            b"MCowBQYDK2VwAyEAGb9ECWmEzf6FQb\nrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n",
            b"302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
            b"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----",
            b"AAAAC3NzaC1lZDI1NTE5AAAAIPL1I9oiq+B8crkmuV4YViiUnhdLjCp3hvy1bNGuGfNL",
            b"LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUlJQgotLS0tLUVORCBQVUJMSUMgS0VZLS0tLS0K",
            b"eyJrdHkiOiJSU0EiLCJuIjoiQVFBQiIsImUiOiJBUUFCIn0",
        ] {
            let text = std::string::String::from_utf8_lossy(secret);
            assert_eq!(
                check(secret, hmac(), true),
                Err(Error::SymmetricLooksPublic),
                "{text}"
            );
        }
    }

    #[test]
    fn random_secrets_are_not_mistaken_for_keys() {
        for secret in [
            &[0x30; 64][..],
            b"MIIBpretty-random-looking-secret-of-some-length-0123456789",
            b"{not json, but a fine secret all the same, long enough}",
            b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            b"LS0tLWFsbW9zdC1hLVBFTS1idXQtbm90LXF1aXRlLWVub3VnaC0tLS0tLS0",
            b"sshhh: this is a secret with enough octets for all of them, yes",
        ] {
            assert!(check(secret, hmac(), false).is_ok());
        }
    }
}
