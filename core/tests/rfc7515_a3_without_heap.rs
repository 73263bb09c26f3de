//! RFC 7515 appendix A.3 verified through the entry points that allocate nothing, in every build
//! that has P-256: with and without `alloc`, the verdict is the same.

use jwtverify_core::{Algorithm, Error, Key, UnixTime, Verifier};

const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const EXP: i64 = 1_300_819_380;

fn verifier() -> Verifier<'static> {
    let builder = Verifier::builder().algorithms([Algorithm::Es256]);
    builder.issuer("joe").any_audience().build().unwrap()
}

#[test]
fn a_scratch_as_long_as_the_token_is_enough() {
    let key: Key = Key::from_jwk(JWK).unwrap();
    let mut scratch = [0; TOKEN.len()];
    let now = UnixTime::from_secs(EXP - 1);
    let verified = verifier()
        .verify_in(TOKEN, &key, now, &mut scratch)
        .unwrap();
    assert_eq!(verified.algorithm(), Algorithm::Es256);
    assert_eq!(verified.header().json(), r#"{"alg":"ES256"}"#);
    assert!(verified.claims().issuer().is_some_and(|iss| iss == "joe"));
    assert_eq!(verified.claims().expiration().unwrap().floor(), EXP);
    assert!(
        verified
            .payload()
            .starts_with(b"{\"iss\":\"joe\",\r\n \"exp\":1300819380")
    );
}

#[test]
fn a_scratch_that_is_too_short_is_the_callers_mistake_and_never_a_verdict() {
    let key: Key = Key::from_jwk(JWK).unwrap();
    let now = UnixTime::from_secs(EXP - 1);
    let needed = TOKEN
        .split('.')
        .map(|segment| segment.len() * 3 / 4)
        .sum::<usize>();
    for len in 0..=TOKEN.len() {
        let mut scratch = vec![0; len];
        let result = verifier()
            .verify_in(TOKEN, &key, now, &mut scratch)
            .map(|_| ());
        let expected = if len < needed {
            Err(Error::MisuseScratch)
        } else {
            Ok(())
        };
        assert_eq!(result, expected, "{len}");
    }
}

#[test]
fn every_flipped_bit_of_the_token_is_refused() {
    let key: Key = Key::from_jwk(JWK).unwrap();
    let mut scratch = [0; TOKEN.len()];
    for place in 0..TOKEN.len() {
        for bit in 0..8 {
            let mut token = TOKEN.as_bytes().to_vec();
            token[place] ^= 1 << bit;
            let refused = verifier()
                .verify_jws_in(&token, &key, &mut scratch)
                .is_err();
            assert!(refused, "bit {bit} of octet {place}");
        }
    }
}

#[cfg(feature = "alloc")]
#[test]
fn with_and_without_a_heap_the_verdict_is_the_same() {
    let key: Key = Key::from_jwk(JWK).unwrap();
    let mut scratch = [0; 2 * TOKEN.len()];
    for (token, now) in [
        (TOKEN, EXP - 1),
        (TOKEN, EXP),
        (&TOKEN[1..], EXP - 1),
        (&TOKEN[..TOKEN.len() - 1], EXP - 1),
        ("..", 0),
    ] {
        let now = UnixTime::from_secs(now);
        let heap = verifier().verify(token, &key, now);
        let none = verifier().verify_in(token, &key, now, &mut scratch);
        assert_eq!(heap.as_ref().err(), none.as_ref().err());
        let claims = |json: &str| json.to_owned();
        let heap = heap.map(|verified| claims(verified.claims().json()));
        assert_eq!(
            heap.ok(),
            none.map(|verified| claims(verified.claims().json())).ok()
        );
    }
}
