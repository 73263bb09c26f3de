//! What fetches bring, late, never, or not at all.

use super::*;

#[test]
fn retry_after_holds_back_scheduled_fetches_and_misses() {
    let mut bench = Bench::warm();
    bench.miss("a");
    let outcome = Outcome::Failed {
        retry_after: Some(secs(120)),
        gone: false,
    };
    let landing = bench.land(2, outcome);
    assert_eq!(
        landing,
        Landing::Failed {
            retry_in: secs(120),
            rediscover: false
        }
    );
    assert_eq!(bench.ask(Want::Keys), Answer::Serve);
    assert_eq!(bench.miss("a"), refuse(Refusal::Unchecked, secs(120)));
    // Who wants a fetch gets it.
    assert_eq!(bench.ask(Want::Refresh), begin(3));
}

#[test]
fn a_304_confirms_the_set_that_it_is_about_and_no_other() {
    let same = |of| Outcome::NotModified {
        of,
        freshness: Freshness::default(),
    };
    let mut bench = Bench::new();
    bench.ask(Want::Keys);
    assert!(
        matches!(bench.land(1, same(0)), Landing::Failed { .. }),
        "without a set"
    );

    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    bench.wait(secs(1));
    let Landing::Confirmed(held) = bench.land(2, same(1)) else {
        panic!("the set is confirmed");
    };
    assert_eq!((held.sequence, held.age(bench.clock.stamp())), (2, secs(1)));

    // A set that was asked for before came in meanwhile: which one the 304 means is unknown.
    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    bench.wait(secs(6));
    bench.ask(Want::Refresh);
    bench.fetched(2);
    assert!(matches!(bench.land(3, same(1)), Landing::Failed { .. }));

    // It gives a new ttl as well.
    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    let freshness = Freshness::from_headers(Some("max-age=120"), None);
    let landing = bench.land(2, Outcome::NotModified { of: 1, freshness });
    assert!(matches!(landing, Landing::Confirmed(held) if held.ttl == secs(120)));
    bench.wait(secs(120));
    assert_eq!(bench.state(), State::StaleIdle);
}

#[test]
fn discovery_is_done_anew_when_the_keys_are_gone_at_most_once_in_five_minutes() {
    let gone = Outcome::Failed {
        retry_after: None,
        gone: true,
    };
    let rediscovers = |bench: &mut Bench| {
        let flight = started(&bench.ask(Want::Refresh)).unwrap();
        match bench.land(flight, gone) {
            Landing::Failed { rediscover, .. } => rediscover,
            other => panic!("{other:?}"),
        }
    };
    let mut bench = Bench::warm();
    assert!(
        !rediscovers(&mut bench),
        "a configured address is not discovered"
    );
    bench.engine.on_discovered(bench.clock.stamp());
    bench.wait(secs(299));
    assert!(!rediscovers(&mut bench), "a short absence is no move");
    bench.wait(secs(1));
    assert!(rediscovers(&mut bench));
    bench.engine.on_discovered(bench.clock.stamp());
    bench.wait(secs(60));
    assert!(!rediscovers(&mut bench));
}

#[test]
fn t13_the_answer_asked_for_last_wins() {
    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    bench.wait(secs(6)); // flight 2 hangs
    assert_eq!(bench.ask(Want::Refresh), begin(3));
    bench.fetched(3);
    let late = bench.land(2, Outcome::Fetched(Freshness::default()));
    assert_eq!(late, Landing::Overtaken);
    assert_eq!(bench.engine.held().unwrap().sequence, 3);

    // A late failure says nothing about the present, and a second landing nothing at all.
    bench.ask(Want::Refresh);
    bench.wait(secs(6));
    bench.ask(Want::Refresh);
    let failed = Outcome::Failed {
        retry_after: None,
        gone: true,
    };
    for _ in 0..2 {
        assert_eq!(bench.land(4, failed), Landing::Ignored);
    }
    assert!(bench.engine.is_fetching());

    // A late success is one, as long as nothing newer is there. Its age counts from its question.
    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    bench.wait(secs(6));
    bench.ask(Want::Refresh);
    bench.fetched(2);
    assert_eq!(
        bench.engine.held().unwrap().age(bench.clock.stamp()),
        secs(6)
    );
    bench.fetched(3);
}

#[test]
fn hanging_fetches_are_bounded() {
    let mut bench = Bench::warm();
    for _ in 0..10_000 {
        bench.ask(Want::Refresh);
        bench.wait(secs(7));
    }
    assert_eq!((bench.fetches, bench.engine.lost_flights()), (1 + 4, 4));
    assert!(!bench.engine.next_attempt_in(bench.clock.stamp()).is_zero());
    // One comes back: there is room again.
    assert_eq!(
        bench.land(
            2,
            Outcome::Failed {
                retry_after: None,
                gone: false
            }
        ),
        Landing::Ignored
    );
    bench.wait(secs(60));
    assert!(started(&bench.ask(Want::Refresh)).is_some());
}

#[test]
fn a_child_process_inherits_the_set_and_no_flight() {
    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    let held = bench.engine.held().unwrap();
    bench.engine = Engine::resume(bench.engine.timing().clone(), 2, held);
    assert_eq!(bench.ask(Want::Keys), Answer::Serve);
    assert_eq!(bench.miss("a"), begin(2));
}

#[test]
fn a_set_from_a_store_keeps_its_age() {
    let clock = TestClock::new();
    for (age, wanted) in [
        (60, State::Fresh),
        (700, State::StaleIdle),
        (9000, State::Expired),
    ] {
        let held = Held {
            sequence: 0,
            confirmed: clock.stamp().earlier(secs(age)),
            ttl: secs(600),
            due: secs(480),
        };
        let engine = Engine::resume(Timing::default(), 1, held);
        assert_eq!(engine.state(clock.stamp()), wanted, "{age}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let mut engine = Engine::new(Timing::default(), seed);
        let clock = TestClock::new();
        (0..100)
            .map(|_| {
                let tick = engine.on_timer(clock.stamp());
                if let Some(launch) = tick.start {
                    let outcome = Outcome::Failed {
                        retry_after: None,
                        gone: false,
                    };
                    let _ = engine.on_fetch_result(clock.stamp(), launch.sequence, outcome);
                }
                clock.advance(tick.wake_in);
                tick
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn t15_a_machine_that_slept_through_its_fetch_does_not_trust_the_answer() {
    let mut bench = Bench::warm();
    assert_eq!(bench.miss("new"), begin(2));
    bench.clock.jump(86_400);
    bench.fetched(2);
    // The question was asked a day ago: so old is the answer.
    assert_eq!(bench.state(), State::Expired);
    let kid = Some(b"new".as_slice());
    assert_eq!(bench.ask(Want::Missing { seen: 1, kid }), begin(3));
    bench.fetched(3);
    assert_eq!(bench.ask(Want::Missing { seen: 1, kid }), Answer::Serve);
}
