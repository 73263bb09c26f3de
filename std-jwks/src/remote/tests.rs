//! The promises of the remote key set, on a scripted issuer and a clock that moves by hand.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::desk::Desk;
use crate::engine::{Engine, State};
use crate::fetch::{FetchError, Response};
use crate::testing::{ISSUER, Setup, Step, URL, jwk, jwks, mint, token};

#[cfg(feature = "async")]
mod asynchronous;
mod background;
mod caching;
mod concurrency;
mod events;
mod outages;
mod sources;
mod telling;
mod unknown_kids;
mod waiting;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Waits for the flights that nobody waits for.
fn settle(remote: &RemoteJwks) {
    let desk = remote.shared().desk();
    let books = desk.lock();
    let flight = books.attempts;
    drop(desk.wait(books, flight, None));
}
