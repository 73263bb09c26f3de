//! A long comparison of tables with other libraries; `jwtverify_fuzz::differential` says what is
//! compared. Everything follows from the seed and from the numbers on the command line.
//!
//! ```text
//! differential [--seed N] [--seconds N] [--comparisons N] [--algorithms ES256,ES384,ES512,EdDSA]
//! ```
//!
//! It ends after so many seconds, or comparisons of each algorithm, whichever comes first, with a table of what was
//! compared, and with status 1 at the first difference, which it shows.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jwtverify_core::limit_table_memory;
use jwtverify_fuzz::Input;
use jwtverify_fuzz::differential::{Edwards, Lane, Nist, P256, P384, P521, Random, Tally};

const ALGORITHMS: [&str; 4] = ["ES256", "ES384", "ES512", "EdDSA"];
/// Keys of each algorithm: as many as leave their tables in no cache for long.
const KEYS: usize = 128;
const NONCES: u64 = 1024;
/// One verdict in so many is compared with RustCrypto's too, which takes several times as long as
/// the other two together.
const SHARE: usize = 24;
/// After so many rounds of an algorithm one of its keys makes room for a new one.
const ROUNDS_A_KEY: u64 = 2048;
/// The octets that a round is made of.
const INPUT: usize = 256;

struct Options {
    seed: u64,
    seconds: Option<u64>,
    comparisons: Option<u64>,
    algorithms: Vec<String>,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(what) => {
            eprintln!("differential: {what}");
            return ExitCode::from(2);
        }
    };
    // The tables of all keys at a time.
    limit_table_memory(512 << 20);
    if let Some(unknown) = options
        .algorithms
        .iter()
        .find(|name| !ALGORITHMS.contains(&name.as_str()))
    {
        eprintln!("differential: no algorithm that has tables: {unknown}");
        return ExitCode::from(2);
    }
    run(&options)
}

fn lane(algorithm: &str, seed: u64) -> Option<Box<dyn Lane>> {
    Some(match algorithm {
        "ES256" => Box::new(Nist::<P256>::new(seed, KEYS, NONCES, SHARE)),
        "ES384" => Box::new(Nist::<P384>::new(seed, KEYS, NONCES, SHARE)),
        "ES512" => Box::new(Nist::<P521>::new(seed, KEYS, NONCES, SHARE)),
        "EdDSA" => Box::new(Edwards::new(seed, KEYS, NONCES, SHARE)),
        _ => return None,
    })
}

/// One thread for each algorithm, until all are done or one finds a difference.
fn run(options: &Options) -> ExitCode {
    println!(
        "seed {}, algorithms {}",
        options.seed,
        options.algorithms.join(",")
    );
    let found = AtomicBool::new(false);
    let started = Instant::now();
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let threads: Vec<_> = options
            .algorithms
            .iter()
            .map(|algorithm| scope.spawn(|| compare(options, algorithm, started, &found)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    let mut all = Tally::default();
    tallies.into_iter().for_each(|tally| all.merge(tally));
    let found = found.into_inner();
    let verdict = if found {
        "A DIFFERENCE"
    } else {
        "no difference"
    };
    println!("\n{all}");
    println!(
        "{} comparisons, {verdict}, {} s, seed {}",
        all.comparisons(),
        started.elapsed().as_secs(),
        options.seed
    );
    if found {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn compare(options: &Options, algorithm: &str, started: Instant, found: &AtomicBool) -> Tally {
    let seed = options.seed;
    let mut lane = lane(algorithm, seed).expect("was looked up before");
    let limit = options.seconds.map(Duration::from_secs);
    let mut tally = Tally::default();
    let mut next_report = Duration::from_secs(60);
    for round in 0.. {
        let mut octets = [0; INPUT];
        Random::new(seed, round).fill(&mut octets);
        match lane.round(&mut Input(&octets)) {
            Ok(outcome) => tally.count(lane.name(), &outcome),
            Err(difference) => {
                println!("DIFFERENCE, seed {seed}, round {round} of {algorithm}: {difference}");
                found.store(true, Ordering::Relaxed);
            }
        }
        if round % ROUNDS_A_KEY == ROUNDS_A_KEY - 1 {
            lane.renew_a_key();
        }
        let spent = started.elapsed();
        let comparisons = tally.comparisons();
        if spent > next_report {
            println!(
                "{algorithm}: {comparisons} comparisons after {} s",
                spent.as_secs()
            );
            next_report = spent + Duration::from_secs(60);
        }
        if found.load(Ordering::Relaxed)
            || limit.is_some_and(|limit| spent >= limit)
            || options.comparisons.is_some_and(|most| comparisons >= most)
        {
            break;
        }
    }
    tally
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let clock = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut options = Options {
        seed: clock.as_secs() & 0xffff_ffff,
        seconds: None,
        comparisons: None,
        algorithms: ALGORITHMS.map(Into::into).into(),
    };
    while let Some(word) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| format!("{word} needs a value"))?;
        let number = || value.parse().map_err(|_| format!("{word} needs a number"));
        match word.as_str() {
            "--seed" => options.seed = number()?,
            "--seconds" => options.seconds = Some(number()?),
            "--comparisons" => options.comparisons = Some(number()?),
            "--algorithms" => options.algorithms = value.split(',').map(Into::into).collect(),
            _ => return Err(format!("unknown argument {word}")),
        }
    }
    if options.seconds.is_none() && options.comparisons.is_none() {
        options.seconds = Some(60);
    }
    Ok(options)
}
