//! Tables against other libraries: verdicts of [`Precomputed`] compared with those of AWS-LC,
//! always, and of RustCrypto, for a share. The fuzz target `precomputed` and the program
//! `differential` both run it.
//!
//! A round reads an [`Input`], makes one case of it and compares. Signing with chosen secrets and
//! nonces says of most cases what their verdict must be; that is checked as well, and not counted.
//! A **comparison** is one verdict of the tables held against one verdict of one other library.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use jwtverify_core::{
    Algorithm, Error, InvalidSignature, KeyMaterial, Precomputed, Provider, RustCrypto,
};

use crate::Input;
use crate::time::measured;

mod curve;
mod edwards;
mod nist;
mod nist_key;
mod numbers;
mod slots;

pub use curve::{Curve, P256, P384, P521};
pub use edwards::Edwards;
pub use nist::Nist;

/// Tables from the first use of a key.
type Tables = Precomputed<Portable, 0>;

/// Keys of one curve, and cases of their signatures.
pub trait Lane {
    /// The algorithm's name.
    fn name(&self) -> &'static str;

    /// Makes a case of the input and compares the verdicts.
    fn round(&mut self, input: &mut Input<'_>) -> Result<Outcome, Difference>;

    /// Drops the oldest of the keys that are not kept for ever, and makes a new one in its place.
    fn renew_a_key(&mut self);
}

/// What a round was.
pub struct Outcome {
    /// The kind of case.
    pub kind: &'static str,
    /// How many verdicts of other libraries were the same.
    pub comparisons: u64,
    /// Whether the signature was valid.
    pub valid: bool,
    /// Whether the tables left the verdict to the wrapped provider.
    pub left: bool,
}

/// Verdicts that are not the same, with what it takes to see it again.
pub struct Difference(String);

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The verdicts on one signature.
struct Verdicts {
    /// Of the tables, or of the provider that they left it to.
    tables: bool,
    left: bool,
    /// AWS-LC's, with whatever must be said beside it.
    other: bool,
    portable: Option<bool>,
    /// What is known without asking anybody.
    known: Option<bool>,
}

impl Verdicts {
    fn outcome(
        &self,
        kind: &'static str,
        case: impl FnOnce() -> String,
    ) -> Result<Outcome, Difference> {
        let agree = self.other == self.tables
            && self.portable.is_none_or(|verdict| verdict == self.tables)
            && self.known.is_none_or(|verdict| verdict == self.tables);
        if !agree {
            let said = format!(
                "{kind}: tables {} (left to the wrapped provider: {}), AWS-LC {}, RustCrypto {:?}, \
                 known {:?}",
                self.tables, self.left, self.other, self.portable, self.known,
            );
            return Err(Difference(format!("{said}\n{}", case())));
        }
        Ok(Outcome {
            kind,
            comparisons: 1 + u64::from(self.portable.is_some()),
            valid: self.tables,
            left: self.left,
        })
    }
}

/// What was compared, in numbers.
#[derive(Default)]
pub struct Tally(BTreeMap<(&'static str, &'static str), Counts>);

#[derive(Clone, Copy, Default)]
struct Counts {
    rounds: u64,
    comparisons: u64,
    valid: u64,
    left: u64,
}

impl Counts {
    fn add(&mut self, more: Self) {
        self.rounds += more.rounds;
        self.comparisons += more.comparisons;
        self.valid += more.valid;
        self.left += more.left;
    }
}

impl Tally {
    /// Counts one outcome.
    pub fn count(&mut self, lane: &'static str, outcome: &Outcome) {
        self.0.entry((lane, outcome.kind)).or_default().add(Counts {
            rounds: 1,
            comparisons: outcome.comparisons,
            valid: u64::from(outcome.valid),
            left: u64::from(outcome.left),
        });
    }

    /// Adds what another one has counted.
    pub fn merge(&mut self, other: Self) {
        for (kind, counts) in other.0 {
            self.0.entry(kind).or_default().add(counts);
        }
    }

    /// All comparisons so far.
    pub fn comparisons(&self) -> u64 {
        self.0.values().map(|counts| counts.comparisons).sum()
    }

    /// How many cases of a lane the tables left to the wrapped provider.
    pub fn left(&self, lane: &str) -> u64 {
        let of_lane = self.0.iter().filter(|((name, _), _)| *name == lane);
        of_lane.map(|(_, counts)| counts.left).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, lane: &str, kind: &str, counts: &Counts| {
            let Counts {
                rounds,
                comparisons,
                valid,
                left,
            } = counts;
            writeln!(
                f,
                "{lane:<7} {kind:<42} {rounds:>11} {comparisons:>12} {valid:>11} {left:>10}"
            )
        };
        writeln!(
            f,
            "{:<7} {:<42} {:>11} {:>12} {:>11} {:>10}",
            "", "kind of case", "cases", "comparisons", "valid", "left over"
        )?;
        let mut sums = BTreeMap::<&str, Counts>::new();
        for ((lane, kind), counts) in &self.0 {
            row(f, lane, kind, counts)?;
            sums.entry(lane).or_default().add(*counts);
        }
        sums.iter()
            .try_for_each(|(lane, sum)| row(f, lane, "all", sum))
    }
}

/// RustCrypto, which says how often it was asked.
struct Portable;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

impl Provider for Portable {
    type Key = <RustCrypto as Provider>::Key;

    fn prepare(material: &KeyMaterial<'_>) -> Result<Self::Key, Error> {
        RustCrypto::prepare(material)
    }

    fn verify(
        key: &Self::Key,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        ASKED.set(ASKED.get() + 1);
        RustCrypto::verify(key, algorithm, message, signature)
    }

    fn same(a: &Self::Key, b: &Self::Key) -> bool {
        RustCrypto::same(a, b)
    }
}

/// The verdict of the tables on a message, and whether they left it to RustCrypto.
fn of_tables(
    key: &<Tables as Provider>::Key,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> (bool, bool) {
    let before = ASKED.get();
    let verdict = measured(|| Tables::verify(key, algorithm, message, signature).is_ok());
    (verdict, ASKED.get() != before)
}

/// Octets that follow from a seed: the generator SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    /// The octets of a seed. Two streams of one seed have little to do with one another.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut first = Self(seed);
        let start = first.number();
        let mut second = Self(start ^ stream);
        Self(second.number())
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Fills all of it.
    pub fn fill(&mut self, octets: &mut [u8]) {
        for chunk in octets.chunks_mut(8) {
            let number = self.number().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let octet = |pair: &[u8]| {
        let pair = str::from_utf8(pair).expect("digits");
        u8::from_str_radix(pair, 16).expect("digits")
    };
    text.as_bytes().chunks(2).map(octet).collect()
}
