//! Lists of texts that a policy compares with: borrowed, or owned where there is a heap.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};

use crate::json::Text;

/// A list of texts.
#[derive(Clone, Debug)]
pub(crate) enum List<'p> {
    One(&'p str),
    Many(&'p [&'p str]),
    #[cfg(feature = "alloc")]
    Owned(Vec<Box<str>>),
}

impl List<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(texts) => texts.len(),
            #[cfg(feature = "alloc")]
            Self::Owned(texts) => texts.len(),
        }
    }

    pub(crate) fn nth(&self, index: usize) -> Option<&str> {
        match self {
            Self::One(text) => (index == 0).then_some(*text),
            Self::Many(texts) => texts.get(index).copied(),
            #[cfg(feature = "alloc")]
            Self::Owned(texts) => texts.get(index).map(|text| &**text),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.nth(index))
    }

    pub(crate) fn contains(&self, text: Text<'_>) -> bool {
        self.iter().any(|expected| text == expected)
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn into_owned(self) -> List<'static> {
        List::Owned(self.iter().map(Box::from).collect())
    }
}

/// What a claim must be equal to; that nothing is demanded is said in so many words.
#[derive(Clone, Debug)]
pub(crate) enum Expected<'p> {
    Any,
    OneOf(List<'p>),
}

#[cfg(feature = "alloc")]
impl Expected<'_> {
    pub(crate) fn into_owned(self) -> Expected<'static> {
        match self {
            Self::Any => Expected::Any,
            Self::OneOf(list) => Expected::OneOf(list.into_owned()),
        }
    }
}
