//! Many callers at once: invented kids, and a cold start.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use jwtverify_tests::Behaviour;

use super::*;

/// The kids of a flood, and the time between two of them: 10,000 in a minute.
const KIDS: usize = 10_000;
const BETWEEN: Duration = Duration::from_millis(6);

/// go-oidc, node-jwks-rsa without its limit, get-jwks, Spring, jose4j and Authlib fetch for each
/// kid. jwks-rsa-java then refuses good kids that it has not cached; keyfunc lets callers of
/// invented kids wait for its limit, up to a minute each.
#[test]
fn s01_a_flood_of_invented_kids_costs_five_fetches_at_most_and_no_good_request() {
    let setting = Setting::new();
    let (url, token) = (setting.issuer.url(), setting.token());
    let (next, ended, good) = (
        AtomicUsize::new(0),
        AtomicBool::new(false),
        AtomicUsize::new(0),
    );
    thread::scope(|scope| {
        let flood: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= KIDS {
                            return;
                        }
                        setting.clock.advance(BETWEEN);
                        let verdict = setting.verify(&invented(&url, number));
                        assert!(
                            ["KeyNotFound", "UnavailableUnchecked"].contains(&verdict),
                            "{verdict}"
                        );
                    }
                })
            })
            .collect();
        for _ in 0..2 {
            scope.spawn(|| {
                while !ended.load(Ordering::SeqCst) {
                    assert_eq!(setting.verify(&token), "accepted");
                    good.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let flood: Vec<_> = flood
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        ended.store(true, Ordering::SeqCst);
        assert!(flood.iter().all(Result::is_ok));
    });
    assert!(setting.clock.monotonic() >= MINUTE);
    assert!(good.into_inner() > 0);
    assert!(
        (2..=5).contains(&setting.requests()),
        "{}",
        setting.requests()
    );
}

/// node-jwks-rsa fetches once for each kid of a mixed crowd, Spring once for each subscriber of
/// its reactive decoder, lua-resty-openidc once for each worker that comes before the first answer.
#[test]
fn s06_a_thousand_threads_that_begin_at_once_cost_one_fetch() {
    let setting = Setting::new();
    setting.issuer.publish(
        (0..10)
            .map(|number| es256(&format!("key-{number}")))
            .collect(),
    );
    let claims = claims(&setting.issuer.url());
    let keys = setting.issuer.keys();
    let tokens: Vec<String> = keys.iter().map(|key| key.mint(&claims)).collect();
    setting.issuer.behave(Behaviour::Hang);
    let barrier = Barrier::new(1001);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..1000)
            .map(|number| {
                let (setting, barrier, token) =
                    (&setting, &barrier, &tokens[number % tokens.len()]);
                let caller = move || {
                    barrier.wait();
                    setting.verify(token)
                };
                let thread = thread::Builder::new().stack_size(512 * 1024);
                thread.spawn_scoped(scope, caller).unwrap()
            })
            .collect();
        barrier.wait();
        setting.issuer.wait_for_jwks_requests(1);
        setting.issuer.behave(Behaviour::Good);
        for caller in callers {
            assert_eq!(caller.join().unwrap(), "accepted");
        }
    });
    assert_eq!(setting.requests(), 1);
}
