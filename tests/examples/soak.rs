//! A service that runs for long, in a short time: several verifiers, a cache of tokens and a
//! background refresh; keys that rotate every few seconds, a network that fails in turns, invented
//! kids. It fails if memory grows.
//!
//! `SOAK_SECONDS` is the length, 600. The first quarter is for warming up; then the median of the
//! last quarter may not lie above that of the second by more than a bound, neither in octets that
//! Rust has allocated nor in resident memory (Linux), and the number of threads not at all by more
//! than a few. The servers are in the same process, and count too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::VecDeque;
use std::fs;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use jwtverify_jwks::{
    Algorithm, JwksVerifier, RemoteJwks, RemoteJwksBuilder, TokenCache, Verifier,
};
use jwtverify_tests::{Alg, FaultServer, SigningKey, Step, base64url, jwks};
use serde_json::json;

const ISSUER: &str = "https://idp.example";
const ROTATION: Duration = Duration::from_secs(3);
/// Tokens of each key: enough of them that the cache turns over.
const TOKENS: usize = 200;
const MOST_ALLOCATED: usize = 256 * 1024;
const MOST_RESIDENT: usize = 4 * 1024 * 1024;
const MOST_THREADS: usize = 4;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

// SAFETY: every call goes to the system's allocator with the arguments it came with; counting is
// done with atomics, which need no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `GlobalAlloc::dealloc`, and `memory` came from
        // `System` as all memory here does.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// An issuer of the last two keys, and what its server does.
struct Publisher {
    server: FaultServer,
    keys: Mutex<VecDeque<SigningKey>>,
    /// Tokens of the newest key.
    tokens: Mutex<Arc<Vec<String>>>,
    rotations: AtomicU64,
}

impl Publisher {
    fn start() -> Self {
        let publisher = Self {
            server: FaultServer::start([]),
            keys: Mutex::default(),
            tokens: Mutex::default(),
            rotations: AtomicU64::new(0),
        };
        publisher.rotate();
        publisher.behave(0);
        publisher
    }

    fn rotate(&self) {
        let number = self.rotations.fetch_add(1, Ordering::Relaxed);
        let key = SigningKey::generate(Alg::Es256, format!("key-{number}"));
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let exp = now.as_secs() + 3600;
        let claims = |n| json!({"iss": ISSUER, "aud": "api", "exp": exp, "jti": format!("{n}")});
        let tokens = (0..TOKENS).map(|n| key.mint(&claims(n))).collect();
        let mut keys = self.keys.lock().unwrap();
        keys.push_back(key);
        if keys.len() > 2 {
            keys.pop_front();
        }
        *self.tokens.lock().unwrap() = Arc::new(tokens);
    }

    /// Serves the keys, or does what networks do; a different thing each time.
    fn behave(&self, turn: u64) {
        let good = Step::answer("200 OK", "", jwks(&*self.keys.lock().unwrap()));
        let steps = match turn % 12 {
            1 => vec![Step::Reset],
            3 => vec![Step::Read, Step::Hang],
            5 => vec![
                Step::Read,
                Step::answer("503 Busy", "Retry-After: 1\r\n", ""),
            ],
            7 => {
                let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
                vec![
                    Step::Read,
                    Step::Send(head),
                    Step::Forever(vec![b' '; 4096]),
                ]
            }
            9 => vec![Step::Read, Step::answer("200 OK", "", "<html>")],
            11 => vec![Step::Read, Step::Drip(b'x')],
            _ => vec![Step::Read, good],
        };
        self.server.behave(steps);
    }

    fn verifier(
        &self,
        change: impl FnOnce(RemoteJwksBuilder) -> RemoteJwksBuilder,
    ) -> JwksVerifier {
        let policy = Verifier::builder()
            .algorithms([Algorithm::Es256])
            .issuer(ISSUER)
            .audience("api")
            .build()
            .unwrap();
        let second = Duration::from_secs(1);
        let builder = RemoteJwks::builder()
            .url(&self.server.url("/jwks"))
            .ttl(second * 2)
            .max_stale(second * 20)
            .miss_interval(second)
            .miss_spacing(Duration::ZERO)
            .timeout(Duration::from_millis(700))
            .stale_wait(Duration::from_millis(100));
        JwksVerifier::new(policy.into_owned(), change(builder).build().unwrap())
    }
}

#[derive(Default)]
struct Verdicts {
    accepted: AtomicU64,
    refused: AtomicU64,
    unknown: AtomicU64,
    wrong: AtomicU64,
}

impl Verdicts {
    fn count(&self, verifier: &JwksVerifier, token: &str, may_be_good: bool) {
        let counter = match verifier.verify_within(token, Duration::from_millis(50)) {
            Ok(_) if may_be_good => &self.accepted,
            Ok(_) => &self.wrong,
            Err(error) => match error.http_status() {
                401 => &self.refused,
                503 => &self.unknown,
                _ => &self.wrong,
            },
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn invented(number: u64) -> String {
    let header = json!({"alg": "ES256", "kid": format!("invented-{number}")}).to_string();
    let claims = json!({"iss": ISSUER, "aud": "api", "exp": 9_999_999_999_u64}).to_string();
    let signature = base64url([7; 64]);
    format!("{}.{}.{signature}", base64url(header), base64url(claims))
}

#[derive(Clone, Copy, Default)]
struct Sample {
    at: u64,
    allocated: usize,
    resident: usize,
    threads: usize,
    allocations: u64,
    verdicts: u64,
}

impl Sample {
    fn take(start: Instant, verdicts: &Verdicts) -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let word = line.and_then(|rest| rest.split_whitespace().next());
            word.and_then(|word| word.parse().ok()).unwrap_or(0)
        };
        Self {
            at: start.elapsed().as_secs(),
            allocated: LIVE.load(Ordering::Relaxed),
            resident: number("VmRSS:") * 1024,
            threads: number("Threads:"),
            allocations: ALLOCATIONS.load(Ordering::Relaxed),
            verdicts: verdicts.accepted.load(Ordering::Relaxed)
                + verdicts.refused.load(Ordering::Relaxed)
                + verdicts.unknown.load(Ordering::Relaxed),
        }
    }
}

fn median(samples: &[Sample], of: impl Fn(&Sample) -> usize) -> usize {
    let mut numbers: Vec<usize> = samples.iter().map(of).collect();
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

fn main() -> ExitCode {
    let seconds: u64 = match std::env::var("SOAK_SECONDS") {
        Ok(text) => text.parse().expect("SOAK_SECONDS is a number of seconds"),
        Err(_) => 600,
    };
    assert!(seconds >= 20, "a soak takes 20 seconds at least");
    let (steady, faulty) = (Publisher::start(), Publisher::start());
    let verifiers = [
        (
            &steady,
            steady
                .verifier(|builder| builder)
                .with_token_cache(TokenCache::new()),
        ),
        (&steady, steady.verifier(|builder| builder.retries(0))),
        (
            &faulty,
            faulty
                .verifier(|builder| builder)
                .with_token_cache(TokenCache::new()),
        ),
        (
            &faulty,
            faulty.verifier(|builder| builder.max_stale(Duration::ZERO)),
        ),
    ];
    let _refreshers = [
        verifiers[0].1.remote().refresh_in_background(),
        verifiers[2].1.remote().refresh_in_background(),
    ];
    let (verdicts, ended) = (Verdicts::default(), AtomicBool::new(false));
    let is_over = || ended.load(Ordering::SeqCst);
    let start = Instant::now();
    let capacity = usize::try_from(seconds).unwrap() + 16;
    let mut samples: Vec<Sample> = Vec::with_capacity(capacity);
    println!(
        "{:>7} {:>14} {:>14} {:>8} {:>14} {:>12}",
        "second", "allocated KiB", "resident KiB", "threads", "allocations", "verdicts"
    );
    thread::scope(|scope| {
        for (publisher, verifier) in &verifiers {
            let (verdicts, is_over) = (&verdicts, &is_over);
            scope.spawn(move || {
                for number in 0_usize.. {
                    if is_over() {
                        return;
                    }
                    let tokens = Arc::clone(&publisher.tokens.lock().unwrap());
                    verdicts.count(verifier, &tokens[number % tokens.len()], true);
                    thread::sleep(Duration::from_millis(2));
                }
            });
            scope.spawn(move || {
                for number in 0.. {
                    if is_over() {
                        return;
                    }
                    verdicts.count(verifier, &invented(number), false);
                    thread::sleep(Duration::from_millis(5));
                }
            });
        }
        scope.spawn(|| {
            for turn in 1.. {
                thread::sleep(ROTATION);
                if is_over() {
                    return;
                }
                for publisher in [&steady, &faulty] {
                    publisher.rotate();
                }
                steady.behave(0);
                faulty.behave(turn);
            }
        });
        for second in 1..=seconds {
            let moment = Duration::from_secs(second);
            thread::sleep(moment.saturating_sub(start.elapsed()));
            let sample = Sample::take(start, &verdicts);
            if second % (seconds / 20) == 0 {
                println!(
                    "{:>7} {:>14} {:>14} {:>8} {:>14} {:>12}",
                    sample.at,
                    sample.allocated / 1024,
                    sample.resident / 1024,
                    sample.threads,
                    sample.allocations,
                    sample.verdicts
                );
            }
            samples.push(sample);
        }
        ended.store(true, Ordering::SeqCst);
    });

    let counted = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    println!(
        "{} accepted, {} refused, {} not known then; {} rotations; fetches: {:?}",
        counted(&verdicts.accepted),
        counted(&verdicts.refused),
        counted(&verdicts.unknown),
        counted(&steady.rotations) + counted(&faulty.rotations),
        verifiers
            .each_ref()
            .map(|(_, verifier)| verifier.remote().status().attempts),
    );
    let quarter = samples.len() / 4;
    let (second, last) = (&samples[quarter..2 * quarter], &samples[3 * quarter..]);
    let mut holds = true;
    let mut check = |name: &str, of: fn(&Sample) -> usize, most: usize| {
        let (before, after) = (median(second, of), median(last, of));
        let held = after <= before + most;
        holds &= held;
        let word = if held { "ok" } else { "FAILED" };
        println!("{word:<7} {name}: {before}, then {after}; at most {most} more");
    };
    check(
        "octets allocated",
        |sample| sample.allocated,
        MOST_ALLOCATED,
    );
    if samples.iter().any(|sample| sample.resident > 0) {
        check("octets resident", |sample| sample.resident, MOST_RESIDENT);
        check("threads", |sample| sample.threads, MOST_THREADS);
    } else {
        println!("SKIPPED resident memory and threads: this system does not tell");
    }
    if counted(&verdicts.wrong) > 0 || counted(&verdicts.accepted) == 0 {
        println!("FAILED  verdicts: {} were wrong", counted(&verdicts.wrong));
        holds = false;
    }
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
