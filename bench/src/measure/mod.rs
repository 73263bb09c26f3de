//! The half that measures: contestants, rounds, and who takes part.

pub(crate) mod child;
pub(crate) mod fixtures;
pub(crate) mod jsonwebtoken;
pub(crate) mod machine;
pub(crate) mod ours;
pub(crate) mod raw;
pub(crate) mod rounds;
pub(crate) mod scaling;
