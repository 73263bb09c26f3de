//! A strict, bounded JSON reader (RFC 8259) that allocates nothing and never recurses.
//!
//! It refuses what makes two readers disagree about one text: duplicate member names at any
//! depth (compared after unescaping), lone surrogates, invalid UTF-8, a byte order mark,
//! trailing bytes, nesting deeper than [`MAX_JSON_DEPTH`](crate::limits::MAX_JSON_DEPTH), and
//! numbers outside the grammar. RFC 8259 section 4 calls names that repeat unpredictable;
//! attackers call them useful.
//!
//! A text is read once, whole; after that [`Object`], [`Array`] and [`Text`] are views into it
//! that can no longer fail.
//!
//! ```
//! use jwtverify_core::json::{self, Value};
//!
//! # #[cfg(feature = "alloc")] {
//! let object = json::object(br#"{"a": [1, "b\u0062"]}"#)?;
//! let Some(Value::Array(array)) = object.member("a") else { panic!() };
//! assert!(matches!(array.elements().nth(1), Some(Value::String(text)) if text == "bb"));
//! assert!(json::object(br#"{"a": 1, "\u0061": 2}"#).is_err());
//! # }
//! # Ok::<(), json::JsonError>(())
//! ```

mod names;
mod reader;
mod text;
mod view;

use core::fmt;

pub(crate) use names::Names;
#[cfg(any(feature = "alloc", test))]
pub(crate) use reader::validate;
pub(crate) use reader::{Span, members, value_at};
pub use text::{Chars, Text};
pub use view::{Array, Elements, Members, Object, Value};

/// Reads one JSON object, strictly. Time and memory are linear in the text but for the sorting
/// of member names.
///
/// # Errors
/// The first fault, with its place.
#[cfg(feature = "alloc")]
pub fn object(text: &[u8]) -> Result<Object<'_>, JsonError> {
    validate(text, &mut Names::on_heap())
}

/// Why a text is not one strict JSON object, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    fault: JsonFault,
    at: u32,
}

impl JsonError {
    pub(crate) const SAMPLE: Self = Self {
        fault: JsonFault::Syntax,
        at: 0,
    };

    pub(crate) fn new(fault: JsonFault, at: usize) -> Self {
        Self {
            fault,
            at: u32::try_from(at).unwrap_or(u32::MAX),
        }
    }

    /// What is wrong.
    pub const fn fault(self) -> JsonFault {
        self.fault
    }

    /// Where it is: octets from the start of the decoded text.
    pub const fn position(self) -> u32 {
        self.at
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.fault.as_str(), self.at)
    }
}

impl core::error::Error for JsonError {}

/// What makes a text no strict JSON object.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonFault {
    /// A control character inside a string (RFC 8259 section 7).
    ControlCharacter,
    /// Deeper than [`MAX_JSON_DEPTH`](crate::limits::MAX_JSON_DEPTH).
    Depth,
    /// Two members of one object have the same name.
    DuplicateName,
    /// The text ends too early.
    End,
    /// A backslash is followed by something that is no escape.
    Escape,
    /// Half of a surrogate pair by itself.
    LoneSurrogate,
    /// The caller's buffer has no room for the member names of this text.
    NoRoom,
    /// The text is JSON, but not an object.
    NotObject,
    /// Not UTF-8.
    NotUtf8,
    /// A number outside the grammar, such as `01` or `NaN`.
    Number,
    /// Anything else that the grammar does not have.
    Syntax,
    /// Longer than 4 GiB.
    TooLong,
    /// Something after the end of the object.
    TrailingBytes,
}

impl JsonFault {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ControlCharacter => "control character in a string",
            Self::Depth => "nested too deeply",
            Self::DuplicateName => "duplicate member name",
            Self::End => "unexpected end",
            Self::Escape => "invalid escape",
            Self::LoneSurrogate => "lone surrogate",
            Self::NoRoom => "no room for the member names",
            Self::NotObject => "not an object",
            Self::NotUtf8 => "not UTF-8",
            Self::Number => "invalid number",
            Self::Syntax => "invalid syntax",
            Self::TooLong => "text too long",
            Self::TrailingBytes => "something after the end",
        }
    }
}

#[cfg(test)]
mod tests;
