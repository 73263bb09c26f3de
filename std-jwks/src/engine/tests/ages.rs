//! Whom the age of the set lets wait, and what a driver does about it.

use super::*;

#[test]
fn t1_the_first_caller_fetches_and_all_others_join() {
    let mut bench = Bench::new();
    assert_eq!(
        (bench.ask(Want::Keys), bench.state()),
        (begin(1), State::Cold)
    );
    for _ in 0..1000 {
        assert_eq!(bench.ask(Want::Keys), join(1));
    }
    bench.fetched(1);
    assert_eq!(
        (bench.ask(Want::Keys), bench.state()),
        (Answer::Serve, State::Fresh)
    );
    assert_eq!(bench.fetches, 1);
}

#[test]
fn the_refresh_runs_ahead_of_the_ttl_and_nobody_waits_for_it() {
    let mut bench = Bench::warm();
    bench.wait(secs(475) - millis(1));
    assert_eq!(
        (bench.ask(Want::Keys), bench.state()),
        (Answer::Serve, State::Fresh)
    );
    bench.wait(millis(1));
    assert_eq!(bench.state(), State::Due);
    assert_eq!(bench.ask(Want::Keys), Answer::ServeAndStart(launch(2)));
    for _ in 0..1000 {
        assert_eq!(bench.ask(Want::Keys), Answer::Serve);
    }
    assert_eq!(bench.miss("new"), join(2), "an unknown kid joins it");
    bench.fetched(2);
    assert_eq!((bench.state(), bench.fetches), (State::Fresh, 2));
}

#[test]
fn the_moment_of_the_refresh_is_spread_by_a_tenth_to_either_side() {
    let mut dues: Vec<u64> = (0..500)
        .map(|seed| {
            let mut engine = Engine::new(Timing::default(), seed);
            let now = TestClock::new().stamp();
            engine.on_lookup(now, Want::Keys);
            let outcome = Outcome::Fetched(Freshness::default());
            let Landing::Installed(held) = engine.on_fetch_result(now, 1, outcome) else {
                panic!("a first set is installed");
            };
            assert_eq!(held.ttl, secs(600));
            held.due.as_secs()
        })
        .collect();
    dues.sort_unstable();
    assert!(dues[0] >= 432 && dues[0] < 440, "{}", dues[0]);
    assert!(dues[499] <= 528 && dues[499] > 520, "{}", dues[499]);
}

#[test]
fn t2_a_refresh_that_hangs_keeps_no_caller_waiting() {
    let mut bench = Bench::warm();
    bench.wait(secs(590));
    assert_eq!(bench.ask(Want::Keys), Answer::ServeAndStart(launch(2)));
    // It hangs beyond the ttl: whoever comes now has waited long enough already.
    bench.wait(millis(5100));
    assert_eq!(
        (bench.ask(Want::Keys), bench.state()),
        (Answer::Serve, State::StaleIdle)
    );
    bench.wait(secs(1));
    assert_eq!(
        (bench.ask(Want::Keys), bench.state()),
        (Answer::Serve, State::StaleErr)
    );
    assert_eq!(bench.engine.failures(), 1);
}

#[test]
fn an_idle_night_is_no_licence_for_removed_keys() {
    let mut bench = Bench::warm();
    bench.wait(secs(8 * 3600));
    assert_eq!(
        (bench.ask(Want::Keys), bench.state()),
        (begin(2), State::Expired)
    );

    // Within max_stale they wait, though not for long.
    let mut bench = Bench::warm();
    bench.wait(secs(1800));
    assert_eq!(bench.state(), State::StaleIdle);
    assert_eq!(bench.ask(Want::Keys), begin_for(2, secs(2)));
    bench.wait(millis(1500));
    assert_eq!(bench.ask(Want::Keys), join_for(2, millis(500)));
    assert_eq!(bench.miss("new"), join(2));
    bench.wait(millis(500));
    assert_eq!(bench.ask(Want::Keys), Answer::Serve);

    // A failure of long ago is none of the present.
    let mut bench = Bench::warm();
    assert_eq!(bench.miss("x"), begin(2));
    bench.failed(2);
    bench.wait(secs(1800));
    assert_eq!(bench.ask(Want::Keys), begin_for(3, secs(2)));

    // Who never wants to wait does not.
    let mut bench = Bench::with(|timing| timing.stale_wait = Duration::ZERO);
    bench.ask(Want::Keys);
    bench.fetched(1);
    bench.wait(secs(1800));
    assert_eq!(bench.ask(Want::Keys), Answer::ServeAndStart(launch(2)));
    assert_eq!(bench.ask(Want::Keys), Answer::Serve);
}

#[test]
fn t5_an_outage_is_survived_up_to_the_bound_and_then_refused() {
    let mut bench = Bench::warm();
    bench.wait(secs(590));
    let mut flight = 1;
    let mut attempts = Vec::new();
    for second in 0..3605_u64 {
        match bench.ask(Want::Keys) {
            Answer::ServeAndStart(launch) => {
                flight = launch.sequence;
                attempts.push(second);
                bench.failed(flight);
            }
            answer => assert_eq!(answer, Answer::Serve, "{second}"),
        }
        let wanted = if second < 5 {
            State::Due
        } else {
            State::StaleErr
        };
        assert_eq!(bench.state(), wanted, "{second}");
        bench.wait(secs(1));
    }
    // About 0, 1, 3, 7, 15, 31, 63, then once or twice a minute: half of each wait is chance.
    assert!(attempts.len() <= 6 + 2 * 61, "{attempts:?}");
    assert!(attempts.len() >= 60, "{attempts:?}");

    assert_eq!(bench.state(), State::Expired);
    let now = bench.clock.stamp();
    let left = bench.engine.next_attempt_in(now);
    if !left.is_zero() {
        assert_eq!(bench.ask(Want::Keys), refuse(Refusal::Backoff, left));
        bench.wait(left);
    }
    assert_eq!(bench.ask(Want::Keys), begin(flight + 1));
    assert_eq!(bench.ask(Want::Keys), join(flight + 1));
    bench.fetched(flight + 1);
    assert_eq!((bench.state(), bench.engine.failures()), (State::Fresh, 0));
}

#[test]
fn t5_cold_callers_hear_when_to_come_back() {
    let mut bench = Bench::new();
    let mut most = 250;
    for flight in 1..=10 {
        assert_eq!(bench.ask(Want::Keys), begin(flight));
        let wait = bench.failed(flight);
        assert!(
            wait >= millis(most) / 2 && wait <= millis(most),
            "{wait:?} of {most}"
        );
        assert_eq!(bench.ask(Want::Keys), refuse(Refusal::Backoff, wait));
        assert_eq!(bench.miss("x"), refuse(Refusal::Backoff, wait));
        bench.wait(wait);
        most = (most * 2).min(30_000);
    }
}

#[test]
fn t15_clock_jumps_cause_no_storm() {
    let mut bench = Bench::warm();
    for round in 0..100 {
        bench
            .clock
            .jump(if round % 2 == 0 { -86_400 } else { 86_400 });
        if let Some(flight) = started(&bench.ask(Want::Keys)) {
            bench.fetched(flight);
        }
    }
    // Forward jumps may refresh (they could be a suspend); backward jumps never do.
    assert!(bench.fetches <= 51, "{}", bench.fetches);

    let mut bench = Bench::warm();
    for jump in [-86_400, 86_400] {
        bench.clock.jump(jump);
        assert_eq!(bench.ask(Want::Keys), Answer::Serve);
    }
}

#[test]
fn a_driver_alone_keeps_the_set_fresh_for_days() {
    let mut bench = Bench::with(|timing| timing.refresh_jitter = 10);
    let mut fetches = 0;
    let mut passed = Duration::ZERO;
    while passed < secs(3 * 86_400) {
        let tick = bench.engine.on_timer(bench.clock.stamp());
        if let Some(launch) = tick.start {
            fetches += 1;
            bench.wait(millis(80));
            bench.fetched(launch.sequence);
            continue;
        }
        assert!(!tick.wake_in.is_zero());
        bench.wait(tick.wake_in);
        passed += tick.wake_in;
        assert!(bench.state().is_usable() && !bench.state().is_stale());
    }
    // 432 ttls, each cut to 72 to 88 %.
    assert!((490..=600).contains(&fetches), "{fetches}");
}

#[test]
fn a_driver_spaces_its_attempts_and_gives_up_what_hangs() {
    let mut bench = Bench::new();
    let now = bench.clock.stamp();
    let tick = bench.engine.on_timer(now);
    assert_eq!(tick.start.map(plain), Some(launch(1)));
    assert_eq!(tick.wake_in, secs(6), "then it counts as lost");
    bench.wait(secs(6));
    let tick = bench.engine.on_timer(bench.clock.stamp());
    assert!(tick.start.is_none() && bench.engine.failures() == 1);
    assert!(
        tick.wake_in >= millis(125) && tick.wake_in <= millis(250),
        "{:?}",
        tick.wake_in
    );
    bench.wait(tick.wake_in);
    let tick = bench.engine.on_timer(bench.clock.stamp());
    assert_eq!(tick.start.map(plain), Some(launch(2)));
    let wait = bench.failed(2);
    assert_eq!(bench.engine.wake_in(bench.clock.stamp()), wait);
}

#[test]
fn callers_that_are_told_to_be_calm_miss_nothing() {
    let mut bench = Bench::warm();
    let calm = |bench: &Bench| bench.engine.calm_for(bench.clock.stamp());
    assert_eq!(calm(&bench), secs(475));
    bench.wait(secs(475));
    assert_eq!(calm(&bench), Duration::ZERO, "the refresh is due");
    bench.ask(Want::Keys);
    assert_eq!(calm(&bench), secs(6), "until the fetch counts as lost");
    let wait = bench.failed(2);
    assert_eq!(calm(&bench), wait, "until the next attempt");

    // Not beyond the ttl: then an idle process has to ask.
    bench.wait(secs(117));
    bench.ask(Want::Keys);
    assert_eq!(calm(&bench), secs(3));
    bench.wait(secs(3));
    assert_eq!(
        (bench.state(), calm(&bench)),
        (State::StaleIdle, Duration::ZERO)
    );
    let wait = bench.failed(3);
    assert_eq!((bench.state(), calm(&bench)), (State::StaleErr, wait));

    // Not beyond the bound of staleness either.
    bench.wait(secs(3590));
    let flight = started(&bench.ask(Want::Keys)).unwrap();
    let outcome = Outcome::Failed {
        retry_after: Some(secs(300)),
        gone: false,
    };
    let _ = bench.land(flight, outcome);
    assert_eq!(calm(&bench), secs(10));
    bench.wait(secs(10));
    assert_eq!(
        (bench.state(), calm(&bench)),
        (State::Expired, Duration::ZERO)
    );
}
