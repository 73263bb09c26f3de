//! What happens while nobody calls: for a driver that refreshes by itself.

use std::time::Duration;

use super::lookup::{Engine, Launch};
use super::state::State;
use crate::clock::Stamp;

/// What a driver does now, and when it looks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tick {
    /// A fetch to be made now. It is counted already.
    pub start: Option<Launch>,
    /// When to look again, unless something lands before. Never zero.
    pub wake_in: Duration,
}

/// A driver that wakes up this often can't be kept from sleeping at all by a setting.
const LEAST_SLEEP: Duration = Duration::from_millis(1);

impl Engine {
    /// Starts the fetch that is due, if one is: the first one, a refresh ahead of the ttl, or the
    /// next attempt after a failure. With a driver that calls it in time no caller ever waits for
    /// the age of the set.
    pub fn on_timer(&mut self, now: Stamp) -> Tick {
        self.give_up_lost_flight(now);
        let start = match self.state(now) {
            State::Fresh => None,
            _ => self.scheduled(now),
        };
        Tick {
            start,
            wake_in: self.wake_in(now),
        }
    }

    /// How long until [`on_timer`](Self::on_timer) has something to do.
    ///
    /// A machine that is suspended meanwhile wakes up late, and finds the age of the set right.
    #[must_use]
    pub fn wake_in(&self, now: Stamp) -> Duration {
        let wait = match self.flights.limit_in(now, &self.timing) {
            Some(limit) => limit,
            None => {
                let due = match (self.state(now), self.held) {
                    (State::Fresh, Some(held)) => held.due.saturating_sub(held.age(now)),
                    _ => Duration::ZERO,
                };
                due.max(self.next_attempt_in(now))
            }
        };
        wait.max(LEAST_SLEEP)
    }
}
