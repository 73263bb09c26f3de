//! Looking at a token without trusting it: for tools that explain, never for decisions.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::base64url;
use crate::error::Error;
use crate::json::{self, JsonFault, Names, Object, Value};
use crate::limits::{MAX_HEADER_BYTES, MAX_TOKEN_BYTES};

/// The decoded text of a token that nobody has verified: anyone can have written it.
///
/// It reads what a verifier refuses on sight (`alg: none`, an empty signature), so that a tool
/// can say what is wrong. It can't be turned into a [`Verified`](crate::Verified).
pub struct UnverifiedToken {
    header: String,
    payload: Vec<u8>,
    has_signature: bool,
}

impl UnverifiedToken {
    /// Decodes header and payload of a token within the default limits.
    ///
    /// # Errors
    /// [`Error::TokenTooLarge`], [`Error::TokenSegments`], [`Error::TokenEncrypted`],
    /// [`Error::HeaderEmpty`], [`Error::HeaderTooLarge`], [`Error::HeaderBase64`],
    /// [`Error::HeaderJson`], [`Error::PayloadBase64`]
    pub fn read(token: impl AsRef<[u8]>) -> Result<Self, Error> {
        let token = token.as_ref();
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Error::TokenTooLarge);
        }
        let mut segments = token.splitn(6, |byte| *byte == b'.');
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
        let header = decode(header, Error::HeaderBase64)?;
        if header.len() > MAX_HEADER_BYTES {
            return Err(Error::HeaderTooLarge);
        }
        json::object(&header).map_err(Error::HeaderJson)?;
        Ok(Self {
            header: String::from_utf8(header).map_err(|_| Error::Internal)?,
            payload: decode(payload, Error::PayloadBase64)?,
            has_signature: !signature.is_empty(),
        })
    }

    /// The header as JSON text.
    pub fn header_json(&self) -> &str {
        self.header.trim_ascii()
    }

    /// The header's members.
    pub fn header(&self) -> Object<'_> {
        Object::of_checked(self.header_json())
    }

    /// The `alg`, where it is a string.
    pub fn algorithm_name(&self) -> Option<String> {
        self.header_text("alg")
    }

    /// The `kid`, where it is a string.
    pub fn kid(&self) -> Option<String> {
        self.header_text("kid")
    }

    /// The payload's octets.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload as claims nobody has verified.
    ///
    /// # Errors
    /// [`Error::PayloadJson`]
    pub fn claims(&self) -> Result<Object<'_>, Error> {
        let object = json::members(&self.payload, &mut Names::on_heap(), |_, _, _| {});
        object.map_err(|error| match error.fault() {
            JsonFault::NoRoom => Error::Internal,
            _ => Error::PayloadJson(error),
        })
    }

    /// Whether there is a signature at all, good or bad.
    pub const fn has_signature(&self) -> bool {
        self.has_signature
    }

    fn header_text(&self, name: &str) -> Option<String> {
        match self.header().member(name)? {
            Value::String(text) => Some(text.to_cow().into_owned()),
            _ => None,
        }
    }
}

impl fmt::Debug for UnverifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken").finish_non_exhaustive()
    }
}

/// Decodes a segment, with correct padding or without.
fn decode(segment: &[u8], error: Error) -> Result<Vec<u8>, Error> {
    let segment = base64url::strip_padding(segment);
    let mut decoded = vec![0; base64url::decoded_len(segment.len())];
    base64url::decode(segment, &mut decoded).map_err(|_| error)?;
    Ok(decoded)
}
