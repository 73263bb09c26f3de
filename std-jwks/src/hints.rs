//! What is known about the issuers that people use: one row each.
//!
//! A row is chosen by the host and path of the token's **unverified** `iss` and of the key-set URL.
//! Whoever forges a token chooses the hint that is shown for it, and nothing else: hints are text
//! for a person, and no decision of this library rests on them.

mod rows;

use std::borrow::Cow;
use std::fmt;

use rows::ROWS;

/// What a row is matched against.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clue {
    /// The token's `iss`, unverified.
    pub(crate) issuer: Option<Place>,
    /// Where the keys come from.
    pub(crate) source: Option<Place>,
    /// The header holds `signer`, the Amazon Resource Name of a load balancer.
    pub(crate) load_balancer: bool,
    /// The header holds `nonce`, as tokens for Microsoft Graph do.
    pub(crate) nonce: bool,
}

/// Host and path of a URL, the host in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) path: String,
}

impl Place {
    /// Reads `https://host/path`, or a bare host as Google's older `iss` is.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > crate::url::MAX_URL_BYTES {
            return None;
        }
        let url = url::Url::parse(text)
            .ok()
            .filter(url::Url::has_host)
            .or_else(|| url::Url::parse(&format!("https://{text}")).ok())?;
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        Some(Self {
            host,
            path: url.path().to_owned(),
        })
    }

    /// The host is `domain` or below it.
    fn under(&self, domain: &str) -> bool {
        let rest = self.host.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

/// What failed, as far as hints care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// `aud` is missing or another.
    Audience,
    /// Nothing usable came from the URL.
    Fetch,
    /// `iss` is missing or another.
    Issuer,
    /// The key is not there, or the signature does not match it.
    Key,
    /// The token's form: padding, encryption, not a JWT at all.
    Token,
}

impl Trouble {
    /// What the hint is about, in a word or two.
    const fn word(self) -> &'static str {
        match self {
            Self::Audience => "aud",
            Self::Fetch => "fetching",
            Self::Issuer => "iss",
            Self::Key => "keys",
            Self::Token => "form",
        }
    }
}

/// What is known of the tokens and keys of one provider: a row of [`known_providers`].
///
/// ```
/// let okta = jwtverify_jwks::known_providers().first();
/// assert!(okta.is_some_and(|provider| provider.name().starts_with("Okta")));
/// ```
pub struct KnownProvider {
    name: &'static str,
    told_by: &'static str,
    is: fn(&Clue) -> bool,
    /// Nobody else can verify its tokens.
    keeps_keys: bool,
    says: &'static [(Trouble, &'static str)],
}

impl KnownProvider {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it is told by. All of it is unverified.
    pub const fn told_by(&self) -> &'static str {
        self.told_by
    }

    /// The hints, each with what it is about: `keys`, `iss`, `aud`, `form` (of the token) or
    /// `fetching`.
    pub fn hints(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.says.iter().map(|(about, text)| (about.word(), *text))
    }
}

impl fmt::Debug for KnownProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownProvider({})", self.name)
    }
}

/// The providers that hints are known for, in the order of the manual.
pub fn known_providers() -> &'static [KnownProvider] {
    ROWS
}

/// The hints for a failure, each naming the provider it speaks of. All of them begin with a
/// warning where they rest on the unverified `iss`.
pub(crate) fn hints(clue: &Clue, trouble: Trouble) -> Vec<Cow<'static, str>> {
    let mut found: Vec<Cow<'static, str>> = Vec::new();
    for row in ROWS.iter().filter(|row| (row.is)(clue)) {
        for (_, text) in row.says.iter().filter(|(when, _)| *when == trouble) {
            found.push(format!("{}: {text}", row.name).into());
        }
    }
    if !found.is_empty() && clue.issuer.is_some() {
        found.push(Cow::Borrowed(UNVERIFIED));
    }
    found
}

/// Whether these clues name a provider that keeps to itself how such tokens are verified.
pub(crate) fn keeps_keys(clue: &Clue) -> bool {
    ROWS.iter().any(|row| row.keeps_keys && (row.is)(clue))
}

/// Said after every hint that may rest on the token's own words.
const UNVERIFIED: &str = "the provider was guessed from the token's iss, which is not verified: it \
     serves for this hint only and must never choose keys";

#[cfg(test)]
mod tests;
