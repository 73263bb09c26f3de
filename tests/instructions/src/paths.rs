//! The paths that are counted: each is prepared once, and then does the same at every call.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use jwtverify_core::{
    Algorithm, Error, InvalidSignature, KeyMaterial, KeySet, KeySetOptions, Precomputed, Provider,
    RustCrypto, UnixTime, Verifier,
};
use jwtverify_jwks::{Fetch, FetchError, JwksVerifier, RemoteJwks, Request, Response, TokenCache};
use serde::Deserialize;

type Prepare = fn() -> Box<dyn FnMut()>;

/// Tables from the first use of a key.
type Tables = Precomputed<RustCrypto, 0>;

/// 2026-01-01T00:00:00Z, shortly after the tokens were issued.
const NOW: UnixTime = UnixTime::from_secs(1_767_225_600);

const KEYS: &str = include_str!("../fixtures/jwks.json");
const SECRET: &str = include_str!("../fixtures/secret.jwks.json");
const RS256: &str = include_str!("../fixtures/rs256.jwt");
const ES256: &str = include_str!("../fixtures/es256.jwt");
const ES384: &str = include_str!("../fixtures/es384.jwt");
const ES512: &str = include_str!("../fixtures/es512.jwt");
const EDDSA: &str = include_str!("../fixtures/eddsa.jwt");
const HS256: &str = include_str!("../fixtures/hs256.jwt");

/// The name of each path, and what prepares it.
pub(crate) const ALL: &[(&str, Prepare)] = &[
    ("header", header),
    ("beside-the-signature", || beside(ES256)),
    ("beside-the-signature-no-heap", beside_no_heap),
    ("hs256", hs256),
    ("rs256", || verified::<RustCrypto>(RS256)),
    ("es256-tables", || verified::<Tables>(ES256)),
    ("es384-tables", || verified::<Tables>(ES384)),
    ("es512-tables", || verified::<Tables>(ES512)),
    ("eddsa-tables", || verified::<Tables>(EDDSA)),
    ("cached-token", cached),
    ("typed-claims", typed),
    ("lookup-1-key", || lookup(1)),
    ("lookup-1000-keys", || lookup(1000)),
    ("read-key-set", read_key_set),
    ("refused-rubbish", || refused(&"x".repeat(750))),
    ("refused-unknown-key", || refused(HS256)),
    ("refused-expired", refused_expired),
];

/// Every signature is good: what is counted is everything else.
struct Trusting;

impl Provider for Trusting {
    type Key = ();

    fn prepare(_: &KeyMaterial<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn verify((): &(), _: Algorithm, _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        Ok(())
    }

    fn same((): &(), (): &()) -> bool {
        false
    }
}

/// A text where the allocator puts it: how a scan begins depends on where the text starts, and
/// where the linker puts one changes with every build.
fn placed(text: &str) -> String {
    text.to_owned()
}

fn verifier() -> Verifier<'static> {
    use Algorithm::{EdDsa, Es256, Es384, Es512, Hs256, Rs256};

    let policy = Verifier::builder()
        .algorithms([Rs256, Es256, Es384, Es512, EdDsa, Hs256])
        .issuer("https://issuer.example/tenants/4711")
        .audience("my-api")
        .leeway(60);
    policy.build().expect("a good policy")
}

fn keys<P: Provider>() -> KeySet<P> {
    KeySet::read(KEYS).expect("good keys")
}

fn header() -> Box<dyn FnMut()> {
    let (verifier, token) = (verifier(), placed(ES256));
    Box::new(move || {
        let verdict = verifier.check_header(black_box(&token));
        verdict.expect("a good header");
    })
}

fn verified<P: Provider>(token: &str) -> Box<dyn FnMut()> {
    let (verifier, keys, token) = (verifier(), keys::<P>(), placed(token));
    for key in keys.keys() {
        key.warm();
    }
    Box::new(move || {
        let verified = verifier.verify(black_box(&token), &keys, NOW);
        black_box(verified.expect("a good token"));
    })
}

fn beside(token: &str) -> Box<dyn FnMut()> {
    verified::<Trusting>(token)
}

fn beside_no_heap() -> Box<dyn FnMut()> {
    let (verifier, keys, token) = (verifier(), keys::<Trusting>(), placed(ES256));
    let mut scratch = vec![0; 2048];
    Box::new(move || {
        let verified = verifier.verify_in(black_box(&token), &keys, NOW, &mut scratch);
        black_box(verified.expect("a good token"));
    })
}

fn hs256() -> Box<dyn FnMut()> {
    let (verifier, token) = (verifier(), placed(HS256));
    let options = KeySetOptions::new().allow_symmetric(true);
    let keys: KeySet<RustCrypto> = options.read(SECRET).expect("a good secret");
    Box::new(move || {
        let verified = verifier.verify(black_box(&token), &keys, NOW);
        black_box(verified.expect("a good token"));
    })
}

#[derive(Debug)]
struct Issuer;

impl Fetch for Issuer {
    fn fetch(&self, _: &Request) -> Result<Response, FetchError> {
        Ok(Response::new(200, KEYS))
    }
}

fn cached() -> Box<dyn FnMut()> {
    let remote = RemoteJwks::builder()
        .url("https://issuer.example/jwks.json")
        .fetch(Arc::new(Issuer))
        .build()
        .expect("good settings");
    let verifier = JwksVerifier::new(verifier(), remote).with_token_cache(TokenCache::new());
    let token = placed(ES256);
    Box::new(move || {
        let verified = verifier.verify_at(black_box(&token), NOW);
        black_box(verified.expect("a good token"));
    })
}

fn typed() -> Box<dyn FnMut()> {
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
        scope: String,
        roles: Vec<String>,
        exp: i64,
    }

    let verified = verifier().verify(ES256, &keys::<Trusting>(), NOW);
    let verified = verified.expect("a good token");
    Box::new(move || {
        let claims: Claims = black_box(&verified).deserialize().expect("such claims");
        black_box((&claims.sub, &claims.scope, &claims.roles, claims.exp));
    })
}

/// The kid of the token is one of many, and the last in the document.
fn lookup(count: usize) -> Box<dyn FnMut()> {
    let own = KEYS
        .split_inclusive('}')
        .find(|key| key.contains("es256-2026a"))
        .and_then(|key| key.split_once('{'))
        .map(|(_, key)| key.trim_start_matches("\"keys\":[{"))
        .expect("the key of the token");
    let mut document = String::from(r#"{"keys":["#);
    for number in 1..count {
        let other = own.replace("es256-2026a", &format!("es256-other-{number}"));
        write!(document, "{{{other},").expect("a string takes text");
    }
    write!(document, "{{{own}]}}").expect("a string takes text");
    let options = KeySetOptions::new().max_keys(count).max_bytes(1 << 20);
    let keys: KeySet<Trusting> = options.read(&document).expect("good keys");
    assert_eq!(keys.len(), count);
    let (verifier, token) = (verifier(), placed(ES256));
    Box::new(move || {
        let verified = verifier.verify_jws(black_box(&token), &keys);
        black_box(verified.expect("a good token"));
    })
}

fn read_key_set() -> Box<dyn FnMut()> {
    let document = placed(KEYS);
    Box::new(move || {
        let keys = KeySet::<RustCrypto>::read(black_box(&document));
        black_box(keys.expect("good keys"));
    })
}

fn refused(token: &str) -> Box<dyn FnMut()> {
    let (verifier, keys, token) = (verifier(), keys::<Trusting>(), placed(token));
    Box::new(move || {
        let verdict = verifier.verify(black_box(&token), &keys, NOW);
        black_box(verdict.expect_err("a bad token"));
    })
}

fn refused_expired() -> Box<dyn FnMut()> {
    let (verifier, keys, token) = (verifier(), keys::<Trusting>(), placed(ES256));
    let late = UnixTime::from_secs(1_800_000_000);
    Box::new(move || {
        let verdict = verifier.verify(black_box(&token), &keys, late);
        black_box(verdict.expect_err("an expired token"));
    })
}
