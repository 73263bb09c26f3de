//! The decisions under a clock that moves by hand.

use std::time::Duration;

use super::*;
use crate::clock::testing::TestClock;

mod ages;
mod landings;
mod unknown_kids;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

struct Bench {
    clock: TestClock,
    engine: Engine,
    fetches: u64,
}

impl Bench {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Timing)) -> Self {
        let mut timing = Timing {
            refresh_jitter: 0,
            ..Timing::default()
        };
        change(&mut timing);
        Self {
            clock: TestClock::new(),
            engine: Engine::new(timing, 1),
            fetches: 0,
        }
    }

    /// With a set that was fetched so long ago that a miss may be looked up.
    fn warm() -> Self {
        let mut bench = Self::new();
        assert_eq!(bench.ask(Want::Keys), begin(1));
        bench.fetched(1);
        bench.wait(secs(5));
        bench
    }

    fn ask(&mut self, want: Want<'_>) -> Answer {
        let answer = self.engine.on_lookup(self.clock.stamp(), want);
        if started(&answer).is_some() {
            self.fetches += 1;
        }
        // The pauses of retries are drawn, and not the subject here.
        match answer {
            Answer::Wait {
                flight,
                start,
                patience,
            } => Answer::Wait {
                flight,
                start: start.map(plain),
                patience,
            },
            Answer::ServeAndStart(launch) => Answer::ServeAndStart(plain(launch)),
            other => other,
        }
    }

    fn miss(&mut self, kid: &str) -> Answer {
        let seen = self.engine.held().map_or(0, |held| held.sequence);
        let kid = Some(kid.as_bytes());
        self.ask(Want::Missing { seen, kid })
    }

    fn land(&mut self, sequence: u64, outcome: Outcome) -> Landing {
        self.engine
            .on_fetch_result(self.clock.stamp(), sequence, outcome)
    }

    fn fetched(&mut self, sequence: u64) {
        let landing = self.land(sequence, Outcome::Fetched(Freshness::default()));
        assert!(matches!(landing, Landing::Installed(_)), "{landing:?}");
    }

    /// Gives the wait until the next attempt.
    fn failed(&mut self, sequence: u64) -> Duration {
        let outcome = Outcome::Failed {
            retry_after: None,
            gone: false,
        };
        match self.land(sequence, outcome) {
            Landing::Failed { retry_in, .. } => retry_in,
            other => panic!("{other:?}"),
        }
    }

    fn wait(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn state(&self) -> State {
        self.engine.state(self.clock.stamp())
    }
}

fn started(answer: &Answer) -> Option<u64> {
    match answer {
        Answer::ServeAndStart(launch)
        | Answer::Wait {
            start: Some(launch),
            ..
        } => Some(launch.sequence),
        _ => None,
    }
}

fn plain(launch: Launch) -> Launch {
    Launch {
        retry_delay: Duration::ZERO,
        ..launch
    }
}

fn launch(sequence: u64) -> Launch {
    Launch {
        sequence,
        retry_delay: Duration::ZERO,
    }
}

fn begin(flight: u64) -> Answer {
    Answer::Wait {
        flight,
        start: Some(launch(flight)),
        patience: Patience::Full,
    }
}

fn join(flight: u64) -> Answer {
    Answer::Wait {
        flight,
        start: None,
        patience: Patience::Full,
    }
}

fn join_for(flight: u64, wait: Duration) -> Answer {
    Answer::Wait {
        flight,
        start: None,
        patience: Patience::ThenServe(wait),
    }
}

fn begin_for(flight: u64, wait: Duration) -> Answer {
    Answer::Wait {
        flight,
        start: Some(launch(flight)),
        patience: Patience::ThenServe(wait),
    }
}

fn refuse(reason: Refusal, retry_after: Duration) -> Answer {
    Answer::Refuse {
        reason,
        retry_after,
    }
}
