//! What a service can show on its health page.

use std::time::Duration;

use jwtverify_core::{Error as Code, SkippedKey};

use crate::engine::State;
use crate::store::StoreReport;

/// The last fetch that ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastFetch {
    /// How long ago it ended.
    pub ago: Duration,
    /// Why it failed, or `None`.
    pub error: Option<Code>,
    /// What happened, in words: safe to log.
    pub text: String,
}

/// A view of a [`RemoteJwks`](crate::RemoteJwks) at one moment. Taking it causes no fetch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// How usable the keys are.
    pub state: State,
    /// The configured URL, or the discovered one once it is known; without its query. The path of a
    /// file.
    pub url: Option<String>,
    /// The issuer, if the source was configured by discovery.
    pub issuer: Option<String>,
    /// How often the content of the set has changed.
    pub generation: u64,
    /// How long ago the issuer last confirmed the set.
    pub age: Option<Duration>,
    /// How long the set is good for.
    pub ttl: Option<Duration>,
    /// The entity tag that came with the set.
    pub etag: Option<String>,
    /// The kids of the set, as they are.
    pub kids: Vec<String>,
    /// The keys that were left out, with the reasons.
    pub skipped: Vec<SkippedKey>,
    /// The last fetch that ended in this process.
    pub last_fetch: Option<LastFetch>,
    /// Fetches that failed since the last success.
    pub failures: u32,
    /// Fetches started by this process.
    pub attempts: u64,
    /// Whether a fetch is on its way.
    pub fetching: bool,
    /// How long until a failed fetch may be tried again; zero if it may be now.
    pub next_fetch_in: Duration,
    /// How long until an unknown kid may cause a fetch; zero if it may now. One that was looked for
    /// a moment ago is held for longer.
    pub next_unknown_kid_fetch_in: Duration,
    /// What the store did, if there is one.
    pub store: Option<StoreReport>,
}
