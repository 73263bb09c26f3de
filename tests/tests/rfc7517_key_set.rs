//! RFC 7517: key-set documents, what is skipped and why, and the choice of the one key.

mod common;

use common::{Table, claims, key_set, now, open_policy, outcome, per_provider, read, read_local};
use jwtverify_core::{KeySet, KeySetOptions, Provider, limits};
use jwtverify_tests::{Alg, SigningKey, jwks};
use serde_json::{Value, json};

per_provider!(
    kid_is_compared_octet_by_octet,
    an_unknown_kid_never_tries_other_keys,
    without_a_kid_exactly_one_key_must_fit,
    the_same_kid_twice,
    the_key_decides_not_the_header,
    use_and_key_ops_are_honoured,
    one_bad_key_costs_no_other,
    documents_that_are_no_key_set,
    limits_of_a_document,
    private_members_are_reported_and_refused_when_fetched,
    certificates_in_a_jwk_are_ignored,
);

fn verify<P: Provider>(token: impl AsRef<[u8]>, keys: &KeySet<P>) -> String {
    outcome(open_policy().build().unwrap().verify(token, keys, now()))
}

/// "usable", or why the set was refused and the reasons for each key: `KeySetEmpty JwkUse`.
fn reading<P: Provider>(document: impl AsRef<[u8]>) -> String {
    match read::<P>(document) {
        Ok(_) => "usable".into(),
        Err(error) => {
            let reasons = error.skipped.iter().map(|skipped| skipped.reason.name());
            std::iter::once(error.error.name())
                .chain(reasons)
                .collect::<Vec<_>>()
                .join(" ")
        }
    }
}

fn with(mut jwk: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

fn kid_is_compared_octet_by_octet<P: Provider>() {
    let key = SigningKey::shared(Alg::Es256);
    let kids = [
        "a",
        "A",
        "",
        "a\0",
        "a\0b",
        "a ",
        "é",
        "e\u{301}",
        "../../etc/passwd",
        "' OR 1=1",
    ];
    let mut table = Table::default();
    for in_set in kids {
        let keys = read::<P>(with(key.jwk(), json!({ "kid": in_set })).to_string()).unwrap();
        for in_token in kids {
            let token = key.mint_with(&json!({ "kid": in_token }), &claims());
            let expected = if in_set == in_token {
                "accepted"
            } else {
                "KeyNotFound"
            };
            table.row(
                format!("{in_token:?} in {in_set:?}"),
                verify(token, &keys),
                expected,
            );
        }
    }
    // Escapes are another spelling of the same text, in the token and in the set.
    let jwk = with(key.jwk(), json!({"kid": "ké"}))
        .to_string()
        .replace('é', "\\u00e9");
    let keys = read::<P>(jwk).unwrap();
    let token = key.sign_text(
        r#"{"alg":"ES256","kid":"\u006b\u00e9"}"#,
        claims().to_string(),
    );
    table.row("escaped", verify(token, &keys), "accepted");
    table.check();
}

fn an_unknown_kid_never_tries_other_keys<P: Provider>() {
    let key = SigningKey::shared(Alg::Es256);
    for keys in [
        key_set::<P>(key),
        read::<P>(jwks([key, SigningKey::shared(Alg::EdDsa)])).unwrap(),
    ] {
        let token = key.mint_with(&json!({"kid": "unknown"}), &claims());
        assert_eq!(verify(token, &keys), "KeyNotFound");
    }
}

fn without_a_kid_exactly_one_key_must_fit<P: Provider>() {
    let (es, ed) = (
        SigningKey::shared(Alg::Es256),
        SigningKey::shared(Alg::EdDsa),
    );
    let other = SigningKey::generate(Alg::Es256, "other");
    let nameless = |key: &SigningKey| {
        let mut jwk = key.jwk();
        jwk.as_object_mut().unwrap().remove("kid");
        jwk
    };
    let token = es.mint_with(&json!({"kid": null}), &claims());
    let mut table = Table::default();
    for (what, keys, expected) in [
        ("one key", vec![es.jwk()], "accepted"),
        ("one key without kid", vec![nameless(es)], "accepted"),
        (
            "one fits, one of another type",
            vec![ed.jwk(), es.jwk()],
            "accepted",
        ),
        (
            "two fit, the right one first",
            vec![es.jwk(), other.jwk()],
            "KeyAmbiguous",
        ),
        (
            "two fit, the right one last",
            vec![other.jwk(), es.jwk()],
            "KeyAmbiguous",
        ),
        (
            "two fit, neither has a kid",
            vec![nameless(es), nameless(&other)],
            "KeyAmbiguous",
        ),
        ("none fits", vec![ed.jwk()], "KeyNoneFits"),
        (
            "one fits, the other is for encryption",
            vec![with(other.jwk(), json!({"use": "enc"})), es.jwk()],
            "accepted",
        ),
    ] {
        let keys = read::<P>(json!({ "keys": keys }).to_string()).unwrap();
        table.row(what, verify(&token, &keys), expected);
    }
    table.check();
}

/// RFC 7517, 4.5: keys of different types may share a kid.
fn the_same_kid_twice<P: Provider>() {
    let (es, ed) = (
        SigningKey::shared(Alg::Es256),
        SigningKey::shared(Alg::EdDsa),
    );
    let p384 = SigningKey::shared(Alg::Es384);
    let other = SigningKey::generate(Alg::Es256, "other");
    let named = |key: &SigningKey, kid: &str| with(key.jwk(), json!({ "kid": kid }));
    let token = es.mint_with(&json!({"kid": "k"}), &claims());
    let mut table = Table::default();
    for (what, keys, expected) in [
        (
            "same material",
            vec![named(es, "k"), named(es, "k")],
            "accepted",
        ),
        (
            "right one first",
            vec![named(es, "k"), named(&other, "k")],
            "KeyAmbiguous",
        ),
        (
            "right one last",
            vec![named(&other, "k"), named(es, "k")],
            "KeyAmbiguous",
        ),
        (
            "another type",
            vec![named(ed, "k"), named(es, "k")],
            "accepted",
        ),
        (
            "another curve",
            vec![named(p384, "k"), named(es, "k")],
            "accepted",
        ),
        (
            "the double is unusable",
            vec![
                with(named(&other, "k"), json!({"use": "enc"})),
                named(es, "k"),
            ],
            "accepted",
        ),
        (
            "the double can't be read",
            vec![with(named(&other, "k"), json!({"x": "!"})), named(es, "k")],
            "KeyAmbiguous",
        ),
        (
            "a double of another type can't be read",
            vec![with(named(ed, "k"), json!({"x": "!"})), named(es, "k")],
            "accepted",
        ),
        (
            "two others",
            vec![named(es, "k"), named(ed, "d"), named(p384, "d")],
            "accepted",
        ),
    ] {
        let keys = read::<P>(json!({ "keys": keys }).to_string()).unwrap();
        table.row(what, verify(&token, &keys), expected);
    }
    // Only that kid is lost, not the set.
    let keys = json!({"keys": [named(es, "k"), named(&other, "k"), named(es, "good")]});
    let keys = read::<P>(keys.to_string()).unwrap();
    let token = es.mint_with(&json!({"kid": "good"}), &claims());
    table.row(
        "another kid of the same set",
        verify(token, &keys),
        "accepted",
    );
    table.check();
}

/// RFC 8725, 3.1: a key is for one algorithm; the header selects, it never decides.
fn the_key_decides_not_the_header<P: Provider>() {
    let rsa = SigningKey::shared(Alg::Rs256);
    let unbound = with(rsa.bare_jwk(), json!({"kid": "k"}));
    let token_of = |alg: Alg| {
        let header = json!({"alg": alg.name(), "kid": "k"}).to_string();
        let input = format!(
            "{}.{}",
            jwtverify_tests::base64url(header),
            jwtverify_tests::base64url(claims().to_string())
        );
        let signature = rsa.sign_as(alg, input.as_bytes());
        format!("{input}.{}", jwtverify_tests::base64url(signature))
    };
    let mut table = Table::default();
    let family = [
        Alg::Rs256,
        Alg::Rs384,
        Alg::Rs512,
        Alg::Ps256,
        Alg::Ps384,
        Alg::Ps512,
    ];
    for said in family {
        for bound in family {
            let jwk = with(unbound.clone(), json!({"alg": bound.name()}));
            let keys = read::<P>(jwk.to_string()).unwrap();
            let expected = if said == bound {
                "accepted"
            } else {
                "KeyMismatch"
            };
            let what = format!("{} with a key for {}", said.name(), bound.name());
            table.row(what, verify(token_of(said), &keys), expected);
        }
        let keys = read::<P>(unbound.to_string()).unwrap();
        table.row(
            format!("{}: key without alg", said.name()),
            verify(token_of(said), &keys),
            "accepted",
        );
    }
    // The kid names a key of another type or curve.
    for (said, key) in [
        (Alg::Es256, Alg::Rs256),
        (Alg::Es256, Alg::Es384),
        (Alg::Es512, Alg::Es256),
        (Alg::Es256, Alg::Es256K),
        (Alg::Es256K, Alg::Es256),
        (Alg::EdDsa, Alg::MlDsa44),
        (Alg::MlDsa44, Alg::MlDsa65),
        (Alg::MlDsa87, Alg::Es512),
        (Alg::EdDsa, Alg::Es256),
        (Alg::Rs256, Alg::Es256),
    ] {
        let jwk = with(SigningKey::shared(key).bare_jwk(), json!({"kid": "k"}));
        let keys = read::<P>(jwk.to_string()).unwrap();
        let token = SigningKey::shared(said).mint_with(&json!({"kid": "k"}), &claims());
        let what = format!("{} and a key for {}", said.name(), key.name());
        table.row(what, verify(token, &keys), "KeyMismatch");
    }
    table.check();
    // A JWK whose alg is not for its type is no key at all.
    for (key, alg, expected) in [
        (
            Alg::Es256,
            json!("ES384"),
            "KeySetEmpty JwkAlgorithmMismatch",
        ),
        (
            Alg::Es256,
            json!("RS256"),
            "KeySetEmpty JwkAlgorithmMismatch",
        ),
        (
            Alg::EdDsa,
            json!("ES256"),
            "KeySetEmpty JwkAlgorithmMismatch",
        ),
        (
            Alg::Rs256,
            json!("HS256"),
            "KeySetEmpty JwkAlgorithmMismatch",
        ),
        (
            Alg::Rs256,
            json!("RSA-OAEP"),
            "KeySetEmpty JwkAlgorithmUnknown",
        ),
        (Alg::Rs256, json!("none"), "KeySetEmpty JwkAlgorithmUnknown"),
        (
            Alg::Rs256,
            json!("rs256"),
            "KeySetEmpty JwkAlgorithmUnknown",
        ),
        (Alg::Rs256, json!(null), "KeySetEmpty JwkMemberType"),
        (Alg::Rs256, json!(256), "KeySetEmpty JwkMemberType"),
    ] {
        let jwk = with(SigningKey::shared(key).jwk(), json!({ "alg": alg }));
        let set = json!({"keys": [jwk]}).to_string();
        assert_eq!(reading::<P>(set), expected, "{} {alg}", key.name());
    }
}

/// RFC 7517, 4.2 and 4.3.
fn use_and_key_ops_are_honoured<P: Provider>() {
    let key = SigningKey::shared(Alg::Es256);
    let bare = with(key.bare_jwk(), json!({"kid": "k"}));
    let mut table = Table::default();
    for (changes, expected) in [
        (json!({}), "usable"),
        (json!({"use": "sig"}), "usable"),
        (json!({"use": "enc"}), "KeySetEmpty JwkUse"),
        (json!({"use": "SIG"}), "KeySetEmpty JwkUse"),
        (json!({"use": "signature"}), "KeySetEmpty JwkUse"),
        (json!({"use": ""}), "KeySetEmpty JwkUse"),
        (json!({"use": 1}), "KeySetEmpty JwkMemberType"),
        (json!({"use": null}), "KeySetEmpty JwkMemberType"),
        (json!({"use": ["sig"]}), "KeySetEmpty JwkMemberType"),
        (json!({"key_ops": ["verify"]}), "usable"),
        (json!({"key_ops": ["sign", "verify"]}), "usable"),
        (json!({"use": "sig", "key_ops": ["verify"]}), "usable"),
        (json!({"key_ops": ["sign"]}), "KeySetEmpty JwkKeyOps"),
        (
            json!({"key_ops": ["encrypt", "wrapKey"]}),
            "KeySetEmpty JwkKeyOps",
        ),
        (json!({"key_ops": []}), "KeySetEmpty JwkKeyOps"),
        (json!({"key_ops": ["Verify"]}), "KeySetEmpty JwkKeyOps"),
        (json!({"key_ops": "verify"}), "KeySetEmpty JwkMemberType"),
        (json!({"key_ops": [1]}), "KeySetEmpty JwkKeyOps"),
        (json!({"key_ops": ["verify", 1]}), "usable"),
        (
            json!({"use": "enc", "key_ops": ["verify"]}),
            "KeySetEmpty JwkUse",
        ),
        (
            json!({"use": "sig", "key_ops": ["sign"]}),
            "KeySetEmpty JwkKeyOps",
        ),
        (json!({"kid": 1}), "KeySetEmpty JwkMemberType"),
        (json!({"kid": null}), "KeySetEmpty JwkMemberType"),
        (
            json!({"kid": "k".repeat(limits::MAX_KID_BYTES + 1)}),
            "KeySetEmpty JwkKidTooLong",
        ),
        (json!({"unknown": {"a": [1, null]}}), "usable"),
    ] {
        let set = json!({"keys": [with(bare.clone(), changes.clone())]}).to_string();
        table.row(changes, reading::<P>(set), expected);
    }
    table.check();
}

fn one_bad_key_costs_no_other<P: Provider>() {
    let good = SigningKey::shared(Alg::Rs256);
    let ec = SigningKey::shared(Alg::Es256).jwk();
    let members = [
        (json!(null), "JwkNotObject"),
        (json!([]), "JwkNotObject"),
        (json!("text"), "JwkNotObject"),
        (json!({}), "JwkMemberMissing"),
        (
            json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}),
            "AkpKeyLength",
        ),
        (json!({"kty": "rsa"}), "KeyTypeUnknown"),
        (json!({"kty": 1}), "JwkMemberType"),
        (
            json!({"kty": "oct", "kid": "secret", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}),
            "SymmetricNotAllowed",
        ),
        (
            json!({"kty": "RSA", "kid": "no-n", "e": "AQAB"}),
            "JwkMemberMissing",
        ),
        (json!({"kty": "RSA", "n": 1, "e": "AQAB"}), "JwkMemberType"),
        (
            with(ec.clone(), json!({"crv": "secp256k1"})),
            "JwkAlgorithmMismatch",
        ),
        (
            with(ec.clone(), json!({"crv": "secp256r1"})),
            "CurveUnknown",
        ),
        (with(ec.clone(), json!({"crv": "p-256"})), "CurveUnknown"),
        (with(ec.clone(), json!({"y": "AAAA"})), "EcCoordinateLength"),
        (
            json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
            "CurveUnknown",
        ),
        (
            json!({"kty": "OKP", "crv": "Ed448", "x": "AA"}),
            "CurveUnknown",
        ),
        (with(ec, json!({"use": "enc"})), "JwkUse"),
    ];
    let mut keys: Vec<Value> = members.iter().map(|(jwk, _)| jwk.clone()).collect();
    let place = keys.len() / 2;
    keys.insert(place, good.jwk());
    let set = read::<P>(json!({ "keys": keys }).to_string()).unwrap();
    assert_eq!(verify(good.mint(&claims()), &set), "accepted");
    assert_eq!(set.len(), 1);
    let mut table = Table::default();
    let mut skipped = set.skipped().iter();
    for (index, (jwk, reason)) in members.iter().enumerate() {
        let skipped = skipped.next().unwrap();
        let position = if index < place { index } else { index + 1 };
        assert_eq!(skipped.position, position);
        assert_eq!(skipped.kid.as_deref(), jwk["kid"].as_str());
        table.row(jwk, skipped.reason.name(), reason);
        assert!(
            skipped
                .to_string()
                .starts_with(&format!("keys[{position}]")),
            "{skipped}"
        );
    }
    assert!(skipped.next().is_none());
    table.check();
}

fn documents_that_are_no_key_set<P: Provider>() {
    let key = SigningKey::shared(Alg::Es256);
    let (jwk, set) = (key.jwk().to_string(), key.jwks());
    let mut table = Table::default();
    for (document, expected) in [
        (set.clone(), "usable"),
        (jwk.clone(), "usable"),
        (format!(" \n{set}\n"), "usable"),
        (
            format!(r#"{{"keys":[{jwk}],"more":{{"a":[1]}}}}"#),
            "usable",
        ),
        (String::new(), "KeySetJson"),
        ("<!doctype html>".into(), "KeySetJson"),
        (format!("[{jwk}]"), "KeySetShape"),
        ("null".into(), "KeySetShape"),
        (format!("\u{feff}{set}"), "KeySetJson"),
        (format!("{set}{set}"), "KeySetJson"),
        (format!("{set}x"), "KeySetJson"),
        (
            format!(r#"{{"keys":[{jwk}],"keys":[{jwk}]}}"#),
            "KeySetJson",
        ),
        (
            format!(r#"{{"keys":[{jwk}],"k\u0065ys":[]}}"#),
            "KeySetJson",
        ),
        (
            jwk.replacen("\"kid\"", "\"kid\":\"a\",\"kid\"", 1),
            "KeySetJson",
        ),
        (
            set.replacen("\"kid\"", "\"kid\":\"a\",\"kid\"", 1),
            "KeySetJson",
        ),
        (
            format!(r#"{{"keys":[{}{}]}}"#, "[".repeat(40), "]".repeat(40)),
            "KeySetJson",
        ),
        ("{}".into(), "KeySetShape"),
        (r#"{"Keys":[]}"#.into(), "KeySetShape"),
        (r#"{"keys":null}"#.into(), "KeySetShape"),
        (format!(r#"{{"keys":{jwk}}}"#), "KeySetShape"),
        (r#"{"keys":"text"}"#.into(), "KeySetShape"),
        (r#"{"keys":[]}"#.into(), "KeySetEmpty"),
    ] {
        let what: String = document.chars().take(50).collect();
        table.row(what, reading::<P>(document), expected);
    }
    let mut invalid = set.into_bytes();
    let place = invalid
        .windows(5)
        .position(|window| window == b"es256")
        .unwrap();
    invalid[place] = 0xff;
    table.row("not UTF-8", reading::<P>(invalid), "KeySetJson");
    table.check();
}

fn limits_of_a_document<P: Provider>() {
    let key = SigningKey::shared(Alg::EdDsa);
    let of = |count: usize| json!({"keys": vec![key.jwk(); count]}).to_string();
    let padded = |octets: usize| {
        let set = key.jwks();
        format!("{set}{}", " ".repeat(octets - set.len()))
    };
    let mut table = Table::default();
    for (what, document, expected) in [
        ("most keys", of(limits::MAX_KEYS), "usable"),
        (
            "one key more",
            of(limits::MAX_KEYS + 1),
            "KeySetTooManyKeys",
        ),
        (
            "longest document",
            padded(limits::MAX_KEY_SET_BYTES),
            "usable",
        ),
        (
            "one octet more",
            padded(limits::MAX_KEY_SET_BYTES + 1),
            "KeySetTooLarge",
        ),
    ] {
        table.row(what, reading::<P>(document), expected);
    }
    table.check();
    let two: Result<KeySet<P>, _> = KeySetOptions::new().max_keys(2).read(of(3));
    assert_eq!(two.err().unwrap().error.name(), "KeySetTooManyKeys");
    let short: Result<KeySet<P>, _> = KeySetOptions::new().max_bytes(10).read(of(1));
    assert_eq!(short.err().unwrap().error.name(), "KeySetTooLarge");
}

fn private_members_are_reported_and_refused_when_fetched<P: Provider>() {
    let key = SigningKey::shared(Alg::Es256);
    let jwk = with(key.jwk(), json!({"d": "AAAA"}));
    let set = json!({"keys": [jwk, SigningKey::shared(Alg::EdDsa).jwk()]}).to_string();
    let local = read::<P>(&set).unwrap();
    assert_eq!(verify(key.mint(&claims()), &local), "accepted");
    assert_eq!(local.warnings().len(), 1);
    assert_eq!(local.warnings()[0].position, 0);
    assert_eq!(local.warnings()[0].kid.as_deref(), Some("es256"));
    let fetched: KeySet<P> = KeySetOptions::new().fetched(true).read(&set).unwrap();
    assert_eq!(verify(key.mint(&claims()), &fetched), "KeyNotFound");
    assert_eq!(fetched.skipped()[0].reason.name(), "JwkPrivate");
    // A fetched set never holds secrets, even when the caller allows symmetric keys.
    let secret = SigningKey::shared(Alg::Hs256);
    let set = jwks([secret]);
    assert!(read_local::<P>(&set).is_ok());
    let options = KeySetOptions::new().allow_symmetric(true).fetched(true);
    let fetched: Result<KeySet<P>, _> = options.read(&set);
    let error = fetched.err().unwrap();
    assert_eq!(
        (error.error.name(), error.skipped[0].reason.name()),
        ("KeySetEmpty", "SymmetricNotAllowed")
    );
}

fn certificates_in_a_jwk_are_ignored<P: Provider>() {
    let key = SigningKey::shared(Alg::Rs256);
    for changes in [
        json!({"x5c": ["not base64!"], "x5t": "x", "x5u": "http://127.0.0.1:1/"}),
        json!({"x5c": 1, "x5t#S256": null}),
    ] {
        let keys = read::<P>(with(key.jwk(), changes).to_string()).unwrap();
        assert_eq!(verify(key.mint(&claims()), &keys), "accepted");
    }
}
