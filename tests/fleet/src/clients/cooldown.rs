//! A fetch for an unknown key ID, with a fixed pause after the last success.

use std::time::Duration;

use crate::client::{Client, Fetch, Reply, Token};
use crate::day::Keys;
use crate::issuer::Answer;

/// How long after a successful fetch unknown key IDs cause none.
const COOLDOWN: Duration = Duration::from_secs(30);

/// The pause counts from a success, so failures have none between them. Past its ttl a set is
/// dropped.
#[derive(Debug)]
pub struct Cooldown {
    ttl: Duration,
    /// The set, and when it came.
    held: Option<(Keys, Duration)>,
    is_fetching: bool,
}

impl Cooldown {
    fn ask(&mut self) -> Reply {
        let free = !std::mem::replace(&mut self.is_fetching, true);
        Reply::wait(free.then_some(Fetch { retry: None }))
    }
}

impl Client for Cooldown {
    fn new(_seed: u64, ttl: Duration, _now: Duration) -> Self {
        Self {
            ttl,
            held: None,
            is_fetching: false,
        }
    }

    fn on_token(&mut self, now: Duration, token: Token) -> Reply {
        match self.held {
            Some((keys, came)) if now < came + self.ttl => {
                if token.is_in(keys) {
                    Reply::accept(came + self.ttl)
                } else if now < came + COOLDOWN {
                    Reply::refuse(came + COOLDOWN)
                } else {
                    self.ask()
                }
            }
            _ => self.ask(),
        }
    }

    fn on_answer(&mut self, now: Duration, answer: Answer) {
        self.is_fetching = false;
        if let Answer::Set(keys) = answer {
            self.held = Some((keys, now));
        }
    }

    fn keys(&self, now: Duration) -> Option<Keys> {
        let young = self.held.filter(|(_, came)| now < *came + self.ttl);
        young.map(|(keys, _)| keys)
    }

    fn quiet_until(&self, now: Duration) -> Duration {
        self.held.map_or(now, |(_, came)| came + self.ttl).max(now)
    }
}
