//! T10: certificates are checked, for the name and for the chain; T8: which addresses are
//! connected to; proxies.

use std::io::{Read, Write, copy};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jwtverify_jwks::{FetchError, HttpFetch, RemoteJwks, Response};
use jwtverify_tests::{Alg, Authority, FaultServer, Flaw, SigningKey, Step};

use crate::{LONG, Transport, per_transport, request};

per_transport!(
    t10_only_a_certificate_of_a_trusted_root_for_this_name_and_time_is_accepted,
    a_client_certificate_is_shown_to_servers_that_ask,
    a_proxy_tunnels_and_loopback_does_not_go_through_it,
    t8_private_addresses_can_be_blocked,
);

fn answer() -> Step {
    Step::answer("200 OK", "", SigningKey::shared(Alg::Es256).jwks())
}

fn serving(config: Arc<rustls::ServerConfig>) -> FaultServer {
    FaultServer::start([Step::Tls(config), Step::Read, answer()])
}

fn fetch(transport: &impl Transport, server: &FaultServer) -> Result<Response, FetchError> {
    transport.fetch(&request(&server.https_url("/jwks")))
}

fn trusting(authority: &Authority) -> HttpFetch {
    HttpFetch::with_root_certificates([authority.root()]).unwrap()
}

fn t10_only_a_certificate_of_a_trusted_root_for_this_name_and_time_is_accepted<T: Transport>() {
    let ours = Authority::new();
    let other = Authority::new();
    let public = T::with(HttpFetch::new());
    let private = T::with(trusting(&ours));
    let good = serving(ours.server("localhost"));
    assert_eq!(fetch(&private, &good).unwrap().status, 200);
    for (what, transport, server) in [
        ("an unknown authority", &public, good),
        (
            "another authority",
            &private,
            serving(other.server("localhost")),
        ),
        (
            "another name",
            &private,
            serving(ours.server("issuer.example")),
        ),
        (
            "an expired one",
            &private,
            serving(ours.flawed("localhost", Flaw::Expired)),
        ),
        ("no TLS at all", &private, FaultServer::start([answer()])),
    ] {
        let error = fetch(transport, &server).expect_err(what);
        assert!(matches!(error, FetchError::Tls(_)), "{what}: {error:?}");
    }
}

#[test]
fn a_private_authority_is_a_setting_of_the_remote_key_set() {
    let authority = Authority::new();
    let server = serving(authority.server("localhost"));
    let remote = |root: Option<&[u8]>| {
        let builder = RemoteJwks::builder()
            .url(&server.https_url("/jwks"))
            .connect_timeout(LONG)
            .timeout(LONG);
        match root {
            Some(root) => builder.root_certificate(root),
            None => builder,
        }
        .build()
        .unwrap()
    };
    let keys = remote(Some(authority.root())).keys().unwrap();
    assert_eq!(keys.key_set().kids().count(), 1);
    let error = remote(None).keys().unwrap_err();
    assert_eq!((error.name(), error.http_status()), ("UnavailableTls", 503));
    assert!(error.to_string().contains("root certificate"), "{error}");
}

fn a_client_certificate_is_shown_to_servers_that_ask<T: Transport>() {
    let authority = Authority::new();
    let server = serving(authority.server_for_known_clients());
    let plain = trusting(&authority);
    assert!(fetch(&T::with(plain.clone()), &server).is_err());
    let stranger = Authority::new().client("client");
    let known = authority.client("client");
    for ((certificate, key), welcome) in [(known, true), (stranger, false)] {
        let client = plain.clone().with_client_certificate(certificate, key);
        assert_eq!(fetch(&T::with(client.unwrap()), &server).is_ok(), welcome);
    }
}

/// A proxy that wants a password, and knows where issuer.example is: at `port`.
struct Proxy {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    /// Its threads end with the connections, and with the test process.
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
        };
        let counter = Arc::clone(&proxy.connections);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || tunnel(stream, port));
            }
        });
        proxy
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn tunnel(mut stream: TcpStream, port: u16) {
    let mut head = Vec::new();
    let mut octet = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut octet).unwrap_or(0) == 1 {
        head.push(octet[0]);
    }
    let head = String::from_utf8(head).unwrap();
    // "user:pass"; the names of header fields have no case.
    if !head.contains("Basic dXNlcjpwYXNz") {
        let _ = stream.write_all(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    assert!(head.starts_with("CONNECT issuer.example:443 "), "{head}");
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let _ = stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
    let (mut up, mut down) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = copy(&mut up, &mut down);
    });
    let _ = copy(&mut server, &mut stream);
}

fn a_proxy_tunnels_and_loopback_does_not_go_through_it<T: Transport>() {
    let authority = Authority::new();
    let server = serving(authority.server("issuer.example"));
    let proxy = Proxy::to(server.address().port());
    let by = |user: &str| {
        let url = format!("http://{user}@127.0.0.1:{}", proxy.port);
        trusting(&authority).with_proxy(&url).unwrap()
    };
    let request = request("https://issuer.example/jwks");
    let good = T::with(by("user:pass"));
    assert_eq!(good.fetch(&request).unwrap().status, 200);
    assert_eq!((proxy.connections(), server.connections()), (1, 1));
    let refused = T::with(by("user:wrong")).fetch(&request).unwrap_err();
    assert_eq!(refused.error().name(), "UnavailableConnect");
    assert!(!format!("{refused:?}").contains("wrong"), "{refused:?}");
    assert_eq!((proxy.connections(), server.connections()), (2, 1));
    // The proxy is the one that looks at addresses.
    let blocking = T::with(by("user:pass").without_private_addresses());
    assert_eq!(blocking.fetch(&request).unwrap().status, 200);

    let local = serving(authority.server("localhost"));
    assert!(fetch(&good, &local).is_ok());
    assert_eq!(proxy.connections(), 3);
}

fn t8_private_addresses_can_be_blocked<T: Transport>() {
    let authority = Authority::new();
    let server = serving(authority.server("localhost"));
    let open = trusting(&authority);
    let blocking = open.clone().without_private_addresses();
    assert!(fetch(&T::with(open), &server).is_ok());
    let blocked = T::with(blocking.clone());
    let error = fetch(&blocked, &server).unwrap_err();
    assert!(error.to_string().contains("private address"), "{error}");
    for url in [
        "https://10.1.2.3/jwks",
        "https://169.254.169.254/latest",
        "https://[::1]/jwks",
        "https://[::ffff:10.0.0.1]/jwks",
    ] {
        let error = blocked.fetch(&request(url)).unwrap_err();
        assert!(
            error.to_string().contains("private address"),
            "{url}: {error}"
        );
    }
    assert_eq!(server.connections(), 1);
    // A loopback http URL was allowed by its form; this setting takes it back.
    let plain = FaultServer::start([Step::Read, answer()]);
    let request = request(&plain.url("/"));
    assert!(blocked.fetch(&request).is_err());
    // Nor does a proxy help, which such a request does not go through.
    let proxied = T::with(blocking.with_proxy("http://127.0.0.1:9").unwrap());
    assert!(proxied.fetch(&request).is_err());
    assert!(fetch(&proxied, &server).is_err());
    assert_eq!((plain.connections(), server.connections()), (0, 1));
}
