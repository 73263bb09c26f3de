//! From what was named as a source to the one that it is.

use std::path::PathBuf;

use jwtverify_core::{Error as Code, KeySet, KeySetOptions, Provider};

use crate::discovery::{self, Metadata};
use crate::error::Error;
use crate::source::Source;
use crate::text;
use crate::url::{SourceUrl, UrlProblem};

/// The most URLs of one key set. Each gets its share of the timeout, which must be enough.
const MAX_URLS: usize = 8;

/// A source as it was given, unchecked.
#[derive(Clone)]
pub(super) enum Given {
    Url(String),
    Urls(Vec<String>),
    Issuer(String),
    AuthorizationServer(String),
    File(PathBuf),
    Jwks(Vec<u8>),
}

/// A source that was checked.
pub(super) enum Origin<'g> {
    Remote(Source),
    /// The document that never changes, as it was given.
    Static(&'g [u8]),
}

impl Origin<'_> {
    /// How logs and figures name it: the issuer, or the place without its query.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(super) fn name(&self) -> String {
        let (issuer, place) = match self {
            Self::Remote(source) => source.shown(),
            Self::Static(_) => Source::Static.shown(),
        };
        issuer.or(place).unwrap_or_default()
    }

    pub(super) fn is_on_the_network(&self) -> bool {
        matches!(self, Self::Remote(Source::Urls(_) | Source::Issuer { .. }))
    }
}

/// The one source.
pub(super) fn settle(given: &[Given]) -> Result<Origin<'_>, Error> {
    let [given] = given else {
        return Err(if given.is_empty() {
            let text = "name a source: the URL of the key set, the issuer, a file or the set";
            Error::misuse(Code::MisuseUrl, text)
        } else {
            let text = "name one source, once: URL, URLs, issuer, file or the set itself";
            Error::misuse(Code::MisuseTwice, text)
        });
    };
    Ok(match given {
        Given::Url(url) => Origin::Remote(Source::Urls(vec![parse(url)?])),
        Given::Urls(given) => Origin::Remote(Source::Urls(several(given)?)),
        Given::Issuer(issuer) => by_discovery(issuer, Metadata::OpenId)?,
        Given::AuthorizationServer(issuer) => by_discovery(issuer, Metadata::AuthorizationServer)?,
        Given::File(path) => Origin::Remote(Source::File(path.clone())),
        Given::Jwks(document) => Origin::Static(document),
    })
}

/// Reads a set that was given.
pub(super) fn read<P: Provider>(
    document: &[u8],
    max_bytes: usize,
    max_keys: usize,
) -> Result<KeySet<P>, Error> {
    let options = KeySetOptions::new()
        .fetched(true)
        .max_bytes(max_bytes)
        .max_keys(max_keys);
    options.read(document).map_err(|refused| {
        let skipped: Vec<String> = refused.skipped.iter().take(5).map(text::skipped).collect();
        let mut reason = "the key set that was given is none".to_owned();
        if !skipped.is_empty() {
            reason = format!("{reason}: {}", skipped.join("; "));
        }
        Error::misuse(refused.error, &reason)
    })
}

fn several(given: &[String]) -> Result<Vec<SourceUrl>, Error> {
    if given.is_empty() || given.len() > MAX_URLS {
        let text = format!("give from 1 to {MAX_URLS} URLs");
        return Err(Error::misuse(Code::MisuseUrl, &text));
    }
    let mut urls: Vec<SourceUrl> = Vec::new();
    for url in given {
        let url = parse(url)?;
        if urls.contains(&url) {
            let text = "one of the URLs is given twice";
            return Err(Error::misuse(Code::MisuseTwice, text));
        }
        urls.push(url);
    }
    Ok(urls)
}

fn by_discovery(issuer: &str, metadata: Metadata) -> Result<Origin<'static>, Error> {
    let document = discovery::document_url(issuer, metadata).map_err(refuse)?;
    Ok(Origin::Remote(Source::Issuer {
        issuer: issuer.to_owned(),
        document,
    }))
}

fn parse(url: &str) -> Result<SourceUrl, Error> {
    SourceUrl::parse(url).map_err(refuse)
}

fn refuse(problem: UrlProblem) -> Error {
    Error::misuse(Code::MisuseUrl, problem.as_str())
}
