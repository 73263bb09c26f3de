#![no_main]
//! Any octets as a JSON object, and as the value of a member. The oracle: serde_json reads the
//! same texts, but for duplicate names and nesting below 32, and finds the same values.

use jwtverify_core::json::{self, JsonFault};
use jwtverify_fuzz::json::{Refused, assert_same_object, object};
use jwtverify_fuzz::time::measured;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    compare(data);
    compare(&[b"{\"value\":", data, b"}"].concat());
});

fn compare(text: &[u8]) {
    let got = measured(|| json::object(text));
    assert_eq!(json::object(text), got, "the second time");
    match (got, object(text)) {
        (Ok(got), Ok(expected)) => {
            assert_same_object(got, &expected);
            assert_eq!(
                json::object(got.as_str().as_bytes()),
                Ok(got),
                "what was read, again"
            );
        }
        (Err(error), Err(refused)) => {
            let at = usize::try_from(error.position()).expect("a position in the text");
            assert!(at <= text.len());
            match (error.fault(), refused) {
                (JsonFault::NotObject, Refused::NotObject) => {}
                // A text with several faults: which one comes first is the reader's choice.
                (JsonFault::DuplicateName | JsonFault::Depth, _) => {}
                (fault, Refused::Duplicate | Refused::Depth | Refused::NotObject) => {
                    panic!("{fault:?}, where the only fault is {refused:?}");
                }
                (JsonFault::NoRoom | JsonFault::TooLong, _) => panic!("{error}"),
                (_, Refused::NotJson) => {}
            }
        }
        (got, expected) => panic!("{got:?}, and serde_json says {expected:?}"),
    }
}
