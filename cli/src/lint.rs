//! `jwtverify lint`: should a key set or a discovery document be published as it is?

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_jwks::{DocumentKind, Finding, Lint, Severity, lint_document, lint_url};
use serde_json::{Value, json};

use crate::args::LintArgs;
use crate::check::{causes_json, conclusion, document};
use crate::exit::Exit;
use crate::fetch::{expect_no_fetch, transport};
use crate::input::{self, Problem};
use crate::output::{self, BAD, DIM, GOOD, Record, TITLE, WARN};
use crate::text::printable;
use crate::verify::error_json;

pub(crate) fn run(args: &LintArgs) -> Result<Exit, Problem> {
    let lint = if input::is_url(&args.source) {
        let timeout = Duration::from_secs(args.fetch.timeout);
        lint_url(
            &args.source,
            timeout,
            Some(Arc::new(transport(&args.fetch)?)),
        )
    } else {
        expect_no_fetch(&args.fetch)?;
        lint_document(&document(&args.source)?)
    };
    if args.output.json {
        let mut record = Record::default();
        record.set("clean", is_clean(&lint));
        for (name, value) in members(&lint, args) {
            record.set(name, value);
        }
        record.print()?;
    } else {
        let mut out = String::new();
        show(&lint, args, &mut out);
        output::print(&out)?;
    }
    Ok(exit_of(&lint, args.strict))
}

fn is_clean(lint: &Lint) -> bool {
    documents(lint).iter().all(|lint| lint.error.is_none())
        && lint.count(Severity::Error) == 0
        && lint.count(Severity::Warning) == 0
}

/// The document, and the key set that it leads to.
fn documents(lint: &Lint) -> Vec<&Lint> {
    std::iter::once(lint)
        .chain(lint.key_set.as_deref())
        .collect()
}

fn exit_of(lint: &Lint, strict: bool) -> Exit {
    let failed = documents(lint).iter().find_map(|lint| lint.error);
    if lint.count(Severity::Error) > 0 || (strict && lint.count(Severity::Warning) > 0) {
        Exit::AtFault
    } else {
        failed.map_or(Exit::Good, Exit::of)
    }
}

fn show(lint: &Lint, args: &LintArgs, out: &mut String) {
    let [errors, warnings, notes] =
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| lint.count(severity));
    let unknown = documents(lint).iter().any(|lint| lint.error.is_some());
    let (verdict, mark) = match (errors, warnings) {
        (0, _) if unknown => ("NOT KNOWN", BAD),
        (0, 0) => ("CLEAN", GOOD),
        (0, _) => ("WARNINGS", WARN),
        _ => ("ERRORS", BAD),
    };
    // Writing to a String can't fail.
    let _ = writeln!(
        out,
        "{mark}{verdict}{mark:#} {}, {}, {}",
        count(errors, "error"),
        count(warnings, "warning"),
        count(notes, "note")
    );
    for lint in documents(lint) {
        let source = match &lint.url {
            Some(url) => url,
            None if input::is_url(&args.source) => "the URL",
            None => &args.source,
        };
        let what = match lint.kind {
            DocumentKind::KeySet => count(lint.keys, "key"),
            DocumentKind::Discovery => "discovery document".to_owned(),
            _ => "no document".to_owned(),
        };
        let _ = writeln!(out, "\n{TITLE}{}{TITLE:#}: {what}", printable(source));
        if let Some(failure) = &lint.failure {
            let _ = writeln!(out, "  {BAD}-{BAD:#} {}", printable(failure));
        }
        for finding in &lint.findings {
            line(finding, out);
        }
        conclusion(out, &lint.causes, &lint.next);
    }
}

fn line(finding: &Finding, out: &mut String) {
    let mark = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning => WARN,
        Severity::Note => DIM,
    };
    let _ = writeln!(
        out,
        "  {mark}{}{mark:#}  {} [{}]\n      {DIM}{}{DIM:#}",
        finding.severity,
        printable(&finding.to_string()),
        finding.rule.id(),
        finding.rule.next(),
    );
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn members(lint: &Lint, args: &LintArgs) -> Vec<(&'static str, Value)> {
    let findings = lint.findings.iter().map(|finding| {
        json!({
            "severity": finding.severity.as_str(),
            "rule": finding.rule.id(),
            "position": finding.position,
            "kid": finding.kid,
            "text": finding.text,
            "next": finding.rule.next(),
        })
    });
    let kind = match lint.kind {
        DocumentKind::KeySet => json!("key-set"),
        DocumentKind::Discovery => json!("discovery"),
        _ => Value::Null,
    };
    let behind = lint.key_set.as_deref();
    vec![
        ("url", json!(lint.url)),
        (
            "file",
            json!((!input::is_url(&args.source)).then_some(&args.source)),
        ),
        ("kind", kind),
        ("keys", json!(lint.keys)),
        ("findings", findings.collect()),
        ("failure", json!(lint.failure)),
        ("error", lint.error.map_or(Value::Null, error_json)),
        ("causes", json!(causes_json(&lint.causes))),
        ("next", json!(lint.next)),
        (
            "key_set",
            behind.map_or(Value::Null, |set| {
                let members = members(set, args).into_iter();
                members
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            }),
        ),
    ]
}
