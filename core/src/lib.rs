//! A verifier of JSON Web Tokens: token bytes, a key set and a time in, a verdict out.
//!
//! ```text
//!  token text ─ Token ─ Header ─ Permitted ─ &Key ─ SignatureValid ─ Verified
//!               three   strict   allow-list  one    the proof        claims
//!               segments JSON    no crit     key                     checked
//! ```
//!
//! Each arrow is a check, each word a type that only this check can make: a step that was left
//! out does not compile.
//!
//! ```
//! # #[cfg(all(feature = "alloc", feature = "p256"))] {
//! use jwtverify_core::{Algorithm, Error, KeySet, UnixTime, Verifier};
//!
//! // The key and the token of RFC 7515 appendix A.3.
//! let keys = KeySet::from_jwks(br#"{"kty":"EC","crv":"P-256",
//!     "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
//!     "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#)?;
//! let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
//!     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj\
//!     Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
//! let verifier = Verifier::builder()
//!     .algorithms([Algorithm::Es256])
//!     .issuer("joe")
//!     .any_audience()
//!     .build()?;
//!
//! let verified = verifier.verify(token, &keys, UnixTime::from_secs(1_300_819_379))?;
//! assert!(verified.claims().issuer().is_some_and(|iss| iss == "joe"));
//! let late = verifier.verify(token, &keys, UnixTime::from_secs(1_300_819_380));
//! assert_eq!(late.err(), Some(Error::Expired));
//! # }
//! # Ok::<(), jwtverify_core::Error>(())
//! ```
//!
//! # What `verify` checks, in order
//!
//! It ends at the first step that fails, with one [`Error`] and no partial result.
//!
//! 1. structure: length, three segments, none of header and signature empty
//! 2. header: base64url, strict JSON, `alg` and `kid` are strings
//! 3. policy: `alg` is on the allow-list, no `crit`, no `b64`, `typ` as configured
//! 4. key: exactly one key of the set has the `kid` and is for the `alg`
//! 5. signature, over the text as it was received
//! 6. payload: base64url, strict JSON
//! 7. claims: types, presence, `exp`, `nbf`, age, `iss`, `aud`
//!
//! # What it stands on
//!
//! The crate reads no clock, no file and no network: `now`, bytes and buffers are arguments. It
//! is `no_std`, holds no `unsafe`, and no bytes make it panic. Keys are fetched and kept by the
//! crate `jwtverify-jwks`.
//!
//! # Crate features
//!
//! A feature adds API or an algorithm; none changes a verdict.
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `alloc` | yes | [`KeySet`], [`Verifier::verify`], typed claims through serde, [`Precomputed`] |
//! | `rsa` | yes | RS256/384/512, PS256/384/512; over 4096 bits with `alloc` |
//! | `p256`, `p384`, `p521` | yes | ES256, ES384, ES512 |
//! | `ed25519` | yes | EdDSA, Ed25519 |
//! | `hmac` | yes | HS256/384/512 |
//! | `k256` | no | ES256K |
//! | `ml-dsa` | no | ML-DSA-44/65/87; needs 70 KiB of stack, without `alloc` 115, 174 or 277 KiB |
//! | `thumbprint` | no | [`Key::thumbprint`]; 33 octets a key |
//!
//! Without `alloc` nothing allocates: keys live in a [`FixedKeySet`], and what is decoded goes to
//! the caller's buffer ([`Verifier::verify_in`]). Both are there with `alloc` as well.
//!
//! Keys of an algorithm that is left out are refused with [`Error::KeyTypeDisabled`].

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::todo,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used,
        reason = "a test may panic"
    )
)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod algorithm;
mod base64url;
mod claims;
mod error;
mod expected;
mod header;
pub mod json;
mod jwk;
mod keys;
mod keyset;
pub mod limits;
mod member;
mod policy;
#[cfg(all(
    feature = "alloc",
    any(
        feature = "p256",
        feature = "p384",
        feature = "p521",
        feature = "ed25519"
    ),
    target_has_atomic = "ptr"
))]
mod precomputed;
mod provider;
mod signature;
mod time;
mod token;
#[cfg(feature = "alloc")]
pub mod unverified;
mod verified;
mod verifier;

pub use algorithm::{Algorithm, AlgorithmSet, Curve, Digest, KeyType, ParameterSet, Scheme};
pub use claims::Claims;
pub use error::{ClaimName, Error, Family};
pub use header::Header;
pub use jwk::{JwkOptions, Key};
pub use keys::Keys;
pub use keyset::{FixedKeySet, KeyNotice, KeySetOptions, Notice, Warning};
#[cfg(feature = "alloc")]
pub use keyset::{KeySet, KeySetError, KeyWarning, SkippedKey};
pub use member::{HeaderMember, JwkMember};
pub use policy::Permitted;
#[cfg(all(
    feature = "alloc",
    any(
        feature = "p256",
        feature = "p384",
        feature = "p521",
        feature = "ed25519"
    ),
    target_has_atomic = "ptr"
))]
pub use precomputed::{
    Precomputed, PrecomputedKey, USES_BEFORE_TABLES, limit_table_memory, table_memory,
};
pub use provider::{InvalidSignature, KeyMaterial, Provider, RustCrypto};
pub use signature::{SignatureValid, verify_signature};
pub use time::{NumericDate, UnixTime};
pub use token::Token;
pub use verified::{Verified, VerifiedJws};
pub use verifier::{Verifier, VerifierBuilder};

/// The page for firmware: its example is compiled and run with the tests.
#[cfg(all(doctest, feature = "p256"))]
#[doc = include_str!("../../docs/embedding.md")]
pub struct Embedding;
