//! What happened, against what was promised, by arithmetic that shares nothing with the engine's.

use std::time::Duration;

use jwtverify_jwks::engine::Timing;

use super::record::{Call, Start, Verdict, Why};
use super::world::World;

/// Holds a [`World`] against the promises.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'w> {
    world: &'w World,
    timing: &'w Timing,
    /// What sleep makes uncertain: wall clocks count whole seconds.
    doubt: Duration,
}

impl<'w> Judge<'w> {
    /// A judge of this world, by the numbers that its engine was told.
    pub fn new(world: &'w World) -> Self {
        Self::by(world.engine().timing(), world)
    }

    /// A judge who goes by other numbers: to see that he finds what is broken.
    pub fn by(timing: &'w Timing, world: &'w World) -> Self {
        Self {
            world,
            timing,
            doubt: Duration::from_secs(2) * world.sleeps(),
        }
    }

    /// All promises.
    ///
    /// # Errors
    /// What was broken, in words.
    pub fn check(&self) -> Result<(), String> {
        for call in self.world.calls() {
            self.call(call)
                .map_err(|broken| format!("{broken}: {call:?}"))?;
        }
        ensure(
            !self.world.went_back(),
            "an older set took the place of a newer one",
        )?;
        self.starts()
    }

    fn call(&self, call: &Call) -> Result<(), &'static str> {
        let timing = self.timing;
        let Some((verdict, answered)) = call.verdict.zip(call.answered) else {
            // A child process has none of the callers of its parent.
            let late = call.budget != Duration::MAX && call.came + call.budget < self.world.now();
            return ensure(!late, "a caller was never answered");
        };
        let waited = answered - call.came;
        ensure(waited <= call.budget, "a caller waited past its budget")?;
        if let Some((age, ttl)) = call.found
            && call.had_key
            && matches!(verdict, Verdict::Accepted { .. })
        {
            let patience = if age + self.doubt < ttl {
                Duration::ZERO
            } else {
                timing.stale_wait
            };
            ensure(
                waited <= patience,
                "a caller with a good key waited for a fetch",
            )?;
        }
        match verdict {
            Verdict::Accepted { age, ttl } => {
                let bound = ttl + timing.max_stale + self.doubt;
                ensure(age < bound, "a set was used past its bound")?;
                if let Some(removed) = self.world.issuer.removed_at(call.kid) {
                    let since = call.real.saturating_sub(removed);
                    ensure(
                        since <= age,
                        "a key was accepted that a later answer lacked",
                    )?;
                }
            }
            Verdict::NotFound => {
                ensure(!call.has_key, "a good key was called unknown")?;
                let issuer = &self.world.issuer;
                let gone = issuer
                    .removed_at(call.kid)
                    .is_some_and(|at| at <= call.real);
                let there = issuer.added_at(call.kid).filter(|_| !gone);
                if let Some(added) = there {
                    // Only somebody who asked before it was published may still be told so.
                    let held = timing.hold_last + Duration::from_secs(6) + self.doubt;
                    let new = call.real < added + held;
                    ensure(
                        new,
                        "a key was called unknown without the issuer being asked",
                    )?;
                }
            }
            Verdict::Unavailable { retry_after } => {
                ensure(!call.has_key, "a good key was refused")?;
                let most = timing.max_retry_after.max(timing.miss_interval);
                ensure(retry_after <= most, "a caller was sent away for too long")?;
            }
        }
        Ok(())
    }

    fn starts(&self) -> Result<(), String> {
        let starts = self.world.starts();
        let broken = |what: Result<(), &str>, start: &Start| {
            what.map_err(|broken| format!("{broken}: {start:?}"))
        };
        for (place, start) in starts.iter().enumerate() {
            match start.why {
                Why::Wanted => {}
                Why::Age => broken(self.scheduled(start), start)?,
                Why::Miss => broken(self.miss(&starts[..place], start), start)?,
            }
        }
        let retries = usize::try_from(self.timing.retries).unwrap_or(usize::MAX);
        let requests = self.world.issuer.requests().len();
        let most = starts.len().saturating_mul(retries.saturating_add(1));
        ensure(requests <= most, "more requests than fetches allow").map_err(str::to_owned)
    }

    /// A fetch for the age of the set comes when the set is due, or after the wait that follows
    /// upon a failure: at least half of what doubling gives.
    fn scheduled(&self, start: &Start) -> Result<(), &'static str> {
        let timing = self.timing;
        if let Some(failed) = start.failed {
            let (first, last) = match start.held {
                Some(_) => (timing.backoff_first, timing.backoff_last),
                None => (timing.cold_backoff_first, timing.cold_backoff_last),
            };
            let doublings = start.failures.saturating_sub(1).min(20);
            let least = first.saturating_mul(1 << doublings).min(last) / 2;
            let since = start.real - failed + self.doubt;
            return ensure(since >= least, "an attempt came too soon after a failure");
        }
        let Some((age, ttl)) = start.held else {
            return Ok(());
        };
        let early = timing.refresh_at * (100 - timing.refresh_jitter);
        let due = ttl * early / 10_000;
        // Draws are whole nanoseconds, and so are these.
        let due = due.saturating_sub(Duration::from_micros(1));
        ensure(
            age + self.doubt >= due,
            "a refresh came before the set was due",
        )
    }

    /// Fetches for unknown kids: the burst, then one in each interval, none next to another fetch.
    fn miss(&self, before: &[Start], start: &Start) -> Result<(), &'static str> {
        let timing = self.timing;
        let own = || {
            before
                .iter()
                .rev()
                .filter(|earlier| earlier.process == start.process)
        };
        if let Some(last) = own().next() {
            let since = start.real - last.real + self.doubt;
            ensure(
                since >= timing.miss_spacing,
                "a miss was fetched next to another fetch",
            )?;
        }
        let mut count = 1;
        for earlier in own().filter(|earlier| earlier.why == Why::Miss) {
            count += 1;
            let window = start.real - earlier.real + self.doubt;
            let refilled = window.as_nanos() / timing.miss_interval.as_nanos();
            let allowed = u128::from(timing.miss_burst) + refilled;
            ensure(
                count <= allowed,
                "unknown kids cost more fetches than the budget has",
            )?;
        }
        Ok(())
    }
}

fn ensure(holds: bool, broken: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(broken) }
}
