//! When to fetch: pure decisions.
//!
//! Nothing here reads a clock, opens a socket, waits or knows a key. The caller says what time it
//! is and what it wants; the answer says what to do. `remote.rs` does it.
//!
//! ```text
//! age of the set      0 ........ ttl ................ ttl + max_stale ........
//! known kid           serve      serve old, refresh   error (503) until a fetch succeeds
//! unknown kid         one fetch per miss interval, counted per attempt; else "unchecked" (503)
//! ```

use std::time::Duration;

use crate::clock::Stamp;

/// The numbers that the decisions rest on.
#[derive(Clone, Debug)]
pub(crate) struct Timing {
    /// How long a set is used without asking again.
    pub(crate) ttl: Duration,
    /// How long after the ttl a set is used while it cannot be refreshed.
    pub(crate) max_stale: Duration,
    /// The time between two fetches for unknown kids.
    pub(crate) miss_interval: Duration,
    /// How long a caller waits for a refresh before it is content with the old set.
    pub(crate) stale_wait: Duration,
    /// When a fetch that has not come back counts as lost.
    pub(crate) flight_limit: Duration,
}

/// The waits between failed attempts: `first`, doubled by each failure, up to `last`.
#[derive(Clone, Copy, Debug)]
struct Backoff {
    first: Duration,
    last: Duration,
}

/// While an old set is held, nobody has to wait.
const WARM_BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(1),
    last: Duration::from_secs(60),
};

/// While there is no set at all, every caller has to.
const COLD_BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(250),
    last: Duration::from_secs(30),
};

/// The longest `Retry-After` that is obeyed: an issuer cannot lock its own keys away for longer.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How recent a failure must be for callers not to wait for the next attempt. Twice the longest
/// backoff: under traffic, some attempt is younger than that.
const RECENT_FAILURE: Duration = Duration::from_secs(120);

/// Fetches that may hang past their limit at the same time, each holding a thread.
const MAX_LOST_FLIGHTS: u32 = 4;

/// What a caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Any set that may be used.
    Keys,
    /// A newer set than the one with this sequence number, which lacks the token's kid.
    Newer(u64),
    /// A fetch now, whatever the age and the budgets.
    Refresh,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Use the set that is held.
    Serve,
    /// Use the set that is held, and start this flight without waiting for it.
    ServeAndStart(u64),
    /// Wait for this flight, after starting it if `start` is set.
    Wait {
        flight: u64,
        start: bool,
        patience: Patience,
    },
    /// Neither: the reason, and when to come back.
    Refuse {
        reason: Refusal,
        retry_after: Duration,
    },
}

/// How long to wait for a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as the caller can: without the result there is no answer.
    Full,
    /// This long; then the old set will do.
    ThenServe(Duration),
}

/// Why nothing is fetched now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no usable set, and the last attempt failed a moment ago.
    Backoff,
    /// The kid is unknown, and the issuer may not be asked yet.
    Unchecked,
}

/// One fetch on its way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    sequence: u64,
    started: Stamp,
}

/// The state of one key-set source.
#[derive(Debug)]
pub(crate) struct Schedule {
    timing: Timing,
    /// The set that is held: the sequence number and the start of the flight that confirmed it.
    held: Option<(u64, Stamp)>,
    flight: Option<Flight>,
    last_sequence: u64,
    lost: u32,
    failures: u32,
    /// When the last attempt failed, and how long not to try again. `None` after a success.
    failed: Option<(Stamp, Duration)>,
    last_miss: Option<Stamp>,
}

impl Schedule {
    pub(crate) fn new(timing: Timing) -> Self {
        Self {
            timing,
            held: None,
            flight: None,
            last_sequence: 0,
            lost: 0,
            failures: 0,
            failed: None,
            last_miss: None,
        }
    }

    /// The state of a process that inherited a set but none of the fetches on their way.
    pub(crate) fn inherit(timing: Timing, held: Option<(u64, Stamp)>) -> Self {
        let last_sequence = held.map_or(0, |(sequence, _)| sequence);
        Self {
            held,
            last_sequence,
            ..Self::new(timing)
        }
    }

    /// Decides, and counts what it decides: a `start` in the answer must be carried out.
    pub(crate) fn decide(&mut self, now: Stamp, want: Want) -> Decision {
        self.give_up_lost_flight(now);
        match want {
            Want::Keys => self.keys(now),
            Want::Newer(seen) => self.newer(now, seen),
            Want::Refresh => self.refresh(now),
        }
    }

    fn keys(&mut self, now: Stamp) -> Decision {
        let usable = match self.age(now) {
            Some(age) if age < self.timing.ttl => return Decision::Serve,
            Some(age) => age < self.usable_for(),
            None => false,
        };
        // After a failure the next attempt runs beside the callers. Without one (the process was
        // idle) they wait a little: the old set may hold keys that were removed hours ago.
        let failing = self
            .failed
            .is_some_and(|(at, _)| now.since(at) < RECENT_FAILURE);
        if let Some(flight) = self.flight {
            let waited = now.monotonic_since(flight.started);
            let left = self.timing.stale_wait.saturating_sub(waited);
            if usable && (failing || left.is_zero()) {
                return Decision::Serve;
            }
            let patience = if usable {
                Patience::ThenServe(left)
            } else {
                Patience::Full
            };
            return Decision::Wait {
                flight: flight.sequence,
                start: false,
                patience,
            };
        }
        let left = self.next_attempt_in(now);
        if !left.is_zero() {
            return if usable {
                Decision::Serve
            } else {
                Decision::Refuse {
                    reason: Refusal::Backoff,
                    retry_after: left,
                }
            };
        }
        let flight = self.start(now);
        if usable && (failing || self.timing.stale_wait.is_zero()) {
            return Decision::ServeAndStart(flight);
        }
        let patience = if usable {
            Patience::ThenServe(self.timing.stale_wait)
        } else {
            Patience::Full
        };
        Decision::Wait {
            flight,
            start: true,
            patience,
        }
    }

    fn newer(&mut self, now: Stamp, seen: u64) -> Decision {
        if self.held.is_some_and(|(sequence, _)| sequence > seen) {
            return Decision::Serve;
        }
        if let Some(flight) = self.flight {
            return Decision::Wait {
                flight: flight.sequence,
                start: false,
                patience: Patience::Full,
            };
        }
        let left = self.next_miss_in(now);
        if !left.is_zero() {
            return Decision::Refuse {
                reason: Refusal::Unchecked,
                retry_after: left,
            };
        }
        // Stamped at the attempt, not at its success: an issuer that is down is not asked more.
        self.last_miss = Some(now);
        Decision::Wait {
            flight: self.start(now),
            start: true,
            patience: Patience::Full,
        }
    }

    fn refresh(&mut self, now: Stamp) -> Decision {
        if let Some(flight) = self.flight {
            return Decision::Wait {
                flight: flight.sequence,
                start: false,
                patience: Patience::Full,
            };
        }
        if self.lost >= MAX_LOST_FLIGHTS {
            let retry_after = self.next_attempt_in(now);
            return Decision::Refuse {
                reason: Refusal::Backoff,
                retry_after,
            };
        }
        Decision::Wait {
            flight: self.start(now),
            start: true,
            patience: Patience::Full,
        }
    }

    /// Records that a flight brought a usable set. False if a later flight already did, so that
    /// this result must be thrown away: the answer that was asked for last wins.
    pub(crate) fn succeeded(&mut self, sequence: u64, started: Stamp) -> bool {
        self.landed(sequence);
        if self.held.is_some_and(|(held, _)| held >= sequence) {
            return false;
        }
        // The age counts from the question, not from the answer.
        self.held = Some((sequence, started));
        self.failures = 0;
        self.failed = None;
        true
    }

    /// Records that a flight failed. False if the flight no longer matters.
    pub(crate) fn failed(
        &mut self,
        sequence: u64,
        now: Stamp,
        retry_after: Option<Duration>,
    ) -> bool {
        if self.landed(sequence) {
            self.count_failure(now, retry_after);
            return true;
        }
        false
    }

    /// The age of the set that is held.
    pub(crate) fn age(&self, now: Stamp) -> Option<Duration> {
        self.held.map(|(_, confirmed)| now.since(confirmed))
    }

    /// Whether the set that is held may still be used.
    pub(crate) fn usable(&self, now: Stamp) -> bool {
        self.age(now).is_some_and(|age| age < self.usable_for())
    }

    /// How long until a scheduled fetch may be made.
    pub(crate) fn next_attempt_in(&self, now: Stamp) -> Duration {
        let left = self.failed.map_or(Duration::ZERO, |(at, wait)| {
            wait.saturating_sub(now.since(at))
        });
        if self.lost >= MAX_LOST_FLIGHTS {
            left.max(Duration::from_secs(1))
        } else {
            left
        }
    }

    /// How long until a fetch for an unknown kid may be made.
    pub(crate) fn next_miss_in(&self, now: Stamp) -> Duration {
        let budget = self.last_miss.map_or(Duration::ZERO, |at| {
            self.timing.miss_interval.saturating_sub(now.since(at))
        });
        budget.max(self.next_attempt_in(now))
    }

    /// How many attempts failed since the last success.
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether a fetch is on its way.
    pub(crate) const fn is_fetching(&self) -> bool {
        self.flight.is_some()
    }

    /// How many flights are past their limit and have not come back.
    #[cfg(test)]
    pub(crate) const fn lost(&self) -> u32 {
        self.lost
    }

    fn usable_for(&self) -> Duration {
        self.timing.ttl.saturating_add(self.timing.max_stale)
    }

    fn start(&mut self, now: Stamp) -> u64 {
        self.last_sequence = self.last_sequence.saturating_add(1);
        self.flight = Some(Flight {
            sequence: self.last_sequence,
            started: now,
        });
        self.last_sequence
    }

    /// Takes a flight off the books; true if it was the current one.
    fn landed(&mut self, sequence: u64) -> bool {
        if self
            .flight
            .is_some_and(|flight| flight.sequence == sequence)
        {
            self.flight = None;
            return true;
        }
        self.lost = self.lost.saturating_sub(1);
        false
    }

    /// A flight past its limit hangs in a transport that ignores its timeout, or its thread is
    /// gone. It counts as failed, so that the next one is spaced like any other.
    fn give_up_lost_flight(&mut self, now: Stamp) {
        let limit = self.timing.flight_limit;
        if self
            .flight
            .is_some_and(|flight| now.monotonic_since(flight.started) >= limit)
        {
            self.flight = None;
            self.lost = self.lost.saturating_add(1);
            self.count_failure(now, None);
        }
    }

    fn count_failure(&mut self, now: Stamp, retry_after: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        let backoff = if self.held.is_some() {
            WARM_BACKOFF
        } else {
            COLD_BACKOFF
        };
        let doublings = self.failures.saturating_sub(1).min(16);
        let wait = backoff
            .first
            .saturating_mul(1 << doublings)
            .min(backoff.last);
        let asked = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
        self.failed = Some((now, wait.max(asked)));
    }
}

#[cfg(test)]
mod tests;
