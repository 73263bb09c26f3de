//! `jwtverify_remote_jwks`: a key set that is fetched, kept and renewed.

use core::ffi::c_char;
use std::sync::Arc;

use jwtverify_jwks::RemoteJwks;
use jwtverify_jwks::core_api::Error;

use crate::error::{Failure, jwtverify_error};
use crate::ffi::{self, In, Out, OutHandle, Own, Shared};
use crate::key_set::jwtverify_key_set;
use crate::status;

/// A key set at a URL, fetched when it is needed and kept while it is good. Many threads may use
/// one at once; they share its fetches.
///
/// A call that needs the network waits for it, for no longer than the settings allow. A fetch runs
/// on a thread of its own, which ends with the fetch. After fork() the child keeps the keys, and
/// fetches for itself.
///
/// @since 0.1.0
pub struct jwtverify_remote_jwks {
    remote: RemoteJwks,
}

impl Shared for jwtverify_remote_jwks {}

impl jwtverify_remote_jwks {
    pub(crate) fn new(remote: RemoteJwks) -> Self {
        Self { remote }
    }

    /// The remote key set itself, for a verifier that uses it.
    pub(crate) fn remote(&self) -> &RemoteJwks {
        &self.remote
    }
}

/// A remote key set at an address, with the default settings. Nothing is fetched yet.
///
/// Thread-safe.
///
/// @param url     "https://..."; "http://..." only for this machine (localhost). NUL-terminated
/// @param remote  receives the remote key set, to be freed with jwtverify_remote_jwks_free()
/// @param error   NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_URL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_from_url(
    url: In<c_char>,
    remote: OutHandle<jwtverify_remote_jwks>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = remote.slot()?;
        let result = RemoteJwks::from_url(url.text()?);
        let remote = result.map_err(|why| Failure::explained(&why, None))?;
        slot.put(Arc::new(jwtverify_remote_jwks::new(remote)));
        Ok(())
    })
}

/// A remote key set whose address the issuer's discovery document tells (OpenID Connect Discovery
/// 1.0 section 4), with the default settings. Nothing is fetched yet.
///
/// Thread-safe.
///
/// @param issuer  the issuer, such as "https://idp.example". NUL-terminated
/// @param remote  receives the remote key set, to be freed with jwtverify_remote_jwks_free()
/// @param error   NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_URL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_discover(
    issuer: In<c_char>,
    remote: OutHandle<jwtverify_remote_jwks>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = remote.slot()?;
        let result = RemoteJwks::discover(issuer.text()?);
        let remote = result.map_err(|why| Failure::explained(&why, None))?;
        slot.put(Arc::new(jwtverify_remote_jwks::new(remote)));
        Ok(())
    })
}

/// The keys as they are now; fetches them first if that is due. Good for a program that verifies
/// with jwtverify_verifier_verify() and decides itself when to ask again.
///
/// Thread-safe. May block for the network.
///
/// @param remote  the remote key set
/// @param keys    receives the keys, to be freed with jwtverify_key_set_free(); they stay what
///                they are, whatever is fetched later
/// @param error   NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK, also with older keys if a renewal failed and they may still be used; a
///         7xx code if there are none
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_keys(
    remote: In<jwtverify_remote_jwks>,
    keys: OutHandle<jwtverify_key_set>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = keys.slot()?;
        let result = remote.borrow()?.remote.keys();
        let snapshot = result.map_err(|why| Failure::explained(&why, None))?;
        slot.put(jwtverify_key_set::fetched(snapshot));
        Ok(())
    })
}

/// Fetches the keys now, at a start of the program or at an operator's wish.
///
/// Thread-safe. Blocks for the network.
///
/// @param remote  the remote key set
/// @param error   NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK; a 7xx code, and the keys stay as they were
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_refresh(
    remote: In<jwtverify_remote_jwks>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let result = remote.borrow()?.remote.refresh();
        result.map_err(|why| Failure::explained(&why, None))?;
        Ok(())
    })
}

/// What is held now, for logs and health pages, as a JSON object:
///
/// - "state": "cold" (nothing fetched yet), "fresh", "due" (in use, and renewed beside its users),
///   "stale" (in use past its time, because it could not be renewed) or "expired"
/// - "url", "issuer": where the keys come from; null if not known or not configured
/// - "generation": how often the content of the set has changed
/// - "kids", "skipped": arrays of strings
/// - "age_seconds": since the issuer last confirmed the set; "ttl_seconds": how long it is good for;
///   null without a set
/// - "last_fetch": null, or "ago_seconds", "error" (a result code or null) and "text"
/// - "failures": fetches that failed since the last success; "attempts": fetches started
/// - "fetching": whether a fetch is on its way
/// - "next_fetch_in_seconds", "next_unknown_kid_fetch_in_seconds": when one is allowed again
///
/// Later versions may have more members.
///
/// Thread-safe. Needs no network.
///
/// @param remote    the remote key set
/// @param text      receives the text with a NUL at its end; NULL if `text_len` is 0
/// @param text_len  the room at `text` in bytes
/// @param needed    receives the room that the whole text with its NUL needs, also if the room is
///                  too small; then nothing is written to `text`
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_SCRATCH if the room is too small
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_status(
    remote: In<jwtverify_remote_jwks>,
    text: Out<c_char>,
    text_len: usize,
    needed: Out<usize>,
) -> i32 {
    ffi::run_plain(|| {
        let needed = needed.slot()?;
        let status = crate::error::c_string(&status::json(&remote.borrow()?.remote.status()));
        let bytes = status.as_bytes_with_nul();
        let result = text.fill(text_len, bytes);
        if result != Err(Error::MisuseNull) {
            needed.write(bytes.len());
        }
        result
    })
}

/// A second reference to the same remote key set, for another thread or owner. Costs one atomic
/// increment.
///
/// Thread-safe.
///
/// @param remote  the remote key set
/// @param clone   receives the reference, to be freed with jwtverify_remote_jwks_free()
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_clone(
    remote: In<jwtverify_remote_jwks>,
    clone: OutHandle<jwtverify_remote_jwks>,
) -> i32 {
    ffi::run_plain(|| {
        let slot = clone.slot()?;
        slot.put(remote.share()?);
        Ok(())
    })
}

/// Frees a reference to a remote key set. NULL is allowed.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_free(remote: Own<jwtverify_remote_jwks>) {
    remote.free();
}
