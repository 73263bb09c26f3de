//! A fetch for each unknown key ID, and for nothing else.

use std::time::Duration;

use crate::client::{Client, Fetch, Reply, Token};
use crate::day::Keys;
use crate::issuer::Answer;

/// Fetches that overlap are one; those that follow one another are not bounded. A set has no end.
#[derive(Debug)]
pub struct EachMiss {
    keys: Option<Keys>,
    is_fetching: bool,
}

impl Client for EachMiss {
    fn new(_seed: u64, _ttl: Duration, _now: Duration) -> Self {
        Self {
            keys: None,
            is_fetching: false,
        }
    }

    fn on_token(&mut self, now: Duration, token: Token) -> Reply {
        if self.keys.is_some_and(|keys| token.is_in(keys)) {
            return Reply::accept(self.quiet_until(now));
        }
        let free = !std::mem::replace(&mut self.is_fetching, true);
        Reply::wait(free.then_some(Fetch { retry: None }))
    }

    fn on_answer(&mut self, _now: Duration, answer: Answer) {
        self.is_fetching = false;
        if let Answer::Set(keys) = answer {
            self.keys = Some(keys);
        }
    }

    fn keys(&self, _now: Duration) -> Option<Keys> {
        self.keys
    }

    fn quiet_until(&self, _now: Duration) -> Duration {
        Duration::MAX
    }
}
