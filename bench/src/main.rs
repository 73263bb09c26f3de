//! The program behind `make bench`; `scripts/bench.sh` starts it.
//!
//! ```text
//! jwtverify-bench [--quick] PEERS OUT     measure, with the peers in that folder, and write to OUT
//! jwtverify-bench --serve FOLDER ...      be jsonwebtoken (rust_crypto) for another one of these
//! ```
//!
//! In PEERS there is, for each of `c`, `go`, `node`, `python`, a program to start, or a file of
//! that name and `.absent` that holds the reason why not.

#![forbid(unsafe_code)]

mod measure;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, error, fs};

use jwtverify_bench::names::{self, ALGORITHMS, PAIRS, work};
use jwtverify_bench::results::{Memory, Results};
use jwtverify_bench::{publish, report};
use jwtverify_tests::LoopbackIssuer;

use measure::child::{self, Peer};
use measure::fixtures::{self, AUDIENCE, Fixture, ISSUER};
use measure::rounds::{Contestant, Settings, compete};
use measure::{jsonwebtoken, machine, ours, raw, scaling};

type Failure = Box<dyn error::Error>;

const QUICK: Settings = Settings {
    rounds: 9,
    parts: 4,
    part: Duration::from_micros(400),
    warm: Duration::from_millis(20),
};

const FULL: Settings = Settings {
    rounds: 101,
    parts: 8,
    part: Duration::from_micros(500),
    warm: Duration::from_millis(200),
};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["--serve", folder, ..] => serve(Path::new(folder)),
        ["--quick", peers, out] => run(QUICK, Path::new(peers), Path::new(out)),
        [peers, out] => run(FULL, Path::new(peers), Path::new(out)),
        _ => Err("usage: jwtverify-bench [--quick] PEERS OUT | --serve FOLDER".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jwtverify-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures everything, and writes it below `out`, which has the layout of the repository.
fn run(settings: Settings, peers: &Path, out: &Path) -> Result<(), Failure> {
    jsonwebtoken::use_aws_lc();
    let started = Instant::now();
    let mut results = Results {
        machine: machine::machine(),
        versions: machine::crates(),
        ..Results::default()
    };

    let issuer = LoopbackIssuer::start();
    let fixtures = fixtures::all(&issuer);
    let folder = peers.join("fixtures");
    fs::create_dir_all(&folder)?;
    for fixture in &fixtures {
        fixture.write(&folder)?;
    }
    let children = start_all(peers, &folder, &issuer.jwks_url(), &mut results)?;

    for fixture in &fixtures {
        let algorithm = fixture.algorithm;
        say(started, algorithm);
        let mut contestants = ours::contestants(fixture);
        contestants.extend(raw::contestants(fixture));
        contestants.extend(jsonwebtoken::whole(names::JSONWEBTOKEN, fixture));
        contestants.extend(jsonwebtoken::decoding(fixture));
        contestants.extend(
            children
                .iter()
                .flat_map(|child| child.contestants(algorithm)),
        );
        let times = compete(contestants, settings);
        let rows = PAIRS
            .iter()
            .filter_map(|(what, ours, peer)| times.row(work(algorithm, what), ours, peer));
        results.rows.extend(rows);
    }
    drop(children);
    say(started, "one key of many");
    results.rows.extend(scaling::by_keys(settings));
    say(started, "longer tokens");
    results.rows.extend(scaling::by_size(settings));
    say(started, "more threads");
    results
        .rows
        .extend(scaling::by_threads(&fixtures, settings));
    say(started, "memory");
    results.memory = memory()?;
    say(started, "done");

    publish::write(out, &results)?;
    println!("\n{}", report::terminal(&results));
    Ok(())
}

/// Tells a person that something is going on.
fn say(started: Instant, what: &str) {
    eprintln!("   {:4} s  {what}", started.elapsed().as_secs());
}

/// The peers in other processes. Who is absent goes into the results, with the reason.
fn start_all(
    peers: &Path,
    folder: &Path,
    jwks_url: &str,
    results: &mut Results,
) -> Result<Vec<Peer>, Failure> {
    let folder = folder
        .to_str()
        .ok_or("the path of the checkout is not UTF-8")?;
    let arguments = [folder, ISSUER, AUDIENCE, jwks_url];
    let this = env::current_exe()?;
    let mut started = vec![Peer::start("jsonwebtoken", &this, &["--serve", folder])?];
    for name in ["c", "go", "node", "python"] {
        match fs::read_to_string(peers.join(format!("{name}.absent"))) {
            Ok(reason) => results.absent.push((name.into(), reason.trim().into())),
            Err(_) => started.push(Peer::start(name, &peers.join(name), &arguments)?),
        }
    }
    for peer in &mut started {
        results.versions.append(&mut peer.versions);
        results.absent.append(&mut peer.absent);
    }
    Ok(started)
}

/// Measured by a program of its own, whose allocator counts.
fn memory() -> Result<Vec<Memory>, Failure> {
    let program = env::current_exe()?.with_file_name("jwtverify-bench-memory");
    let output = Command::new(program).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let lines = String::from_utf8(output.stdout)?;
    let line = |line: &str| -> Result<Memory, Failure> {
        let numbers: Result<Vec<u64>, _> = line.split(' ').map(str::parse).collect();
        match numbers?.as_slice() {
            [token, ours, peer] => Ok(Memory {
                token: *token,
                ours: *ours,
                peer: *peer,
            }),
            _ => Err(format!("the program that counts memory says {line:?}").into()),
        }
    };
    lines.lines().map(line).collect()
}

/// The half of jsonwebtoken that needs a process of its own.
fn serve(folder: &Path) -> Result<(), Failure> {
    jsonwebtoken::use_rust_crypto();
    let (mut can, mut cannot) = (Vec::<(_, Contestant)>::new(), Vec::new());
    for algorithm in ALGORITHMS {
        let fixture = Fixture::read(folder, algorithm)?;
        match jsonwebtoken::whole(names::JSONWEBTOKEN_PORTABLE, &fixture) {
            Some(contestant) => can.push((algorithm, contestant)),
            None => cannot.push((algorithm, "jsonwebtoken", jsonwebtoken::NOT_OFFERED)),
        }
    }
    Ok(child::serve(can, &cannot)?)
}
