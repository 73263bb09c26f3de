//! The tables of a process stay within its limit, and go with their keys. A test of its own,
//! since the limit is the process's.

use jwtverify_core::{Key, KeySet, Precomputed, RustCrypto, limit_table_memory, table_memory};

/// RFC 7515 appendix A.3.1
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
/// RFC 8037 appendix A.2
const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn key(jwk: &str) -> Key<Precomputed<RustCrypto>> {
    Key::read(jwk).unwrap()
}

#[test]
fn tables_stay_within_the_limit_and_go_with_their_keys() {
    limit_table_memory(0);
    let (first, second, other) = (key(P256), key(P256), key(ED25519));
    assert!(!first.warm() && !other.warm());
    assert_eq!(table_memory(), 0);

    limit_table_memory(8 << 20);
    assert!(first.warm());
    let generator_and_one = table_memory();
    assert!(second.warm());
    let one = table_memory() - generator_and_one;
    let generator = generator_and_one - one;
    assert!(one > 0 && one < 128 << 10, "{one}");
    assert!(generator > 0 && generator < 256 << 10, "{generator}");

    // Not one octet too few is found to be enough.
    let third = key(P256);
    limit_table_memory(table_memory() + one - 1);
    assert!(!third.warm());
    drop(second);
    assert!(third.warm());
    drop((first, third));
    assert_eq!(table_memory(), generator);

    limit_table_memory(8 << 20);
    a_rotation_keeps_the_tables_of_the_keys_that_stay();
}

/// RFC 7517 appendix A.1
const ANOTHER: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;

/// Not a test beside the other: the memory is the process's.
fn a_rotation_keeps_the_tables_of_the_keys_that_stay() {
    let set = |keys: &[(&str, &str)]| {
        let member = |(kid, jwk): &(&str, &str)| jwk.replace("\"kty\"", &kid_before_kty(kid));
        let members: Vec<String> = keys.iter().map(member).collect();
        let document = format!(r#"{{"keys":[{}]}}"#, members.join(","));
        KeySet::<Precomputed<RustCrypto>>::read(document).unwrap()
    };
    let before = set(&[("a", P256), ("b", ANOTHER), ("c", ED25519)]);
    assert!(before.keys().all(Key::warm));
    let memory = table_memory();
    // From here on there is no room for another table.
    limit_table_memory(memory);
    let cold = |keys: &KeySet<_>| -> Vec<String> {
        let cold = keys.keys().filter(|key: &&Key<_>| !key.warm());
        cold.filter_map(|key| key.kid().map(String::from)).collect()
    };
    for (what, keys, wanted) in [
        (
            "the same keys",
            &[("a", P256), ("b", ANOTHER), ("c", ED25519)][..],
            &[][..],
        ),
        (
            "one that is new",
            &[("0", ED25519), ("a", P256), ("c", ED25519)],
            &["0"],
        ),
        (
            "one kid, another key",
            &[("a", ANOTHER), ("b", ANOTHER)],
            &["a"],
        ),
        (
            "one key, another kid",
            &[("bb", ANOTHER), ("c", ED25519)],
            &["bb"],
        ),
        ("two of one kid", &[("b", P256), ("b", ANOTHER)], &["b"]),
        ("none that was there", &[("z", P256)], &["z"]),
    ] {
        let mut keys = set(keys);
        keys.inherit(&before);
        assert_eq!(cold(&keys), wanted, "{what}");
        assert_eq!(table_memory(), memory, "{what}");
    }
    let mut keys = set(&[("a", P256)]);
    keys.inherit(&before);
    drop(before);
    assert!(keys.keys().all(Key::warm) && table_memory() < memory);
}

fn kid_before_kty(kid: &str) -> String {
    format!(r#""kid":"{kid}","kty""#)
}
