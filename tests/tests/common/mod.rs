//! What the suites share: the policy they verify under, and tables of cases.
#![allow(dead_code, reason = "each suite uses a part of it")]

use std::fmt::Write;

use jwtverify_core::{
    Algorithm, AlgorithmSet, Error, KeySet, KeySetError, KeySetOptions, Provider, UnixTime,
    Verified, Verifier, VerifierBuilder,
};
use jwtverify_tests::{Alg, SigningKey};
use serde_json::{Value, json};

/// The time that every suite verifies at.
pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const AUDIENCE: &str = "api";

/// Runs each test once for each crypto provider: `per_provider!(name, ...)` makes the tests
/// `rustcrypto::name`, `aws_lc::name` and so on of each generic function `name<P>()`. A provider is
/// one line here, and then every suite has to hold for it too. Tables are there from the first
/// use of a key.
#[allow(unused_macros, reason = "a suite about fetching has one provider")]
macro_rules! per_provider {
    ($($tests:tt)+) => {
        crate::common::for_provider!(rustcrypto, jwtverify_core::RustCrypto, $($tests)+);
        crate::common::for_provider!(aws_lc, jwtverify_jwks::AwsLc, $($tests)+);
        crate::common::for_provider!(
            tables,
            jwtverify_core::Precomputed<jwtverify_core::RustCrypto, 0>,
            $($tests)+
        );
        crate::common::for_provider!(
            tables_over_aws_lc,
            jwtverify_core::Precomputed<jwtverify_jwks::AwsLc, 0>,
            $($tests)+
        );
    };
}
#[allow(unused_macros, reason = "as above")]
macro_rules! for_provider {
    ($module:ident, $provider:ty, $($(#[$attribute:meta])* $name:ident),+ $(,)?) => {
        mod $module {
            $(#[test] $(#[$attribute])* fn $name() { super::$name::<$provider>(); })+
        }
    };
}
#[allow(unused_imports, reason = "as above")]
pub(crate) use {for_provider, per_provider};

pub(crate) fn now() -> UnixTime {
    UnixTime::from_secs(NOW)
}

/// Claims that the policy of [`policy`] accepts for five minutes.
pub(crate) fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 300})
}

/// The claims above, changed: a value replaces or adds one, null removes one.
pub(crate) fn claims_with(changes: Value) -> Value {
    let Value::Object(mut claims) = claims() else {
        unreachable!()
    };
    let Value::Object(changes) = changes else {
        panic!("an object of changes")
    };
    for (name, value) in changes {
        if value.is_null() {
            claims.remove(&name);
        } else {
            claims.insert(name, value);
        }
    }
    Value::Object(claims)
}

/// Every algorithm, one issuer, one audience.
pub(crate) fn policy() -> VerifierBuilder<'static> {
    Verifier::builder()
        .algorithms(AlgorithmSet::ALL)
        .issuer(ISSUER)
        .audience(AUDIENCE)
}

/// Every algorithm, any issuer, any audience: for tests that are not about those.
pub(crate) fn open_policy() -> VerifierBuilder<'static> {
    Verifier::builder()
        .algorithms(AlgorithmSet::ALL)
        .any_issuer()
        .any_audience()
}

pub(crate) fn algorithm(alg: Alg) -> Algorithm {
    Algorithm::from_name(alg.name()).unwrap()
}

/// The key set of a document, for a provider.
pub(crate) fn read<P: Provider>(document: impl AsRef<[u8]>) -> Result<KeySet<P>, KeySetError> {
    KeySetOptions::new().read(document)
}

/// The same with symmetric keys allowed.
pub(crate) fn read_local<P: Provider>(
    document: impl AsRef<[u8]>,
) -> Result<KeySet<P>, KeySetError> {
    KeySetOptions::new().allow_symmetric(true).read(document)
}

/// The set that verifies what this key signs.
pub(crate) fn key_set<P: Provider>(key: &SigningKey) -> KeySet<P> {
    let options = KeySetOptions::new().allow_symmetric(key.alg().is_symmetric());
    options.read(key.jwks()).unwrap()
}

/// "accepted", or the error's name and, where it speaks of one, the claim: `ClaimMissing exp`.
pub(crate) fn outcome(result: Result<Verified<'_>, Error>) -> String {
    match result {
        Ok(_) => "accepted".into(),
        Err(error) => error_outcome(error),
    }
}

pub(crate) fn error_outcome(error: Error) -> String {
    match (error, error.claim()) {
        (Error::ClaimMissing(_) | Error::ClaimType(_), Some(claim)) => {
            format!("{} {claim}", error.name())
        }
        _ => error.name().into(),
    }
}

/// A table of cases: what it is, what came out, what should have.
#[derive(Default)]
pub(crate) struct Table {
    cases: usize,
    wrong: String,
}

impl Table {
    pub(crate) fn row(
        &mut self,
        what: impl std::fmt::Display,
        got: impl AsRef<str>,
        expected: &str,
    ) {
        self.cases += 1;
        if got.as_ref() != expected {
            writeln!(
                self.wrong,
                "  {what}: expected {expected}, got {}",
                got.as_ref()
            )
            .unwrap();
        }
    }

    /// Panics with every row that was wrong, and when there was none at all.
    #[track_caller]
    pub(crate) fn check(self) {
        assert!(self.cases > 0, "no cases");
        assert!(
            self.wrong.is_empty(),
            "of {} cases:\n{}",
            self.cases,
            self.wrong
        );
    }
}
