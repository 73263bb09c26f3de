#![no_main]
//! Any octets as a token. The oracle: a naive split and a naive base64url decoder agree with the
//! strict ones on what is a token, on the signing input and on the payload.

use jwtverify_core::unverified::UnverifiedToken;
use jwtverify_core::{Error, Token, limits};
use jwtverify_fuzz::time::measured;
use jwtverify_fuzz::{base64, fixed, json, verdict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    measured(|| structure(data));
    measured(|| looked_at(data));
    let _ = measured(|| verdict::verdict(&fixed::STRICT, data, &*fixed::SECRETS));
});

fn structure(data: &[u8]) {
    let segments: Vec<&[u8]> = data.split(|octet| *octet == b'.').collect();
    let expected = match segments[..] {
        _ if data.len() > limits::MAX_TOKEN_BYTES => Err(Error::TokenTooLarge),
        [header, _, _] if header.is_empty() => Err(Error::HeaderEmpty),
        [_, _, signature] if signature.is_empty() => Err(Error::SignatureEmpty),
        [header, payload, _] => Ok([header, b".", payload].concat()),
        [_, _, _, _, _] => Err(Error::TokenEncrypted),
        _ => Err(Error::TokenSegments),
    };
    let token = Token::parse(data);
    assert_eq!(token.map(|token| token.signing_input().to_vec()), expected);
}

fn looked_at(data: &[u8]) {
    let Ok(token) = UnverifiedToken::read(data) else {
        return;
    };
    let mut segments = data.split(|octet| *octet == b'.');
    let mut decoded = || {
        let text = segments.next().expect("three segments");
        let padding = text
            .iter()
            .rev()
            .take_while(|octet| **octet == b'=')
            .count();
        base64::decode(&text[..text.len() - padding]).expect("canonical base64url")
    };
    let node = json::object(&decoded()).expect("a strict header");
    json::assert_same_object(token.header(), &node);
    assert_eq!(token.payload(), decoded());
    assert_eq!(
        token.claims().is_ok(),
        json::object(token.payload()).is_ok()
    );
}
