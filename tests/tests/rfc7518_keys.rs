//! RFC 7518, section 6, and RFC 8037: what key material must be.

mod common;

use common::{Table, per_provider, read};
use jwtverify_core::{Algorithm, Error, JwkOptions, Provider, verify_signature};
use jwtverify_tests::{Alg, SigningKey, base64url};
use serde_json::{Value, json};

per_provider!(
    rsa_modulus_is_2048_to_8192_real_bits_and_odd,
    rsa_exponent_is_odd_and_from_3_to_33_bits,
    ec_points_are_full_length_and_on_the_curve,
    ed25519_keys_are_canonical_and_of_large_order,
    integers_are_base64url_without_padding,
    ed25519_speccheck_keys,
);

/// "usable", or the reason for which the only key of the set was skipped.
fn reading<P: Provider>(jwk: &Value) -> String {
    match read::<P>(json!({"keys": [jwk]}).to_string()) {
        Ok(_) => "usable".into(),
        Err(error) => error.skipped[0].reason.name().into(),
    }
}

fn rsa(n: &[u8], e: &[u8]) -> Value {
    json!({"kty": "RSA", "n": base64url(n), "e": base64url(e)})
}

/// An odd number of exactly so many bits. Not a product of two primes, which nobody checks.
fn odd(bits: usize) -> Vec<u8> {
    let mut octets = vec![0xa5; bits.div_ceil(8)];
    let top = (bits - 1) % 8;
    octets[0] = (1 << top) | (0xa5 & ((1 << top) - 1));
    if let Some(last) = octets.last_mut() {
        *last |= 1;
    }
    octets
}

/// RFC 7518, 3.3: 2048 bits or more. The octets may begin with one zero (Java's BigInteger).
fn rsa_modulus_is_2048_to_8192_real_bits_and_odd<P: Provider>() {
    let mut even = odd(2048);
    even[255] &= 0xfe;
    let zero_in_front = |zeros: usize, bits: usize| [vec![0; zeros], odd(bits)].concat();
    let mut table = Table::default();
    for (what, n, expected) in [
        ("2048 bits", odd(2048), "usable"),
        ("2049 bits", odd(2049), "usable"),
        ("3072 bits", odd(3072), "usable"),
        ("4096 bits", odd(4096), "usable"),
        ("8192 bits", odd(8192), "usable"),
        ("8193 bits", odd(8193), "RsaModulusSize"),
        ("16384 bits", odd(16384), "RsaModulusSize"),
        ("65536 bits", odd(65536), "RsaModulusSize"),
        ("2047 bits in 256 octets", odd(2047), "RsaModulusSize"),
        ("2041 bits in 256 octets", odd(2041), "RsaModulusSize"),
        ("2040 bits in 255 octets", odd(2040), "RsaModulusSize"),
        ("1024 bits", odd(1024), "RsaModulusSize"),
        ("512 bits", odd(512), "RsaModulusSize"),
        ("zero", vec![0], "RsaModulusSize"),
        ("one", vec![1], "RsaModulusSize"),
        ("nothing", vec![], "RsaModulusSize"),
        (
            "one zero in front of 2048 bits",
            zero_in_front(1, 2048),
            "usable",
        ),
        (
            "one zero in front of 8192 bits",
            zero_in_front(1, 8192),
            "usable",
        ),
        (
            "one zero in front of 2040 bits",
            zero_in_front(1, 2040),
            "RsaModulusSize",
        ),
        (
            "two zeros in front of 2048 bits",
            zero_in_front(2, 2048),
            "JwkMemberBase64",
        ),
        ("1000 zeros", vec![0; 1000], "JwkMemberBase64"),
        ("even", even, "RsaModulusEven"),
    ] {
        table.row(what, reading::<P>(&rsa(&n, &[1, 0, 1])), expected);
    }
    table.check();
}

fn rsa_exponent_is_odd_and_from_3_to_33_bits<P: Provider>() {
    let n = odd(2048);
    let mut table = Table::default();
    for (what, e, expected) in [
        ("65537", vec![1, 0, 1], "usable"),
        ("3", vec![3], "usable"),
        ("5", vec![5], "usable"),
        ("35", vec![35], "usable"),
        ("2^32 + 1", vec![1, 0, 0, 0, 1], "usable"),
        ("2^33 - 1", vec![1, 255, 255, 255, 255], "usable"),
        ("2^33 + 1", vec![2, 0, 0, 0, 1], "RsaExponent"),
        (
            "2^64 + 65537",
            vec![1, 0, 0, 0, 0, 0, 1, 0, 1],
            "RsaExponent",
        ),
        ("as long as the modulus", odd(2048), "RsaExponent"),
        ("0", vec![0], "RsaExponent"),
        ("1", vec![1], "RsaExponent"),
        ("2", vec![2], "RsaExponent"),
        ("65536", vec![1, 0, 0], "RsaExponent"),
        ("nothing", vec![], "RsaExponent"),
        ("65537 with one zero in front", vec![0, 1, 0, 1], "usable"),
    ] {
        table.row(what, reading::<P>(&rsa(&n, &e)), expected);
    }
    table.check();
}

/// RFC 7518, 6.2.1.2 and 6.2.1.3; SEC 1, 3.2.2.1.
fn ec_points_are_full_length_and_on_the_curve<P: Provider>() {
    let mut table = Table::default();
    // The primes of the fields, FIPS 186-4, D.1.2.
    let p256 = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    let p384 = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe\
                ffffffff0000000000000000ffffffff";
    let p521 = format!("01ff{}", "ff".repeat(64));
    // SEC 2, 2.4.1.
    let p256k1 = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
    for (alg, prime) in [
        (Alg::Es256, p256),
        (Alg::Es384, p384),
        (Alg::Es512, &*p521),
        (Alg::Es256K, p256k1),
    ] {
        let prime = hex(prime);
        let key = SigningKey::shared(alg);
        let point = &key.raw_public()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        assert_eq!(prime.len(), x.len());
        let curve = key.bare_jwk()["crv"].clone();
        let jwk = |x: &[u8], y: &[u8]| json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)});
        let zero = vec![0; x.len()];
        let ones = vec![0xff; x.len()];
        let longer = [&[0], x].concat();
        let shorter = &x[1..];
        let mut flipped = y.to_vec();
        *flipped.last_mut().unwrap() ^= 1;
        for (what, jwk, expected) in [
            ("good", jwk(x, y), "usable"),
            ("y with its last bit flipped", jwk(x, &flipped), "EcPoint"),
            ("x and y exchanged", jwk(y, x), "EcPoint"),
            (
                "0, 0: infinity in some encodings",
                jwk(&zero, &zero),
                "EcPoint",
            ),
            ("x = p", jwk(&prime, y), "EcPoint"),
            ("y = p", jwk(x, &prime), "EcPoint"),
            ("p, p", jwk(&prime, &prime), "EcPoint"),
            ("all bits set", jwk(&ones, &ones), "EcPoint"),
            (
                "a zero in front of x",
                jwk(&longer, y),
                "EcCoordinateLength",
            ),
            ("x one octet short", jwk(shorter, y), "EcCoordinateLength"),
            ("y empty", jwk(x, &[]), "EcCoordinateLength"),
            ("both in x", jwk(point, y), "EcCoordinateLength"),
            (
                "compressed",
                jwk(&[&[2], x].concat(), &[]),
                "EcCoordinateLength",
            ),
        ] {
            table.row(format!("{curve} {what}"), reading::<P>(&jwk), expected);
        }
        let others = ["P-256", "P-384", "P-521", "secp256k1"];
        for other in others.into_iter().filter(|&other| curve != other) {
            let mut relabelled = jwk(x, y);
            relabelled["crv"] = json!(other);
            let what = format!("{curve} as {other}");
            // Two curves have coordinates of one length: there the point is on one of them alone.
            let expected = match (curve.as_str().unwrap(), other) {
                ("P-256", "secp256k1") | ("secp256k1", "P-256") => "EcPoint",
                _ => "EcCoordinateLength",
            };
            table.row(what, reading::<P>(&relabelled), expected);
        }
    }
    table.check();
}

/// RFC 8032, 5.1.3, and RFC 8037, 2.
fn ed25519_keys_are_canonical_and_of_large_order<P: Provider>() {
    let good = SigningKey::shared(Alg::EdDsa).raw_public();
    let longer = [good, &[0]].concat();
    let mut table = Table::default();
    for (what, x, expected) in [
        ("good", good.to_vec(), "usable"),
        ("31 octets", good[..31].to_vec(), "OkpKeyLength"),
        ("33 octets", longer, "OkpKeyLength"),
        ("nothing", vec![], "OkpKeyLength"),
        // The points of order 1, 2, 4 and 8 (eight of them, each with its spellings).
        (
            "order 1",
            hex(&format!("01{}", "00".repeat(31))),
            "OkpPoint",
        ),
        (
            "order 1, sign set",
            hex(&format!("01{}80", "00".repeat(30))),
            "OkpPoint",
        ),
        (
            "order 2",
            hex(&format!("ec{}7f", "ff".repeat(30))),
            "OkpPoint",
        ),
        ("order 4", vec![0; 32], "OkpPoint"),
        (
            "order 4, sign set",
            hex(&format!("{}80", "00".repeat(31))),
            "OkpPoint",
        ),
        (
            "order 8",
            hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            "OkpPoint",
        ),
        (
            "order 8, other sign",
            hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
            "OkpPoint",
        ),
        (
            "order 8, second",
            hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            "OkpPoint",
        ),
        (
            "order 8, fourth",
            hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
            "OkpPoint",
        ),
        (
            "y = p",
            hex(&format!("ed{}7f", "ff".repeat(30))),
            "OkpPoint",
        ),
        (
            "y = p + 1",
            hex(&format!("ee{}7f", "ff".repeat(30))),
            "OkpPoint",
        ),
        (
            "y = p + 3, on the curve, not canonical",
            hex(&format!("f0{}7f", "ff".repeat(30))),
            "OkpPoint",
        ),
        ("all bits set", vec![0xff; 32], "OkpPoint"),
        (
            "y = 2, not on the curve",
            hex(&format!("02{}", "00".repeat(31))),
            "OkpPoint",
        ),
    ] {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(x)});
        table.row(what, reading::<P>(&jwk), expected);
    }
    table.check();
}

/// RFC 7518, 2: Base64urlUInt.
fn integers_are_base64url_without_padding<P: Provider>() {
    let rsa = SigningKey::shared(Alg::Rs256).bare_jwk();
    let ec = SigningKey::shared(Alg::Es256).bare_jwk();
    let okp = SigningKey::shared(Alg::EdDsa).bare_jwk();
    let mut table = Table::default();
    for (jwk, member) in [
        (&rsa, "n"),
        (&rsa, "e"),
        (&ec, "x"),
        (&ec, "y"),
        (&okp, "x"),
    ] {
        let text = jwk[member].as_str().unwrap();
        for (what, value, expected) in [
            ("padded", json!(format!("{text}=")), "JwkMemberBase64"),
            ("with a space", json!(format!("{text} ")), "JwkMemberBase64"),
            (
                "with a line end",
                json!(format!("{text}\n")),
                "JwkMemberBase64",
            ),
            (
                "standard alphabet",
                json!(format!("+{}", &text[1..])),
                "JwkMemberBase64",
            ),
            (
                "not ASCII",
                json!(format!("é{}", &text[1..])),
                "JwkMemberBase64",
            ),
            ("a number", json!(65537), "JwkMemberType"),
            ("null", json!(null), "JwkMemberType"),
            ("an array", json!([text]), "JwkMemberType"),
        ] {
            let mut changed = jwk.clone();
            changed[member] = value;
            let what = format!("{} {member} {what}", jwk["kty"]);
            table.row(what, reading::<P>(&changed), expected);
        }
        let mut absent = jwk.clone();
        absent.as_object_mut().unwrap().remove(member);
        let what = format!("{} without {member}", jwk["kty"]);
        table.row(what, reading::<P>(&absent), "JwkMemberMissing");
    }
    // Unused bits of the last character: 43 characters leave two.
    let x = okp["x"].as_str().unwrap();
    let last = x.chars().last().unwrap();
    let changed = format!(
        "{}{}",
        &x[..42],
        char::from(u8::try_from(last).unwrap() + 1)
    );
    let mut jwk = okp;
    jwk["x"] = json!(changed);
    table.row("unused bits", reading::<P>(&jwk), "JwkMemberBase64");
    table.check();
}

/// The public keys and signatures of the "taming the many EdDSAs" cases, where the folder with
/// the test data is there.
fn ed25519_speccheck_keys<P: Provider>() {
    let Some(cases) = jwtverify_tests::vectors::json("ed25519-speccheck/cases.json") else {
        return;
    };
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 12);
    let mut verdicts = Vec::new();
    let mut table = Table::default();
    for (number, case) in cases.iter().enumerate() {
        let field = |name: &str| hex(case[name].as_str().unwrap());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(field("pub_key"))});
        let got = match JwkOptions::new().read::<P>(jwk.to_string()) {
            Err(error) => error.name(),
            Ok(key) => {
                let (message, signature) = (field("message"), field("signature"));
                let result = verify_signature(Algorithm::EdDsa, &key, &message, &signature);
                result.map_or_else(Error::name, |_| "valid")
            }
        };
        let expected = match number {
            0 | 1 | 10 | 11 => "OkpPoint",
            4..=9 => "SignatureInvalid",
            // For these two either verdict is right, as long as every provider gives the same:
            // an R of small order, which strict verification refuses, and a mixed A and R.
            2 => "SignatureInvalid",
            3 => "valid",
            _ => unreachable!("twelve cases"),
        };
        table.row(format!("case {number}"), got, expected);
        verdicts.push(got);
    }
    jwtverify_tests::vectors::announce(&format!("ed25519-speccheck: {verdicts:?}"));
    table.check();
}

fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    let octet = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(octet).collect()
}
