//! What is written down: calls with their answers, and fetches.

use std::time::Duration;

/// One call, and what became of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The kid of the token.
    pub kid: u64,
    /// When it came, and when it was answered, by the monotonic clock.
    pub came: Duration,
    /// When it was answered.
    pub answered: Option<Duration>,
    /// The longest that it wants to wait.
    pub budget: Duration,
    /// The answer.
    pub verdict: Option<Verdict>,
    /// When it was answered, in real time.
    pub real: Duration,
    /// Whether the set that was held when it came was usable beyond doubt, and had the key.
    pub had_key: bool,
    /// The same when it was answered.
    pub has_key: bool,
    /// The age and the ttl of the set that was held when it came.
    pub found: Option<(Duration, Duration)>,
}

/// What a caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The key was found, in a set of this age and ttl.
    Accepted {
        /// The age by real time, time asleep included.
        age: Duration,
        /// The ttl of that set.
        ttl: Duration,
    },
    /// There is no such key: 401.
    NotFound,
    /// Not known now: 503.
    Unavailable {
        /// When to come back.
        retry_after: Duration,
    },
}

/// A fetch that was started.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Its number.
    pub sequence: u64,
    /// When, by the monotonic clock.
    pub at: Duration,
    /// When, by real time.
    pub real: Duration,
    /// For what.
    pub why: Why,
    /// The failures before it.
    pub failures: u32,
    /// When the last of them was counted, in real time.
    pub failed: Option<Duration>,
    /// The age and the ttl of the set that was held.
    pub held: Option<(Duration, Duration)>,
    /// Which process started it: a fork makes another one.
    pub process: u32,
    /// Whether it brought a set or a 304, and nothing newer was there.
    pub succeeded: bool,
}

/// What a fetch was started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The age of the set, or that there was none.
    Age,
    /// An unknown kid, while the set was young.
    Miss,
    /// Somebody wanted it.
    Wanted,
}
