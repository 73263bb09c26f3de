//! What the works and the contestants are called, in results, targets, page and plots alike.

/// The algorithms that are measured, in the order of the page.
pub const ALGORITHMS: [&str; 7] = [
    "RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "HS256",
];

/// Ours, by language and state.
pub const OURS: &str = "jwtverify";
pub const OURS_COLD: &str = "jwtverify, cold key";
pub const OURS_CACHED: &str = "jwtverify, cached token";
pub const OURS_TYPED: &str = "jwtverify, typed claims";
pub const OURS_PORTABLE: &str = "jwtverify, portable core";
pub const OURS_SIGNATURE: &str = "jwtverify, signature alone";
pub const OURS_BESIDE: &str = "jwtverify, all but the signature";
pub const OURS_C: &str = "jwtverify in C";
pub const OURS_C_CACHED: &str = "jwtverify in C, cached token";
pub const OURS_GO: &str = "jwtverify in Go";
pub const OURS_GO_CACHED: &str = "jwtverify in Go, cached token";
pub const OURS_PYTHON: &str = "jwtverify in Python";
pub const OURS_PYTHON_CACHED: &str = "jwtverify in Python, cached token";

/// Whole tokens by others.
pub const JSONWEBTOKEN: &str = "jsonwebtoken (aws_lc_rs)";
pub const JSONWEBTOKEN_PORTABLE: &str = "jsonwebtoken (rust_crypto)";
pub const JSONWEBTOKEN_DECODES: &str = "jsonwebtoken, decoding alone";
pub const PYJWT: &str = "PyJWT";
pub const JOSERFC: &str = "joserfc";
pub const FAST_JWT: &str = "fast-jwt";
pub const FAST_JWT_CACHED: &str = "fast-jwt, cached token";
pub const JOSE: &str = "jose";
pub const GOLANG_JWT: &str = "golang-jwt";

/// The signature check alone.
pub const AWS_LC: &str = "aws-lc-rs, signature alone";
pub const RING: &str = "ring, signature alone";
pub const RUSTCRYPTO: &str = "RustCrypto, signature alone";
pub const GO_CRYPTO: &str = "Go's crypto, signature alone";

/// A comparison of ourselves with ourselves.
pub const ONE_KEY: &str = "jwtverify, 1 key";
pub const ONE_THREAD: &str = "one thread";

pub const A_QUARTER: &str = "jwtverify, 64 KiB";

/// How many keys there are to find one among.
pub const KEY_COUNTS: [usize; 5] = [1, 10, 100, 1_000, 10_000];

/// How many threads are tried at most, on machines with so many cores.
pub const MOST_THREADS: usize = 8;

/// Lengths of tokens, in KiB of text.
pub const SIZES: [usize; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// What the rows of one algorithm compare: what follows its name in `work`, ours, and the peer.
pub const PAIRS: &[(&str, &str, &str)] = &[
    (WARM, OURS, JSONWEBTOKEN),
    (WARM, OURS, JSONWEBTOKEN_PORTABLE),
    (WARM, OURS, AWS_LC),
    (WARM, OURS, RING),
    (WARM, OURS, FAST_JWT),
    (WARM, OURS, JOSE),
    (WARM, OURS, GOLANG_JWT),
    (COLD, OURS_COLD, JSONWEBTOKEN),
    (COLD, OURS_COLD, AWS_LC),
    (CACHED, OURS_CACHED, FAST_JWT_CACHED),
    (CACHED, OURS_CACHED, JSONWEBTOKEN),
    (CACHED, OURS_CACHED, OURS),
    (TYPED, OURS_TYPED, JSONWEBTOKEN),
    (PORTABLE, OURS_PORTABLE, RUSTCRYPTO),
    (PORTABLE, OURS_PORTABLE, JSONWEBTOKEN_PORTABLE),
    (SIGNATURE, OURS_SIGNATURE, AWS_LC),
    (SIGNATURE, OURS_SIGNATURE, RING),
    (SIGNATURE, OURS_SIGNATURE, RUSTCRYPTO),
    (BESIDE, OURS_BESIDE, JSONWEBTOKEN_DECODES),
    (C, OURS_C, OURS),
    (C_CACHED, OURS_C_CACHED, OURS_CACHED),
    (GO, OURS_GO, GOLANG_JWT),
    (GO, OURS_GO, GO_CRYPTO),
    (GO_CACHED, OURS_GO_CACHED, GOLANG_JWT),
    (PYTHON, OURS_PYTHON, PYJWT),
    (PYTHON, OURS_PYTHON, JOSERFC),
    (PYTHON_CACHED, OURS_PYTHON_CACHED, PYJWT),
    (PYTHON_CACHED, OURS_PYTHON_CACHED, OURS_PYTHON),
];

pub const WARM: &str = "warm key";
pub const COLD: &str = "cold key";
pub const CACHED: &str = "cached token";
pub const TYPED: &str = "typed claims";
pub const PORTABLE: &str = "portable core";
pub const SIGNATURE: &str = "signature alone";
pub const BESIDE: &str = "all but the signature";
pub const C: &str = "C";
pub const C_CACHED: &str = "C, cached token";
pub const GO: &str = "Go";
pub const GO_CACHED: &str = "Go, cached token";
pub const PYTHON: &str = "Python";
pub const PYTHON_CACHED: &str = "Python, cached token";

/// The name of an algorithm's work.
pub fn work(algorithm: &str, what: &str) -> String {
    format!("{algorithm}, {what}")
}

/// The whole verification by one key among so many.
pub fn look_up(keys: usize) -> String {
    format!("ES256, one key of {keys}")
}

/// The same without the signature.
pub fn look_up_alone(keys: usize) -> String {
    format!("ES256, all but the signature, one key of {keys}")
}

/// A token of so many KiB.
pub fn sized(kib: usize) -> String {
    format!("ES256, token of {kib} KiB")
}

/// So many threads, each verifying on the same keys: time a token.
pub fn threads(algorithm: &str, what: &str, count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{algorithm}, {what}, {count} thread{plural}")
}
