//! `jwtverify check`: can a key set be had, what is in it, what is wrong with it?

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_jwks::limits::MAX_KEY_SET_BYTES;
use jwtverify_jwks::{
    Cause, Check, CheckOptions, CheckedKey, Family, Reached, UnixTime, system_now,
};
use serde_json::{Value, json};

use crate::args::CheckArgs;
use crate::exit::{Code, Exit};
use crate::fetch::{expect_no_fetch, transport};
use crate::input::{self, Problem};
use crate::output::{self, BAD, DIM, GOOD, Record, TITLE, WARN};
use crate::snapshot::{Changes, Snapshot};
use crate::text::{printable, quoted};
use crate::time::{relative, utc};
use crate::verify::error_json;

pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Problem> {
    let before = before(args)?;
    let mut options = CheckOptions::new().timeout(Duration::from_secs(args.fetch.timeout));
    if let Some(kid) = &args.kid {
        options = options.kid(kid);
    }
    let check = if input::is_url(&args.source) {
        options
            .fetch(Arc::new(transport(&args.fetch)?))
            .look_up_names(!goes_through_a_proxy())
            .run(&args.source)
    } else {
        expect_no_fetch(&args.fetch)?;
        options.run_document(&document(&args.source)?)
    };
    let now = Snapshot::of(&check, source(&check, args), system_now());
    let look = Look {
        args,
        since: before
            .as_ref()
            .map(|before| (before, before.changes_to(&now))),
        saved: args.save.is_some() && check.usable > 0,
        now: now.taken,
        check: &check,
    };
    if look.saved
        && let Some(path) = &args.save
    {
        now.write(path)?;
    }
    if args.output.json {
        look.print_json()?;
    } else {
        look.print_text()?;
    }
    Ok(check.error.map_or(Exit::Good, exit_of))
}

/// The snapshot to compare with. One that is to be written to the same place need not be there
/// yet.
fn before(args: &CheckArgs) -> Result<Option<Snapshot>, Problem> {
    let Some(path) = &args.snapshot else {
        return Ok(None);
    };
    match Snapshot::read(path)? {
        None if args.save.as_ref() != Some(path) => Err(Problem::usage(format!(
            "{path} is not there; check --save writes it"
        ))),
        found => Ok(found),
    }
}

/// The document in a local file.
pub(crate) fn document(path: &str) -> Result<Vec<u8>, Problem> {
    input::file(path, MAX_KEY_SET_BYTES).map_err(|error| Problem {
        exit: Exit::Unavailable,
        message: format!("{path} can't be read: {error}"),
    })
}

/// Where a proxy resolves names, this machine need not be able to.
fn goes_through_a_proxy() -> bool {
    ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Here the question is the key set, so a bad one is at fault, not unavailable.
fn exit_of(error: Code) -> Exit {
    match (error.family(), error.code()) {
        (Family::Caller, 600..=699) => Exit::AtFault,
        _ => Exit::of(error),
    }
}

fn source<'a>(check: &'a Check, args: &'a CheckArgs) -> &'a str {
    if input::is_url(&args.source) {
        check.url.as_deref().unwrap_or("")
    } else {
        &args.source
    }
}

/// Everything that there is to show.
struct Look<'a> {
    args: &'a CheckArgs,
    check: &'a Check,
    now: UnixTime,
    since: Option<(&'a Snapshot, Changes)>,
    saved: bool,
}

impl Look<'_> {
    fn print_text(&self) -> Result<(), Problem> {
        let Self { check, args, .. } = self;
        let (verdict, mark) = if check.is_ok() {
            ("USABLE", GOOD)
        } else {
            ("NOT USABLE", BAD)
        };
        let source = printable(source(check, args));
        let mut out = format!("{mark}{verdict}{mark:#} {source}\n");
        // Writing to a String can't fail.
        if input::is_url(&args.source) {
            let _ = writeln!(out, "  reachable  {}", reachable(check));
        }
        let fields = [
            ("", &check.content_type),
            ("Cache-Control: ", &check.cache_control),
            ("ETag: ", &check.etag),
        ];
        let fields: Vec<String> = fields
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}{}", printable(value.as_ref()?))))
            .collect();
        if !fields.is_empty() {
            let _ = writeln!(out, "  answer     {}", fields.join(", "));
        }
        if let Some(ttl) = check.ttl.filter(|_| check.usable > 0) {
            let secs = ttl.as_secs();
            let _ = writeln!(out, "  kept for   {} by default", crate::time::span(secs));
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
        if let Some((before, changes)) = &self.since {
            self.changes(before, changes, &mut out);
        }
        let errors: Vec<String> = check.errors.iter().map(ToString::to_string).collect();
        list(&mut out, "Errors", BAD, &errors);
        conclusion(&mut out, &check.causes, &check.next);
        list(&mut out, "Warnings", WARN, &check.warnings);
        list(&mut out, "Notes", DIM, &check.advice);
        if let Some(path) = &args.save {
            let word = if self.saved {
                "saved to"
            } else {
                "not saved to"
            };
            let _ = writeln!(out, "\nSnapshot {word} {}", printable(path));
        }
        Ok(output::print(&out)?)
    }

    fn changes(&self, before: &Snapshot, changes: &Changes, out: &mut String) {
        let taken = before.taken;
        let _ = writeln!(
            out,
            "\n{TITLE}Changes{TITLE:#} since {}, {}",
            utc(taken),
            relative(taken, self.now)
        );
        if before.source != source(self.check, self.args) {
            let _ = writeln!(
                out,
                "  {WARN}!{WARN:#} the snapshot is of another source: {}",
                printable(&before.source)
            );
        }
        if changes.is_empty() {
            let _ = writeln!(out, "  none");
        }
        for (sign, mark, keys, words) in [
            ("+", GOOD, &changes.added, "new"),
            ("-", BAD, &changes.removed, "gone"),
            (
                "!",
                BAD,
                &changes.replaced,
                "another key under the same kid",
            ),
        ] {
            for key in keys {
                let _ = writeln!(out, "  {mark}{sign}{mark:#} {key}: {words}");
            }
        }
        for words in &changes.altered {
            let _ = writeln!(out, "  {WARN}~{WARN:#} {words}");
        }
        for words in changes.advice() {
            let _ = writeln!(out, "  {DIM}{words}{DIM:#}");
        }
    }

    fn print_json(&self) -> Result<(), Problem> {
        let Self { check, args, .. } = self;
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
            .set("reached", check.reached.as_str())
            .set("addresses", check.addresses.clone())
            .set("status_code", check.status)
            .set("content_type", check.content_type.clone())
            .set("cache_control", check.cache_control.clone())
            .set("etag", check.etag.clone())
            .set("ttl_seconds", check.ttl.map(|ttl| ttl.as_secs()))
            .set("octets", check.bytes)
            .set("keys", check.keys.iter().map(key_json).collect::<Vec<_>>())
            .set("usable_keys", check.usable)
            .set("kid_found", check.kid_found)
            .set("errors", errors)
            .set("warnings", check.warnings.clone())
            .set("advice", check.advice.clone())
            .set("causes", causes_json(&check.causes))
            .set("next", check.next.clone())
            .set("error", check.error.map_or(Value::Null, error_json));
        if args.snapshot.is_some() {
            let changes = self.since.as_ref();
            let changes = changes.map(|(before, changes)| changes.json(before.taken));
            record.set("changes", changes.unwrap_or_default());
        }
        if args.save.is_some() {
            record.set("saved", self.saved);
        }
        Ok(record.print()?)
    }
}

fn reachable(check: &Check) -> String {
    match (check.status, check.reached) {
        (Some(status), _) => format!("yes, HTTP status {status}"),
        (None, Reached::Answer) => "yes, but the answer breaks off or has no end".to_owned(),
        (None, Reached::Connection) => "no: connected, but the TLS handshake failed".to_owned(),
        (None, Reached::Name) => format!("no: nobody answers at {}", check.addresses.join(" or ")),
        (None, _) if check.error == Some(Code::UnavailableConnect) => {
            "no: not even an address was found, or there is a proxy between".to_owned()
        }
        (None, _) => "no".to_owned(),
    }
}

/// Lines with a mark before each.
pub(crate) fn list(out: &mut String, title: &str, mark: anstyle::Style, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(out, "\n{TITLE}{title}{TITLE:#}");
    }
    for line in lines {
        let _ = writeln!(out, "  {mark}-{mark:#} {}", printable(line));
    }
}

/// The causes of the manual, and the steps.
pub(crate) fn conclusion(out: &mut String, causes: &[&'static Cause], next: &[String]) {
    let causes: Vec<String> = causes
        .iter()
        .map(|cause| format!("{} [{}]", cause.title(), cause.id()))
        .collect();
    list(out, "Probable cause", WARN, &causes);
    list(out, "What to do", GOOD, next);
}

pub(crate) fn causes_json(causes: &[&'static Cause]) -> Vec<Value> {
    causes
        .iter()
        .map(|cause| json!({"id": cause.id(), "title": cause.title()}))
        .collect()
}

fn table(out: &mut String, keys: &[CheckedKey]) {
    let cell = |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), printable);
    let mut rows = vec![["", "kid", "kty", "crv", "alg", "use"].map(str::to_owned)];
    rows.extend(keys.iter().enumerate().map(|(place, key)| {
        let kid = key.kid.as_deref().map_or_else(|| "-".to_owned(), quoted);
        let [mut kty, crv, alg, key_use] = [&key.kty, &key.crv, &key.alg, &key.key_use].map(cell);
        if let Some(bits) = key.modulus_bits {
            let _ = write!(kty, " {bits}"); // writing to a String can't fail
        }
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

fn key_json(key: &CheckedKey) -> Value {
    json!({
        "kid": key.kid,
        "kty": key.kty,
        "crv": key.crv,
        "alg": key.alg,
        "use": key.key_use,
        "modulus_bits": key.modulus_bits,
        "thumbprint": key.thumbprint,
        "usable": key.refused.is_none(),
        "refused": key.refused.map(error_json),
    })
}
