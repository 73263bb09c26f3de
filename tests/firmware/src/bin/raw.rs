//! The signature check alone, as crates offer it: what `verify` is held against. As in core, a
//! family comes with all its digests, and RSA with both paddings.

#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use jwtverify_firmware::fixtures::{FIXTURES, Fixture};
use jwtverify_firmware::meter::{self, Meter};

#[entry]
fn main() -> ! {
    let Some(peripherals) = cortex_m::Peripherals::take() else {
        meter::exit(false)
    };
    let meter = Meter::start(peripherals.SYST);
    let mut passed = true;
    for fixture in FIXTURES {
        match check(&meter, black_box(fixture)) {
            Some((true, instructions)) => meter::number("raw", fixture.name, instructions),
            _ => passed = false,
        }
    }
    let carried =
        |fixture: &Fixture| fixture.message.len() + fixture.signature.len() + fixture.public.len();
    meter::number(
        "data",
        "octets",
        FIXTURES.iter().map(carried).sum::<usize>() as u32,
    );
    meter::memory();
    meter::exit(passed)
}

/// Prepares the key, then checks one signature: whether it is good, and what the check took.
fn check(meter: &Meter, fixture: &Fixture) -> Option<(bool, u32)> {
    match fixture.name {
        #[cfg(feature = "es256")]
        "ES256" => {
            use p256::ecdsa::signature::Verifier;
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(fixture.public).ok()?;
            Some(meter.count(|| {
                p256::ecdsa::Signature::from_slice(fixture.signature)
                    .is_ok_and(|signature| key.verify(fixture.message, &signature).is_ok())
            }))
        }
        #[cfg(feature = "eddsa")]
        "EdDSA" => {
            let point = fixture.public.try_into().ok()?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(point).ok()?;
            Some(meter.count(|| {
                ed25519_dalek::Signature::from_slice(fixture.signature)
                    .is_ok_and(|signature| key.verify_strict(fixture.message, &signature).is_ok())
            }))
        }
        #[cfg(feature = "bare-rsa")]
        "RS256" => {
            let modulus = rsa::BoxedUint::from_be_slice_vartime(fixture.public);
            let key = rsa::RsaPublicKey::new(modulus, rsa::BoxedUint::from(65537u64)).ok()?;
            Some(meter.count(|| rsa_valid(black_box(0), &key, fixture)))
        }
        #[cfg(feature = "hs256")]
        "HS256" => Some(meter.count(|| match black_box(0) {
            0 => hmac_valid::<hmac::Hmac<sha2::Sha256>>(fixture),
            1 => hmac_valid::<hmac::Hmac<sha2::Sha384>>(fixture),
            _ => hmac_valid::<hmac::Hmac<sha2::Sha512>>(fixture),
        })),
        _ => None,
    }
}

/// RS256, RS384, RS512, PS256, PS384, PS512 for 0 to 5: all in the image, the first one run.
#[cfg(feature = "bare-rsa")]
fn rsa_valid(algorithm: usize, key: &rsa::RsaPublicKey, fixture: &Fixture) -> bool {
    use sha2::{Digest, Sha256, Sha384, Sha512};
    let (message, signature) = (fixture.message, fixture.signature);
    match algorithm {
        0 => key.verify(
            rsa::Pkcs1v15Sign::new::<Sha256>(),
            &Sha256::digest(message),
            signature,
        ),
        1 => key.verify(
            rsa::Pkcs1v15Sign::new::<Sha384>(),
            &Sha384::digest(message),
            signature,
        ),
        2 => key.verify(
            rsa::Pkcs1v15Sign::new::<Sha512>(),
            &Sha512::digest(message),
            signature,
        ),
        3 => key.verify(
            rsa::Pss::<Sha256>::new_with_salt(32),
            &Sha256::digest(message),
            signature,
        ),
        4 => key.verify(
            rsa::Pss::<Sha384>::new_with_salt(48),
            &Sha384::digest(message),
            signature,
        ),
        _ => key.verify(
            rsa::Pss::<Sha512>::new_with_salt(64),
            &Sha512::digest(message),
            signature,
        ),
    }
    .is_ok()
}

#[cfg(feature = "hs256")]
fn hmac_valid<M: hmac::Mac + hmac::KeyInit>(fixture: &Fixture) -> bool {
    let Ok(key) = <M as hmac::KeyInit>::new_from_slice(fixture.public) else {
        return false;
    };
    key.chain_update(fixture.message)
        .verify_slice(fixture.signature)
        .is_ok()
}
