//! What people read: the page, the table of the README, the table on the terminal.

use std::fmt::Write as _;

use crate::names::{self, ALGORITHMS, work};
use crate::plots::{self, micros, whole_token};
use crate::results::{Results, Row};
use crate::targets::{self, Outcome};

/// Between these the README holds what [`readme`] writes.
pub const README_START: &str = "<!-- From bench/results.json, written by `make bench`. -->";
/// The end of it.
pub const README_END: &str = "<!-- End of what `make bench` writes. -->";

const BY_AWS_LC: &str = "the check by AWS-LC is nine tenths of it";
const NOTHING_SHARED: &str = "threads that share nothing gain no more in this run";
const NOTHING_OURS: &str = "nothing is ours in it but what stands beside the signature";

/// What was tried where a target is missed: the start of its words, and the answer.
const TRIED: &[(&str, &str)] = &[
    ("RS256, warm key", BY_AWS_LC),
    ("PS256, warm key", BY_AWS_LC),
    (
        "HS256, warm key",
        "the HMAC is a fourth of it, the rest is reading and checking",
    ),
    (
        "HS256, Python",
        "nearly half of it is making the `dict` of claims",
    ),
    ("ES256, warm key, 2 threads", NOTHING_SHARED),
    ("ES256, cached token, 2 threads", NOTHING_SHARED),
    ("ES256, portable core", NOTHING_OURS),
    ("ES384, portable core", NOTHING_OURS),
    ("EdDSA, portable core", NOTHING_OURS),
    ("HS256, portable core", NOTHING_OURS),
];

/// What follows the targets on the page.
const ALL_TRIED: &str = include_str!("tried.md");

/// The targets as a table; with it, how many are met, missed, and not measured.
pub fn target_table(results: &Results) -> (String, [usize; 3]) {
    let mut table = String::from("| target | measured | |\n| --- | --- | --- |\n");
    let mut counts = [0; 3];
    for target in targets::all() {
        let (place, measured, verdict) = match target.judge(results) {
            Outcome::Met(measured) => (0, measured, "met".into()),
            Outcome::Missed(measured, percent) => {
                let mut tried = TRIED.iter();
                let tried = tried.find(|(start, _)| target.what.starts_with(start));
                let tried = tried.map_or(String::new(), |(_, tried)| format!(": {tried}"));
                (1, measured, format!("**missed by {percent:.0} %**{tried}"))
            }
            Outcome::NotMeasured => (2, "not measured".into(), String::new()),
        };
        counts[place] += 1;
        line(
            &mut table,
            format_args!("| {} | {measured} | {verdict} |", target.what),
        );
    }
    (table, counts)
}

/// Every comparison, for the terminal: what takes how long against whom.
pub fn terminal(results: &Results) -> String {
    let mut text = String::new();
    line(
        &mut text,
        format_args!(
            "{:<48} {:>9}  {:<32} {:>9}  {:>7}  spread",
            "work", "ours", "peer", "peer's", "ratio"
        ),
    );
    for row in &results.rows {
        let Row { ratio, .. } = row;
        line(
            &mut text,
            format_args!(
                "{:<48} {:>9}  {:<32} {:>9}  {:>7.2}  {:.2} to {:.2}",
                row.work,
                micros(row.ours_ns),
                row.peer,
                micros(row.peer_ns),
                ratio.median,
                ratio.low,
                ratio.high,
            ),
        );
    }
    text.push('\n');
    for target in targets::all() {
        let (verdict, measured) = match target.judge(results) {
            Outcome::Met(measured) => ("met".to_string(), measured),
            Outcome::Missed(measured, percent) => (format!("MISSED by {percent:.0} %"), measured),
            Outcome::NotMeasured => ("not measured".to_string(), String::new()),
        };
        line(
            &mut text,
            format_args!("{verdict:<16} {:<76} {measured}", target.what),
        );
    }
    let (_, [met, missed, unknown]) = target_table(results);
    line(
        &mut text,
        format_args!("\nTargets: {met} met, {missed} missed, {unknown} not measured"),
    );
    for (name, reason) in &results.absent {
        line(&mut text, format_args!("absent: {name}: {reason}"));
    }
    text
}

/// The headline for the README.
pub fn readme(results: &Results) -> String {
    let columns = [
        (names::JSONWEBTOKEN, "jsonwebtoken", names::WARM),
        (names::FAST_JWT, "fast-jwt", names::WARM),
        (names::GOLANG_JWT, "golang-jwt", names::GO),
        (names::PYJWT, "PyJWT", names::PYTHON),
    ];
    let mut text = String::from("| times as fast as |");
    for (_, name, what) in columns {
        let language = match what {
            names::GO => "Go",
            names::PYTHON => "Python",
            _ if name == names::FAST_JWT => "Node; ours in Rust",
            _ => "Rust",
        };
        let version = results.version(name);
        write!(text, " {version} ({language}) |").expect("a string takes text");
    }
    text.push_str("\n| --- | --- | --- | --- | --- |\n");
    for algorithm in ALGORITHMS {
        write!(text, "| {algorithm} |").expect("a string takes text");
        for (peer, _, what) in columns {
            write!(text, " {} |", times(results, &work(algorithm, what), peer))
                .expect("a string takes text");
        }
        text.push('\n');
    }
    let cached = results
        .rows
        .iter()
        .filter(|row| row.work.ends_with("256, cached token"));
    if let Some(row) = cached.max_by(|a, b| a.ours_ns.total_cmp(&b.ours_ns)) {
        line(
            &mut text,
            format_args!(
                "\nA token that comes back to a [cache](docs/jwks.md) takes {}.",
                micros(row.ours_ns)
            ),
        );
    }
    text
}

/// How many times as fast, or a dash.
fn times(results: &Results, work: &str, peer: &str) -> String {
    let row = results.row(work, peer);
    row.map_or_else(
        || "–".into(),
        |row| match row.ratio.median {
            ratio @ 10.0.. => format!("{ratio:.0}"),
            ratio => format!("{ratio:.1}"),
        },
    )
}

/// The README with its table replaced.
///
/// # Errors
/// If it has no place for the table.
pub fn in_readme(text: &str, results: &Results) -> Result<String, String> {
    let (before, rest) = text
        .split_once(README_START)
        .ok_or("README.md has no start of the table")?;
    let (_, after) = rest
        .split_once(README_END)
        .ok_or("README.md has no end of the table")?;
    let table = readme(results);
    Ok(format!(
        "{before}{README_START}\n\n{table}\n{README_END}{after}"
    ))
}

/// `docs/benchmarks.md`.
pub fn page(results: &Results) -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## Targets\n\n");
    let (table, [met, missed, unknown]) = target_table(results);
    line(
        &mut page,
        format_args!(
            "{met} met, {missed} missed, {unknown} not measured. A number that stands alone is a ratio, with its quartiles in brackets.\n"
        ),
    );
    page.push_str(&table);
    page.push('\n');
    page.push_str(ALL_TRIED);
    page.push_str("\nFirmware is measured in instructions and octets, by `make firmware`: see [In firmware](embedding.md#what-it-takes).\n");
    page.push_str("\n## Whole tokens\n\nOne token of about 750 octets (1,000 for RSA), one key, claims checked. Medians, for people: the ratios above are the claim.\n\n");
    page.push_str(&whole_tokens(results));
    page.push_str("\n## Pictures\n");
    for (file, words, _) in plots::all(results) {
        line(&mut page, format_args!("\n![{words}](benchmarks/{file})"));
    }
    page.push_str("\n## Memory\n\nThe most that is allocated at once while one token is verified (ES256, claims checked), in octets.\n\n| token | jwtverify | jsonwebtoken |\n| --- | --- | --- |\n");
    for at in &results.memory {
        line(
            &mut page,
            format_args!("| {} | {} | {} |", at.token, at.ours, at.peer),
        );
    }
    page.push_str("\n## Every comparison\n\n`bench/results.json` has them for programs. Ratio: how many times as long the peer takes, median of the rounds, and quartiles.\n\n| work | ours | peer | peer's | ratio |\n| --- | --- | --- | --- | --- |\n");
    for row in &results.rows {
        let ratio = row.ratio;
        line(
            &mut page,
            format_args!(
                "| {} | {} | {} | {} | {:.2} ({:.2} to {:.2}) |",
                row.work,
                micros(row.ours_ns),
                row.peer,
                micros(row.peer_ns),
                ratio.median,
                ratio.low,
                ratio.high
            ),
        );
    }
    page.push_str("\n## Where and with whom\n\n| | |\n| --- | --- |\n");
    for (name, value) in results.machine.iter().chain(&results.versions) {
        line(&mut page, format_args!("| {name} | {value} |"));
    }
    for (name, reason) in &results.absent {
        line(&mut page, format_args!("| {name} | **absent**: {reason} |"));
    }
    page
}

const INTRODUCTION: &str = "\
# How fast it is

This page is written by `make bench`, which anyone can run: it sets up what it needs, which takes some minutes of building the first time, and then measures this library and its peers on this machine in one run of less than ten minutes. `QUICK=1 make bench` measures for less than one minute, and writes nothing that is in the repository. Figures from another machine differ; ratios hold better than times.

## How it is measured

* **The same work.** Everybody verifies the same token with a key that was parsed before, checks algorithm, issuer, audience, `exp` and (where the library can) `nbf`, and hands over the claims in the form that is usual in its language: views into the token for this library in Rust and C, a struct of three members for jsonwebtoken, a dictionary in Python and a struct in Go (for this library as well), an object in Node. \"Typed claims\" is this library reading the same struct as jsonwebtoken.
* **In turns.** A round is a few milliseconds of each contestant, one after another, in changing order; of its turn the fastest half millisecond counts, which hides other work of the machine, and pauses for garbage collection as well. Peers in other languages are processes of their own that wait while others work. A ratio is taken in each round and the median of the rounds counts, so that a slow moment of the machine, which hits both sides, moves nothing. The spread is that of the quartiles.
* **As users build.** Rust is built with `lto = \"fat\"` and one codegen unit, this library with overflow checks as well, since it is shipped with them. The C library and the Python wheel are those of a release.
* **Warm, cold, cached.** \"Warm key\": the key has verified some dozen signatures and has its [tables](precomputed.md). \"Cold key\": it has none. \"Cached token\": the same token comes back, and the token cache is on; it is compared with fast-jwt's cache.
* **The signature alone** is the bare check by the library named, key parsed, message and signature at hand: no token, no claims. Nobody who verifies tokens with that library can be faster.
* What could not be measured is listed at the end with the reason.
";

fn whole_tokens(results: &Results) -> String {
    let algorithms = || ALGORITHMS.into_iter();
    let mut table = format!("| | {} |\n|", algorithms().collect::<Vec<_>>().join(" | "));
    table.push_str(&" --- |".repeat(ALGORITHMS.len() + 1));
    table.push('\n');
    for who in plots::contestants() {
        let times: Vec<String> = algorithms()
            .map(|algorithm| whole_token(results, algorithm, who).map_or_else(String::new, micros))
            .collect();
        let who = match who.split_once(" (").unwrap_or((who, "")) {
            _ if who.starts_with(names::OURS) => format!("**{who}**"),
            (name, "") => results.version(name),
            (name, rest) => format!("{} ({rest}", results.version(name)),
        };
        line(
            &mut table,
            format_args!("| {who} | {} |", times.join(" | ")),
        );
    }
    table
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes text");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn published() -> Results {
        let text = fs::read_to_string(root().join("bench/results.json")).unwrap();
        Results::from_json(&text).unwrap()
    }

    /// House rule 11: "keep in sync" is a test.
    #[test]
    fn page_pictures_and_readme_are_those_of_the_published_results() {
        let results = published();
        let is = |file: &str| fs::read_to_string(root().join(file)).unwrap();
        let advice = "run `scripts/bench.sh --render`";
        assert!(
            is("docs/benchmarks.md") == page(&results),
            "docs/benchmarks.md: {advice}"
        );
        let readme = is("README.md");
        assert!(
            in_readme(&readme, &results).unwrap() == readme,
            "README.md: {advice}"
        );
        for (file, _, svg) in plots::all(&results) {
            assert!(
                is(&format!("docs/benchmarks/{file}")) == svg,
                "{file}: {advice}"
            );
        }
    }

    #[test]
    fn every_target_was_measured_unless_a_language_is_announced_as_absent() {
        let results = published();
        let (_, [met, _, unknown]) = target_table(&results);
        let mut absent = results.absent.iter();
        let language = absent.any(|(name, _)| ["c", "go", "node", "python"].contains(&&**name));
        assert!(
            met > 0 && (unknown == 0 || language),
            "{unknown} not measured"
        );
    }

    #[test]
    fn what_was_tried_was_tried_for_a_target() {
        for (start, tried) in TRIED {
            let known = targets::all().into_iter();
            assert!(
                known
                    .filter(|target| target.what.starts_with(start))
                    .count()
                    > 0,
                "{start}"
            );
            assert!(!tried.is_empty(), "{start}");
        }
    }

    #[test]
    fn a_readme_without_a_place_for_the_table_is_left_alone() {
        assert!(in_readme("# jwtverify", &Results::default()).is_err());
        let text = format!("a\n{README_START}\nold\n{README_END}\nb\n");
        let text = in_readme(&text, &Results::default()).unwrap();
        assert!(text.starts_with("a\n") && text.ends_with("\nb\n") && !text.contains("old"));
    }
}
