//! Public keys of the ECDH files: every point of theirs that is on the curve is a good key, and
//! none that is not (CVE-2017-8932 and the attacks with invalid curves).

use jwtverify_core::{Curve, Error, Key, Provider};

use crate::common::per_provider;
use crate::suite::{Owed, Suite, ec_jwk, hex, read};

per_provider!(points_as_octets, points_as_jwk);

fn points_as_octets<P: Provider>() {
    for (name, curve, file_curve) in [
        ("ecdh_secp256r1_ecpoint_test.json", Curve::P256, "secp256r1"),
        ("ecdh_secp384r1_ecpoint_test.json", Curve::P384, "secp384r1"),
        ("ecdh_secp521r1_ecpoint_test.json", Curve::P521, "secp521r1"),
    ] {
        let mut as_jwk = 0;
        // "acceptable" is a compressed point, which neither a JWK nor this project has.
        Suite::of_crate(name).run((0, 0), |_, test| {
            let point = hex(&test["public"]);
            let result = Key::<P>::from_ec_sec1(curve, &point).map(drop);
            if point.first() == Some(&4) {
                as_jwk += 1;
                let read = read::<P>(&ec_jwk(file_curve, &point)).map(drop);
                assert_eq!(read, result, "{name} {}", test["tcId"]);
            }
            (Owed::AsListed, result)
        });
        assert!(as_jwk > 300, "{name}");
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
