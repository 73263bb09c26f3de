//! A model of the claims' checks: decimal arithmetic on the text of the numbers.

use std::cmp::Ordering;

use jwtverify_core::{ClaimName, Error};

use crate::json::{self, Node};

/// What a verifier is told.
pub struct Policy<'p> {
    pub now: i64,
    pub leeway: u64,
    pub max_age: Option<u64>,
    pub issuer: Option<&'p str>,
    pub audience: Option<&'p str>,
    pub required: &'p [&'p str],
}

impl Policy<'_> {
    /// What a payload must come to; `Err(None)` is any [`Error::PayloadJson`].
    pub fn expected(&self, payload: &[u8]) -> Result<(), Option<Error>> {
        let claims = json::object(payload).map_err(|_| None)?;
        let date = |claim: ClaimName| match claims.member(claim.as_str().unwrap()) {
            None => Ok(None),
            Some(Node::Number(text)) if text.parse().is_ok_and(f64::is_finite) => {
                Ok(Some(text.as_str()))
            }
            Some(_) => Err(Some(Error::ClaimType(claim))),
        };
        let (exp, nbf, iat) = (
            date(ClaimName::Exp)?,
            date(ClaimName::Nbf)?,
            date(ClaimName::Iat)?,
        );
        for claim in [ClaimName::Sub, ClaimName::Jti, ClaimName::Iss] {
            let value = claims.member(claim.as_str().unwrap());
            let compared = claim != ClaimName::Iss || self.issuer.is_some();
            if compared && value.is_some_and(|value| value.text().is_none()) {
                return Err(Some(Error::ClaimType(claim)));
            }
        }
        for (place, name) in (0..).zip(self.required) {
            if matches!(claims.member(name), None | Some(Node::Null)) {
                let claim = ClaimName::from_registered(name);
                let claim = claim.unwrap_or(ClaimName::Required(place));
                return Err(Some(Error::ClaimMissing(claim)));
            }
        }
        self.time(exp, nbf, iat)?;
        if let Some(issuer) = self.issuer {
            let iss = claims
                .member("iss")
                .ok_or(Some(Error::ClaimMissing(ClaimName::Iss)))?;
            if iss.text() != Some(issuer) {
                return Err(Some(Error::IssuerMismatch));
            }
        }
        if let Some(audience) = self.audience {
            let aud = claims
                .member("aud")
                .ok_or(Some(Error::ClaimMissing(ClaimName::Aud)))?;
            let matches = match aud {
                Node::String(aud) => aud == audience,
                Node::Array(all) => {
                    all.iter().all(|aud| aud.text().is_some())
                        && all.iter().any(|aud| aud.text() == Some(audience))
                }
                _ => false,
            };
            if !matches {
                return Err(Some(Error::AudienceMismatch));
            }
        }
        Ok(())
    }

    fn time(
        &self,
        exp: Option<&str>,
        nbf: Option<&str>,
        iat: Option<&str>,
    ) -> Result<(), Option<Error>> {
        let (now, leeway) = (i128::from(self.now), i128::from(self.leeway));
        // now < exp + leeway
        if exp.is_some_and(|exp| compare(exp, now - leeway).is_le()) {
            return Err(Some(Error::Expired));
        }
        // nbf <= now + leeway
        if nbf.is_some_and(|nbf| compare(nbf, now + leeway).is_gt()) {
            return Err(Some(Error::NotYetValid));
        }
        if let Some(max_age) = self.max_age {
            let iat = iat.ok_or(Some(Error::ClaimMissing(ClaimName::Iat)))?;
            // now <= iat + max_age + leeway
            if compare(iat, now - leeway - i128::from(max_age)).is_lt() {
                return Err(Some(Error::TooOld));
            }
        }
        Ok(())
    }
}

/// Compares a JSON number with an integer, exactly, whatever their sizes.
pub fn compare(number: &str, integer: i128) -> Ordering {
    let (negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number),
    };
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // An exponent out of this range makes the number larger or smaller than any i128.
    let exponent = exponent
        .parse::<i64>()
        .unwrap_or(if exponent.starts_with('-') {
            -1 << 40
        } else {
            1 << 40
        });
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return 0.cmp(&integer);
    }
    let point = whole.len() as i64 + exponent - (all.len() - significant.len()) as i64;
    let magnitude = compare_magnitudes(significant, point, &integer.unsigned_abs().to_string());
    match (negative, integer < 0) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => magnitude,
        (true, true) => magnitude.reverse(),
    }
}

/// 0.`digits` times ten to the power of `point`, which is not zero, with an integer.
fn compare_magnitudes(digits: &str, point: i64, integer: &str) -> Ordering {
    if integer == "0" {
        return Ordering::Greater;
    }
    let length = point.cmp(&(integer.len() as i64));
    let digits = digits.trim_end_matches('0');
    length.then_with(|| digits.cmp(integer.trim_end_matches('0')))
}
