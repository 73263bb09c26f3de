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
pub(crate) fn decode<'b>(text: &[u8], buffer: &'b mut [u8]) -> Result<&'b [u8], NotBase64Url> {
    Base64UrlUnpadded::decode(text, buffer).map_err(|_| NotBase64Url)
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
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (tail, unused) in [(2, 16), (3, 4)] {
            let good = (0..=255u8)
                .filter(|last| {
                    let text = [b'A', b'A', *last];
                    decode(&text[3 - tail..], &mut buffer).is_ok()
                })
                .count();
            assert_eq!(good, alphabet.len() / unused);
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
