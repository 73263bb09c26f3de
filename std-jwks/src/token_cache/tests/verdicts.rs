//! The verdict is that of a fresh verification: times, keys, policies.

use super::*;

/// 2023-11-14, where the clock of the tests begins.
const NOW: i64 = 1_700_000_000;

#[test]
fn a_hit_gives_the_result_of_a_fresh_verification() {
    let setup = Setup::new(&[("a", 1)]);
    let token = mint(
        " {\"typ\":\"JWT\",\"k\\u0069d\":\"\\u0061\",\"alg\":\"EdDSA\"}\n",
        &format!(
            "\t{{\"sub\":\"jo\\u0065\",\"iss\":\"{ISSUER}\",\"exp\":1.8e9,\"iat\":1.5,\"nbf\":-1,\
             \"aud\":[\"x\",\"\u{fc}\"],\"jti\":\"j\",\"deep\":{{\"er\":[null]}}}} "
        ),
        1,
    );
    let fresh = setup.verifier.verify(&token).unwrap();
    let before = signatures();
    let hit = setup.verifier.verify(&token).unwrap();
    assert_eq!(signatures(), before, "a signature was verified");
    assert_eq!(hit.payload(), fresh.payload());
    assert_eq!(hit.algorithm(), fresh.algorithm());
    assert_eq!(hit.header().json(), fresh.header().json());
    assert_eq!(hit.header().kid(), fresh.header().kid());
    assert_eq!(hit.header().typ(), fresh.header().typ());
    let (hit, fresh) = (hit.claims(), fresh.claims());
    assert_eq!(hit.json(), fresh.json());
    assert!(hit.subject().unwrap() == "joe");
    assert_eq!(hit.issuer(), fresh.issuer());
    assert_eq!(hit.subject(), fresh.subject());
    assert_eq!(hit.jwt_id(), fresh.jwt_id());
    assert!(hit.audience().eq(fresh.audience()) && hit.audience().count() == 2);
    assert_eq!(hit.expiration(), fresh.expiration());
    assert_eq!(hit.not_before(), fresh.not_before());
    assert_eq!(hit.issued_at(), fresh.issued_at());
}

#[test]
fn a_shared_result_is_the_one_that_is_kept_and_ends_with_its_key() {
    let setup = Setup::new(&[("a", 1)]);
    let token = token("a", 1);
    let now = UnixTime::from_secs(NOW);
    let shared = || setup.verifier.verify_shared_at(&token, now);
    let first = shared().unwrap();
    assert_eq!(
        first.payload(),
        setup.verifier.verify(&token).unwrap().payload()
    );
    assert!(Arc::ptr_eq(&first, &shared().unwrap()));
    let keys = setup.remote.ready().unwrap();
    let held = setup.verifier.verify_shared_with(&token, &keys, now);
    assert!(Arc::ptr_eq(&first, &held.unwrap()));
    setup.publish(&[("a", 2)]);
    assert_eq!(shared().unwrap_err().name(), "SignatureInvalid");
}

#[test]
fn a_verifier_without_a_cache_remembers_nothing() {
    let setup = Setup::new(&[("a", 1)]);
    let plain = JwksVerifier::new(policy().build().unwrap(), setup.remote.clone());
    for _ in 0..2 {
        assert_eq!(verdict(&plain, &token("a", 1)), ("valid", 1));
    }
    let shared = || plain.verify_shared_at(token("a", 1), UnixTime::from_secs(NOW));
    assert!(!Arc::ptr_eq(&shared().unwrap(), &shared().unwrap()));
    assert_eq!(setup.cache.usage(), TokenCacheUsage::default());
}

#[test]
fn times_are_checked_at_every_hit_with_the_errors_of_a_fresh_verification() {
    let strict = || policy().leeway(5).max_age(20);
    for (claims, after, wanted) in [
        ("\"exp\":1700000010,\"iat\":1700000000", 14, "valid"),
        ("\"exp\":1700000010,\"iat\":1700000000", 15, "Expired"),
        ("\"exp\":1700000009.5,\"iat\":1700000000", 14, "valid"),
        ("\"exp\":1700000009.5,\"iat\":1700000000", 15, "Expired"),
        ("\"exp\":1800000000,\"iat\":1700000000", 25, "valid"),
        ("\"exp\":1800000000,\"iat\":1700000000", 26, "TooOld"),
        // The clock goes back.
        (
            "\"exp\":1800000000,\"iat\":1700000000,\"nbf\":1700000000",
            -5,
            "valid",
        ),
        (
            "\"exp\":1800000000,\"iat\":1700000000,\"nbf\":1700000000",
            -6,
            "NotYetValid",
        ),
    ] {
        let setup = Setup::with(&[("a", 1)], strict(), TokenCache::new());
        let token = with_claims(claims);
        assert_eq!(setup.verdict(&token), ("valid", 1), "{claims}");
        setup.clock.jump(after);
        let hit = setup.verdict(&token);
        let fresh = JwksVerifier::new(strict().build().unwrap(), setup.remote.clone());
        assert_eq!(verdict(&fresh, &token), (wanted, 1), "{claims} {after}");
        // What does not hold any more is verified once again, and not remembered.
        let signatures = usize::from(wanted != "valid");
        assert_eq!(hit, (wanted, signatures), "{claims} {after}");
        assert_eq!(setup.cache.usage().entries, 1 - signatures, "{claims}");
    }
}

#[test]
fn the_time_that_the_caller_gives_is_the_time_that_counts() {
    let setup = Setup::new(&[("a", 1)]);
    let token = with_claims("\"exp\":1700000010");
    let at = |time: i64| {
        let verdict = setup.verifier.verify_at(&token, UnixTime::from_secs(time));
        verdict.map_or_else(|error| error.name(), |_| "valid")
    };
    let verdicts = [NOW, NOW + 10, NOW + 9, NOW - 1_000_000].map(at);
    assert_eq!(verdicts, ["valid", "Expired", "valid", "valid"]);
}

#[test]
fn a_withdrawn_key_ends_its_tokens_at_once() {
    let setup = Setup::new(&[("a", 1), ("b", 2)]);
    let (a, b) = (token("a", 1), token("b", 2));
    assert_eq!(setup.verdict(&a), ("valid", 1));
    assert_eq!(setup.verdict(&b), ("valid", 1));
    setup.publish(&[("b", 2)]);
    assert_eq!(setup.verdict(&a), ("KeyNotFound", 0));
    assert_eq!(setup.cache.usage().entries, 1);
    // The key that stayed keeps its tokens, though the set is another one.
    assert_eq!(setup.verdict(&b), ("valid", 0));
    // A key that comes back starts anew.
    setup.publish(&[("a", 1), ("b", 2)]);
    assert_eq!(setup.verdict(&a), ("valid", 1));
    assert_eq!(setup.verdict(&a), ("valid", 0));
}

#[test]
fn a_key_replaced_under_its_kid_ends_its_tokens_at_once() {
    let setup = Setup::new(&[("a", 1)]);
    let old = token("a", 1);
    assert_eq!(setup.verdict(&old), ("valid", 1));
    setup.publish(&[("a", 2)]);
    assert_eq!(setup.verdict(&old), ("SignatureInvalid", 1));
    assert_eq!(setup.verdict(&old), ("SignatureInvalid", 1));
    assert_eq!(setup.cache.usage().entries, 0);
    assert_eq!(setup.verdict(&token("a", 2)), ("valid", 1));
}

#[test]
fn a_key_that_a_fresh_verification_would_not_choose_ends_its_tokens() {
    let unnamed = mint(
        r#"{"alg":"EdDSA"}"#,
        &format!(r#"{{"iss":"{ISSUER}","exp":9999999999}}"#),
        1,
    );
    // The key is still there, but the token does not name it and there are two.
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict(&unnamed), ("valid", 1));
    setup.publish(&[("a", 1), ("b", 2)]);
    assert_eq!(setup.verdict(&unnamed), ("KeyAmbiguous", 0));
    // The key is still there under another kid.
    let setup = Setup::new(&[("a", 1)]);
    assert_eq!(setup.verdict(&token("a", 1)), ("valid", 1));
    setup.publish(&[("z", 1)]);
    assert_eq!(setup.verdict(&token("a", 1)), ("KeyNotFound", 0));
}

#[test]
fn keys_past_their_staleness_end_all_tokens() {
    use crate::fetch::FetchError;
    use crate::testing::Step;

    let setup = Setup::with(
        &[("a", 1)],
        policy(),
        TokenCache::builder()
            .lifetime(Duration::from_secs(3600))
            .build()
            .unwrap(),
    );
    assert_eq!(setup.verdict(&token("a", 1)), ("valid", 1));
    // The monotonic clock stands still, as in a machine that sleeps.
    setup.clock.jump(600 + 3600);
    setup.issuer.next(Step::Fail(FetchError::Timeout));
    assert_eq!(setup.verdict(&token("a", 1)).0, "UnavailableTimeout");
}

#[test]
fn two_verifiers_with_one_cache_never_mix() {
    let setup = Setup::new(&[("a", 1)]);
    let token = with_claims(
        r#""exp":1700000003,"iat":1699999000,"aud":["ab","c"],"tenant":"t","ab":1,"c":1"#,
    );
    let any = Verifier::builder().any_issuer().any_audience();
    let ed = || {
        Verifier::builder()
            .algorithms([Algorithm::EdDsa])
            .any_issuer()
    };
    for (policy, wanted) in [
        (policy(), "valid"),
        (policy(), "valid"),
        (any.algorithms([Algorithm::Es256]), "AlgorithmNotAllowed"),
        (ed().audiences(&["ab", "c"]), "valid"),
        (ed().audiences(&["a", "bc"]), "AudienceMismatch"),
        (ed().audience("abc"), "AudienceMismatch"),
        (ed().any_audience(), "valid"),
        (policy().required_claims(&["ab", "c"]), "valid"),
        (policy().required_claims(&["a", "bc"]), "ClaimMissing"),
        (policy().max_age(10_000), "valid"),
        (policy().max_age(100), "TooOld"),
        (policy().typ("at+jwt"), "TypeMissing"),
        (policy().max_token_bytes(100), "TokenTooLarge"),
        (policy().max_header_bytes(5), "HeaderTooLarge"),
        (
            Verifier::builder()
                .algorithms([Algorithm::EdDsa])
                .issuer("https://other.example")
                .any_audience(),
            "IssuerMismatch",
        ),
    ] {
        // The first of all has put the token into the cache; each must find out for itself.
        let text = format!("{policy:?}");
        assert_eq!(verdict(&setup.beside(policy), &token).0, wanted, "{text}");
    }
    assert_eq!(setup.cache.usage().hits, 0);
    assert_eq!(setup.cache.usage().entries, 6);
}

#[test]
fn leeway_is_each_verifiers_own() {
    let setup = Setup::new(&[("a", 1)]);
    let patient = setup.beside(policy().leeway(60));
    let token = with_claims("\"exp\":1700000003");
    assert_eq!(setup.verdict(&token), ("valid", 1));
    assert_eq!(verdict(&patient, &token), ("valid", 1));
    setup.clock.jump(10);
    assert_eq!(setup.verdict(&token), ("Expired", 1));
    assert_eq!(verdict(&patient, &token), ("valid", 0));
}

#[test]
fn two_issuers_with_one_cache_never_mix() {
    let (one, two) = (Setup::new(&[("a", 1)]), Setup::new(&[("a", 2)]));
    let two = JwksVerifier::new(policy().build().unwrap(), two.remote)
        .with_token_cache(one.cache.clone());
    assert_eq!(one.verdict(&token("a", 1)), ("valid", 1));
    assert_eq!(verdict(&two, &token("a", 1)), ("SignatureInvalid", 1));
    assert_eq!(verdict(&two, &token("a", 2)), ("valid", 1));
    assert_eq!(one.verdict(&token("a", 1)), ("valid", 0));
}

#[test]
fn clones_of_a_verifier_share_what_they_remember() {
    let setup = Setup::new(&[("a", 1)]);
    let clone = setup.verifier.clone();
    assert_eq!(setup.verdict(&token("a", 1)), ("valid", 1));
    assert_eq!(verdict(&clone, &token("a", 1)), ("valid", 0));
}

#[test]
fn the_text_as_received_is_what_counts_padding_included() {
    let setup = Setup::new(&[("a", 1)]);
    let tolerant = setup.beside(policy().allow_padding(true));
    let plain = token("a", 1);
    let padded = format!("{plain}==");
    assert_eq!(setup.verdict(&plain), ("valid", 1));
    assert_eq!(setup.verdict(&padded), ("SignatureBase64", 0));
    assert_eq!(verdict(&tolerant, &padded), ("valid", 1));
    assert_eq!(verdict(&tolerant, &padded), ("valid", 0));
    assert_eq!(verdict(&tolerant, &plain), ("valid", 1));
    assert_eq!(setup.verdict(&padded), ("SignatureBase64", 0));
    // One bit of the signature, one of the payload.
    let (text, signature) = plain.rsplit_once('.').unwrap();
    let mut octets = signature.as_bytes().to_vec();
    octets[0] = if octets[0] == b'A' { b'B' } else { b'A' };
    let forged = format!("{text}.{}", String::from_utf8(octets).unwrap());
    assert_eq!(setup.verdict(&forged), ("SignatureInvalid", 1));
    assert_eq!(setup.verdict(&plain), ("valid", 0));
}
