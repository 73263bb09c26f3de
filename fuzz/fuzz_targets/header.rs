#![no_main]
//! Any octets as a header. The oracle: a model of the header's checks on serde_json's reading
//! gives the same error under two policies, and a good header signed with HS256 verifies.

use jwtverify_core::{Algorithm, AlgorithmSet};
use jwtverify_fuzz::time::measured;
use jwtverify_fuzz::{fixed, header, verdict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let token = fixed::sign(data, b"{}");
    let typed = AlgorithmSet::from([Algorithm::Hs256, Algorithm::Es256]);
    for (verifier, allowed, typ) in [
        (&*fixed::OPEN, AlgorithmSet::ALL, None),
        (&*fixed::TYPED, typed, Some("at+jwt")),
    ] {
        let expected = header::expected(data, allowed, typ);
        let got = measured(|| verifier.check_header(&token));
        assert!(
            header::agrees(got, expected),
            "{got:?}, and the model says {expected:?}"
        );
        let verdict =
            measured(|| verdict::verdict(verifier, token.as_bytes(), &*fixed::SECRET_KEY));
        assert_eq!(verdict.is_ok(), expected == Ok(Algorithm::Hs256));
    }
});
