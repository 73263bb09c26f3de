//! What a key set has to say about its document: keys skipped, keys to worry about, no keys at all.

#[cfg(feature = "alloc")]
use alloc::string::String;
#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::json::Text;

/// What reading a set has to say of one member of its document: a view, which allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct KeyNotice<'d> {
    /// Its place in `keys`, counted from 0.
    pub position: usize,
    /// Its `kid`, where that could be read.
    pub kid: Option<Text<'d>>,
    /// What there is to say.
    pub notice: Notice,
}

/// What there is to say of a member of a key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It can't be used, for this reason.
    Skipped(Error),
    /// It can be used, and something is wrong with it.
    Warning(Warning),
}

impl fmt::Display for KeyNotice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, self.position, self.kid.map(Text::chars))?;
        match self.notice {
            Notice::Skipped(reason) => write!(f, "{reason}"),
            Notice::Warning(warning) => write!(f, "{warning}"),
        }
    }
}

/// A member of a key set that can't be used.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedKey {
    /// Its place in `keys`, counted from 0.
    pub position: usize,
    /// Its `kid`, where that could be read.
    pub kid: Option<String>,
    /// Why it can't be used.
    pub reason: Error,
}

#[cfg(feature = "alloc")]
impl fmt::Display for SkippedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, self.position, self.kid.as_deref().map(str::chars))?;
        write!(f, "{}", self.reason)
    }
}

/// A usable key that something is wrong with.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWarning {
    /// Its place in `keys`, counted from 0.
    pub position: usize,
    /// Its `kid`.
    pub kid: Option<String>,
    /// What is wrong.
    pub warning: Warning,
}

#[cfg(feature = "alloc")]
impl fmt::Display for KeyWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, self.position, self.kid.as_deref().map(str::chars))?;
        write!(f, "{}", self.warning)
    }
}

/// What may be wrong with a usable key.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A different key of the same type has the same `kid`: tokens naming it are refused with
    /// [`Error::KeyAmbiguous`].
    DuplicateKid,
    /// The JWK came with its private part, which was not kept.
    PrivateMembers,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DuplicateKid => "another key of the same type has the same kid: neither is used",
            Self::PrivateMembers => "the JWK holds its private key, which was not kept",
        })
    }
}

/// `keys[3] (kid "x"): `, with the `kid` escaped: it is somebody else's text.
fn write_place(
    f: &mut fmt::Formatter<'_>,
    position: usize,
    kid: Option<impl Iterator<Item = char>>,
) -> fmt::Result {
    write!(f, "keys[{position}]")?;
    if let Some(mut kid) = kid {
        f.write_str(" (kid \"")?;
        kid.try_for_each(|c| match c {
            '\'' => f.write_str("'"),
            c => write!(f, "{}", c.escape_debug()),
        })?;
        f.write_str("\")")?;
    }
    f.write_str(": ")
}

/// Why a document gave no key set, with what is known of its keys.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetError {
    /// The reason.
    pub error: Error,
    /// The keys that were skipped before the set turned out to be empty.
    pub skipped: Vec<SkippedKey>,
}

#[cfg(feature = "alloc")]
impl From<Error> for KeySetError {
    fn from(error: Error) -> Self {
        Self {
            error,
            skipped: Vec::new(),
        }
    }
}

#[cfg(feature = "alloc")]
impl From<KeySetError> for Error {
    fn from(error: KeySetError) -> Self {
        error.error
    }
}

/// The message, then a line for each skipped key.
#[cfg(feature = "alloc")]
impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        self.skipped.iter().try_for_each(|key| write!(f, "\n{key}"))
    }
}

#[cfg(feature = "alloc")]
impl core::error::Error for KeySetError {}
