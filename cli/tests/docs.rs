//! The manual says what the code does. To write its tables anew after a change of the code:
//! `UPDATE_DOCS=1 cargo test -p jwtverify-cli --test docs`.

use std::fs;
use std::path::{Path, PathBuf};

use jwtverify_jwks::{ErrorCode, Family, lint_rules};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text between `<!-- begin NAME -->` and `<!-- end NAME -->`, and all before and after it.
fn generated<'t>(text: &'t str, name: &str) -> (&'t str, &'t str, &'t str) {
    let (begin, end) = (
        format!("<!-- begin {name} -->\n"),
        format!("<!-- end {name} -->"),
    );
    let start = text.find(&begin).expect("the mark where the table begins") + begin.len();
    let stop = text.find(&end).expect("the mark where the table ends");
    (&text[..start], &text[start..stop], &text[stop..])
}

#[test]
fn the_table_of_errors_lists_every_code() {
    let mut table = String::from("| code | name | message | family | HTTP |\n");
    table += "| --: | --- | --- | --- | --: |\n";
    for error in ErrorCode::ALL {
        let family = match error.family() {
            Family::Token => "token",
            Family::Caller => "caller",
            Family::Unavailable => "unavailable",
            Family::Internal => "internal",
        };
        table += &format!(
            "| {} | `{}` | {} | {family} | {} |\n",
            error.code(),
            error.name(),
            error.summary().replace('|', "\\|"),
            error.http_status()
        );
    }
    compare("docs/errors.md", "errors", &table);
}

#[test]
fn the_table_of_lint_rules_lists_every_rule() {
    let mut table = String::from("| | rule | finds | what to do |\n| --- | --- | --- | --- |\n");
    for rule in lint_rules() {
        table += &format!(
            "| {} | `{}` | {} | {} |\n",
            rule.severity(),
            rule.id(),
            rule.finds(),
            rule.next()
        );
    }
    compare("docs/cli.md", "lint", &table);
}

/// The page has this table between its marks, or gets it.
#[track_caller]
fn compare(page: &str, name: &str, table: &str) {
    let text = read(page);
    let (before, found, after) = generated(&text, name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(page), format!("{before}{table}{after}")).unwrap();
        return;
    }
    assert_eq!(
        found, table,
        "UPDATE_DOCS=1 cargo test -p jwtverify-cli --test docs"
    );
}

#[test]
fn the_page_of_the_command_line_names_every_command_and_exit_code() {
    let page = read("docs/cli.md");
    for command in ["inspect", "verify", "check", "lint"] {
        assert!(page.contains(&format!("\n## {command}\n")), "{command}");
    }
    for code in 0..=4 {
        assert!(page.contains(&format!("\n| {code} | ")), "{code}");
    }
}

#[test]
fn the_examples_of_the_readme_are_parts_of_programs_that_are_run() {
    let readme = read("README.md");
    for (language, file) in [
        ("rust", "verify.rs"),
        ("python", "verify.py"),
        ("c", "verify.c"),
        ("go", "verify.go"),
    ] {
        let source = read(Path::new("docs/examples").join(file));
        let begin = format!("```{language}\n");
        let mut blocks = readme.split(&begin).skip(1);
        let block = blocks.next().and_then(|rest| rest.split("```").next());
        let block = block.unwrap_or_else(|| panic!("README.md has no block of {language}"));
        assert!(
            is_part(block, &source),
            "the {language} block of README.md does not stand in docs/examples/{file}"
        );
        assert_eq!(
            blocks.count(),
            0,
            "README.md has a {language} block that no test runs"
        );
    }
}

/// Whether these lines stand in the source one after another, all moved to the right alike.
fn is_part(block: &str, source: &str) -> bool {
    let block: Vec<&str> = block.lines().collect();
    let source: Vec<&str> = source.lines().collect();
    let first = block.first().expect("a block is not empty");
    source.windows(block.len()).any(|window| {
        let Some(indent) = window[0].strip_suffix(first) else {
            return false;
        };
        indent.trim().is_empty()
            && window
                .iter()
                .zip(&block)
                .all(|(line, wanted)| line.strip_prefix(indent).unwrap_or(line) == *wanted)
    })
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    let root = root();
    let mut pages: Vec<PathBuf> = Vec::new();
    for folder in [root.clone(), root.join("docs")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    assert!(pages.len() >= 6, "{pages:?}");
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for (_, rest) in text
            .match_indices("](")
            .map(|(at, _)| text.split_at(at + 2))
        {
            let target = rest.split([')', '#']).next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let file = page.parent().unwrap().join(target);
            assert!(file.exists(), "{} links to {target}", page.display());
        }
    }
}

#[test]
fn the_make_targets_that_the_pages_name_exist() {
    let makefile = read("Makefile");
    for page in ["README.md", "CONTRIBUTING.md"] {
        let text = read(page);
        let in_text = text
            .split('`')
            .filter_map(|code| code.strip_prefix("make "));
        let in_blocks = text.lines().filter_map(|line| line.strip_prefix("make "));
        for command in in_text.chain(in_blocks) {
            let target = command.split_whitespace().next().unwrap();
            let known = makefile
                .lines()
                .any(|line| line.starts_with(&format!("{target}:")));
            assert!(known, "{page} names `make {target}`");
        }
    }
}
