//! The builder: every decision is made in words, and contradictions are refused.

use super::Verifier;
use crate::algorithm::AlgorithmSet;
use crate::error::Error;
use crate::expected::{Expected, List};
use crate::limits::{MAX_EXPECTED, MAX_HEADER_BYTES, MAX_LEEWAY_SECONDS, MAX_TOKEN_BYTES};

/// Builds a [`Verifier`]. Algorithms, issuer and audience have no default.
///
/// ```
/// use jwtverify_core::{Algorithm, Error, Verifier};
///
/// let forgotten = Verifier::builder().algorithms([Algorithm::Rs256]).issuer("https://idp.example");
/// assert_eq!(forgotten.build().err(), Some(Error::MisuseAudienceUnset));
/// ```
#[derive(Clone, Debug, Default)]
pub struct VerifierBuilder<'p> {
    algorithms: Option<AlgorithmSet>,
    issuer: Option<Expected<'p>>,
    audience: Option<Expected<'p>>,
    required: Option<List<'p>>,
    typ: Option<&'p str>,
    leeway: Option<u64>,
    max_age: Option<u64>,
    allow_padding: bool,
    max_token_bytes: Option<usize>,
    max_header_bytes: Option<usize>,
    given_twice: bool,
}

impl<'p> VerifierBuilder<'p> {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// The algorithms that tokens may use, and no others (RFC 8725 section 3.1). Required.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl Into<AlgorithmSet>) -> Self {
        self.given_twice |= self.algorithms.replace(algorithms.into()).is_some();
        self
    }

    /// The issuer that `iss` must equal, octet for octet.
    #[must_use]
    pub fn issuer(self, issuer: &'p str) -> Self {
        self.set_issuer(Expected::OneOf(List::One(issuer)))
    }

    /// The issuers of which `iss` must equal one.
    ///
    /// They share the keys that tokens are verified with: any of them could issue in the name of
    /// the others. Issuers that do not trust each other need a verifier and a key set each.
    #[must_use]
    pub fn issuers(self, issuers: &'p [&'p str]) -> Self {
        self.set_issuer(Expected::OneOf(List::Many(issuers)))
    }

    /// `iss` is not checked.
    #[must_use]
    pub fn any_issuer(self) -> Self {
        self.set_issuer(Expected::Any)
    }

    /// The audience that `aud` must equal or contain.
    #[must_use]
    pub fn audience(self, audience: &'p str) -> Self {
        self.set_audience(Expected::OneOf(List::One(audience)))
    }

    /// The audiences of which `aud` must equal or contain one.
    #[must_use]
    pub fn audiences(self, audiences: &'p [&'p str]) -> Self {
        self.set_audience(Expected::OneOf(List::Many(audiences)))
    }

    /// `aud` is not checked.
    #[must_use]
    pub fn any_audience(self) -> Self {
        self.set_audience(Expected::Any)
    }

    /// Seconds by which clocks may differ: 0, the default, to [`MAX_LEEWAY_SECONDS`].
    #[must_use]
    pub fn leeway(mut self, seconds: u64) -> Self {
        self.given_twice |= self.leeway.replace(seconds).is_some();
        self
    }

    /// The claims that must be present; `["exp"]` by default. A list without `exp` lets tokens
    /// pass that never expire.
    #[must_use]
    pub fn required_claims(mut self, names: &'p [&'p str]) -> Self {
        self.given_twice |= self.required.replace(List::Many(names)).is_some();
        self
    }

    /// The `typ` that the header must have, such as `at+jwt` (RFC 9068 section 4), compared as a
    /// media type. Not checked by default.
    #[must_use]
    pub fn typ(mut self, typ: &'p str) -> Self {
        self.given_twice |= self.typ.replace(typ).is_some();
        self
    }

    /// The longest time since `iat`, in seconds; `iat` is then required. Not checked by default.
    #[must_use]
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.given_twice |= self.max_age.replace(seconds).is_some();
        self
    }

    /// Accept correct `=` padding at the end of segments, as AWS load balancers send it. The
    /// signature is verified over the text as it was received.
    #[must_use]
    pub fn allow_padding(mut self, allow: bool) -> Self {
        self.allow_padding = allow;
        self
    }

    /// The longest token, in octets; [`MAX_TOKEN_BYTES`] by default.
    #[must_use]
    pub fn max_token_bytes(mut self, octets: usize) -> Self {
        self.given_twice |= self.max_token_bytes.replace(octets).is_some();
        self
    }

    /// The longest decoded header, in octets; [`MAX_HEADER_BYTES`] by default.
    #[must_use]
    pub fn max_header_bytes(mut self, octets: usize) -> Self {
        self.given_twice |= self.max_header_bytes.replace(octets).is_some();
        self
    }

    /// The verifier, if the settings are complete and do not contradict each other.
    ///
    /// # Errors
    /// The codes 80x: [`Error::MisuseNoAlgorithms`], [`Error::MisuseIssuerUnset`],
    /// [`Error::MisuseAudienceUnset`], [`Error::MisuseEmptyList`], [`Error::MisuseTwice`],
    /// [`Error::MisuseLeeway`], [`Error::MisuseTooMany`], [`Error::MisuseArgument`]
    pub fn build(self) -> Result<Verifier<'p>, Error> {
        let algorithms = self.algorithms.unwrap_or_default();
        if algorithms.is_empty() {
            return Err(Error::MisuseNoAlgorithms);
        }
        if self.given_twice {
            return Err(Error::MisuseTwice);
        }
        let issuer = self.issuer.ok_or(Error::MisuseIssuerUnset)?;
        let audience = self.audience.ok_or(Error::MisuseAudienceUnset)?;
        let required = self.required.unwrap_or(List::Many(&["exp"]));
        for expected in [&issuer, &audience] {
            if let Expected::OneOf(list) = expected {
                if list.len() == 0 {
                    return Err(Error::MisuseEmptyList);
                }
                check_list(list)?;
            }
        }
        check_list(&required)?;
        if self.typ.is_some_and(str::is_empty) {
            return Err(Error::MisuseArgument);
        }
        let leeway = self.leeway.unwrap_or(0);
        if leeway > MAX_LEEWAY_SECONDS {
            return Err(Error::MisuseLeeway);
        }
        Ok(Verifier {
            algorithms,
            issuer,
            audience,
            required,
            typ: self.typ.map(List::One),
            leeway,
            max_age: self.max_age,
            allow_padding: self.allow_padding,
            max_token_bytes: self.max_token_bytes.unwrap_or(MAX_TOKEN_BYTES),
            max_header_bytes: self.max_header_bytes.unwrap_or(MAX_HEADER_BYTES),
        })
    }

    fn set_issuer(mut self, issuer: Expected<'p>) -> Self {
        self.given_twice |= self.issuer.replace(issuer).is_some();
        self
    }

    fn set_audience(mut self, audience: Expected<'p>) -> Self {
        self.given_twice |= self.audience.replace(audience).is_some();
        self
    }
}

/// An empty text in a list is a variable that was never set; it would match a claim of `""`.
fn check_list(list: &List<'_>) -> Result<(), Error> {
    if list.len() > MAX_EXPECTED {
        return Err(Error::MisuseTooMany);
    }
    if list.iter().any(str::is_empty) {
        Err(Error::MisuseArgument)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::Algorithm;

    #[test]
    fn contradictions_and_gaps_are_refused_when_the_verifier_is_built() {
        let complete = || {
            Verifier::builder()
                .algorithms([Algorithm::Es256])
                .issuer("i")
                .audience("a")
        };
        let many: std::vec::Vec<&str> = std::vec!["a"; MAX_EXPECTED + 1];
        for (builder, expected) in [
            (complete(), None),
            (
                complete()
                    .leeway(300)
                    .typ("at+jwt")
                    .max_age(60)
                    .required_claims(&[]),
                None,
            ),
            (Verifier::builder(), Some(Error::MisuseNoAlgorithms)),
            (
                Verifier::builder().algorithms([]),
                Some(Error::MisuseNoAlgorithms),
            ),
            (
                Verifier::builder()
                    .algorithms([Algorithm::Es256])
                    .any_audience(),
                Some(Error::MisuseIssuerUnset),
            ),
            (
                Verifier::builder()
                    .algorithms([Algorithm::Es256])
                    .any_issuer(),
                Some(Error::MisuseAudienceUnset),
            ),
            (complete().any_issuer(), Some(Error::MisuseTwice)),
            (complete().audience("b"), Some(Error::MisuseTwice)),
            (
                complete().algorithms([Algorithm::Hs256]),
                Some(Error::MisuseTwice),
            ),
            (complete().leeway(1).leeway(2), Some(Error::MisuseTwice)),
            (complete().leeway(301), Some(Error::MisuseLeeway)),
            (complete().leeway(u64::MAX), Some(Error::MisuseLeeway)),
            (complete().typ(""), Some(Error::MisuseArgument)),
            (
                complete().required_claims(&[""]),
                Some(Error::MisuseArgument),
            ),
            (
                complete().required_claims(&many),
                Some(Error::MisuseTooMany),
            ),
            (
                Verifier::builder()
                    .algorithms([Algorithm::Es256])
                    .issuers(&[])
                    .audience("a"),
                Some(Error::MisuseEmptyList),
            ),
            (
                Verifier::builder()
                    .algorithms([Algorithm::Es256])
                    .issuer("i")
                    .audiences(&[]),
                Some(Error::MisuseEmptyList),
            ),
            (
                Verifier::builder()
                    .algorithms([Algorithm::Es256])
                    .issuer("")
                    .audience("a"),
                Some(Error::MisuseArgument),
            ),
        ] {
            let text = std::format!("{builder:?}");
            assert_eq!(builder.build().err(), expected, "{text}");
        }
    }
}
