//! Core's error together with what a person needs in order to act.

use std::fmt;
use std::time::Duration;

use jwtverify_core::{Error as Code, Family};

use crate::diagnosis::Diagnosis;

/// Why there is no verdict of "valid", and what to do about it.
///
/// It wraps the flat [`jwtverify_core::Error`], whose number is the same in every language, and
/// adds a [`Diagnosis`] where there is more to say. It never holds token bytes, claim values or
/// secrets; a `kid` from a token is cut to 64 characters and its control characters are escaped.
///
/// `Display` gives the one-line message, then the lines of the diagnosis.
///
/// ```
/// use jwtverify_jwks::RemoteJwks;
///
/// let error = RemoteJwks::from_url("http://issuer.example/jwks.json").unwrap_err();
/// assert_eq!((error.code(), error.name(), error.http_status()), (809, "MisuseUrl", 500));
/// assert!(error.to_string().contains("https://"));
/// ```
#[derive(Clone, Debug)]
pub struct Error {
    error: Code,
    retry_after: Option<Duration>,
    diagnosis: Option<Box<Diagnosis>>,
}

impl Error {
    #[cold]
    pub(crate) fn new(
        error: Code,
        retry_after: Option<Duration>,
        diagnosis: Option<Diagnosis>,
    ) -> Self {
        // Only what may be tried again with success has a time.
        let retry_after = retry_after.filter(|_| error.family() == Family::Unavailable);
        Self {
            error,
            retry_after,
            diagnosis: diagnosis.map(Box::new),
        }
    }

    #[cold]
    pub(crate) fn misuse(error: Code, suggestion: &str) -> Self {
        let suggestions = vec![suggestion.to_owned()];
        Self::new(
            error,
            None,
            Some(Diagnosis {
                suggestions,
                ..Diagnosis::default()
            }),
        )
    }

    /// The flat error of core.
    pub fn error(&self) -> Code {
        self.error
    }

    /// The stable number, the same in every language.
    pub fn code(&self) -> u16 {
        self.error.code()
    }

    /// The name that goes with the number, such as `KeyNotFound`.
    pub fn name(&self) -> &'static str {
        self.error.name()
    }

    /// What an HTTP service answers: 401 to a bad token, 503 if it can't be known now, 500 else.
    pub fn http_status(&self) -> u16 {
        self.error.http_status()
    }

    /// The value of the `WWW-Authenticate` header that goes with a 401 (RFC 6750 section 3).
    pub fn www_authenticate(&self) -> Option<String> {
        self.error.www_authenticate().map(str::to_owned)
    }

    /// The value of the `Retry-After` header that goes with a 503: whole seconds, at least 1.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after.map(|wait| {
            let secs = wait.as_secs();
            let whole = if wait.subsec_nanos() > 0 {
                secs.saturating_add(1)
            } else {
                secs
            };
            whole.max(1)
        })
    }

    /// The one-line message.
    pub fn message(&self) -> String {
        self.error.to_string()
    }

    /// What is known about the cause, if there is more than the message.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.diagnosis.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        match &self.diagnosis {
            Some(diagnosis) => write!(f, "{diagnosis}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl From<Code> for Error {
    fn from(error: Code) -> Self {
        Self::new(error, None, None)
    }
}

impl From<Error> for Code {
    fn from(error: Error) -> Self {
        error.error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_whole_seconds_rounded_up_and_for_503_only() {
        for (millis, wanted) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (29_500, 30)] {
            let wait = Duration::from_millis(millis);
            let error = Error::new(Code::UnavailableUnchecked, Some(wait), None);
            assert_eq!(
                (error.http_status(), error.retry_after()),
                (503, Some(wanted))
            );
            assert_eq!(error.www_authenticate(), None);
        }
        let error = Error::new(Code::KeyNotFound, Some(Duration::from_secs(1)), None);
        assert_eq!((error.http_status(), error.retry_after()), (401, None));
        assert!(
            error
                .www_authenticate()
                .unwrap()
                .starts_with("Bearer error=\"invalid_token\"")
        );
    }

    #[test]
    fn errors_are_small_and_shareable() {
        fn shareable<T: Send + Sync + 'static>() {}
        shareable::<Error>();
        assert!(size_of::<Error>() <= 48, "{}", size_of::<Error>());
    }
}
