//! An issuer that publishes keys, and answers as its mood is.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use jwtverify_jwks::engine::Freshness;

/// How the issuer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// With its keys, after so long; with 304 if they have not changed.
    Good(Duration),
    /// Nobody listens.
    Refuses,
    /// It takes the connection and says nothing until the client gives up.
    Hangs,
    /// As `Hangs`, and the client's transport does not give up for so long.
    Clings(Duration),
    /// With a status that says "not now", and when to come back.
    Fails(Option<Duration>),
    /// With 404.
    Gone,
    /// With 200 and something else than a key set.
    Nonsense,
}

/// What one request brings, and when.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Keys(Published),
    Unchanged,
    Failure {
        retry_after: Option<Duration>,
        gone: bool,
        transient: bool,
    },
}

/// A set as it was published.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub(super) kids: Rc<BTreeSet<u64>>,
    pub(super) version: u64,
}

/// The issuer. Its kids are numbers.
#[derive(Debug)]
pub struct Issuer {
    /// How it answers from now on.
    pub mood: Mood,
    /// The `max-age` that it sends.
    pub max_age: Option<Duration>,
    published: Published,
    added: BTreeMap<u64, Duration>,
    removed: BTreeMap<u64, Duration>,
    next_kid: u64,
    requests: Vec<Duration>,
}

impl Issuer {
    pub(super) fn new() -> Self {
        Self {
            mood: Mood::Good(Duration::from_millis(80)),
            max_age: None,
            published: Published {
                kids: Rc::new(BTreeSet::from([0])),
                version: 1,
            },
            added: BTreeMap::from([(0, Duration::ZERO)]),
            removed: BTreeMap::new(),
            next_kid: 1,
            requests: Vec::new(),
        }
    }

    /// The kids that are published, in the order in which they came.
    pub fn kids(&self) -> impl Iterator<Item = u64> + '_ {
        self.published.kids.iter().copied()
    }

    /// The kid that came last.
    pub fn newest(&self) -> u64 {
        self.next_kid - 1
    }

    /// When a kid was published, in real time.
    pub fn added_at(&self, kid: u64) -> Option<Duration> {
        self.added.get(&kid).copied()
    }

    /// When a kid was removed, in real time.
    pub fn removed_at(&self, kid: u64) -> Option<Duration> {
        self.removed.get(&kid).copied()
    }

    /// When it was asked, in the time of the monotonic clock.
    pub fn requests(&self) -> &[Duration] {
        &self.requests
    }

    pub(super) fn add(&mut self, real: Duration) -> u64 {
        let kid = self.next_kid;
        self.next_kid += 1;
        self.added.insert(kid, real);
        self.change(|kids| kids.insert(kid));
        kid
    }

    pub(super) fn remove(&mut self, kid: u64, real: Duration) {
        self.change(|kids| kids.remove(&kid));
        self.removed.insert(kid, real);
    }

    fn change(&mut self, change: impl FnOnce(&mut BTreeSet<u64>) -> bool) {
        let mut kids = BTreeSet::clone(&self.published.kids);
        if change(&mut kids) {
            self.published = Published {
                kids: Rc::new(kids),
                version: self.published.version + 1,
            };
        }
    }

    pub(super) fn freshness(&self) -> Freshness {
        let field = self.max_age.map(|age| format!("max-age={}", age.as_secs()));
        Freshness::from_headers(field.as_deref(), None)
    }

    /// Takes a request. `held` is the version that the question is about, if it is conditional;
    /// `timeout` is when the client gives up. The keys are those of this very moment: the latest at
    /// which a question can be too early.
    pub(super) fn ask(
        &mut self,
        now: Duration,
        held: Option<u64>,
        timeout: Duration,
    ) -> (Duration, Reply) {
        self.requests.push(now);
        let failure = |retry_after, gone, transient| Reply::Failure {
            retry_after,
            gone,
            transient,
        };
        let quick = Duration::from_millis(5);
        match self.mood {
            Mood::Good(latency) if latency > timeout => (timeout, failure(None, false, false)),
            Mood::Good(latency) if held == Some(self.published.version) => {
                (latency, Reply::Unchanged)
            }
            Mood::Good(latency) => (latency, Reply::Keys(self.published.clone())),
            Mood::Refuses => (quick, failure(None, false, true)),
            Mood::Hangs => (timeout, failure(None, false, false)),
            Mood::Clings(time) => (time, Reply::Keys(self.published.clone())),
            Mood::Fails(retry_after) => (quick, failure(retry_after, false, retry_after.is_none())),
            Mood::Gone => (quick, failure(None, true, false)),
            Mood::Nonsense => (quick, failure(None, false, false)),
        }
    }
}
