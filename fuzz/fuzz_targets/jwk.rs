#![no_main]
//! Any octets as a JWK, under options that the first octet chooses. The oracle: the key fits what
//! serde_json reads of it, and the JWK alone, as a document and as a member of `keys` comes to
//! the same key or the same reason.

use jwtverify_core::{Error, JwkOptions, Key, KeySet, KeySetOptions, KeyType};
use jwtverify_fuzz::json::{self, Node};
use jwtverify_fuzz::time::measured;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((options, jwk)) = data.split_first() else {
        return;
    };
    let (symmetric, weak, fetched) = (options & 1 != 0, options & 2 != 0, options & 4 != 0);
    let alone = JwkOptions::new()
        .allow_symmetric(symmetric)
        .allow_weak_hmac(weak)
        .fetched(fetched);
    let set = KeySetOptions::new()
        .allow_symmetric(symmetric)
        .allow_weak_hmac(weak)
        .fetched(fetched);
    let got: Result<Key, Error> = measured(|| alone.read(jwk));
    let node = json::object(jwk);
    if let Ok(key) = &got {
        fits(key, node.as_ref().expect("a key is strict JSON"), fetched);
        assert!(key.key_type() != KeyType::Oct || (symmetric && !fetched));
    }
    assert_eq!(matches!(got, Err(Error::JwkJson(_))), node.is_err());
    let Ok(node) = node else { return };

    let member = [b"{\"keys\":[", jwk, b"]}"].concat();
    let documents = [(&member[..], true), (jwk, node.member("kty").is_some())];
    for (document, _) in documents.iter().filter(|(_, is_set)| *is_set) {
        if node.member("keys").is_some() {
            continue; // by itself it is a set already
        }
        let set: Result<KeySet, _> = measured(|| set.read(document));
        match (&got, set) {
            (Ok(key), Ok(set)) => {
                let found = set.keys().next().expect("one key");
                assert_eq!(set.len(), 1);
                assert_eq!(found.kid(), key.kid());
                assert_eq!(found.algorithms(), key.algorithms());
                assert_eq!(found.modulus_bits(), key.modulus_bits());
            }
            (Err(reason), Err(error)) if error.error == Error::KeySetEmpty => {
                assert_eq!(error.skipped[0].reason, *reason);
            }
            // In a set the JWK is nested one deeper.
            (_, Err(error)) if matches!(error.error, Error::KeySetJson(_)) => {
                assert!(json::object(document).is_err());
            }
            (got, set) => panic!("{got:?} alone, {set:?} in a set"),
        }
    }
});

fn fits(key: &Key, node: &Node, fetched: bool) {
    let text = |name| node.member(name).and_then(Node::text);
    assert_eq!(text("kty"), Some(key.key_type().name()));
    assert_eq!(text("kid"), key.kid());
    if let Some(curve) = key.curve() {
        assert_eq!(text("crv"), Some(curve.name()));
    }
    assert!(!key.algorithms().is_empty());
    for algorithm in key.algorithms().iter() {
        assert_eq!(
            (algorithm.key_type(), algorithm.curve()),
            (key.key_type(), key.curve())
        );
    }
    assert!(text("use").is_none_or(|text| text == "sig"));
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "priv"];
    let is_private = private.iter().any(|name| node.member(name).is_some());
    assert_eq!(key.has_private_members(), is_private);
    assert!(!(fetched && is_private));
    assert_eq!(
        key.key_type() == KeyType::Rsa,
        (2048..=8192).contains(&key.modulus_bits())
    );
}
