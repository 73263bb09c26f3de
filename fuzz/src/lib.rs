//! What the fuzz targets share: fixed keys and tokens, models to compare with, and a watch.
//!
//! Each target states its verdict oracle at its top: not crashing is the least of it.

pub mod base64;
pub mod claims;
#[cfg(fuzzing)]
pub mod differential;
pub mod ecdsa;
pub mod ed25519;
pub mod fixed;
pub mod header;
pub mod json;
pub mod mutants;
pub mod time;
pub mod verdict;

/// Reads an input from its front. When it is used up, it goes on with zeros.
pub struct Input<'d>(pub &'d [u8]);

impl<'d> Input<'d> {
    /// The next octet.
    pub fn octet(&mut self) -> u8 {
        self.octets(1).first().copied().unwrap_or(0)
    }

    /// As many octets, or as many as there are.
    pub fn octets(&mut self, count: usize) -> &'d [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        let number = usize::from(self.octet()) << 8 | usize::from(self.octet());
        number % count
    }

    /// One of `choices`.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.octet()) % choices.len()]
    }

    /// Whether there is anything left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
