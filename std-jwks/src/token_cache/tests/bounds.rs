//! What is kept, how much of it, for how long, and by how many threads at once.

use std::sync::Barrier;

use super::*;
use crate::token_cache::{MAX_TOKEN_BYTES, shards};

#[test]
fn failures_are_never_kept_and_push_nothing_out() {
    let cache = TokenCache::builder().entries(1).build().unwrap();
    let setup = Setup::with(&[("a", 1)], policy(), cache);
    let good = token("a", 1);
    assert_eq!(setup.verdict(&good), ("valid", 1));
    let bad = [
        token("a", 2),
        with_claims("\"exp\":1"),
        with_claims("\"exp\":1800000000,\"nbf\":1790000000"),
        with_claims("\"sub\":\"no exp\""),
        mint(r#"{"alg":"EdDSA","kid":"a"}"#, r#"{"exp":1800000000}"#, 1),
        format!("{good}x"),
        "junk".to_owned(),
        String::new(),
    ];
    for _ in 0..2 {
        for token in &bad {
            assert_ne!(setup.verdict(token).0, "valid", "{token}");
        }
    }
    assert_eq!(setup.verdict(&good), ("valid", 0));
    let usage = setup.cache.usage();
    assert_eq!((usage.entries, usage.evicted), (1, 0));
    assert_eq!(setup.verdict(&bad[0]), ("SignatureInvalid", 1));
}

#[test]
fn a_token_is_forgotten_when_its_time_in_the_cache_is_over() {
    let setup = Setup::new(&[("a", 1)]);
    let token = token("a", 1);
    let second = Duration::from_secs(1);
    assert_eq!(setup.verdict(&token), ("valid", 1));
    setup.clock.advance(59 * second);
    assert_eq!(setup.verdict(&token), ("valid", 0));
    setup.clock.advance(second);
    assert_eq!(setup.verdict(&token), ("valid", 1));
    setup.clock.advance(59 * second);
    assert_eq!(setup.verdict(&token), ("valid", 0));
}

#[test]
fn a_flood_of_good_tokens_stays_within_the_bounds() {
    let max_bytes = shards::LEAST_BYTES;
    for (entries, sub) in [(1, 1), (20, 1), (100, 1), (65_536, 3_000)] {
        let cache = TokenCache::builder().entries(entries).max_bytes(max_bytes);
        let setup = Setup::with(&[("a", 1)], policy(), cache.build().unwrap());
        let favourite = token("a", 1);
        setup.verdict(&favourite);
        let sub = "x".repeat(sub);
        for number in 0..150 {
            let token = with_claims(&format!(
                "\"exp\":1800000000,\"sub\":\"{sub}\",\"jti\":\"{number}\""
            ));
            assert_eq!(setup.verdict(&token), ("valid", 1));
            let usage = setup.cache.usage();
            assert!(usage.entries <= entries, "{usage:?}");
            assert!(usage.bytes <= max_bytes, "{usage:?}");
            // What is used stays, where there is room for more than one.
            let wanted = usize::from(entries == 1);
            assert_eq!(setup.verdict(&favourite), ("valid", wanted), "{number}");
        }
        let usage = setup.cache.usage();
        assert!(usage.entries >= 1 && usage.evicted > 0, "{usage:?}");
    }
}

#[test]
fn a_token_that_is_too_long_is_verified_and_not_kept() {
    let setup = Setup::new(&[("a", 1)]);
    let of_length = |length: usize| {
        let (mut low, mut high) = (0, length);
        while low < high {
            let middle = (low + high) / 2;
            let sub = "x".repeat(middle);
            if with_claims(&format!("\"exp\":1800000000,\"sub\":\"{sub}\"")).len() < length {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        with_claims(&format!(
            "\"exp\":1800000000,\"sub\":\"{}\"",
            "x".repeat(low)
        ))
    };
    let longest = of_length(MAX_TOKEN_BYTES - 1);
    let longer = of_length(MAX_TOKEN_BYTES + 1);
    assert!(longest.len() <= MAX_TOKEN_BYTES && longer.len() > MAX_TOKEN_BYTES);
    for (token, second) in [(longest, 0), (longer, 1)] {
        assert_eq!(setup.verdict(&token), ("valid", 1));
        assert_eq!(setup.verdict(&token), ("valid", second));
    }
}

#[test]
fn many_threads_never_hear_a_verdict_that_the_keys_do_not_bear_out() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 30;

    let cache = TokenCache::builder().entries(3).build().unwrap();
    let setup = Setup::with(&[("a", 1), ("b", 2)], policy(), cache);
    let old: Vec<String> = (0..6)
        .map(|number| with_claims(&format!("\"exp\":1800000000,\"jti\":\"{number}\"")))
        .collect();
    let new = token("a", 2);
    assert_eq!(setup.verdict(&old[0]), ("valid", 1));
    let (start, replaced) = (Barrier::new(THREADS + 1), Barrier::new(THREADS + 1));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (setup, old, new) = (&setup, &old, &new);
            let (start, replaced) = (&start, &replaced);
            scope.spawn(move || {
                let one = |round: usize| &old[(thread + round) % old.len()];
                start.wait();
                // While the key is being replaced: what one thread has seen it never unsees.
                let mut seen = false;
                for round in 0..ROUNDS {
                    for (token, before, after) in [
                        (one(round), "valid", "SignatureInvalid"),
                        (new, "SignatureInvalid", "valid"),
                    ] {
                        let name = setup.verdict(token).0;
                        seen |= name == after;
                        assert_eq!(name, if seen { after } else { before });
                    }
                }
                replaced.wait();
                for round in 0..ROUNDS {
                    assert_eq!(setup.verdict(one(round)).0, "SignatureInvalid");
                    assert_eq!(setup.verdict(new).0, "valid");
                }
            });
        }
        start.wait();
        setup.publish(&[("a", 2), ("b", 2)]);
        replaced.wait();
    });
    let usage = setup.cache.usage();
    assert!(usage.entries <= 3 && usage.hits > 0, "{usage:?}");
}

#[test]
fn settings_out_of_range_are_refused() {
    let new = TokenCache::builder;
    let second = Duration::from_secs(1);
    for (builder, is_good) in [
        (new(), true),
        (new().entries(1), true),
        (new().entries(65_536).max_bytes(1 << 30), true),
        (new().lifetime(second), true),
        (new().lifetime(second * 3600), true),
        (new().entries(0), false),
        (new().entries(65_537), false),
        (new().max_bytes(65_535), false),
        (new().max_bytes(usize::MAX), false),
        (new().lifetime(Duration::ZERO), false),
        (new().lifetime(Duration::MAX), false),
    ] {
        let text = format!("{builder:?}");
        let code = builder.build().err().map(|error| error.error());
        let wanted = (!is_good).then_some(Code::MisuseArgument);
        assert_eq!(code, wanted, "{text}");
    }
}
