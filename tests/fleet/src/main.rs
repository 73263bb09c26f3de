//! Simulates a day of fleets of several sizes with each strategy, and prints what came out.
//!
//! ```text
//! fleet [--seed N] [--write DOCS] [PROCESSES...]     1000, 10000 and 100000 by default
//! ```
//!
//! With `--write` the figures go into `DOCS/fleet.md`, and the picture of the largest fleet into
//! `DOCS/fleet/requests.svg`.
#![forbid(unsafe_code)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use jwtverify_fleet::clients::{ALL, Strategy};
use jwtverify_fleet::day::Day;
use jwtverify_fleet::page::{self, Run};
use jwtverify_fleet::plot;

const SIZES: [u32; 3] = [1000, 10_000, 100_000];
const SEED: u64 = 7517;

struct Arguments {
    seed: u64,
    write: Option<PathBuf>,
    sizes: Vec<u32>,
}

fn main() -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fleet: {error}");
            ExitCode::FAILURE
        }
    }
}

fn work() -> Result<(), Box<dyn Error>> {
    let arguments = arguments(std::env::args().skip(1))?;
    let day = Day::default();
    let runs = simulate(&day, &arguments);
    println!("{}", page::figures(&day, &runs));
    if let Some(docs) = arguments.write {
        write(&docs, &day, &runs)?;
    }
    Ok(())
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments, Box<dyn Error>> {
    let mut arguments = Arguments {
        seed: SEED,
        write: None,
        sizes: Vec::new(),
    };
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--seed" => arguments.seed = given.next().ok_or("--seed N")?.parse()?,
            "--write" => arguments.write = Some(given.next().ok_or("--write DOCS")?.into()),
            size => {
                let size = size.parse();
                let size = size.map_err(|_| "fleet [--seed N] [--write DOCS] [PROCESSES...]")?;
                arguments.sizes.push(size);
            }
        }
    }
    if arguments.sizes.is_empty() {
        arguments.sizes = SIZES.to_vec();
    }
    Ok(arguments)
}

/// All strategies with all sizes, as many at a time as there are processors. Each is a simulation
/// of its own, so the order does not matter.
fn simulate(day: &Day, arguments: &Arguments) -> Vec<Run> {
    let jobs: Vec<(&'static Strategy, u32)> = arguments
        .sizes
        .iter()
        .flat_map(|size| ALL.iter().map(move |strategy| (strategy, *size)))
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some((strategy, size)) = jobs.get(place) else {
                return done;
            };
            let started = Instant::now();
            let figures = (strategy.run)(day, *size, arguments.seed);
            eprintln!(
                "{size} processes, {}: {:.1} s",
                strategy.name,
                started.elapsed().as_secs_f64()
            );
            done.push((place, Run { strategy, figures }));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, Run)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a simulation ends"))
            .collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, run)| run).collect()
}

fn write(docs: &Path, day: &Day, runs: &[Run]) -> Result<(), Box<dyn Error>> {
    let path = docs.join("fleet.md");
    let mut text = std::fs::read_to_string(&path)?;
    for (name, part) in [
        ("the day", page::day(day)),
        ("the numbers", page::numbers(day)),
        ("the strategies", page::strategies()),
        ("the figures", page::figures(day, runs)),
    ] {
        text = page::replaced(&text, name, &part).ok_or_else(|| format!("{name}: no such mark"))?;
    }
    std::fs::write(path, text)?;
    let largest = runs.iter().map(|run| run.figures.processes).max();
    let largest: Vec<&Run> = runs
        .iter()
        .filter(|run| Some(run.figures.processes) == largest)
        .collect();
    let pictures = docs.join("fleet");
    std::fs::create_dir_all(&pictures)?;
    std::fs::write(pictures.join("requests.svg"), plot::requests(day, &largest))?;
    Ok(())
}
