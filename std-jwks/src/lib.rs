//! Fetch, cache and rotate JSON Web Key Sets, verify tokens with them, and say what is wrong.
//!
//! ```text
//!                 ┌ Verifier (policy) ┐
//!  token ── JwksVerifier              ├── Verified, or Error with a Diagnosis
//!                 └ RemoteJwks ───────┘
//!                     │ Snapshot: an immutable KeySet, swapped whole
//!                     │ engine: when to fetch (pure decisions)
//!                     └ Fetch: HTTPS by default, or your own
//! ```
//!
//! This crate re-exports [`jwtverify_core`], so that a service needs one dependency. Core decides
//! whether a token is good; this crate brings the keys:
//!
//! * [`RemoteJwks`] keeps a key set: lazily, with one fetch for any number of callers, with
//!   bounded staleness while the issuer is down, and with a budget for unknown `kid`s.
//! * [`JwksVerifier`] joins it to a [`Verifier`].
//! * [`Event`]s tell what happens to a key set, and a [`Refresher`] keeps it young by itself.
//! * A [`SnapshotStore`], such as [`FileStore`], keeps the last good set for the next start.
//! * [`Issuers`] holds the verifiers of several issuers, and takes the one that a token names.
//! * [`TokenCache`], if you ask for it, answers tokens that were verified before.
//! * [`Error`] says what happened and, in its [`Diagnosis`], why and what to do; [`explain`] gives
//!   the same for a [`KeySet`] from a file. What may be the [`causes`] of an error, and what is
//!   known of providers ([`known_providers`]), are tables that the manual is made from.
//! * [`engine`] is when to fetch and whom to let wait, without clock and network: for simulators.
//! * [`check()`] looks at an endpoint for a person: is it reachable, what is in it, what is wrong.
//!   [`lint_url`] and [`lint_document`] are for whoever publishes it: what should be better.
//!
//! # Example
//!
//! ```no_run
//! use jwtverify_jwks::{Algorithm, JwksVerifier, RemoteJwks, Verifier};
//!
//! let policy = Verifier::builder()
//!     .algorithms([Algorithm::Rs256])
//!     .issuer("https://issuer.example")
//!     .audience("my-api")
//!     .build()?;
//! let verifier = JwksVerifier::new(policy, RemoteJwks::discover("https://issuer.example")?);
//! let verified = verifier.verify("eyJ...")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Signatures
//!
//! Keys are prepared once, when a set is read, for a crypto provider that is chosen by type. Here
//! that is [`DefaultProvider`]: AWS-LC, the library that HTTPS uses as well, several times faster
//! than the portable [`RustCrypto`] of core; and for elliptic-curve keys that are used often,
//! tables of their own ([`Precomputed`]), which take at most 8 MiB of the process unless
//! [`limit_table_memory`] says otherwise. The verdict is the same with each. [`KeySet`] and
//! [`Key`] are core's with that provider; they are read by [`KeySet::read`], by [`Key::read`], and
//! by [`KeySetOptions`] and [`JwkOptions`]. Core's own types are in [`core_api`].
//!
//! | feature | default | effect |
//! | --- | --- | --- |
//! | `aws-lc` | yes | `AwsLc`, which [`DefaultProvider`] then wraps; without it that wraps [`RustCrypto`] |
//! | `async` | no | callers that are tasks on tokio (`verify_async` and others), and a transport for them |
//! | `metrics` | no | `RemoteJwksBuilder::measure`: events as counters and gauges |
//! | `tracing` | no | `RemoteJwksBuilder::trace`: events as lines of a log |
//!
//! # Threads
//!
//! A fetch runs on a thread of its own that ends with it, or as a task of tokio. There is no thread
//! between fetches, unless [`RemoteJwks::refresh_in_background`] is asked for one. After `fork()`
//! the child keeps the set and fetches for itself.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used,
        reason = "a test may panic"
    )
)]

mod background;
mod builder;
mod carrier;
mod check;
mod clock;
mod closest;
mod desk;
mod diagnosis;
mod discovery;
mod document;
pub mod engine;
mod error;
mod event;
mod fetch;
mod flight;
mod hints;
mod http;
mod issuers;
mod lint;
mod provider;
mod remote;
mod resolve;
mod shared;
mod snapshot;
mod source;
mod status;
mod store;
mod sync;
#[cfg(test)]
mod testing;
mod text;
mod token_cache;
mod url;
mod verifier;
mod waiting;

#[doc(no_inline)]
pub use jwtverify_core as core_api;
#[doc(no_inline)]
pub use jwtverify_core::*;

/// Core's flat error: the stable number. [`Error`] wraps it.
#[doc(no_inline)]
pub use jwtverify_core::Error as ErrorCode;

pub use background::Refresher;
pub use builder::RemoteJwksBuilder;
pub use check::{Check, CheckOptions, CheckedKey, Problem, Reached, check};
pub use clock::{Clock, SystemClock, system_now};
pub use diagnosis::{Cause, Diagnosis, causes, explain, provider_hints};
#[doc(inline)]
pub use engine::State;
pub use error::Error;
pub use event::Event;
#[cfg(feature = "async")]
pub use fetch::{AsyncFetch, FetchFuture};
pub use fetch::{Fetch, FetchError, Request, Response};
pub use hints::{KnownProvider, known_providers};
#[cfg(feature = "async")]
pub use http::AsyncHttpFetch;
pub use http::{BadCertificate, BadSetting, HttpFetch};
pub use issuers::{Issuers, IssuersBuilder};
pub use lint::{
    DocumentKind, Finding, Lint, LintRule, Severity, lint_document, lint_rules, lint_url,
};
#[cfg(feature = "aws-lc")]
pub use provider::AwsLc;
pub use provider::{DefaultProvider, Key, KeySet};
pub use remote::RemoteJwks;
pub use snapshot::Snapshot;
pub use status::{LastFetch, Status};
pub use store::{FileStore, SnapshotStore, StoreError, StoreReport};
pub use token_cache::{TokenCache, TokenCacheBuilder, TokenCacheUsage};
pub use verifier::JwksVerifier;
