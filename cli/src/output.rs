//! Writing text for people and JSON for programs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::text::printable;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
pub(crate) const TITLE: Style = Style::new().bold();
pub(crate) const NAME: Style = AnsiColor::Cyan.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();

/// Text to standard output, coloured where that is a terminal.
pub(crate) fn print(text: &str) -> io::Result<()> {
    finish(anstream::stdout().lock().write_all(text.as_bytes()))
}

/// Text to standard error, coloured where that is a terminal.
pub(crate) fn complain(text: &str) -> io::Result<()> {
    finish(anstream::stderr().lock().write_all(text.as_bytes()))
}

/// A reader that went away (`jwtverify … | head`) has seen enough: the exit code still counts.
fn finish(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// One JSON object on one line, its members in the order they are set.
#[derive(Default)]
pub(crate) struct Record {
    members: Vec<String>,
}

impl Record {
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.raw(name, &value.into().to_string())
    }

    /// A member whose value is JSON text that a strict reader has accepted. It is passed on as it
    /// was written: numbers keep their digits.
    pub(crate) fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        self.members.push(format!("{}:{json}", Value::from(name)));
        self
    }

    pub(crate) fn print(&self) -> io::Result<()> {
        // Control characters cannot stand in strings of strict JSON; between tokens they are
        // white space.
        let line = format!("{{{}}}", self.members.join(",")).replace(['\n', '\r', '\t'], " ");
        print(&format!("{}\n", printable(&line)))
    }
}
