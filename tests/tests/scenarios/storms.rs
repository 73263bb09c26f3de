//! Floods of unknown kids, herds of callers, and the arithmetic of what they cost.

use super::*;

/// go-oidc, node-jwks-rsa, get-jwks, Spring, jose4j and Authlib ask the issuer for each of them;
/// jwks-rsa-java then refuses good tokens; keyfunc lets the senders of junk wait for a minute.
#[test]
fn ten_thousand_random_kids_in_a_minute_cost_five_fetches_and_no_good_token() {
    let mut world = warm();
    world.pass(secs(10));
    let before = world.issuer.requests().len();
    let mut good = Vec::new();
    let mut junk = Vec::new();
    for number in 0..10_000 {
        junk.push(world.call(1_000_000 + number, BUDGET));
        for _ in 0..6 {
            good.push(world.call(0, BUDGET));
        }
        world.pass(millis(6));
    }
    world.pass(secs(1));
    let requests = world.issuer.requests().len() - before;
    assert!(requests <= 5, "{requests}");
    for call in good {
        let call = &world.calls()[call];
        assert!(call.verdict.is_some_and(is_accepted), "{call:?}");
        assert_eq!(waited(call), Duration::ZERO);
    }
    let mut unchecked = 0;
    for call in junk {
        let call = &world.calls()[call];
        match call.verdict.unwrap() {
            Verdict::NotFound => {}
            Verdict::Unavailable { retry_after } => {
                assert!(retry_after > Duration::ZERO && retry_after <= secs(30));
                unchecked += 1;
            }
            accepted => panic!("{accepted:?}"),
        }
        assert!(waited(call) <= millis(80), "nobody is parked: {call:?}");
    }
    assert!(unchecked > 9_000, "{unchecked}");
    judge(&world);
}

/// node-jwks-rsa with mixed kids, Spring's reactive source and lua-resty-openidc ask several times.
#[test]
fn a_thousand_callers_of_a_cold_service_cost_one_fetch() {
    for same in [true, false] {
        let mut world = World::new(Timing::default(), 1);
        world.issuer.mood = good(millis(800));
        for _ in 0..9 {
            world.add();
        }
        let calls: Vec<_> = (0..1000)
            .map(|number| {
                let call = world.call(if same { 0 } else { number % 10 }, BUDGET);
                world.pass(millis(number % 2));
                call
            })
            .collect();
        world.pass(secs(1));
        for call in calls {
            let call = &world.calls()[call];
            assert!(call.verdict.is_some_and(is_accepted), "{call:?}");
            assert!(waited(call) <= millis(800));
        }
        assert_eq!(world.issuer.requests().len(), 1);
        judge(&world);
    }
}

#[test]
fn a_herd_at_the_ttl_costs_one_fetch_and_nobody_waits() {
    let mut world = warm();
    world.issuer.mood = good(secs(3));
    for _ in 0..6000 {
        for _ in 0..10 {
            let call = world.call(0, BUDGET);
            assert_eq!(waited(&world.calls()[call]), Duration::ZERO);
        }
        world.pass(millis(100));
    }
    assert_eq!(world.issuer.requests().len(), 2);
    judge(&world);
}

/// Scheduled refreshes are part of what a flood costs: each fetch of the flood renews the set.
#[test]
fn what_a_day_of_flood_costs_is_two_fetches_a_minute() {
    let mut world = warm();
    for number in 0..86_400 {
        world.call(1_000_000 + number, Duration::ZERO);
        world.pass(secs(1));
    }
    let requests = world.issuer.requests().len();
    assert!((2_850..=2_890).contains(&requests), "{requests}");
    judge(&world);
}

#[test]
fn what_a_quiet_day_costs_is_a_fetch_in_eight_minutes() {
    for driver in [false, true] {
        let mut world = warm();
        world.driver = driver;
        if driver {
            world.pass(secs(86_400));
        } else {
            traffic(&mut world, 86_400);
        }
        let requests = world.issuer.requests().len();
        assert!(
            (170..=190).contains(&requests),
            "{requests}, driver: {driver}"
        );
        judge(&world);
    }
}

#[test]
fn what_hours_of_outage_cost_does_not_depend_on_the_callers() {
    for callers in [1, 20] {
        let mut world = warm();
        world.issuer.mood = Mood::Refuses;
        for second in 0..21_600 {
            for number in 0..callers {
                world.call(number * 1_000_000 + second, Duration::ZERO);
            }
            world.pass(secs(1));
        }
        // One attempt in 30 to 60 seconds, each with one retry.
        let requests = world.issuer.requests().len();
        assert!(
            (700..=1_060).contains(&requests),
            "{requests}, callers: {callers}"
        );
        judge(&world);
    }
}

#[test]
fn a_flood_of_one_kid_is_held_and_costs_less() {
    let mut world = warm();
    for _ in 0..3600 {
        world.call(1_000_000, Duration::ZERO);
        world.pass(secs(1));
    }
    // 5, 15, 45, 135 and then 300 seconds apart, beside the refreshes that are due.
    let requests = world.issuer.requests().len();
    assert!(requests <= 1 + 4 + 12 + 9, "{requests}");
    judge(&world);
}
