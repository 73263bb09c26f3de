//! Contestants take turns: some milliseconds each, again and again.
//!
//! A turn is made of parts, each shorter than the slices that a scheduler deals out, and counts as
//! its fastest part: so a machine that has other work as well still measures the work alone.

use std::time::{Duration, Instant};

use jwtverify_bench::results::Row;
use jwtverify_bench::statistics::Spread;

/// How long and how often.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    /// How many rounds there are.
    pub(crate) rounds: usize,
    /// Of how many parts a turn is.
    pub(crate) parts: usize,
    /// How long a part is.
    pub(crate) part: Duration,
    /// How long each works before the first round: caches fill, tables are built, compilers of
    /// other languages do their work.
    pub(crate) warm: Duration,
}

/// Does its work so many times, and says how many nanoseconds that took.
pub(crate) type Run = Box<dyn FnMut(u64) -> f64>;

/// Somebody who does the work of a group.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
}

impl Contestant {
    /// One that works in this process.
    pub(crate) fn new(name: &'static str, mut once: impl FnMut() + 'static) -> Self {
        let run = move |times| {
            let start = Instant::now();
            for _ in 0..times {
                once();
            }
            start.elapsed().as_nanos() as f64
        };
        Self {
            name,
            run: Box::new(run),
        }
    }
}

/// What each contestant took, in nanoseconds a piece, round by round.
pub(crate) struct Times {
    names: Vec<&'static str>,
    rounds: Vec<Vec<f64>>,
}

/// Lets the contestants of one work compete.
pub(crate) fn compete(mut contestants: Vec<Contestant>, settings: Settings) -> Times {
    let calibrate = |contestant: &mut Contestant| pieces(&mut contestant.run, settings);
    let pieces: Vec<u64> = contestants.iter_mut().map(calibrate).collect();
    let mut rounds = vec![Vec::with_capacity(settings.rounds); contestants.len()];
    for round in 0..settings.rounds {
        for place in 0..contestants.len() {
            // Whoever comes after a neighbour that empties the caches is another one each time.
            let turn = (place + round) % contestants.len();
            let mut part = || (contestants[turn].run)(pieces[turn]);
            let fastest = (0..settings.parts).fold(f64::INFINITY, |least, _| least.min(part()));
            rounds[turn].push(fastest / pieces[turn] as f64);
        }
    }
    Times {
        names: contestants
            .iter()
            .map(|contestant| contestant.name)
            .collect(),
        rounds,
    }
}

/// How many pieces fill a part, found while warming up.
fn pieces(run: &mut Run, settings: Settings) -> u64 {
    let warm = settings.warm.as_nanos() as f64;
    let (mut spent, mut pieces, mut fastest) = (0.0, 1, f64::INFINITY);
    while spent < warm {
        let took = run(pieces).max(1.0);
        spent += took;
        fastest = fastest.min(took / pieces as f64);
        if took < warm / 8.0 {
            pieces *= 2;
        }
    }
    ((settings.part.as_nanos() as f64 / fastest) as u64).max(1)
}

impl Times {
    /// The comparison of two contestants, if both took part.
    pub(crate) fn row(&self, work: String, ours: &str, peer: &str) -> Option<Row> {
        self.row_between(work, ours, peer, peer)
    }

    /// The same, with another name for the peer in the results.
    pub(crate) fn row_between(
        &self,
        work: String,
        ours: &str,
        peer: &str,
        peer_name: &str,
    ) -> Option<Row> {
        let (ours, peer) = (self.of(ours)?, self.of(peer)?);
        Some(Row {
            work,
            ours_ns: Spread::of(ours)?.median,
            peer: peer_name.into(),
            peer_ns: Spread::of(peer)?.median,
            ratio: Spread::of_ratios(peer, ours)?,
            more_ns: Spread::of_differences(ours, peer)?,
        })
    }

    fn of(&self, name: &str) -> Option<&[f64]> {
        let place = self.names.iter().position(|known| *known == name)?;
        Some(&self.rounds[place])
    }
}
