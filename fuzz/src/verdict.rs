//! What must be true of a verdict, whatever the token is.

use jwtverify_core::unverified::UnverifiedToken;
use jwtverify_core::{Error, Family, Keys, Verified, Verifier};

use crate::fixed;

/// Asks for the verdict in every way there is, and panics if two answers differ.
pub fn verdict<K: Keys>(verifier: &Verifier<'_>, token: &[u8], keys: &K) -> Result<(), Error> {
    let now = fixed::now();
    let verified = verifier.verify(token, keys, now);
    let verdict = verified.as_ref().map(|_| ()).map_err(|error| *error);
    assert_eq!(
        verifier.verify(token, keys, now).map(|_| ()),
        verdict,
        "the second time"
    );
    if let Err(error) = verdict {
        assert_eq!(
            error.family(),
            Family::Token,
            "{error}: the token's fault is nobody else's"
        );
    }
    without_allocation(verifier, token, keys, &verified);
    signature_alone(verifier, token, keys, verdict);
    header_alone(verifier, token, verdict);
    if let Ok(verified) = &verified {
        let unverified = UnverifiedToken::read(token).expect("what verifies can be looked at");
        assert_eq!(unverified.header_json(), verified.header().json());
        assert_eq!(unverified.payload(), verified.payload());
        assert!(unverified.has_signature());
        assert_eq!(
            unverified.claims().expect("claims").as_str(),
            verified.claims().json()
        );
    }
    verdict
}

/// `verify_in`, for the second opinion: the same with twice the token's length as scratch, and the same or a plea for
/// more with less.
fn without_allocation<K: Keys>(
    verifier: &Verifier<'_>,
    token: &[u8],
    keys: &K,
    verified: &Result<Verified<'_>, Error>,
) {
    let less = [token.len(), token.len() * 5 / 8, 0][token.len() % 3];
    for length in [2 * token.len(), less] {
        let mut scratch = vec![0xa5; length];
        let here = verifier.verify_in(token, keys, fixed::now(), &mut scratch);
        match (&here, verified) {
            (Err(Error::MisuseScratch), _) if length < 2 * token.len() => {}
            (Err(here), Err(there)) => assert_eq!(here, there, "scratch of {length}"),
            (Ok(here), Ok(there)) => {
                assert_eq!(here.algorithm(), there.algorithm());
                assert_eq!(here.header().json(), there.header().json());
                assert_eq!(here.header().kid(), there.header().kid());
                assert_eq!(here.payload(), there.payload());
                assert_eq!(here.claims().json(), there.claims().json());
                assert_eq!(here.claims().issuer(), there.claims().issuer());
                assert_eq!(here.claims().subject(), there.claims().subject());
                assert_eq!(here.claims().expiration(), there.claims().expiration());
                assert!(here.claims().audience().eq(there.claims().audience()));
            }
            (here, there) => panic!("scratch of {length}: {here:?}, else {there:?}"),
        }
    }
}

/// `verify_jws` fails as `verify` does, or the claims are at fault.
fn signature_alone<K: Keys>(
    verifier: &Verifier<'_>,
    token: &[u8],
    keys: &K,
    verdict: Result<(), Error>,
) {
    let jws = verifier.verify_jws(token, keys).map(|_| ());
    let mut scratch = vec![0; 2 * token.len()];
    assert_eq!(
        verifier
            .verify_jws_in(token, keys, &mut scratch)
            .map(|_| ()),
        jws
    );
    match (jws, verdict) {
        (Err(jws), verdict) => assert_eq!(verdict, Err(jws)),
        (Ok(()), Ok(())) => {}
        (Ok(()), Err(error)) => assert!((500..600).contains(&error.code()), "{error}"),
    }
}

/// `check_header` fails as `verify` does, or the header is not at fault.
fn header_alone(verifier: &Verifier<'_>, token: &[u8], verdict: Result<(), Error>) {
    match (verifier.check_header(token), verdict) {
        (Err(header), verdict) => assert_eq!(verdict, Err(header)),
        (Ok(()), Ok(())) => {}
        (Ok(()), Err(Error::PayloadBase64 | Error::SignatureBase64)) => {}
        (Ok(()), Err(error)) => assert!(error.code() >= 300, "{error}"),
    }
}
