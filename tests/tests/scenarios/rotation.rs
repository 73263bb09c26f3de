//! Keys that come and keys that go.

use super::*;

/// jose and PyJWT are blind for 30 seconds, jwt-authorizer for 10 minutes, go-jwt-middleware for 15.
#[test]
fn a_rotation_just_after_a_refresh_is_followed_within_five_seconds() {
    let mut world = warm();
    world.pass(secs(1));
    let new = world.rotate();
    let began = world.now();
    let mut verdict = world.ask(new);
    while let Verdict::Unavailable { retry_after } = verdict {
        world.pass(retry_after);
        verdict = world.ask(new);
    }
    assert!(is_accepted(verdict));
    assert!(world.now() - began <= secs(5), "{:?}", world.now() - began);
    judge(&world);

    // Later than that it takes one round trip.
    world.pass(secs(60));
    let new = world.rotate();
    let began = world.now();
    assert!(is_accepted(world.ask(new)));
    assert_eq!(world.now() - began, millis(80));
    judge(&world);
}

#[test]
fn a_rotation_under_a_flood_is_followed_within_thirty_seconds() {
    let mut world = warm();
    for number in 0..600 {
        world.call(1_000_000 + number, Duration::ZERO);
        world.pass(millis(100));
    }
    let new = world.rotate();
    let began = world.now();
    let mut number = 10_000_000;
    while !is_accepted(world.ask(new)) {
        world.call(number, Duration::ZERO);
        number += 1;
        world.pass(millis(50));
    }
    assert!(world.now() - began <= secs(31), "{:?}", world.now() - began);
    judge(&world);
}

/// fastapi-zitadel-auth asks once, too early.
#[test]
fn a_key_that_is_published_just_after_its_first_token_is_found_within_five_seconds() {
    let mut world = warm();
    world.pass(secs(60));
    // The token is there before the key.
    let new = world.issuer.newest() + 1;
    assert_eq!(world.ask(new), Verdict::NotFound);
    world.pass(millis(500));
    world.add();
    let published = world.now();
    while !is_accepted(world.ask(new)) {
        world.pass(millis(100));
    }
    assert!(
        world.now() - published <= millis(5100),
        "{:?}",
        world.now() - published
    );
    judge(&world);
}

/// A hold is no blindness: whatever brings the key ends it.
#[test]
fn a_kid_that_was_held_is_good_the_moment_that_its_key_is_there() {
    let mut world = warm();
    let new = world.issuer.newest() + 1;
    for _ in 0..1000 {
        world.ask(new);
        world.pass(secs(1));
    }
    world.add();
    world.refresh();
    world.pass(millis(100));
    let call = world.call(new, Duration::ZERO);
    assert!(world.calls()[call].verdict.is_some_and(is_accepted));
    judge(&world);
}

/// aws-jwt-verify and go-oidc keep it for ever, as do Nimbus and Envoy beyond their token caches.
#[test]
fn a_removed_key_is_refused_within_its_ttl() {
    let mut world = warm();
    let old = world.issuer.newest();
    world.pass(secs(10));
    world.rotate();
    let removed = world.now();
    // Somebody who has stolen it, and nobody else.
    while is_accepted(world.ask(old)) {
        world.pass(secs(1));
    }
    assert!(
        world.now() - removed <= secs(600),
        "{:?}",
        world.now() - removed
    );
    judge(&world);
}

/// What whoever blocks the way to the issuer gains with a stolen key: the ttl and an hour.
#[test]
fn a_removed_key_is_refused_after_the_bound_when_the_issuer_is_out_of_reach() {
    for mood in [Mood::Hangs, Mood::Refuses, Mood::Nonsense, Mood::Gone] {
        let mut world = warm();
        let old = world.issuer.newest();
        world.rotate();
        world.issuer.mood = mood;
        let removed = world.now();
        while is_accepted(world.ask(old)) {
            world.pass(secs(10));
        }
        let lived = world.now() - removed;
        assert!(lived <= secs(600 + 3600 + 10), "{mood:?}: {lived:?}");
        judge(&world);
    }
}

/// Caches that serve while they revalidate; huskarl's concurrent callers.
#[test]
fn after_an_idle_night_a_removed_key_is_refused_at_once() {
    for idle in [secs(1800), secs(8 * 3600)] {
        let mut world = warm();
        let old = world.issuer.newest();
        world.rotate();
        world.pass(idle);
        // All at once, so that most of them did not start the fetch.
        let calls: Vec<_> = (0..100).map(|_| world.call(old, BUDGET)).collect();
        world.pass(secs(10));
        for call in calls {
            let call = &world.calls()[call];
            assert!(!call.verdict.is_some_and(is_accepted), "{call:?}");
            assert!(waited(call) <= secs(2), "{call:?}");
        }
        assert_eq!(world.ask(old), Verdict::NotFound);
        judge(&world);
    }
}

#[test]
fn after_an_idle_half_hour_an_issuer_that_hangs_costs_two_seconds_and_no_token() {
    let mut world = warm();
    world.pass(secs(1800));
    world.issuer.mood = Mood::Hangs;
    let calls: Vec<_> = (0..100).map(|_| world.call(0, BUDGET)).collect();
    world.pass(secs(10));
    for call in calls {
        let call = &world.calls()[call];
        assert!(call.verdict.is_some_and(is_accepted), "{call:?}");
        assert_eq!(waited(call), secs(2));
    }
    // From now on nobody waits: the issuer fails.
    traffic(&mut world, 600);
    judge(&world);
}

#[test]
fn a_driver_spares_even_the_first_callers_of_the_morning_their_wait() {
    let mut world = warm();
    world.driver = true;
    let old = world.issuer.newest();
    world.rotate();
    world.pass(secs(8 * 3600));
    let call = world.call(world.issuer.newest(), Duration::ZERO);
    assert!(world.calls()[call].verdict.is_some_and(is_accepted));
    assert!(!is_accepted(world.ask(old)));
    judge(&world);
}
