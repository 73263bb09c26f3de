//! One list of errors for all languages: the numbers and names of core, the C header, the Go
//! package, the Python classes and the manual agree.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jwtverify_core::{Error, Family};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What core says: number to name.
fn core() -> BTreeMap<u16, String> {
    Error::ALL
        .iter()
        .map(|error| (error.code(), error.name().into()))
        .collect()
}

/// Panics with the differences between core's list and another one.
#[track_caller]
fn assert_same(place: &str, found: &BTreeMap<u16, String>) {
    let core = core();
    let mut differences = Vec::new();
    for (code, name) in &core {
        match found.get(code) {
            None => differences.push(format!("  {code} {name} is missing")),
            Some(other) if other != name => {
                differences.push(format!("  {code} is {other} and should be {name}"));
            }
            Some(_) => {}
        }
    }
    for (code, name) in found.iter().filter(|(code, _)| !core.contains_key(code)) {
        differences.push(format!("  {code} {name} is not in core"));
    }
    assert!(
        differences.is_empty(),
        "{place}:\n{}",
        differences.join("\n")
    );
}

fn insert(found: &mut BTreeMap<u16, String>, place: &str, code: u16, name: String) {
    if let Some(twice) = found.insert(code, name.clone()) {
        assert_eq!(twice, name, "{place}: {code} has two names");
    }
}

#[test]
fn core_numbers_are_unique_and_in_their_ranges() {
    assert_eq!(core().len(), Error::ALL.len());
    for error in Error::ALL {
        let family = match error.code() {
            100..=599 => Family::Token,
            600..=699 | 800..=899 => Family::Caller,
            700..=799 => Family::Unavailable,
            900..=999 => Family::Internal,
            code => panic!("{code} is in no range"),
        };
        assert_eq!(error.family(), family, "{}", error.name());
    }
}

#[test]
fn c_header() {
    let mut found = BTreeMap::new();
    for line in read("include/jwtverify.h").lines() {
        let Some((name, code)) = line.trim().trim_end_matches(',').split_once(" = ") else {
            continue;
        };
        let (Some(name), Ok(code)) = (name.strip_prefix("JWTVERIFY_ERROR_"), code.parse()) else {
            continue;
        };
        insert(&mut found, "include/jwtverify.h", code, camel(name));
    }
    assert_same("include/jwtverify.h", &expected_after_camel(found));
}

#[test]
fn go_package() {
    let mut found = BTreeMap::new();
    for line in read("ffi-c/go/codes.go").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [name, "Code", "=", code] = words[..]
            && let (Some(name), Ok(code)) = (name.strip_prefix("Err"), code.parse())
        {
            insert(&mut found, "codes.go", code, name.into());
        }
    }
    assert_same("ffi-c/go/codes.go", &found);
}

/// The native module hands out core's numbers and names; what is written by hand is the class
/// of each error.
#[test]
fn python_classes() {
    let source = read("py/src/errors.rs");
    let (_, classes) = source
        .split_once("fn class_name(")
        .expect("fn class_name in py/src/errors.rs");
    let classes = classes.split("\n}").next().unwrap();
    let exceptions = read("py/python/jwtverify/exceptions.py");
    let mut count = 0;
    for class in classes.split('"').skip(1).step_by(2) {
        count += 1;
        assert!(
            exceptions.contains(&format!("class {class}(")),
            "exceptions.py lacks {class}"
        );
    }
    assert!(count >= 4, "no classes found in fn class_name");
    // Every error by its own name, or by the arm of its family.
    for variant in classes.split("Error::").skip(1) {
        let name: String = variant
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        assert!(
            core().values().any(|known| *known == name),
            "py names {name}, core does not"
        );
    }
}

/// docs/errors.md has a line for each error, with its number and its name.
#[test]
fn manual() {
    let text = read("docs/errors.md");
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let mut words = line
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        if let (Some(code), Some(name)) = (words.next(), words.next())
            && code.len() == 3
            && let Ok(code) = code.parse::<u16>()
        {
            insert(&mut found, "docs/errors.md", code, name.into());
        }
    }
    assert_same("docs/errors.md", &found);
}

/// Elsewhere in the manual, `[301]` and `[202-206]` stand for codes: they exist.
#[test]
fn the_manual_refers_to_codes_that_exist() {
    let core = core();
    let mut references = 0;
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for bracket in text
            .split('[')
            .skip(1)
            .filter_map(|rest| rest.split(']').next())
        {
            let codes = bracket
                .split([',', '-', ' '])
                .filter(|word| !word.is_empty());
            let codes: Option<Vec<u16>> = codes
                .map(|word| word.parse().ok().filter(|code| *code >= 100))
                .collect();
            for code in codes.unwrap_or_default() {
                references += 1;
                assert!(core.contains_key(&code), "{}: [{code}]", path.display());
            }
        }
    }
    assert!(references > 0, "no references found in docs/");
}

/// `KEY_NOT_FOUND` as `KeyNotFound`. Digits and initialisms are settled by comparing both with
/// their letters in one case.
fn camel(screaming: &str) -> String {
    screaming
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            format!("{first}{}", rest.to_ascii_lowercase())
        })
        .collect()
}

/// Core's spelling where it differs from [`camel`]'s only in the case of letters.
fn expected_after_camel(found: BTreeMap<u16, String>) -> BTreeMap<u16, String> {
    let core = core();
    found
        .into_iter()
        .map(|(code, name)| match core.get(&code) {
            Some(known) if known.eq_ignore_ascii_case(&name) => (code, known.clone()),
            _ => (code, name),
        })
        .collect()
}
