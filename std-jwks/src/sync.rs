//! The locks of the desk and of the token cache, in one place: `tests/loom` compiles the same code
//! with those of a model checker, which runs it in every order that threads can come in.

pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};

pub(crate) use arc_swap::ArcSwapOption;
