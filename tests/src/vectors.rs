//! Third-party test data, read in place.
//!
//! The files are not part of this repository. They are looked for in the folder that
//! `JWTVERIFY_VECTORS` names, or in `../shared/vectors` beside the workspace.

use std::env;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// The folder with the test data.
pub fn folder() -> PathBuf {
    env::var_os("JWTVERIFY_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors")),
        PathBuf::from,
    )
}

/// A JSON file of the test data. None, and a line on standard error, when it is not there.
///
/// Panics when it is not there and `CI` is `true`: a suite that had nothing to read must not
/// count as passed.
pub fn json(name: &str) -> Option<Value> {
    let bytes = bytes(name)?;
    Some(serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// The bytes of a file of the test data, under the same conditions as [`json()`].
pub fn bytes(name: &str) -> Option<Vec<u8>> {
    let path = folder().join(name);
    match fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            announce_absence(&format!("{}: {error}", path.display()));
            None
        }
    }
}

/// A JSON file that the folder may lack even where the folder itself is there. Its absence is
/// announced and is never a failure.
pub fn optional_json(name: &str) -> Option<Value> {
    let path = folder().join(name);
    if !path.exists() {
        announce(&format!(
            "NOT RUN: {name} is not in the folder with the test data"
        ));
        return None;
    }
    json(name)
}

/// Says on standard error that something was not tested; panics when `CI` is `true`.
pub fn announce_absence(what: &str) {
    announce(&format!("NOT RUN: {what}"));
    assert!(
        env::var("CI").as_deref() != Ok("true"),
        "CI must not skip this: {what}"
    );
}

/// A line that is seen although the test harness captures what tests print.
pub fn announce(line: &str) {
    use std::io::Write;
    // The harness captures `eprintln!` only; writing to the handle goes through.
    let _ = writeln!(std::io::stderr(), "{line}");
}
