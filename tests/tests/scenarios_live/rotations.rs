//! Keys that come and go.

use jwtverify_jwks::TokenCache;

use super::*;

/// jose and PyJWT are blind for 30 seconds after a fetch, jwt-authorizer for 10 minutes,
/// go-jwt-middleware until its cache of 15 minutes is over.
#[test]
fn s04_a_key_that_is_new_a_second_after_a_refresh_is_taken_within_five_seconds() {
    let setting = Setting::new();
    let old = setting.token();
    assert_eq!(setting.verify(&old), "accepted");
    setting.clock.advance(Duration::from_secs(1));
    setting.issuer.rotate_keeping_old();
    let new = setting.token();
    let began = setting.clock.monotonic();
    // Who comes back when he was told to is told the truth.
    while let Err(error) = setting.verifier.verify(&new) {
        assert_eq!(
            (error.name(), error.http_status()),
            ("UnavailableUnchecked", 503)
        );
        let wait = error.retry_after().unwrap();
        assert!(wait > 0);
        setting.clock.advance(Duration::from_secs(wait));
    }
    assert!(setting.clock.monotonic() - began <= Duration::from_secs(5));
    assert_eq!(setting.verify(&old), "accepted");
    assert_eq!(setting.requests(), 2);
}

/// aws-jwt-verify and go-oidc keep a key until an unknown kid makes them look again. fast-jwt and
/// Envoy answer a remembered token without asking whether its key is still there.
#[test]
fn s05_a_removed_key_is_refused_after_the_ttl_with_a_token_cache_too() {
    for cached in [false, true] {
        let mut setting = Setting::new();
        if cached {
            setting.verifier = setting.verifier.with_token_cache(TokenCache::new());
        }
        let old = setting.token();
        assert_eq!(setting.verify(&old), "accepted");
        assert_eq!(setting.verify(&old), "accepted");
        setting.issuer.rotate();
        let new = setting.token();
        setting.clock.advance(TTL);
        assert_eq!(setting.verify(&old), "KeyNotFound", "cached: {cached}");
        assert_eq!(setting.verify(&new), "accepted");
        assert_eq!(setting.requests(), 2);
        if let Some(cache) = setting.verifier.token_cache() {
            let usage = cache.usage();
            assert_eq!(
                (usage.hits, usage.entries),
                (1, 1),
                "the first token was remembered"
            );
        }
    }
}

/// Under traffic the refresh is made beside the callers, so that the key is gone before the ttl.
/// The peers of the scenario above have no such bound at all.
#[test]
fn s05_under_traffic_a_removed_key_is_refused_before_the_ttl_and_nobody_waits() {
    let setting = Setting::new();
    let old = setting.token();
    assert_eq!(setting.verify(&old), "accepted");
    setting.issuer.rotate();
    let mut refused = None;
    for second in 1..=600 {
        setting.clock.advance(Duration::from_secs(1));
        let verdict = setting.verify_at_once(&old);
        setting.settle();
        if verdict != "accepted" {
            refused = Some((second, verdict));
            break;
        }
    }
    let (second, verdict) = refused.unwrap();
    assert!((432..=529).contains(&second), "{second}");
    assert_eq!(
        verdict, "UnavailableUnchecked",
        "the budget says when to look again"
    );
    assert_eq!(setting.requests(), 2);
}

/// stale-while-revalidate caches answer the first callers of the morning with the keys of the
/// evening. huskarl lets those through that come beside the one who refreshes.
#[test]
fn s09_after_eight_idle_hours_a_removed_key_is_refused() {
    for max_stale in [MAX_STALE, Duration::from_secs(86_400)] {
        let setting = Setting::with(|builder| builder.max_stale(max_stale));
        let old = setting.token();
        assert_eq!(setting.verify(&old), "accepted");
        setting.issuer.rotate();
        setting.clock.advance(Duration::from_secs(8 * 3600));
        thread::scope(|scope| {
            let callers: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| setting.verify(&old)))
                .collect();
            for caller in callers {
                let verdict = caller.join().unwrap();
                assert!(
                    ["KeyNotFound", "UnavailableUnchecked"].contains(&verdict),
                    "{verdict}"
                );
            }
        });
        assert_eq!(setting.verify(&setting.token()), "accepted");
        assert_eq!(setting.requests(), 2);
    }
}
