//! The claims (RFC 7519 section 4): payload, proof and time in, a verified token out.

use crate::error::{ClaimName, Error};
use crate::expected::{Expected, List};
use crate::json::{self, Array, JsonFault, Members, Names, Object, Span, Text, Value};
use crate::signature::SignatureValid;
use crate::time::{NumericDate, UnixTime};

/// What a verifier demands of claims.
pub(crate) struct ClaimsPolicy<'v, 'p> {
    pub(crate) issuer: &'v Expected<'p>,
    pub(crate) audience: &'v Expected<'p>,
    pub(crate) required: &'v List<'p>,
    pub(crate) leeway: u64,
    pub(crate) max_age: Option<u64>,
}

/// The registered claims of a payload that passed a policy.
#[derive(Clone, Copy, Default)]
pub(crate) struct Registered {
    iss: Option<Span>,
    sub: Option<Span>,
    aud: Option<Span>,
    jti: Option<Span>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
}

/// A payload that passed a policy: its text and its registered claims.
pub(crate) struct Checked<'c> {
    pub(crate) object: Object<'c>,
    pub(crate) registered: Registered,
}

impl ClaimsPolicy<'_, '_> {
    /// Checks a payload whose signature was verified.
    ///
    /// The order: JSON, types, presence, `exp`, `nbf`, age, `iss`, `aud`. The first failure is
    /// the only one reported.
    pub(crate) fn check<'c>(
        &self,
        payload: &'c [u8],
        _: SignatureValid,
        now: UnixTime,
        names: &mut Names<'_>,
    ) -> Result<Checked<'c>, Error> {
        let mut seen = Seen::default();
        let object = json::members(payload, names, |name, value, span| {
            seen.take(name, value, span, self.required);
        });
        let object = object.map_err(|error| match error.fault() {
            JsonFault::NoRoom => Error::MisuseScratch,
            _ => Error::PayloadJson(error),
        })?;
        let dates = seen.dates()?;
        seen.check_strings(self.issuer)?;
        self.check_presence(&mut seen)?;
        self.check_time(&dates, now)?;
        self.check_issuer(&seen)?;
        self.check_audience(&seen)?;
        let span = |claim: Option<(Value<'_>, Span)>| claim.map(|(_, span)| span);
        let registered = Registered {
            iss: span(seen.iss),
            sub: span(seen.sub),
            aud: span(seen.aud),
            jti: span(seen.jti),
            ..dates
        };
        Ok(Checked { object, registered })
    }

    fn check_presence(&self, seen: &mut Seen<'_>) -> Result<(), Error> {
        for (index, name) in self.required.iter().enumerate() {
            if !seen.has(name, index) {
                let place = u8::try_from(index).map_err(|_| Error::Internal)?;
                let registered = ClaimName::from_registered(name);
                return Err(Error::ClaimMissing(
                    registered.unwrap_or(ClaimName::Required(place)),
                ));
            }
        }
        Ok(())
    }

    /// RFC 7519 sections 4.1.4 to 4.1.6, in integers too wide to overflow.
    pub(crate) fn check_time(&self, dates: &Registered, now: UnixTime) -> Result<(), Error> {
        let now = i128::from(now.secs());
        let leeway = i128::from(self.leeway);
        let later = |date: i64, seconds: i128| i128::from(date).saturating_add(seconds);
        if dates
            .exp
            .is_some_and(|exp| now >= later(exp.ceil(), leeway))
        {
            return Err(Error::Expired);
        }
        if dates
            .nbf
            .is_some_and(|nbf| i128::from(nbf.ceil()) > now.saturating_add(leeway))
        {
            return Err(Error::NotYetValid);
        }
        if let Some(max_age) = self.max_age {
            let iat = dates.iat.ok_or(Error::ClaimMissing(ClaimName::Iat))?;
            let longest = i128::from(max_age).saturating_add(leeway);
            if now > later(iat.floor(), longest) {
                return Err(Error::TooOld);
            }
        }
        Ok(())
    }

    fn check_issuer(&self, seen: &Seen<'_>) -> Result<(), Error> {
        let Expected::OneOf(issuers) = self.issuer else {
            return Ok(());
        };
        match seen.iss {
            None => Err(Error::ClaimMissing(ClaimName::Iss)),
            Some((Value::String(iss), _)) if issuers.contains(iss) => Ok(()),
            Some(_) => Err(Error::IssuerMismatch),
        }
    }

    /// RFC 7519 section 4.1.3: one string, or an array of strings of which one must match.
    fn check_audience(&self, seen: &Seen<'_>) -> Result<(), Error> {
        let Expected::OneOf(audiences) = self.audience else {
            return Ok(());
        };
        let matches = match seen.aud {
            None => return Err(Error::ClaimMissing(ClaimName::Aud)),
            Some((Value::String(aud), _)) => audiences.contains(aud),
            Some((Value::Array(array), _)) => {
                // All of them are looked at: one that is no string spoils the others.
                array.elements().try_fold(false, |found, aud| match aud {
                    Value::String(aud) => Some(found || audiences.contains(aud)),
                    _ => None,
                }) == Some(true)
            }
            Some(_) => false,
        };
        if matches {
            Ok(())
        } else {
            Err(Error::AudienceMismatch)
        }
    }
}

fn strings<'c>(array: Array<'c>) -> impl Iterator<Item = Text<'c>> {
    array.elements().filter_map(|value| match value {
        Value::String(text) => Some(text),
        _ => None,
    })
}

/// What one pass over the payload has found.
#[derive(Default)]
struct Seen<'c> {
    iss: Option<(Value<'c>, Span)>,
    sub: Option<(Value<'c>, Span)>,
    aud: Option<(Value<'c>, Span)>,
    exp: Option<(Value<'c>, Span)>,
    nbf: Option<(Value<'c>, Span)>,
    iat: Option<(Value<'c>, Span)>,
    jti: Option<(Value<'c>, Span)>,
    /// A bit for each other claim that is required, and there, and not null.
    required: u64,
}

/// The claims that have a place in [`Seen`].
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

impl<'c> Seen<'c> {
    fn take(&mut self, name: Text<'c>, value: Value<'c>, span: Span, required: &List<'_>) {
        match name.among(&REGISTERED).and_then(|name| self.slot(name)) {
            Some(slot) => *slot = Some((value, span)),
            None if value != Value::Null => {
                for (index, required) in required.iter().enumerate() {
                    if name == required {
                        self.required |= bit(index);
                    }
                }
            }
            None => {}
        }
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<(Value<'c>, Span)>> {
        Some(match name {
            "iss" => &mut self.iss,
            "sub" => &mut self.sub,
            "aud" => &mut self.aud,
            "exp" => &mut self.exp,
            "nbf" => &mut self.nbf,
            "iat" => &mut self.iat,
            "jti" => &mut self.jti,
            _ => return None,
        })
    }

    /// Whether the claim that is required in this place is there, and not null.
    fn has(&mut self, name: &str, index: usize) -> bool {
        match self.slot(name) {
            Some(slot) => slot.is_some_and(|(value, _)| value != Value::Null),
            None => self.required & bit(index) != 0,
        }
    }

    fn dates(&self) -> Result<Registered, Error> {
        Ok(Registered {
            exp: date(self.exp, ClaimName::Exp)?,
            nbf: date(self.nbf, ClaimName::Nbf)?,
            iat: date(self.iat, ClaimName::Iat)?,
            ..Registered::default()
        })
    }

    /// `sub` and `jti` are strings where present, and `iss` where it is compared.
    fn check_strings(&self, issuer: &Expected<'_>) -> Result<(), Error> {
        let compared = matches!(issuer, Expected::OneOf(_));
        let iss = if compared { self.iss } else { None };
        for (claim, name) in [
            (self.sub, ClaimName::Sub),
            (self.jti, ClaimName::Jti),
            (iss, ClaimName::Iss),
        ] {
            match claim {
                None | Some((Value::String(_), _)) => {}
                Some(_) => return Err(Error::ClaimType(name)),
            }
        }
        Ok(())
    }
}

/// The verifier's builder keeps its lists within the bits of this mask.
const fn bit(index: usize) -> u64 {
    if index < 64 { 1 << index } else { 0 }
}

fn date(claim: Option<(Value<'_>, Span)>, name: ClaimName) -> Result<Option<NumericDate>, Error> {
    match claim {
        None => Ok(None),
        Some((Value::Number(number), _)) => match NumericDate::from_json_number(number) {
            Some(date) => Ok(Some(date)),
            None => Err(Error::ClaimType(name)),
        },
        Some(_) => Err(Error::ClaimType(name)),
    }
}

/// The claims of a verified token: a view into its payload.
///
/// The registered claims were found when the token was verified and cost nothing to ask for;
/// [`claim`](Self::claim) reads the payload from its start.
#[derive(Clone, Copy)]
pub struct Claims<'c> {
    json: &'c str,
    registered: Registered,
}

impl<'c> Claims<'c> {
    pub(crate) const fn new(json: &'c str, registered: Registered) -> Self {
        Self { json, registered }
    }

    /// `iss`, where it is a string. Checked if the verifier was told an issuer.
    pub fn issuer(&self) -> Option<Text<'c>> {
        self.text(self.registered.iss)
    }

    /// `sub`.
    pub fn subject(&self) -> Option<Text<'c>> {
        self.text(self.registered.sub)
    }

    /// The strings of `aud`, one or several. Checked if the verifier was told an audience.
    pub fn audience(&self) -> impl Iterator<Item = Text<'c>> {
        let value = self
            .registered
            .aud
            .and_then(|span| json::value_at(self.json, span));
        let one = match value {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let many = match value {
            Some(Value::Array(array)) => Some(strings(array)),
            _ => None,
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// `exp`.
    pub const fn expiration(&self) -> Option<NumericDate> {
        self.registered.exp
    }

    /// `nbf`.
    pub const fn not_before(&self) -> Option<NumericDate> {
        self.registered.nbf
    }

    /// `iat`.
    pub const fn issued_at(&self) -> Option<NumericDate> {
        self.registered.iat
    }

    /// `jti`.
    pub fn jwt_id(&self) -> Option<Text<'c>> {
        self.text(self.registered.jti)
    }

    /// Any claim by its name.
    pub fn claim(&self, name: &str) -> Option<Value<'c>> {
        self.iter()
            .find_map(|(text, value)| (text == name).then_some(value))
    }

    /// All claims, in the order they were written.
    pub fn iter(&self) -> Members<'c> {
        Object::of_checked(self.json).members()
    }

    /// The claims as JSON text.
    pub const fn json(&self) -> &'c str {
        self.json
    }

    fn text(&self, span: Option<Span>) -> Option<Text<'c>> {
        match json::value_at(self.json, span?)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl<'c> IntoIterator for &Claims<'c> {
    type Item = (Text<'c>, Value<'c>);
    type IntoIter = Members<'c>;

    fn into_iter(self) -> Members<'c> {
        self.iter()
    }
}

/// Hides the values: they are somebody's personal data.
impl core::fmt::Debug for Claims<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Claims")
            .field("octets", &self.json.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
