//! A table of everything that a network and a server can do wrong, each with the error that the
//! key set reports, and with what must not happen: the good set lost, a second address asked,
//! memory or time without bound.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jwtverify_jwks::{
    Clock, Fetch, FetchError, HttpFetch, RemoteJwks, Request, Response, UnixTime,
};
use jwtverify_tests::{Alg, Authority, FaultServer, Flaw, SigningKey, Step};

use crate::{LONG, SHORT, Transport, per_transport};

per_transport!(
    every_fault_is_a_typed_error_that_keeps_the_set,
    every_fault_on_first_contact_is_a_typed_error,
    nobody_listening_is_no_connection,
    t9_a_body_of_the_limit_arrives_and_one_more_octet_does_not,
);

/// The limit of a document in these tests, in octets.
const MAX_BYTES: usize = 512 * 1024;

/// What the system may hold between a server that sends and a client that has stopped reading: the
/// largest buffers of both sockets (some 4 and 6 MiB on Linux), and room for other systems.
const IN_BUFFERS: usize = 32 * 1024 * 1024;

/// One fault.
struct Fault {
    name: &'static str,
    steps: Vec<Step>,
    /// The error's name.
    wanted: &'static str,
    /// It ends only with the client's patience.
    hangs: bool,
    /// It speaks TLS, or pretends to.
    tls: bool,
}

fn fault(name: &'static str, wanted: &'static str, steps: impl Into<Vec<Step>>) -> Fault {
    let steps = steps.into();
    Fault {
        name,
        wanted,
        hangs: false,
        tls: false,
        steps,
    }
}

/// A fault that lasts until the client loses patience.
fn silence(name: &'static str, steps: impl Into<Vec<Step>>) -> Fault {
    Fault {
        hangs: true,
        ..fault(name, "UnavailableTimeout", steps)
    }
}

fn over_tls(fault: Fault) -> Fault {
    Fault { tls: true, ..fault }
}

fn send(text: &str) -> Step {
    Step::Send(text.as_bytes().to_vec())
}

/// Reads the request, sends this, closes.
fn says(text: &str) -> [Step; 2] {
    [Step::Read, send(text)]
}

fn answers(status: &str, headers: &str, body: &str) -> [Step; 2] {
    [Step::Read, Step::answer(status, headers, body)]
}

/// Reads the request, sends a head, then this for ever.
fn endless(head: &str, piece: &str) -> [Step; 3] {
    let piece = piece.repeat(1024 / piece.len().min(1024));
    [Step::Read, send(head), Step::Forever(piece.into_bytes())]
}

const OK: &str = "HTTP/1.1 200 OK\r\n";

fn time_faults() -> Vec<Fault> {
    vec![
        silence("hangs before the headers", [Step::Read, Step::Hang]),
        silence("never reads", [Step::Hang]),
        silence(
            "hangs in the status line",
            [Step::Read, send("HTTP/1.1 2"), Step::Hang],
        ),
        silence(
            "hangs after the headers",
            [
                Step::Read,
                send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
                Step::Hang,
            ],
        ),
        silence(
            "hangs in the body",
            [
                Step::Read,
                send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":["),
                Step::Hang,
            ],
        ),
        silence(
            "hangs in a chunk",
            [
                Step::Read,
                send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"keys\":["),
                Step::Hang,
            ],
        ),
        silence(
            "a slow header",
            [Step::Read, send("HTTP/1.1 200 OK\r\nX: "), Step::Drip(b'x')],
        ),
        silence(
            "a slow body",
            [
                Step::Read,
                send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
                Step::Drip(b' '),
            ],
        ),
        silence(
            "a slow body without an end",
            [
                Step::Read,
                send("HTTP/1.1 200 OK\r\n\r\n"),
                Step::Drip(b' '),
            ],
        ),
        over_tls(silence("hangs before the TLS handshake", [Step::Hang])),
    ]
}

fn body_faults() -> Vec<Fault> {
    const BODY: &str = "UnavailableBody";
    const LARGE: &str = "UnavailableTooLarge";
    let big = "x".repeat(1024);
    vec![
        fault("closes without a word", BODY, [Step::Read]),
        fault("a reset before the headers", BODY, [Step::Reset]),
        fault(
            "a reset in the body",
            BODY,
            [
                send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\""),
                Step::Reset,
            ],
        ),
        // It looks like the end, and is not.
        fault(
            "a reset where the body could end",
            BODY,
            [
                send("HTTP/1.1 200 OK\r\n\r\n"),
                send(&SigningKey::shared(Alg::Es256).jwks()),
                Step::Reset,
            ],
        ),
        fault(
            "more announced than sent",
            BODY,
            says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":[]}"),
        ),
        fault(
            "less announced than sent",
            "UnavailableKeySet",
            says("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{\"keys\":[]}"),
        ),
        fault(
            "a negative length",
            BODY,
            says("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
        ),
        fault(
            "a length that is no number",
            BODY,
            says("HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n{}"),
        ),
        fault(
            "two lengths",
            BODY,
            says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
        ),
        fault(
            "chunks of no size",
            BODY,
            says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}"),
        ),
        fault(
            "a chunk of an enormous size",
            BODY,
            says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}"),
        ),
        fault(
            "chunks without an end",
            BODY,
            says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
        ),
        fault(
            "a chunk cut short",
            BODY,
            says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"keys\":"),
        ),
        fault(
            "an endless body",
            LARGE,
            endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &big),
        ),
        fault(
            "an endless body of HTTP/1.0",
            LARGE,
            endless("HTTP/1.0 200 OK\r\n\r\n", &big),
        ),
        fault(
            "an endless body with an enormous length",
            LARGE,
            endless(
                "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n",
                &big,
            ),
        ),
        fault(
            "endless chunks",
            LARGE,
            endless(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                &format!("400\r\n{big}\r\n"),
            ),
        ),
        fault(
            "a bomb that gzip would unpack",
            BODY,
            [
                Step::Read,
                Step::answer("200 OK", "Content-Encoding: gzip\r\n", bomb()),
            ],
        ),
        fault(
            "a bomb without the header that names it",
            "UnavailableKeySet",
            [Step::Read, Step::answer("200 OK", "", bomb())],
        ),
        fault(
            "an encoding that nobody knows",
            BODY,
            answers("200 OK", "Content-Encoding: zstd\r\n", "{}"),
        ),
    ]
}

fn head_faults() -> Vec<Fault> {
    const BODY: &str = "UnavailableBody";
    let long = "x".repeat(32 * 1024);
    let field = format!("X-{}: {}\r\n", "a".repeat(100), "b".repeat(900));
    vec![
        fault("an empty line", BODY, says("\r\n")),
        fault("another protocol", BODY, says("SSH-2.0-OpenSSH\r\n")),
        fault(
            "a version that nobody knows",
            BODY,
            says("HTTP/9.9 200 OK\r\n\r\n"),
        ),
        fault("a status of letters", BODY, says("HTTP/1.1 abc OK\r\n\r\n")),
        // An empty SETTINGS frame (RFC 9113 section 3.4).
        fault(
            "HTTP/2 without being asked",
            BODY,
            says("\0\0\0\u{4}\0\0\0\0\0"),
        ),
        fault(
            "a header of 32 KiB",
            BODY,
            answers("200 OK", &format!("X: {long}\r\n"), "{}"),
        ),
        fault(
            "5000 header fields",
            BODY,
            answers("200 OK", &"X: y\r\n".repeat(5000), "{}"),
        ),
        fault("endless header fields", BODY, endless(OK, &field)),
        fault(
            "an endless header field",
            BODY,
            endless("HTTP/1.1 200 OK\r\nX: ", "x"),
        ),
        fault(
            "an endless status line",
            BODY,
            endless("HTTP/1.1 200 ", "x"),
        ),
        fault(
            "a name of a field with a space",
            BODY,
            answers("200 OK", "X y: z\r\n", "{}"),
        ),
    ]
}

fn status_faults() -> Vec<Fault> {
    const STATUS: &str = "UnavailableStatus";
    const REDIRECT: &str = "UnavailableRedirect";
    let mut faults = vec![
        fault("204", STATUS, says("HTTP/1.1 204 No Content\r\n\r\n")),
        fault("206", STATUS, answers("206 Partial", "", "{}")),
        fault(
            "401",
            STATUS,
            answers("401 Who", "WWW-Authenticate: Basic\r\n", ""),
        ),
        fault("404", STATUS, answers("404 Not Found", "", "{}")),
        fault("410", STATUS, answers("410 Gone", "", "{}")),
        fault(
            "429",
            STATUS,
            answers("429 Slow Down", "Retry-After: 7\r\n", ""),
        ),
        fault("500", STATUS, answers("500 Oops", "", "<html>")),
        fault("503", STATUS, answers("503 Busy", "Retry-After: 1\r\n", "")),
    ];
    for (name, target) in [
        ("a redirect to a file", "file:///etc/passwd"),
        (
            "a redirect to a metadata address",
            "http://169.254.169.254/latest",
        ),
        ("a redirect to itself", "/jwks"),
        ("a redirect to nowhere", ""),
    ] {
        for status in [
            "301 Moved",
            "302 Found",
            "303 Other",
            "307 Temporary",
            "308 Permanent",
        ] {
            let steps = answers(status, &format!("Location: {target}\r\n"), "");
            faults.push(fault(name, REDIRECT, steps));
        }
    }
    faults
}

fn document_faults() -> Vec<Fault> {
    const KEY_SET: &str = "UnavailableKeySet";
    let good = SigningKey::shared(Alg::Es256).jwks();
    vec![
        fault("nothing", KEY_SET, answers("200 OK", "", "")),
        fault(
            "a page",
            KEY_SET,
            answers("200 OK", "Content-Type: text/html\r\n", "<html>sign in"),
        ),
        fault("an empty object", KEY_SET, answers("200 OK", "", "{}")),
        fault(
            "a set of no keys",
            KEY_SET,
            answers("200 OK", "", "{\"keys\":[]}"),
        ),
        fault(
            "octets behind the set",
            KEY_SET,
            answers("200 OK", "", &format!("{good}x")),
        ),
        fault(
            "two sets",
            KEY_SET,
            answers("200 OK", "", &format!("{good}{good}")),
        ),
        fault(
            "half a set",
            KEY_SET,
            answers("200 OK", "", &good[..good.len() / 2]),
        ),
    ]
}

fn tls_faults(ours: &Authority) -> Vec<Fault> {
    const TLS: &str = "UnavailableTls";
    const BODY: &str = "UnavailableBody";
    let good = ours.server("localhost");
    let serve = |config| [Step::Tls(config), Step::Read, good_answer()];
    let faults = [
        fault(
            "another authority",
            TLS,
            serve(Authority::new().server("localhost")),
        ),
        fault("another name", TLS, serve(ours.server("issuer.example"))),
        fault(
            "an expired certificate",
            TLS,
            serve(ours.flawed("localhost", Flaw::Expired)),
        ),
        fault("no TLS", TLS, [good_answer()]),
        fault(
            "an alert",
            TLS,
            [Step::Send(b"\x15\x03\x03\x00\x02\x02\x28".to_vec())],
        ),
        fault("no handshake", BODY, []),
        fault(
            "HTTP/2 over TLS",
            BODY,
            [
                Step::Tls(ours.flawed("localhost", Flaw::Http2Only)),
                send("\0\0\0\u{4}\0\0\0\0\0"),
                Step::Read,
            ],
        ),
        // Without a length the end of the body is the end of TLS, and anybody can cut a cable.
        fault(
            "TLS cut where the body could end",
            BODY,
            [
                Step::Tls(good),
                Step::Read,
                send("HTTP/1.1 200 OK\r\n\r\n"),
                send(&SigningKey::shared(Alg::Es256).jwks()),
                Step::Cut,
            ],
        ),
    ];
    faults.into_iter().map(over_tls).collect()
}

fn every_fault(ours: &Authority) -> Vec<Fault> {
    let mut faults = time_faults();
    faults.extend(body_faults());
    faults.extend(head_faults());
    faults.extend(status_faults());
    faults.extend(document_faults());
    faults.extend(tls_faults(ours));
    faults
}

fn good_answer() -> Step {
    let headers = "Content-Type: application/jwk-set+json\r\n";
    Step::answer("200 OK", headers, SigningKey::shared(Alg::Es256).jwks())
}

/// 96 MiB of zeros in a gzip file below the limit of a document (RFC 1951, RFC 1952).
fn bomb() -> Vec<u8> {
    let mut file = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff".to_vec();
    let (mut octet, mut used) = (0_u8, 0);
    let mut put = |bits: &str| {
        for bit in bits.bytes() {
            octet |= (bit - b'0') << used;
            used += 1;
            if used == 8 {
                file.push(octet);
                (octet, used) = (0, 0);
            }
        }
    };
    // The last block, with the fixed codes; a zero; then "the same again, 258 times" and again.
    put("110");
    put("00110000");
    for _ in 0..300_000 {
        put("11000101");
        put("00000");
    }
    assert!(file.len() > MAX_BYTES / 2 && file.len() < MAX_BYTES);
    file
}

/// A transport that loses patience when a test says so.
struct Impatient<T> {
    inner: T,
    hurry: AtomicBool,
}

impl<T: Transport> Fetch for Impatient<T> {
    fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let mut request = request.clone();
        if self.hurry.load(Ordering::SeqCst) {
            request.connect_timeout = SHORT;
            request.timeout = SHORT;
        }
        self.inner.fetch(&request)
    }
}

/// A clock that moves when a test says so.
struct Hand(Mutex<u64>);

impl Clock for Hand {
    fn monotonic(&self) -> Duration {
        Duration::from_secs(*self.0.lock().unwrap())
    }

    fn unix(&self) -> UnixTime {
        UnixTime::from_secs(1_700_000_000 + i64::try_from(*self.0.lock().unwrap()).unwrap())
    }
}

/// A remote key set that reads from a fault server.
struct Setting<T> {
    transport: Arc<Impatient<T>>,
    clock: Arc<Hand>,
    remote: RemoteJwks,
}

impl<T: Transport> Setting<T> {
    fn new(url: &str, root: &[u8]) -> Self {
        let settings = HttpFetch::with_root_certificates([root]).unwrap();
        let transport = Arc::new(Impatient {
            inner: T::with(settings),
            hurry: AtomicBool::new(false),
        });
        let clock = Arc::new(Hand(Mutex::new(1000)));
        let remote = RemoteJwks::builder()
            .url(url)
            .fetch(Arc::<Impatient<T>>::clone(&transport))
            .clock(Arc::<Hand>::clone(&clock))
            .connect_timeout(LONG)
            .timeout(LONG)
            .max_bytes(MAX_BYTES)
            .build()
            .unwrap();
        Self {
            transport,
            clock,
            remote,
        }
    }

    /// Refreshes long after whatever happened before: the name of the error, or "good".
    fn refresh(&self, hurry: bool) -> String {
        *self.clock.0.lock().unwrap() += 400;
        self.transport.hurry.store(hurry, Ordering::SeqCst);
        match self.remote.refresh() {
            Ok(_) => "good".to_owned(),
            Err(error) => error.name().to_owned(),
        }
    }
}

fn check_bounds(fault: &Fault, server: &FaultServer) {
    let name = fault.name;
    // A failed attempt may be repeated once; where it says to go, nobody goes.
    assert!((1..=2).contains(&server.connections()), "{name}");
    assert!(
        server.sent() < MAX_BYTES + IN_BUFFERS,
        "{name}: {}",
        server.sent()
    );
}

fn every_fault_is_a_typed_error_that_keeps_the_set<T: Transport>() {
    let ours = Authority::new();
    let healthy = [Step::Read, good_answer()];
    let healthy_tls = [
        Step::Tls(ours.server("localhost")),
        Step::Read,
        good_answer(),
    ];
    let server = FaultServer::start(healthy.clone());
    let plain = Setting::<T>::new(&server.url("/jwks"), ours.root());
    let tls = Setting::<T>::new(&server.https_url("/jwks"), ours.root());
    let mut wrong = Vec::new();
    for fault in every_fault(&ours) {
        let (setting, healthy) = match fault.tls {
            true => (&tls, healthy_tls.to_vec()),
            false => (&plain, healthy.to_vec()),
        };
        server.behave(healthy.clone());
        assert_eq!(setting.refresh(false), "good", "before: {}", fault.name);
        let before = setting.remote.snapshot().unwrap();
        server.behave(fault.steps.clone());
        let got = setting.refresh(fault.hangs);
        if got != fault.wanted {
            wrong.push(format!("{}: {got}, wanted {}", fault.name, fault.wanted));
        }
        check_bounds(&fault, &server);
        let after = setting.remote.keys().unwrap();
        assert_eq!(after.generation(), before.generation(), "{}", fault.name);
        server.behave(healthy);
        assert_eq!(setting.refresh(false), "good", "after: {}", fault.name);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn every_fault_on_first_contact_is_a_typed_error<T: Transport>() {
    let ours = Authority::new();
    let mut faults = every_fault(&ours);
    // Nobody asked whether something had changed.
    faults.push(fault(
        "304 without a set",
        "UnavailableStatus",
        says("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"),
    ));
    let server = FaultServer::start([]);
    let mut wrong = Vec::new();
    for fault in faults {
        server.behave(fault.steps.clone());
        let url = match fault.tls {
            true => server.https_url("/jwks"),
            false => server.url("/jwks"),
        };
        let setting = Setting::<T>::new(&url, ours.root());
        let got = setting.refresh(fault.hangs);
        if got != fault.wanted {
            wrong.push(format!("{}: {got}, wanted {}", fault.name, fault.wanted));
        }
        check_bounds(&fault, &server);
        assert!(setting.remote.snapshot().is_none(), "{}", fault.name);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn nobody_listening_is_no_connection<T: Transport>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let ours = Authority::new();
    for url in [
        format!("http://{address}/jwks"),
        format!("https://{address}/jwks"),
        // A name of a domain that does not exist, and never will (RFC 6761 section 6.4).
        "https://nowhere.invalid/jwks".to_owned(),
    ] {
        let setting = Setting::<T>::new(&url, ours.root());
        assert_eq!(setting.refresh(false), "UnavailableConnect", "{url}");
    }
}

fn t9_a_body_of_the_limit_arrives_and_one_more_octet_does_not<T: Transport>() {
    let ours = Authority::new();
    let keys = SigningKey::shared(Alg::Es256).jwks();
    let server = FaultServer::start([]);
    let setting = Setting::<T>::new(&server.url("/jwks"), ours.root());
    for (length, wanted) in [(MAX_BYTES, "good"), (MAX_BYTES + 1, "UnavailableTooLarge")] {
        let body = format!("{keys}{}", " ".repeat(length - keys.len()));
        let chunk = format!("{length:x}\r\n{body}\r\n0\r\n\r\n");
        for steps in [
            [Step::Read, Step::answer("200 OK", "", &body)],
            says(&format!("HTTP/1.1 200 OK\r\n\r\n{body}")),
            says(&format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"
            )),
        ] {
            server.behave(steps);
            assert_eq!(setting.refresh(false), wanted, "{length}");
        }
    }
}
