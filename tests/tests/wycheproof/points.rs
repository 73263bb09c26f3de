//! Public keys of the ECDH files: every point of theirs that is on the curve is a good key, and
//! none that is not (CVE-2017-8932 and the attacks with invalid curves).

use jwtverify_core::{Error, Provider};

use crate::common::per_provider;
use crate::suite::{Owed, Suite, ec_jwk, hex, read};

per_provider!(points_as_octets, points_as_jwk);

fn points_as_octets<P: Provider>() {
    for (name, curve) in [
        ("ecdh_secp256r1_ecpoint_test.json", "secp256r1"),
        ("ecdh_secp384r1_ecpoint_test.json", "secp384r1"),
        ("ecdh_secp521r1_ecpoint_test.json", "secp521r1"),
    ] {
        let mut on_curve = 0;
        Suite::of_crate(name).run((0, 0), |_, test| {
            let point = hex(&test["public"]);
            // A compressed point, or none at all, can't be written as a JWK.
            let result = match point.first() {
                Some(4) => read::<P>(&ec_jwk(curve, &point)).map(drop),
                _ => Err(Error::EcCoordinateLength),
            };
            on_curve += usize::from(result.is_ok());
            (Owed::AsListed, result)
        });
        assert!(on_curve > 300, "{name}");
    }
}

fn points_as_jwk<P: Provider>() {
    let Some(suite) = Suite::of_folder("ecdh_secp256r1_webcrypto_test.json") else {
        return;
    };
    suite.run((2, 0), |_, test| {
        let result = read::<P>(&test["public"]).map(drop);
        let owed = match test["public"]["crv"].as_str().unwrap() {
            "P-256" => Owed::AsListed,
            // An old name of secp256k1, which RFC 8812 does not know.
            "P-256K" => {
                assert_eq!(result, Err(Error::CurveUnknown));
                Owed::AsListed
            }
            _ => Owed::Accepted("a good key, though not on the curve that the file is about"),
        };
        (owed, result)
    });
}
