//! What a token says about itself, unverified.

use jwtverify_core::Algorithm;
use jwtverify_core::json::{Object, Value};
use jwtverify_core::unverified::UnverifiedToken;

use crate::hints::{Clue, Place};

/// The claims of longer tokens are not read for hints: whoever sends rubbish decides how long it
/// is, and explaining must not cost much more than refusing.
const LONGEST: usize = 16 * 1024;

#[derive(Default)]
pub(super) struct Seen {
    pub(super) kid: Option<String>,
    pub(super) algorithm: Option<Algorithm>,
    /// `iss`. It is compared and never shown.
    pub(super) issuer: Option<String>,
    pub(super) clue: Clue,
}

impl Seen {
    pub(super) fn read(token: &[u8]) -> Self {
        let Ok(read) = UnverifiedToken::read(token) else {
            return Self::default();
        };
        let issuer = Some(&read)
            .filter(|_| token.len() <= LONGEST)
            .and_then(|read| string(read.claims().ok()?, "iss"));
        let clue = Clue {
            source: None,
            issuer: issuer.as_deref().and_then(Place::parse),
            load_balancer: string(read.header(), "signer").is_some_and(|arn| {
                arn.starts_with("arn:aws") && arn.contains(":elasticloadbalancing:")
            }),
            nonce: read.header().member("nonce").is_some(),
        };
        Self {
            kid: read.kid(),
            algorithm: string(read.header(), "alg").and_then(|name| Algorithm::from_name(&name)),
            issuer,
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
