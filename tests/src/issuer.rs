//! An issuer on loopback that does what issuers do: publish keys, rotate them, fail, hang, lie,
//! go away and come back.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::http::{self, Answer, Received};
use crate::keys::{Alg, SigningKey, jwks};
use crate::listener::Listener;

const JWKS_PATH: &str = "/.well-known/jwks.json";
const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";

/// How the issuer answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// As a good issuer does.
    Good,
    /// With this status and a body that says so.
    Status(u16),
    /// Not yet: requests wait until the behaviour changes, then they get what it says.
    Hang,
    /// By closing the connection.
    Close,
    /// With 302 to this address. The issuer's own `/elsewhere` serves the good key set, so a
    /// client that follows is seen to succeed.
    Redirect(String),
    /// With 200 and this body, as if it were the document.
    Body(String),
    /// With a discovery document that names another issuer; the key set is good.
    WrongIssuer,
    /// With a Content-Length that the body does not reach.
    Truncated,
    /// With the good document and so many spaces behind it, without a Content-Length.
    Padded(usize),
}

/// A real HTTP server on `127.0.0.1` that publishes the keys it signs with.
///
/// All methods may be called from any thread. Dropping it stops the server, answers or closes
/// what hangs, and joins every thread it started.
pub struct LoopbackIssuer {
    shared: Arc<Shared>,
    server: Mutex<Option<Listener>>,
    port: u16,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    url: String,
    algs: Vec<Alg>,
    /// Counts rotations; the kids end in it.
    generation: u32,
    /// What it signs with, newest last.
    keys: Vec<Arc<SigningKey>>,
    behaviour: Behaviour,
    cache_control: Option<String>,
    retry_after: Option<String>,
    received: Vec<Received>,
    closing: bool,
}

impl LoopbackIssuer {
    /// An issuer that signs with RS256, PS256, ES256, ES384, ES512 and EdDSA.
    pub fn start() -> Self {
        Self::start_with(&[
            Alg::Rs256,
            Alg::Ps256,
            Alg::Es256,
            Alg::Es384,
            Alg::Es512,
            Alg::EdDsa,
        ])
    }

    /// An issuer that has one key for each of these algorithms, in this order. The kid is the
    /// algorithm's name in lower case and a number that each rotation raises: `es256-1`.
    pub fn start_with(algs: &[Alg]) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                url: String::new(),
                algs: algs.to_vec(),
                generation: 0,
                keys: Vec::new(),
                behaviour: Behaviour::Good,
                cache_control: None,
                retry_after: None,
                received: Vec::new(),
                closing: false,
            }),
            changed: Condvar::new(),
        });
        shared.state().add_generation();
        let server = start_server(0, &shared);
        let port = server.address().port();
        shared.state().url = format!("http://127.0.0.1:{port}");
        Self {
            shared,
            server: Mutex::new(Some(server)),
            port,
        }
    }

    /// The issuer's name, which is its address: what `iss` must say.
    pub fn url(&self) -> String {
        self.state().url.clone()
    }

    /// Where the key set is.
    pub fn jwks_url(&self) -> String {
        self.state().url.clone() + JWKS_PATH
    }

    /// Where the discovery document is (OpenID Connect Discovery 1.0, 4).
    pub fn discovery_url(&self) -> String {
        self.state().url.clone() + DISCOVERY_PATH
    }

    /// The newest key of that algorithm. Panics if the issuer has none.
    pub fn key(&self, alg: Alg) -> Arc<SigningKey> {
        self.find_key(alg)
            .unwrap_or_else(|| panic!("this issuer has no key for {}", alg.name()))
    }

    /// The newest key of that algorithm.
    pub fn find_key(&self, alg: Alg) -> Option<Arc<SigningKey>> {
        let state = self.state();
        state
            .keys
            .iter()
            .rev()
            .find(|key| key.alg() == alg)
            .cloned()
    }

    /// Every key it signs with, oldest first.
    pub fn keys(&self) -> Vec<Arc<SigningKey>> {
        self.state().keys.clone()
    }

    /// A token of these claims, signed with the newest key of that algorithm.
    pub fn mint(&self, alg: Alg, claims: &Value) -> String {
        self.key(alg).mint(claims)
    }

    /// The key-set document as it is served when the behaviour is good.
    pub fn jwks(&self) -> String {
        self.state().jwks()
    }

    /// Replaces every key by a new one. The old ones are withdrawn at once.
    pub fn rotate(&self) {
        let mut state = self.state();
        state.keys.clear();
        state.add_generation();
    }

    /// Adds new keys and signs with them; the old ones stay published.
    pub fn rotate_keeping_old(&self) {
        self.state().add_generation();
    }

    /// Publishes exactly these keys and signs with them.
    pub fn publish(&self, keys: Vec<Arc<SigningKey>>) {
        self.state().keys = keys;
    }

    /// Answers in this way from now on. Requests that hang are answered in the new way.
    pub fn behave(&self, behaviour: Behaviour) {
        self.state().behaviour = behaviour;
        self.shared.changed.notify_all();
    }

    /// The `Cache-Control` header of what it serves; None for no such header.
    pub fn cache_control(&self, value: Option<&str>) {
        self.state().cache_control = value.map(Into::into);
    }

    /// The `Retry-After` header of answers that are not good; None for no such header.
    pub fn retry_after(&self, value: Option<&str>) {
        self.state().retry_after = value.map(Into::into);
    }

    /// How often the key set was asked for, whatever was answered.
    pub fn jwks_requests(&self) -> usize {
        self.requests(JWKS_PATH)
    }

    /// How often the discovery document was asked for, whatever was answered.
    pub fn discovery_requests(&self) -> usize {
        self.requests(DISCOVERY_PATH)
    }

    /// How often that path was asked for, whatever was answered.
    pub fn requests(&self, path: &str) -> usize {
        self.state()
            .received
            .iter()
            .filter(|received| received.path == path)
            .count()
    }

    /// Every request so far, in the order they came in.
    pub fn received(&self) -> Vec<Received> {
        self.state().received.clone()
    }

    /// Waits until that many requests for the key set have come in, answered or not.
    pub fn wait_for_jwks_requests(&self, count: usize) {
        let mut state = self.state();
        while state
            .received
            .iter()
            .filter(|received| received.path == JWKS_PATH)
            .count()
            < count
        {
            state = self.shared.changed.wait(state).unwrap();
        }
    }

    /// Stops listening: connections are refused until [`restart`](Self::restart). What hangs is
    /// closed unanswered.
    pub fn stop(&self) {
        self.state().closing = true;
        self.shared.changed.notify_all();
        // Joins the threads; none of them needs this lock.
        drop(self.server.lock().unwrap().take());
        self.state().closing = false;
    }

    /// Listens again at the same address. Panics if another program took the port meanwhile.
    pub fn restart(&self) {
        let mut server = self.server.lock().unwrap();
        if server.is_none() {
            *server = Some(start_server(self.port, &self.shared));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for LoopbackIssuer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn answer(&self, received: Received) -> Option<Answer> {
        let path = received.path.clone();
        let mut state = self.state();
        state.received.push(received);
        self.changed.notify_all();
        while state.behaviour == Behaviour::Hang && !state.closing {
            state = self.changed.wait(state).unwrap();
        }
        if state.closing {
            return None;
        }
        state.answer(&path)
    }
}

impl State {
    fn add_generation(&mut self) {
        self.generation += 1;
        let generation = self.generation;
        self.keys.extend(self.algs.iter().map(|&alg| {
            let kid = format!("{}-{generation}", alg.name().to_ascii_lowercase());
            Arc::new(SigningKey::generate(alg, kid))
        }));
    }

    fn jwks(&self) -> String {
        jwks(
            self.keys
                .iter()
                .map(|key| &**key)
                .filter(|key| !key.alg().is_symmetric()),
        )
    }

    fn discovery(&self, issuer: &str) -> String {
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{}{JWKS_PATH}", self.url),
            "authorization_endpoint": format!("{}/authorize", self.url),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported":
                self.algs.iter().map(|alg| alg.name()).collect::<Vec<_>>(),
        })
        .to_string()
    }

    fn answer(&self, path: &str) -> Option<Answer> {
        if path == "/elsewhere" {
            return Some(Answer::new(200, "application/json", self.jwks()));
        }
        let good = match path {
            JWKS_PATH => self.jwks(),
            DISCOVERY_PATH => self.discovery(&self.url),
            _ => return Some(Answer::new(404, "text/plain", "not found\n")),
        };
        let mut answer = Answer::new(200, "application/json", good);
        match &self.behaviour {
            Behaviour::Good | Behaviour::Hang => {}
            Behaviour::Close => return None,
            Behaviour::Status(status) => {
                let body = format!("status {status}, as told\n");
                answer = Answer::new(*status, "text/plain", body);
            }
            Behaviour::Redirect(to) => {
                answer = Answer::new(302, "text/plain", "elsewhere\n");
                answer.headers.push(("Location", to.clone()));
            }
            Behaviour::Body(body) => {
                answer = Answer::new(200, "application/json", body.as_bytes());
            }
            Behaviour::WrongIssuer => {
                if path == DISCOVERY_PATH {
                    let lie = self.discovery("https://another-issuer.example");
                    answer = Answer::new(200, "application/json", lie);
                }
            }
            Behaviour::Truncated => answer.length = Some(answer.body.len() + 100),
            Behaviour::Padded(spaces) => {
                answer.body.resize(answer.body.len() + spaces, b' ');
                answer.length = None;
            }
        }
        if let Some(value) = &self.cache_control {
            answer.headers.push(("Cache-Control", value.clone()));
        }
        if let Some(value) = self.retry_after.as_ref().filter(|_| answer.status != 200) {
            answer.headers.push(("Retry-After", value.clone()));
        }
        Some(answer)
    }
}

fn start_server(port: u16, shared: &Arc<Shared>) -> Listener {
    let shared = Arc::clone(shared);
    let handler = Arc::new(move |received| shared.answer(received));
    http::start(port, handler).unwrap_or_else(|error| panic!("127.0.0.1:{port}: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::thread;

    use super::*;

    fn fetch(issuer: &LoopbackIssuer, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", issuer.port)).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    fn body(answer: &str) -> Value {
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    #[test]
    fn discovery_leads_to_the_keys() {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256, Alg::EdDsa]);
        let discovery = body(&fetch(&issuer, DISCOVERY_PATH).unwrap());
        assert_eq!(discovery["issuer"], issuer.url());
        assert_eq!(discovery["jwks_uri"], issuer.jwks_url());
        let keys = body(&fetch(&issuer, JWKS_PATH).unwrap());
        assert_eq!(keys["keys"][1], issuer.key(Alg::EdDsa).jwk());
        assert_eq!(
            (issuer.discovery_requests(), issuer.jwks_requests()),
            (1, 1)
        );
    }

    #[test]
    fn rotation_withdraws_or_keeps_the_old_keys() {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        issuer.rotate();
        assert_eq!(issuer.key(Alg::Es256).kid(), "es256-2");
        assert_eq!(issuer.jwks().matches("kid").count(), 1);
        issuer.rotate_keeping_old();
        assert_eq!(issuer.key(Alg::Es256).kid(), "es256-3");
        assert_eq!(issuer.jwks().matches("kid").count(), 2);
    }

    #[test]
    fn secrets_are_never_published() {
        let issuer = LoopbackIssuer::start_with(&[Alg::Hs256, Alg::EdDsa]);
        let keys = body(&fetch(&issuer, JWKS_PATH).unwrap());
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn what_hangs_is_answered_when_told() {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        issuer.behave(Behaviour::Hang);
        thread::scope(|scope| {
            let client = scope.spawn(|| fetch(&issuer, JWKS_PATH).unwrap());
            issuer.wait_for_jwks_requests(1);
            issuer.behave(Behaviour::Status(503));
            assert!(client.join().unwrap().starts_with("HTTP/1.1 503 "));
        });
    }

    #[test]
    fn it_stops_while_requests_hang_and_comes_back_at_the_same_address() {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        issuer.behave(Behaviour::Hang);
        thread::scope(|scope| {
            let client = scope.spawn(|| fetch(&issuer, JWKS_PATH));
            issuer.wait_for_jwks_requests(1);
            issuer.stop();
            assert!(
                client
                    .join()
                    .unwrap()
                    .is_none_or(|answer| answer.is_empty())
            );
        });
        assert_eq!(fetch(&issuer, JWKS_PATH), None, "connections are refused");
        issuer.behave(Behaviour::Good);
        issuer.restart();
        assert!(
            fetch(&issuer, JWKS_PATH)
                .unwrap()
                .starts_with("HTTP/1.1 200 ")
        );
    }

    #[test]
    fn dropping_it_ends_every_thread() {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        // A client that connects and never sends a request.
        let silent = TcpStream::connect(("127.0.0.1", issuer.port)).unwrap();
        fetch(&issuer, JWKS_PATH).unwrap();
        let shared = Arc::downgrade(&issuer.shared);
        drop(issuer);
        assert_eq!(shared.strong_count(), 0, "each thread holds a reference");
        drop(silent);
    }
}
