//! What unit tests share: keys that sign, and an issuer that answers from a script.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer, SigningKey};

use crate::clock::testing::TestClock;
use crate::fetch::{Fetch, FetchError, Request, Response};
use crate::{Algorithm, JwksVerifier, RemoteJwks, RemoteJwksBuilder, Verifier};

pub(crate) const URL: &str = "https://issuer.example/jwks.json";
pub(crate) const ISSUER: &str = "https://issuer.example";

/// An Ed25519 key that is the same in every run.
pub(crate) fn signer(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn jwk(kid: &str, seed: u8) -> String {
    let x = Base64UrlUnpadded::encode_string(signer(seed).verifying_key().as_bytes());
    format!(r#"{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"{kid}","x":"{x}"}}"#)
}

/// A set of keys, the kid and the seed of each.
pub(crate) fn jwks(keys: &[(&str, u8)]) -> String {
    let keys: Vec<String> = keys.iter().map(|(kid, seed)| jwk(kid, *seed)).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// A token of [`ISSUER`] that does not expire.
pub(crate) fn token(kid: &str, seed: u8) -> String {
    let header = format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#);
    mint(
        &header,
        &format!(r#"{{"iss":"{ISSUER}","exp":9999999999}}"#),
        seed,
    )
}

pub(crate) fn mint(header: &str, payload: &str, seed: u8) -> String {
    let encode = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let input = format!(
        "{}.{}",
        encode(header.as_bytes()),
        encode(payload.as_bytes())
    );
    let signature = signer(seed).sign(input.as_bytes()).to_bytes();
    format!("{input}.{}", encode(&signature))
}

/// What the scripted issuer does with one request.
pub(crate) enum Step {
    Answer(u16, String),
    /// An answer with header fields.
    Respond(Response),
    Fail(FetchError),
    /// Answers when the test sends the answer.
    Hang(Receiver<Response>),
    Panic,
}

/// An issuer that follows a script, and then always gives the same answer.
pub(crate) struct Issuer {
    steps: Mutex<VecDeque<Step>>,
    always: Mutex<Response>,
    pub(crate) requests: Mutex<Vec<Request>>,
    arrived: Condvar,
}

impl Issuer {
    pub(crate) fn publishing(keys: &[(&str, u8)]) -> Arc<Self> {
        Arc::new(Self {
            steps: Mutex::default(),
            always: Mutex::new(Response::new(200, jwks(keys))),
            requests: Mutex::default(),
            arrived: Condvar::new(),
        })
    }

    pub(crate) fn always(&self, response: Response) {
        *self.always.lock().unwrap() = response;
    }

    pub(crate) fn publish(&self, keys: &[(&str, u8)]) {
        self.always(Response::new(200, jwks(keys)));
    }

    pub(crate) fn next(&self, step: Step) {
        self.steps.lock().unwrap().push_back(step);
    }

    pub(crate) fn hang_next(&self) -> Sender<Response> {
        let (answer, hang) = channel();
        self.next(Step::Hang(hang));
        answer
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// Waits until so many requests have arrived and taken their step of the script.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        let requests = self.requests.lock().unwrap();
        drop(
            self.arrived
                .wait_while(requests, |requests| requests.len() < count)
                .unwrap(),
        );
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap()
            .iter()
            .map(|request| request.url.clone())
            .collect()
    }
}

impl Fetch for Issuer {
    fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let step = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(request.clone());
            self.arrived.notify_all();
            self.steps.lock().unwrap().pop_front()
        };
        match step {
            Some(Step::Answer(status, body)) => Ok(Response::new(status, body)),
            Some(Step::Respond(response)) => Ok(response),
            Some(Step::Fail(error)) => Err(error),
            Some(Step::Hang(hang)) => hang.recv().map_err(|_| FetchError::Timeout),
            Some(Step::Panic) => panic!("scripted: the transport panics"),
            None => Ok(self.always.lock().unwrap().clone()),
        }
    }
}

/// A remote key set on a scripted issuer and a clock that moves by hand.
pub(crate) struct Setup {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) remote: RemoteJwks,
    pub(crate) verifier: JwksVerifier,
}

impl Setup {
    pub(crate) fn new(keys: &[(&str, u8)]) -> Self {
        Self::with(keys, |builder| builder.url(URL))
    }

    pub(crate) fn with(
        keys: &[(&str, u8)],
        set: impl FnOnce(RemoteJwksBuilder) -> RemoteJwksBuilder,
    ) -> Self {
        let issuer = Issuer::publishing(keys);
        let clock = Arc::new(TestClock::new());
        // A busy machine may take its time to run a thread; no verdict must depend on that.
        let patience = Duration::from_secs(60);
        let builder = RemoteJwks::builder()
            .fetch(issuer.clone())
            .clock(clock.clone())
            .wait(patience)
            .stale_wait(patience)
            // The script is for requests; the tests of retries ask for them.
            .retries(0);
        let remote = set(builder).build().unwrap();
        let policy = Verifier::builder()
            .algorithms([Algorithm::EdDsa])
            .issuer(ISSUER)
            .any_audience()
            .build()
            .unwrap();
        let verifier = JwksVerifier::new(policy, remote.clone());
        Self {
            issuer,
            clock,
            remote,
            verifier,
        }
    }

    /// Verifies a good token and gives the name of the verdict.
    pub(crate) fn verdict(&self, kid: &str, seed: u8) -> &'static str {
        match self.verifier.verify(token(kid, seed)) {
            Ok(_) => "valid",
            Err(error) => error.name(),
        }
    }
}
