//! A fetch at fixed times, beside the tokens.

use std::time::Duration;

use crate::client::{Client, Fetch, Reply, Token};
use crate::day::Keys;
use crate::issuer::Answer;

/// The first fetch is made at the start of the process, and one after each ttl from then on. A set
/// is used until another arrives. Only while there is none does a token cause a fetch.
#[derive(Debug)]
pub struct Timer {
    ttl: Duration,
    next: Duration,
    keys: Option<Keys>,
    is_fetching: bool,
}

impl Timer {
    fn start(&mut self) -> Option<Fetch> {
        let free = !std::mem::replace(&mut self.is_fetching, true);
        free.then_some(Fetch { retry: None })
    }
}

impl Client for Timer {
    fn new(_seed: u64, ttl: Duration, now: Duration) -> Self {
        Self {
            ttl,
            next: now,
            keys: None,
            is_fetching: false,
        }
    }

    fn on_token(&mut self, now: Duration, token: Token) -> Reply {
        match self.keys {
            Some(keys) if token.is_in(keys) => Reply::accept(self.quiet_until(now)),
            // The end of the next fetch is an event of its own.
            Some(_) => Reply::refuse(Duration::MAX),
            None => Reply::wait(self.start()),
        }
    }

    fn on_answer(&mut self, _now: Duration, answer: Answer) {
        self.is_fetching = false;
        if let Answer::Set(keys) = answer {
            self.keys = Some(keys);
        }
    }

    fn next_timer(&self) -> Option<Duration> {
        Some(self.next)
    }

    fn on_timer(&mut self, now: Duration) -> Option<Fetch> {
        self.next = now + self.ttl;
        self.start()
    }

    fn keys(&self, _now: Duration) -> Option<Keys> {
        self.keys
    }

    fn quiet_until(&self, _now: Duration) -> Duration {
        Duration::MAX
    }
}
