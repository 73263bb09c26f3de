//! The C interface of jwtverify. Its documentation is `include/jwtverify.h`, which
//! `examples/header.rs` writes from the comments here, and `docs/c-api.md`, which states the
//! conventions; this page is for whoever changes this crate.
//!
//! One file an object, `jwtverify_<noun>_<verb>` each. `ffi` holds every dereference of a
//! pointer; nothing else in the crate has an `unsafe` block (a test counts them). A function
//!
//! 1. runs inside [`ffi::run`], which stops panics at the border;
//! 2. checks its pointers, outputs included, before it does anything;
//! 3. writes its outputs last, so that a failed call leaves them as they were.
//!
//! No state is kept outside of the handles, except the table of result-code texts.

#![expect(non_camel_case_types, reason = "the types have the names that C sees")]

pub mod builder;
pub mod claims;
pub mod error;
pub mod ffi;
pub mod jwks_verifier;
pub mod key_set;
pub mod remote;
pub mod remote_builder;
pub mod result;
pub mod signature;
mod status;
pub mod token_cache;
pub mod verified;
pub mod verifier;
