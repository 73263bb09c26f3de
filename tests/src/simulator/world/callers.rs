//! The way of one caller: as `resolve.rs` of the library has it, one event at a time.

use std::time::Duration;

use jwtverify_jwks::engine::{Answer, Held, Patience, Refusal, State, Want};

use super::{Waiting, World};
use crate::simulator::record::{Verdict, Why};

impl World {
    /// Looks into the set that is held.
    pub(super) fn judge(&mut self, call: usize, asked: bool, round: Option<u32>) {
        let kid = self.calls[call].kid;
        let held = self.engine.held().expect("there is a set to look into");
        if self.has(kid) {
            let age = self.age(held);
            return self.say(call, Verdict::Accepted { age, ttl: held.ttl });
        }
        if asked {
            let kid = kid.to_be_bytes();
            self.engine
                .on_still_missing(self.stamp(), Some(&kid), held.sequence);
            return self.say(call, Verdict::NotFound);
        }
        match round {
            None => self.obtain(call, Some(0)),
            Some(0) => self.obtain(call, Some(1)),
            Some(_) => self.say(call, Verdict::NotFound),
        }
    }

    /// The age of a set by real time, which the engine does not know.
    pub(super) fn age(&self, held: Held) -> Duration {
        let start = self
            .starts
            .iter()
            .rev()
            .find(|start| start.sequence == held.sequence);
        self.real() - start.expect("a set comes by a fetch").real
    }

    /// Asks the engine for a set, or for a newer one in this round of looking for a kid.
    pub(super) fn obtain(&mut self, call: usize, round: Option<u32>) {
        let kid = self.calls[call].kid.to_be_bytes();
        let seen = self.engine.held().map_or(0, |held| held.sequence);
        let want = match round {
            None => Want::Keys,
            Some(_) => Want::Missing {
                seen,
                kid: Some(&kid),
            },
        };
        let young = self.state() == State::Fresh;
        let answer = self.lookup(want);
        let why = if round.is_some() && young {
            Why::Miss
        } else {
            Why::Age
        };
        self.take_off(answer, why);
        match answer {
            Answer::Serve | Answer::ServeAndStart(_) => self.judge(call, false, round),
            Answer::Refuse {
                reason,
                retry_after,
            } => self.say(
                call,
                match reason {
                    Refusal::Held => Verdict::NotFound,
                    Refusal::Backoff | Refusal::Unchecked => Verdict::Unavailable { retry_after },
                },
            ),
            Answer::Wait {
                flight,
                start,
                patience,
            } => {
                let deadline = self.calls[call].came + self.calls[call].budget;
                let until = match patience {
                    Patience::Full => deadline,
                    Patience::ThenServe(wait) => deadline.min(self.monotonic + wait),
                };
                if let (Some(launch), Some(_)) = (start, round) {
                    self.looked_for = Some((launch.sequence, self.calls[call].kid));
                }
                let waiting = Waiting {
                    call,
                    flight,
                    asked: start.is_some(),
                    until,
                    round,
                };
                if until <= self.monotonic {
                    self.resume(waiting, None);
                } else {
                    self.waiting.push(waiting);
                }
            }
        }
    }

    /// A caller's wait is over: the fetch ended well or badly, or the time did.
    pub(super) fn resume(&mut self, waiting: Waiting, landed: Option<bool>) {
        let Waiting {
            call, asked, round, ..
        } = waiting;
        let now = self.stamp();
        // A set that came may be too old for use: where the machine slept since it was asked for.
        let usable = self.state().is_usable();
        match landed {
            Some(true) if usable => self.judge(call, asked, round),
            _ if usable && round.is_none() => self.judge(call, false, round),
            // Another flight has brought the key meanwhile: one that was given up.
            _ if usable && self.has(self.calls[call].kid) => self.judge(call, false, round),
            _ => {
                let retry_after = match round {
                    _ if landed.is_none() && self.engine.is_fetching() => Duration::ZERO,
                    Some(_) => self.engine.next_miss_in(now),
                    None => self.engine.next_attempt_in(now),
                };
                self.say(call, Verdict::Unavailable { retry_after });
            }
        }
    }

    fn say(&mut self, call: usize, verdict: Verdict) {
        let (has_key, real) = (self.holds(self.calls[call].kid), self.real());
        let call = &mut self.calls[call];
        call.real = real;
        call.answered = Some(self.monotonic);
        call.verdict = Some(verdict);
        call.has_key = has_key;
    }
}
