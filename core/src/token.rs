//! The token as text: three segments and the signing input (RFC 7515 section 7.1).

use crate::base64url;
use crate::error::Error;
use crate::limits::MAX_TOKEN_BYTES;

/// A token split into its three segments, nothing decoded yet.
///
/// Guarantees: within the size limit; exactly two dots; header and signature are not empty. The
/// payload may be empty, and no segment is known to be base64url. All views point into the
/// caller's bytes; the signing input is those very bytes, never a re-encoding.
#[derive(Clone, Copy)]
pub struct Token<'t> {
    header: &'t [u8],
    payload: &'t [u8],
    signature: &'t [u8],
    signing_input: &'t [u8],
    padding_allowed: bool,
}

impl<'t> Token<'t> {
    /// Splits `token`, which may be [`MAX_TOKEN_BYTES`] long.
    ///
    /// # Errors
    /// [`Error::TokenTooLarge`], [`Error::TokenSegments`], [`Error::TokenEncrypted`],
    /// [`Error::HeaderEmpty`], [`Error::SignatureEmpty`]
    pub fn parse(token: &'t [u8]) -> Result<Self, Error> {
        Self::parse_within(token, MAX_TOKEN_BYTES, false)
    }

    /// Splits a token of at most `max_bytes`; with `padding_allowed`, correct `=` at the end of
    /// a segment is passed over when it is decoded.
    pub(crate) fn parse_within(
        token: &'t [u8],
        max_bytes: usize,
        padding_allowed: bool,
    ) -> Result<Self, Error> {
        if token.len() > max_bytes {
            return Err(Error::TokenTooLarge);
        }
        // A seventh segment is not looked for: a megabyte of dots costs six steps.
        let mut segments = segments(token).take(6);
        let (Some(header), Some(payload), Some(signature)) =
            (segments.next(), segments.next(), segments.next())
        else {
            return Err(Error::TokenSegments);
        };
        match segments.count() {
            0 => {}
            2 => return Err(Error::TokenEncrypted),
            _ => return Err(Error::TokenSegments),
        }
        if header.is_empty() {
            return Err(Error::HeaderEmpty);
        }
        if signature.is_empty() {
            return Err(Error::SignatureEmpty);
        }
        let before_signature = token
            .len()
            .saturating_sub(signature.len())
            .saturating_sub(1);
        let signing_input = token.get(..before_signature).ok_or(Error::Internal)?;
        Ok(Self {
            header,
            payload,
            signature,
            signing_input,
            padding_allowed,
        })
    }

    /// What the signature covers: the text up to the second dot, as it was received.
    pub const fn signing_input(self) -> &'t [u8] {
        self.signing_input
    }

    pub(crate) fn header(self) -> Segment<'t> {
        self.segment(self.header)
    }

    pub(crate) fn payload(self) -> Segment<'t> {
        self.segment(self.payload)
    }

    pub(crate) fn signature(self) -> Segment<'t> {
        self.segment(self.signature)
    }

    fn segment(self, text: &'t [u8]) -> Segment<'t> {
        Segment(if self.padding_allowed {
            base64url::strip_padding(text)
        } else {
            text
        })
    }
}

/// The texts before, between and after the dots.
fn segments(token: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(token);
    core::iter::from_fn(move || {
        let text = rest?;
        let (segment, after) = match dot(text) {
            Some(at) => (text.get(..at)?, text.get(at.saturating_add(1)..)),
            None => (text, None),
        };
        rest = after;
        Some(segment)
    })
}

/// The place of the first dot. Looks at many octets at once: this is a pass over the whole token.
fn dot(text: &[u8]) -> Option<usize> {
    const STEP: usize = 32;
    if !cfg!(target_pointer_width = "64") {
        return text.iter().position(|byte| *byte == b'.'); // flash counts there
    }
    let (steps, _) = text.as_chunks::<STEP>();
    let has_dot = |step: &[u8; STEP]| step.iter().fold(false, |seen, byte| seen | (*byte == b'.'));
    let without = steps.iter().take_while(|step| !has_dot(step)).count();
    let start = without.saturating_mul(STEP);
    let mut rest = text.get(start..)?.iter();
    rest.position(|byte| *byte == b'.')
        .map(|at| at.saturating_add(start))
}

/// One segment of a token, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'t>(&'t [u8]);

impl Segment<'_> {
    /// Octets after decoding.
    pub(crate) const fn decoded_len(self) -> usize {
        base64url::decoded_len(self.0.len())
    }

    /// Decodes into the start of `buffer`; `error` says which segment it was.
    pub(crate) fn decode(self, buffer: &mut [u8], error: Error) -> Result<&[u8], Error> {
        if buffer.len() < self.decoded_len() {
            return Err(Error::MisuseScratch);
        }
        base64url::decode(self.0, buffer).map_err(|_| error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7515_exactly_three_segments() {
        for (token, expected) in [
            ("a.b.c", None),
            ("a..c", None),
            ("", Some(Error::TokenSegments)),
            ("a", Some(Error::TokenSegments)),
            (".", Some(Error::TokenSegments)),
            ("a.b", Some(Error::TokenSegments)),
            ("a.b.c.d", Some(Error::TokenSegments)),
            ("a.b.c.d.e", Some(Error::TokenEncrypted)),
            ("a.b.c.d.e.f", Some(Error::TokenSegments)),
            ("a.b.c.d.e.f.g", Some(Error::TokenSegments)),
            (".b.c", Some(Error::HeaderEmpty)),
            ("a.b.", Some(Error::SignatureEmpty)),
            ("..", Some(Error::HeaderEmpty)),
        ] {
            assert_eq!(Token::parse(token.as_bytes()).err(), expected, "{token}");
        }
    }

    #[test]
    fn the_signing_input_is_the_text_as_received() {
        let token = Token::parse(b"he-ad.pay_load.sig").map(Token::signing_input);
        assert_eq!(token, Ok(&b"he-ad.pay_load"[..]));
    }

    #[test]
    fn a_token_at_the_limit_passes_and_one_octet_more_does_not() {
        assert!(Token::parse_within(b"aa.bb.cc", 8, false).is_ok());
        let refused = Token::parse_within(b"aa.bb.cc", 7, false).err();
        assert_eq!(refused, Some(Error::TokenTooLarge));
    }
}
