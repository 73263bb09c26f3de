//! Fetches on their way, each with a number, and those that were given up.

use std::time::Duration;

use super::timing::Timing;
use crate::clock::Stamp;

/// One fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flight {
    pub(super) sequence: u64,
    pub(super) started: Stamp,
}

/// What a flight was when it came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Return {
    /// The one that everybody waits for.
    Current(Flight),
    /// One that was given up: it hung past its limit.
    Lost(Flight),
}

/// At most one flight at a time, beside the lost ones, of which there are few.
#[derive(Clone, Debug)]
pub(super) struct Flights {
    current: Option<Flight>,
    /// Each still holds a thread and a connection somewhere.
    lost: Vec<Flight>,
    last_sequence: u64,
    last_start: Option<Stamp>,
}

impl Flights {
    /// None on its way; numbers go on after `last_sequence`.
    pub(super) const fn new(last_sequence: u64) -> Self {
        Self {
            current: None,
            lost: Vec::new(),
            last_sequence,
            last_start: None,
        }
    }

    pub(super) const fn current(&self) -> Option<Flight> {
        self.current
    }

    pub(super) fn lost(&self) -> usize {
        self.lost.len()
    }

    /// Whether another one may be started: none is on its way, and few enough hang.
    pub(super) fn has_room(&self, timing: &Timing) -> bool {
        self.current.is_none() && self.lost.len() < timing.max_lost_flights
    }

    pub(super) fn start(&mut self, now: Stamp) -> u64 {
        self.last_sequence = self.last_sequence.saturating_add(1);
        self.current = Some(Flight {
            sequence: self.last_sequence,
            started: now,
        });
        self.last_start = Some(now);
        self.last_sequence
    }

    /// How long ago a flight was last started.
    pub(super) fn since_last_start(&self, now: Stamp) -> Option<Duration> {
        self.last_start.map(|at| now.since(at))
    }

    /// Takes a flight off the books. `None` if no such flight was on its way.
    pub(super) fn land(&mut self, sequence: u64) -> Option<Return> {
        if let Some(flight) = self.current
            && flight.sequence == sequence
        {
            self.current = None;
            return Some(Return::Current(flight));
        }
        let place = self
            .lost
            .iter()
            .position(|flight| flight.sequence == sequence)?;
        Some(Return::Lost(self.lost.swap_remove(place)))
    }

    /// Gives the current flight up if it is past its limit: its transport ignores timeouts, or its
    /// thread is gone. True if there was one.
    ///
    /// Its time is measured by the monotonic clock alone: it stood still together with the machine.
    pub(super) fn give_up(&mut self, now: Stamp, timing: &Timing) -> bool {
        let late = self
            .current
            .filter(|flight| self.overdue_in(*flight, now, timing).is_zero());
        let Some(flight) = late else {
            return false;
        };
        self.current = None;
        self.lost.push(flight);
        true
    }

    /// How long until the current flight counts as lost.
    pub(super) fn limit_in(&self, now: Stamp, timing: &Timing) -> Option<Duration> {
        self.current
            .map(|flight| self.overdue_in(flight, now, timing))
    }

    fn overdue_in(&self, flight: Flight, now: Stamp, timing: &Timing) -> Duration {
        timing
            .flight_limit
            .saturating_sub(now.monotonic_since(flight.started))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::TestClock;

    #[test]
    fn each_flight_lands_once() {
        let clock = TestClock::new();
        let mut flights = Flights::new(41);
        let started = clock.stamp();
        assert_eq!(flights.start(started), 42);
        assert_eq!(flights.land(41), None, "one of another process");
        let flight = Flight {
            sequence: 42,
            started,
        };
        assert_eq!(flights.land(42), Some(Return::Current(flight)));
        assert_eq!(flights.land(42), None, "twice");
    }

    #[test]
    fn a_flight_past_its_limit_is_lost_and_may_come_back() {
        let timing = Timing::default();
        let clock = TestClock::new();
        let mut flights = Flights::new(0);
        let started = clock.stamp();
        flights.start(started);
        clock.advance(timing.flight_limit - Duration::from_millis(1));
        assert!(!flights.give_up(clock.stamp(), &timing));
        assert!(!flights.has_room(&timing));
        clock.advance(Duration::from_millis(1));
        assert!(flights.give_up(clock.stamp(), &timing));
        assert!(flights.has_room(&timing));
        assert_eq!(flights.start(clock.stamp()), 2);
        let flight = Flight {
            sequence: 1,
            started,
        };
        assert_eq!(flights.land(1), Some(Return::Lost(flight)));
        assert_eq!(flights.lost(), 0);
    }

    #[test]
    fn hanging_flights_are_few() {
        let timing = Timing::default();
        let clock = TestClock::new();
        let mut flights = Flights::new(0);
        let mut started = 0;
        for _ in 0..1000 {
            if flights.has_room(&timing) {
                flights.start(clock.stamp());
                started += 1;
            }
            clock.advance(timing.flight_limit);
            flights.give_up(clock.stamp(), &timing);
        }
        assert_eq!((started, flights.lost()), (4, 4));
        flights.land(1);
        assert!(flights.has_room(&timing));
    }

    #[test]
    fn a_machine_that_was_suspended_loses_no_flight() {
        let timing = Timing::default();
        let clock = TestClock::new();
        let mut flights = Flights::new(0);
        flights.start(clock.stamp());
        clock.jump(86_400);
        assert!(!flights.give_up(clock.stamp(), &timing));
    }
}
