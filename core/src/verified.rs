//! What a successful verification gives: the decoded token, and the proof that it is one.

#[cfg(feature = "alloc")]
use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::algorithm::Algorithm;
use crate::claims::{Claims, Registered};
use crate::header::{Header, HeaderSpans};
use crate::policy::Permitted;
use crate::signature::SignatureValid;

/// A verified JWS (RFC 7515): the signature is good, and nothing is known of the payload.
///
/// From [`Verifier::verify_jws`](crate::Verifier::verify_jws). Not a verified JWT: nobody has
/// looked whether it has expired, or for whom it is.
pub struct VerifiedJws<'b> {
    pub(crate) bytes: Bytes<'b>,
    pub(crate) parts: Parts,
}

/// Decoded octets, the caller's or our own.
pub(crate) enum Bytes<'b> {
    Borrowed(&'b [u8]),
    #[cfg(feature = "alloc")]
    Owned(Vec<u8>),
}

/// Where the parts of a token stand in its decoded octets, and what was proved of them.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) algorithm: Algorithm,
    pub(crate) proof: SignatureValid,
    /// Octets of the header, the first part.
    pub(crate) header_len: usize,
    /// Where the header's object begins and ends: there may be white space around it.
    pub(crate) header_object: (usize, usize),
    pub(crate) header_spans: HeaderSpans,
    /// Octets of the payload, which follows.
    pub(crate) payload_len: usize,
}

impl Parts {
    /// Octets of header and payload.
    pub(crate) const fn len(&self) -> usize {
        self.header_len.saturating_add(self.payload_len)
    }
}

impl VerifiedJws<'_> {
    /// The header, now that it is covered by a good signature.
    pub fn header(&self) -> Header<'_> {
        let header = self
            .bytes()
            .get(..self.parts.header_len)
            .unwrap_or_default();
        let (start, end) = self.parts.header_object;
        // Infallible: this text was read as JSON before the signature was looked at.
        let json = core::str::from_utf8(header)
            .ok()
            .and_then(|text| text.get(start..end));
        Header::again_or_empty(json.unwrap_or_default(), self.parts.header_spans)
    }

    /// The payload: octets of any kind.
    pub fn payload(&self) -> &[u8] {
        self.bytes()
            .get(self.parts.header_len..self.parts.len())
            .unwrap_or_default()
    }

    /// The algorithm that verified it.
    pub const fn algorithm(&self) -> Algorithm {
        self.parts.algorithm
    }

    fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Borrowed(bytes) => bytes,
            #[cfg(feature = "alloc")]
            Bytes::Owned(bytes) => bytes,
        }
    }
}

impl fmt::Debug for VerifiedJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJws")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

/// A verified JWT (RFC 7519): the signature is good and the claims satisfy the verifier.
///
/// Only [`Verifier::verify`](crate::Verifier::verify) makes one, and it is `Send` and `Sync`.
/// It says nothing of revocation, and it was true at the `now` that the verifier was given: see
/// [`Verifier::recheck_time`](crate::Verifier::recheck_time). A clone copies the text.
#[derive(Clone)]
pub struct Verified<'b> {
    pub(crate) text: Str<'b>,
    pub(crate) parts: Parts,
    /// Where the payload's object begins and ends.
    pub(crate) object: (usize, usize),
    pub(crate) registered: Registered,
}

/// Decoded text, the caller's or our own.
#[derive(Clone)]
pub(crate) enum Str<'b> {
    Borrowed(&'b str),
    #[cfg(feature = "alloc")]
    Owned(String),
}

impl Verified<'_> {
    /// The header.
    pub fn header(&self) -> Header<'_> {
        Header::again_or_empty(self.header_json(), self.parts.header_spans)
    }

    /// What selected the key, and selects one again in another set ([`Keys::select`]).
    ///
    /// For those who keep a result while keys come and go: the signature still counts only if
    /// that is the key that verified it.
    ///
    /// [`Keys::select`]: crate::Keys::select
    pub fn permitted(&self) -> Permitted<'_> {
        let kid = self.parts.header_spans.kid(self.header_json());
        Permitted::again(self.parts.algorithm, kid)
    }

    /// The claims.
    pub fn claims(&self) -> Claims<'_> {
        let (start, end) = self.object;
        Claims::new(
            self.text().get(start..end).unwrap_or_default(),
            self.registered,
        )
    }

    /// The payload's octets, as they were signed.
    pub fn payload(&self) -> &[u8] {
        self.text()
            .as_bytes()
            .get(self.parts.header_len..)
            .unwrap_or_default()
    }

    /// The algorithm that verified it.
    pub const fn algorithm(&self) -> Algorithm {
        self.parts.algorithm
    }

    /// The claims as a type of the caller's, through serde.
    ///
    /// # Errors
    /// The claims do not fit the type. This is no verdict on the token: it was valid.
    #[cfg(feature = "alloc")]
    pub fn deserialize<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.claims().json())
    }

    fn header_json(&self) -> &str {
        let (start, end) = self.parts.header_object;
        self.text().get(start..end).unwrap_or_default()
    }

    fn text(&self) -> &str {
        match &self.text {
            Str::Borrowed(text) => text,
            #[cfg(feature = "alloc")]
            Str::Owned(text) => text,
        }
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}
