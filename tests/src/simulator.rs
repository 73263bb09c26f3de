//! The engine of `jwtverify-jwks` in a world that is made up: a clock, a network and an issuer.
//!
//! A simulated week takes milliseconds. Nothing here opens a socket, starts a thread or reads a
//! clock, and all chance comes from a seed, so that every run can be repeated.
//!
//! * [`World`]: time, callers and fetches. It carries out what the engine decides, as the library
//!   does with threads and sockets, and writes down what happened.
//! * [`Issuer`] and [`Mood`]: which keys there are, and how the issuer answers today.
//! * [`Judge`]: holds what happened against the promises, by arithmetic of its own.
//! * [`Schedule`]: a world that chance drives.

mod chance;
mod issuer;
mod judge;
mod record;
mod schedule;
mod world;

pub use chance::Chance;
pub use issuer::{Issuer, Mood};
pub use judge::Judge;
pub use record::{Call, Start, Verdict, Why};
pub use schedule::Schedule;
pub use world::World;
