//! What the program says to whoever started it.

use std::process::ExitCode;

pub(crate) use jwtverify_jwks::ErrorCode as Code;
use jwtverify_jwks::Family;

/// The exit codes; `--help` explains them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Good = 0,
    AtFault = 1,
    Usage = 2,
    Unavailable = 3,
    Internal = 4,
}

impl Exit {
    /// The exit code for a refused token.
    ///
    /// A key set that can't be used is the caller's fault for a library; here it is the same
    /// thing as one that can't be fetched: nothing was learnt about the token.
    pub(crate) fn of(error: Code) -> Self {
        match (error.family(), error.code()) {
            (Family::Token, _) => Self::AtFault,
            (Family::Unavailable, _) | (Family::Caller, 600..=699) => Self::Unavailable,
            (Family::Caller, _) => Self::Usage,
            (Family::Internal, _) => Self::Internal,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
