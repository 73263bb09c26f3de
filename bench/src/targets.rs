//! What has to be reached, and whether it is.

use crate::names::{self, ALGORITHMS, work};
use crate::results::{Results, Row};

/// One thing to reach.
pub struct Target {
    /// In words.
    pub what: String,
    demand: Demand,
}

enum Demand {
    /// The peer takes at least so many times as long.
    Faster { row: Place, times: f64 },
    /// Ours takes at most so many times as long as the peer.
    Within { row: Place, times: f64 },
    /// Ours takes at most so many nanoseconds.
    Takes { work: String, ns: f64 },
    /// Ours takes at most so many nanoseconds more than the peer.
    More { row: Place, ns: f64 },
    /// Ours needs at most so many times the token's length, at every length.
    Memory { times: f64 },
}

/// A row: its work and its peer.
type Place = (String, &'static str);

/// How it came out.
pub enum Outcome {
    /// As it should be; what was measured, in words.
    Met(String),
    /// What was measured, and by how much it misses, in percent of what was wanted.
    Missed(String, f64),
    /// Something that was to be measured was not there.
    NotMeasured,
}

impl Target {
    /// What the results say about it.
    pub fn judge(&self, results: &Results) -> Outcome {
        self.measured(results).unwrap_or(Outcome::NotMeasured)
    }

    fn measured(&self, results: &Results) -> Option<Outcome> {
        let row = |(work, peer): &Place| results.row(work, peer);
        Some(match &self.demand {
            Demand::Faster { row: place, times } => {
                let ratio = row(place)?.ratio;
                let text = format!(
                    "{:.2} ({:.2} to {:.2})",
                    ratio.median, ratio.low, ratio.high
                );
                at_least(ratio.median, *times, text)
            }
            Demand::Within { row: place, times } => {
                let ratio = row(place)?.ratio;
                let [low, median, high] = [ratio.high, ratio.median, ratio.low].map(f64::recip);
                let text = format!("{median:.2} ({low:.2} to {high:.2})");
                at_most(median, *times, text)
            }
            Demand::Takes { work, ns } => {
                let taken = results.rows.iter().find(|row| row.work == *work)?.ours_ns;
                at_most(taken, *ns, micros(taken))
            }
            Demand::More { row: place, ns } => {
                let Row { more_ns: more, .. } = row(place)?;
                let (low, high) = (more.low / 1000.0, more.high / 1000.0);
                let text = format!("{} ({low:.2} to {high:.2})", micros(more.median));
                at_most(more.median, *ns, text)
            }
            Demand::Memory { times } => {
                let all = results.memory.iter();
                let worst = all.map(|at| at.ours as f64 / at.token as f64);
                let worst = worst.max_by(f64::total_cmp)?;
                at_most(worst, *times, format!("{worst:.2}"))
            }
        })
    }
}

fn at_least(measured: f64, wanted: f64, text: String) -> Outcome {
    if measured >= wanted {
        Outcome::Met(text)
    } else {
        Outcome::Missed(text, (1.0 - measured / wanted) * 100.0)
    }
}

fn at_most(measured: f64, wanted: f64, text: String) -> Outcome {
    if measured <= wanted {
        Outcome::Met(text)
    } else {
        Outcome::Missed(text, (measured / wanted - 1.0) * 100.0)
    }
}

fn micros(ns: f64) -> String {
    format!("{:.2} µs", ns / 1000.0)
}

/// All of them, in the order of the page.
pub fn all() -> Vec<Target> {
    let mut all = Vec::new();
    for algorithm in ["RS256", "PS256"] {
        let warm = work(algorithm, names::WARM);
        all.push(faster(&warm, names::JSONWEBTOKEN, 1.4));
        all.push(within(&warm, names::AWS_LC, 1.10));
    }
    let curves = [
        ("ES256", Some(2.5), 1.8),
        ("ES384", Some(2.5), 1.9),
        ("ES512", None, 2.2), // jsonwebtoken has no ES512
        ("EdDSA", Some(2.0), 1.7),
    ];
    for (algorithm, jsonwebtoken, raw) in curves {
        let warm = work(algorithm, names::WARM);
        if let Some(times) = jsonwebtoken {
            all.push(faster(&warm, names::JSONWEBTOKEN, times));
        }
        all.push(faster(&warm, names::AWS_LC, raw));
    }
    all.push(faster(
        &work("HS256", names::WARM),
        names::JSONWEBTOKEN,
        3.0,
    ));
    for algorithm in ALGORITHMS.into_iter().filter(|name| *name != "HS256") {
        let cached = work(algorithm, names::CACHED);
        all.push(takes(&cached, 1500.0));
        all.push(faster(&cached, names::FAST_JWT_CACHED, 3.0));
        all.push(takes(&work(algorithm, names::PYTHON_CACHED), 3000.0));
    }
    all.push(takes(&work("ES256", names::BESIDE), 2000.0));
    let python = [
        ("RS256", 5.0),
        ("ES256", 6.0),
        ("ES384", 8.0),
        ("EdDSA", 8.0),
        ("HS256", 25.0),
    ];
    for (algorithm, times) in python {
        all.push(faster(&work(algorithm, names::PYTHON), names::PYJWT, times));
    }
    // Where the signature takes least: one RSA check differs between two processes by more than
    // this, in either direction, with the places that its numbers have in memory.
    all.push(more(&work("HS256", names::C), names::OURS, 300.0));
    for algorithm in ["RS256", "ES256"] {
        all.push(more(
            &work(algorithm, names::C_CACHED),
            names::OURS_CACHED,
            300.0,
        ));
    }
    for (algorithm, times) in [
        ("RS256", 1.5),
        ("ES256", 2.0),
        ("ES384", 5.0),
        ("ES512", 10.0),
    ] {
        all.push(faster(
            &work(algorithm, names::GO),
            names::GOLANG_JWT,
            times,
        ));
    }
    // A twentieth is what the places of keys in memory do.
    all.push(within(&names::look_up(10_000), names::ONE_KEY, 1.05));
    for what in [names::WARM, names::CACHED] {
        let two = names::threads("ES256", what, 2);
        all.push(faster(&two, names::ONE_THREAD, 1.9));
    }
    // Four times the length, and a tenth for what no longer fits into the caches.
    let linear = "ES256, token of 256 KiB".to_string();
    all.push(Target {
        what: format!("{linear}: at most 4.4 times as long as 64 KiB"),
        demand: Demand::Within {
            row: (linear, names::A_QUARTER),
            times: 4.4,
        },
    });
    all.push(Target {
        what: "memory while verifying, 1 to 256 KiB: at most 2 times the token".into(),
        demand: Demand::Memory { times: 2.0 },
    });
    for algorithm in ALGORITHMS {
        all.push(more(
            &work(algorithm, names::PORTABLE),
            names::RUSTCRYPTO,
            2000.0,
        ));
    }
    all
}

fn faster(work: &str, peer: &'static str, times: f64) -> Target {
    Target {
        what: format!("{work}: at least {times} times as fast as {peer}"),
        demand: Demand::Faster {
            row: (work.into(), peer),
            times,
        },
    }
}

fn within(work: &str, peer: &'static str, times: f64) -> Target {
    Target {
        what: format!("{work}: at most {times} times as long as {peer}"),
        demand: Demand::Within {
            row: (work.into(), peer),
            times,
        },
    }
}

fn takes(work: &str, ns: f64) -> Target {
    Target {
        what: format!("{work}: at most {} µs", ns / 1000.0),
        demand: Demand::Takes {
            work: work.into(),
            ns,
        },
    }
}

fn more(work: &str, peer: &'static str, ns: f64) -> Target {
    Target {
        what: format!("{work}: at most {} µs more than {peer}", ns / 1000.0),
        demand: Demand::More {
            row: (work.into(), peer),
            ns,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Memory;
    use crate::statistics::Spread;

    fn results(work: &str, peer: &str, ours_ns: f64, peer_ns: f64) -> Results {
        let exact = |value| Spread {
            low: value,
            median: value,
            high: value,
        };
        Results {
            rows: vec![Row {
                work: work.into(),
                ours_ns,
                peer: peer.into(),
                peer_ns,
                ratio: exact(peer_ns / ours_ns),
                more_ns: exact(ours_ns - peer_ns),
            }],
            memory: vec![Memory {
                token: 1000,
                ours: 2500,
                peer: 0,
            }],
            ..Results::default()
        }
    }

    /// How the first target with these words comes out, if anything was measured for it.
    fn judged(words: &str, results: &Results) -> Option<f64> {
        let all = all();
        let target = all.iter().find(|target| target.what.starts_with(words));
        match target.unwrap().judge(results) {
            Outcome::Met(_) => Some(0.0),
            Outcome::Missed(_, percent) => Some(percent.round()),
            Outcome::NotMeasured => None,
        }
    }

    #[test]
    fn each_kind_of_target_can_be_met_and_missed() {
        let table = [
            (
                "RS256, warm key: at least 1.4",
                names::JSONWEBTOKEN,
                [10.0, 14.0],
                0.0,
            ),
            (
                "RS256, warm key: at least 1.4",
                names::JSONWEBTOKEN,
                [10.0, 7.0],
                50.0,
            ),
            (
                "RS256, warm key: at most 1.1",
                names::AWS_LC,
                [11.0, 10.0],
                0.0,
            ),
            (
                "RS256, warm key: at most 1.1",
                names::AWS_LC,
                [22.0, 10.0],
                100.0,
            ),
            (
                "ES256, cached token: at most 1.5 µs",
                names::OURS,
                [1500.0, 1.0],
                0.0,
            ),
            (
                "ES256, cached token: at most 1.5 µs",
                names::OURS,
                [3000.0, 1.0],
                100.0,
            ),
            (
                "HS256, C: at most 0.3 µs more",
                names::OURS,
                [2000.0, 1700.0],
                0.0,
            ),
            (
                "HS256, C: at most 0.3 µs more",
                names::OURS,
                [2450.0, 2000.0],
                50.0,
            ),
        ];
        for (words, peer, [ours, theirs], percent) in table {
            let (work, _) = words.split_once(':').unwrap();
            let results = results(work, peer, ours, theirs);
            assert_eq!(
                judged(words, &results),
                Some(percent),
                "{words}: {ours}, {theirs}"
            );
        }
        assert_eq!(judged("memory", &results("", "", 1.0, 1.0)), Some(25.0));
    }

    #[test]
    fn what_was_not_measured_is_neither_met_nor_missed() {
        for target in all() {
            let outcome = target.judge(&Results::default());
            assert!(matches!(outcome, Outcome::NotMeasured), "{}", target.what);
        }
    }
}
