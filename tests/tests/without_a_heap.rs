//! A key set without a heap has the rules of the one with a heap: same documents, same tokens,
//! same notices, same verdicts.

mod common;

use std::collections::BTreeSet;

use common::{NOW, open_policy, per_provider};
use jwtverify_core::{
    Error, FixedKeySet, Key, KeySet, KeySetError, KeySetOptions, Notice, Provider, UnixTime,
    Verifier, limits,
};
use jwtverify_tests::{Alg, SigningKey, vectors};
use serde_json::{Value, json};

per_provider!(
    the_attack_catalogue_has_the_same_verdicts,
    hostile_documents_have_the_same_outcome,
    the_promised_scratch_is_enough_for_every_token,
);

/// Room for every document that is within the limits.
type Roomy<P> = FixedKeySet<{ limits::MAX_KEYS }, P, { limits::MAX_KID_BYTES }>;

/// Reads a document both ways and compares what can be seen of it.
fn read_both<P: Provider>(
    options: KeySetOptions,
    document: &str,
) -> Option<(KeySet<P>, Box<Roomy<P>>)> {
    let heap: Result<KeySet<P>, KeySetError> = options.read(document);
    let mut scratch = vec![0; document.len()];
    let (mut skipped, mut warnings) = (Vec::new(), Vec::new());
    let fixed = options.read_in(document, &mut scratch, |notice| match notice.notice {
        Notice::Skipped(_) => skipped.push(notice.to_string()),
        _ => warnings.push(notice.to_string()),
    });
    let fixed: Result<Box<Roomy<P>>, Error> = fixed.map(Box::new);
    match (heap, fixed) {
        (Ok(heap), Ok(fixed)) => {
            let texts = heap.skipped().iter().map(ToString::to_string);
            assert!(texts.eq(skipped), "{document}");
            let texts = heap.warnings().iter().map(ToString::to_string);
            assert!(texts.eq(warnings), "{document}");
            let mut kids: Vec<&str> = fixed.kids().collect();
            kids.sort_unstable();
            assert!(heap.kids().eq(kids), "{document}");
            assert_eq!(heap.len(), fixed.len(), "{document}");
            Some((heap, fixed))
        }
        (heap, fixed) => {
            assert_eq!(heap.err().map(Error::from), fixed.err(), "{document}");
            None
        }
    }
}

/// Verifies a token with both sets, with a heap and without, and compares the verdicts.
fn verify_both<P: Provider>(
    verifier: &Verifier<'_>,
    token: &str,
    heap: &KeySet<P>,
    fixed: &Roomy<P>,
) -> Result<(), Error> {
    let now = UnixTime::from_secs(NOW);
    let mut scratch = vec![0; Verifier::scratch_len(token.len())];
    let expected = verifier.verify(token, heap, now).map(drop);
    let allocating = verifier.verify(token, fixed, now).map(drop);
    let in_place = verifier.verify_in(token, fixed, now, &mut scratch);
    assert_eq!(allocating, expected, "{token}");
    assert_eq!(in_place.map(drop), expected, "{token}");
    expected
}

/// Every key set of the catalogue with every token of the catalogue.
fn the_attack_catalogue_has_the_same_verdicts<P: Provider>() {
    let Some(file) = vectors::json("attacks/attacks.json") else {
        return;
    };
    let cases = file["cases"].as_array().unwrap();
    let texts = |member: &str| -> BTreeSet<&str> {
        let text = |case: &'_ Value| case[member].as_str().map(str::len);
        assert!(cases.iter().all(|case| text(case).is_some()));
        cases
            .iter()
            .filter_map(|case| case[member].as_str())
            .collect()
    };
    let (documents, tokens) = (texts("keyset"), texts("token"));
    let verifier = open_policy().build().unwrap();
    let (mut sets, mut accepted) = (0, 0);
    for document in &documents {
        for symmetric in [false, true] {
            let options = KeySetOptions::new().allow_symmetric(symmetric);
            let Some((heap, fixed)) = read_both::<P>(options, document) else {
                continue;
            };
            sets += 1;
            for token in &tokens {
                let verdict = verify_both(&verifier, token, &heap, &fixed);
                accepted += usize::from(verdict.is_ok());
            }
        }
    }
    vectors::announce(&format!(
        "attacks.json: {} key-set documents, {sets} sets, {} tokens, {accepted} pairs accepted",
        documents.len(),
        tokens.len(),
    ));
    assert!(sets > 20 && accepted > 20);
}

fn hostile_documents_have_the_same_outcome<P: Provider>() {
    let ec = SigningKey::shared(Alg::Es256);
    let jwk = ec.jwk();
    let with = |changes: Value| {
        let mut jwk = jwk.clone();
        for (name, value) in changes.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        jwk
    };
    let long = "k".repeat(limits::MAX_KID_BYTES);
    let too_long = format!("{long}k");
    let many = |members: usize| {
        let changes = (0..members).map(|i| (format!("x-{i}"), json!(i)));
        with(changes.collect())
    };
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let unreadable = with(json!({"x": "="}));
    let documents = [
        jwk.to_string(),
        set_of(&[jwk.clone(), jwk.clone()]),
        set_of(&[with(json!({"kid": long}))]),
        set_of(&[with(json!({"kid": too_long}))]),
        set_of(&[jwk.clone(), with(json!({"kid": too_long}))]),
        set_of(std::slice::from_ref(&unreadable)),
        set_of(&[unreadable.clone(), jwk.clone()]),
        set_of(&[jwk.clone(), unreadable.clone()]),
        set_of(&[jwk.clone(), with(json!({"x": "=", "kid": "other"}))]),
        set_of(&[jwk.clone(), with(json!({"x": "=", "kid": null}))]),
        set_of(&[many(60), many(61), many(500), jwk.clone()]),
        set_of(&vec![unreadable; limits::MAX_KEYS]),
        set_of(&vec![jwk.clone(); limits::MAX_KEYS]),
        set_of(&vec![jwk.clone(); limits::MAX_KEYS + 1]),
        format!(r#"{{"keys":[{},{}]}}"#, deep(29), jwk),
        format!(r#"{{"keys":[{},{}]}}"#, deep(40), jwk),
        format!(r#"{{"keys":[{jwk}],"keys":[{jwk}]}}"#),
        format!(r#"{{"keys":[{jwk}]}} "#),
        format!(r#"{{"keys":[{jwk}]}}x"#),
        format!("\u{feff}{jwk}"),
        String::new(),
        "null".into(),
    ];
    let verifier = open_policy().build().unwrap();
    let claims = json!({"exp": NOW + 1});
    let tokens = [
        ec.mint(&claims),
        ec.mint_with(&json!({"kid": long}), &claims),
        ec.mint_with(&json!({"kid": null}), &claims),
    ];
    let (mut sets, mut accepted) = (0, 0);
    for document in &documents {
        let Some((heap, fixed)) = read_both::<P>(KeySetOptions::new(), document) else {
            continue;
        };
        sets += 1;
        for token in &tokens {
            accepted += usize::from(verify_both(&verifier, token, &heap, &fixed).is_ok());
        }
    }
    assert!(
        sets >= 9 && accepted >= 12,
        "{sets} sets, {accepted} accepted"
    );
}

fn set_of(keys: &[Value]) -> String {
    json!({"keys": keys}).to_string()
}

/// Objects with as many members as their octets can hold, side by side and inside one another.
fn the_promised_scratch_is_enough_for_every_token<P: Provider>() {
    let key = SigningKey::shared(Alg::EdDsa);
    let mut keys: FixedKeySet<1, P> = FixedKeySet::new();
    let point = Key::from_ed25519(key.raw_public()).unwrap();
    keys.insert(key.kid(), point).unwrap();
    let verifier = open_policy().build().unwrap();
    // Names of one character, shortest first; those that need an escape are longer.
    let names: Vec<String> = std::iter::once(String::new())
        .chain(
            (' '..='~')
                .filter(|c| !r#""\"#.contains(*c))
                .map(String::from),
        )
        .collect();
    let flat = |count: usize| {
        let members: Vec<_> = names[..count]
            .iter()
            .map(|name| format!(r#""{name}":0"#))
            .collect();
        members.join(",")
    };
    let nested = |levels: usize| {
        let around = flat(names.len());
        let open = format!(r#"{{{around},"ab":"#).repeat(levels);
        format!("{open}0{}", "}".repeat(levels))
    };
    let mut needed_more = 0;
    for payload in (0..=names.len())
        .map(|count| format!("{{{}}}", flat(count)))
        .chain((1..30).map(nested))
    {
        for header in [
            key.header().to_string(),
            payload.replacen(
                '{',
                &format!(r#"{{"alg":"EdDSA","kid":"{}","#, key.kid()),
                1,
            ),
        ] {
            // An empty object leaves a comma behind, deep ones are too deep: refused either way.
            let token = key.sign_text(&header, &payload);
            let mut scratch = vec![0; Verifier::scratch_len(token.len())];
            let in_place = verifier
                .verify_jws_in(&token, &keys, &mut scratch)
                .map(drop);
            assert_eq!(
                in_place,
                verifier.verify_jws(&token, &keys).map(drop),
                "{payload}"
            );
            let now = UnixTime::from_secs(NOW);
            let in_place = verifier
                .verify_in(&token, &keys, now, &mut scratch)
                .map(drop);
            assert_eq!(
                in_place,
                verifier.verify(&token, &keys, now).map(drop),
                "{payload}"
            );
            let mut short = vec![0; token.len() * 3 / 4];
            let short = verifier.verify_in(&token, &keys, now, &mut short).map(drop);
            needed_more += usize::from(short == Err(Error::MisuseScratch));
        }
    }
    assert!(needed_more > 20, "{needed_more}: the cases are too easy");
}
