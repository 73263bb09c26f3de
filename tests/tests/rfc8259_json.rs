//! RFC 8259: the JSON reader against the cases of a public parsing suite.
//!
//! `y_` must be read, `n_` must not, `i_` may go either way. The reader takes objects only, so
//! each case stands as the value of a member; and it refuses duplicate names and lone surrogates,
//! which the suite lets pass.

use std::fs;

use jwtverify_core::json;
use jwtverify_tests::vectors;

/// `y_` cases that a strict reader refuses on purpose, with the reason.
const REFUSED_ON_PURPOSE: [(&str, &str); 2] = [
    ("y_object_duplicated_key.json", "duplicate names"),
    ("y_object_duplicated_key_and_value.json", "duplicate names"),
];

#[test]
fn json_test_suite() {
    let folder = vectors::folder().join("json-test-suite");
    let Ok(entries) = fs::read_dir(&folder) else {
        return vectors::announce_absence(&folder.display().to_string());
    };
    let (mut read, mut refused, mut either) = (0, 0, 0);
    let mut wrong = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".json") {
            continue;
        }
        let case = fs::read(&path).unwrap();
        let text = [b"{\"value\":".as_slice(), &case, b"}"].concat();
        let got = json::object(&text);
        let on_purpose = REFUSED_ON_PURPOSE
            .iter()
            .any(|(refused, _)| *refused == name);
        let expected = match name.as_bytes()[0] {
            b'y' => !on_purpose,
            b'n' => false,
            _ => {
                either += 1;
                continue;
            }
        };
        *(if expected { &mut read } else { &mut refused }) += 1;
        if got.is_ok() != expected {
            let verdict = got.map_or_else(|error| error.to_string(), |_| "read".into());
            wrong.push(format!("  {name}: {verdict}"));
        }
    }
    vectors::announce(&format!(
        "json-test-suite: {read} read, {refused} refused, {either} may go either way, {} wrong",
        wrong.len()
    ));
    assert!(read > 0 && refused > 0);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What must be refused whatever the suite says: two readers would differ about it.
#[test]
fn ambiguous_texts_are_refused() {
    for (text, fault) in [
        (&br#"{"a":1,"a":1}"#[..], "DuplicateName"),
        (br#"{"a":1,"\u0061":1}"#, "DuplicateName"),
        (br#"{"a":{"b":1,"b":2}}"#, "DuplicateName"),
        (br#"{"a":"\ud800"}"#, "LoneSurrogate"),
        (br#"{"a":"\udc00\ud800"}"#, "LoneSurrogate"),
        (b"{\"a\":\"\xed\xa0\x80\"}", "NotUtf8"),
        (b"\xef\xbb\xbf{}", "Syntax"),
        (b"{} {}", "TrailingBytes"),
        (b"[]", "NotObject"),
    ] {
        let error = json::object(text).expect_err("refused");
        let text = String::from_utf8_lossy(text);
        assert_eq!(format!("{:?}", error.fault()), fault, "{text}");
    }
}

/// The number of names in one object is bounded by its length alone, and the time for finding a
/// duplicate does not grow with their square.
#[test]
fn many_names_are_compared_without_quadratic_work() {
    let mut text = String::from("{");
    for number in 0..100_000 {
        text.push_str(&format!("\"n{number}\":0,"));
    }
    let unique = format!("{text}\"last\":0}}");
    assert!(json::object(unique.as_bytes()).is_ok());
    let twice = format!("{text}\"n0\":0}}");
    assert!(json::object(twice.as_bytes()).is_err());
}
