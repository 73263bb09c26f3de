//! The tables of a process stay within its limit, and go with their keys. A test of its own,
//! since the limit is the process's.

use jwtverify_core::{Key, Precomputed, RustCrypto, limit_table_memory, table_memory};

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
}
