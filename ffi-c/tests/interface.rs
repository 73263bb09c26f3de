//! What the crate exports, what the checked-in header says, and what the sources promise, agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jwtverify_core::Error;

#[path = "../examples/header.rs"]
#[expect(dead_code, reason = "the program's main is not called here")]
mod header;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(here(path)).unwrap()
}

fn sources() -> Vec<(String, String)> {
    let files = fs::read_dir(here("src"))
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(path).unwrap();
            (name, text.split("#[cfg(test)]").next().unwrap().to_owned())
        })
        .collect()
}

/// The names of the functions that the sources export.
fn exported() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in sources() {
        for rest in text
            .split("#[unsafe(no_mangle)]\npub extern \"C\" fn ")
            .skip(1)
        {
            names.insert(rest.split('(').next().unwrap().to_owned());
        }
    }
    names
}

#[test]
fn checked_in_files_are_what_the_sources_give() {
    for (path, wanted) in header::outputs() {
        let found = fs::read_to_string(&path).unwrap();
        assert!(
            found == wanted,
            "{} is stale: see examples/header.rs",
            path.display()
        );
    }
}

#[test]
fn every_result_code_of_the_core_is_in_the_header_with_its_number() {
    let text = read("../include/jwtverify.h");
    for error in Error::ALL {
        let name = header::words(error.name(), "_").to_uppercase();
        let line = format!("JWTVERIFY_ERROR_{name} = {}", error.code());
        assert_eq!(text.matches(&line).count(), 1, "{line}");
    }
    let in_enum = text
        .lines()
        .filter(|line| line.starts_with("    JWTVERIFY_ERROR_"))
        .count();
    assert_eq!(in_enum, Error::ALL.len());
}

#[test]
fn every_exported_function_is_declared_once_documented_and_listed() {
    let text = read("../include/jwtverify.h");
    let listed: BTreeSet<String> = read("symbols.txt").lines().map(str::to_owned).collect();
    let exported = exported();
    assert!(exported.len() > 50, "found only {}", exported.len());
    assert_eq!(exported, listed, "ffi-c/symbols.txt");
    for name in exported {
        let call = format!("{name}(");
        let lines = text
            .lines()
            .filter(|line| line.contains(&call) && !line.starts_with([' ', '/']));
        let declarations: Vec<&str> = lines.collect();
        assert_eq!(declarations.len(), 1, "{name}: {declarations:?}");
        let before = text.split(declarations[0]).next().unwrap();
        let comment = before.rsplit("/**").next().unwrap();
        assert!(comment.contains("@since"), "{name} has no @since");
    }
}

/// A function that no C test calls is one that nobody has called from C.
#[test]
fn every_exported_function_is_called_by_the_c_tests() {
    let programs: String = [
        "misuse.c",
        "remote.c",
        "threads.c",
        "verdicts.c",
        "support.h",
    ]
    .map(|file| read(&format!("tests/{file}")))
    .concat();
    for name in exported() {
        assert!(programs.contains(&format!("{name}(")), "{name}");
    }
}

#[test]
fn version_macros_follow_cargo() {
    let text = read("../include/jwtverify.h");
    let number = |name: &str| -> u32 {
        let (_, rest) = text.split_once(&format!("#define {name} ")).unwrap();
        rest.lines().next().unwrap().trim().parse().unwrap()
    };
    let (major, minor, patch) = (
        number("JWTVERIFY_VERSION_MAJOR"),
        number("JWTVERIFY_VERSION_MINOR"),
        number("JWTVERIFY_VERSION_PATCH"),
    );
    assert_eq!(
        format!("{major}.{minor}.{patch}"),
        env!("CARGO_PKG_VERSION")
    );
    let combined = number("JWTVERIFY_VERSION_NUMBER");
    assert_eq!(combined / 1_000_000, major);
    assert_eq!(combined / 1_000 % 1_000, minor);
    assert_eq!(combined % 1_000, patch);
    assert!(text.contains(&format!(
        "#define JWTVERIFY_VERSION \"{major}.{minor}.{patch}\"\n"
    )));
}

#[test]
fn only_one_file_dereferences_pointers_and_each_block_says_why_it_may() {
    let mut blocks = 0;
    for (name, text) in sources() {
        let here = text.matches("unsafe {").count();
        assert!(here == 0 || name == "ffi.rs", "{name} has an unsafe block");
        assert!(
            !text.contains("unsafe fn") && !text.contains("unsafe impl"),
            "{name}"
        );
        assert!(
            text.matches("// SAFETY: ").count() >= here,
            "{name}: a block without its note"
        );
        blocks += here;
    }
    assert!(blocks > 0, "the count itself is broken");
}
