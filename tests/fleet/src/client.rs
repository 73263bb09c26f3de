//! What a strategy is asked, and what it answers.

use std::time::Duration;

use crate::day::{Key, Keys};
use crate::issuer::Answer;

/// A token, by the key that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A good one.
    Signed(Key),
    /// One whose key ID is made up.
    Junk(u64),
}

impl Token {
    /// Whether a set holds the key that the token names.
    #[must_use]
    pub const fn is_in(self, keys: Keys) -> bool {
        match self {
            Self::Signed(key) => keys.has(key),
            Self::Junk(_) => false,
        }
    }
}

/// Tokens that meet the same fate at a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Good ones whose key is in the set, and all good ones while there is no set.
    Known,
    /// Good ones whose key is not in the set.
    New,
    /// Those of the flood.
    Junk,
}

/// What becomes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is accepted at once.
    Accept,
    /// It is refused at once: with 401 or with 503, which makes no difference here.
    Refuse,
    /// It waits for the fetch that is on its way.
    Wait,
}

/// A fetch to be made. A client makes one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// After an error, the request is made once more within the same fetch, so much later.
    pub retry: Option<Duration>,
}

/// What a strategy says to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What becomes of it.
    pub verdict: Verdict,
    /// What is fetched for its sake.
    pub fetch: Option<Fetch>,
    /// Until when each token of its lane is answered alike and starts nothing, unless a fetch
    /// starts or ends before. Means nothing for those that wait.
    pub same_until: Duration,
}

impl Reply {
    /// Accepts, as long as nothing changes until then.
    #[must_use]
    pub const fn accept(same_until: Duration) -> Self {
        Self {
            verdict: Verdict::Accept,
            fetch: None,
            same_until,
        }
    }

    /// Refuses until then.
    #[must_use]
    pub const fn refuse(same_until: Duration) -> Self {
        Self {
            verdict: Verdict::Refuse,
            fetch: None,
            same_until,
        }
    }

    /// Waits, and makes a fetch unless one is on its way.
    #[must_use]
    pub const fn wait(fetch: Option<Fetch>) -> Self {
        Self {
            verdict: Verdict::Wait,
            fetch,
            same_until: Duration::MAX,
        }
    }
}

/// A strategy at work in one process. Times are since midnight.
pub trait Client {
    /// A process that has just started. `seed` is another one for each.
    fn new(seed: u64, ttl: Duration, now: Duration) -> Self;

    /// A token comes.
    fn on_token(&mut self, now: Duration, token: Token) -> Reply;

    /// The fetch that was on its way has ended.
    fn on_answer(&mut self, now: Duration, answer: Answer);

    /// Tokens waited for a fetch that brought a set without their key. `joined` says that the fetch
    /// was on its way before they came. `None` refuses them.
    fn on_still_missing(&mut self, _now: Duration, _token: Token, _joined: bool) -> Option<Reply> {
        None
    }

    /// When a timer of the process fires next.
    fn next_timer(&self) -> Option<Duration> {
        None
    }

    /// The timer fires.
    fn on_timer(&mut self, _now: Duration) -> Option<Fetch> {
        None
    }

    /// The set that tokens are verified with; `None` if there is none that may be used.
    fn keys(&self, now: Duration) -> Option<Keys>;

    /// Until when tokens whose key is in the set are accepted and start nothing, unless a fetch
    /// starts or ends before.
    fn quiet_until(&self, now: Duration) -> Duration;
}
