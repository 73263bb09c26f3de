//! Keys that are used often get tables of their own multiples.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicU32, Ordering};

use once_cell::race::OnceBox;

use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::provider::{InvalidSignature, KeyMaterial, Provider, RustCrypto};

mod budget;
mod digits;
#[cfg(any(feature = "p256", feature = "p384", feature = "p521"))]
mod ecdsa;
#[cfg(feature = "ed25519")]
mod ed25519;
#[cfg(feature = "ed25519")]
mod edwards;
mod field;
#[cfg(any(feature = "p256", feature = "p384", feature = "p521"))]
mod nist;
#[cfg(any(feature = "p256", feature = "p384", feature = "p521"))]
mod point;
#[cfg(any(feature = "p256", feature = "p384", feature = "p521"))]
mod table;
mod tables;

pub use budget::{limit_table_memory, table_memory};
use tables::{NotBuilt, Point, Tables};

/// How many signatures a key has verified before it gets its tables, unless the type says
/// otherwise.
pub const USES_BEFORE_TABLES: u32 = 32;

/// A provider that gives the elliptic-curve keys of another one tables of their multiples, once
/// they have verified `USES` signatures.
///
/// A signature is then verified with additions of table entries alone, two to four times faster
/// than without. See `docs/precomputed.md` for the figures.
///
/// Guarantees:
/// * The verdict is that of the wrapped provider, on every input. What the tables can't answer
///   (sums that meet one point twice) is handed to it, and so are all other kinds of key.
/// * One thread builds the tables of a key, which takes a few milliseconds at most; verifications
///   on other threads go on meanwhile, through the wrapped provider. Only valid signatures are
///   counted, so that forgeries don't make anybody build.
/// * Tables are checked against the curve's own crate before they are used.
/// * The tables of a process take no more memory than [`limit_table_memory`] says, 8 MiB by
///   default. They are dropped with their key, unless a key set that was read anew has taken them
///   over ([`KeySet::inherit`](crate::KeySet::inherit)).
///
/// Tables hold public data only. `USES` of 0 builds the tables of a key before its first use.
/// [`Provider::warm`] builds them when the caller wants it, on a thread of the caller's choice.
///
/// ```
/// # #[cfg(feature = "ed25519")] {
/// use jwtverify_core::{Algorithm, Key, Precomputed, RustCrypto, verify_signature};
///
/// // RFC 8037 appendix A.2 and A.4
/// let jwk = br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let key = Key::<Precomputed<RustCrypto>>::read(jwk)?;
/// assert!(key.warm());
/// assert!(verify_signature(Algorithm::EdDsa, &key, b"message", &[0; 64]).is_err());
/// # }
/// # Ok::<(), jwtverify_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Precomputed<P = RustCrypto, const USES: u32 = USES_BEFORE_TABLES>(PhantomData<P>);

/// A prepared key of [`Precomputed`].
pub struct PrecomputedKey<P: Provider> {
    wrapped: P::Key,
    point: Option<Point>,
    /// Shared with the same key of a later set.
    warmth: Arc<Warmth>,
}

/// What became of the uses of a key.
#[derive(Default)]
struct Warmth {
    /// How many signatures were valid before there were tables, or [`TAKEN`].
    uses: AtomicU32,
    tables: OnceBox<Tables>,
}

/// Somebody builds the tables, or has built them, or found that they come out wrong.
const TAKEN: u32 = u32::MAX;

impl<P: Provider, const USES: u32> Provider for Precomputed<P, USES> {
    type Key = PrecomputedKey<P>;

    fn prepare(material: &KeyMaterial<'_>) -> Result<PrecomputedKey<P>, Error> {
        Ok(PrecomputedKey {
            wrapped: P::prepare(material)?,
            // The wrapped provider has found that the point is a key.
            point: Point::of(material),
            warmth: Arc::default(),
        })
    }

    fn verify(
        key: &PrecomputedKey<P>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let tables = key.tables().or_else(|| key.build_after(USES));
        match tables.and_then(|tables| tables.verify(algorithm, message, signature)) {
            Some(true) => Ok(()),
            Some(false) => Err(InvalidSignature),
            None => {
                P::verify(&key.wrapped, algorithm, message, signature)?;
                key.count_to(USES);
                Ok(())
            }
        }
    }

    fn same(a: &PrecomputedKey<P>, b: &PrecomputedKey<P>) -> bool {
        P::same(&a.wrapped, &b.wrapped)
    }

    fn warm(key: &PrecomputedKey<P>) -> bool {
        match key.point {
            Some(_) => key.tables().or_else(|| key.build_after(0)).is_some(),
            None => P::warm(&key.wrapped),
        }
    }

    fn inherit(key: &mut PrecomputedKey<P>, before: &PrecomputedKey<P>) {
        P::inherit(&mut key.wrapped, &before.wrapped);
        // Tables of another point would be those of another key.
        if key.point.is_some() && key.point == before.point {
            key.warmth = Arc::clone(&before.warmth);
        }
    }
}

/// For the fuzz targets of this project alone: digests that no message is known to have.
#[cfg(all(fuzzing, any(feature = "p256", feature = "p384", feature = "p521")))]
impl<P: Provider, const USES: u32> Precomputed<P, USES> {
    /// What the tables of a key say of a digest. `None` where there are none, and where they leave
    /// it to the wrapped provider.
    #[doc(hidden)]
    pub fn tables_verdict(
        key: &PrecomputedKey<P>,
        digest: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        key.tables()?.verify_digest(digest, signature)
    }
}

impl<P: Provider> PrecomputedKey<P> {
    fn tables(&self) -> Option<&Tables> {
        self.warmth.tables.get()
    }

    /// Builds the tables if the key was used so often and nobody else is about it.
    #[cold]
    fn build_after(&self, uses: u32) -> Option<&Tables> {
        let point = self.point.as_ref()?;
        let take = |seen: u32| (seen != TAKEN && seen >= uses).then_some(TAKEN);
        let Warmth { uses: seen, tables } = &*self.warmth;
        seen.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .ok()?;
        #[cfg(all(test, feature = "p256", feature = "hmac"))]
        tests::before_building(point);
        match Tables::build(point) {
            // Nobody else can have set them.
            Ok(built) => drop(tables.set(Box::new(built))),
            // Another key's tables may be gone when this one has been used as often again.
            Err(NotBuilt::Memory) => seen.store(0, Ordering::Relaxed),
            // Whatever the reason is, it would come back.
            Err(NotBuilt::Wrong) => {}
        }
        tables.get()
    }

    fn count_to(&self, uses: u32) {
        let next = |seen: u32| (seen < uses).then(|| seen.saturating_add(1));
        // An error says that the count is full.
        let _ = self
            .warmth
            .uses
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }
}

#[cfg(all(test, feature = "p256", feature = "hmac"))]
mod tests;
