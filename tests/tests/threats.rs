//! The manual's page of threats names tests as proof: each of them exists.

use std::fs;
use std::path::{Path, PathBuf};

use jwtverify_tests::vectors;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn page() -> String {
    fs::read_to_string(root().join("docs/threats.md")).unwrap()
}

/// What stands between back-ticks in the last column of the tables, with the row's first.
fn proofs(page: &str) -> Vec<(String, Vec<String>)> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let mut proofs = Vec::new();
    for row in rows {
        let columns: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, _, proof] = columns.as_slice() else {
            panic!("four columns: {row}");
        };
        if matches!(*id, "#" | "class" | "---") {
            continue;
        }
        let quoted = proof.split('`').skip(1).step_by(2).map(str::to_owned);
        proofs.push(((*id).to_owned(), quoted.collect()));
    }
    proofs
}

#[test]
fn every_threat_has_its_row_and_every_row_its_proof() {
    let proofs = proofs(&page());
    let ids: Vec<&str> = proofs.iter().map(|(id, _)| id.as_str()).collect();
    let numbers = (1..=23).map(|number| number.to_string());
    let letters = ('A'..='J').map(|letter| letter.to_string());
    assert_eq!(ids, numbers.chain(letters).collect::<Vec<_>>());
    for (id, proofs) in &proofs {
        assert!(!proofs.is_empty(), "row {id} has no proof");
    }
}

#[test]
fn every_test_named_as_proof_exists() {
    let mut missing = Vec::new();
    for (id, proofs) in proofs(&page()) {
        for proof in proofs {
            if !exists(&proof) {
                missing.push(format!("  row {id}: {proof}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_fuzz_target_has_a_row() {
    let page = page();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap() {
        let path = entry.unwrap().path();
        let target = path.file_stem().unwrap().to_str().unwrap();
        // Everything goes through this one; it proves no row in particular.
        if target != "verify" {
            assert!(page.contains(&format!("`fuzz:{target}`")), "{target}");
        }
    }
}

fn exists(proof: &str) -> bool {
    if let Some(prefix) = proof.strip_prefix("attacks:") {
        // Where the catalogue is not there, the suite that runs it says so.
        let Some(file) = vectors::optional_json("attacks/attacks.json") else {
            return true;
        };
        let cases = file["cases"].as_array().unwrap();
        return cases
            .iter()
            .any(|case| case["id"].as_str().unwrap().starts_with(prefix));
    }
    if let Some(target) = proof.strip_prefix("fuzz:") {
        let path = format!("fuzz/fuzz_targets/{target}.rs");
        return root().join(path).is_file();
    }
    let Some((file, function)) = proof.split_once("::") else {
        return false;
    };
    let Ok(text) = fs::read_to_string(root().join(file)) else {
        return false;
    };
    ["fn ", "def ", "func "].iter().any(|keyword| {
        let start = format!("{keyword}{function}");
        text.match_indices(&start).any(|(at, _)| {
            let after = text[at + start.len()..].chars().next();
            after == Some('(') || after == Some('<')
        })
    })
}

/// The check can fail.
#[test]
fn a_proof_that_is_not_there_is_noticed() {
    for proof in [
        "core/src/token.rs::rfc7515_exactly_three_segment",
        "core/src/nowhere.rs::a_test",
        "fuzz:nothing",
        "no proof at all",
    ] {
        assert!(!exists(proof), "{proof}");
    }
    assert!(exists("core/src/token.rs::rfc7515_exactly_three_segments"));
}
