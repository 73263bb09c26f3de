//! A verdict on one token: the token, the keys and the time come from outside.
//!
//! ```text
//! cargo run -p jwtverify-core --example verify -- TOKEN KEYS.json SECONDS-SINCE-1970
//! ```
//!
//! `scripts/no-panic.sh` looks into this program for panics that the core could reach.

use std::process::ExitCode;
use std::{env, fs};

use jwtverify_core::unverified::UnverifiedToken;
use jwtverify_core::{
    Algorithm, AlgorithmSet, Curve, Error, FixedKeySet, JwkOptions, Key, KeySet, KeySetOptions,
    ParameterSet, Precomputed, RustCrypto, UnixTime, Verifier,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [token, keys, now] = arguments.as_slice() else {
        eprintln!("usage: verify TOKEN KEYS.json SECONDS-SINCE-1970");
        return ExitCode::from(2);
    };
    let (Ok(document), Ok(now)) = (fs::read(keys), now.parse()) else {
        eprintln!("no such file, or no such time");
        return ExitCode::from(2);
    };
    match verify(token, &document, UnixTime::from_secs(now)) {
        Ok(claims) => {
            println!("{claims}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{} {error}", error.code());
            ExitCode::FAILURE
        }
    }
}

/// Uses every way into the core, so that all of it is in the program.
fn verify(token: &str, document: &[u8], now: UnixTime) -> Result<String, Error> {
    let verifier = Verifier::builder()
        .algorithms(AlgorithmSet::ALL)
        .any_issuer()
        .any_audience()
        .build()?;
    verifier.check_header(token)?;
    let unverified = UnverifiedToken::read(token)?;
    let options = KeySetOptions::new().allow_symmetric(true);
    let keys: Result<KeySet, _> = options.read(document);
    let verified = match keys {
        Ok(keys) => {
            for skipped in keys.skipped() {
                eprintln!("{skipped}");
            }
            for warning in keys.warnings() {
                eprintln!("{warning}");
            }
            verifier.verify_jws(token, &keys)?;
            verifier.verify(token, &keys, now)?
        }
        Err(error) => {
            eprintln!("{error}");
            let key: Key = JwkOptions::new().allow_symmetric(true).read(document)?;
            let mut scratch = vec![0; token.len().saturating_mul(2)];
            verifier.verify_jws_in(token, &key, &mut scratch)?;
            verifier.verify_in(token, &key, now, &mut scratch)?;
            verifier.verify(token, &key, now)?
        }
    };
    without_heap(&verifier, token, document, now)?;
    // Tables from the first use on.
    let tables: Result<KeySet<Precomputed<RustCrypto, 0>>, _> = options.read(document);
    if let Ok(keys) = tables {
        verifier.verify(token, &keys, now)?;
    }
    let claims = verified.claims();
    for text in [claims.issuer(), claims.subject(), claims.jwt_id()] {
        eprintln!("{}", text.map(|text| text.to_string()).unwrap_or_default());
    }
    eprintln!("{} {}", claims.audience().count(), claims.iter().count());
    eprintln!("{:?} {:?}", verified, verified.header().kid());
    eprintln!("{:?} {:?}", unverified.algorithm_name(), unverified.kid());
    unverified.claims()?;
    Ok(claims.json().to_owned())
}

/// The same with a set of fixed size, and the keys that come as raw numbers.
fn without_heap(
    verifier: &Verifier<'_>,
    token: &str,
    document: &[u8],
    now: UnixTime,
) -> Result<(), Error> {
    let mut scratch = vec![0; token.len().saturating_mul(2).max(document.len())];
    let options = KeySetOptions::new().allow_symmetric(true);
    let keys: Result<FixedKeySet<8>, Error> = options.read_in(document, &mut scratch, |notice| {
        eprintln!("{:?}", notice.notice);
    });
    let mut keys = keys?;
    let raw: [Result<Key, Error>; 5] = [
        Key::from_ec_sec1(Curve::P256, document),
        Key::from_ed25519(document),
        Key::from_rsa(document, document),
        Key::from_hmac_secret(Algorithm::Hs256, document),
        Key::from_ml_dsa(ParameterSet::MlDsa44, document),
    ];
    for key in raw.into_iter().flatten() {
        keys.insert("raw", key.bound_to(Algorithm::Rs256)?)?;
    }
    keys.insert_jwk(document, JwkOptions::new()).err();
    verifier.verify_in(token, &keys, now, &mut scratch)?;
    Ok(())
}
