//! The picture: requests a minute over the day, a strip for each strategy, as SVG.

use std::fmt::Write as _;
use std::time::Duration;

use crate::day::Day;
use crate::page::{Run, grouped};

/// Colours follow the reader's light or dark mode.
const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#24292f}\
.title{font-size:15px;font-weight:600}.name{font-weight:600}.soft{fill:#57606a}\
.grid{stroke:#d8dee4;stroke-width:1}.event{stroke:#afb8c1;stroke-dasharray:2 3}\
.ours{fill:#0969da}.other{fill:#8c959f}\
@media(prefers-color-scheme:dark){\
text{fill:#e6edf3}.soft{fill:#9198a1}.grid{stroke:#30363d}.event{stroke:#656c76}\
.ours{fill:#4493f8}.other{fill:#7d8590}}";

const WIDTH: f64 = 960.0;
const LEFT: f64 = 88.0;
const RIGHT: f64 = 936.0;
const TOP: f64 = 96.0;
const STRIP: f64 = 96.0;
const GAP: f64 = 44.0;

/// One strip for each run, all on the same axes. The runs are of one size.
#[must_use]
pub fn requests(day: &Day, runs: &[&Run]) -> String {
    let most = runs.iter().map(|run| run.figures.peak()).max();
    let scale = Scale::up_to(most.unwrap_or_default());
    let height = TOP + (STRIP + GAP) * runs.len() as f64 + 14.0;
    let mut body = String::new();
    let processes = runs.first().map_or(0, |run| run.figures.processes);
    let title = format!(
        "Requests a minute at the issuer of {} processes (logarithmic)",
        grouped(u64::from(processes))
    );
    text(&mut body, [16.0, 24.0], ("start", "title"), &title);
    for part in day.parts() {
        let x = across(day, part.from);
        let end = height - GAP - 14.0;
        line(&mut body, [x, TOP - 44.0], [x, end], "event");
        text(
            &mut body,
            [x + 4.0, TOP - 36.0],
            ("start", "soft"),
            part.name,
        );
    }
    for (place, run) in runs.iter().enumerate() {
        let base = TOP + (STRIP + GAP) * place as f64 + STRIP;
        for power in 0..=scale.powers {
            let y = base - scale.height(10_f64.powi(power));
            line(&mut body, [LEFT, y], [RIGHT, y], "grid");
            if power % 2 == 0 {
                let label = grouped(10_u64.pow(power.unsigned_abs()));
                text(&mut body, [LEFT - 6.0, y + 4.0], ("end", "soft"), &label);
            }
        }
        let class = if place == 0 { "ours" } else { "other" };
        area(&mut body, &run.figures.requests, &scale, base, class);
        let name = [16.0, base - STRIP - 12.0];
        text(&mut body, name, ("start", "name"), run.strategy.name);
        for hour in (0..=24).step_by(3) {
            let x = across(day, Duration::from_secs(hour * 3600));
            let label = format!("{hour}:00");
            text(&mut body, [x, base + 15.0], ("middle", "soft"), &label);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n{body}</svg>\n"
    )
}

/// From requests a minute to pixels. One request is one grid line above the ground.
struct Scale {
    powers: i32,
}

impl Scale {
    fn up_to(most: u64) -> Self {
        let powers = (most.max(10) as f64).log10().ceil() as i32;
        Self { powers }
    }

    fn height(&self, requests: f64) -> f64 {
        if requests < 1.0 {
            return 0.0;
        }
        let steps = f64::from(self.powers) + 1.0;
        (requests.log10() + 1.0) / steps * STRIP
    }
}

fn across(day: &Day, at: Duration) -> f64 {
    LEFT + at.as_secs_f64() / day.length.as_secs_f64() * (RIGHT - LEFT)
}

/// One column for each pixel, as high as its busiest minute.
fn area(body: &mut String, minutes: &[u64], scale: &Scale, base: f64, class: &str) {
    let columns = (RIGHT - LEFT) as usize;
    let mut path = format!("M{LEFT},{base}");
    let mut last = base;
    for column in 0..columns {
        let from = column * minutes.len() / columns;
        let until = ((column + 1) * minutes.len() / columns).max(from + 1);
        let most = minutes
            .get(from..until)
            .and_then(|minutes| minutes.iter().max());
        let y = base - scale.height(most.copied().unwrap_or_default() as f64);
        let y = (y * 10.0).round() / 10.0;
        if y != last {
            write(&mut path, format_args!("H{}V{y}", LEFT + column as f64));
            last = y;
        }
    }
    write(&mut path, format_args!("H{RIGHT}V{base}Z"));
    write(
        body,
        format_args!("<path d=\"{path}\" class=\"{class}\"/>\n"),
    );
}

fn line(body: &mut String, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], class: &str) {
    write(
        body,
        format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" class=\"{class}\"/>\n"
        ),
    );
}

fn text(body: &mut String, [x, y]: [f64; 2], (anchor, class): (&str, &str), what: &str) {
    write(
        body,
        format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{what}</text>\n"
        ),
    );
}

fn write(body: &mut String, what: std::fmt::Arguments<'_>) {
    body.write_fmt(what).expect("a string takes text");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::ALL;

    #[test]
    fn a_picture_of_any_day_has_a_strip_for_each_run_and_only_numbers_in_it() {
        let day = Day::default();
        let morning = Day {
            start: Duration::from_secs(10),
            length: Duration::from_secs(3600),
            ..day.clone()
        };
        for processes in [0, 3] {
            let runs: Vec<Run> = ALL
                .iter()
                .map(|strategy| Run {
                    strategy,
                    figures: (strategy.run)(&morning, processes, 1),
                })
                .collect();
            let svg = requests(&day, &runs.iter().collect::<Vec<_>>());
            assert_eq!(svg.matches("<path ").count(), ALL.len());
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
            assert!(svg.ends_with("</svg>\n"));
        }
    }

    #[test]
    fn the_scale_is_logarithmic_and_a_single_request_is_seen() {
        let scale = Scale::up_to(99_999);
        assert_eq!(scale.powers, 5);
        assert_eq!(scale.height(0.0), 0.0);
        assert!(scale.height(1.0) > 10.0);
        let step = scale.height(100.0) - scale.height(10.0);
        assert!((scale.height(1000.0) - scale.height(100.0) - step).abs() < 1e-9);
        assert!((scale.height(100_000.0) - STRIP).abs() < 1e-9);
    }
}
