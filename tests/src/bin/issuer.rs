//! The loopback issuer as a program, for tests written in other languages.
//!
//! ```text
//! issuer [ALG ...]        default: RS256 PS256 ES256 ES384 ES512 EdDSA
//! ```
//!
//! It prints one JSON line when it listens, then reads one command a line from standard input
//! and answers each with one JSON line. It ends at `quit` or when standard input closes. HTTP
//! requests are answered all the time, whatever the commands do.
//!
//! First line:
//!
//! ```text
//! {"discovery": "http://127.0.0.1:PORT/.well-known/openid-configuration",
//!  "issuer": "http://127.0.0.1:PORT",
//!  "jwks": "http://127.0.0.1:PORT/.well-known/jwks.json", "kids": ["rs256-1", ...], "ok": true}
//! ```
//!
//! A command that fails answers `{"error": "why", "ok": false}` and changes nothing. The others:
//!
//! | command | what it does | answer, besides `"ok": true` |
//! | --- | --- | --- |
//! | `mint ALG CLAIMS [HEADER]` | a token signed with the newest key of ALG; HEADER changes the header: a value replaces or adds a member, null removes one | `token` |
//! | `sign ALG HEADER PAYLOAD` | a token of exactly these two segments (already base64url, or not) | `token` |
//! | `forge none CLAIMS` | `alg: none`, no signature | `token` |
//! | `forge tampered ALG CLAIMS` | the claim `sub` is changed after signing | `token` |
//! | `forge confused ALG CLAIMS` | HS256 keyed with the public key's PEM | `token` |
//! | `forge wrong-key ALG CLAIMS` | another key, same kid | `token` |
//! | `forge unknown-kid ALG CLAIMS` | good signature, kid nobody published | `token` |
//! | `forge der ALG CLAIMS` | ECDSA signature in DER | `token` |
//! | `jwk ALG` | the public JWK of ALG; for HS algorithms the secret | `jwk` (an object) |
//! | `jwks` | the key set it publishes | `jwks` (an object) |
//! | `rotate` | replaces all published keys; the old ones are gone | `kids` |
//! | `rotate keep` | adds new keys; the old ones stay | `kids` |
//! | `ok` | answers well again; what hangs is answered | |
//! | `fail [STATUS]` | answers with that status, 500 if none is given | |
//! | `hang` | lets requests wait until the next change | |
//! | `close` | closes connections without an answer | |
//! | `redirect [URL]` | 302 to URL, default its own `/elsewhere`, where the good set is | |
//! | `lie html` | 200 with an HTML page | |
//! | `lie empty` | 200 with `{}` | |
//! | `lie keys` | 200 with `{"keys":[]}` | |
//! | `lie issuer` | a discovery document that names another issuer | |
//! | `lie truncated` | a Content-Length that the body does not reach | |
//! | `lie huge` | the good document and 16 MiB of spaces | |
//! | `body TEXT` | 200 with TEXT | |
//! | `cache-control [VALUE]` | sends that header from now on, or none | |
//! | `retry-after [VALUE]` | sends that header with failures, or none | |
//! | `stop` | stops listening: connections are refused | |
//! | `start` | listens again at the same address | |
//! | `count` | requests so far, whatever was answered | `jwks`, `discovery`, `elsewhere` |
//! | `quit` | ends the program | |
//!
//! `ALG` is any JWS name from RS256 to HS512. Only those named on the command line are published,
//! and `mint` knows those and the HS algorithms, whose secrets are never published.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;

use jwtverify_tests::{Alg, Behaviour, LoopbackIssuer, SigningKey, forge};
use serde_json::{Deserializer, Value, json};

fn main() -> ExitCode {
    let mut algs = Vec::new();
    for name in env::args().skip(1) {
        match Alg::from_name(&name) {
            Some(alg) => algs.push(alg),
            None => {
                eprintln!("issuer: no algorithm is called {name}");
                return ExitCode::from(2);
            }
        }
    }
    let issuer = match algs.as_slice() {
        [] => LoopbackIssuer::start(),
        algs => LoopbackIssuer::start_with(algs),
    };
    let first = json!({
        "ok": true,
        "issuer": issuer.url(),
        "jwks": issuer.jwks_url(),
        "discovery": issuer.discovery_url(),
        "kids": kids(&issuer),
    });
    // A parent that closed its end wants no more: that is an end, not a failure.
    if say(&first).is_err() {
        return ExitCode::SUCCESS;
    }
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let answer = match obey(&issuer, line) {
            Ok(mut answer) => {
                answer["ok"] = json!(true);
                answer
            }
            Err(error) => json!({"ok": false, "error": error}),
        };
        if say(&answer).is_err() || line == "quit" {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn say(answer: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{answer}")?;
    out.flush()
}

fn obey(issuer: &LoopbackIssuer, line: &str) -> Result<Value, String> {
    let (command, rest) = word(line);
    match command {
        "mint" => {
            let (name, rest) = word(rest);
            let mut values = Deserializer::from_str(rest).into_iter::<Value>();
            let claims = object(values.next())?;
            let members = match values.next() {
                Some(value) => object(Some(value))?,
                None => json!({}),
            };
            Ok(json!({"token": key(issuer, name)?.mint_with(&members, &claims)}))
        }
        "sign" => {
            let (name, rest) = word(rest);
            let (header, payload) = word(rest);
            Ok(json!({"token": key(issuer, name)?.sign_segments(header, payload)}))
        }
        "forge" => forge(issuer, rest),
        "jwk" => Ok(json!({"jwk": key(issuer, rest)?.jwk()})),
        "jwks" => {
            let jwks: Value = serde_json::from_str(&issuer.jwks()).map_err(|e| e.to_string())?;
            Ok(json!({ "jwks": jwks }))
        }
        "rotate" => {
            match rest {
                "" => issuer.rotate(),
                "keep" => issuer.rotate_keeping_old(),
                other => return Err(format!("rotate {other}: unknown")),
            }
            Ok(json!({"kids": kids(issuer)}))
        }
        "count" => Ok(json!({
            "jwks": issuer.jwks_requests(),
            "discovery": issuer.discovery_requests(),
            "elsewhere": issuer.requests("/elsewhere"),
        })),
        "quit" => Ok(json!({})),
        _ => {
            match command {
                "cache-control" => issuer.cache_control(some(rest)),
                "retry-after" => issuer.retry_after(some(rest)),
                "stop" => issuer.stop(),
                "start" => issuer.restart(),
                _ => issuer.behave(behaviour(issuer, command, rest)?),
            }
            Ok(json!({}))
        }
    }
}

fn behaviour(issuer: &LoopbackIssuer, command: &str, rest: &str) -> Result<Behaviour, String> {
    Ok(match (command, rest) {
        ("ok", "") => Behaviour::Good,
        ("fail", "") => Behaviour::Status(500),
        ("fail", status) => Behaviour::Status(
            status
                .parse()
                .map_err(|_| format!("{status}: not a status"))?,
        ),
        ("hang", "") => Behaviour::Hang,
        ("close", "") => Behaviour::Close,
        ("redirect", "") => Behaviour::Redirect(issuer.url() + "/elsewhere"),
        ("redirect", url) => Behaviour::Redirect(url.into()),
        ("lie", "html") => Behaviour::Body("<!doctype html><title>Sign in</title>".into()),
        ("lie", "empty") => Behaviour::Body("{}".into()),
        ("lie", "keys") => Behaviour::Body(r#"{"keys":[]}"#.into()),
        ("lie", "issuer") => Behaviour::WrongIssuer,
        ("lie", "truncated") => Behaviour::Truncated,
        ("lie", "huge") => Behaviour::Padded(16 << 20),
        ("body", text) => Behaviour::Body(text.into()),
        _ => return Err(format!("unknown command: {command} {rest}")),
    })
}

fn forge(issuer: &LoopbackIssuer, rest: &str) -> Result<Value, String> {
    let (kind, rest) = word(rest);
    if kind == "none" {
        let claims = object(Some(serde_json::from_str(rest)))?;
        let key = issuer
            .keys()
            .into_iter()
            .next()
            .ok_or("this issuer has no key")?;
        return Ok(json!({"token": forge::unsecured(&key, "none", &claims)}));
    }
    let (name, rest) = word(rest);
    let key = key(issuer, name)?;
    let claims = object(Some(serde_json::from_str(rest)))?;
    let public = !key.alg().is_symmetric();
    let token = match kind {
        "tampered" => forge::tampered(&key, &claims, &json!({"sub": "somebody else"})),
        "confused" if public => forge::hmac_with_public_key(&key, &claims),
        "wrong-key" => forge::wrong_key(&key, &claims),
        "unknown-kid" => forge::unknown_kid(&key, &claims),
        "der"
            if matches!(
                key.alg(),
                Alg::Es256 | Alg::Es384 | Alg::Es512 | Alg::Es256K
            ) =>
        {
            forge::der_signature(&key, &claims)
        }
        _ => return Err(format!("forge {kind} {name}: not possible")),
    };
    Ok(json!({ "token": token }))
}

fn key(issuer: &LoopbackIssuer, name: &str) -> Result<Arc<SigningKey>, String> {
    let alg = Alg::from_name(name).ok_or_else(|| format!("{name}: unknown algorithm"))?;
    match issuer.find_key(alg) {
        Some(key) => Ok(key),
        None if alg.is_symmetric() => {
            let secret = SigningKey::shared(alg);
            Ok(Arc::new(SigningKey::from_secret(
                alg,
                secret.kid(),
                secret.raw_public(),
            )))
        }
        None => Err(format!("{name}: this issuer was started without it")),
    }
}

fn kids(issuer: &LoopbackIssuer) -> Vec<String> {
    issuer.keys().iter().map(|key| key.kid().into()).collect()
}

fn object(value: Option<serde_json::Result<Value>>) -> Result<Value, String> {
    match value {
        Some(Ok(value)) if value.is_object() => Ok(value),
        Some(Ok(_)) => Err("not a JSON object".into()),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("a JSON object is missing".into()),
    }
}

fn some(rest: &str) -> Option<&str> {
    (!rest.is_empty()).then_some(rest)
}

fn word(line: &str) -> (&str, &str) {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    (word, rest.trim_start())
}
