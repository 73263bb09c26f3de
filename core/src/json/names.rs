//! Finding duplicate member names in O(n log n), with no allocation for ordinary objects.
//!
//! While an object is open, the place of each of its names is kept; when it closes, the places
//! are sorted by the names they point at, and equal neighbours are duplicates. Objects nested in
//! one another share the memory as a stack. Comparing stops at the first difference, so that
//! long names cost no more than their common start.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::text::next_char;

/// Names that are kept without further memory: more than any ordinary header or claim set has
/// open at once.
const INLINE: usize = 64;

/// Places of member names, in memory that the caller chose.
pub(crate) struct Names<'s> {
    memory: Memory<'s>,
    len: usize,
}

#[allow(
    clippy::large_enum_variant,
    reason = "the inline memory is meant for the stack"
)]
enum Memory<'s> {
    /// The first names; they move over to the rest when they grow too many.
    Inline([u32; INLINE], Rest<'s>),
    Buffer(&'s mut [[u8; 4]]),
    #[cfg(feature = "alloc")]
    Heap(Vec<u32>),
}

enum Rest<'s> {
    Buffer(&'s mut [[u8; 4]]),
    #[cfg(feature = "alloc")]
    Heap,
}

/// There is no room for one more name.
pub(super) struct NoRoom;

impl<'s> Names<'s> {
    /// Ordinary texts need no further memory; others allocate four octets a name.
    #[cfg(feature = "alloc")]
    pub(crate) fn on_heap() -> Self {
        Self {
            memory: Memory::Inline([0; INLINE], Rest::Heap),
            len: 0,
        }
    }

    /// Ordinary texts need no further memory; others use `buffer`, four octets a name.
    pub(crate) fn in_buffer(buffer: &'s mut [u8]) -> Self {
        let (places, _) = buffer.as_chunks_mut::<4>();
        Self {
            memory: Memory::Inline([0; INLINE], Rest::Buffer(places)),
            len: 0,
        }
    }

    /// How many names are open: the mark to give to [`close`](Self::close).
    pub(super) fn mark(&self) -> usize {
        self.len
    }

    /// Remembers a name by the place of its opening quote.
    pub(super) fn push(&mut self, place: u32) -> Result<(), NoRoom> {
        if self.len == INLINE {
            self.leave_inline();
        }
        match &mut self.memory {
            Memory::Inline(places, _) => *places.get_mut(self.len).ok_or(NoRoom)? = place,
            Memory::Buffer(places) => {
                *places.get_mut(self.len).ok_or(NoRoom)? = place.to_le_bytes();
            }
            #[cfg(feature = "alloc")]
            Memory::Heap(places) => places.push(place),
        }
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Forgets the names since `mark`, and returns the place of one that another one repeats.
    pub(super) fn close(&mut self, mark: usize, text: &str) -> Option<u32> {
        let len = core::mem::replace(&mut self.len, mark);
        match &mut self.memory {
            Memory::Inline(places, _) => {
                duplicate(places.get_mut(mark..len)?, text, |place| *place)
            }
            Memory::Buffer(places) => duplicate(places.get_mut(mark..len)?, text, |place| {
                u32::from_le_bytes(*place)
            }),
            #[cfg(feature = "alloc")]
            Memory::Heap(places) => {
                let found = duplicate(places.get_mut(mark..len)?, text, |place| *place);
                places.truncate(mark);
                found
            }
        }
    }

    fn leave_inline(&mut self) {
        if let Memory::Inline(inline, rest) = &mut self.memory {
            match rest {
                Rest::Buffer(buffer) => {
                    let buffer = core::mem::take(buffer);
                    for (place, kept) in buffer.iter_mut().zip(inline.iter()) {
                        *place = kept.to_le_bytes();
                    }
                    self.memory = Memory::Buffer(buffer);
                }
                #[cfg(feature = "alloc")]
                Rest::Heap => self.memory = Memory::Heap(inline.to_vec()),
            }
        }
    }
}

fn duplicate<T>(places: &mut [T], text: &str, place: impl Fn(&T) -> u32) -> Option<u32> {
    if places.len() < 2 {
        return None;
    }
    places.sort_unstable_by(|a, b| compare(text, place(a), place(b)));
    places.windows(2).find_map(|pair| match pair {
        [a, b] => {
            let same = compare(text, place(a), place(b)).is_eq();
            same.then(|| place(a).max(place(b)))
        }
        _ => None,
    })
}

/// Compares two strings of the text after unescaping, given the places of their opening quotes.
fn compare(text: &str, a: u32, b: u32) -> Ordering {
    let (Ok(mut a), Ok(mut b)) = (usize::try_from(a), usize::try_from(b)) else {
        return Ordering::Equal; // the reader refuses texts this long
    };
    if a == b {
        return Ordering::Equal;
    }
    a = a.saturating_add(1);
    b = b.saturating_add(1);
    loop {
        match (next_char(text, &mut a), next_char(text, &mut b)) {
            (None, None) => return Ordering::Equal,
            (left, right) if left == right => {}
            (left, right) => return left.cmp(&right),
        }
    }
}
