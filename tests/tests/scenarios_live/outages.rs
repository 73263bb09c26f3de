//! An issuer that hangs, fails, and comes back.

use jwtverify_jwks::State;
use jwtverify_tests::Behaviour;

use super::*;

/// PyJWT, jwtk, jwt-authorizer and jwks_client_rs let callers stand until their request times out.
/// jose, Nimbus with its defaults and Spring do so too, and then fail although the old set is
/// there.
#[test]
fn s02_an_issuer_that_hangs_at_expiry_delays_no_good_token() {
    let setting = Setting::with(|builder| builder.timeout(Duration::from_millis(200)));
    let token = setting.token();
    assert_eq!(setting.verify(&token), "accepted");
    setting.issuer.behave(Behaviour::Hang);
    // Requests come all the time, over the moment when the refresh is due and over the ttl; some of
    // them while an attempt hangs.
    for second in 1..=660 {
        setting.clock.advance(Duration::from_secs(1));
        for _ in 0..3 {
            assert_eq!(setting.verify_at_once(&token), "accepted", "at {second} s");
        }
        setting.settle();
    }
    assert!(setting.requests() > 2, "it was asked again and again");
    assert_eq!(setting.remote().status().state, State::StaleErr);
    // Back again, it is asked when the wait after the failures is over.
    setting.issuer.behave(Behaviour::Good);
    setting.clock.advance(MINUTE);
    assert_eq!(setting.verify_at_once(&token), "accepted");
    setting.settle();
    assert_eq!(setting.remote().status().state, State::Fresh);
}

/// The first caller after an idle time waits for the answer, but not for long: the peers above
/// wait for the timeout of their transport.
#[test]
fn s02_after_an_idle_time_a_hanging_issuer_costs_the_stale_wait_at_most() {
    let setting = Setting::with(|builder| builder.stale_wait(Duration::from_millis(100)));
    let token = setting.token();
    assert_eq!(setting.verify(&token), "accepted");
    setting.issuer.behave(Behaviour::Hang);
    setting.clock.advance(TTL * 2);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| setting.verify(&token)))
            .collect();
        for caller in callers {
            assert_eq!(caller.join().unwrap(), "accepted");
        }
    });
    assert!(
        setting.remote().status().fetching,
        "nobody waited for the transport to give up"
    );
    assert_eq!(setting.requests(), 2);
}

/// jose, PyJWT and Spring fail with the ttl. keyfunc, jwx and huskarl go on with the old keys for
/// ever, so that whoever blocks the issuer keeps a revoked key alive.
#[test]
fn s03_an_outage_is_survived_for_an_hour_past_the_ttl_and_then_fails_closed() {
    let setting = Setting::new();
    let token = setting.token();
    assert_eq!(setting.verify(&token), "accepted");
    setting.issuer.behave(Behaviour::Status(500));
    // The clock moves in steps, and each attempt is over before the next one.
    let step = Duration::from_secs(15);
    while setting.clock.monotonic() < TTL + MAX_STALE - step {
        setting.clock.advance(step);
        assert_eq!(
            setting.verify(&token),
            "accepted",
            "{:?}",
            setting.clock.monotonic()
        );
        setting.settle();
    }
    assert_eq!(setting.remote().status().state, State::StaleErr);
    // One attempt in 30 to 60 seconds, once there were a few.
    let attempts = setting.requests() - 1;
    assert!((50..=140).contains(&attempts), "{attempts}");

    setting.clock.advance(MINUTE * 2);
    let error = setting.verifier.verify(&token).unwrap_err();
    assert_eq!(
        (error.http_status(), error.name()),
        (503, "UnavailableStatus")
    );
    assert!((1..=60).contains(&error.retry_after().unwrap()));
    let error = setting.verifier.verify(&token).unwrap_err();
    assert_eq!(
        (error.http_status(), error.name()),
        (503, "UnavailableBackoff")
    );

    setting.issuer.behave(Behaviour::Good);
    setting.clock.advance(MINUTE);
    assert_eq!(setting.verify(&token), "accepted");
    assert_eq!(setting.remote().status().failures, 0);
}
