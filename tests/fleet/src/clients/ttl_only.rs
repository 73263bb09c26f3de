//! A fetch when the set is past its ttl, and for nothing else.

use std::time::Duration;

use crate::client::{Client, Fetch, Reply, Token};
use crate::day::Keys;
use crate::issuer::Answer;

/// Past its ttl a set is dropped, and tokens wait for the next one. Failures have no pause between
/// them. An unknown key ID is refused until the ttl is over.
#[derive(Debug)]
pub struct TtlOnly {
    ttl: Duration,
    /// The set, and when it came.
    held: Option<(Keys, Duration)>,
    is_fetching: bool,
}

impl Client for TtlOnly {
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
                } else {
                    Reply::refuse(came + self.ttl)
                }
            }
            _ => {
                let free = !std::mem::replace(&mut self.is_fetching, true);
                Reply::wait(free.then_some(Fetch { retry: None }))
            }
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
