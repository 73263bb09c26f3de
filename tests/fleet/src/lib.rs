//! A fleet of processes, each with a key set of its own, and their one issuer, through a day with
//! rotations, a deploy, an outage and a flood of made-up key IDs.
//!
//! The day is simulated event by event; no clock is read and nothing is sent. One kind of process
//! runs the real [`Engine`](jwtverify_jwks::engine::Engine), the others run small models of what
//! other libraries do. `make fleet` runs it, and `docs/fleet.md` shows what came out.
//!
//! | file | idea |
//! | --- | --- |
//! | `day.rs` | what happens when, and every number of it |
//! | `traffic.rs` | when the next token comes, and how many come in a time |
//! | `issuer.rs` | what it publishes, how much it stands, what it was asked |
//! | `client.rs` | what a strategy is asked and what it answers |
//! | `clients/` | the strategies, one a file |
//! | `process.rs` | one process: what its tokens meet |
//! | `fleet.rs` | all of them, in the order of time |
//! | `queue.rs` | what happens next |
//! | `figures.rs` | what is counted |
//! | `page.rs`, `plot.rs` | tables and picture |
//! | `chance.rs` | chance from a seed |
//!
//! # What is left out between two events, and why nothing is lost
//!
//! A token that is answered like the one before it and starts nothing changes nothing. Good tokens
//! come at random, each without regard to the others (a Poisson process), so the time from any
//! moment to the next token does not depend on what came before. Each answer of a strategy says
//! until when it holds; what comes until then is counted by its expectation, and the first token
//! after it is drawn. The result is the same as if each token were drawn, with less noise.
#![forbid(unsafe_code)]

pub mod chance;
pub mod client;
pub mod clients;
pub mod day;
pub mod figures;
pub mod fleet;
pub mod issuer;
pub mod page;
pub mod plot;
mod process;
mod queue;
pub mod traffic;
