//! What services go through with their issuers: each scenario is one that at least one library in
//! wide use fails, which its comment names. Most run in simulated time, some through the library
//! with a transport and a clock that are made up.

#[path = "../common/mod.rs"]
mod common;
mod issuers;
mod library;
mod rotation;
mod schedules;
mod storms;

use std::time::Duration;

use jwtverify_jwks::engine::Timing;
use jwtverify_tests::simulator::{Call, Judge, Mood, Verdict, World};

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// As long as the library lets a caller wait.
const BUDGET: Duration = millis(5250);

/// A service that has just fetched its first set.
fn warm() -> World {
    let mut world = World::new(Timing::default(), 1);
    assert!(is_accepted(world.ask(0)));
    world
}

fn is_accepted(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Accepted { .. })
}

/// How long a caller waited for its answer.
fn waited(call: &Call) -> Duration {
    call.answered.expect("the call was answered") - call.came
}

/// Every scenario is also held against all promises.
fn judge(world: &World) {
    Judge::new(world).check().unwrap();
}

/// One good token a second, for so long. Gives the verdicts, and that nobody waited.
fn traffic(world: &mut World, seconds: u64) -> Vec<Verdict> {
    (0..seconds)
        .map(|_| {
            let call = world.call(world.issuer.newest(), BUDGET);
            world.pass(secs(1));
            let call = &world.calls()[call];
            assert_eq!(waited(call), Duration::ZERO, "{call:?}");
            call.verdict.expect("it was answered at once")
        })
        .collect()
}

/// The issuer answers after this time.
fn good(latency: Duration) -> Mood {
    Mood::Good(latency)
}
