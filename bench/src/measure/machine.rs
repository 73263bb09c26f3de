//! On what and with whom it was measured.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

/// The versions that this program was built with.
const LOCK: &str = include_str!("../../Cargo.lock");

/// What the machine is; what can't be found out is left out.
pub(crate) fn machine() -> Vec<(String, String)> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let facts = [
        ("date", Some(today())),
        ("processor", processor()),
        ("cores", Some(cores.to_string())),
        ("system", output("uname", &["-srm"])),
        ("Rust", output("rustc", &["--version"])),
        ("load before the run", load()),
    ];
    let known = facts
        .into_iter()
        .filter_map(|(name, fact)| Some((name.into(), fact?)));
    known.collect()
}

/// The crates that take part.
pub(crate) fn crates() -> Vec<(String, String)> {
    let bare = |name: &str| Some((name.to_owned(), versions(name).last()?.clone()));
    let mut crates = Vec::new();
    crates.extend(bare("jwtverify-core").map(|(_, version)| ("jwtverify".into(), version)));
    crates.extend(
        ["jsonwebtoken", "aws-lc-rs", "ring"]
            .into_iter()
            .filter_map(bare),
    );
    let rustcrypto = ["rsa", "p256", "p384", "p521", "ed25519-dalek", "hmac"];
    let rustcrypto = rustcrypto.into_iter().filter_map(bare);
    let rustcrypto: Vec<_> = rustcrypto
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    crates.push(("RustCrypto".into(), rustcrypto.join(", ")));
    crates
}

/// In the lock file, in its order: ascending.
fn versions(name: &str) -> Vec<String> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = LOCK.lines();
    let mut found = Vec::new();
    while lines.any(|line| line == wanted) {
        let version = lines
            .next()
            .and_then(|line| line.strip_prefix("version = "));
        found.extend(version.map(|version| version.trim_matches('"').to_owned()));
    }
    found
}

fn processor() -> Option<String> {
    let facts = fs::read_to_string("/proc/cpuinfo").ok()?;
    let fact = |name: &str| {
        let line = facts.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let megahertz = fact("cpu MHz").map_or_else(String::new, |mhz| format!(", {mhz} MHz"));
    Some(format!(
        "{}, family {} model {}{megahertz}",
        fact("model name")?,
        fact("cpu family")?,
        fact("model")?
    ))
}

fn load() -> Option<String> {
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    Some(load.split(' ').next()?.into())
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().into())
}

/// As year-month-day, in UTC.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut days = seconds.map_or(0, |seconds| seconds.as_secs() / 86_400);
    let leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}
