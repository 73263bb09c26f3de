//! JSON strings, compared and printed without being copied.

#[cfg(feature = "alloc")]
use alloc::{borrow::Cow, string::String};
use core::fmt;

/// A JSON string: a view into a text that was read already, with its escapes still in it.
///
/// Compares with `str` after unescaping (RFC 7515 section 5.3): the `alg` written as
/// `"\u0052S256"` equals `"RS256"`. `Display` writes the unescaped text as it is; escape it
/// yourself before it reaches a terminal or a log.
#[derive(Clone, Copy)]
pub struct Text<'j> {
    raw: &'j str,
    escapes: Escapes,
}

/// Whether a string was written with escapes. As wide as a word: the unused octets beside a `bool`
/// are copied in odd pieces, and a processor waits for each.
#[repr(usize)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    None,
    Some,
}

impl<'j> Text<'j> {
    pub(crate) const EMPTY: Self = Self::new("", Escapes::None);

    /// `raw` is what stands between the quotes, and was found to be a valid JSON string.
    pub(super) const fn new(raw: &'j str, escapes: Escapes) -> Self {
        Self { raw, escapes }
    }

    /// The characters, unescaped.
    pub fn chars(self) -> Chars<'j> {
        Chars {
            raw: self.raw,
            at: 0,
        }
    }

    /// The whole string where it was written without escapes.
    pub fn as_plain(self) -> Option<&'j str> {
        (self.escapes == Escapes::None).then_some(self.raw)
    }

    /// Octets of the unescaped string in UTF-8.
    pub fn utf8_len(self) -> usize {
        if self.escapes == Escapes::Some {
            self.chars()
                .map(char::len_utf8)
                .fold(0, usize::saturating_add)
        } else {
            self.raw.len()
        }
    }

    /// The one of these names that this is. A text without escapes is returned as it is: what it
    /// equals is then found without a comparison for each name.
    pub(crate) fn among(self, names: &[&'static str]) -> Option<&'j str> {
        match self.as_plain() {
            Some(plain) => Some(plain),
            None => names.iter().find(|name| self == **name).copied(),
        }
    }

    /// The unescaped string, copied only where it was written with escapes.
    #[cfg(feature = "alloc")]
    pub fn to_cow(self) -> Cow<'j, str> {
        match self.as_plain() {
            Some(plain) => Cow::Borrowed(plain),
            None => Cow::Owned(self.chars().collect::<String>()),
        }
    }
}

impl PartialEq<str> for Text<'_> {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        if self.escapes == Escapes::Some {
            self.chars().eq(other.chars())
        } else {
            self.raw == other
        }
    }
}

impl PartialEq<&str> for Text<'_> {
    #[inline]
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        match other.as_plain() {
            Some(plain) => *self == *plain,
            None => self.chars().eq(other.chars()),
        }
    }
}

impl Eq for Text<'_> {}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_plain() {
            Some(plain) => f.pad(plain),
            None => self.chars().try_for_each(|c| fmt::Write::write_char(f, c)),
        }
    }
}

/// Hides the content: it may be a claim value.
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} octets)", self.raw.len())
    }
}

/// The unescaped characters of a [`Text`].
#[derive(Clone)]
pub struct Chars<'j> {
    raw: &'j str,
    at: usize,
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        next_char(self.raw, &mut self.at)
    }
}

/// The unescaped character at `at`, or `None` at a closing quote or the end.
///
/// The text was found valid before; on one that was not, the iteration ends early.
pub(super) fn next_char(text: &str, at: &mut usize) -> Option<char> {
    match *text.as_bytes().get(*at)? {
        b'"' => None,
        b'\\' => {
            let (c, len) = unescape(text.as_bytes().get(*at..)?)?;
            *at = at.checked_add(len)?;
            Some(c)
        }
        byte if byte.is_ascii() => {
            *at = at.checked_add(1)?;
            Some(char::from(byte))
        }
        _ => {
            let c = text.get(*at..)?.chars().next()?;
            *at = at.checked_add(c.len_utf8())?;
            Some(c)
        }
    }
}

/// Reads the escape at the start of `bytes`: its character and how many octets it takes.
pub(super) fn unescape(bytes: &[u8]) -> Option<(char, usize)> {
    let simple = match bytes.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let high = hex4(bytes.get(2..6)?)?;
            if let Some(c) = char::from_u32(high) {
                return Some((c, 6));
            }
            // The first half of a pair (RFC 8259 section 7) must be followed by the second.
            let [b'\\', b'u', low @ ..] = bytes.get(6..12)? else {
                return None;
            };
            let units = [u16::try_from(high).ok()?, u16::try_from(hex4(low)?).ok()?];
            let c = char::decode_utf16(units).next()?.ok()?;
            return Some((c, 12));
        }
        _ => return None,
    };
    Some((simple, 2))
}

/// Whether the escape at the start of `bytes` is `\u` and a surrogate: for the error's sake.
pub(super) fn is_surrogate_escape(bytes: &[u8]) -> bool {
    let Some([b'\\', b'u', digits @ ..]) = bytes.get(..6) else {
        return false;
    };
    hex4(digits).is_some_and(|unit| (0xd800..=0xdfff).contains(&unit))
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |value, digit| {
        value
            .checked_mul(16)?
            .checked_add(char::from(*digit).to_digit(16)?)
    })
}

/// The top bit of each octet that is no plain character of a string: quotes, backslashes, control
/// characters. Bits above the lowest one may be set for nothing.
pub(super) const fn special_octets(octets: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    /// Where an octet is less than `limit`, or one below it has borrowed.
    const fn below(octets: u64, limit: u64) -> u64 {
        octets.wrapping_sub(EACH.wrapping_mul(limit)) & !octets
    }
    let quotes = octets ^ EACH.wrapping_mul(0x22);
    let backslashes = octets ^ EACH.wrapping_mul(0x5c);
    (below(octets, 0x20) | below(quotes, 1) | below(backslashes, 1)) & EACH.wrapping_mul(0x80)
}
