//! The `jwtverify` command: see `jwtverify --help`.
#![forbid(unsafe_code)]

mod analysis;
mod args;
mod check;
mod exit;
mod fetch;
mod input;
mod inspect;
mod lint;
mod output;
mod snapshot;
mod text;
mod time;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::exit::Exit;
use crate::output::BAD;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misread(&error),
    };
    let outcome = match &cli.command {
        Command::Inspect(args) => inspect::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Check(args) => check::run(args),
        Command::Lint(args) => lint::run(args),
    };
    let exit = outcome.unwrap_or_else(|problem| {
        let message = text::printable_lines(&text::without_tokens(&problem.message));
        // Where standard error can't be written, the exit code still speaks.
        let _ = output::complain(&format!("{BAD}error:{BAD:#} {message}\n"));
        problem.exit
    });
    exit.into()
}

/// Help and version, which are no errors, and command lines that make no sense. clap repeats the
/// argument that it stumbled over; a token among them must not end up in a log.
fn misread(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return output::print(&error.render().ansi().to_string())
            .map_or(Exit::Internal, |()| Exit::Good)
            .into();
    }
    let message = text::without_tokens(&error.render().to_string());
    let _ = output::complain(&message);
    Exit::Usage.into()
}
