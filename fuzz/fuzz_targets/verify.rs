#![no_main]
//! Any octets as a token, against fixed keys and several verifiers. The oracle: all ways to ask
//! give one verdict, and nobody without a private key gets another text accepted.

use jwtverify_fuzz::time::measured;
use jwtverify_fuzz::{fixed, mutants, verdict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for verifier in [&*fixed::STRICT, &*fixed::OPEN, &*fixed::TYPED] {
        let verdict = measured(|| verdict::verdict(verifier, data, &*fixed::PUBLIC));
        assert!(verdict.is_err() || mutants::is_genuine(data), "a forgery");
        let verdict = measured(|| verdict::verdict(verifier, data, &*fixed::SECRETS));
        assert!(verdict.is_err(), "a token without the secret");
    }
    let verdict = measured(|| verdict::verdict(&fixed::PADDED, data, &*fixed::PUBLIC));
    assert!(
        verdict.is_err() || mutants::is_genuine_but_padded(data),
        "a forgery"
    );
});
