//! Issuers that hang, fail, go away and come back; clocks that jump.

use jwtverify_jwks::engine::State;

use super::*;

/// PyJWT 2.15, jwtk, jwt-authorizer and jwks_client_rs stall; jose, Nimbus by default and Spring
/// stall and then fail.
#[test]
fn an_issuer_that_hangs_when_the_set_expires_delays_no_good_token() {
    let mut world = warm();
    world.issuer.mood = Mood::Hangs;
    // From fresh through due and stale to the bound, one call a second.
    let verdicts = traffic(&mut world, 4190);
    assert!(verdicts.into_iter().all(is_accepted));
    assert_eq!(world.state(), State::StaleErr);
    judge(&world);

    // Also where the transport itself does not give up.
    let mut world = warm();
    world.issuer.mood = Mood::Clings(secs(100_000));
    let verdicts = traffic(&mut world, 4190);
    assert!(verdicts.into_iter().all(is_accepted));
    let most = world.engine().timing().max_lost_flights;
    assert_eq!(
        (world.engine().lost_flights(), world.airborne()),
        (most, most)
    );
    judge(&world);
}

/// jose, PyJWT and Spring fail the first half; keyfunc, jwx and huskarl the second.
#[test]
fn an_outage_of_fifty_minutes_past_the_ttl_is_survived_and_one_of_an_hour_fails_closed() {
    let mut world = warm();
    world.pass(secs(400));
    world.issuer.mood = Mood::Fails(None);
    let verdicts = traffic(&mut world, 200 + 50 * 60);
    assert!(verdicts.iter().copied().all(is_accepted));
    // Past the ttl the set that was used can be told from a young one.
    let is_stale =
        |verdict: &Verdict| matches!(verdict, Verdict::Accepted { age, ttl } if age >= ttl);
    assert!(verdicts[201..].iter().all(is_stale));
    traffic(&mut world, 9 * 60);
    world.pass(secs(120));
    assert_eq!(world.state(), State::Expired);
    let Verdict::Unavailable { retry_after } = world.ask(0) else {
        panic!("a set was used past its bound");
    };
    assert!(retry_after <= secs(60));

    // It comes back, and so does the service, within the wait that callers were told.
    world.issuer.mood = good(millis(80));
    world.pass(secs(60));
    assert!(is_accepted(world.ask(0)));
    judge(&world);
}

#[test]
fn a_caller_of_a_service_without_keys_hears_at_once_that_the_issuer_is_down() {
    let mut world = World::new(Timing::default(), 1);
    world.issuer.mood = Mood::Hangs;
    // The first one waits for the attempt, and no longer than it wants to.
    let patient = world.call(0, BUDGET);
    let hasty = world.call(0, millis(300));
    world.pass(secs(6));
    assert_eq!(waited(&world.calls()[patient]), secs(5));
    assert_eq!(waited(&world.calls()[hasty]), millis(300));
    // While the next attempt is not due nobody waits at all.
    world.issuer.mood = Mood::Refuses;
    for _ in 0..10 {
        world.ask(0);
        for _ in 0..1000 {
            let call = world.call(0, BUDGET);
            if let Some(Verdict::Unavailable { retry_after }) = world.calls()[call].verdict {
                assert!(retry_after <= secs(30));
            }
        }
        world.pass(secs(1));
    }
    assert!(world.issuer.requests().len() < 30);
    judge(&world);
}

#[test]
fn retry_after_is_obeyed_up_to_five_minutes_and_the_keys_serve_meanwhile() {
    let mut world = warm();
    world.pass(secs(500));
    world.issuer.mood = Mood::Fails(Some(secs(86_400)));
    traffic(&mut world, 60);
    let before = world.issuer.requests().len();
    let verdicts = traffic(&mut world, 3000);
    assert!(verdicts.into_iter().all(is_accepted));
    let requests = world.issuer.requests().len() - before;
    assert!((9..=10).contains(&requests), "{requests}");
    judge(&world);
}

#[test]
fn a_failure_that_is_chance_is_not_noticed() {
    let mut world = warm();
    world.pass(secs(500));
    world.issuer.mood = Mood::Refuses;
    world.call(0, BUDGET);
    // The issuer listens again before the request is made anew.
    world.pass(millis(50));
    world.issuer.mood = good(millis(80));
    world.pass(secs(1));
    assert_eq!(
        (world.state(), world.engine().failures()),
        (State::Fresh, 0)
    );
    assert_eq!(world.issuer.requests().len(), 3);
    judge(&world);
}

/// Caches that go by the wall clock.
#[test]
fn a_wall_clock_that_is_set_by_a_day_changes_nothing_and_sleep_is_noticed() {
    let mut world = warm();
    for _ in 0..100 {
        world.set_wall_clock(-86_400);
        world.pass(millis(100));
        assert!(is_accepted(world.ask(0)));
    }
    assert_eq!(world.issuer.requests().len(), 1);

    // Forward it can't be told from sleep: one question, and the tokens are good.
    world.set_wall_clock(86_400 * 101);
    assert!(is_accepted(world.ask(0)));
    assert_eq!(world.issuer.requests().len(), 2);

    // Back and forth makes no storm.
    for round in 0..100 {
        world.set_wall_clock(if round % 2 == 0 { -86_400 } else { 86_400 });
        assert!(is_accepted(world.ask(0)));
    }
    assert!(world.issuer.requests().len() <= 3);
}

#[test]
fn a_machine_that_was_suspended_asks_before_it_trusts() {
    for hours in [1, 8] {
        let mut world = warm();
        let gone = world.issuer.newest();
        world.rotate();
        world.suspend(secs(hours * 3600));
        assert_eq!(world.ask(gone), Verdict::NotFound);
        assert!(is_accepted(world.ask(world.issuer.newest())));
        assert_eq!(world.issuer.requests().len(), 2);
        judge(&world);
    }
}

#[test]
fn a_child_process_has_its_own_budget_and_no_flight_of_its_parent() {
    let mut world = warm();
    world.issuer.mood = Mood::Hangs;
    world.pass(secs(500));
    world.call(0, BUDGET);
    assert!(world.engine().is_fetching());
    world.fork(2);
    assert!(!world.engine().is_fetching());
    world.issuer.mood = good(millis(80));
    assert!(is_accepted(world.ask(0)));
    world.pass(secs(1));
    assert_eq!(world.state(), State::Fresh);
    judge(&world);
}
