//! `jwtverify check`: can a key set be had, what is in it, what is wrong with it?

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_jwks::limits::MAX_KEY_SET_BYTES;
use jwtverify_jwks::{Check, CheckOptions, CheckedKey, Family};
use serde_json::{Value, json};

use crate::args::CheckArgs;
use crate::exit::{Code, Exit};
use crate::fetch::{expect_no_fetch, transport};
use crate::input::{self, Problem};
use crate::output::{self, BAD, DIM, GOOD, Record, TITLE, WARN};
use crate::text::{printable, quoted};
use crate::verify::error_json;

pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Problem> {
    let mut options = CheckOptions::new().timeout(Duration::from_secs(args.fetch.timeout));
    if let Some(kid) = &args.kid {
        options = options.kid(kid);
    }
    let check = if input::is_url(&args.source) {
        options
            .fetch(Arc::new(transport(&args.fetch)?))
            .run(&args.source)
    } else {
        expect_no_fetch(&args.fetch)?;
        let document = input::file(&args.source, MAX_KEY_SET_BYTES).map_err(|error| Problem {
            exit: Exit::Unavailable,
            message: format!("{} can't be read: {error}", args.source),
        })?;
        options.run_document(&document)
    };
    if args.output.json {
        print_json(&check, args)?;
    } else {
        print_text(&check, args)?;
    }
    Ok(check.error.map_or(Exit::Good, exit_of))
}

/// Here the question is the key set, so a bad one is at fault, not unavailable.
fn exit_of(error: Code) -> Exit {
    match (error.family(), error.code()) {
        (Family::Caller, 600..=699) => Exit::AtFault,
        _ => Exit::of(error),
    }
}

fn print_text(check: &Check, args: &CheckArgs) -> Result<(), Problem> {
    let source = check.url.as_deref().unwrap_or("");
    let source = if input::is_url(&args.source) {
        source
    } else {
        &args.source
    };
    let (verdict, mark) = if check.is_ok() {
        ("USABLE", GOOD)
    } else {
        ("NOT USABLE", BAD)
    };
    let mut out = format!("{mark}{verdict}{mark:#} {}\n", printable(source));
    // Writing to a String can't fail.
    if input::is_url(&args.source) {
        let answer = match (check.status, check.reachable) {
            (Some(status), _) => format!("yes, HTTP status {status}"),
            (None, true) => "yes".to_owned(),
            (None, false) => "no".to_owned(),
        };
        let _ = writeln!(out, "  reachable  {answer}");
    }
    if let Some(bytes) = check.bytes {
        let keys = check.keys.len();
        let _ = writeln!(
            out,
            "  document   {bytes} octets, {keys} keys, {} usable",
            check.usable
        );
    }
    if !check.keys.is_empty() {
        let _ = writeln!(out, "\n{TITLE}Keys{TITLE:#}");
        table(&mut out, &check.keys);
    }
    let errors: Vec<String> = check.errors.iter().map(ToString::to_string).collect();
    for (title, mark, lines) in [
        ("Errors", BAD, &errors),
        ("Warnings", WARN, &check.warnings),
    ] {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{TITLE}{title}{TITLE:#}");
        }
        for line in lines {
            let _ = writeln!(out, "  {mark}-{mark:#} {}", printable(line));
        }
    }
    Ok(output::print(&out)?)
}

fn table(out: &mut String, keys: &[CheckedKey]) {
    let cell = |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), printable);
    let mut rows = vec![["", "kid", "kty", "crv", "alg", "use"].map(str::to_owned)];
    rows.extend(keys.iter().enumerate().map(|(place, key)| {
        let kid = key.kid.as_deref().map_or_else(|| "-".to_owned(), quoted);
        let [kty, crv, alg, key_use] = [&key.kty, &key.crv, &key.alg, &key.key_use].map(cell);
        [place.to_string(), kid, kty, crv, alg, key_use]
    }));
    let widths: Vec<usize> = (0..6)
        .map(|column| {
            let lengths = rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count());
            lengths.max().unwrap_or(0)
        })
        .collect();
    let verdicts = std::iter::once(None).chain(keys.iter().map(Some));
    for (row, key) in rows.iter().zip(verdicts) {
        out.push_str("  ");
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(out, "{cell:<width$}  ");
        }
        let _ = match key {
            None => writeln!(out, "{DIM}verdict{DIM:#}"),
            Some(CheckedKey { refused: None, .. }) => writeln!(out, "{GOOD}usable{GOOD:#}"),
            Some(CheckedKey {
                refused: Some(why), ..
            }) => {
                writeln!(out, "{WARN}skipped{WARN:#}: {why}")
            }
        };
    }
}

fn print_json(check: &Check, args: &CheckArgs) -> Result<(), Problem> {
    let errors: Vec<String> = check.errors.iter().map(ToString::to_string).collect();
    let mut record = Record::default();
    record
        .set("usable", check.is_ok())
        .set("url", check.url.clone())
        .set(
            "file",
            (!input::is_url(&args.source)).then_some(args.source.as_str()),
        )
        .set("reachable", check.reachable)
        .set("status_code", check.status)
        .set("content_type", check.content_type.clone())
        .set("octets", check.bytes)
        .set("keys", check.keys.iter().map(key_json).collect::<Vec<_>>())
        .set("usable_keys", check.usable)
        .set("kid_found", check.kid_found)
        .set("errors", errors)
        .set("warnings", check.warnings.clone())
        .set("error", check.error.map_or(Value::Null, error_json));
    Ok(record.print()?)
}

fn key_json(key: &CheckedKey) -> Value {
    json!({
        "kid": key.kid,
        "kty": key.kty,
        "crv": key.crv,
        "alg": key.alg,
        "use": key.key_use,
        "usable": key.refused.is_none(),
        "refused": key.refused.map(error_json),
    })
}
