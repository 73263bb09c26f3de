//! Runs the real program.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each suite includes this file and uses its part"
)]

use std::io::Write;
use std::process::{Command, Stdio};

use jwtverify_tests::SigningKey;
use serde_json::{Value, json};

/// The time at which the tokens of these suites are judged.
pub const NOW: i64 = 1_800_000_000;

/// What a run left behind.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Outcome {
    /// The one JSON object that `--json` prints, and nothing beside it.
    pub fn json(&self) -> Value {
        assert_eq!(self.err, "", "--json writes to standard output alone");
        assert_eq!(self.out.lines().count(), 1, "{}", self.out);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    pub fn text(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Asserts that the exit code is this and that each of these stands in the output.
    #[track_caller]
    pub fn expect(&self, code: i32, wanted: &[&str]) {
        let text = self.text();
        assert_eq!(self.code, code, "{text}");
        for words in wanted {
            assert!(text.contains(words), "{words:?} is not in:\n{text}");
        }
    }

    /// Asserts that no part of the token that is long enough to matter was repeated.
    #[track_caller]
    pub fn expect_silent_about(&self, token: &str) {
        for segment in token
            .split(['.', ' ', '\n'])
            .filter(|segment| segment.len() > 8)
        {
            assert!(
                !self.text().contains(segment),
                "a part of the token is in:\n{}",
                self.text()
            );
        }
    }
}

/// Runs `jwtverify` with these arguments and this standard input, away from any terminal.
pub fn run(args: &[&str], stdin: impl AsRef<[u8]>) -> Outcome {
    run_with(args, stdin, &[])
}

/// [`run`] with these environment variables.
pub fn run_with(args: &[&str], stdin: impl AsRef<[u8]>, env: &[(&str, &str)]) -> Outcome {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jwtverify"))
        .args(args)
        .env_remove("CLICOLOR_FORCE")
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdin.take().expect("its standard input is a pipe");
    let input = stdin.as_ref().to_vec();
    // A program that refuses its arguments never reads: that is no error of the test.
    let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the writer ends");
    Outcome {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Good claims at [`NOW`].
pub fn claims(issuer: &str) -> Value {
    json!({
        "iss": issuer,
        "aud": "my-api",
        "sub": "subject-0123456789",
        "iat": NOW - 60,
        "exp": NOW + 600,
    })
}

/// A good token of `https://issuer.example` at [`NOW`].
pub fn good_token(key: &SigningKey) -> String {
    key.mint(&claims("https://issuer.example"))
}

/// A file with this content, for as long as the value lives.
pub fn file(content: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(content.as_ref()).expect("it can be written");
    file
}

/// Its name as an argument.
pub fn path(file: &tempfile::NamedTempFile) -> &str {
    file.path().to_str().expect("UTF-8")
}
