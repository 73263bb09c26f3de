//! Verification calls that another library's own tests made, with its verdicts.
//!
//! Its verdicts are not ours: each call is put to this verifier as closely as the two allow, and
//! every difference has its reason in [`TRIAGE`]. A difference without a reason fails.

mod common;

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use common::per_provider;
use jwtverify_core::{
    Algorithm, AlgorithmSet, Error, KeySet, KeySetOptions, Provider, UnixTime, Verifier,
};
use jwtverify_tests::{base64url, vectors};
use serde_json::{Value, json};

per_provider!(every_difference_from_pyjwt_has_a_reason);

/// Why a verdict differs: the peer's verdict or error, ours, how often, and the reason.
const TRIAGE: &[(&str, &str, usize, &str)] = &[
    (
        "ImmatureSignatureError",
        "accepted",
        1,
        "an iat in the future: it says when the token was issued, not when it may be used",
    ),
    (
        "InvalidAudienceError",
        "accepted",
        1,
        "the token names an audience and the caller none: here the caller has said that any will do",
    ),
    (
        "accepted",
        "ClaimType",
        1,
        "an iat that is a string: RFC 7519 wants a JSON number",
    ),
    (
        "accepted",
        "PayloadJson",
        1,
        "a compressed payload, which a hook of the caller unpacks there",
    ),
    (
        "accepted",
        "SignatureBase64",
        2,
        "padding, which is accepted here with allow_padding alone",
    ),
];

fn every_difference_from_pyjwt_has_a_reason<P: Provider>() {
    let Some(bytes) = vectors::bytes("peer-capture/pyjwt.jsonl") else {
        return;
    };
    let lines: Vec<Value> = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let mut no_counterpart = BTreeMap::<&str, usize>::new();
    let mut differences = BTreeMap::<(String, String), Vec<String>>::new();
    let (mut agreed, mut put) = (0, 0);
    for line in &lines {
        let call = match Call::of(line) {
            Ok(call) => call,
            Err(reason) => {
                *no_counterpart.entry(reason).or_default() += 1;
                continue;
            }
        };
        put += 1;
        let ours = call.verdict::<P>(false);
        if line["ok"].as_bool().unwrap() == ours.is_ok() {
            agreed += 1;
            continue;
        }
        if ours == Err(Error::SignatureBase64) {
            assert_eq!(call.verdict::<P>(true), Ok(()), "{}", line["test"]);
        }
        let theirs = line["error"].as_str().unwrap_or("accepted").to_owned();
        let ours = ours.err().map_or("accepted", Error::name).to_owned();
        let test = line["test"].as_str().unwrap().to_owned();
        differences.entry((theirs, ours)).or_default().push(test);
    }
    vectors::announce(&format!(
        "pyjwt.jsonl: {} calls, {put} put to this verifier: {agreed} verdicts agree, {} differ for \
         a known reason; not put: {no_counterpart:?}",
        lines.len(),
        put - agreed,
    ));
    let mut wrong = Vec::new();
    for ((theirs, ours), tests) in &differences {
        let known = TRIAGE.iter().find(|(a, b, ..)| a == theirs && b == ours);
        if known.is_none_or(|(_, _, count, _)| *count != tests.len()) {
            wrong.push(format!(
                "{theirs} there, {ours} here: {}\n    {}",
                tests.len(),
                tests.join("\n    ")
            ));
        }
    }
    assert_eq!(lines.len(), 178);
    assert!(
        wrong.is_empty(),
        "differences without a reason:\n  {}",
        wrong.join("\n  ")
    );
    assert_eq!(
        differences.len(),
        TRIAGE.len(),
        "a reason that no longer applies"
    );
}

/// A call as this verifier understands it.
struct Call<'l> {
    args: &'l Value,
    now: i64,
    claims: bool,
}

impl<'l> Call<'l> {
    /// The call, or why it can't be put to this verifier at all.
    fn of(line: &'l Value) -> Result<Self, &'static str> {
        let args = &line["args"];
        let option = |name: &str| args["options"].get(name);
        if option("verify_signature") == Some(&json!(false)) {
            return Err("signature not verified: there is no such option");
        }
        for name in [
            "verify_exp",
            "verify_nbf",
            "verify_iat",
            "verify_aud",
            "strict_aud",
        ] {
            if option(name).is_some() {
                return Err("one check switched off or changed: there is no such option");
            }
        }
        if args["algorithms"].is_null() {
            return Err("no algorithms: this verifier can't be built without");
        }
        if !args["detached_payload"].is_null() {
            return Err("detached payload: not supported");
        }
        if !args["subject"].is_null() {
            return Err("expected subject: the caller compares it");
        }
        let json_types = [
            &args["jwt"],
            &args["audience"],
            &args["issuer"],
            &args["options"],
        ];
        let bytes = args["audience"]["$b64"].is_string();
        if bytes
            || line["error"] == "TypeError"
            || json_types.iter().any(|value| value.get("$repr").is_some())
        {
            return Err("a Python type error: the compiler refuses it");
        }
        let now = line["now"].as_f64().unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
        let now = now.floor() as i64;
        Ok(Self {
            args,
            now,
            claims: line["lib"] == "pyjwt.jwt.decode_complete",
        })
    }

    fn verdict<P: Provider>(&self, padding: bool) -> Result<(), Error> {
        let names = texts(&self.args["algorithms"]);
        let algorithms: AlgorithmSet = names
            .iter()
            .filter_map(|name| Algorithm::from_name(name))
            .collect();
        let options = KeySetOptions::new()
            .allow_symmetric(true)
            .allow_weak_hmac(true);
        let keys: KeySet<P> = options.read(jwk(&self.args["key"]).to_string())?;
        let (issuers, audiences) = (texts(&self.args["issuer"]), texts(&self.args["audience"]));
        let issuers: Vec<&str> = issuers.iter().map(String::as_str).collect();
        let audiences: Vec<&str> = audiences.iter().map(String::as_str).collect();
        let required = texts(&self.args["options"]["require"]);
        let required: Vec<&str> = required.iter().map(String::as_str).collect();
        let builder = Verifier::builder()
            .algorithms(algorithms)
            .required_claims(&required);
        let builder = match &self.args["issuer"] {
            Value::Null => builder.any_issuer(),
            _ => builder.issuers(&issuers),
        };
        let builder = match &self.args["audience"] {
            Value::Null => builder.any_audience(),
            _ => builder.audiences(&audiences),
        };
        let leeway = &self.args["leeway"];
        let seconds = leeway["$timedelta_s"]
            .as_f64()
            .or(leeway.as_f64())
            .unwrap_or(0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 13"
        )]
        let verifier = builder
            .leeway(seconds as u64)
            .allow_padding(padding)
            .build()?;
        let token = octets(&self.args["jwt"]);
        // A JWS call looks at the signature alone. The key has no kid of its own, so that a
        // token's kid, which the peer leaves to its caller, does not matter.
        let key = keys.keys().next().unwrap();
        if self.claims {
            verifier
                .verify(token, key, UnixTime::from_secs(self.now))
                .map(drop)
        } else {
            verifier.verify_jws(token, key).map(drop)
        }
    }
}

/// One text or several.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        other => vec![String::from_utf8_lossy(&octets(other)).into_owned()],
    }
}

fn octets(value: &Value) -> Vec<u8> {
    match (value, value["$b64"].as_str()) {
        (_, Some(base64)) => Base64::decode_vec(base64).unwrap(),
        (Value::String(text), _) => text.as_bytes().to_vec(),
        (other, _) => other.to_string().into_bytes(),
    }
}

/// The key as a JWK: public keys from PEM or an ssh line, everything else as a secret.
fn jwk(key: &Value) -> Value {
    if !key["$jwk"].is_null() {
        return key["$jwk"].clone();
    }
    let octets = key["$spki_pem"]
        .as_str()
        .map_or_else(|| octets(key), Into::into);
    let text = String::from_utf8_lossy(&octets);
    if text.starts_with("-----BEGIN PUBLIC KEY-----") {
        return jwk_of_spki(&text);
    }
    if text.starts_with("ssh-") || text.starts_with("ecdsa-") {
        return jwk_of_ssh(&text);
    }
    json!({"kty": "oct", "k": base64url(octets)})
}

/// RFC 4253, 6.6, RFC 5656, 3.1, and RFC 8709, 4: strings, each with its length before it.
fn jwk_of_ssh(line: &str) -> Value {
    let blob = Base64::decode_vec(line.split_whitespace().nth(1).unwrap()).unwrap();
    let mut strings = Vec::new();
    let mut rest = blob.as_slice();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (string, after) = after.split_at(u32::from_be_bytes(*length).try_into().unwrap());
        strings.push(string);
        rest = after;
    }
    match strings[..] {
        [b"ssh-rsa", e, n] => {
            let n = n.strip_prefix(&[0]).unwrap_or(n);
            json!({"kty": "RSA", "n": base64url(n), "e": base64url(e)})
        }
        [b"ssh-ed25519", x] => json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(x)}),
        [b"ecdsa-sha2-nistp256", _, point] => {
            let (x, y) = point[1..].split_at(32);
            json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)})
        }
        _ => panic!("an ssh key of another type: {line}"),
    }
}

/// RFC 5280, 4.1: the key is the last element, a bit string without unused bits.
fn jwk_of_spki(pem: &str) -> Value {
    let base64: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = Base64::decode_vec(&base64).unwrap();
    let oid = |octets: &[u8]| der.windows(octets.len()).any(|window| window == octets);
    if oid(&[0x2b, 0x65, 0x70]) {
        let x = base64url(&der[der.len() - 32..]);
        return json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    }
    for (octets, curve, length) in [
        (
            &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07][..],
            "P-256",
            32,
        ),
        (&[0x2b, 0x81, 0x04, 0x00, 0x22], "P-384", 48),
        (&[0x2b, 0x81, 0x04, 0x00, 0x23], "P-521", 66),
        (&[0x2b, 0x81, 0x04, 0x00, 0x0a], "secp256k1", 32),
    ] {
        if oid(octets) {
            let (x, y) = der[der.len() - 2 * length..].split_at(length);
            return json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)});
        }
    }
    // RSAPublicKey: n of 256 octets behind its sign octet, then e of three.
    let (rest, e) = der.split_at(der.len() - 3);
    let n = &rest[rest.len() - 2 - 256..rest.len() - 2];
    json!({"kty": "RSA", "n": base64url(n), "e": base64url(e)})
}
