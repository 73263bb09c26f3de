//! What unknown kids cost.

use super::*;

#[test]
fn t3_random_kids_cost_two_fetches_at_once_and_then_two_a_minute() {
    let mut bench = Bench::warm();
    let mut starts = Vec::new();
    for second in 0..=120 {
        for number in 0..10 {
            let answer = bench.miss(&format!("junk-{second}-{number}"));
            let Some(flight) = started(&answer) else {
                let Answer::Refuse {
                    reason: Refusal::Unchecked,
                    retry_after,
                } = answer
                else {
                    panic!("{answer:?}");
                };
                assert!(!retry_after.is_zero() && retry_after <= secs(30));
                continue;
            };
            starts.push(second);
            bench.fetched(flight);
        }
        bench.wait(secs(1));
    }
    assert_eq!(starts, [0, 5, 30, 60, 90, 120]);
}

#[test]
fn t3_the_answer_names_the_very_second_that_it_is_worth_coming_back() {
    let mut bench = Bench::warm();
    for flight in 2..20 {
        while let Answer::Refuse { retry_after, .. } = bench.miss("a") {
            bench.wait(retry_after - millis(1));
            let early = bench.miss("a");
            assert_eq!(early, refuse(Refusal::Unchecked, millis(1)));
            bench.wait(millis(1));
        }
        assert!(bench.engine.is_fetching());
        bench.fetched(flight);
    }
}

#[test]
fn t5_a_failed_attempt_costs_a_token_too() {
    let mut bench = Bench::warm();
    assert_eq!(bench.miss("a"), begin(2));
    let wait = bench.failed(2);
    assert_eq!(bench.miss("a"), refuse(Refusal::Unchecked, secs(5)));
    assert!(wait < secs(5));
    bench.wait(secs(5));
    assert_eq!(bench.miss("a"), begin(3));
    bench.failed(3);
    assert_eq!(bench.miss("a"), refuse(Refusal::Unchecked, secs(25)));
}

#[test]
fn the_first_the_due_and_the_wanted_fetch_cost_no_token() {
    let mut bench = Bench::warm();
    for flight in 2..10 {
        bench.wait(secs(480));
        // An unknown kid may be what finds the set due.
        assert_eq!(bench.miss("a"), begin(flight));
        bench.fetched(flight);
    }
    bench.ask(Want::Refresh);
    bench.fetched(10);
    bench.wait(secs(5));
    for flight in [11, 12] {
        assert_eq!(bench.miss("a"), begin(flight));
        bench.fetched(flight);
        bench.wait(secs(5));
    }
    assert_eq!(bench.miss("a"), refuse(Refusal::Unchecked, secs(20)));
}

#[test]
fn rotation_just_after_a_fetch_is_seen_within_five_seconds() {
    let mut bench = Bench::new();
    bench.ask(Want::Keys);
    bench.fetched(1);
    bench.wait(secs(1));
    assert_eq!(bench.miss("new"), refuse(Refusal::Unchecked, secs(4)));
    bench.wait(secs(4));
    assert_eq!(bench.miss("new"), begin(2));
}

#[test]
fn a_kid_that_was_looked_for_is_held_and_no_other_is() {
    let mut bench = Bench::warm();
    let mut flight = 1;
    for hold in [5, 15, 45, 135, 300, 300] {
        let answer = bench.miss("junk");
        flight += 1;
        assert_eq!(answer, begin(flight));
        bench.fetched(flight);
        for _ in 0..1000 {
            bench
                .engine
                .on_still_missing(bench.clock.stamp(), Some(b"junk"), flight);
        }
        assert_eq!(bench.miss("junk"), refuse(Refusal::Held, secs(hold)));
        bench.wait(secs(hold).max(secs(60)));
        // Somebody uses the set meanwhile.
        if let Some(due) = started(&bench.ask(Want::Keys)) {
            flight = due;
            bench.fetched(flight);
            bench.wait(secs(5));
        }
    }
    assert_eq!(bench.engine.remembered_kids(), 1);
    assert_eq!(bench.miss("good"), begin(flight + 1));
}

#[test]
fn a_set_that_was_replaced_meanwhile_proves_nothing_about_a_kid() {
    let mut bench = Bench::warm();
    bench.miss("a");
    bench.fetched(2);
    bench.ask(Want::Refresh);
    bench.fetched(3);
    bench
        .engine
        .on_still_missing(bench.clock.stamp(), Some(b"a"), 2);
    assert_eq!(bench.engine.remembered_kids(), 0);
}

#[test]
fn a_caller_whose_set_was_replaced_meanwhile_looks_again() {
    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    bench.fetched(2);
    let kid = Some(b"a".as_slice());
    assert_eq!(bench.ask(Want::Missing { seen: 1, kid }), Answer::Serve);
    // Also while the kid is held.
    bench.engine.on_still_missing(bench.clock.stamp(), kid, 2);
    assert_eq!(bench.ask(Want::Missing { seen: 1, kid }), Answer::Serve);
    assert_eq!(bench.fetches, 2);
}
