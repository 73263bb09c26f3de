//! The way of one fetch: as `flight.rs` of the library has it, one event at a time.

use jwtverify_jwks::engine::{Answer, Landing, Launch, Outcome};

use super::{Airborne, TIMEOUT, Waiting, World};
use crate::simulator::issuer::Reply;
use crate::simulator::record::{Start, Why};

impl World {
    pub(super) fn take_off(&mut self, answer: Answer, why: Why) {
        let launch = match answer {
            Answer::ServeAndStart(launch) => launch,
            Answer::Wait {
                start: Some(launch),
                ..
            } => launch,
            _ => return,
        };
        self.launch(launch, why);
    }

    pub(super) fn launch(&mut self, launch: Launch, why: Why) {
        self.starts.push(Start {
            sequence: launch.sequence,
            at: self.monotonic,
            real: self.real(),
            why,
            failures: self.engine.failures(),
            failed: self.failed,
            held: self.held(),
            process: self.process,
            succeeded: false,
        });
        let mut flight = Airborne {
            launch,
            deadline: self.monotonic + TIMEOUT,
            retries: self.engine.timing().retries,
            at: self.monotonic,
            reply: None,
            of: None,
        };
        self.request(&mut flight);
        self.air.push(flight);
    }

    /// Sends a request for a flight.
    fn request(&mut self, flight: &mut Airborne) {
        let held = self.set.as_ref().zip(self.engine.held());
        flight.of = held.as_ref().map(|(_, held)| held.sequence);
        let version = held.map(|(set, _)| set.version);
        let left = flight.deadline.saturating_sub(self.monotonic);
        let (delay, reply) = self.issuer.ask(self.monotonic, version, left);
        flight.at = self.monotonic + delay;
        flight.reply = Some(reply);
    }

    /// What was due for a flight happens: its answer is there, or its pause is over.
    pub(super) fn fly_on(&mut self, mut flight: Airborne) {
        let Some(reply) = flight.reply.take() else {
            self.request(&mut flight);
            self.air.push(flight);
            return;
        };
        let pause = flight.launch.retry_delay;
        if let Reply::Failure {
            transient: true, ..
        } = reply
            && flight.retries > 0
            && self.monotonic + pause < flight.deadline
        {
            flight.retries -= 1;
            flight.at = self.monotonic + pause;
            self.air.push(flight);
            return;
        }
        self.land(&flight, reply);
    }

    fn land(&mut self, flight: &Airborne, reply: Reply) {
        let freshness = self.issuer.freshness();
        let (outcome, keys) = match reply {
            Reply::Keys(keys) => (Outcome::Fetched(freshness), Some(keys)),
            Reply::Unchanged => {
                let of = flight.of.unwrap_or_default();
                (Outcome::NotModified { of, freshness }, None)
            }
            Reply::Failure {
                retry_after, gone, ..
            } => (Outcome::Failed { retry_after, gone }, None),
        };
        let sequence = flight.launch.sequence;
        let landed = match self.engine.on_fetch_result(self.stamp(), sequence, outcome) {
            Landing::Installed(_) => {
                self.set = keys;
                self.succeed(sequence);
                true
            }
            Landing::Confirmed(_) => {
                self.succeed(sequence);
                true
            }
            Landing::Overtaken => true,
            Landing::Failed { .. } => {
                self.failed = Some(self.real());
                false
            }
            // Nobody is told, as in the library: who waits for it waits on.
            Landing::Ignored => return,
        };
        if let Some((_, kid)) = self.looked_for.take_if(|(flight, _)| *flight <= sequence)
            && landed
            && !self.has(kid)
        {
            let kid = kid.to_be_bytes();
            self.engine
                .on_still_missing(self.stamp(), Some(&kid), sequence);
        }
        let (done, rest) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.flight <= sequence);
        self.waiting = rest;
        let done: Vec<Waiting> = done;
        for waiting in done {
            self.resume(waiting, Some(landed));
        }
    }

    fn succeed(&mut self, sequence: u64) {
        self.failed = None;
        self.successes += 1;
        self.went_back |= sequence <= self.came_by;
        self.came_by = sequence;
        let start = self
            .starts
            .iter_mut()
            .rev()
            .find(|start| start.sequence == sequence);
        start.expect("a flight was started").succeeded = true;
    }

    pub(super) fn note_failures(&mut self, before: u32) {
        if self.engine.failures() > before {
            self.failed = Some(self.real());
        }
    }
}
