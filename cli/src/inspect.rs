//! `jwtverify inspect`: what a token says, unverified.

use std::fmt::Write;

use jwtverify_jwks::json::{Object, Value};
use jwtverify_jwks::unverified::UnverifiedToken;
use jwtverify_jwks::{KeySet, UnixTime, explain, provider_hints, system_now};
use serde_json::json;

use crate::analysis::{Analysis, seconds};
use crate::args::InspectArgs;
use crate::exit::Exit;
use crate::input::{self, Problem};
use crate::output::{self, BAD, GOOD, Record, TITLE, WARN};
use crate::text::{pretty, printable};
use crate::time::{relative, utc};
use crate::verify::refuse;

pub(crate) fn run(args: &InspectArgs) -> Result<Exit, Problem> {
    let token = input::token(&args.token.token)?;
    let now = args.clock.now.map_or_else(system_now, UnixTime::from_secs);
    let mut analysis = Analysis::default();
    let unverified = match UnverifiedToken::read(&token) {
        Ok(unverified) => unverified,
        Err(error) => {
            return refuse(&explain(error, &token, None::<&KeySet>), args.output.json)
                .map(|()| Exit::AtFault);
        }
    };
    analysis.header(unverified.header());
    match unverified.claims() {
        Ok(claims) => analysis.claims(claims, now),
        Err(error) => analysis.issue(format!("{error}.")),
    }
    if !unverified.has_signature() {
        analysis.issue("The signature is empty: anybody can make such a token.");
    }
    if token.contains(&b'=') {
        analysis.issue("The segments are padded with = signs: verify with --allow-padding.");
    }
    for hint in provider_hints(&token) {
        analysis.recommend(hint);
    }
    let look = Look {
        unverified: &unverified,
        signature: signature_octets(&token),
        now,
        analysis,
    };
    if args.output.json {
        look.print_json()?;
    } else {
        look.print_text()?;
    }
    Ok(Exit::Good)
}

/// Everything that there is to show.
struct Look<'t> {
    unverified: &'t UnverifiedToken,
    /// Octets of the signature.
    signature: usize,
    now: UnixTime,
    analysis: Analysis,
}

impl Look<'_> {
    fn print_text(&self) -> Result<(), Problem> {
        let header = pretty(self.unverified.header().members(), |_, _| String::new());
        let mut out = format!("{TITLE}Header{TITLE:#}\n{header}\n");
        // Writing to a String can't fail.
        let _ = match self.unverified.claims() {
            Ok(claims) => write!(
                out,
                "{TITLE}Claims{TITLE:#} {BAD}UNVERIFIED{BAD:#}: anybody could have written them\n{}",
                pretty(claims.members(), |name, value| time_remark(
                    name, value, self.now
                )),
            ),
            Err(_) => writeln!(
                out,
                "{TITLE}Payload{TITLE:#} {BAD}UNVERIFIED{BAD:#}\n  {} octets, not a claims set",
                self.unverified.payload().len(),
            ),
        };
        let _ = writeln!(
            out,
            "\n{TITLE}Signature{TITLE:#}\n  {} octets, not checked",
            self.signature
        );
        let Analysis {
            issues,
            recommendations,
        } = &self.analysis;
        if issues.is_empty() {
            let _ = writeln!(
                out,
                "\n{GOOD}No issues{GOOD:#} that show without the key and a policy"
            );
        }
        list(&mut out, "Issues", issues, WARN);
        list(
            &mut out,
            "Recommendations",
            recommendations,
            anstyle::Style::new(),
        );
        Ok(output::print(&out)?)
    }

    fn print_json(&self) -> Result<(), Problem> {
        let claims = self.unverified.claims().ok();
        let mut record = Record::default();
        record
            .set("verified", false)
            .set("algorithm", self.unverified.algorithm_name())
            .set("key_id", self.unverified.kid())
            .raw("header", self.unverified.header_json())
            .raw("claims_unverified", claims.map_or("null", Object::as_str))
            .set("times_unverified", times_json(claims, self.now))
            .set("payload_octets", self.unverified.payload().len())
            .set("signature_octets", self.signature)
            .set("issues", self.analysis.issues.clone())
            .set("recommendations", self.analysis.recommendations.clone());
        Ok(record.print()?)
    }
}

fn list(out: &mut String, title: &str, lines: &[String], mark: anstyle::Style) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{TITLE}{title}{TITLE:#}");
    for line in lines {
        let _ = writeln!(out, "  {mark}-{mark:#} {}", printable(line));
    }
}

fn times_json(claims: Option<Object<'_>>, now: UnixTime) -> serde_json::Value {
    let members = claims.into_iter().flat_map(Object::members);
    members
        .filter_map(|(name, value)| {
            let time = time_of(&name.to_cow(), value)?;
            let words = json!({"utc": utc(time), "relative": relative(time, now)});
            Some((name.to_cow().into_owned(), words))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// `2016-12-16 11:11:05 UTC, 9 years ago` behind a claim that is a time; nothing behind others.
pub(crate) fn time_remark(name: &str, value: Value<'_>, now: UnixTime) -> String {
    let words = |time| format!("{}, {}", utc(time), relative(time, now));
    time_of(name, value).map_or_else(String::new, words)
}

/// The registered times, and the one that OpenID Connect Core 1.0 section 2 adds.
fn time_of(name: &str, value: Value<'_>) -> Option<UnixTime> {
    match value {
        Value::Number(digits) if ["exp", "nbf", "iat", "auth_time"].contains(&name) => {
            seconds(digits)
        }
        _ => None,
    }
}

/// How many octets the signature has; the segment was found to be base64url already.
fn signature_octets(token: &[u8]) -> usize {
    let segment = token
        .rsplit(|byte| *byte == b'.')
        .next()
        .unwrap_or_default();
    segment
        .trim_ascii_end()
        .iter()
        .filter(|byte| **byte != b'=')
        .count()
        * 3
        / 4
}
