//! A key set in fixed memory, filled and used without one allocation, in every build that has
//! P-256 and Ed25519: in one with `alloc` as well.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use jwtverify_core::{
    Algorithm, Error, FixedKeySet, JwkOptions, Key, KeySetOptions, Notice, UnixTime, Verifier,
};

const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const EXP: i64 = 1_300_819_380;
/// The base point of P-256 (SEC 2 section 2.4.2).
const EC2: &str = r#""kty":"EC","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU""#;
/// The key of RFC 7515 appendix A.3, one that can't be used, and the key of RFC 8037 appendix A.2.
const DOCUMENT: &str = r#"{"keys":[
    {"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
    {"kty":"EC","crv":"P-256","kid":"b","use":"enc"},
    {"kty":"OKP","crv":"Ed25519","kid":"c","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts for each thread.
struct Counting;

// SAFETY: every call is handed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory came from the system's allocator with this layout.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[track_caller]
fn without_allocation<T>(run: impl FnOnce() -> T) -> T {
    let before = ALLOCATIONS.get();
    let result = run();
    assert_eq!(ALLOCATIONS.get(), before, "it allocated");
    result
}

fn verify(keys: &FixedKeySet<3>) -> Result<(), Error> {
    let mut scratch = [0; Verifier::scratch_len(TOKEN.len())];
    let verifier = Verifier::builder().algorithms([Algorithm::Es256]);
    let verifier = verifier.issuer("joe").any_audience().build()?;
    let now = UnixTime::from_secs(EXP - 1);
    verifier.verify_in(TOKEN, keys, now, &mut scratch).map(drop)
}

#[test]
fn the_counter_counts() {
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(Box::new(7)));
    assert!(ALLOCATIONS.get() > before);
}

#[test]
fn a_document_is_read_and_a_token_verified_without_an_allocation() {
    let verdict = without_allocation(|| {
        let mut skipped = None;
        let keys: FixedKeySet<3> =
            KeySetOptions::new()
                .fetched(true)
                .read_in(DOCUMENT, &mut [], |notice| {
                    skipped = Some((notice.position, notice.notice));
                })?;
        assert_eq!(skipped, Some((1, Notice::Skipped(Error::JwkUse))));
        assert!(keys.kids().eq(["a", "c"]));
        verify(&keys)
    });
    assert_eq!(verdict, Ok(()));
}

#[test]
fn keys_are_added_one_by_one_without_an_allocation() {
    let jwk = DOCUMENT.split('\n').nth(1).unwrap().trim_end_matches(',');
    let verdict = without_allocation(|| {
        let mut keys = FixedKeySet::new();
        assert_eq!(verify(&keys), Err(Error::KeyNoneFits));
        let point = [0x58; 1].into_iter().chain([0x66; 31]);
        let mut base_point = [0; 32];
        base_point
            .iter_mut()
            .zip(point)
            .for_each(|(to, octet)| *to = octet);
        keys.insert("ed", Key::from_ed25519(base_point)?)?;
        keys.insert_jwk(jwk, JwkOptions::new())?;
        assert!(keys.kids().eq(["ed", "a"]));
        verify(&keys)
    });
    assert_eq!(verdict, Ok(()));
}

#[test]
fn a_rotation_that_fails_leaves_the_keys_as_they_were() {
    let mut keys: FixedKeySet<3> = FixedKeySet::from_jwks(DOCUMENT, &mut []).unwrap();
    let long_kid = format!(r#""kid":"{}""#, "c".repeat(65));
    let one_more = |kid: &str| format!(r#",{{{EC2},"kid":"{kid}"}}"#);
    let four = format!("{}{}]}}", one_more("x"), one_more("y"));
    let four = DOCUMENT.replace("]}", &four);
    for (document, expected) in [
        ("", "KeySetJson"),
        (r#"{"keys":[]}"#, "KeySetEmpty"),
        (&four, "KeySetTooManyKeys"),
        (
            &DOCUMENT.replace(r#""kid":"c""#, &long_kid),
            "JwkKidTooLong",
        ),
    ] {
        match FixedKeySet::from_jwks(document, &mut []) {
            Ok(fresh) => keys = fresh,
            Err(error) => assert_eq!(error.name(), expected),
        }
        assert!(keys.kids().eq(["a", "c"]), "{expected}");
        assert_eq!(verify(&keys), Ok(()), "{expected}");
    }
    keys = FixedKeySet::from_jwks(DOCUMENT.replace(X, ""), &mut []).unwrap();
    assert_eq!(verify(&keys), Err(Error::KeyNoneFits), "a revoked key");
}
