//! The promises of `docs/precomputed.md` about memory, with more keys than there is room for, and
//! for the provider that servers have by default.
//!
//! The limit is the process's, so that the tests here run one after the other.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use jwtverify_core::{Algorithm, Key, Precomputed, limit_table_memory, table_memory};
use jwtverify_core::{Provider, verify_signature};
use jwtverify_jwks::{AwsLc, DefaultProvider};
use jwtverify_tests::{Alg, SigningKey};

/// Tables from the first use of a key, if there is room.
type Eager = Precomputed<AwsLc, 0>;

const CURVES: [Alg; 4] = [Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa];
const MESSAGE: &[u8] = b"the same for every key";
/// Room for a dozen keys or two.
const LIMIT: usize = 4 << 20;

fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key<P: Provider>(signer: &SigningKey) -> Key<P> {
    Key::read(signer.jwk().to_string()).unwrap()
}

fn accepts<P: Provider>(alg: Alg, key: &Key<P>, message: &[u8], signature: &[u8]) -> bool {
    let algorithm = Algorithm::from_name(alg.name()).unwrap();
    verify_signature(algorithm, key, message, signature).is_ok()
}

/// What the tables of the generators take, which stay when all keys have gone.
fn memory_of_generators() -> usize {
    for alg in CURVES {
        assert!(key::<Eager>(SigningKey::shared(alg)).warm());
    }
    table_memory()
}

struct Signed {
    alg: Alg,
    key: Key<Eager>,
    signature: Vec<u8>,
}

impl Signed {
    fn new(alg: Alg) -> Self {
        let signer = SigningKey::generate(alg, "kid");
        Self {
            alg,
            key: key(&signer),
            signature: signer.sign(MESSAGE),
        }
    }

    fn check(&self) {
        assert!(accepts(self.alg, &self.key, MESSAGE, &self.signature));
        assert!(!accepts(self.alg, &self.key, b"another", &self.signature));
    }
}

#[test]
fn a_thousand_keys_stay_within_the_limit_and_verify_all_the_same() {
    let _alone = alone();
    limit_table_memory(LIMIT);
    let generators = memory_of_generators();
    let keys: Vec<Signed> = CURVES
        .iter()
        .cycle()
        .take(1000)
        .copied()
        .map(Signed::new)
        .collect();

    let (most, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                most.fetch_max(table_memory(), Ordering::Relaxed);
                thread::yield_now();
            }
        });
        let (left, right) = keys.split_at(keys.len() / 2);
        let workers = [left, right].map(|half| {
            scope.spawn(|| {
                half.iter().for_each(Signed::check);
                most.fetch_max(table_memory(), Ordering::Relaxed);
            })
        });
        let ended = workers.map(thread::ScopedJoinHandle::join);
        done.store(true, Ordering::Relaxed);
        for end in ended {
            end.unwrap();
        }
    });
    let most = most.into_inner();
    assert!(most <= LIMIT, "{most} octets of tables");
    // The limit was reached: no table of any curve had room any more.
    assert!(
        most > LIMIT - (256 << 10),
        "{most} octets of tables are all there were"
    );
    let (warm, cold): (Vec<_>, Vec<_>) = keys.into_iter().partition(|signed| signed.key.warm());
    assert!(
        (1..100).contains(&warm.len()),
        "{} keys have tables",
        warm.len()
    );
    // Both kinds of key, once more.
    warm.iter().chain(&cold).step_by(7).for_each(Signed::check);

    // What was taken comes back, and is there for keys that had none.
    drop(warm);
    assert_eq!(table_memory(), generators);
    let [first, ..] = cold.as_slice() else {
        panic!("no key is cold");
    };
    assert!(first.key.warm() && table_memory() > generators);
    first.check();
    drop(cold);
    assert_eq!(table_memory(), generators);
}

#[test]
fn the_default_provider_has_tables_within_the_limit() {
    let _alone = alone();
    limit_table_memory(LIMIT);
    let generators = memory_of_generators();
    for alg in CURVES {
        let signer = SigningKey::shared(alg);
        let signature = signer.sign(MESSAGE);
        let key = key::<DefaultProvider>(signer);
        let check = |key: &Key<DefaultProvider>| {
            assert!(accepts(alg, key, MESSAGE, &signature));
            assert!(!accepts(alg, key, b"another", &signature));
        };
        limit_table_memory(0);
        assert!(!key.warm(), "{alg:?}");
        (0..40).for_each(|_| check(&key));
        assert_eq!(table_memory(), generators, "{alg:?}");
        // It asks again after as many uses as the first time, and has them with the next one.
        limit_table_memory(LIMIT);
        (0..40).for_each(|_| check(&key));
        assert!(table_memory() > generators, "{alg:?}");
        drop(key);
        assert_eq!(table_memory(), generators, "{alg:?}");
    }
}
