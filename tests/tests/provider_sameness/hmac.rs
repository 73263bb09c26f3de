//! HMAC with secrets and messages of every length around a block.

use jwtverify_core::{Algorithm, KeyMaterial};
use jwtverify_tests::{Alg, SigningKey};

use crate::{LENGTHS, Pair, random};

#[test]
fn tags_and_what_becomes_of_them() {
    for (algorithm, alg) in [
        (Algorithm::Hs256, Alg::Hs256),
        (Algorithm::Hs384, Alg::Hs384),
        (Algorithm::Hs512, Alg::Hs512),
    ] {
        for secret_len in [1, 2, 31, 32, 48, 63, 64, 65, 127, 128, 129, 500, 1025] {
            let secret = random(secret_len);
            let material = KeyMaterial::Symmetric { secret: &secret };
            let key = Pair::prepare(&material).unwrap();
            let signer = SigningKey::from_secret(alg, "a", secret.clone());
            for len in LENGTHS {
                let message = random(len);
                assert!(key.accepts(algorithm, &message, &signer.sign(&message)));
            }
            let message = random(684);
            key.check_damage(algorithm, &message, &signer.sign(&message));
        }
    }
}
