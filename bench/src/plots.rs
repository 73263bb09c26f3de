//! The pictures of the page: one for each file below `docs/benchmarks/`.

use crate::names::{self, ALGORITHMS, work};
use crate::results::Results;
use crate::svg::{Anchor, Picture};

/// The name of each file, what it shows in words, and its text.
pub fn all(results: &Results) -> Vec<(&'static str, &'static str, String)> {
    vec![
        (
            "algorithms.svg",
            "Time of a whole token by algorithm and library",
            algorithms(results),
        ),
        ("sizes.svg", "Time by size of the token", sizes(results)),
        (
            "threads.svg",
            "Tokens a second by number of threads",
            threads(results),
        ),
        ("keys.svg", "Time by number of keys", keys(results)),
    ]
}

/// The bars of an algorithm: whose time, and from which row it is taken.
const BARS: &[(&str, &str, Side)] = &[
    (names::OURS, names::WARM, Side::Ours),
    (names::OURS_CACHED, names::CACHED, Side::Ours),
    (names::JSONWEBTOKEN, names::WARM, Side::Peer),
    (names::JSONWEBTOKEN_PORTABLE, names::WARM, Side::Peer),
    (names::FAST_JWT, names::WARM, Side::Peer),
    (names::FAST_JWT_CACHED, names::CACHED, Side::Peer),
    (names::JOSE, names::WARM, Side::Peer),
    (names::OURS_GO, names::GO, Side::Ours),
    (names::GOLANG_JWT, names::GO, Side::Peer),
    (names::OURS_PYTHON, names::PYTHON, Side::Ours),
    (names::PYJWT, names::PYTHON, Side::Peer),
    (names::JOSERFC, names::PYTHON, Side::Peer),
];

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Ours,
    Peer,
}

/// Nanoseconds of a whole token, by whoever the bar is of.
pub fn whole_token(results: &Results, algorithm: &str, who: &str) -> Option<f64> {
    let (_, what, side) = BARS.iter().find(|(name, ..)| *name == who)?;
    let work = work(algorithm, what);
    let mut rows = results.rows.iter().filter(|row| row.work == work);
    match side {
        Side::Ours => rows.next().map(|row| row.ours_ns),
        Side::Peer => rows.find(|row| row.peer == who).map(|row| row.peer_ns),
    }
}

/// Whose times are known of whole tokens, in the order of the page.
pub fn contestants() -> impl Iterator<Item = &'static str> {
    BARS.iter().map(|(name, ..)| *name)
}

fn algorithms(results: &Results) -> String {
    const LEFT: f64 = 210.0;
    const RIGHT: f64 = 730.0;
    const BAR: f64 = 15.0;
    let groups: Vec<(&str, Vec<(&str, f64)>)> = ALGORITHMS
        .into_iter()
        .map(|algorithm| {
            let bars = contestants();
            let bars = bars.filter_map(|who| Some((who, whole_token(results, algorithm, who)?)));
            (algorithm, bars.collect::<Vec<_>>())
        })
        .filter(|(_, bars)| !bars.is_empty())
        .collect();
    let times = groups.iter().flat_map(|(_, bars)| bars);
    let times: Vec<f64> = times.map(|(_, ns)| ns / 1000.0).collect();
    let scale = Scale::logarithmic(&times, LEFT, RIGHT);
    let bars: usize = groups.iter().map(|(_, bars)| bars.len()).sum();
    let height = 60.0 + groups.len() as f64 * 32.0 + bars as f64 * BAR + 30.0;
    let title = "One whole token, claims checked: microseconds (logarithmic, less is better)";
    let mut picture = Picture::new(800.0, height, title);
    for (at, label) in scale.ticks() {
        picture.line([at, 52.0], [at, height - 16.0], "grid");
        picture.text(at, 46.0, Anchor::Middle, "soft", &label);
    }
    let mut y = 60.0;
    for (algorithm, bars) in groups {
        y += 24.0;
        picture.text(16.0, y, Anchor::Start, "strong", algorithm);
        y += 8.0;
        for (who, ns) in bars {
            let ours = who.starts_with(names::OURS);
            let end = scale.place(ns / 1000.0);
            picture.text(
                LEFT - 8.0,
                y + 11.0,
                Anchor::End,
                if ours { "strong" } else { "" },
                who,
            );
            picture.bar(
                LEFT,
                y + 2.0,
                (end - LEFT).max(1.0),
                BAR - 4.0,
                if ours { "a" } else { "b" },
            );
            picture.text(end + 5.0, y + 11.0, Anchor::Start, "soft", &micros(ns));
            y += BAR;
        }
    }
    picture.finish()
}

fn sizes(results: &Results) -> String {
    let line = |ours: bool| -> Vec<[f64; 2]> {
        let sizes = names::SIZES.into_iter();
        let point = |kib: usize| {
            let row = results.row(&names::sized(kib), names::JSONWEBTOKEN)?;
            let ns = if ours { row.ours_ns } else { row.peer_ns };
            Some([kib as f64, ns / 1000.0])
        };
        sizes.filter_map(point).collect()
    };
    Lines {
        title: "ES256, claims checked: microseconds by KiB of token",
        across: "KiB",
        up: "µs",
        logarithmic: false,
        lines: vec![
            (names::OURS, "a", line(true)),
            (names::JSONWEBTOKEN, "b", line(false)),
        ],
    }
    .draw()
}

fn threads(results: &Results) -> String {
    let line = |algorithm: &str, ours: bool| -> Vec<[f64; 2]> {
        let point = |count: usize| {
            let work = names::threads(algorithm, names::WARM, count);
            let row = results.row(&work, names::JSONWEBTOKEN)?;
            let ns = if ours { row.ours_ns } else { row.peer_ns };
            Some([count as f64, 1e6 / ns])
        };
        (1..=names::MOST_THREADS).filter_map(point).collect()
    };
    let lines = vec![
        ("RS256", "d", line("RS256", true)),
        ("ES256", "a", line("ES256", true)),
        ("RS256, jsonwebtoken", "c", line("RS256", false)),
        ("ES256, jsonwebtoken", "b", line("ES256", false)),
    ];
    Lines {
        title: "Thousands of tokens a second by threads, all on one key set",
        across: "threads",
        up: "thousands",
        logarithmic: false,
        lines,
    }
    .draw()
}

fn keys(results: &Results) -> String {
    let line = |name: fn(usize) -> String, peer: &str, ours: bool| -> Vec<[f64; 2]> {
        let point = |count: usize| {
            let row = results.row(&name(count), peer)?;
            let ns = if ours { row.ours_ns } else { row.peer_ns };
            Some([count as f64, ns / 1000.0])
        };
        names::KEY_COUNTS.into_iter().filter_map(point).collect()
    };
    let lines = vec![
        (
            "jwtverify",
            "a",
            line(names::look_up, names::JSONWEBTOKEN, true),
        ),
        (
            "jsonwebtoken: JwkSet::find",
            "b",
            line(names::look_up, names::JSONWEBTOKEN, false),
        ),
        (
            "jwtverify, all but the signature",
            "d",
            line(names::look_up_alone, names::ONE_KEY, true),
        ),
    ];
    Lines {
        title: "ES256, one key of many: microseconds by keys in the set (both logarithmic)",
        across: "keys",
        up: "µs",
        logarithmic: true,
        lines,
    }
    .draw()
}

/// Lines over a common pair of axes.
struct Lines {
    title: &'static str,
    across: &'static str,
    up: &'static str,
    logarithmic: bool,
    lines: Vec<(&'static str, &'static str, Vec<[f64; 2]>)>,
}

impl Lines {
    fn draw(self) -> String {
        const LEFT: f64 = 60.0;
        const RIGHT: f64 = 770.0;
        const TOP: f64 = 78.0;
        const BOTTOM: f64 = 380.0;
        let all = |axis: usize| -> Vec<f64> {
            let points = self.lines.iter().flat_map(|(.., points)| points);
            points.map(|point| point[axis]).collect()
        };
        let scale = if self.logarithmic {
            Scale::logarithmic
        } else {
            Scale::linear
        };
        let across = scale(&all(0), LEFT, RIGHT);
        let up = scale(&all(1), BOTTOM, TOP);
        let mut picture = Picture::new(800.0, 430.0, self.title);
        for (x, label) in across.ticks() {
            picture.line([x, TOP], [x, BOTTOM], "grid");
            picture.text(x, BOTTOM + 18.0, Anchor::Middle, "soft", &label);
        }
        for (y, label) in up.ticks() {
            picture.line([LEFT, y], [RIGHT, y], "grid");
            picture.text(LEFT - 6.0, y + 4.0, Anchor::End, "soft", &label);
        }
        picture.text(RIGHT, BOTTOM + 36.0, Anchor::End, "soft", self.across);
        picture.text(16.0, TOP - 12.0, Anchor::Start, "soft", self.up);
        let mut x = 160.0;
        for (name, class, points) in self.lines {
            let place = |point: &[f64; 2]| [across.place(point[0]), up.place(point[1])];
            picture.path(&points.iter().map(place).collect::<Vec<_>>(), class);
            picture.bar(x, 47.0, 14.0, 4.0, class);
            picture.text(x + 20.0, 54.0, Anchor::Start, "", name);
            x += 40.0 + 7.0 * name.len() as f64;
        }
        picture.finish()
    }
}

/// From values to pixels.
struct Scale {
    from: f64,
    to: f64,
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Scale {
    /// Over whole powers of ten.
    fn logarithmic(values: &[f64], from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.iter().filter(|value| **value > 0.0) {
            low = low.min(value.log10().floor());
            high = high.max(value.log10().ceil());
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        Self {
            from,
            to,
            low,
            high: high.max(low + 1.0),
            logarithmic: true,
        }
    }

    /// From zero.
    fn linear(values: &[f64], from: f64, to: f64) -> Self {
        Self {
            from,
            to,
            low: 0.0,
            high: values.iter().copied().fold(1.0, f64::max),
            logarithmic: false,
        }
    }

    fn place(&self, value: f64) -> f64 {
        let value = if self.logarithmic {
            value.log10()
        } else {
            value
        };
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// Where a line of the grid is, and what it says.
    fn ticks(&self) -> Vec<(f64, String)> {
        if self.logarithmic {
            let powers = self.low as i32..=self.high as i32;
            let ticks = powers.map(|power| 10_f64.powi(power));
            return ticks.map(|at| (self.place(at), short(at))).collect();
        }
        let step = 10_f64.powf(self.high.log10().floor());
        let step = [0.1, 0.2, 0.5, 1.0, 2.0]
            .map(|share| share * step)
            .into_iter()
            .find(|step| self.high / step <= 8.0)
            .unwrap_or(step)
            .max(1.0);
        let count = (self.high / step).floor() as u32;
        let ticks = (0..=count).map(|number| f64::from(number) * step);
        ticks.map(|at| (self.place(at), short(at))).collect()
    }
}

fn short(value: f64) -> String {
    match value {
        1000.0.. => format!("{},000", value / 1000.0),
        _ => format!("{value}"),
    }
}

/// Microseconds with as many digits as mean something.
pub fn micros(ns: f64) -> String {
    match ns / 1000.0 {
        micros @ 100.0.. => format!("{micros:.0} µs"),
        micros @ 10.0.. => format!("{micros:.1} µs"),
        micros => format!("{micros:.2} µs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_scale_spans_whole_powers_of_ten() {
        let scale = Scale::logarithmic(&[3.0, 420.0], 0.0, 300.0);
        let ticks: Vec<_> = scale.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(ticks, ["1", "10", "100", "1,000"]);
        assert_eq!(scale.place(10.0).round(), 100.0);
    }

    #[test]
    fn a_linear_scale_starts_at_zero() {
        let scale = Scale::linear(&[1.0, 38.0], 100.0, 0.0);
        let ticks = scale.ticks();
        assert_eq!(ticks.first(), Some(&(100.0, "0".to_string())));
        assert!(ticks.len() >= 4 && ticks.len() <= 9, "{}", ticks.len());
        assert_eq!(scale.place(38.0), 0.0);
    }

    #[test]
    fn nothing_measured_still_makes_pictures() {
        for (file, _, svg) in all(&Results::default()) {
            assert!(
                svg.starts_with("<svg") && svg.ends_with("</svg>\n"),
                "{file}"
            );
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{file}");
        }
    }

    #[test]
    fn digits_follow_the_magnitude() {
        let table = [
            (910.0, "0.91 µs"),
            (31_240.0, "31.2 µs"),
            (1_234_000.0, "1234 µs"),
        ];
        for (ns, text) in table {
            assert_eq!(micros(ns), text);
        }
    }
}
