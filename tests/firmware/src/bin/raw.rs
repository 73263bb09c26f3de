//! The signature check alone, with the crates that core stands on: what `verify` is held against.

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
        #[cfg(feature = "rs256")]
        "RS256" => {
            use sha2::Digest;
            let modulus = rsa::BoxedUint::from_be_slice_vartime(fixture.public);
            let key = rsa::RsaPublicKey::new(modulus, rsa::BoxedUint::from(65537u64)).ok()?;
            Some(meter.count(|| {
                let digest = sha2::Sha256::digest(fixture.message);
                let scheme = rsa::Pkcs1v15Sign::new::<sha2::Sha256>();
                key.verify(scheme, &digest, fixture.signature).is_ok()
            }))
        }
        #[cfg(feature = "hs256")]
        "HS256" => {
            use hmac::{KeyInit, Mac};
            let key = hmac::Hmac::<sha2::Sha256>::new_from_slice(fixture.public).ok()?;
            Some(meter.count(|| {
                let mac = key.clone().chain_update(fixture.message);
                mac.verify_slice(fixture.signature).is_ok()
            }))
        }
        _ => None,
    }
}
