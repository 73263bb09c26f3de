//! `make bench`: this library beside its peers, on the same tokens, in one run.
//!
//! ```text
//!  fixtures ─ contestants ─ rounds ─ statistics ─ Results ┬ results.json
//!             in this process,                            ├ docs/benchmarks.md, its plots
//!             in Python, Node, Go, C                      └ the table in README.md
//! ```
//!
//! This library is the right half: what is made of the times. It depends on nothing that is
//! measured, so that its tests are quick. The left half is the program, behind the feature
//! `measure`; `scripts/bench.sh` sets up what it needs.
//!
//! | module | its idea |
//! | --- | --- |
//! | [`names`] | what works and contestants are called |
//! | [`statistics`] | medians and quartiles of ratios taken round by round |
//! | [`results`] | what was measured, and its JSON |
//! | [`targets`] | what has to be reached, and by how much it is or is not |
//! | [`report`] | the page, the table of the README, the table for the terminal |
//! | [`plots`], [`svg`] | the pictures |
//! | [`publish`] | writes them all |

#![forbid(unsafe_code)]

pub mod names;
pub mod plots;
pub mod publish;
pub mod report;
pub mod results;
pub mod statistics;
pub mod svg;
pub mod targets;
