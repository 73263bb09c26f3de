//! Finding duplicate member names in O(n log n), with no allocation for ordinary objects.
//!
//! While an object is open, the place of each of its names is kept; when it closes, the places
//! are sorted by the names they point at, and equal neighbours are duplicates. Objects nested in
//! one another share the memory as a stack. Comparing stops at the first difference, so that
//! long names cost no more than their common start.
//!
//! The sort is written here because the one of the standard library is 5 KB of flash.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::text::{next_char, special_octets};

/// Names that are kept without further memory: more than any ordinary header or claim set has
/// open at once.
const INLINE: usize = 64;

/// Up to so many names are sorted by insertion, which is faster there.
const FEW: usize = 16;

/// The place of the opening quote of a name, little-endian: a caller's octets hold it anywhere.
type Place = [u8; 4];

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
    Inline([Place; INLINE], Rest<'s>),
    Buffer(&'s mut [Place]),
    #[cfg(feature = "alloc")]
    Heap(Vec<Place>),
}

enum Rest<'s> {
    Buffer(&'s mut [Place]),
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
            memory: Memory::Inline([[0; 4]; INLINE], Rest::Heap),
            len: 0,
        }
    }

    /// Ordinary texts need no further memory; others use `buffer`, four octets a name.
    pub(crate) fn in_buffer(buffer: &'s mut [u8]) -> Self {
        let (places, _) = buffer.as_chunks_mut::<4>();
        Self {
            memory: Memory::Inline([[0; 4]; INLINE], Rest::Buffer(places)),
            len: 0,
        }
    }

    /// How many names are open: the mark to give to [`close`](Self::close).
    pub(super) fn mark(&self) -> u32 {
        // There are fewer names than octets, and those are counted in 32 bits.
        u32::try_from(self.len).unwrap_or(u32::MAX)
    }

    /// Remembers a name by the place of its opening quote.
    pub(super) fn push(&mut self, place: u32) -> Result<(), NoRoom> {
        if self.len == INLINE {
            self.leave_inline();
        }
        let place = place.to_le_bytes();
        match &mut self.memory {
            Memory::Inline(places, _) => *places.get_mut(self.len).ok_or(NoRoom)? = place,
            Memory::Buffer(places) => *places.get_mut(self.len).ok_or(NoRoom)? = place,
            #[cfg(feature = "alloc")]
            Memory::Heap(places) => places.push(place),
        }
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Forgets the names since `mark`, and returns the place of one that another one repeats.
    pub(super) fn close(&mut self, mark: u32, text: &str) -> Option<u32> {
        let mark = usize::try_from(mark).unwrap_or(usize::MAX);
        let len = core::mem::replace(&mut self.len, mark);
        match &mut self.memory {
            Memory::Inline(places, _) => duplicate(places.get_mut(mark..len)?, text),
            Memory::Buffer(places) => duplicate(places.get_mut(mark..len)?, text),
            #[cfg(feature = "alloc")]
            Memory::Heap(places) => {
                let found = duplicate(places.get_mut(mark..len)?, text);
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
                        *place = *kept;
                    }
                    self.memory = Memory::Buffer(buffer);
                }
                #[cfg(feature = "alloc")]
                Rest::Heap => self.memory = Memory::Heap(inline.to_vec()),
            }
        }
    }
}

/// The place of the first name that repeats an earlier one, in the order of the names.
fn duplicate(places: &mut [Place], text: &str) -> Option<u32> {
    if differ(places, text) {
        return None;
    }
    sorted_duplicate(places, text)
}

/// A first look at few names: yes if they surely differ, no if that takes a closer one.
///
/// On narrow machines it would be flash for little, as in the reader.
fn differ(places: &[Place], text: &str) -> bool {
    if places.len() > FEW || !cfg!(target_pointer_width = "64") {
        return false;
    }
    let mut prints = [0u64; FEW];
    for (place, slot) in places.iter().zip(&mut prints) {
        match fingerprint(text, *place) {
            Some(print) => *slot = print,
            None => return false,
        }
    }
    let mut same = false;
    let mut rest = prints.get(..places.len()).unwrap_or_default();
    while let [first, others @ ..] = rest {
        same |= others.contains(first);
        rest = others;
    }
    !same
}

/// A number that depends on the octets of a name and on nothing else: where two differ, so do the
/// names. Whoever makes names with one number makes the reader take the closer look, no more.
///
/// `None` for a name with escapes, which stands for other octets, and where the text ends soon.
fn fingerprint(text: &str, place: Place) -> Option<u64> {
    /// The golden ratio in 64 bits; any odd number spreads the octets.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let start = usize::try_from(u32::from_le_bytes(place)).ok()?;
    let (steps, _) = text.as_bytes().get(start.checked_add(1)?..)?.as_chunks();
    let mut print = 0u64;
    for step in steps {
        let octets = u64::from_le_bytes(*step);
        let special = special_octets(octets);
        if special == 0 {
            print = (print ^ octets).wrapping_mul(SPREAD).rotate_left(32);
            continue;
        }
        // The lowest bit that is set is the top one of its octet.
        let bits = special.trailing_zeros() & !7;
        let last = octets & !u64::MAX.wrapping_shl(bits);
        let is_quote = octets.wrapping_shr(bits) & 0xff == u64::from(b'"');
        return is_quote.then_some(print ^ last);
    }
    None
}

/// The answer of [`duplicate`], by sorting.
fn sorted_duplicate(places: &mut [Place], text: &str) -> Option<u32> {
    // Equal names are in the order of the text: the answer depends on nothing but the text.
    let compare = |a: &Place, b: &Place| {
        let (a, b) = (u32::from_le_bytes(*a), u32::from_le_bytes(*b));
        compare(text, a, b).then(a.cmp(&b))
    };
    if places.len() <= FEW {
        sort_by_insertion(places, compare);
    } else {
        sort_by_heap(places, compare);
    }
    places.windows(2).find_map(|pair| {
        let [a, b] = *<&[Place; 2]>::try_from(pair).ok()?;
        let (a, b) = (u32::from_le_bytes(a), u32::from_le_bytes(b));
        self::compare(text, a, b).is_eq().then_some(b)
    })
}

fn sort_by_insertion(places: &mut [Place], compare: impl Fn(&Place, &Place) -> Ordering) {
    for sorted in 1..places.len() {
        for place in (1..=sorted).rev() {
            if !swap_if_greater(places, place.saturating_sub(1), place, &compare) {
                break;
            }
        }
    }
}

/// Heapsort: O(n log n) whatever the input, in place.
fn sort_by_heap(places: &mut [Place], compare: impl Fn(&Place, &Place) -> Ordering) {
    for root in (0..places.len() / 2).rev() {
        sift_down(places, root, &compare);
    }
    for end in (1..places.len()).rev() {
        places.swap(0, end);
        if let Some(heap) = places.get_mut(..end) {
            sift_down(heap, 0, &compare);
        }
    }
}

/// Lets the name at `root` sink until none below it is greater.
fn sift_down(heap: &mut [Place], mut root: usize, compare: impl Fn(&Place, &Place) -> Ordering) {
    loop {
        let left = root.saturating_mul(2).saturating_add(1);
        let right = left.saturating_add(1);
        let greater = match (heap.get(left), heap.get(right)) {
            (Some(l), Some(r)) if compare(l, r).is_lt() => right,
            _ => left,
        };
        // The greater child comes first in the comparison: it rises if the root is less.
        if !swap_if_greater(heap, greater, root, &compare) {
            return;
        }
        root = greater;
    }
}

/// Swaps two names if the one at `a` is greater than the one at `b`; no if either is not there.
fn swap_if_greater(
    places: &mut [Place],
    a: usize,
    b: usize,
    compare: impl Fn(&Place, &Place) -> Ordering,
) -> bool {
    let swap = match (places.get(a), places.get(b)) {
        (Some(left), Some(right)) => compare(left, right).is_gt(),
        _ => false,
    };
    if swap {
        places.swap(a, b);
    }
    swap
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
    let octet = |at: usize| text.as_bytes().get(at).copied();
    let is_plain = |byte: u8| byte != b'"' && byte != b'\\';
    loop {
        // Octet by octet while nothing is escaped: the order of UTF-8 is that of the characters.
        match (octet(a), octet(b)) {
            (Some(left), Some(right)) if is_plain(left) && is_plain(right) => {
                if left != right {
                    return left.cmp(&right);
                }
                a = a.saturating_add(1);
                b = b.saturating_add(1);
                continue;
            }
            _ => {}
        }
        match (next_char(text, &mut a), next_char(text, &mut b)) {
            (None, None) => return Ordering::Equal,
            (left, right) if left == right => {}
            (left, right) => return left.cmp(&right),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    /// A text of quoted names and the places of their quotes.
    fn text_of(names: impl Iterator<Item = u32>) -> (String, Vec<Place>) {
        let mut text = String::new();
        let mut places = Vec::new();
        for name in names {
            places.push(u32::try_from(text.len()).unwrap().to_le_bytes());
            text.push_str(&format!("\"{name}\""));
        }
        (text, places)
    }

    #[test]
    fn a_repeated_name_is_found_at_any_two_places_and_number_of_names() {
        for len in [2, 3, 15, 16, 17, 18, 63, 64, 65, 300] {
            // Steps of a prime, modulo another: the names are all different and well mixed.
            let names = |repeat: Option<(u32, u32)>| {
                (0..len).map(move |at| match repeat {
                    Some((first, second)) if at == second => first * 7919 % 10_007,
                    _ => at * 7919 % 10_007,
                })
            };
            let (text, mut places) = text_of(names(None));
            assert_eq!(duplicate(&mut places, &text), None, "{len}");
            for (first, second) in [
                (0, 1),
                (0, len - 1),
                (len / 2 - 1, len / 2),
                (len / 3, len - 1),
            ] {
                if first == second {
                    continue;
                }
                let (text, mut places) = text_of(names(Some((first, second))));
                let expected = places[usize::try_from(second).unwrap()];
                let found = duplicate(&mut places, &text);
                assert_eq!(
                    found,
                    Some(u32::from_le_bytes(expected)),
                    "{len}: {first}, {second}"
                );
            }
        }
    }

    #[test]
    fn the_first_look_never_hides_a_repeated_name() {
        let names = [
            "",
            "a",
            "b",
            "ab",
            "aa",
            "a\\u0061",
            "\\u0061",
            "abcdefg",
            "abcdefgh",
            "abcdefghi",
            "abcdefghabcdefgh",
            "abcdefgh-bcdefgh",
            "abcdefghabcdefg-",
            "\u{e9}",
            "abcdefg\u{e9}",
        ];
        for left in names {
            for right in names {
                let text = format!("\"{left}\"\"{right}\" and more");
                let second = u32::try_from(left.len() + 2).unwrap();
                let mut places = [0u32.to_le_bytes(), second.to_le_bytes()];
                let looked = differ(&places, &text);
                let sorted = sorted_duplicate(&mut places, &text);
                assert!(!(looked && sorted.is_some()), "{text}");
                // And it is worth its while: plain names are told apart without sorting.
                let plain = !text.contains('\\');
                assert!(
                    looked || left == right || !plain || cfg!(not(target_pointer_width = "64")),
                    "{text}"
                );
            }
        }
        // Equal numbers, different names: the closer look decides.
        let text = "\"\"\"\"and so on";
        assert!(!differ(&[0u32.to_le_bytes(), 2u32.to_le_bytes()], text));
        // Near the end of the text no eight octets are left to look at.
        assert!(!differ(&[0u32.to_le_bytes()], "\"a\":0}"));
    }

    #[test]
    fn rfc7515_5_3_names_have_the_order_of_their_unescaped_characters() {
        let names = [
            ("", ""),
            ("a", "a"),
            ("\\u0061", "a"),
            ("ab", "ab"),
            ("a\\u0062", "ab"),
            ("a\\n", "a\n"),
            ("a\\\"", "a\""),
            ("a!", "a!"),
            ("a\\\\", "a\\"),
            ("a]", "a]"),
            ("\u{e9}", "\u{e9}"),
            ("\\u00e9", "\u{e9}"),
            ("\u{e8}a", "\u{e8}a"),
            ("\\u00e8a", "\u{e8}a"),
            ("\u{ffff}", "\u{ffff}"),
            ("\u{1f600}", "\u{1f600}"),
            ("\\ud83d\\ude00", "\u{1f600}"),
            ("\\ud83d\\ude00\u{e9}", "\u{1f600}\u{e9}"),
        ];
        for (left, left_meant) in names {
            for (right, right_meant) in names {
                let text = format!("\"{left}\"\"{right}\"");
                let second = u32::try_from(left.len() + 2).unwrap();
                let order = compare(&text, 0, second);
                assert_eq!(order, left_meant.cmp(right_meant), "{text}");
            }
        }
    }

    #[test]
    fn both_sorts_sort() {
        for len in 0..70 {
            let (text, places) = text_of((0..len).map(|at| at * 7919 % 10_007 % 13));
            let order = |a: &Place, b: &Place| {
                let (a, b) = (u32::from_le_bytes(*a), u32::from_le_bytes(*b));
                compare(&text, a, b).then(a.cmp(&b))
            };
            let mut expected = places.clone();
            expected.sort_by(order);
            let (mut inserted, mut heaped) = (places.clone(), places);
            sort_by_insertion(&mut inserted, order);
            sort_by_heap(&mut heaped, order);
            assert_eq!(inserted, expected, "{len}");
            assert_eq!(heaped, expected, "{len}");
        }
    }
}
