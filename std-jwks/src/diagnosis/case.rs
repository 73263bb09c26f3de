//! What was seen of one failure: what the conditions of the table of causes look at.

use jwtverify_core::{Algorithm, Error as Code, KeySet, Provider};

use super::seen::Seen;
use super::{Facts, is_about_keys};
use crate::hints::{Place, keeps_keys};
use crate::text;

/// One failure, with everything that speaks for or against a cause.
pub(super) struct Case<'a> {
    pub(super) error: Code,
    pub(super) form: Form,
    /// The kid asked for.
    pub(super) kid: Option<&'a str>,
    /// The header's `alg` is that of a shared secret.
    pub(super) symmetric: bool,
    pub(super) set: Option<SetView>,
    /// The keys come from a URL or an issuer, and are refreshed.
    pub(super) remote: bool,
    pub(super) kinship: Kinship,
    /// The provider that the token names keeps to itself how such tokens are verified.
    pub(super) unpublished: bool,
    /// The header has a nonce.
    pub(super) nonce: bool,
    facts: &'a Facts,
}

/// The token as a text, where that is what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bearer,
    Empty,
    NoDots,
    Other,
    Padded,
    Quoted,
    Spaced,
}

/// What there is to know about a key set.
#[derive(Clone, Copy, Debug)]
pub(super) struct SetView {
    pub(super) usable: usize,
    pub(super) with_kid: usize,
    /// A key with the kid asked for was left out.
    pub(super) skipped_kid: bool,
}

/// Whether the token's **unverified** `iss` names the issuer that the keys belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kinship {
    /// The configured issuer is another.
    Other,
    Same,
    /// The keys come from a URL on another host than that of `iss`. That proves nothing: Google,
    /// for one, keeps its keys on another host.
    Unlike,
    Unknown,
}

impl<'a> Case<'a> {
    pub(super) fn new<P: Provider>(
        error: Code,
        token: &[u8],
        seen: &'a Seen,
        keys: Option<&KeySet<P>>,
        facts: &'a Facts,
    ) -> Self {
        let kid = facts.kid.as_deref().or(seen.kid.as_deref());
        Self {
            error,
            form: Form::of(token),
            kid,
            symmetric: seen.algorithm.is_some_and(Algorithm::is_symmetric),
            set: keys.map(|keys| SetView {
                usable: keys.len(),
                with_kid: keys.kids().count(),
                skipped_kid: kid.is_some()
                    && keys.skipped().iter().any(|key| key.kid.as_deref() == kid),
            }),
            remote: facts.url.is_some() || facts.issuer.is_some(),
            kinship: Kinship::of(seen, facts),
            unpublished: keeps_keys(&seen.clue),
            nonce: seen.clue.nonce,
            facts,
        }
    }

    /// The error; where nothing was tried just now, that of the last attempt.
    pub(super) fn effective(&self) -> Code {
        match (self.error, &self.facts.failure) {
            (Code::UnavailableBackoff | Code::UnavailableUnchecked, Some(failure)) => failure.error,
            (error, _) => error,
        }
    }

    /// The document is not where it should be (404, 410).
    pub(super) fn gone(&self) -> bool {
        self.facts
            .failure
            .as_ref()
            .is_some_and(|failure| failure.gone)
    }

    /// Why the document is no key set.
    pub(super) fn document(&self) -> Option<Code> {
        match self.effective() {
            Code::UnavailableKeySet => self.facts.failure.as_ref()?.document,
            error => matches!(error.code(), 600..=609).then_some(error),
        }
    }

    /// What the form of the token shows, in words.
    pub(super) fn form_seen(&self) -> Option<&'static str> {
        Some(match self.form {
            Form::Empty => "the token is empty",
            Form::Bearer => "the text begins with the word Bearer",
            Form::Quoted => "the token is in quotes",
            Form::Spaced => "there is white space in or around the token",
            Form::Padded | Form::NoDots | Form::Other => return None,
        })
    }

    /// Whether the diagnosis shows what is known of the keys.
    pub(super) fn shows_keys(&self) -> bool {
        is_about_keys(self.error) || self.error.family() == jwtverify_core::Family::Unavailable
    }
}

impl Form {
    fn of(token: &[u8]) -> Self {
        let starts = |prefix: &[u8]| {
            token
                .get(..prefix.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        };
        if token.is_empty() {
            Self::Empty
        } else if starts(b"bearer ") {
            Self::Bearer
        } else if starts(b"\"") || starts(b"'") {
            Self::Quoted
        } else if token.iter().any(u8::is_ascii_whitespace) {
            Self::Spaced
        } else if token.contains(&b'=') {
            Self::Padded
        } else if !token.contains(&b'.') {
            Self::NoDots
        } else {
            Self::Other
        }
    }
}

impl Kinship {
    fn of(seen: &Seen, facts: &Facts) -> Self {
        let Some(issuer) = &seen.issuer else {
            return Self::Unknown;
        };
        if let Some(configured) = &facts.issuer {
            // Both as they are shown: the configured one is kept in that form only.
            return if text::detail(issuer) == *configured {
                Self::Same
            } else {
                Self::Other
            };
        }
        let host = |text: &str| Place::parse(text).map(|place| place.host);
        match (host(issuer), facts.url.as_deref().and_then(host)) {
            (Some(issuer), Some(source)) if issuer != source => Self::Unlike,
            _ => Self::Unknown,
        }
    }
}
