#![no_main]
//! Good tokens, changed as the input says. The oracle: only the text that was signed is accepted.
//!
//! One other text is: ECDSA accepts (r, n - s) wherever it accepts (r, s), and RFC 7518 section
//! 3.4 does not choose between them. That twin is made here on purpose and must be accepted, with
//! the same claims; anything else is a forgery.

use jwtverify_fuzz::time::measured;
use jwtverify_fuzz::{Input, fixed, mutants, verdict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let original = input.one_of(&fixed::TOKENS);
    let with_twin = input.octet() & 1 == 1;
    let start = if with_twin {
        mutants::twin(original)
    } else {
        None
    };
    let start = start.unwrap_or_else(|| original.to_owned());
    let mutant = mutants::mutate(start.into_bytes(), &mut input);

    let genuine = mutants::is_genuine(&mutant);
    let verdict = measured(|| verdict::verdict(&fixed::STRICT, &mutant, &*fixed::PUBLIC));
    assert_eq!(verdict.is_ok(), genuine, "{verdict:?}");
    let verdict = measured(|| verdict::verdict(&fixed::PADDED, &mutant, &*fixed::PUBLIC));
    assert_eq!(
        verdict.is_ok(),
        mutants::is_genuine_but_padded(&mutant),
        "{verdict:?}"
    );
});
