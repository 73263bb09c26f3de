//! The engine of this library: a set is looked into first, and the engine is asked for what it lacks.

use std::time::Duration;

use jwtverify_jwks::UnixTime;
use jwtverify_jwks::engine::{
    Answer as Decision, Engine, Freshness, Landing, Launch, Outcome, Stamp, Timing, Want,
};

use crate::client::{Client, Fetch, Reply, Token, Verdict};
use crate::day::Keys;
use crate::issuer::Answer;

/// The real engine and the set that it decides about.
#[derive(Debug)]
pub struct JwtVerify {
    engine: Engine,
    freshness: Freshness,
    keys: Keys,
    flight: u64,
}

/// Midnight, for the wall clock.
const MIDNIGHT: i64 = 1_800_000_000;

fn stamp(now: Duration) -> Stamp {
    let secs = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    Stamp::new(now, UnixTime::from_secs(MIDNIGHT.saturating_add(secs)))
}

impl JwtVerify {
    fn fetch(&mut self, launch: Launch) -> Fetch {
        self.flight = launch.sequence;
        let retries = self.engine.timing().retries > 0;
        Fetch {
            retry: retries.then_some(launch.retry_delay),
        }
    }

    /// The set lacks the key of a token.
    fn miss(&mut self, now: Duration, token: Token, started: Option<Fetch>) -> Reply {
        let seen = self.engine.held().map_or(0, |held| held.sequence);
        let mut kid = [0; 9];
        let missing = Want::Missing {
            seen,
            kid: Some(write(token, &mut kid)),
        };
        match self.engine.on_lookup(stamp(now), missing) {
            Decision::Wait { start, .. } => {
                Reply::wait(start.map(|launch| self.fetch(launch)).or(started))
            }
            Decision::Refuse { retry_after, .. } => Reply {
                fetch: started,
                ..Reply::refuse(now + retry_after)
            },
            Decision::Serve | Decision::ServeAndStart(_) => {
                unreachable!("no newer set than the one that was looked at")
            }
        }
    }
}

/// The key ID that a token names.
fn write(token: Token, kid: &mut [u8; 9]) -> &[u8] {
    let (kind, number) = match token {
        Token::Signed(key) => (0, u64::from(key.0)),
        Token::Junk(number) => (1, number),
    };
    kid[0] = kind;
    kid[1..].copy_from_slice(&number.to_be_bytes());
    kid
}

impl Client for JwtVerify {
    fn new(seed: u64, ttl: Duration, _now: Duration) -> Self {
        let max_age = format!("max-age={}", ttl.as_secs());
        Self {
            engine: Engine::new(Timing::default(), seed),
            freshness: Freshness::from_headers(Some(&max_age), None),
            keys: Keys::default(),
            flight: 0,
        }
    }

    fn on_token(&mut self, now: Duration, token: Token) -> Reply {
        let decision = self.engine.on_lookup(stamp(now), Want::Keys);
        let fetch = match decision {
            Decision::Serve => None,
            Decision::ServeAndStart(launch) => Some(self.fetch(launch)),
            Decision::Wait { start, .. } => {
                return Reply::wait(start.map(|launch| self.fetch(launch)));
            }
            Decision::Refuse { retry_after, .. } => return Reply::refuse(now + retry_after),
        };
        if !token.is_in(self.keys) {
            return self.miss(now, token, fetch);
        }
        Reply {
            verdict: Verdict::Accept,
            fetch,
            same_until: self.quiet_until(now),
        }
    }

    fn on_answer(&mut self, now: Duration, answer: Answer) {
        let outcome = match answer {
            Answer::Set(_) => Outcome::Fetched(self.freshness),
            Answer::Error | Answer::Silence => Outcome::Failed {
                retry_after: None,
                gone: false,
            },
        };
        let landing = self
            .engine
            .on_fetch_result(stamp(now), self.flight, outcome);
        if let (Landing::Installed(_), Answer::Set(keys)) = (landing, answer) {
            self.keys = keys;
        }
    }

    fn on_still_missing(&mut self, now: Duration, token: Token, joined: bool) -> Option<Reply> {
        if joined {
            // The fetch may have asked before the key was published: one more round.
            let reply = self.miss(now, token, None);
            return (reply.verdict == Verdict::Wait).then_some(reply);
        }
        let mut kid = [0; 9];
        let kid = write(token, &mut kid);
        self.engine
            .on_still_missing(stamp(now), Some(kid), self.flight);
        None
    }

    fn keys(&self, now: Duration) -> Option<Keys> {
        let usable = self.engine.state(stamp(now)).is_usable();
        usable.then_some(self.keys)
    }

    fn quiet_until(&self, now: Duration) -> Duration {
        now + self.engine.calm_for(stamp(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::{FIRST, Key};

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    /// The promise that the simulation rests on: until the moment that a reply names, the next
    /// token is answered alike and starts nothing.
    #[test]
    fn replies_hold_as_long_as_they_say() {
        let mut client = JwtVerify::new(9, secs(600), secs(0));
        let known = Token::Signed(FIRST);
        let set = Answer::Set(Keys::default().and(FIRST));
        assert_eq!(client.on_token(secs(0), known).verdict, Verdict::Wait);
        client.on_answer(secs(0), set);
        let quiet = client.quiet_until(secs(0));
        assert!(secs(430) < quiet && quiet < secs(530), "{quiet:?}");
        let moment = Duration::from_millis(1);
        assert_eq!(client.on_token(quiet - moment, known), Reply::accept(quiet));
        let due = client.on_token(quiet, known);
        assert_eq!(due.verdict, Verdict::Accept);
        assert!(due.fetch.is_some());
        client.on_answer(quiet + secs(5), Answer::Silence);
        let now = quiet + secs(5);
        let quiet = client.quiet_until(now);
        assert!(now < quiet && quiet <= now + secs(1));
        assert!(client.on_token(quiet - moment, known).fetch.is_none());
        assert!(client.on_token(quiet, known).fetch.is_some());
        client.on_answer(quiet, set);

        let mut now = quiet + secs(20);
        for number in 0..2 {
            let junk = Token::Junk(number);
            assert!(client.on_token(now, junk).fetch.is_some());
            client.on_answer(now, set);
            assert_eq!(client.on_still_missing(now, junk, false), None);
            now += secs(5);
        }
        let refused = client.on_token(now, Token::Signed(Key(2)));
        assert_eq!((refused.verdict, refused.fetch), (Verdict::Refuse, None));
        let again = client.on_token(refused.same_until - moment, Token::Signed(Key(2)));
        assert_eq!(again, refused);
        let allowed = client.on_token(refused.same_until, Token::Signed(Key(2)));
        assert!(allowed.fetch.is_some());
    }
}
