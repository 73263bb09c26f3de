//! Views of JSON values that were read already.

use super::reader::Walker;
use super::text::Text;

/// A JSON value: a view into a text that was read already.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'j> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written, of any size and precision.
    Number(&'j str),
    /// A string.
    String(Text<'j>),
    /// An array.
    Array(Array<'j>),
    /// An object.
    Object(Object<'j>),
}

/// A JSON object whose member names are all different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<'j> {
    raw: &'j str,
}

impl<'j> Object<'j> {
    /// The object whose text, from brace to brace, was read and kept by the caller.
    pub(crate) const fn of_checked(raw: &'j str) -> Self {
        Self { raw }
    }

    /// The text of the object, from its opening to its closing brace.
    pub const fn as_str(self) -> &'j str {
        self.raw
    }

    /// The members in the order they were written.
    pub fn members(self) -> Members<'j> {
        Members {
            walker: Walker::inside(self.raw),
        }
    }

    /// The value of the member of this name. Reads from the start: meant for a few lookups.
    pub fn member(self, name: &str) -> Option<Value<'j>> {
        self.members()
            .find_map(|(text, value)| (text == name).then_some(value))
    }
}

/// The members of an [`Object`].
#[derive(Clone)]
pub struct Members<'j> {
    walker: Walker<'j>,
}

impl<'j> Iterator for Members<'j> {
    type Item = (Text<'j>, Value<'j>);

    fn next(&mut self) -> Option<Self::Item> {
        self.walker.member()
    }
}

/// A JSON array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Array<'j> {
    raw: &'j str,
}

impl<'j> Array<'j> {
    pub(super) const fn new(raw: &'j str) -> Self {
        Self { raw }
    }

    /// The text of the array, from its opening to its closing bracket.
    pub const fn as_str(self) -> &'j str {
        self.raw
    }

    /// The elements in order.
    pub fn elements(self) -> Elements<'j> {
        Elements {
            walker: Walker::inside(self.raw),
        }
    }
}

/// The elements of an [`Array`].
#[derive(Clone)]
pub struct Elements<'j> {
    walker: Walker<'j>,
}

impl<'j> Iterator for Elements<'j> {
    type Item = Value<'j>;

    fn next(&mut self) -> Option<Self::Item> {
        self.walker.element()
    }
}
