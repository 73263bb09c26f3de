//! Strict base64url without padding (RFC 4648 section 5, RFC 7515 section 2).

use base64ct::{Base64UrlUnpadded, Encoding};

/// How many octets `encoded` characters stand for; the size of the buffer for [`decode`].
pub(crate) const fn decoded_len(encoded: usize) -> usize {
    let quarters = encoded / 4;
    let rest = match encoded % 4 {
        2 => 1,
        3 => 2,
        _ => 0,
    };
    quarters.saturating_mul(3).saturating_add(rest)
}

/// The text is not canonical base64url: a foreign character, a wrong length, or bits set that no
/// octet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotBase64Url;

/// Decodes into the start of `buffer` and returns the part that was filled.
///
/// Exactly one text decodes to given octets: no padding, no white space, and the unused bits of
/// the last character are zero. Fails as well when `buffer` is shorter than [`decoded_len`].
///
/// Looks characters up in a table, which takes a tenth of the time of constant time. Which half of
/// the table is read can be seen by who shares the processor's cache: one bit a character at most.
/// For tokens, which their senders know, and never for the secrets that sign them.
pub(crate) fn decode<'b>(text: &[u8], buffer: &'b mut [u8]) -> Result<&'b [u8], NotBase64Url> {
    let octets = buffer
        .get_mut(..decoded_len(text.len()))
        .ok_or(NotBase64Url)?;
    // All bits of all characters: a foreign one sets bits that the alphabet leaves zero.
    let mut seen = 0;
    let (text, octets_left) = decode_steps(text, octets, &mut seen);
    let (groups, rest) = text.as_chunks::<4>();
    let (triples, tail) = octets_left.as_chunks_mut::<3>();
    for (group, triple) in groups.iter().zip(triples) {
        let [a, b, c, d] = group.map(sextet);
        seen |= a | b | c | d;
        *triple = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    }
    let unused = match (rest, tail) {
        ([], []) => 0,
        ([a, b], [first]) => {
            let (a, b) = (sextet(*a), sextet(*b));
            seen |= a | b;
            *first = a << 2 | b >> 4;
            b << 4
        }
        ([a, b, c], [first, second]) => {
            let (a, b, c) = (sextet(*a), sextet(*b), sextet(*c));
            seen |= a | b | c;
            (*first, *second) = (a << 2 | b >> 4, b << 4 | c >> 2);
            c << 6
        }
        _ => return Err(NotBase64Url),
    };
    if seen < FOREIGN && unused == 0 {
        Ok(octets)
    } else {
        Err(NotBase64Url)
    }
}

/// As many steps of 16 characters as there are; what is left of both is returned.
///
/// Without the table: the compiler makes vector instructions of arithmetic, sixteen characters in
/// each. Only where there are such instructions; elsewhere the table is faster and smaller.
fn decode_steps<'t, 'b>(
    text: &'t [u8],
    octets: &'b mut [u8],
    seen: &mut u8,
) -> (&'t [u8], &'b mut [u8]) {
    if !cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        return (text, octets);
    }
    let (steps, text) = text.as_chunks::<16>();
    let (twelves, octets) = split_steps(octets, steps.len());
    let mut foreign = [0u8; 16];
    for (step, twelve) in steps.iter().zip(twelves) {
        let mut sextets = [0; 16];
        for ((sextet, character), foreign) in sextets.iter_mut().zip(step).zip(&mut foreign) {
            let shift = shift(*character);
            *foreign |= if shift == 0 { FOREIGN } else { 0 };
            *sextet = character.wrapping_add(shift);
        }
        if let ([first, last], []) = sextets.as_chunks::<8>() {
            let first = join(u64::from_le_bytes(*first));
            let last = join(u64::from_le_bytes(*last));
            let octets = u128::from(first) << 48 | u128::from(last);
            let [_, _, _, _, octets @ ..] = octets.to_be_bytes();
            *twelve = octets;
        }
    }
    *seen |= foreign.iter().fold(0, |seen, foreign| seen | foreign);
    (text, octets)
}

/// The octets in so many twelves, and the rest. There are as many: each stands for 16 characters.
fn split_steps(octets: &mut [u8], steps: usize) -> (&mut [[u8; 12]], &mut [u8]) {
    let end = steps.saturating_mul(12).min(octets.len());
    let (twelves, rest) = octets.split_at_mut(end);
    (twelves.as_chunks_mut().0, rest)
}

/// Eight times six bits, the first in the lowest octet, as one number of 48 bits.
const fn join(sextets: u64) -> u64 {
    // Two become one of 12 bits, two of those one of 24, and so on; the first is always on top.
    let twelves = (sextets & 0x003f_003f_003f_003f) << 6 | sextets >> 8 & 0x003f_003f_003f_003f;
    let twenty_fours =
        (twelves & 0x0000_0fff_0000_0fff) << 12 | twelves >> 16 & 0x0000_0fff_0000_0fff;
    (twenty_fours & 0x00ff_ffff) << 24 | twenty_fours >> 32
}

/// What is added to a character to get its six bits; 0 for a foreign one.
const fn shift(character: u8) -> u8 {
    /// What leads from the first character of a range to its six bits, within the range; else 0.
    const fn within(character: u8, first: u8, last: u8, sextet: u8) -> u8 {
        let inside = character.wrapping_sub(first) <= last.wrapping_sub(first);
        if inside {
            sextet.wrapping_sub(first)
        } else {
            0
        }
    }
    within(character, b'A', b'Z', 0)
        | within(character, b'a', b'z', 26)
        | within(character, b'0', b'9', 52)
        | within(character, b'-', b'-', 62)
        | within(character, b'_', b'_', 63)
}

/// [`decode`] in time that does not depend on the characters: for secrets.
pub(crate) fn decode_secret<'b>(
    text: &[u8],
    buffer: &'b mut [u8],
) -> Result<&'b [u8], NotBase64Url> {
    Base64UrlUnpadded::decode(text, buffer).map_err(|_| NotBase64Url)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What stands for a foreign character: more than six bits.
const FOREIGN: u8 = 64;

/// The six bits of each character, or [`FOREIGN`].
static SEXTETS: [u8; 256] = {
    let mut sextets = [FOREIGN; 256];
    let mut rest: &[u8] = ALPHABET;
    let mut value = 0;
    while let [character, tail @ ..] = rest {
        #[expect(
            clippy::as_conversions,
            clippy::indexing_slicing,
            reason = "a table of 256 holds every octet, and `usize::from` is not const"
        )]
        {
            sextets[*character as usize] = value;
        }
        value += 1;
        rest = tail;
    }
    sextets
};

fn sextet(character: u8) -> u8 {
    SEXTETS
        .get(usize::from(character))
        .copied()
        .unwrap_or(FOREIGN)
}

/// Removes correct padding: `=` or `==` at the end of a text whose length is a multiple of 4.
/// Any other text is returned as it is, for [`decode`] to refuse.
pub(crate) fn strip_padding(text: &[u8]) -> &[u8] {
    if !text.len().is_multiple_of(4) {
        return text;
    }
    text.strip_suffix(b"==")
        .or_else(|| text.strip_suffix(b"="))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc4648_only_the_canonical_text_decodes() {
        let mut buffer = [0; 16];
        for (text, expected) in [
            ("", Some(&b""[..])),
            ("Zg", Some(b"f")),
            ("Zm8", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("-_-_", Some(&[0xfb, 0xff, 0xbf])),
            ("Zh", None),    // unused bits set
            ("Zm9", None),   // unused bits set
            ("Z", None),     // length 1 mod 4
            ("Zm9vZ", None), // length 1 mod 4
            ("Zg==", None),
            ("Zm8=", None),
            ("Zm9v\n", None),
            (" Zm9v", None),
            ("Zm+v", None),
            ("Zm/v", None),
            ("Zm\u{e9}", None),
        ] {
            assert_eq!(
                decode(text.as_bytes(), &mut buffer).ok(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn every_last_character_is_canonical_or_refused() {
        let mut buffer = [0; 2];
        for (tail, unused) in [(2, 16), (3, 4)] {
            let good = (0..=255u8)
                .filter(|last| {
                    let text = [b'A', b'A', *last];
                    decode(&text[3 - tail..], &mut buffer).is_ok()
                })
                .count();
            assert_eq!(good, ALPHABET.len() / unused);
        }
    }

    #[test]
    fn arithmetic_and_the_table_agree_on_every_octet() {
        for octet in 0..=255u8 {
            let computed = match shift(octet) {
                0 => FOREIGN,
                shift => octet.wrapping_add(shift),
            };
            assert_eq!(computed, sextet(octet), "{octet}");
        }
    }

    #[test]
    fn a_foreign_octet_is_refused_wherever_it_stands() {
        let mut buffer = [0; 30];
        for octet in (0..=255u8).filter(|octet| !ALPHABET.contains(octet)) {
            for len in [2, 3, 4, 6, 7, 8, 16, 18, 31, 32, 39, 40] {
                for place in 0..len {
                    let mut text = [b'A'; 40];
                    text[place] = octet;
                    assert!(
                        decode(&text[..len], &mut buffer).is_err(),
                        "{octet} at {place}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_way_for_secrets_gives_the_same() {
        let (mut left, mut right) = ([0; 30], [0; 30]);
        for seed in 0..3_000u32 {
            let text: [u8; 39] = core::array::from_fn(|place| {
                let mixed = seed
                    .wrapping_mul(2_654_435_761)
                    .rotate_left(5 * place as u32)
                    .wrapping_add(seed >> 3);
                // Mostly of the alphabet, now and then not.
                ALPHABET.get(mixed as usize % 70).copied().unwrap_or(b'=')
            });
            for len in 0..=text.len() {
                let decoded = decode(&text[..len], &mut left);
                assert_eq!(decoded, decode_secret(&text[..len], &mut right), "{text:?}");
            }
        }
    }

    #[test]
    fn decoded_len_is_what_decode_fills() {
        let mut buffer = [0; 64];
        for len in (0..60).filter(|len| len % 4 != 1) {
            let text = [b'A'; 60];
            let filled = decode(&text[..len], &mut buffer).map(<[u8]>::len);
            assert_eq!(filled, Ok(decoded_len(len)));
        }
    }

    #[test]
    fn only_correct_padding_is_stripped() {
        for (text, stripped) in [
            ("Zg==", "Zg"),
            ("Zm8=", "Zm8"),
            ("Zm9v", "Zm9v"),
            ("Zg=", "Zg="),
            ("Zg", "Zg"),
            ("Z===", "Z="),
            ("====", "=="),
            ("Zm9v=", "Zm9v="),
        ] {
            assert_eq!(
                strip_padding(text.as_bytes()),
                stripped.as_bytes(),
                "{text}"
            );
        }
    }
}
