//! The house's walls: in core a stage uses earlier stages and never a later one; crates depend
//! one way; core has no clock, file, socket or thread.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of core from the bottom to the top, each with the folder of the same name. A file
/// may use those above it in this list, and itself.
const LAYERS: [&str; 20] = [
    "limits",
    "time",
    "base64url",
    "json",
    "member",
    "error",
    "token",
    "algorithm",
    "header",
    "expected",
    "policy",
    "provider",
    "precomputed",
    "jwk",
    "signature",
    "keys",
    "keyset",
    "claims",
    "verified",
    "verifier",
];

/// Used by nobody, and using none of the stages that make proofs.
const ASIDE: [(&str, &[&str]); 1] = [("unverified", &["base64url", "error", "json", "limits"])];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// A source file without its comments and its tests, and the stage it belongs to.
struct Source {
    path: PathBuf,
    stage: String,
    code: String,
}

fn core_sources() -> Vec<Source> {
    let folder = root().join("core/src");
    let mut paths = Vec::new();
    collect(&folder, &mut paths);
    let sources: Vec<Source> = paths
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name != "tests.rs"))
        .map(|path| {
            let inside = path.strip_prefix(&folder).unwrap().with_extension("");
            let stage = inside.iter().next().unwrap().to_str().unwrap().to_owned();
            let code = without_comments_and_tests(&fs::read_to_string(&path).unwrap());
            Source { path, stage, code }
        })
        .collect();
    assert!(sources.len() > 10, "core/src was not found");
    sources
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

fn without_comments_and_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let is_test = line.starts_with("#[cfg(test") || line.starts_with("#[cfg(all(test");
        let is_long = line == "#[cfg(all(" && lines.peek().is_some_and(|next| *next == "    test,");
        if is_long || is_test && lines.peek().is_some_and(|next| next.contains("mod ")) {
            // The tests of a file stand at its end; `mod tests;` leads to a file of its own.
            break;
        }
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

/// The modules that a file names through `crate::` or `super::super::`.
fn used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let group = rest.strip_prefix('{');
        let paths = match group {
            Some(group) => group
                .split('}')
                .next()
                .unwrap_or_default()
                .split(',')
                .collect(),
            None => vec![rest],
        };
        for path in paths {
            let name: String = path
                .trim()
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            if name
                .chars()
                .next()
                .is_some_and(|first| first.is_ascii_lowercase())
            {
                used.insert(name);
            } else if !name.is_empty() {
                panic!("crate::{name}: name the module, so that the layers can be seen");
            }
        }
    }
    used
}

#[test]
fn a_stage_of_core_uses_earlier_stages_only() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for source in core_sources().iter().filter(|source| source.stage != "lib") {
        let used = used(&source.code);
        let allowed: Vec<&str> = if let Some(place) = place(&source.stage) {
            seen.insert(source.stage.clone());
            LAYERS[..=place].to_vec()
        } else if let Some((_, allowed)) = ASIDE.iter().find(|(name, _)| *name == source.stage) {
            [*allowed, &[source.stage.as_str()]].concat()
        } else {
            wrong.push(format!(
                "  {} is in no layer: give it a place",
                source.path.display()
            ));
            continue;
        };
        for name in used.iter().filter(|name| !allowed.contains(&name.as_str())) {
            wrong.push(format!("  {} uses {name}", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let unused: Vec<_> = LAYERS
        .iter()
        .filter(|layer| !seen.contains(**layer))
        .collect();
    assert!(unused.is_empty(), "layers without a file: {unused:?}");
}

fn place(stage: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| *layer == stage)
}

#[test]
fn core_knows_no_clock_file_socket_or_thread() {
    for source in core_sources() {
        let words: Vec<&str> = source
            .code
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
            .collect();
        for word in &words {
            let word = word.trim_start_matches(':');
            assert!(
                !word.starts_with("std::"),
                "{}: {word}: core is no_std",
                source.path.display()
            );
        }
        let allows_std = source.stage == "lib";
        let names_std = source.code.contains("extern crate std");
        assert!(allows_std || !names_std, "{}", source.path.display());
    }
    let lib = fs::read_to_string(root().join("core/src/lib.rs")).unwrap();
    assert!(lib.contains("#![no_std]"));
    assert!(
        lib.contains("#[cfg(test)]\nextern crate std;"),
        "std is for core's tests alone"
    );
}

#[test]
fn unsafe_code_is_forbidden_outside_the_bindings() {
    for lib in [
        "core/src/lib.rs",
        "std-jwks/src/lib.rs",
        "cli/src/main.rs",
        "tests/src/lib.rs",
        "tests/fleet/src/lib.rs",
    ] {
        let text = fs::read_to_string(root().join(lib)).unwrap_or_else(|e| panic!("{lib}: {e}"));
        assert!(text.contains("#![forbid(unsafe_code)]"), "{lib}");
    }
}

/// py, ffi-c, cli -> std-jwks -> core, and nothing published on the fixtures.
#[test]
fn crates_depend_one_way() {
    for (folder, allowed) in [
        ("core", &[][..]),
        ("std-jwks", &["jwtverify-core"]),
        ("ffi-c", &["jwtverify-jwks", "jwtverify-core"]),
        ("py", &["jwtverify-jwks", "jwtverify-core"]),
        ("cli", &["jwtverify-jwks", "jwtverify-core"]),
    ] {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let published = section.contains("dependencies") && !section.contains("dev-");
            if published && line.starts_with("jwtverify-") {
                let name = line.split([' ', '.', '=']).next().unwrap();
                assert!(allowed.contains(&name), "{folder} depends on {name}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_in_groups_and_alone_and_not_in_comments() {
        let code = without_comments_and_tests(
            "use crate::{json::Text, error};\n// crate::verifier\nfn f(_: crate::jwk::Key) {}\n\
             #[cfg(test)]\nmod tests {\n    use crate::claims;\n}\n",
        );
        let found: Vec<String> = used(&code).into_iter().collect();
        assert_eq!(found, ["error", "json", "jwk"]);
    }
}
