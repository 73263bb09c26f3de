//! Writes what is published: results, page, pictures, and the table in the README.

use std::fs;
use std::io;
use std::path::Path;

use crate::results::Results;
use crate::{plots, report};

/// Below `out`, which has the layout of the repository; a README that is not there is not made.
///
/// # Errors
/// A file can't be written, or the README has no place for the table.
pub fn write(out: &Path, results: &Results) -> io::Result<()> {
    let pictures = out.join("docs/benchmarks");
    fs::create_dir_all(&pictures)?;
    fs::create_dir_all(out.join("bench"))?;
    let json = results.to_json();
    fs::write(out.join("bench/results.json"), &json)?;
    // As they are published: rounded.
    let results = &Results::from_json(&json).map_err(io::Error::other)?;
    fs::write(out.join("docs/benchmarks.md"), report::page(results))?;
    for (file, _, svg) in plots::all(results) {
        fs::write(pictures.join(file), svg)?;
    }
    let readme = out.join("README.md");
    match fs::read_to_string(&readme) {
        Ok(text) => {
            let text = report::in_readme(&text, results).map_err(io::Error::other)?;
            fs::write(readme, text)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
