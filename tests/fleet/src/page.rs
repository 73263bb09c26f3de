//! What goes into `docs/fleet.md`: the day, the strategies and the figures, as Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use crate::clients::{ALL, Strategy};
use crate::day::Day;
use crate::figures::Figures;

/// The figures of one strategy with one fleet.
#[derive(Debug)]
pub struct Run {
    /// Which.
    pub strategy: &'static Strategy,
    /// What came out.
    pub figures: Figures,
}

/// What happens when.
#[must_use]
pub fn day(day: &Day) -> String {
    let mut text = String::new();
    head(&mut text, &["at", "what"]);
    for part in day.parts() {
        row(&mut text, &[clock(part.from), part.what]);
    }
    text
}

/// The numbers of the day that are not moments.
#[must_use]
pub fn numbers(day: &Day) -> String {
    let mut text = String::new();
    head(&mut text, &["number", "value"]);
    for (name, value) in [
        (
            "good tokens, each process, a second",
            format!("{}, at random", day.good),
        ),
        (
            "life of a token: after a rotation the share of tokens with the new key grows evenly \
             for so long",
            format!("{} minutes", day.lifetime.as_secs() / 60),
        ),
        (
            "ttl: the `max-age` that the issuer sends, and the setting of the models",
            format!("{} minutes", day.ttl.as_secs() / 60),
        ),
        (
            "response of the issuer",
            format!(
                "{} to {} ms",
                day.response[0].as_millis(),
                day.response[1].as_millis()
            ),
        ),
        (
            "requests that it answers in a second, whatever the size of the fleet; the rest gets an \
             error at once",
            grouped(u64::from(day.capacity)),
        ),
        (
            "timeout of a request",
            format!("{} seconds", day.timeout.as_secs()),
        ),
        (
            "how long the old key stays in the set after a rotation",
            format!("{} minutes", day.overlap.as_secs() / 60),
        ),
    ] {
        row(&mut text, &[name.to_owned(), value]);
    }
    text
}

/// What each strategy does, and who met it.
#[must_use]
pub fn strategies() -> String {
    let mut text = String::new();
    head(&mut text, &["strategy", "what it does", "met in"]);
    for strategy in &ALL {
        row(
            &mut text,
            &[
                strategy.name.to_owned(),
                strategy.what.to_owned(),
                strategy.seen_in.to_owned(),
            ],
        );
    }
    text
}

/// The figures, three tables for each size of fleet.
#[must_use]
pub fn figures(day: &Day, runs: &[Run]) -> String {
    let spans = spans(day);
    let parts: Vec<String> = day
        .parts()
        .iter()
        .map(|part| part.name.to_owned())
        .collect();
    let mut text = String::new();
    for processes in sizes(runs) {
        let table =
            |text: &mut String, columns: &[&str], cells: &dyn Fn(&Figures) -> Vec<String>| {
                head(text, columns);
                let of_size = runs.iter().filter(|run| run.figures.processes == processes);
                for Run { strategy, figures } in of_size {
                    let name = vec![strategy.name.to_owned()];
                    row(text, &[name, cells(figures)].concat());
                }
            };
        let parts = || parts.iter().map(String::as_str);
        let name = grouped(u64::from(processes));
        line(&mut text, format_args!("### {name} processes\n"));

        text.push_str(
            "Requests at the issuer, and the busiest minute of each part of the day:\n\n",
        );
        let columns: Vec<&str> = ["strategy", "in the day", "of one process"]
            .into_iter()
            .chain(parts())
            .collect();
        table(&mut text, &columns, &|figures| {
            let total = figures.total();
            let each = total / u64::from(processes.max(1));
            let peaks = spans
                .iter()
                .map(|(from, until)| figures.peak_between(*from, *until));
            [total, each]
                .into_iter()
                .chain(peaks)
                .map(grouped)
                .collect()
        });

        text.push_str("\nGood tokens refused in each part of the day, and those that waited:\n\n");
        let columns: Vec<&str> = ["strategy", "refused in the day"]
            .into_iter()
            .chain(parts())
            .chain(["waited in the day"])
            .collect();
        table(&mut text, &columns, &|figures| {
            let refused = spans
                .iter()
                .map(|(from, until)| figures.refused_between(*from, *until));
            let all: f64 = figures.refused.iter().sum();
            let counts = [all].into_iter().chain(refused).chain([figures.waited]);
            counts.map(tokens).collect()
        });

        text.push_str("\nHow long it takes until, everywhere,\n\n");
        let columns = [
            "strategy",
            "a new key is good",
            "one published late is good",
            "one in the flood is good",
            "all work after the deploy",
            "a removed key is refused",
        ];
        table(&mut text, &columns, &|figures| {
            let mut cells: Vec<String> = figures
                .new_key
                .iter()
                .map(|after| seconds(*after))
                .collect();
            cells.push(seconds(figures.recovered));
            let removed = figures.removed_key.map(seconds);
            cells.push(removed.unwrap_or_else(|| "not that day".to_owned()));
            cells
        });
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Puts a text between the marks `<!-- NAME -->` and `<!-- end of NAME -->` of a page. `None` if
/// the page lacks them.
#[must_use]
pub fn replaced(page: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (
        format!("<!-- {name} -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{text}{end}{after}"))
}

/// What is between the marks.
#[must_use]
pub fn between<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("<!-- {name} -->\n"))?;
    let (text, _) = rest.split_once(&format!("<!-- end of {name} -->"))?;
    Some(text)
}

/// The sizes of the fleets, in the order in which they ran.
fn sizes(runs: &[Run]) -> Vec<u32> {
    let mut sizes: Vec<u32> = Vec::new();
    for run in runs {
        if !sizes.contains(&run.figures.processes) {
            sizes.push(run.figures.processes);
        }
    }
    sizes
}

/// From the beginning of each part to that of the next.
fn spans(day: &Day) -> Vec<(Duration, Duration)> {
    let starts = day.parts().into_iter().map(|part| part.from);
    let ends = day.parts().into_iter().skip(1).map(|part| part.from);
    starts.zip(ends.chain([day.length])).collect()
}

fn head(text: &mut String, columns: &[&str]) {
    line(text, format_args!("| {} |", columns.join(" | ")));
    line(text, format_args!("|{}", " --- |".repeat(columns.len())));
}

fn row(text: &mut String, cells: &[String]) {
    line(text, format_args!("| {} |", cells.join(" | ")));
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    write(text, what);
    text.push('\n');
}

fn write(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a string takes text");
}

fn clock(at: Duration) -> String {
    let minutes = at.as_secs() / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        0.0 => "0 s".to_owned(),
        ..0.05 => "< 0.1 s".to_owned(),
        seconds @ ..9.95 => format!("{seconds:.1} s"),
        seconds => format!("{seconds:.0} s"),
    }
}

/// A number of tokens that may be an expectation.
fn tokens(count: f64) -> String {
    if count > 0.0 && count < 1.0 {
        return "< 1".to_owned();
    }
    grouped(count.round() as u64)
}

/// With a comma before each three digits.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_times_have_as_many_digits_as_they_need() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
        for (millis, text) in [
            (0, "0 s"),
            (3, "< 0.1 s"),
            (140, "0.1 s"),
            (9940, "9.9 s"),
            (29_960, "30 s"),
        ] {
            assert_eq!(seconds(Duration::from_millis(millis)), text);
        }
        assert_eq!(
            [tokens(0.0), tokens(0.2), tokens(1234.4)],
            ["0", "< 1", "1,234"]
        );
        assert_eq!(clock(Duration::from_secs(16 * 3600 + 300)), "16:05");
    }

    #[test]
    fn a_marked_part_of_a_page_is_replaced_and_the_rest_stays() {
        let page = "a\n<!-- x -->\nold\n<!-- end of x -->\nb\n";
        let new = replaced(page, "x", "new\n").unwrap();
        assert_eq!(new, "a\n<!-- x -->\nnew\n<!-- end of x -->\nb\n");
        assert_eq!(between(&new, "x"), Some("new\n"));
        assert_eq!(replaced(page, "y", "new\n"), None);
    }
}
