//! Every budget of this crate: a named constant with its unit and its reason.
//!
//! The token and key-set limits are defaults of settings; the others are fixed.

/// Longest token, in octets of text. Tokens with payloads of 100 kB occur; a header line of an
/// HTTP server ends far below.
pub const MAX_TOKEN_BYTES: usize = 256 * 1024;

/// Longest decoded header, in octets. It is read before anything is known about the sender.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Longest key-set document, in octets. One hundred keys with certificate chains fit.
pub const MAX_KEY_SET_BYTES: usize = 512 * 1024;

/// Most members of a `keys` array, usable or not.
pub const MAX_KEYS: usize = 100;

/// Longest `kid`, in octets of UTF-8.
pub const MAX_KID_BYTES: usize = 1024;

/// Deepest nesting of JSON objects and arrays; the outermost object counts as 1.
pub const MAX_JSON_DEPTH: usize = 32;

/// Longest leeway for `exp`, `nbf` and the age, in seconds. Clocks that differ by more than five
/// minutes need repair, not leeway.
pub const MAX_LEEWAY_SECONDS: u64 = 300;

/// Most required claims, issuers or audiences of one verifier. They are compared one by one.
pub const MAX_EXPECTED: usize = 64;

/// Smallest RSA modulus, in bits (RFC 7518 section 3.3).
pub const MIN_RSA_BITS: u32 = 2048;

/// Largest RSA modulus, in bits. Time grows with the square: 8192 bits cost sixteen times 2048.
pub const MAX_RSA_BITS: u32 = 8192;

/// Longest symmetric secret, in octets. No digest gains from more than its block of 128.
pub const MAX_SECRET_BYTES: usize = 1024;
