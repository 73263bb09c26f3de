//! What a check saw, for programs and for people.

use std::fmt;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwtverify_core::json::Value;
use jwtverify_core::{Error as Code, JwkOptions};

use super::reach::Reached;
use crate::diagnosis::Cause;
use crate::fetch::FetchError;
use crate::provider::Key;
use crate::text;

/// What a [`check()`](crate::check()) saw.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Check {
    /// What was fetched, without its query; `None` for a document in memory or a refused URL.
    pub url: Option<String>,
    /// Whether a server answered, no matter what.
    pub reachable: bool,
    /// How far the request came.
    pub reached: Reached,
    /// The addresses of the host, where no connection could be made and
    /// [`look_up_names`](crate::CheckOptions::look_up_names) was asked for; four at most.
    pub addresses: Vec<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The `Content-Type`, which this library does not rely on.
    pub content_type: Option<String>,
    /// The `Cache-Control`, as it was sent.
    pub cache_control: Option<String>,
    /// The `ETag`, by which an unchanged set need not be sent again.
    pub etag: Option<String>,
    /// How long a [`RemoteJwks`](crate::RemoteJwks) with default settings uses this answer before
    /// it asks again.
    pub ttl: Option<Duration>,
    /// The length of the document.
    pub bytes: Option<usize>,
    /// The members of `keys`, in the order of the document.
    pub keys: Vec<CheckedKey>,
    /// How many keys can be used.
    pub usable: usize,
    /// Whether the expected `kid` is in the document, usable or not; `None` if none was given.
    pub kid_found: Option<bool>,
    /// What makes the endpoint unusable, or the expected key.
    pub errors: Vec<Problem>,
    /// What should be better.
    pub warnings: Vec<String>,
    /// What to keep in mind when keys are rotated.
    pub advice: Vec<String>,
    /// What may have caused the first of the errors, the most likely first.
    pub causes: Vec<&'static Cause>,
    /// What to do about it, the most likely first.
    pub next: Vec<String>,
    /// The code of the first of the errors.
    pub error: Option<Code>,
}

impl Check {
    /// Whether nothing is wrong, warnings aside.
    pub fn is_ok(&self) -> bool {
        self.errors.is_empty()
    }

    pub(super) fn fail(&mut self, error: Code, problem: Problem) {
        self.error.get_or_insert(error);
        self.errors.push(problem);
    }

    /// What a verifier that keeps this set for its ttl means for whoever rotates keys.
    pub(super) fn advise_on_rotation(&mut self) {
        let Some(ttl) = self.ttl.filter(|_| self.usable > 0) else {
            return;
        };
        let ttl = text::span(ttl);
        self.advice.push(format!(
            "a verifier may use this set for {ttl} before it asks again: publish a new key at \
             least {ttl} before you sign with it, and keep the old one until its last token has \
             expired"
        ));
        if self.usable == 1 {
            self.advice.push(
                "there is one usable key: fine between rotations, but during one there must be two"
                    .to_owned(),
            );
        }
    }

    pub(super) fn warn_about_members(&mut self) {
        let several = self.keys.len() > 1;
        for (position, key) in self.keys.iter().enumerate() {
            let mut warn = |text: &str| self.warnings.push(format!("keys[{position}]: {text}"));
            match key.refused {
                None => {}
                Some(Code::JwkPrivate) => {
                    warn("its private key is published: everybody can sign with it; withdraw it");
                    continue;
                }
                Some(Code::SymmetricNotAllowed) => {
                    warn("a shared secret is published: everybody can forge with it; withdraw it");
                    continue;
                }
                Some(_) => continue,
            }
            match key.kid.as_deref() {
                None if several => warn("no kid, in a set of several keys"),
                Some("") => warn("the kid is the empty string"),
                _ => {}
            }
            if key.alg.is_none() {
                warn("no alg: the verifier's allow-list and the key's type decide");
            }
        }
    }
}

/// One member of the `keys` array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckedKey {
    /// `kid`, where it is a string.
    pub kid: Option<String>,
    /// `kty`, where it is a string.
    pub kty: Option<String>,
    /// `alg`, where it is a string.
    pub alg: Option<String>,
    /// `use`, where it is a string.
    pub key_use: Option<String>,
    /// `crv`, where it is a string.
    pub crv: Option<String>,
    /// Bits of an RSA modulus, where the key can be used.
    pub modulus_bits: Option<usize>,
    /// The thumbprint of the key's numbers in base64url (RFC 7638), where the key can be used: the
    /// same for the same key, whatever its kid is.
    pub thumbprint: Option<String>,
    /// Why the key can't be used, or `None` if it can.
    pub refused: Option<Code>,
}

impl CheckedKey {
    pub(super) fn of(member: Value<'_>) -> Self {
        let Value::Object(jwk) = member else {
            return Self {
                refused: Some(Code::JwkNotObject),
                ..Self::default()
            };
        };
        let text = |name| match jwk.member(name) {
            Some(Value::String(text)) => Some(text.to_cow().into_owned()),
            _ => None,
        };
        let read: Result<Key, Code> = JwkOptions::new().fetched(true).read(jwk.as_str());
        let key = read.as_ref().ok();
        Self {
            kid: text("kid"),
            kty: text("kty"),
            alg: text("alg"),
            key_use: text("use"),
            crv: text("crv"),
            modulus_bits: key.map(Key::modulus_bits).filter(|bits| *bits > 0),
            thumbprint: key
                .and_then(Key::thumbprint)
                .map(|octets| Base64UrlUnpadded::encode_string(octets)),
            refused: None,
        }
    }
}

/// What is wrong. `Display` says it in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The expected kid is not in the set.
    KidNotFound {
        /// The expected kid.
        kid: String,
        /// The kids in the document, `None` for a key without one.
        available: Vec<Option<String>>,
        /// The one that was perhaps meant.
        closest: Option<String>,
    },
    /// The expected kid is in the set, but its key can't be used.
    KidUnusable {
        /// The expected kid.
        kid: String,
        /// Why not.
        reason: Code,
    },
    /// A JSON object without a `keys` array, and no JWK.
    NoKeysArray(String),
    /// No key of the set can be used.
    NoUsableKeys(Code),
    /// Not one strict JSON object.
    NotJson(String),
    /// A redirect, which is never followed.
    Redirect(String),
    /// No complete answer.
    Request(FetchError),
    /// Another status than 200.
    Status(u16),
    /// The request timed out.
    Timeout,
    /// The answer is longer than 512 KiB.
    TooLarge,
    /// The URL may not be fetched.
    Url(String),
}

impl From<FetchError> for Problem {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Timeout => Self::Timeout,
            FetchError::TooLarge => Self::TooLarge,
            error => Self::Request(error),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KidNotFound {
                kid,
                available,
                closest,
            } => {
                write!(f, "expected kid \"{kid}\" not found; available: ")?;
                for (place, known) in available.iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    match known {
                        Some(known) => write!(f, "{comma}\"{known}\"")?,
                        None => write!(f, "{comma}(no kid)")?,
                    }
                }
                if available.is_empty() {
                    write!(f, "none")?;
                }
                match closest {
                    Some(closest) => write!(f, " (did you mean \"{closest}\"?)"),
                    None => Ok(()),
                }
            }
            Self::KidUnusable { kid, reason } => {
                write!(
                    f,
                    "the key with the expected kid \"{kid}\" can't be used: {reason}"
                )
            }
            Self::NoKeysArray(looks) => write!(f, "the document has no keys array{looks}"),
            Self::NoUsableKeys(error) => write!(f, "{error}"),
            Self::NotJson(why) => write!(f, "the document is not one strict JSON object: {why}"),
            Self::Redirect(detail) => f.write_str(detail),
            Self::Request(error) => write!(f, "{error}"),
            Self::Status(status) => write!(f, "the answer has the status {status}, not 200"),
            Self::Timeout => f.write_str("the request timed out"),
            Self::TooLarge => f.write_str("the answer is longer than 512 KiB"),
            Self::Url(why) => f.write_str(why),
        }
    }
}
