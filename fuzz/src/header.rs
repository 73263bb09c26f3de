//! A model of the header's checks, on serde_json's reading of it.

use jwtverify_core::limits::{MAX_HEADER_BYTES, MAX_KID_BYTES};
use jwtverify_core::{Algorithm, AlgorithmSet, Error, HeaderMember};

use crate::json::{self, Node};

/// What a header must come to, under an allow-list and perhaps a type. The error of JSON that is
/// refused is any [`Error::HeaderJson`]: where the fault is, the model does not know.
pub fn expected(
    header: &[u8],
    allowed: AlgorithmSet,
    typ: Option<&str>,
) -> Result<Algorithm, Option<Error>> {
    if header.is_empty() {
        return Err(Some(Error::HeaderEmpty));
    }
    if header.len() > MAX_HEADER_BYTES {
        return Err(Some(Error::HeaderTooLarge));
    }
    let header = json::object(header).map_err(|_| None)?;
    let text = |member: HeaderMember| match header.member(member.name()) {
        None => Ok(None),
        Some(Node::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(Some(Error::HeaderMemberType(member))),
    };
    if text(HeaderMember::Kid)?.is_some_and(|kid| kid.len() > MAX_KID_BYTES) {
        return Err(Some(Error::KidTooLong));
    }
    let alg = text(HeaderMember::Alg)?.ok_or(Some(Error::AlgorithmMissing))?;
    let given = text(HeaderMember::Typ)?;
    text(HeaderMember::Cty)?;

    let unknown = if alg == "none" {
        Error::AlgorithmNone
    } else {
        Error::AlgorithmUnknown
    };
    let algorithm = Algorithm::from_name(alg).ok_or(Some(unknown))?;
    if !allowed.contains(algorithm) {
        return Err(Some(Error::AlgorithmNotAllowed));
    }
    if header.member("crit").is_some() {
        return Err(Some(Error::CriticalHeader));
    }
    if header.member("b64").is_some() {
        return Err(Some(Error::UnencodedPayload));
    }
    if let Some(typ) = typ {
        let given = given.ok_or(Some(Error::TypeMissing))?.to_ascii_lowercase();
        let given = given.strip_prefix("application/").unwrap_or(&given);
        if given != typ {
            return Err(Some(Error::TypeMismatch));
        }
    }
    Ok(algorithm)
}

/// Whether the verifier and the model say the same.
pub fn agrees(got: Result<(), Error>, expected: Result<Algorithm, Option<Error>>) -> bool {
    match (got, expected) {
        (Ok(()), Ok(_)) => true,
        (Err(Error::HeaderJson(_)), Err(None)) => true,
        (Err(got), Err(Some(expected))) => got == expected,
        _ => false,
    }
}
