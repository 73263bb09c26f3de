//! Writes `docs/troubleshooting.md` from the table of causes and the table of providers.
//!
//! ```text
//! cargo run -p jwtverify-jwks --example troubleshooting -- --write    after a change of a table
//! cargo run -p jwtverify-jwks --example troubleshooting -- --check    does the page say the same?
//! ```

use std::fmt::Write;
use std::process::ExitCode;

use jwtverify_jwks::{ErrorCode, causes, known_providers};

/// Where the page is.
pub(crate) const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/troubleshooting.md");

#[allow(dead_code, reason = "a test includes this file for the page alone")]
fn main() -> ExitCode {
    let wanted = page();
    match std::env::args().nth(1).as_deref() {
        Some("--write") => match std::fs::write(PAGE, wanted) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&format!("{PAGE}: {error}")),
        },
        Some("--check") if std::fs::read_to_string(PAGE).is_ok_and(|found| found == wanted) => {
            ExitCode::SUCCESS
        }
        Some("--check") => complain("docs/troubleshooting.md is old: run this with --write"),
        _ => complain("--write or --check"),
    }
}

#[allow(dead_code, reason = "a test includes this file for the page alone")]
fn complain(text: &str) -> ExitCode {
    eprintln!("{text}");
    ExitCode::FAILURE
}

const HEAD: &str = "\
<!-- Written by `cargo run -p jwtverify-jwks --example troubleshooting -- --write`. Do not edit. -->
# Troubleshooting

An error of this library names its probable causes by the words in brackets, such as `[key-rotated]`; programs find them in `Diagnosis::causes`, in Python in `causes`, and in the `--json` of the command line. This page is made from the same table as those messages.

Three commands that answer most questions, none of which needs a program of yours:

```text
jwtverify inspect -                what the token says: alg, kid, iss, times; nothing is verified
jwtverify check URL --kid KID      can the key set be had, what is in it, is this key among it
jwtverify verify --jwks URL ... -  the verdict, with its cause
```

## Whose fault is it?

| codes | whose fault | answer with | why |
| --- | --- | --- | --- |
| 1xx to 5xx | the token's | 401 and `WWW-Authenticate` | whoever sent it needs another token |
| 7xx | nobody knows yet | 503 and `Retry-After` | the token may be good; the client should come back, not throw it away |
| 6xx, 8xx | the program's or its settings' | 500 | no token would have helped |

Errors that are not on this page say all in [their message](errors.md): an expired token has expired.
";

/// The page, whole.
pub(crate) fn page() -> String {
    let mut page =
        format!("{HEAD}\n## Causes\n\n| cause | what it is | errors |\n| --- | --- | --- |\n");
    // Writing to a String can't fail.
    for cause in causes() {
        let _ = writeln!(
            page,
            "| [{id}](#{id}) | {} | {} |",
            cause.title(),
            codes(cause.codes()),
            id = cause.id(),
        );
    }
    for cause in causes() {
        let _ = write!(
            page,
            "\n### {}\n\n{}.\n\n{}\n\n* Told by: {}.\n* Errors: {}.\n\nWhat to do:\n\n",
            cause.id(),
            capital(cause.title()),
            cause.means(),
            cause.shows(),
            codes(cause.codes()),
        );
        for (place, step) in (1..).zip(cause.next()) {
            let _ = writeln!(page, "{place}. {}.", capital(step));
        }
    }
    page.push_str(
        "\n## Providers\n\nWhat is known of the issuers that many people use. The provider is told \
         by the token's `iss`, which nobody has verified at that moment: a hint is text for a \
         person, and chooses no key.\n",
    );
    for provider in known_providers() {
        let _ = write!(
            page,
            "\n### {}\n\nTold by {}.\n\n",
            provider.name(),
            provider.told_by()
        );
        for (about, text) in provider.hints() {
            let _ = writeln!(page, "* {about}: {text}.");
        }
    }
    page
}

/// `KeyNotFound` as `301 KeyNotFound`.
fn codes(names: &[&str]) -> String {
    let code = |name: &&str| {
        let error = ErrorCode::ALL.iter().find(|error| error.name() == *name);
        error.map_or_else(String::new, |error| format!("{} `{name}`", error.code()))
    };
    names.iter().map(code).collect::<Vec<_>>().join(", ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_uppercase(), chars.as_str())
    })
}
