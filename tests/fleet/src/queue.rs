//! What happens next: a calendar with a page for each tenth of a second.
//!
//! Most events are seconds or minutes ahead. They wait unsorted on their page, and only the page
//! of the present is kept in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use crate::client::Lane;

/// What happens to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// It starts, with nothing in memory.
    Start,
    /// A token comes.
    Token(Lane),
    /// A request is made anew within the same fetch.
    Retry,
    /// A fetch ends.
    Land,
    /// A timer of the process fires.
    Timer,
}

/// An event of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Microseconds since midnight.
    micros: u64,
    pub(crate) process: u32,
    /// Events that the process no longer expects have an old number.
    pub(crate) number: u32,
    pub(crate) event: Event,
}

impl Entry {
    pub(crate) const fn at(&self) -> Duration {
        Duration::from_micros(self.micros)
    }
}

/// Microseconds of a page.
const PAGE: u64 = 100_000;

/// The events to come.
#[derive(Debug)]
pub(crate) struct Queue {
    present: BinaryHeap<Reverse<Entry>>,
    page: usize,
    later: Vec<Vec<Entry>>,
}

impl Queue {
    /// Empty, for events before `end`.
    pub(crate) fn new(end: Duration) -> Self {
        let pages = end.as_micros().div_ceil(u128::from(PAGE));
        Self {
            present: BinaryHeap::new(),
            page: 0,
            later: vec![Vec::new(); usize::try_from(pages).unwrap_or_default()],
        }
    }

    /// Notes an event. One at or after the end is forgotten: nothing will happen then.
    pub(crate) fn push(&mut self, at: Duration, process: u32, number: u32, event: Event) {
        let Ok(micros) = u64::try_from(at.as_micros()) else {
            return;
        };
        let page = usize::try_from(micros / PAGE).unwrap_or(usize::MAX);
        let entry = Entry {
            micros,
            process,
            number,
            event,
        };
        if page <= self.page {
            self.present.push(Reverse(entry));
        } else if let Some(later) = self.later.get_mut(page) {
            later.push(entry);
        }
    }

    /// The next event before a moment.
    pub(crate) fn pop_before(&mut self, end: Duration) -> Option<Entry> {
        while self.present.is_empty() {
            let next = self.page + 1;
            let starts = u64::try_from(next).unwrap_or(u64::MAX).saturating_mul(PAGE);
            if Duration::from_micros(starts) >= end {
                return None;
            }
            let entries = std::mem::take(self.later.get_mut(next)?);
            self.present = entries.into_iter().map(Reverse).collect();
            self.page = next;
        }
        if self.present.peek()?.0.at() >= end {
            return None;
        }
        self.present.pop().map(|Reverse(entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    #[test]
    fn events_come_in_the_order_of_time_whenever_they_were_noted() {
        let end = Duration::from_secs(100);
        let mut queue = Queue::new(end);
        let mut chance = Chance::new(3);
        for process in 0..1000 {
            let at = chance.between(Duration::ZERO, end * 2);
            queue.push(at, process, 0, Event::Land);
        }
        let (mut last, mut seen) = (Duration::ZERO, 0);
        for stop in [10, 11, 60, 100] {
            let stop = Duration::from_secs(stop);
            while let Some(entry) = queue.pop_before(stop) {
                assert!(last <= entry.at() && entry.at() < stop);
                last = entry.at();
                seen += 1;
                if entry.number == 0 && entry.process % 3 == 0 {
                    let at = last + chance.between(Duration::ZERO, Duration::from_secs(5));
                    queue.push(at, entry.process, 1, Event::Timer);
                }
            }
        }
        assert!((550..750).contains(&seen), "{seen}");
        assert!(queue.pop_before(end).is_none());
    }
}
