//! What a key set has to say about its document: keys skipped, keys to worry about, no keys at all.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;

/// A member of a key set that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedKey {
    /// Its place in `keys`, counted from 0.
    pub position: usize,
    /// Its `kid`, where that could be read.
    pub kid: Option<String>,
    /// Why it can't be used.
    pub reason: Error,
}

impl fmt::Display for SkippedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, self.position, self.kid.as_deref())?;
        write!(f, "{}", self.reason)
    }
}

/// A usable key that something is wrong with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWarning {
    /// Its place in `keys`, counted from 0.
    pub position: usize,
    /// Its `kid`.
    pub kid: Option<String>,
    /// What is wrong.
    pub warning: Warning,
}

impl fmt::Display for KeyWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, self.position, self.kid.as_deref())?;
        f.write_str(match self.warning {
            Warning::DuplicateKid => {
                "another key of the same type has the same kid: neither is used"
            }
            Warning::PrivateMembers => "the JWK holds its private key, which was not kept",
        })
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

/// `keys[3] (kid "x"): `, with the `kid` escaped: it is somebody else's text.
fn write_place(f: &mut fmt::Formatter<'_>, position: usize, kid: Option<&str>) -> fmt::Result {
    match kid {
        Some(kid) => write!(f, "keys[{position}] (kid {kid:?}): "),
        None => write!(f, "keys[{position}]: "),
    }
}

/// Why a document gave no key set, with what is known of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetError {
    /// The reason.
    pub error: Error,
    /// The keys that were skipped before the set turned out to be empty.
    pub skipped: Vec<SkippedKey>,
}

impl From<Error> for KeySetError {
    fn from(error: Error) -> Self {
        Self {
            error,
            skipped: Vec::new(),
        }
    }
}

impl From<KeySetError> for Error {
    fn from(error: KeySetError) -> Self {
        error.error
    }
}

/// The message, then a line for each skipped key.
impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        self.skipped.iter().try_for_each(|key| write!(f, "\n{key}"))
    }
}

impl core::error::Error for KeySetError {}
