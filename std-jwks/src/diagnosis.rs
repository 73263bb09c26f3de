//! What a person needs in order to act on an error.

use std::fmt;
use std::time::Duration;

use jwtverify_core::json::{Object, Value};
use jwtverify_core::unverified::UnverifiedToken;
use jwtverify_core::{ClaimName, Error as Code, Family, KeySet, Provider};

use crate::closest::closest;
use crate::error::Error;
use crate::hints::{Clue, Place, Trouble, hints};
use crate::text;

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
    /// What to look at, the most likely first.
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
    let about_keys = is_about_keys(error);
    let trouble = trouble(error);
    let seen = Seen::read(token);
    let mut diagnosis = Diagnosis::default();
    if about_keys || error.family() == Family::Unavailable {
        let kid = facts.kid.as_deref().or(seen.kid.as_deref());
        diagnosis.kid = kid.map(text::shown);
        if let Some(keys) = keys {
            diagnosis.available = keys.kids().map(text::shown).collect();
            diagnosis.skipped = keys.skipped().iter().map(text::skipped).collect();
            // Where the set has the kid itself, nothing else was meant.
            if let Some(kid) = kid
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
        key_advice(error, kid, keys, &mut diagnosis);
    }
    diagnosis
        .suggestions
        .extend(plain_advice(error).map(str::to_owned));
    diagnosis
        .suggestions
        .extend(form_advice(error, token).map(str::to_owned));
    if let Some(trouble) = trouble {
        let source = facts
            .url
            .as_deref()
            .or(facts.issuer.as_deref())
            .and_then(Place::parse);
        let clue = Clue {
            source,
            ..seen.clue
        };
        diagnosis
            .suggestions
            .extend(hints(&clue, trouble).into_iter().map(Into::into));
    }
    let empty = diagnosis == Diagnosis::default();
    (!empty).then_some(diagnosis)
}

/// Whether there is a diagnosis for this error at all; an expired token, for one, has none.
pub(crate) fn has_more_to_say(error: Code) -> bool {
    trouble(error).is_some() || plain_advice(error).is_some()
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

/// Advice that follows from the error alone.
fn plain_advice(error: Code) -> Option<&'static str> {
    Some(match error {
        Code::AlgorithmNotAllowed => {
            "compare the header's alg with the verifier's allow-list; never take the list from the \
             token. A token that is signed with a shared secret (HS256...) can't be verified with a \
             public key set"
        }
        Code::TokenEncrypted => {
            "ask the issuer for a signed token (JWS); an encrypted one is for whoever holds the key"
        }
        Code::NotYetValid => {
            "compare this machine's clock with the issuer's, and allow some leeway"
        }
        Code::UnavailableTls => {
            "for an issuer behind a private certificate authority, give its root certificate"
        }
        Code::UnavailableRedirect => {
            "configure the URL that the redirect points to, if you trust it"
        }
        Code::UnavailableIssuer => {
            "configure the issuer exactly as its discovery document spells it, slash at the end \
             included"
        }
        _ => return None,
    })
}

/// Advice about tokens that were copied with something around them.
fn form_advice(error: Code, token: &[u8]) -> Option<&'static str> {
    if !matches!(trouble(error), Some(Trouble::Token)) {
        return None;
    }
    let starts = |prefix: &[u8]| {
        token
            .get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if token.is_empty() {
        Some("the token is empty")
    } else if starts(b"bearer ") {
        Some("the text begins with the word Bearer: give the token alone")
    } else if starts(b"\"") || starts(b"'") {
        Some("the token is in quotes: give it without them")
    } else if token.iter().any(u8::is_ascii_whitespace) {
        Some("there is white space in or around the token")
    } else if token.contains(&b'=') {
        Some("the segments are padded with = signs, which RFC 7515 forbids; see allow_padding")
    } else if error == Code::TokenSegments && !token.contains(&b'.') {
        Some("this is an opaque token, not a JWT: only its issuer can check it (introspection)")
    } else {
        None
    }
}

/// Advice about the choice of a key.
fn key_advice<P: Provider>(
    error: Code,
    kid: Option<&str>,
    keys: Option<&KeySet<P>>,
    diagnosis: &mut Diagnosis,
) {
    let remote = diagnosis.url.is_some() || diagnosis.issuer.is_some();
    let out = &mut diagnosis.suggestions;
    if let (Some(kid), Some(keys)) = (kid, keys)
        && matches!(error, Code::KeyNotFound | Code::UnavailableUnchecked)
    {
        for skipped in keys
            .skipped()
            .iter()
            .filter(|s| s.kid.as_deref() == Some(kid))
        {
            out.push(format!(
                "the set has a key with this kid, but it can't be used: {}",
                skipped.reason
            ));
        }
        if keys.kids().next().is_none() {
            out.push(
                "no key of the set has a kid, so a token with a kid never matches: publish the \
                 kid, or issue tokens without one"
                    .to_owned(),
            );
        }
    }
    if let Some(closest) = &diagnosis.closest {
        out.push(format!(
            "the set has the similar kid \"{closest}\": perhaps another version or environment"
        ));
    }
    let general: &[&str] = match error {
        Code::KeyNotFound if remote => &[
            "check that the token is from the issuer and environment that these keys belong to",
            "if keys were rotated: the issuer must publish a key before it signs with it",
        ],
        Code::KeyNotFound => &[
            "check that the token is from the issuer and environment that these keys belong to",
            "if keys were rotated: this set is a copy and does not follow; fetch it again, or use \
             a remote key set",
        ],
        Code::UnavailableUnchecked => {
            &["try again after the time given: the key may be new, and the issuer is then asked"]
        }
        Code::KeyAmbiguous => {
            &["the issuer should give each key its own kid, and put it into the token's header"]
        }
        Code::KeyMismatch => &[
            "the key's kty, crv or alg is not for the header's alg: another issuer may use the \
             same kid",
        ],
        Code::KeyNoneFits => {
            &["compare the header's alg with the kty and crv of the keys in the set"]
        }
        Code::SignatureInvalid => &[
            "the token was changed, or signed with another key of the same kid: compare the \
             environment, and whether the whole token was copied",
        ],
        _ => &[],
    };
    out.extend(general.iter().map(|text| (*text).to_owned()));
}

/// What the token says about itself, unverified.
#[derive(Default)]
struct Seen {
    kid: Option<String>,
    clue: Clue,
}

impl Seen {
    fn read(token: &[u8]) -> Self {
        /// The claims of longer tokens are not read for hints: whoever sends rubbish decides how
        /// long it is, and explaining must not cost much more than refusing.
        const LONGEST: usize = 16 * 1024;

        let Ok(read) = UnverifiedToken::read(token) else {
            return Self::default();
        };
        let clue = Clue {
            source: None,
            issuer: Some(&read)
                .filter(|_| token.len() <= LONGEST)
                .and_then(|read| string(read.claims().ok()?, "iss"))
                .and_then(|issuer| Place::parse(&issuer)),
            load_balancer: string(read.header(), "signer").is_some_and(|arn| {
                arn.starts_with("arn:aws") && arn.contains(":elasticloadbalancing:")
            }),
            nonce: read.header().member("nonce").is_some(),
        };
        Self {
            kid: read.kid(),
            clue,
        }
    }
}

/// A member of a JSON object that is a string.
fn string(object: Object<'_>, name: &str) -> Option<String> {
    match object.member(name)? {
        Value::String(text) => Some(text.to_cow().into_owned()),
        _ => None,
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
