//! Random schedules: whatever callers, clocks, networks and issuers do, the promises hold.
//!
//! `SCHEDULES` says how many, `SEED` names one of them, as a failure does.

use std::{env, thread};

use jwtverify_tests::simulator::Schedule;

use super::*;

/// Steps of one schedule: some hours of simulated time.
const STEPS: u32 = 300;

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}")),
    )
}

#[test]
fn whatever_happens_the_promises_hold() {
    if let Some(seed) = number("SEED") {
        Schedule::new(seed, STEPS).run().unwrap();
        return;
    }
    let schedules = number("SCHEDULES").unwrap_or(1_000);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (mut calls, mut fetches) = (0, 0);
    thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || run((0..schedules).skip(first).step_by(threads))))
            .collect();
        for part in parts {
            let (made, started) = part.join().expect("every promise holds");
            calls += made;
            fetches += started;
        }
    });
    println!("{schedules} schedules, {calls} calls, {fetches} fetches: every promise held");
    assert!(
        calls as u64 >= schedules * 50,
        "the schedules are no test: {calls} calls"
    );
}

/// Runs these schedules, and gives how many calls and fetches there were.
fn run(seeds: impl Iterator<Item = u64>) -> (usize, usize) {
    seeds.fold((0, 0), |(calls, fetches), seed| {
        let world = Schedule::new(seed, STEPS)
            .run()
            .unwrap_or_else(|broken| panic!("{broken}\nrun it alone: SEED={seed} make scenarios"));
        (calls + world.calls().len(), fetches + world.starts().len())
    })
}

type Change = fn(&mut Timing);

/// A judge that finds nothing proves nothing: engines that were told other numbers than the judge
/// are found out, each by its own fault.
#[test]
fn the_judge_finds_engines_that_break_a_promise() {
    let looser: [(&str, Change); 8] = [
        ("a miss was fetched next to", |timing| {
            timing.miss_spacing = Duration::ZERO;
        }),
        ("unknown kids cost more", |timing| timing.miss_burst = 5),
        ("unknown kids cost more", |timing| {
            timing.miss_interval = secs(6);
        }),
        ("an attempt came too soon", |timing| {
            timing.backoff_first = millis(10);
        }),
        ("an attempt came too soon", |timing| {
            timing.cold_backoff_last = millis(250);
        }),
        ("a refresh came before", |timing| timing.refresh_at = 50),
        ("a set was used past its bound", |timing| {
            timing.max_stale = secs(7200);
        }),
        ("a caller with a good key waited", |timing| {
            timing.stale_wait = secs(4);
        }),
    ];
    let strict = Timing::default();
    for (broken, change) in looser {
        let found = (0..500).any(|seed| {
            let world = Schedule::new(seed, STEPS).with(change).play().unwrap();
            Judge::by(&strict, &world)
                .check()
                .is_err_and(|told| told.contains(broken))
        });
        assert!(found, "the judge never said {broken:?}");
    }
}
