//! The signature check alone, by the libraries that verifiers are built of: key parsed, message
//! and signature at hand.

use std::hint::black_box;

use jwtverify_bench::names;

use super::fixtures::Fixture;
use super::rounds::Contestant;

/// Everybody who can.
pub(crate) fn contestants(fixture: &Fixture) -> Vec<Contestant> {
    let contestants = [aws_lc(fixture), ring(fixture), rustcrypto(fixture)];
    contestants.into_iter().flatten().collect()
}

fn aws_lc(fixture: &Fixture) -> Option<Contestant> {
    use aws_lc_rs::{hmac, signature as s};

    let (message, signature) = fixture.signed();
    let public = &fixture.public;
    let algorithm: &'static dyn s::VerificationAlgorithm = match fixture.algorithm {
        "RS256" => &s::RSA_PKCS1_2048_8192_SHA256,
        "PS256" => &s::RSA_PSS_2048_8192_SHA256,
        "ES256" => &s::ECDSA_P256_SHA256_FIXED,
        "ES384" => &s::ECDSA_P384_SHA384_FIXED,
        "ES512" => &s::ECDSA_P521_SHA512_FIXED,
        "EdDSA" => &s::ED25519,
        "HS256" => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, public);
            return Some(Contestant::new(names::AWS_LC, move || {
                hmac::verify(&key, black_box(&message), &signature).expect("a good signature");
            }));
        }
        _ => return None,
    };
    let key = s::ParsedPublicKey::new(algorithm, public).expect("a good key");
    Some(Contestant::new(names::AWS_LC, move || {
        key.verify_sig(black_box(&message), &signature)
            .expect("a good signature");
    }))
}

fn ring(fixture: &Fixture) -> Option<Contestant> {
    use ring::{hmac, signature as s};

    let (message, signature) = fixture.signed();
    let public = &fixture.public;
    let algorithm: &'static dyn s::VerificationAlgorithm = match fixture.algorithm {
        "RS256" => &s::RSA_PKCS1_2048_8192_SHA256,
        "PS256" => &s::RSA_PSS_2048_8192_SHA256,
        "ES256" => &s::ECDSA_P256_SHA256_FIXED,
        "ES384" => &s::ECDSA_P384_SHA384_FIXED,
        "EdDSA" => &s::ED25519,
        "HS256" => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, public);
            return Some(Contestant::new(names::RING, move || {
                hmac::verify(&key, black_box(&message), &signature).expect("a good signature");
            }));
        }
        _ => return None, // it has no P-521
    };
    // ring parses the key at each use; there is no other way to call it.
    let key = s::UnparsedPublicKey::new(algorithm, public.clone());
    Some(Contestant::new(names::RING, move || {
        key.verify(black_box(&message), &signature)
            .expect("a good signature");
    }))
}

fn rustcrypto(fixture: &Fixture) -> Option<Contestant> {
    use p256::ecdsa::signature::Verifier;

    /// Of a key and a signature of one crate.
    fn of<S: 'static>(
        key: impl Verifier<S> + 'static,
        message: Vec<u8>,
        signature: S,
    ) -> Option<Contestant> {
        Some(Contestant::new(names::RUSTCRYPTO, move || {
            key.verify(black_box(&message), &signature)
                .expect("a good signature");
        }))
    }

    let (message, signature) = fixture.signed();
    let public = fixture.public.as_slice();
    match fixture.algorithm {
        "RS256" => {
            let key = rsa::pkcs1v15::VerifyingKey::<sha2::Sha256>::new(rsa_key(fixture));
            let signature = rsa::pkcs1v15::Signature::try_from(&*signature).ok()?;
            of(key, message, signature)
        }
        "PS256" => {
            let key = rsa::pss::VerifyingKey::<sha2::Sha256>::new(rsa_key(fixture));
            let signature = rsa::pss::Signature::try_from(&*signature).ok()?;
            of(key, message, signature)
        }
        "ES256" => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(public).ok()?;
            of(
                key,
                message,
                p256::ecdsa::Signature::from_slice(&signature).ok()?,
            )
        }
        "ES384" => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(public).ok()?;
            of(
                key,
                message,
                p384::ecdsa::Signature::from_slice(&signature).ok()?,
            )
        }
        "ES512" => {
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(public).ok()?;
            of(
                key,
                message,
                p521::ecdsa::Signature::from_slice(&signature).ok()?,
            )
        }
        "EdDSA" => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(public.try_into().ok()?).ok()?;
            let signature = ed25519_dalek::Signature::from_slice(&signature).ok()?;
            Some(Contestant::new(names::RUSTCRYPTO, move || {
                let verdict = key.verify_strict(black_box(&message), &signature);
                verdict.expect("a good signature");
            }))
        }
        "HS256" => {
            use hmac::{KeyInit as _, Mac as _};

            let key = hmac::Hmac::<sha2::Sha256>::new_from_slice(public).ok()?;
            Some(Contestant::new(names::RUSTCRYPTO, move || {
                let mut key = key.clone();
                key.update(black_box(&message));
                key.verify_slice(&signature).expect("a good signature");
            }))
        }
        _ => None,
    }
}

fn rsa_key(fixture: &Fixture) -> rsa::RsaPublicKey {
    use base64ct::{Base64UrlUnpadded, Encoding};

    let number = |name: &str| {
        let text = fixture.jwk[name].as_str().expect("a number of the key");
        let octets = Base64UrlUnpadded::decode_vec(text).expect("base64url");
        rsa::BoxedUint::from_be_slice_vartime(&octets)
    };
    rsa::RsaPublicKey::new(number("n"), number("e")).expect("a good key")
}
