//! Fixtures for the test suites of every language: keys, tokens and an issuer to fetch keys from.
//!
//! Nothing here uses the verifier, but for [`simulator`], which drives the engine of the key sets.
//! Keys are generated and tokens signed by aws-lc-rs, so a token that the verifier accepts was made
//! by code that shares nothing with it.
//!
//! * [`SigningKey`]: a key of any algorithm, its public JWK, and tokens signed with it
//! * [`forge`]: tokens that must never be accepted
//! * [`LoopbackIssuer`]: a real HTTP server that publishes keys, rotates them, fails and lies
//! * [`FaultServer`]: a server that talks the way of a [`Step`] list: it hangs, resets, sends for ever
//! * [`Authority`]: certificates for such servers, good ones and others
//! * [`simulator`]: a clock, a network and an issuer that are made up, for the engine
//! * [`vectors`]: where third-party test data lies, and what to do when it is not there
//!
//! The suites are in `tests/`, one file for each RFC, attack or promise.
#![forbid(unsafe_code)]

mod authority;
mod faults;
pub mod forge;
mod http;
mod issuer;
mod keys;
mod listener;
pub mod simulator;
pub mod vectors;

pub use authority::{Authority, Flaw};
pub use faults::{FaultServer, Step};
pub use http::Received;
pub use issuer::{Behaviour, LoopbackIssuer};
pub use keys::{Alg, SigningKey, base64url, jwks};
