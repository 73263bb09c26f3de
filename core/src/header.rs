//! The JOSE header (RFC 7515 section 4): what the verifier reads of it, and nothing else.

use core::fmt;

use crate::error::Error;
use crate::json::{self, JsonError, JsonFault, Names, Span, Text, Value};
use crate::limits::MAX_KID_BYTES;
use crate::member::HeaderMember;

/// A header that was read strictly.
///
/// Guarantees: one strict JSON object; `alg` is present; `alg`, `kid`, `typ` and `cty` are
/// strings where present; `kid` is within its limit. Does not guarantee that the algorithm is
/// known or allowed, nor that anything in it is true: only a verified token's header is.
///
/// Keys and certificates in the header (`jwk`, `jku`, `x5u`, `x5c`, `x5t`) are never read.
#[derive(Clone, Copy)]
pub struct Header<'h> {
    json: &'h str,
    alg: Text<'h>,
    kid: Option<Text<'h>>,
    typ: Option<Text<'h>>,
    cty: Option<Text<'h>>,
    has_crit: bool,
    has_b64: bool,
    spans: HeaderSpans,
}

/// Where the members stand in the header's text: for those who keep the text, and come back.
#[derive(Clone, Copy)]
pub(crate) struct HeaderSpans {
    alg: Option<Span>,
    kid: Option<Span>,
    typ: Option<Span>,
    cty: Option<Span>,
}

impl HeaderSpans {
    /// The `kid` alone of a header that was read before.
    pub(crate) fn kid(self, json: &str) -> Option<Text<'_>> {
        text_at(json, self.kid)
    }
}

impl<'h> Header<'h> {
    /// Reads a decoded header.
    pub(crate) fn read(decoded: &'h [u8], names: &mut Names<'_>) -> Result<Self, Error> {
        let (mut alg, mut kid, mut typ, mut cty) = (None, None, None, None);
        let (mut has_crit, mut has_b64) = (false, false);
        let object = json::members(decoded, names, |name, value, span| {
            let slot = match name.among(&["alg", "kid", "typ", "cty", "crit", "b64"]) {
                Some("alg") => &mut alg,
                Some("kid") => &mut kid,
                Some("typ") => &mut typ,
                Some("cty") => &mut cty,
                Some("crit") => return has_crit = true,
                Some("b64") => return has_b64 = true,
                _ => return,
            };
            *slot = Some((value, span));
        })
        .map_err(header_json)?;
        let span = |member: Option<(Value<'_>, Span)>| member.map(|(_, span)| span);
        let spans = HeaderSpans {
            alg: span(alg),
            kid: span(kid),
            typ: span(typ),
            cty: span(cty),
        };
        let kid = string(kid, HeaderMember::Kid)?;
        if kid.is_some_and(|kid| kid.utf8_len() > MAX_KID_BYTES) {
            return Err(Error::KidTooLong);
        }
        Ok(Self {
            json: object.as_str(),
            alg: string(alg, HeaderMember::Alg)?.ok_or(Error::AlgorithmMissing)?,
            kid,
            typ: string(typ, HeaderMember::Typ)?,
            cty: string(cty, HeaderMember::Cty)?,
            has_crit,
            has_b64,
            spans,
        })
    }

    /// The view of a header that was read, and permitted, before: `json` is its text.
    ///
    /// On any other text the members come out absent; the callers hold only texts of the kind.
    pub(crate) fn again_or_empty(json: &'h str, spans: HeaderSpans) -> Self {
        let text = |span| text_at(json, span);
        Self {
            json,
            alg: text(spans.alg).unwrap_or(Text::EMPTY),
            kid: text(spans.kid),
            typ: text(spans.typ),
            cty: text(spans.cty),
            has_crit: false,
            has_b64: false,
            spans,
        }
    }

    pub(crate) const fn spans(&self) -> HeaderSpans {
        self.spans
    }

    /// The `alg` as it was written.
    pub const fn algorithm_name(&self) -> Text<'h> {
        self.alg
    }

    /// The `kid`.
    pub const fn kid(&self) -> Option<Text<'h>> {
        self.kid
    }

    /// The `typ`.
    pub const fn typ(&self) -> Option<Text<'h>> {
        self.typ
    }

    /// The `cty`.
    pub const fn cty(&self) -> Option<Text<'h>> {
        self.cty
    }

    /// The whole header as JSON text.
    pub const fn json(&self) -> &'h str {
        self.json
    }

    pub(crate) const fn has_crit(&self) -> bool {
        self.has_crit
    }

    pub(crate) const fn has_b64(&self) -> bool {
        self.has_b64
    }
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("octets", &self.json.len())
            .finish_non_exhaustive()
    }
}

fn text_at(json: &str, span: Option<Span>) -> Option<Text<'_>> {
    match json::value_at(json, span?)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn header_json(error: JsonError) -> Error {
    match error.fault() {
        JsonFault::NoRoom => Error::MisuseScratch,
        _ => Error::HeaderJson(error),
    }
}

fn string(
    member_value: Option<(Value<'_>, Span)>,
    member: HeaderMember,
) -> Result<Option<Text<'_>>, Error> {
    match member_value {
        None => Ok(None),
        Some((Value::String(text), _)) => Ok(Some(text)),
        Some(_) => Err(Error::HeaderMemberType(member)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Header<'_>, Error> {
        Header::read(json.as_bytes(), &mut Names::in_buffer(&mut []))
    }

    #[test]
    fn rfc7515_members_are_strings_or_absent() {
        for (json, expected) in [
            (r#"{"alg":"RS256"}"#, None),
            (
                r#"{"alg":"RS256","kid":"","typ":"JWT","cty":"x","x":{}}"#,
                None,
            ),
            ("{}", Some(Error::AlgorithmMissing)),
            (r#"{"Alg":"RS256"}"#, Some(Error::AlgorithmMissing)),
            (
                r#"{"alg":null}"#,
                Some(Error::HeaderMemberType(HeaderMember::Alg)),
            ),
            (
                r#"{"alg":["RS256"]}"#,
                Some(Error::HeaderMemberType(HeaderMember::Alg)),
            ),
            (
                r#"{"alg":"A","kid":null}"#,
                Some(Error::HeaderMemberType(HeaderMember::Kid)),
            ),
            (
                r#"{"alg":"A","kid":1.5}"#,
                Some(Error::HeaderMemberType(HeaderMember::Kid)),
            ),
            (
                r#"{"alg":"A","typ":true}"#,
                Some(Error::HeaderMemberType(HeaderMember::Typ)),
            ),
            (
                r#"{"alg":"A","cty":{}}"#,
                Some(Error::HeaderMemberType(HeaderMember::Cty)),
            ),
        ] {
            assert_eq!(read(json).err(), expected, "{json}");
        }
    }

    #[test]
    fn rfc7515_5_3_names_and_values_compare_after_unescaping() {
        let header = read(r#"{"\u0061lg":"\u0052S256","k\u0069d":"a\"b"}"#);
        assert!(header.is_ok_and(|header| {
            header.algorithm_name() == "RS256" && header.kid().is_some_and(|kid| kid == "a\"b")
        }));
    }

    #[test]
    fn a_kid_at_the_limit_passes_and_one_octet_more_does_not() {
        let kid = "k".repeat(MAX_KID_BYTES);
        assert!(read(&std::format!(r#"{{"alg":"A","kid":"{kid}"}}"#)).is_ok());
        let refused = std::format!(r#"{{"alg":"A","kid":"{kid}\u006b"}}"#);
        assert_eq!(read(&refused).err(), Some(Error::KidTooLong));
    }
    /// The scratch is the caller's: that it is too small is no fault of the token.
    #[test]
    fn too_many_members_for_the_scratch_are_the_callers_fault() {
        let members = |count: usize| {
            let members: std::string::String =
                (1..count).map(|n| std::format!(r#","m{n}":0"#)).collect();
            std::format!(r#"{{"alg":"A"{members}}}"#)
        };
        let (most, more) = (members(64), members(65));
        assert!(read(&most).is_ok());
        assert_eq!(read(&more).err(), Some(Error::MisuseScratch));
        let mut enough = [0; 65 * 4];
        let names = &mut Names::in_buffer(&mut enough);
        assert!(Header::read(more.as_bytes(), names).is_ok());
    }
}
