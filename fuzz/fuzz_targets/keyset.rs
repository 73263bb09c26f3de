#![no_main]
//! Any octets as a key-set document. The oracle: every member is a key, merged into one, or
//! skipped with a reason; the choice for each kid and algorithm is what a linear scan finds; and the
//! set without a heap is the same set, or says that it has no room.

use jwtverify_core::{
    Algorithm, Error, FixedKeySet, Key, KeySet, KeySetError, KeySetOptions, RustCrypto,
};
use jwtverify_fuzz::json::{self, Node};
use jwtverify_fuzz::time::measured;
use jwtverify_fuzz::{base64, fixed as common};
use libfuzzer_sys::fuzz_target;

const KEYS: usize = 8;
const KID: usize = 64;
type Fixed = FixedKeySet<KEYS, RustCrypto, KID>;

fuzz_target!(|data: &[u8]| {
    let Some((options, document)) = data.split_first() else {
        return;
    };
    let symmetric = options & 1 != 0;
    let options = KeySetOptions::new()
        .allow_symmetric(symmetric)
        .fetched(options & 2 != 0);
    let set: Result<KeySet, _> = measured(|| options.read(document));
    let fixed = without_heap(&options, document, &set);
    let node = json::object(document);
    match (set, node) {
        (Ok(set), Ok(node)) => check(&set, fixed.as_ref(), &node),
        (Ok(_), Err(refused)) => panic!("read, and serde_json says {refused:?}"),
        (Err(error), Ok(node)) => {
            assert!(!matches!(error.error, Error::KeySetJson(_)));
            let shape = matches!(node.member("keys"), Some(Node::Array(_)))
                || (node.member("keys").is_none() && node.member("kty").is_some());
            assert_eq!(error.error == Error::KeySetShape, !shape);
        }
        (Err(error), Err(_)) => {
            let code = error.error.code();
            assert!(code == Error::KeySetShape.code() || code == 602, "{error}");
        }
    }
});

/// The same set without a heap, where there is room for it.
fn without_heap(
    options: &KeySetOptions,
    document: &[u8],
    set: &Result<KeySet, KeySetError>,
) -> Option<Fixed> {
    let mut scratch = vec![0; document.len()];
    let fixed: Result<Fixed, Error> = options.read_in(document, &mut scratch, |_| {});
    match (set, fixed) {
        (Ok(set), Ok(fixed)) => {
            let mut kids: Vec<&str> = fixed.kids().collect();
            kids.sort_unstable();
            assert!(set.kids().eq(kids) && set.len() == fixed.len());
            return Some(fixed);
        }
        (Ok(set), Err(Error::KeySetTooManyKeys)) => assert!(set.len() > KEYS),
        (Ok(set), Err(Error::JwkKidTooLong)) => assert!(set.kids().any(|kid| kid.len() > KID)),
        (Err(error), Err(fixed)) => assert_eq!(error.error, fixed),
        (set, fixed) => panic!("{set:?}, and without a heap {fixed:?}"),
    }
    None
}

fn check(set: &KeySet, fixed: Option<&Fixed>, document: &Node) {
    let one = [document];
    let members: Vec<&Node> = match document.member("keys") {
        Some(Node::Array(members)) => members.iter().collect(),
        _ => one.to_vec(),
    };
    assert!(!set.is_empty() && set.len() + set.skipped().len() <= members.len());
    for skipped in set.skipped() {
        let kid = members[skipped.position].member("kid").and_then(Node::text);
        assert!(skipped.kid.is_none() || skipped.kid.as_deref() == kid);
        assert!(
            (620..650).contains(&skipped.reason.code()),
            "{}",
            skipped.reason
        );
    }
    let has_secret = set.keys().any(|key| key.key_type().name() == "oct");
    let has_public = set.keys().any(|key| key.key_type().name() != "oct");
    assert!(!(has_secret && has_public), "secrets beside public keys");
    let kids = set
        .kids()
        .take(8)
        .map(Some)
        .chain([None, Some(""), Some("nobody's")]);
    for kid in kids {
        for algorithm in Algorithm::ALL {
            choose(set, fixed, &members, kid, *algorithm);
        }
    }
}

/// A signature of one octet is refused by every algorithm: what stands before that is the choice.
fn choose(
    set: &KeySet,
    fixed: Option<&Fixed>,
    members: &[&Node],
    kid: Option<&str>,
    algorithm: Algorithm,
) {
    let header = match kid {
        Some(kid) => serde_json::json!({"alg": algorithm.name(), "kid": kid}).to_string(),
        None => serde_json::json!({"alg": algorithm.name()}).to_string(),
    };
    let token = format!("{}.e30.AA", base64::encode(header.as_bytes()));
    let got = measured(|| common::OPEN.verify(&token, set, common::now()).map(|_| ()));
    assert_eq!(
        got,
        Err(expected(set, members, kid, algorithm)),
        "{kid:?} {algorithm}"
    );
    if let Some(fixed) = fixed {
        let without_heap = common::OPEN.verify(&token, fixed, common::now());
        assert_eq!(without_heap.map(|_| ()), got, "{kid:?} {algorithm}");
    }
}

fn expected(set: &KeySet, members: &[&Node], kid: Option<&str>, algorithm: Algorithm) -> Error {
    let of_type =
        |key: &Key| key.key_type() == algorithm.key_type() && key.curve() == algorithm.curve();
    let Some(kid) = kid else {
        return match set
            .keys()
            .filter(|key| key.algorithms().contains(algorithm))
            .count()
        {
            0 => Error::KeyNoneFits,
            1 => Error::SignatureInvalid,
            _ => Error::KeyAmbiguous,
        };
    };
    let named: Vec<&Key> = set.keys().filter(|key| key.kid() == Some(kid)).collect();
    let fitting: Vec<&&Key> = named.iter().filter(|key| of_type(key)).collect();
    // A namesake whose numbers can't be read may or may not be the same key.
    let has_twin = set.skipped().iter().any(|skipped| {
        let member = members[skipped.position].member("kty").and_then(Node::text);
        matches!(skipped.reason, Error::JwkMemberBase64(_))
            && skipped.kid.as_deref() == Some(kid)
            && member == Some(algorithm.key_type().name())
    });
    match fitting[..] {
        _ if named.is_empty() => Error::KeyNotFound,
        [] => Error::KeyMismatch,
        [key] if !key.algorithms().contains(algorithm) => Error::KeyMismatch,
        [_] if has_twin => Error::KeyAmbiguous,
        [_] => Error::SignatureInvalid,
        _ => Error::KeyAmbiguous,
    }
}
