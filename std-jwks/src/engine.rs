//! When to fetch, whom to let wait, and for how long: the decisions of a key set, and nothing else.
//!
//! The [`Engine`] reads no clock, opens no socket, starts no thread and draws no chance of its own.
//! It is told what time it is, what a caller wants and how a fetch ended; it says what to do.
//! [`RemoteJwks`](crate::RemoteJwks) carries that out. A simulator can do the same with a clock, a
//! network and an issuer that it made up, and so can a transport that this crate does not know.
//!
//! ```text
//!            fetched          refresh_at x ttl         ttl              ttl + max_stale
//! COLD ─────────┬── FRESH ────────┬── DUE ──────────────┬── STALE-IDLE/ERR ──┬── EXPIRED
//! known kid     │   serve         │   serve and fetch   │   IDLE: wait, but  │   wait, or refuse
//!   wait, or    │                 │                     │     not for long   │   while in backoff
//!   refuse in   │                 │                     │   ERR: serve and   │
//!   backoff     │                 │                     │     fetch          │
//! unknown kid   │   one fetch of the budget, or join the one on its way, or "cannot know now"
//! ```
//!
//! | file | idea |
//! | --- | --- |
//! | `timing.rs` | every number, with its default, its range and the reason |
//! | `state.rs` | the states, from the age of the set and the last failure |
//! | `lookup.rs` | what a caller wants, and the answer |
//! | `landing.rs` | what a fetch brought, and what follows from it |
//! | `timer.rs` | what happens while nobody calls |
//! | `flights.rs` | fetches on their way, and those that were given up |
//! | `budget.rs` | how many fetches unknown kids may cost |
//! | `hold.rs` | kids that were looked for a moment ago |
//! | `backoff.rs` | the spaces between attempts |
//! | `freshness.rs` | how long an answer is good for, from its header fields |
//! | `random.rs` | jitter from a seed |
//!
//! # Example
//!
//! ```
//! use jwtverify_jwks::UnixTime;
//! use jwtverify_jwks::engine::{Answer, Engine, Freshness, Outcome, Stamp, Timing, Want};
//! use std::time::Duration;
//!
//! let at = |secs: u64| Stamp::new(Duration::from_secs(secs), UnixTime::from_secs(1_700_000_000));
//! let mut engine = Engine::new(Timing::default(), 7);
//!
//! // Nothing is held: the first caller starts a fetch and waits for it.
//! let Answer::Wait { flight, start: Some(_), .. } = engine.on_lookup(at(0), Want::Keys) else {
//!     unreachable!()
//! };
//! engine.on_fetch_result(at(1), flight, Outcome::Fetched(Freshness::default()));
//! assert_eq!(engine.on_lookup(at(2), Want::Keys), Answer::Serve);
//!
//! // A kid that the set lacks may cost a fetch, but not this soon after the last one.
//! let missing = Want::Missing { seen: flight, kid: Some(b"new") };
//! assert!(matches!(engine.on_lookup(at(2), missing), Answer::Refuse { .. }));
//! assert!(matches!(engine.on_lookup(at(5), missing), Answer::Wait { start: Some(_), .. }));
//! ```

mod backoff;
mod budget;
mod flights;
mod freshness;
mod hold;
mod landing;
mod lookup;
mod random;
mod state;
#[cfg(test)]
mod tests;
mod timer;
mod timing;

pub use crate::clock::Stamp;
pub use freshness::Freshness;
pub use landing::{Landing, Outcome};
pub use lookup::{Answer, Engine, Launch, Patience, Refusal, Want};
pub use state::{Held, State};
pub use timer::Tick;
pub use timing::{OutOfRange, Timing};
