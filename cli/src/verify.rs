//! `jwtverify verify`: may this token be trusted?

use std::fmt::Write;
use std::time::Duration;

use jwtverify_jwks::limits::MAX_KEY_SET_BYTES;
use jwtverify_jwks::{
    Algorithm, AlgorithmSet, Diagnosis, Error, Family, JwksVerifier, KeySet, KeySetOptions,
    RemoteJwks, UnixTime, Verified, Verifier, explain, system_now,
};
use serde_json::{Value, json};

use crate::args::VerifyArgs;
use crate::check::causes_json;
use crate::exit::{Code, Exit};
use crate::fetch::{expect_no_fetch, remote};
use crate::input::{self, Problem};
use crate::inspect::time_remark;
use crate::output::{self, BAD, GOOD, Record, TITLE, WARN};
use crate::text::{pretty, printable_lines, quoted};
use crate::time::utc;

pub(crate) fn run(args: &VerifyArgs) -> Result<Exit, Problem> {
    let verifier = verifier(args)?;
    let keys = keys(args)?;
    let token = input::token(&args.token.token)?;
    let now = args.clock.now.map_or_else(system_now, UnixTime::from_secs);
    let outcome = match keys {
        Keys::Held(keys) => verifier
            .verify(&token, &keys, now)
            .map_err(|error| explain(error, &token, Some(&keys))),
        Keys::Remote(remote) => JwksVerifier::new(verifier, remote).verify_at(&token, now),
    };
    match outcome {
        Ok(verified) => {
            accept(&verified, args, now)?;
            Ok(Exit::Good)
        }
        Err(error) => {
            refuse(&error, args.output.json)?;
            Ok(Exit::of(error.error()))
        }
    }
}

fn verifier(args: &VerifyArgs) -> Result<Verifier<'static>, Problem> {
    let algorithms: Vec<Algorithm> = args
        .alg
        .iter()
        .map(|name| algorithm(name))
        .collect::<Result<_, _>>()?;
    let issuers: Vec<&str> = match &args.issuer_discovery {
        Some(issuer) if args.iss.is_empty() => vec![issuer],
        _ => args.iss.iter().map(String::as_str).collect(),
    };
    let audiences: Vec<&str> = args.aud.iter().map(String::as_str).collect();
    let mut required: Vec<&str> = args.require.iter().map(String::as_str).collect();
    if !args.exp_optional && !required.contains(&"exp") {
        required.push("exp");
    }
    let mut builder = Verifier::builder()
        .algorithms(algorithms.into_iter().collect::<AlgorithmSet>())
        .leeway(args.leeway)
        .required_claims(&required)
        .allow_padding(args.allow_padding);
    builder = if args.any_iss {
        builder.any_issuer()
    } else {
        builder.issuers(&issuers)
    };
    builder = if args.any_aud {
        builder.any_audience()
    } else {
        builder.audiences(&audiences)
    };
    if let Some(typ) = &args.typ {
        builder = builder.typ(typ);
    }
    if let Some(max_age) = args.max_age {
        builder = builder.max_age(max_age);
    }
    builder
        .build()
        .map(Verifier::into_owned)
        .map_err(|error| Problem::usage(format!("{error} ({})", error.name())))
}

fn algorithm(name: &str) -> Result<Algorithm, Problem> {
    Algorithm::from_name(name).ok_or_else(|| {
        if name.eq_ignore_ascii_case("none") {
            return Problem::usage("--alg none: unsigned tokens are never accepted");
        }
        let names: Vec<&str> = Algorithm::ALL.iter().map(|known| known.name()).collect();
        Problem::usage(format!("--alg {name} is not one of {}", names.join(", ")))
    })
}

enum Keys {
    Held(KeySet),
    Remote(RemoteJwks),
}

fn keys(args: &VerifyArgs) -> Result<Keys, Problem> {
    let remote = match (&args.jwks, &args.issuer_discovery) {
        (Some(path), _) if !input::is_url(path) => return file(path, args).map(Keys::Held),
        (Some(_), _) if args.allow_symmetric => {
            return Err(Problem::usage(
                "--allow-symmetric is for local files: a secret that can be fetched is no secret",
            ));
        }
        (Some(url), _) => remote(&args.fetch, |builder| builder.url(url))?,
        (None, Some(issuer)) => remote(&args.fetch, |builder| builder.issuer(issuer))?,
        (None, None) => return Err(Problem::usage("--jwks or --issuer-discovery is needed")),
    };
    Ok(Keys::Remote(remote))
}

fn file(path: &str, args: &VerifyArgs) -> Result<KeySet, Problem> {
    expect_no_fetch(&args.fetch)?;
    let unavailable = |message: String| Problem {
        exit: Exit::Unavailable,
        message,
    };
    let document = input::file(path, MAX_KEY_SET_BYTES)
        .map_err(|error| unavailable(format!("{path} can't be read: {error}")))?;
    KeySetOptions::new()
        .allow_symmetric(args.allow_symmetric)
        .read(document)
        .map_err(|error| {
            let hint = if error
                .skipped
                .iter()
                .any(|key| key.reason == Code::SymmetricNotAllowed)
            {
                "\nIf these secrets are meant to verify tokens: --allow-symmetric"
            } else {
                ""
            };
            let told = explain(error.error, b"", None::<&KeySet>);
            let steps = told.diagnosis().map_or(String::new(), ToString::to_string);
            unavailable(format!("{path}: {error}{hint}{steps}"))
        })
}

fn accept(verified: &Verified<'_>, args: &VerifyArgs, now: UnixTime) -> Result<(), Problem> {
    let (header, claims) = (verified.header(), verified.claims());
    if args.output.json {
        let mut record = Record::default();
        record
            .set("valid", true)
            .set("algorithm", verified.algorithm().name())
            .set("key_id", header.kid().map(|kid| kid.to_cow().into_owned()))
            .set("checked_at", now.secs())
            .raw("header", header.json())
            .raw("claims", claims.json());
        return Ok(record.print()?);
    }
    let key = match header.kid() {
        Some(kid) => format!("the key {}", quoted(&kid.to_cow())),
        None => "the only key that fits".to_owned(),
    };
    let looked = |any: bool| {
        if any {
            format!("{WARN}not looked at{WARN:#}")
        } else {
            "as expected".to_owned()
        }
    };
    let mut out = format!("{GOOD}VALID{GOOD:#}\n");
    // Writing to a String can't fail.
    let _ = write!(
        out,
        "  signature  {} with {key}\n  issuer     {}\n  audience   {}\n  judged at  {}\n\n\
         {TITLE}Claims{TITLE:#}\n",
        verified.algorithm().name(),
        looked(args.any_iss),
        looked(args.any_aud),
        utc(now),
    );
    out += &pretty(claims.iter(), |name, value| time_remark(name, value, now));
    Ok(output::print(&out)?)
}

/// Says that there is no verdict of "valid", and why.
pub(crate) fn refuse(error: &Error, as_json: bool) -> Result<(), Problem> {
    if as_json {
        let mut record = Record::default();
        record
            .set("valid", false)
            .set("error", error_json(error.error()));
        record.set("retry_after", error.retry_after());
        record.set(
            "diagnosis",
            error.diagnosis().map_or(Value::Null, diagnosis_json),
        );
        return Ok(record.print()?);
    }
    let verdict = match error.error().family() {
        Family::Token => "INVALID",
        Family::Unavailable => "NOT KNOWN",
        Family::Caller | Family::Internal => "ERROR",
    };
    let mut out = format!(
        "{BAD}{verdict}{BAD:#} {} ({})\n",
        error.name(),
        error.code()
    );
    for line in printable_lines(&error.to_string()).lines() {
        let _ = writeln!(out, "  {line}"); // writing to a String can't fail
    }
    if matches!(error.code(), 500..=599) {
        let _ = writeln!(out, "  `jwtverify inspect` shows what the token says");
    }
    Ok(output::complain(&out)?)
}

fn diagnosis_json(diagnosis: &Diagnosis) -> Value {
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs());
    json!({
        "kid": diagnosis.kid,
        "available": diagnosis.available,
        "closest": diagnosis.closest,
        "skipped": diagnosis.skipped,
        "issuer": diagnosis.issuer,
        "url": diagnosis.url,
        "age_seconds": seconds(diagnosis.age),
        "last_fetch": diagnosis.last_fetch,
        "next_fetch_in_seconds": seconds(diagnosis.next_fetch_in),
        "causes": causes_json(&diagnosis.causes),
        "suggestions": diagnosis.suggestions,
    })
}

/// What every language says of an error.
pub(crate) fn error_json(error: Code) -> Value {
    json!({
        "code": error.code(),
        "name": error.name(),
        "family": match error.family() {
            Family::Token => "token",
            Family::Caller => "caller",
            Family::Unavailable => "unavailable",
            Family::Internal => "internal",
        },
        "message": error.to_string(),
        "claim": error.claim().map(|claim| claim.to_string()),
        "http_status": error.http_status(),
        "www_authenticate": error.www_authenticate(),
    })
}
