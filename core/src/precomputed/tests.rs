//! What tables promise, seen from the provider: when they are built, and who is asked meanwhile.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::vec::Vec;

use super::*;
use crate::algorithm::Curve;

std::thread_local! {
    /// How often this thread asked the wrapped provider.
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Keys whose builders a test makes slow.
static SLOW: Mutex<Vec<Arc<Slow>>> = Mutex::new(Vec::new());

/// Builders of one key: each says that it has begun, and goes on when it is told to.
struct Slow {
    x: [u8; 32],
    begun: Sender<()>,
    go_on: Mutex<Receiver<()>>,
}

/// Called by whoever is about to build tables.
pub(super) fn before_building(point: &Point) {
    let slow = match point {
        Point::P256([x, _]) => {
            let keys = SLOW.lock().unwrap();
            keys.iter().find(|slow| slow.x == *x).map(Arc::clone)
        }
        #[allow(unreachable_patterns, reason = "there may be no other curve")]
        _ => None,
    };
    if let Some(slow) = slow {
        slow.begun.send(()).unwrap();
        slow.go_on.lock().unwrap().recv().unwrap();
    }
}

struct Counting;

impl Provider for Counting {
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
        ASKED.with(|asked| asked.set(asked.get() + 1));
        RustCrypto::verify(key, algorithm, message, signature)
    }

    fn same(a: &Self::Key, b: &Self::Key) -> bool {
        RustCrypto::same(a, b)
    }
}

/// How often the wrapped provider is asked meanwhile.
fn asked(during: impl FnOnce()) -> u32 {
    let before = ASKED.get();
    during();
    ASKED.get() - before
}

/// A key on P-256 whose private scalar is known, and signatures with the nonce 1.
struct Signer {
    secret: p256::Scalar,
    public: p256::Sec1Point,
}

impl Signer {
    fn new(secret: p256::Scalar) -> Self {
        use p256::elliptic_curve::sec1::ToSec1Point;
        let public = p256::ProjectivePoint::GENERATOR * secret;
        Self {
            secret,
            public: public.to_affine().to_sec1_point(false),
        }
    }

    fn key<const USES: u32>(&self) -> PrecomputedKey<Counting> {
        let material = KeyMaterial::Ec {
            curve: Curve::P256,
            x: self.public.x().unwrap(),
            y: self.public.y().unwrap(),
        };
        Precomputed::<Counting, USES>::prepare(&material).unwrap()
    }

    /// `r` is the generator's x coordinate and `s` is `z + r * secret`.
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let r = scalar(&<[u8; 32]>::try_from(nist_generator_x()).unwrap());
        encoded(r, z(message) + r * self.secret)
    }
}

fn nist_generator_x() -> &'static [u8] {
    use super::nist::{NistCurve, P256};
    P256::GENERATOR.0
}

fn scalar(octets: &[u8; 32]) -> p256::Scalar {
    use p256::elliptic_curve::ops::Reduce;
    <p256::Scalar as Reduce<p256::FieldBytes>>::reduce(&(*octets).into())
}

fn z(message: &[u8]) -> p256::Scalar {
    use sha2::Digest;
    scalar(&sha2::Sha256::digest(message).into())
}

fn encoded(r: p256::Scalar, s: p256::Scalar) -> Vec<u8> {
    [r.to_bytes(), s.to_bytes()].concat()
}

fn verify<const USES: u32>(
    key: &PrecomputedKey<Counting>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    Precomputed::<Counting, USES>::verify(key, Algorithm::Es256, message, signature).is_ok()
}

#[test]
fn tables_come_after_so_many_valid_signatures_and_forgeries_do_not_count() {
    let signer = Signer::new(p256::Scalar::from(7u64));
    let key = signer.key::<3>();
    let good = signer.sign(b"message");
    let forged = asked(|| (0..10).for_each(|_| assert!(!verify::<3>(&key, b"other", &good))));
    assert_eq!(forged, 10);
    let valid = asked(|| (0..10).for_each(|_| assert!(verify::<3>(&key, b"message", &good))));
    assert_eq!(valid, 3);
    let forged = asked(|| assert!(!verify::<3>(&key, b"other", &good)));
    assert_eq!(forged, 0);
}

#[test]
fn a_key_can_be_warmed_before_its_first_use() {
    let signer = Signer::new(p256::Scalar::from(8u64));
    let key = signer.key::<32>();
    assert!(Precomputed::<Counting, 32>::warm(&key));
    assert!(Precomputed::<Counting, 32>::warm(&key));
    let good = signer.sign(b"message");
    assert_eq!(asked(|| assert!(verify::<32>(&key, b"message", &good))), 0);
}

#[test]
fn many_threads_get_the_right_verdict_while_one_builds() {
    let signer = Signer::new(p256::Scalar::from(9u64));
    let key = signer.key::<4>();
    let good = signer.sign(b"message");
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..8 {
                    assert!(verify::<4>(&key, b"message", &good));
                    assert!(!verify::<4>(&key, b"other", &good));
                }
            });
        }
    });
    assert!(key.tables().is_some());
    assert_eq!(asked(|| assert!(verify::<4>(&key, b"message", &good))), 0);
}

#[test]
fn while_somebody_builds_the_wrapped_provider_verifies() {
    let signer = Signer::new(p256::Scalar::from(10u64));
    let key = signer.key::<0>();
    key.warmth.uses.store(TAKEN, Ordering::Relaxed);
    let good = signer.sign(b"message");
    assert_eq!(asked(|| assert!(verify::<0>(&key, b"message", &good))), 1);
    assert!(key.tables().is_none());
    assert!(!Precomputed::<Counting, 0>::warm(&key));
}

#[test]
fn a_slow_builder_holds_up_no_other_thread_and_is_the_only_one() {
    let signer = Signer::new(p256::Scalar::from(11u64));
    let (begun, has_begun) = channel();
    let (let_go, go_on) = channel();
    SLOW.lock().unwrap().push(Arc::new(Slow {
        x: signer.public.x().unwrap().as_slice().try_into().unwrap(),
        begun,
        go_on: Mutex::new(go_on),
    }));
    let key = signer.key::<1>();
    let good = signer.sign(b"message");
    assert_eq!(asked(|| assert!(verify::<1>(&key, b"message", &good))), 1);
    thread::scope(|scope| {
        let builder = scope.spawn(|| {
            // Its own verdict is that of the tables it has built.
            assert_eq!(asked(|| assert!(verify::<1>(&key, b"message", &good))), 0);
        });
        has_begun.recv().unwrap();
        // It stays where it is until all others are through.
        let others: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let asked = asked(|| {
                        for _ in 0..8 {
                            assert!(verify::<1>(&key, b"message", &good));
                            assert!(!verify::<1>(&key, b"other", &good));
                        }
                        assert!(!Precomputed::<Counting, 1>::warm(&key));
                    });
                    assert_eq!(asked, 16);
                })
            })
            .collect();
        for other in others {
            other.join().unwrap();
        }
        assert!(key.tables().is_none() && !builder.is_finished());
        let_go.send(()).unwrap();
    });
    assert_eq!(asked(|| assert!(verify::<1>(&key, b"message", &good))), 0);
    assert!(has_begun.try_recv().is_err(), "somebody else built too");
}

#[test]
fn a_key_of_a_new_set_goes_on_with_the_tables_of_the_same_key() {
    type Tables = Precomputed<Counting, 2>;
    let signer = Signer::new(p256::Scalar::from(12u64));
    let good = signer.sign(b"message");
    let before = signer.key::<2>();
    // One use of the two is behind it, and counts.
    assert!(verify::<2>(&before, b"message", &good));
    let mut key = signer.key::<2>();
    Tables::inherit(&mut key, &before);
    assert_eq!(asked(|| assert!(verify::<2>(&key, b"message", &good))), 1);
    assert_eq!(asked(|| assert!(verify::<2>(&key, b"message", &good))), 0);
    // Whichever of them builds, both have the tables, and the later one keeps them.
    assert_eq!(
        asked(|| assert!(verify::<2>(&before, b"message", &good))),
        0
    );
    drop(before);
    assert_eq!(asked(|| assert!(!verify::<2>(&key, b"other", &good))), 0);
}

#[test]
fn tables_of_another_key_are_not_taken_over() {
    type Tables = Precomputed<Counting, 0>;
    let (signer, other) = (
        Signer::new(p256::Scalar::from(13u64)),
        Signer::new(p256::Scalar::from(14u64)),
    );
    let before = other.key::<0>();
    assert!(Tables::warm(&before));
    let mut key = signer.key::<0>();
    Tables::inherit(&mut key, &before);
    assert!(key.tables().is_none());
    assert!(verify::<0>(&key, b"message", &signer.sign(b"message")));
    assert!(!verify::<0>(&key, b"message", &other.sign(b"message")));
    // Keys that differ in the sign of y alone.
    let mut negated = Signer::new(-p256::Scalar::from(14u64)).key::<0>();
    Tables::inherit(&mut negated, &before);
    assert!(negated.tables().is_none());
    assert!(!verify::<0>(&negated, b"message", &other.sign(b"message")));
}

/// Sums that come to infinity: the last addition is that of a point and its negative.
#[test]
fn what_the_tables_cannot_answer_is_asked_of_the_wrapped_provider() {
    // The message is signed by 1, the key of which is the generator, or by -1.
    for (secret, r) in [
        (p256::Scalar::ONE, -z(b"message")),
        (-p256::Scalar::ONE, z(b"message")),
    ] {
        let signer = Signer::new(secret);
        let key = signer.key::<0>();
        let good = signer.sign(b"message");
        assert_eq!(asked(|| assert!(verify::<0>(&key, b"message", &good))), 0);
        for s in [1u64, 2, 3, u64::MAX] {
            let signature = encoded(r, p256::Scalar::from(s));
            let asked = asked(|| assert!(!verify::<0>(&key, b"message", &signature)));
            assert_eq!(asked, 1);
        }
    }
}

#[test]
fn keys_of_other_kinds_are_the_wrapped_providers() {
    let material = KeyMaterial::Symmetric { secret: &[7; 32] };
    let key = Precomputed::<Counting, 0>::prepare(&material).unwrap();
    assert!(Precomputed::<Counting, 0>::warm(&key));
    let verdict = Precomputed::<Counting, 0>::verify(&key, Algorithm::Hs256, b"", &[0; 32]);
    assert_eq!(verdict, Err(InvalidSignature));
    assert!(key.tables().is_none());
}
