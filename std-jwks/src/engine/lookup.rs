//! What a caller wants, and what it is told to do.

use std::time::Duration;

use super::backoff::Backoff;
use super::budget::Budget;
use super::flights::Flights;
use super::hold::Holds;
use super::random::Random;
use super::state::{Held, State};
use super::timing::Timing;
use crate::clock::Stamp;

/// What a caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want<'k> {
    /// A set that may be used.
    Keys,
    /// A set newer than one that was looked at and lacks a key.
    Missing {
        /// The number of the fetch that brought the set that was looked at.
        seen: u64,
        /// The `kid` that was looked for; `None` for a token that names none.
        kid: Option<&'k [u8]>,
    },
    /// A fetch now, whatever the age and the budgets. Not for the sake of a token: whoever sends
    /// tokens would decide how often the issuer is asked.
    Refresh,
}

/// What to do. Each [`Launch`] in it must be carried out: it is counted already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Use the set that is held.
    Serve,
    /// Use the set that is held, and start a fetch that nobody waits for.
    ServeAndStart(Launch),
    /// Wait for this fetch, after starting it if `start` is there.
    Wait {
        /// The number of the fetch.
        flight: u64,
        /// How to start it, if this caller has to.
        start: Option<Launch>,
        /// How long to wait.
        patience: Patience,
    },
    /// Nothing is fetched now.
    Refuse {
        /// Why.
        reason: Refusal,
        /// When it is worth coming back.
        retry_after: Duration,
    },
}

/// A fetch to be made. [`Engine::on_fetch_result`] must hear how it ended, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Launch {
    /// The number of the fetch. Later ones have greater numbers.
    pub sequence: u64,
    /// How long to pause before a request within this fetch is made anew, if it may be; see
    /// [`Timing::retries`].
    pub retry_delay: Duration,
}

/// How long to wait for a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// As long as the caller can: without the result there is no answer.
    Full,
    /// So long, or as long as the caller can; then the set that is held will do.
    ThenServe(Duration),
}

/// Why nothing is fetched now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no usable set, and the last attempt failed a moment ago. Not known now.
    Backoff,
    /// The kid is unknown, and the issuer may not be asked yet. Not known now.
    Unchecked,
    /// The kid is unknown, and the issuer was asked for it a moment ago: the key does not exist.
    Held,
}

/// The state of one key set in one process. See the [module](super) for what it is.
///
/// All lengths of time are measured with [`Stamp::since`]; a clock that goes back makes nothing
/// younger and fills no budget. Every call takes bounded time and memory, whatever it is told.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(super) timing: Timing,
    pub(super) held: Option<Held>,
    pub(super) flights: Flights,
    pub(super) backoff: Backoff,
    pub(super) holds: Holds,
    pub(super) random: Random,
    pub(super) discovered: Option<Stamp>,
    budget: Budget,
}

impl Engine {
    /// An engine that holds nothing. From `seed` come the jitter and the key under which kids are
    /// hashed, so it should be hard to guess.
    #[must_use]
    pub fn new(timing: Timing, seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            held: None,
            flights: Flights::new(0),
            backoff: Backoff::default(),
            holds: Holds::new((random.next(), random.next())),
            random,
            discovered: None,
            budget: Budget::new(&timing),
            timing,
        }
    }

    /// An engine that begins with a set: of a parent process, or of a store. Its age goes on, and
    /// nothing else is taken over.
    #[must_use]
    pub fn resume(timing: Timing, seed: u64, held: Held) -> Self {
        Self {
            held: Some(held),
            flights: Flights::new(held.sequence),
            ..Self::new(timing, seed)
        }
    }

    /// Decides what a caller does, and counts what it decides.
    pub fn on_lookup(&mut self, now: Stamp, want: Want<'_>) -> Answer {
        self.give_up_lost_flight(now);
        match want {
            Want::Keys => self.keys(now),
            Want::Missing { seen, kid } => self.missing(now, seen, kid),
            Want::Refresh => self.refresh(now),
        }
    }

    /// Records that a set which was fetched for the sake of a kid lacks it: `sequence` is the number
    /// of the fetch. It must have been started after the kid was asked for, else it proves nothing.
    ///
    /// True if the kid is held from now on because of this; false if that was known already.
    pub fn on_still_missing(&mut self, now: Stamp, kid: Option<&[u8]>, sequence: u64) -> bool {
        let current = self.held.is_some_and(|held| held.sequence == sequence);
        current && self.holds.hold(now, kid, sequence, &self.timing)
    }

    fn keys(&mut self, now: Stamp) -> Answer {
        match self.state(now) {
            State::Fresh => Answer::Serve,
            State::Due | State::StaleErr => match self.scheduled(now) {
                Some(launch) => Answer::ServeAndStart(launch),
                None => Answer::Serve,
            },
            State::StaleIdle => self.keys_after_idling(now),
            State::Cold | State::Expired => self.first_keys(now),
        }
    }

    /// The set may hold keys that were removed long ago, and the issuer may well be up.
    fn keys_after_idling(&mut self, now: Stamp) -> Answer {
        let (flight, start, waited) = match self.flights.current() {
            Some(flight) => (flight.sequence, None, now.monotonic_since(flight.started)),
            None => match self.scheduled(now) {
                Some(launch) => (launch.sequence, Some(launch), Duration::ZERO),
                None => return Answer::Serve,
            },
        };
        let left = self.timing.stale_wait.saturating_sub(waited);
        match start {
            None if left.is_zero() => Answer::Serve,
            Some(launch) if left.is_zero() => Answer::ServeAndStart(launch),
            start => Answer::Wait {
                flight,
                start,
                patience: Patience::ThenServe(left),
            },
        }
    }

    /// There is nothing to serve.
    fn first_keys(&mut self, now: Stamp) -> Answer {
        if let Some(join) = self.join() {
            return join;
        }
        match self.scheduled(now) {
            Some(launch) => wait_for(launch),
            None => Answer::Refuse {
                reason: Refusal::Backoff,
                retry_after: self.next_attempt_in(now),
            },
        }
    }

    fn missing(&mut self, now: Stamp, seen: u64, kid: Option<&[u8]>) -> Answer {
        // A set may have expired since it was looked at.
        if !self.state(now).is_usable() {
            return self.first_keys(now);
        }
        if self.held.is_some_and(|held| held.sequence > seen) {
            return Answer::Serve;
        }
        let held_for = self.holds.left(now, kid);
        if !held_for.is_zero() {
            return Answer::Refuse {
                reason: Refusal::Held,
                retry_after: held_for,
            };
        }
        if let Some(join) = self.join() {
            return join;
        }
        // A fetch that is due anyway costs no token.
        if self.state(now) != State::Fresh
            && let Some(launch) = self.scheduled(now)
        {
            return wait_for(launch);
        }
        let left = self.next_miss_in(now);
        // Taken at the attempt, not at its success: an issuer that is down is not asked more.
        if left.is_zero() && self.budget.take(now, &self.timing) {
            return wait_for(self.start(now));
        }
        Answer::Refuse {
            reason: Refusal::Unchecked,
            retry_after: left,
        }
    }

    fn refresh(&mut self, now: Stamp) -> Answer {
        if let Some(join) = self.join() {
            return join;
        }
        if !self.flights.has_room(&self.timing) {
            return Answer::Refuse {
                reason: Refusal::Backoff,
                retry_after: self.next_attempt_in(now),
            };
        }
        wait_for(self.start(now))
    }

    fn join(&self) -> Option<Answer> {
        self.flights.current().map(|flight| Answer::Wait {
            flight: flight.sequence,
            start: None,
            patience: Patience::Full,
        })
    }

    /// Starts the fetch that the age of the set asks for, unless one is on its way or the last
    /// failed a moment ago.
    pub(super) fn scheduled(&mut self, now: Stamp) -> Option<Launch> {
        let free = self.flights.has_room(&self.timing) && self.backoff.left(now).is_zero();
        free.then(|| self.start(now))
    }

    fn start(&mut self, now: Stamp) -> Launch {
        let (least, most) = (self.timing.retry_least, self.timing.retry_most);
        Launch {
            sequence: self.flights.start(now),
            retry_delay: self.random.between(least, most),
        }
    }

    /// The state at this moment.
    #[must_use]
    pub fn state(&self, now: Stamp) -> State {
        let failing = self.backoff.is_recent(now, &self.timing);
        self.held
            .map_or(State::Cold, |held| held.state(now, failing, &self.timing))
    }

    /// What is known about the set that is held.
    #[must_use]
    pub const fn held(&self) -> Option<Held> {
        self.held
    }

    /// How long until the age of the set may cause a fetch; zero if it may now.
    #[must_use]
    pub fn next_attempt_in(&self, now: Stamp) -> Duration {
        let left = self.backoff.left(now);
        if self.flights.lost() >= self.timing.max_lost_flights {
            return left.max(self.timing.backoff_first);
        }
        left
    }

    /// How long until an unknown kid may cause a fetch; zero if it may now.
    #[must_use]
    pub fn next_miss_in(&self, now: Stamp) -> Duration {
        let attempt = self.next_attempt_in(now);
        if self.state(now) != State::Fresh {
            return attempt;
        }
        let spacing = self
            .flights
            .since_last_start(now)
            .map_or(Duration::ZERO, |since| {
                self.timing.miss_spacing.saturating_sub(since)
            });
        let budget = self.budget.next_in(now, &self.timing);
        attempt.max(spacing).max(budget)
    }

    /// How long [`Want::Keys`] will be answered with [`Answer::Serve`] and nothing else, if no
    /// fetch lands meanwhile: callers need not ask so long. Zero where there is something to do.
    #[must_use]
    pub fn calm_for(&self, now: Stamp) -> Duration {
        let Some(held) = self.held else {
            return Duration::ZERO;
        };
        let age = held.age(now);
        let quiet = match self.flights.limit_in(now, &self.timing) {
            Some(limit) => limit,
            None => self.next_attempt_in(now),
        };
        match self.state(now) {
            State::Fresh => held.due.saturating_sub(age),
            State::Due => quiet.min(held.ttl.saturating_sub(age)),
            State::StaleErr => {
                let usable = held.ttl.saturating_add(self.timing.max_stale);
                quiet.min(usable.saturating_sub(age))
            }
            State::Cold | State::StaleIdle | State::Expired => Duration::ZERO,
        }
    }

    /// How many attempts failed since the last success.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.backoff.failures()
    }

    /// Whether a fetch is on its way that has not been given up.
    #[must_use]
    pub const fn is_fetching(&self) -> bool {
        self.flights.current().is_some()
    }

    /// How many fetches are past their limit and have not come back.
    #[must_use]
    pub fn lost_flights(&self) -> usize {
        self.flights.lost()
    }

    /// How many kids are remembered as not there.
    #[must_use]
    pub fn remembered_kids(&self) -> usize {
        self.holds.len()
    }

    /// The numbers that it was made with.
    #[must_use]
    pub const fn timing(&self) -> &Timing {
        &self.timing
    }
}

fn wait_for(launch: Launch) -> Answer {
    Answer::Wait {
        flight: launch.sequence,
        start: Some(launch),
        patience: Patience::Full,
    }
}
