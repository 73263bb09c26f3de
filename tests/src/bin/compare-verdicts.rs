//! Compares the verdicts of two languages on the same cases.
//!
//! ```text
//! compare-verdicts target/attacks-rust.json target/attacks-python.json
//! ```
//!
//! Each file is a JSON array of `{"id", "verdict": "accept" | "reject", "code"}`; `code` is 0
//! where the token was accepted. Prints every difference; exits 1 if there is one, 2 if a file
//! can't be read.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::ExitCode;

use serde_json::Value;

fn main() -> ExitCode {
    let paths: Vec<String> = env::args().skip(1).collect();
    let [left, right] = paths.as_slice() else {
        eprintln!("usage: compare-verdicts LEFT.json RIGHT.json");
        return ExitCode::from(2);
    };
    let (a, b) = match (read(left), read(right)) {
        (Ok(a), Ok(b)) => (a, b),
        (a, b) => {
            for error in [a.err(), b.err()].into_iter().flatten() {
                eprintln!("compare-verdicts: {error}");
            }
            return ExitCode::from(2);
        }
    };
    let differences = differences(&a, &b);
    for difference in &differences {
        println!("{difference}");
    }
    println!(
        "{} cases in {left}, {} in {right}: {} differ",
        a.len(),
        b.len(),
        differences.len()
    );
    ExitCode::from(u8::from(!differences.is_empty()))
}

type Verdicts = BTreeMap<String, (String, u64)>;

fn read(path: &str) -> Result<Verdicts, String> {
    let text = fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let cases: Value = serde_json::from_slice(&text).map_err(|error| format!("{path}: {error}"))?;
    let cases = cases
        .as_array()
        .ok_or_else(|| format!("{path}: not an array"))?;
    let mut verdicts = Verdicts::new();
    for (place, case) in cases.iter().enumerate() {
        let fields = (
            case["id"].as_str(),
            case["verdict"].as_str(),
            case["code"].as_u64(),
        );
        let (Some(id), Some(verdict), Some(code)) = fields else {
            return Err(format!("{path}: item {place} lacks id, verdict or code"));
        };
        if verdicts.insert(id.into(), (verdict.into(), code)).is_some() {
            return Err(format!("{path}: {id} is there twice"));
        }
    }
    // Two empty files agree on nothing worth knowing.
    if verdicts.is_empty() {
        Err(format!("{path}: no cases"))
    } else {
        Ok(verdicts)
    }
}

fn differences(a: &Verdicts, b: &Verdicts) -> Vec<String> {
    let show = |verdict: Option<&(String, u64)>| match verdict {
        Some((verdict, code)) => format!("{verdict} {code}"),
        None => "not there".into(),
    };
    let mut ids: Vec<&String> = a.keys().chain(b.keys()).collect();
    ids.sort();
    ids.dedup();
    ids.into_iter()
        .filter(|&id| a.get(id) != b.get(id))
        .map(|id| format!("{id}: {} | {}", show(a.get(id)), show(b.get(id))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(rows: &[(&str, &str, u64)]) -> Verdicts {
        rows.iter()
            .map(|&(id, verdict, code)| (id.into(), (verdict.into(), code)))
            .collect()
    }

    #[test]
    fn a_verdict_a_code_or_an_absent_case_is_a_difference() {
        let a = verdicts(&[("a", "accept", 0), ("b", "reject", 401), ("c", "reject", 1)]);
        let b = verdicts(&[("a", "accept", 0), ("b", "reject", 301), ("d", "accept", 0)]);
        assert_eq!(
            differences(&a, &b),
            [
                "b: reject 401 | reject 301",
                "c: reject 1 | not there",
                "d: not there | accept 0"
            ]
        );
        assert!(differences(&a, &a).is_empty());
    }
}
