//! What the program reads: tokens and local files. Everything is bounded.

use std::fs::File;
use std::io::{self, IsTerminal, Read, stdin};

use jwtverify_jwks::limits::MAX_TOKEN_BYTES;

use crate::exit::Exit;

/// Why the program cannot begin with its work.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            message: message.into(),
        }
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self {
            exit: Exit::Internal,
            message: format!("the output can't be written: {error}"),
        }
    }
}

/// The token of the command line, or the one on standard input if that says `-`.
///
/// The line break that `echo` adds is dropped; nothing inside the token is touched.
pub(crate) fn token(argument: &str) -> Result<Vec<u8>, Problem> {
    let mut token = Vec::new();
    if argument == "-" {
        if stdin().is_terminal() {
            eprintln!("Paste the token, then press Enter and Ctrl-D.");
        }
        // One more than any verifier takes, and white space around it.
        bounded(stdin().lock(), MAX_TOKEN_BYTES + 1024, &mut token)
            .map_err(|error| Problem::usage(format!("standard input can't be read: {error}")))?;
    } else {
        token.extend_from_slice(argument.as_bytes());
    }
    let trimmed = token.trim_ascii();
    if trimmed.is_empty() {
        return Err(Problem::usage("there is no token: the input is empty"));
    }
    Ok(trimmed.to_vec())
}

/// A local file of at most `limit` octets and one more, so that a reader sees that it is too long.
pub(crate) fn file(path: &str, limit: usize) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    bounded(File::open(path)?, limit + 1, &mut content)?;
    Ok(content)
}

fn bounded(reader: impl Read, limit: usize, into: &mut Vec<u8>) -> io::Result<()> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    reader.take(limit).read_to_end(into).map(|_| ())
}

/// Whether this names a place on the network rather than a file.
pub(crate) fn is_url(source: &str) -> bool {
    source.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_files() {
        assert!(is_url("https://idp.example/keys"));
        assert!(is_url("file:///etc/passwd")); // refused later, as every URL but https is
        assert!(!is_url("keys.json"));
        assert!(!is_url("./https:/keys.json"));
    }
}
