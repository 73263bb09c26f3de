//! What a person needs in order to act on an error.

mod case;
mod causes;
mod seen;

use std::fmt;
use std::time::Duration;

use jwtverify_core::{ClaimName, Error as Code, Family, KeySet, Provider};

use crate::closest::closest;
use crate::document::Failure;
use crate::error::Error;
use crate::hints::{Clue, Place, Trouble, hints};
use crate::text;
use case::Case;
use seen::Seen;

pub use causes::{Cause, causes};

/// Kids and skipped keys that `Display` names; the fields hold all.
const LISTED: usize = 20;

/// What is known about the cause of an [`Error`].
///
/// Texts from outside are cut and escaped, so that every field can be logged. `Display` gives one
/// line a fact, each beginning with a line feed and two spaces, to follow the error's message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The `kid` that the token asks for.
    pub kid: Option<String>,
    /// The kids of the usable keys in the set.
    pub available: Vec<String>,
    /// The kid of the set that was perhaps meant.
    pub closest: Option<String>,
    /// The keys that were left out, with the reasons.
    pub skipped: Vec<String>,
    /// The configured issuer, where keys come by discovery. Never the token's `iss`.
    pub issuer: Option<String>,
    /// Where the key set comes from, without its query.
    pub url: Option<String>,
    /// How long ago the issuer confirmed the set.
    pub age: Option<Duration>,
    /// How the last fetch went.
    pub last_fetch: Option<String>,
    /// How long until the issuer may be asked again; zero means now.
    pub next_fetch_in: Option<Duration>,
    /// What may have caused it, the most likely first. If something speaks for a cause, those
    /// for which nothing does are left out.
    pub causes: Vec<&'static Cause>,
    /// What was noticed, and what to do, the most likely first.
    pub suggestions: Vec<String>,
}

/// Explains an error that came from a static key set.
///
/// The token is read without being verified: its `kid` is shown, cut and escaped; its `iss` only
/// selects a hint about known providers and is not shown.
///
/// ```
/// use jwtverify_jwks::{KeySet, explain};
///
/// let jwks = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"key-2",
///                "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// let keys = KeySet::read(jwks)?;
/// let token = "eyJhbGciOiJFZERTQSIsImtpZCI6ImtleS0xIn0.e30.c2ln";
/// let error = explain(jwtverify_jwks::ErrorCode::KeyNotFound, token.as_bytes(), Some(&keys));
/// let diagnosis = error.diagnosis().unwrap();
/// assert_eq!(diagnosis.kid.as_deref(), Some("key-1"));
/// assert_eq!(diagnosis.closest.as_deref(), Some("key-2"));
/// # Ok::<(), jwtverify_jwks::KeySetError>(())
/// ```
pub fn explain<P: Provider>(error: Code, token: &[u8], keys: Option<&KeySet<P>>) -> Error {
    Error::new(error, None, diagnose(error, token, keys, &Facts::default()))
}

/// What is known about the provider that the token's **unverified** `iss` names: where its keys
/// are, and which of its tokens nobody else can verify. Empty for providers that are not known.
///
/// For tools that look at a token before there is any error. It is text for a person: whoever
/// forges a token chooses the provider that is named.
pub fn provider_hints(token: &[u8]) -> Vec<String> {
    let hints = hints(&Seen::read(token).clue, Trouble::Key);
    hints.into_iter().map(Into::into).collect()
}

/// What is known about the source of the keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The kid asked for, where there is no token to read it from.
    pub(crate) kid: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) age: Option<Duration>,
    pub(crate) last_fetch: Option<String>,
    /// How the last fetch failed, if it did.
    pub(crate) failure: Option<Failure>,
    pub(crate) next_fetch_in: Option<Duration>,
}

/// The diagnosis of an error, or `None` if there is nothing to add to its message.
pub(crate) fn diagnose<P: Provider>(
    error: Code,
    token: &[u8],
    keys: Option<&KeySet<P>>,
    facts: &Facts,
) -> Option<Diagnosis> {
    if !has_more_to_say(error) {
        return None;
    }
    let seen = Seen::read(token);
    let case = Case::new(error, token, &seen, keys, facts);
    let mut diagnosis = Diagnosis::default();
    if case.shows_keys() {
        diagnosis.kid = case.kid.map(text::shown);
        if let Some(keys) = keys {
            diagnosis.available = keys.kids().map(text::shown).collect();
            diagnosis.skipped = keys.skipped().iter().map(text::skipped).collect();
            // Where the set has the kid itself, nothing else was meant.
            if let Some(kid) = case.kid
                && !keys.kids().any(|known| known == kid)
            {
                diagnosis.closest = closest(kid, keys.kids()).map(text::shown);
            }
        }
        diagnosis.issuer.clone_from(&facts.issuer);
        diagnosis.url.clone_from(&facts.url);
        diagnosis.age = facts.age;
        diagnosis.last_fetch.clone_from(&facts.last_fetch);
        diagnosis.next_fetch_in = facts.next_fetch_in;
    }
    diagnosis.causes = causes::of(&case);
    notice(&case, keys, &mut diagnosis);
    let steps = diagnosis.causes.iter().flat_map(|cause| cause.next());
    let steps: Vec<String> = steps.map(|step| (*step).to_owned()).collect();
    let source = facts.url.as_deref().or(facts.issuer.as_deref());
    let clue = Clue {
        source: source.and_then(Place::parse),
        ..seen.clue.clone()
    };
    let hints = trouble(error).map_or_else(Vec::new, |trouble| hints(&clue, trouble));
    let hints = hints.into_iter().map(String::from).collect();
    // Where it is the provider's way, what is known of the provider says more than any step.
    let order = if case.unpublished {
        [hints, steps]
    } else {
        [steps, hints]
    };
    diagnosis.suggestions.extend(order.into_iter().flatten());
    let empty = diagnosis == Diagnosis::default();
    (!empty).then_some(diagnosis)
}

/// Whether there is a diagnosis for this error at all; an expired token, for one, has none.
pub(crate) fn has_more_to_say(error: Code) -> bool {
    trouble(error).is_some() || causes::speaks_of(error)
}

fn is_about_keys(error: Code) -> bool {
    matches!(
        error,
        Code::KeyNotFound
            | Code::KeyAmbiguous
            | Code::KeyMismatch
            | Code::KeyNoneFits
            | Code::SignatureInvalid
    )
}

fn trouble(error: Code) -> Option<Trouble> {
    Some(match error {
        Code::ClaimMissing(ClaimName::Aud) | Code::AudienceMismatch => Trouble::Audience,
        Code::ClaimMissing(ClaimName::Iss) | Code::IssuerMismatch => Trouble::Issuer,
        Code::TokenSegments
        | Code::TokenEncrypted
        | Code::HeaderBase64
        | Code::PayloadBase64
        | Code::SignatureBase64
        | Code::HeaderJson(_) => Trouble::Token,
        Code::UnavailableUnchecked => Trouble::Key,
        error if is_about_keys(error) => Trouble::Key,
        error if error.family() == Family::Unavailable => Trouble::Fetch,
        _ => return None,
    })
}

/// Says what was seen in this very case; what to do about it stands in the table of causes.
fn notice<P: Provider>(case: &Case<'_>, keys: Option<&KeySet<P>>, diagnosis: &mut Diagnosis) {
    let out = &mut diagnosis.suggestions;
    if trouble(case.error) == Some(Trouble::Token) {
        out.extend(case.form_seen().map(str::to_owned));
    }
    if let (Some(kid), Some(keys)) = (case.kid, keys)
        && matches!(case.error, Code::KeyNotFound | Code::UnavailableUnchecked)
    {
        let same = |skipped: &&jwtverify_core::SkippedKey| skipped.kid.as_deref() == Some(kid);
        for skipped in keys.skipped().iter().filter(same) {
            out.push(format!(
                "the set has a key with this kid, but it can't be used: {}",
                skipped.reason
            ));
        }
    }
    if let Some(closest) = &diagnosis.closest {
        out.push(format!(
            "the set has the similar kid \"{closest}\": perhaps another version or environment"
        ));
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kid) = &self.kid {
            write!(f, "\n  kid asked for: \"{kid}\"")?;
        }
        if !self.available.is_empty() {
            write!(f, "\n  kids in the set: ")?;
            list(f, self.available.iter().map(|kid| format!("\"{kid}\"")))?;
        }
        if let Some(closest) = &self.closest {
            write!(f, "\n  closest kid: \"{closest}\"")?;
        }
        if !self.skipped.is_empty() {
            write!(f, "\n  left out: ")?;
            list(f, self.skipped.iter().cloned())?;
        }
        if let Some(issuer) = &self.issuer {
            write!(f, "\n  issuer: {issuer}")?;
        }
        if let Some(url) = &self.url {
            write!(f, "\n  key set: {url}")?;
        }
        if let Some(age) = self.age {
            write!(f, "\n  confirmed by the issuer: {} ago", text::span(age))?;
        }
        if let Some(last) = &self.last_fetch {
            write!(f, "\n  last fetch: {last}")?;
        }
        match self.next_fetch_in {
            Some(Duration::ZERO) => write!(f, "\n  next fetch: allowed now")?,
            Some(wait) => write!(f, "\n  next fetch: allowed in {}", text::span(wait))?,
            None => {}
        }
        for (place, cause) in self.causes.iter().enumerate() {
            let word = if place == 0 { "cause" } else { "or" };
            write!(f, "\n  {word}: {} [{}]", cause.title(), cause.id())?;
        }
        for suggestion in &self.suggestions {
            write!(f, "\n  - {suggestion}")?;
        }
        Ok(())
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: impl ExactSizeIterator<Item = String>) -> fmt::Result {
    let more = items.len().saturating_sub(LISTED);
    for (place, item) in items.take(LISTED).enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        write!(f, "{comma}{item}")?;
    }
    if more > 0 {
        write!(f, " and {more} more")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
