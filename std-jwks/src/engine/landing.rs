//! What a fetch brought, and what follows from it.

use std::time::Duration;

use super::flights::Return;
use super::freshness::Freshness;
use super::lookup::Engine;
use super::random::percent;
use super::state::Held;
use crate::clock::Stamp;

/// How a fetch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a usable set.
    Fetched(Freshness),
    /// With 304 (RFC 9110 section 15.4.5): the set that the question was about is still right.
    NotModified {
        /// The number of the fetch that brought or confirmed that set.
        of: u64,
        /// What the header fields of the 304 say.
        freshness: Freshness,
    },
    /// Without one: no connection, no time, no success, or no usable key.
    Failed {
        /// What the issuer asked for.
        retry_after: Option<Duration>,
        /// The document is gone from where it was (404, 410).
        gone: bool,
    },
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Landing {
    /// The set that was fetched takes the place of the one that was held. A key that is gone from
    /// it is gone.
    Installed(Held),
    /// The set that is held was confirmed: its age begins anew.
    Confirmed(Held),
    /// The set must be thrown away: one that was asked for later is held already.
    Overtaken,
    /// The attempt failed. The set that is held stays.
    Failed {
        /// The next attempt is no sooner than this.
        retry_in: Duration,
        /// The address that was discovered must be forgotten, so that the next fetch asks for it.
        rediscover: bool,
    },
    /// A fetch that was given up before came back with nothing: it says nothing about the present.
    /// So does a number that was never given out.
    Ignored,
}

impl Engine {
    /// Records how a fetch ended: `sequence` is the number of its
    /// [`Launch`](super::Launch).
    ///
    /// What was asked for last wins: an answer that comes late never replaces a newer one.
    pub fn on_fetch_result(&mut self, now: Stamp, sequence: u64, outcome: Outcome) -> Landing {
        let Some(returned) = self.flights.land(sequence) else {
            return Landing::Ignored;
        };
        let (Return::Current(flight) | Return::Lost(flight)) = returned;
        let newer = self.held.is_none_or(|held| held.sequence < flight.sequence);
        match outcome {
            Outcome::Fetched(_) | Outcome::NotModified { .. } if !newer => Landing::Overtaken,
            Outcome::Fetched(freshness) => {
                Landing::Installed(self.hold(sequence, flight.started, freshness))
            }
            // About another set than the one that is held, or about none: it is of no use.
            Outcome::NotModified { of, freshness }
                if self.held.is_some_and(|held| held.sequence == of) =>
            {
                Landing::Confirmed(self.hold(sequence, flight.started, freshness))
            }
            Outcome::NotModified { .. } => self.fail(now, returned, None, false),
            Outcome::Failed { retry_after, gone } => self.fail(now, returned, retry_after, gone),
        }
    }

    /// Records that discovery has just named an address.
    pub fn on_discovered(&mut self, now: Stamp) {
        self.discovered = Some(now);
    }

    /// Begins with a set that outlived another process: it was confirmed at this moment, and is good
    /// for `ttl`, though not for longer than [`Timing::longest_ttl`](super::Timing::longest_ttl).
    /// What is held already is replaced, so call it before anything else.
    pub fn restore(&mut self, confirmed: Stamp, ttl: Duration) -> Held {
        let ttl = ttl.min(self.timing.longest_ttl());
        let held = self.next_held(0, confirmed, ttl);
        self.held = Some(held);
        held
    }

    fn hold(&mut self, sequence: u64, confirmed: Stamp, freshness: Freshness) -> Held {
        let ttl = freshness.ttl(&self.timing);
        let held = self.next_held(sequence, confirmed, ttl);
        self.held = Some(held);
        self.backoff.succeed();
        held
    }

    fn next_held(&mut self, sequence: u64, confirmed: Stamp, ttl: Duration) -> Held {
        let timing = &self.timing;
        let middle = percent(ttl, timing.refresh_at);
        let spread = percent(middle, timing.refresh_jitter);
        let (least, most) = (middle.saturating_sub(spread), middle.saturating_add(spread));
        Held {
            sequence,
            confirmed,
            ttl,
            due: self.random.between(least, most).min(ttl),
        }
    }

    fn fail(
        &mut self,
        now: Stamp,
        returned: Return,
        retry_after: Option<Duration>,
        gone: bool,
    ) -> Landing {
        if let Return::Lost(_) = returned {
            return Landing::Ignored;
        }
        let retry_in = self.count_failure(now, retry_after);
        // Once in a while only: a short absence is no move.
        let old = self
            .discovered
            .is_some_and(|since| now.since(since) >= self.timing.rediscover_after);
        let rediscover = gone && old;
        if rediscover {
            self.discovered = None;
        }
        Landing::Failed {
            retry_in,
            rediscover,
        }
    }

    /// A flight past its limit counts as failed, so that the next one is spaced like any other.
    pub(super) fn give_up_lost_flight(&mut self, now: Stamp) {
        if self.flights.give_up(now, &self.timing) {
            self.count_failure(now, None);
        }
    }

    fn count_failure(&mut self, now: Stamp, retry_after: Option<Duration>) -> Duration {
        let warm = self.held.is_some();
        self.backoff
            .fail(now, warm, retry_after, &self.timing, &mut self.random)
    }
}
