//! The catalogue of attacks: real vulnerabilities of other libraries, one case each.
//!
//! The cases are read from the folder with the test data; see `jwtverify_tests::vectors`. The
//! verdicts are written to `target/attacks-rust.json`, for `compare-verdicts` to hold against
//! those of other languages.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::per_provider;
use jwtverify_core::{
    Algorithm, AlgorithmSet, Error, KeySet, KeySetOptions, Provider, RustCrypto, UnixTime, Verifier,
};
use jwtverify_tests::vectors;
use serde_json::{Value, json};

per_provider!(every_attack_is_refused_and_every_good_token_accepted);

fn every_attack_is_refused_and_every_good_token_accepted<P: Provider>() {
    let Some(file) = vectors::json("attacks/attacks.json") else {
        return;
    };
    let cases = file["cases"].as_array().unwrap();
    let mut verdicts = BTreeMap::new();
    let mut wrong = Vec::new();
    let (mut accepted, mut contestable) = (0, 0);
    for case in cases {
        let id = case["id"].as_str().unwrap();
        let result = run::<P>(case);
        // Not the verdict alone: the reason doesn't depend on the provider either.
        let portable = run::<RustCrypto>(case);
        assert_eq!(result.err(), portable.err(), "{id}");
        let verdict = if result.is_ok() { "accept" } else { "reject" };
        let code = result.err().map_or(0, Error::code);
        accepted += usize::from(result.is_ok());
        contestable += usize::from(case["contestable"] == true);
        if case["expect"] != verdict {
            let why = case["why"].as_str().unwrap_or_default();
            let got = result.err().map_or("accepted", Error::name);
            wrong.push(format!(
                "  {id}: expected {}, got {got} ({why})",
                case["expect"]
            ));
        }
        let line = json!({"id": id, "verdict": verdict, "code": code});
        assert!(verdicts.insert(id, line).is_none(), "{id} is there twice");
    }
    vectors::announce(&format!(
        "attacks.json: {} cases, {accepted} accepted, {} refused, {contestable} contestable, {} wrong",
        cases.len(),
        cases.len() - accepted,
        wrong.len(),
    ));
    write_verdicts(&verdicts.into_values().collect());
    assert_eq!(cases.len(), 208);
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

/// The key set first, then the verifier, then the token: the first error is the verdict.
fn run<P: Provider>(case: &Value) -> Result<(), Error> {
    let texts = |list: &'_ Value| -> Vec<String> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap().into())
            .collect()
    };
    let names = texts(&case["algs"]);
    let algorithms: AlgorithmSet = names
        .iter()
        .map(|name| Algorithm::from_name(name).unwrap())
        .collect();
    let options =
        KeySetOptions::new().allow_symmetric(algorithms.iter().any(Algorithm::is_symmetric));
    let keys: KeySet<P> = options.read(case["keyset"].as_str().unwrap())?;

    let policy = &case["policy"];
    let known = ["now", "leeway", "iss", "aud", "typ", "require", "max_age"];
    for name in policy.as_object().unwrap().keys() {
        assert!(
            known.contains(&name.as_str()),
            "a policy nobody reads: {name}"
        );
    }
    let (issuers, audiences) = (policy.get("iss").map(texts), policy.get("aud").map(texts));
    let issuers = issuers.as_ref().map(|list| borrowed(list));
    let audiences = audiences.as_ref().map(|list| borrowed(list));
    let required = policy.get("require").map(texts);
    let required = required.as_ref().map(|list| borrowed(list));

    let mut builder = Verifier::builder().algorithms(algorithms);
    builder = match &issuers {
        Some(list) => builder.issuers(list),
        None => builder.any_issuer(),
    };
    builder = match &audiences {
        Some(list) => builder.audiences(list),
        None => builder.any_audience(),
    };
    if let Some(leeway) = policy["leeway"].as_u64() {
        builder = builder.leeway(leeway);
    }
    if let Some(typ) = policy["typ"].as_str() {
        builder = builder.typ(typ);
    }
    if let Some(seconds) = policy["max_age"].as_u64() {
        builder = builder.max_age(seconds);
    }
    if let Some(names) = &required {
        builder = builder.required_claims(names);
    }
    let now = UnixTime::from_secs(policy["now"].as_i64().unwrap());
    let verifier = builder.build()?;
    let verified = verifier.verify(case["token"].as_str().unwrap(), &keys, now);

    // The same without a heap, and with a policy that owns its texts.
    let token = case["token"].as_str().unwrap();
    let mut scratch = vec![0; 2 * token.len()];
    let in_place = verifier.verify_in(token, &keys, now, &mut scratch);
    assert_eq!(
        in_place.as_ref().err(),
        verified.as_ref().err(),
        "{}: scratch",
        case["id"]
    );
    let owned = verifier.clone().into_owned().verify(token, &keys, now);
    assert_eq!(
        owned.as_ref().err(),
        verified.as_ref().err(),
        "{}: owned",
        case["id"]
    );
    if let (Ok(a), Ok(b)) = (&in_place, &verified) {
        assert_eq!(a.payload(), b.payload());
        assert_eq!(a.header().json(), b.header().json());
    }
    verified.map(drop)
}

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn write_verdicts(verdicts: &Vec<Value>) {
    let target = target_folder();
    fs::create_dir_all(&target).unwrap();
    let path = target.join("attacks-rust.json");
    // Written beside and renamed: a reader never sees half of it.
    let beside = target.join(format!("attacks-rust.{}.tmp", std::process::id()));
    fs::write(&beside, serde_json::to_vec_pretty(verdicts).unwrap()).unwrap();
    fs::rename(&beside, &path).unwrap();
}

/// The target folder that this test was built in: it lies three levels above the program.
fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(3).map(Path::to_path_buf).unwrap()
}
