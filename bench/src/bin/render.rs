//! Writes page, pictures and README anew from `bench/results.json`, after a change of words.
//!
//! ```text
//! jwtverify-bench-render REPOSITORY
//! ```

#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;
use std::{env, error, fs};

use jwtverify_bench::publish;
use jwtverify_bench::results::Results;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(repository), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: jwtverify-bench-render REPOSITORY");
        return ExitCode::from(2);
    };
    match render(Path::new(&repository)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jwtverify-bench-render: {error}");
            ExitCode::FAILURE
        }
    }
}

fn render(repository: &Path) -> Result<(), Box<dyn error::Error>> {
    let text = fs::read_to_string(repository.join("bench/results.json"))?;
    Ok(publish::write(repository, &Results::from_json(&text)?)?)
}
