//! What happens when there is more of something: keys, octets, threads.

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, decode, decode_header};
use jwtverify_bench::names;
use jwtverify_bench::results::Row;
use jwtverify_core::{Algorithm, KeySet, Provider};
use jwtverify_jwks::system_now;
use jwtverify_tests::{Alg, SigningKey, jwks};

use super::fixtures::{Fixture, claims, claims_of};
use super::jsonwebtoken::{validation, whole};
use super::ours::{Claims, Trusting, Warm, cached_verifier, keys, verifier, warm};
use super::rounds::{Contestant, Settings, compete};

/// One key among more and more.
pub(crate) fn by_keys(settings: Settings) -> Vec<Row> {
    let most = names::KEY_COUNTS.into_iter().max().unwrap_or(1);
    let all: Vec<SigningKey> = (0..most)
        .map(|number| SigningKey::generate(Alg::Es256, format!("key-{number:05}")))
        .collect();
    let mut contestants = Vec::new();
    for count in names::KEY_COUNTS {
        let document = jwks(&all[..count]);
        // Neither the first nor the last: what looks from one end finds it half way.
        let token = all[count / 2].mint(&claims());
        contestants.push(look_up::<Warm>(names::look_up(count), &document, &token));
        contestants.push(look_up::<Trusting>(
            names::look_up_alone(count),
            &document,
            &token,
        ));
        contestants.push(look_up_by_jsonwebtoken(count, &document, &token));
    }
    let times = compete(contestants, settings);
    let mut rows = Vec::new();
    for count in names::KEY_COUNTS {
        let work = names::look_up(count);
        let theirs = found_by_jsonwebtoken(count);
        rows.extend(times.row_between(work.clone(), &work, &theirs, names::JSONWEBTOKEN));
        let alone = names::look_up_alone(count);
        let (one, one_alone) = (names::look_up(1), names::look_up_alone(1));
        if count > 1 {
            rows.extend(times.row_between(work.clone(), &work, &one, names::ONE_KEY));
        }
        rows.extend(times.row_between(alone.clone(), &alone, &one_alone, names::ONE_KEY));
    }
    rows
}

fn look_up<P: Provider + 'static>(name: String, document: &str, token: &str) -> Contestant
where
    P::Key: 'static,
{
    let (verifier, keys): (_, KeySet<P>) = (verifier(Algorithm::Es256), keys(document));
    // Only the key of the token: the tables of all would not fit into the memory for tables.
    let kid = decode_header(token).expect("a good header").kid;
    for key in keys.keys().filter(|key| key.kid() == kid.as_deref()) {
        key.warm();
    }
    let token = token.to_owned();
    Contestant::new(name.leak(), move || {
        let verified = verifier.verify(black_box(&token), &keys, system_now());
        black_box(verified.expect("a good token"));
    })
}

fn found_by_jsonwebtoken(count: usize) -> String {
    format!("jsonwebtoken, one key of {count}")
}

/// As its users do it: the key of the set is looked for and read for each token.
fn look_up_by_jsonwebtoken(count: usize, document: &str, token: &str) -> Contestant {
    let set: JwkSet = serde_json::from_str(document).expect("good keys");
    let validation = validation("ES256").expect("ES256");
    let token = token.to_owned();
    Contestant::new(found_by_jsonwebtoken(count).leak(), move || {
        let header = decode_header(black_box(&token)).expect("a good header");
        let jwk = header.kid.and_then(|kid| set.find(&kid)).expect("the key");
        let key = DecodingKey::from_jwk(jwk).expect("a good key");
        let data = decode::<Claims>(&token, &key, &validation).expect("a good token");
        black_box(data.claims.exp);
    })
}

/// Longer and longer tokens.
pub(crate) fn by_size(settings: Settings) -> Vec<Row> {
    let mut contestants = Vec::new();
    for (kib, fixture) in sized_fixtures() {
        let (verifier, keys) = (verifier(Algorithm::Es256), keys::<Warm>(&fixture.jwks));
        warm(&keys);
        let theirs = whole(sized_for_jsonwebtoken(kib).leak(), &fixture);
        contestants.extend(theirs);
        let token = fixture.token;
        contestants.push(Contestant::new(names::sized(kib).leak(), move || {
            let verified = verifier.verify(black_box(&token), &keys, system_now());
            black_box(verified.expect("a good token"));
        }));
    }
    let times = compete(contestants, settings);
    let mut rows = Vec::new();
    for kib in names::SIZES {
        let work = names::sized(kib);
        let theirs = sized_for_jsonwebtoken(kib);
        rows.extend(times.row_between(work.clone(), &work, &theirs, names::JSONWEBTOKEN));
    }
    let work = names::sized(256);
    rows.extend(times.row_between(work.clone(), &work, &names::sized(64), names::A_QUARTER));
    rows
}

/// A token of each size, all by one key.
pub(crate) fn sized_fixtures() -> impl Iterator<Item = (usize, Fixture)> {
    let key = SigningKey::generate(Alg::Es256, "es256-1");
    names::SIZES.into_iter().map(move |kib| {
        let claims = claims_of(kib * 1024, &key);
        (kib, Fixture::new("ES256", &key, &claims))
    })
}

fn sized_for_jsonwebtoken(kib: usize) -> String {
    format!("jsonwebtoken, {kib} KiB")
}

/// More and more threads that verify with the same keys, as many as there are cores.
pub(crate) fn by_threads(fixtures: &[Fixture], settings: Settings) -> Vec<Row> {
    // Threads do not start at the same instant: what they share must last longer than that.
    let settings = Settings {
        part: settings.part * 8,
        parts: settings.parts / 2,
        ..settings
    };
    let of = |algorithm: &str| {
        let fixture = fixtures
            .iter()
            .find(|fixture| fixture.algorithm == algorithm);
        fixture.expect("a fixture for each algorithm")
    };
    let mut rows = Vec::new();
    for algorithm in ["RS256", "ES256"] {
        let fixture = of(algorithm);
        let (ours, theirs) = (ours_shared(fixture), jsonwebtoken_shared(fixture));
        rows.extend(threads(
            algorithm,
            names::WARM,
            &ours,
            Some(&theirs),
            settings,
        ));
    }
    let cached = cached_shared(of("ES256"));
    rows.extend(threads("ES256", names::CACHED, &cached, None, settings));
    // What the machine itself makes of two threads.
    let unshared = nothing_shared(of("ES256"));
    rows.extend(threads("ES256", names::AWS_LC, &unshared, None, settings));
    rows
}

fn threads(
    algorithm: &str,
    what: &str,
    ours: &Once,
    theirs: Option<&Once>,
    settings: Settings,
) -> Vec<Row> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let work = |count| names::threads(algorithm, what, count);
    let peer = |count| format!("jsonwebtoken, {}", work(count));
    let mut contestants = Vec::new();
    for count in 1..=cores.min(names::MOST_THREADS) {
        contestants.push(at_once(work(count), count, ours));
        contestants.extend(theirs.map(|theirs| at_once(peer(count), count, theirs)));
    }
    let times = compete(contestants, settings);
    let mut rows = Vec::new();
    for count in 1..=cores.min(names::MOST_THREADS) {
        let (ours, theirs) = (work(count), peer(count));
        rows.extend(times.row_between(ours.clone(), &ours, &theirs, names::JSONWEBTOKEN));
        if count > 1 {
            rows.extend(times.row_between(ours.clone(), &ours, &work(1), names::ONE_THREAD));
        }
    }
    rows
}

/// One verification, by the thread of this number.
type Once = Arc<dyn Fn(usize) + Send + Sync>;

fn ours_shared(fixture: &Fixture) -> Once {
    let algorithm = Algorithm::from_name(fixture.algorithm).expect("an algorithm");
    let (verifier, keys) = (verifier(algorithm), keys::<Warm>(&fixture.jwks));
    warm(&keys);
    let token = fixture.token.clone();
    Arc::new(move |_| {
        let verified = verifier.verify(black_box(&token), &keys, system_now());
        black_box(verified.expect("a good token"));
    })
}

/// Each thread has a token of its own, as clients have.
fn cached_shared(fixture: &Fixture) -> Once {
    let key = SigningKey::generate(Alg::Es256, "es256-1");
    let verifier = cached_verifier(&Fixture::new(fixture.algorithm, &key, &claims()));
    let token = |thread: usize| {
        let mut claims = claims();
        claims["jti"] = thread.to_string().into();
        key.mint(&claims)
    };
    let tokens: Vec<String> = (0..names::MOST_THREADS).map(token).collect();
    Arc::new(move |thread| {
        let verified = verifier.verify(black_box(&tokens[thread]));
        black_box(verified.expect("a good token"));
    })
}

/// Each thread has all for itself.
fn nothing_shared(fixture: &Fixture) -> Once {
    let own = || {
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &fixture.public);
        (key.expect("a good key"), fixture.signed())
    };
    let own: Vec<_> = (0..names::MOST_THREADS).map(|_| own()).collect();
    Arc::new(move |thread| {
        let (key, (message, signature)) = &own[thread];
        key.verify_sig(black_box(message), signature)
            .expect("a good signature");
    })
}

fn jsonwebtoken_shared(fixture: &Fixture) -> Once {
    let jwk = serde_json::from_value(fixture.jwk.clone()).expect("a good key");
    let key = DecodingKey::from_jwk(&jwk).expect("a good key");
    let validation = validation(fixture.algorithm).expect("an algorithm that it has");
    let token = fixture.token.clone();
    Arc::new(move |_| {
        let data = decode::<Claims>(black_box(&token), &key, &validation).expect("a good token");
        black_box(data.claims.exp);
    })
}

/// So many threads at once; the time is that of all of them together, for each token.
fn at_once(name: String, threads: usize, once: &Once) -> Contestant {
    let once = Arc::clone(once);
    let run = move |times: u64| {
        let start = Barrier::new(threads);
        let spans: Vec<(Instant, Instant)> = thread::scope(|scope| {
            let (once, start) = (&once, &start);
            let work = |thread: usize| {
                move || {
                    start.wait();
                    let began = Instant::now();
                    for _ in 0..times {
                        once(thread);
                    }
                    (began, Instant::now())
                }
            };
            let running: Vec<_> = (0..threads)
                .map(|thread| scope.spawn(work(thread)))
                .collect();
            let ended = running.into_iter().map(ScopedJoinHandle::join);
            ended.map(|span| span.expect("a good token")).collect()
        });
        let began = spans.iter().map(|(began, _)| *began).min();
        let ended = spans.iter().map(|(_, ended)| *ended).max();
        let all = began.zip(ended).map(|(began, ended)| ended - began);
        all.unwrap_or_default().as_nanos() as f64 / threads as f64
    };
    Contestant {
        name: name.leak(),
        run: Box::new(run),
    }
}
