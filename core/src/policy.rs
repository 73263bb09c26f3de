//! The header against the verifier's policy: algorithm, extensions, type.

use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::error::Error;
use crate::header::Header;
use crate::json::Text;

/// What a verifier demands of a header.
#[derive(Clone, Copy)]
pub(crate) struct HeaderPolicy<'p> {
    pub(crate) algorithms: AlgorithmSet,
    pub(crate) typ: Option<&'p str>,
}

/// A header that passed the policy: only this selects a key.
///
/// Guarantees: the algorithm is known and on the verifier's allow-list; there is no `crit` and no
/// `b64`; `typ` is as configured.
#[derive(Clone, Copy)]
pub struct Permitted<'h> {
    algorithm: Algorithm,
    kid: Option<Text<'h>>,
}

impl<'h> Permitted<'h> {
    /// What a header that was permitted before, and whose text was kept, comes to.
    pub(crate) const fn again(algorithm: Algorithm, kid: Option<Text<'h>>) -> Self {
        Self { algorithm, kid }
    }

    /// The algorithm, known and allowed.
    pub const fn algorithm(self) -> Algorithm {
        self.algorithm
    }

    /// The `kid` of the header.
    pub const fn kid(self) -> Option<Text<'h>> {
        self.kid
    }
}

impl HeaderPolicy<'_> {
    /// Checks a header.
    pub(crate) fn permit<'h>(&self, header: &Header<'h>) -> Result<Permitted<'h>, Error> {
        let name = header.algorithm_name();
        let Some(algorithm) = Algorithm::from_text(name) else {
            let is_none = name == "none";
            return Err(if is_none {
                Error::AlgorithmNone
            } else {
                Error::AlgorithmUnknown
            });
        };
        if !self.algorithms.contains(algorithm) {
            return Err(Error::AlgorithmNotAllowed);
        }
        if header.has_crit() {
            return Err(Error::CriticalHeader);
        }
        if header.has_b64() {
            return Err(Error::UnencodedPayload);
        }
        if let Some(wanted) = self.typ {
            let typ = header.typ().ok_or(Error::TypeMissing)?;
            if !same_media_type(typ, wanted) {
                return Err(Error::TypeMismatch);
            }
        }
        Ok(Permitted {
            algorithm,
            kid: header.kid(),
        })
    }
}

/// Compares media types without case, each with or without `application/` in front
/// (RFC 7515 section 4.1.9).
fn same_media_type(typ: Text<'_>, wanted: &str) -> bool {
    const PREFIX: &str = "application/";
    let starts = typ
        .chars()
        .zip(PREFIX.chars())
        .filter(|(a, b)| a.eq_ignore_ascii_case(b))
        .count();
    let skip = if starts == PREFIX.len() { starts } else { 0 };
    let wanted = match wanted.get(..PREFIX.len()) {
        Some(start) if start.eq_ignore_ascii_case(PREFIX) => wanted.get(PREFIX.len()..),
        _ => Some(wanted),
    };
    let lower = |c: char| c.to_ascii_lowercase();
    typ.chars()
        .skip(skip)
        .map(lower)
        .eq(wanted.unwrap_or_default().chars().map(lower))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Names;

    fn permit(json: &str, algorithms: AlgorithmSet, typ: Option<&str>) -> Result<Algorithm, Error> {
        let header = Header::read(json.as_bytes(), &mut Names::in_buffer(&mut []))?;
        HeaderPolicy { algorithms, typ }
            .permit(&header)
            .map(Permitted::algorithm)
    }

    #[test]
    fn rfc8725_3_1_only_listed_algorithms_pass() {
        let allowed = AlgorithmSet::from([Algorithm::Rs256, Algorithm::Es256]);
        for (alg, expected) in [
            ("RS256", Ok(Algorithm::Rs256)),
            ("ES256", Ok(Algorithm::Es256)),
            ("RS512", Err(Error::AlgorithmNotAllowed)),
            ("HS256", Err(Error::AlgorithmNotAllowed)),
            ("none", Err(Error::AlgorithmNone)),
            ("None", Err(Error::AlgorithmUnknown)),
            ("rs256", Err(Error::AlgorithmUnknown)),
            ("RS256 ", Err(Error::AlgorithmUnknown)),
            ("RS256\\u0000", Err(Error::AlgorithmUnknown)),
            ("", Err(Error::AlgorithmUnknown)),
        ] {
            let json = std::format!(r#"{{"alg":"{alg}"}}"#);
            assert_eq!(permit(&json, allowed, None), expected, "{alg}");
        }
    }

    #[test]
    fn rfc7515_4_1_11_and_rfc7797_no_extension_is_understood() {
        for (member, expected) in [
            (r#""crit":["exp"]"#, Error::CriticalHeader),
            (r#""crit":[]"#, Error::CriticalHeader),
            (r#""crit":null"#, Error::CriticalHeader),
            (r#""b64":true"#, Error::UnencodedPayload),
            (r#""b64":false"#, Error::UnencodedPayload),
            (r#""b64":"false""#, Error::UnencodedPayload),
        ] {
            let json = std::format!(r#"{{"alg":"RS256",{member}}}"#);
            assert_eq!(
                permit(&json, AlgorithmSet::ALL, None),
                Err(expected),
                "{member}"
            );
        }
    }

    #[test]
    fn rfc8725_3_11_typ_is_compared_as_a_media_type() {
        for (typ, wanted, expected) in [
            (Some("at+jwt"), "at+jwt", None),
            (Some("AT+JWT"), "at+jwt", None),
            (Some("application/at+jwt"), "at+jwt", None),
            (Some("Application/At+Jwt"), "at+jwt", None),
            (Some("at+jwt"), "application/at+jwt", None),
            (Some("application/"), "at+jwt", Some(Error::TypeMismatch)),
            (
                Some("applicationXat+jwt"),
                "at+jwt",
                Some(Error::TypeMismatch),
            ),
            (Some("JWT"), "at+jwt", Some(Error::TypeMismatch)),
            (Some("at+jwt "), "at+jwt", Some(Error::TypeMismatch)),
            (Some(""), "at+jwt", Some(Error::TypeMismatch)),
            (None, "at+jwt", Some(Error::TypeMissing)),
        ] {
            let json = match typ {
                Some(typ) => std::format!(r#"{{"alg":"RS256","typ":"{typ}"}}"#),
                None => std::string::String::from(r#"{"alg":"RS256"}"#),
            };
            let result = permit(&json, AlgorithmSet::ALL, Some(wanted));
            assert_eq!(result.err(), expected, "{typ:?} {wanted}");
        }
    }
}
