//! `jwtverify_token_cache`: tokens that were verified before.

use std::sync::Arc;
use std::time::Duration;

use jwtverify_jwks::TokenCache;

use crate::error::{Failure, jwtverify_error};
use crate::ffi::{self, In, Out, OutHandle, Own, Shared};

/// Remembers tokens that were verified, so that the same token costs a SHA-256 the next time. A
/// verifier uses one only if it was made with jwtverify_jwks_verifier_new_cached(). Many threads
/// may use one at once, and so may several verifiers; none of them sees a result of another.
///
/// The verdict is the same with and without it. Only successes are kept. The times in the token
/// are checked at each use, and the key that verified it must still be the one that the held key
/// set has for it: a key that was withdrawn ends the tokens that it signed.
///
/// @since 0.1.0
pub struct jwtverify_token_cache {
    cache: TokenCache,
}

impl Shared for jwtverify_token_cache {}

impl jwtverify_token_cache {
    /// The cache itself, for a verifier that uses it.
    pub(crate) fn cache(&self) -> &TokenCache {
        &self.cache
    }
}

/// How full a cache of tokens is and how much it is used.
///
/// @since 0.1.0
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jwtverify_cache_usage {
    /// Tokens that are kept.
    pub entries: u64,
    /// Bytes of memory that they take.
    pub bytes: u64,
    /// Tokens that were answered.
    pub hits: u64,
    /// Tokens that were verified: unknown ones, and known ones that no longer held.
    pub misses: u64,
    /// Tokens that were pushed out by others.
    pub evicted: u64,
}

/// A cache of verified tokens. 0 for any of the three numbers stands for its default.
///
/// Thread-safe.
///
/// @param entries    the most tokens that are kept: 1,024; from 1 to 65,536
/// @param max_bytes  the most memory for them: 4 MiB; from 64 KiB to 1 GiB
/// @param lifetime   how long a token is remembered, in seconds: 60; from 1 to 3,600, and never
///                   past the token's own expiry
/// @param cache      receives the cache, to be freed with jwtverify_token_cache_free()
/// @param error      NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT for a number out of its range
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_token_cache_new(
    entries: usize,
    max_bytes: usize,
    lifetime: u32,
    cache: OutHandle<jwtverify_token_cache>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = cache.slot()?;
        let mut builder = TokenCache::builder();
        if entries != 0 {
            builder = builder.entries(entries);
        }
        if max_bytes != 0 {
            builder = builder.max_bytes(max_bytes);
        }
        if lifetime != 0 {
            builder = builder.lifetime(Duration::from_secs(lifetime.into()));
        }
        let result = builder.build();
        let cache = result.map_err(|why| Failure::explained(&why, None))?;
        slot.put(Arc::new(jwtverify_token_cache { cache }));
        Ok(())
    })
}

/// How full a cache is and how much it is used. The numbers are those of one moment each; where
/// threads compete, a few uses are not counted.
///
/// Thread-safe.
///
/// @param cache  the cache
/// @param usage  receives the numbers
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_token_cache_read_usage(
    cache: In<jwtverify_token_cache>,
    usage: Out<jwtverify_cache_usage>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = usage.slot()?;
        let usage = cache.borrow()?.cache.usage();
        let wide = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        slot.write(jwtverify_cache_usage {
            entries: wide(usage.entries),
            bytes: wide(usage.bytes),
            hits: usage.hits,
            misses: usage.misses,
            evicted: usage.evicted,
        });
        Ok(())
    })
}

/// A second reference to the same cache, for another thread or owner. Costs one atomic increment.
///
/// Thread-safe.
///
/// @param cache  the cache
/// @param clone  receives the reference, to be freed with jwtverify_token_cache_free()
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_token_cache_clone(
    cache: In<jwtverify_token_cache>,
    clone: OutHandle<jwtverify_token_cache>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = clone.slot()?;
        slot.put(cache.share()?);
        Ok(())
    })
}

/// Frees a reference to a cache. NULL is allowed. Verifiers that use it keep it.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_token_cache_free(cache: Own<jwtverify_token_cache>) {
    cache.free();
}
