#![no_main]
//! Two implementations of the same mathematics: RustCrypto, through the core, and AWS-LC. The
//! input chooses secrets, nonces and accidents, so that good signatures and nearly good ones
//! occur. The oracle: one verdict, and the known one where it is known.
//!
//! A provider of another crate is added as one more line in `verdicts`.

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents};
use jwtverify_core::{Algorithm, Error, JwkOptions, Key, RustCrypto, verify_signature};
use jwtverify_fuzz::time::measured;
use jwtverify_fuzz::{Input, base64, ecdsa, ed25519, fixed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let kind = input.octet();
    let length = usize::from(input.octet());
    let message = input.octets(length);
    match kind % 5 {
        0 | 1 => on_a_curve(message, &mut input),
        2 => on_edwards(message, &mut input),
        3 => with_rsa(&mut input),
        _ => with_a_secret(message, &mut input),
    }
});

/// The verdict of each provider of the core; they must be the same already.
fn verdict(
    jwk: &str,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, Error> {
    let verdicts = [measured(|| {
        let key: Key<RustCrypto> = JwkOptions::new().allow_symmetric(true).read(jwk)?;
        Ok(verify_signature(algorithm, &key, message, signature).is_ok())
    })];
    assert!(
        verdicts.iter().all(|verdict| *verdict == verdicts[0]),
        "{verdicts:?}"
    );
    verdicts[0]
}

fn on_a_curve(message: &[u8], input: &mut Input<'_>) {
    let Some(mut case) = ecdsa::case(message, input) else {
        return;
    };
    if input.octet() % 8 == 7 {
        let at = 1 + input.below(case.point.len() - 1);
        case.point[at] ^= 1 << (input.octet() % 8);
        case.valid = None;
    }
    let ours = verdict(&case.jwk(), case.algorithm, message, &case.signature);
    match ParsedPublicKey::new(case.other, &case.point) {
        Ok(key) => {
            let theirs = key.verify_sig(message, &case.signature).is_ok();
            assert_eq!(ours, Ok(theirs), "{}", case.algorithm);
        }
        Err(_) => assert_eq!(ours, Err(Error::EcPoint)),
    }
    assert!(
        case.valid.is_none_or(|valid| ours == Ok(valid)),
        "{}",
        case.algorithm
    );
}

fn on_edwards(message: &[u8], input: &mut Input<'_>) {
    let case = ed25519::case(message, input);
    let ours = verdict(&case.jwk(), Algorithm::EdDsa, message, &case.signature);
    let Ok(ours) = ours else {
        return assert_eq!(ours, Err(Error::OkpPoint));
    };
    let key = signature::UnparsedPublicKey::new(&signature::ED25519, case.public);
    let theirs = key.verify(message, &case.signature).is_ok();
    // Stricter in one thing: AWS-LC takes an R of small order.
    assert_eq!(ours, theirs && !case.has_small_r());
    assert!(case.valid.is_none_or(|valid| ours == valid));
}

/// The good signatures are those of the fixed tokens.
fn with_rsa(input: &mut Input<'_>) {
    let tokens: Vec<&str> = fixed::TOKENS
        .iter()
        .copied()
        .filter(|token| token.len() > 400)
        .collect();
    let token = input.one_of(&tokens);
    let (message, signature) = token.rsplit_once('.').expect("a token");
    let mut signature = base64::decode(signature.as_bytes()).expect("a token");
    let keys: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/keys.json")).expect("a set");
    let keys: Vec<&serde_json::Value> = keys["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .filter(|key| key["kty"] == "RSA")
        .collect();
    let key = input.one_of(&keys);
    let (n, e) = (key["n"].as_str().expect("n"), key["e"].as_str().expect("e"));
    let (algorithm, theirs): (_, &RsaParameters) = input.one_of(&[
        (Algorithm::Rs256, &signature::RSA_PKCS1_2048_8192_SHA256),
        (Algorithm::Rs384, &signature::RSA_PKCS1_2048_8192_SHA384),
        (Algorithm::Rs512, &signature::RSA_PKCS1_2048_8192_SHA512),
        (Algorithm::Ps256, &signature::RSA_PSS_2048_8192_SHA256),
        (Algorithm::Ps384, &signature::RSA_PSS_2048_8192_SHA384),
        (Algorithm::Ps512, &signature::RSA_PSS_2048_8192_SHA512),
    ]);
    match input.octet() % 6 {
        0 | 1 => {}
        2 => {
            let at = input.below(signature.len());
            signature[at] ^= 1 << (input.octet() % 8);
        }
        3 => signature.insert(0, input.octet() & 1),
        4 => signature.truncate(input.below(signature.len())),
        _ => {
            let at = input.below(signature.len());
            for (octet, new) in signature[at..].iter_mut().zip(input.octets(256)) {
                *octet = *new;
            }
        }
    }
    let jwk = format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#);
    let components = RsaPublicKeyComponents {
        n: base64::decode(n.as_bytes()).expect("n"),
        e: base64::decode(e.as_bytes()).expect("e"),
    };
    let theirs = components
        .verify(theirs, message.as_bytes(), &signature)
        .is_ok();
    assert_eq!(
        verdict(&jwk, algorithm, message.as_bytes(), &signature),
        Ok(theirs),
        "{algorithm}"
    );
}

fn with_a_secret(message: &[u8], input: &mut Input<'_>) {
    use aws_lc_rs::hmac;
    let (algorithm, theirs) = input.one_of(&[
        (Algorithm::Hs256, hmac::HMAC_SHA256),
        (Algorithm::Hs384, hmac::HMAC_SHA384),
        (Algorithm::Hs512, hmac::HMAC_SHA512),
    ]);
    let length = usize::from(input.octet());
    let mut secret = input.octets(length).to_vec();
    secret.resize(secret.len().max(64), 0x5a);
    let key = hmac::Key::new(theirs, &secret);
    let mut tag = hmac::sign(&key, message).as_ref().to_vec();
    let spoiled = match input.octet() % 4 {
        0 | 1 => false,
        2 => {
            let at = input.below(tag.len());
            tag[at] ^= 1 << (input.octet() % 8);
            true
        }
        _ => {
            tag.truncate(input.below(tag.len()));
            true
        }
    };
    let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64::encode(&secret));
    match verdict(&jwk, algorithm, message, &tag) {
        Ok(ours) => {
            assert_eq!(ours, hmac::verify(&key, message, &tag).is_ok());
            assert_eq!(ours, !spoiled);
        }
        // The input happens to be the text of a key.
        Err(error) => assert_eq!(error, Error::SymmetricLooksPublic),
    }
}
