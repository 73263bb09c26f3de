//! T10: certificates are checked, for the name and for the chain.

#[expect(
    dead_code,
    reason = "shared by several test programs, none of which uses all of it"
)]
mod support;

use std::io::{Write, copy};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use jwtverify_jwks::{Fetch, FetchError, HttpFetch, RemoteJwks, Request, Response};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{WantsServerCert, WebPkiClientVerifier};
use rustls::{
    ConfigBuilder, RootCertStore, ServerConfig, ServerConnection, StreamOwned, WantsVerifier,
};
use support::{Server, answer, jwks, read_request};

/// A certificate authority that exists for one test.
struct Authority {
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().der().clone();
        Self {
            root,
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate of this authority in the way of rcgen, and its key.
    fn certify(&self, name: &str, expired: bool) -> (CertificateDer<'static>, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), key.serialize_der())
    }

    /// An HTTPS server whose certificate is for `name` and, if `expired`, from long ago.
    fn server(&self, name: &str, expired: bool) -> Server {
        let config = server_config().with_no_client_auth();
        self.serve(config, name, expired)
    }

    /// An HTTPS server for clients that have a certificate of this authority.
    fn server_for_known_clients(&self) -> Server {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let config = server_config().with_client_cert_verifier(clients.build().unwrap());
        self.serve(config, "localhost", false)
    }

    fn serve(
        &self,
        config: ConfigBuilder<ServerConfig, WantsServerCert>,
        name: &str,
        expired: bool,
    ) -> Server {
        let (certificate, key) = self.certify(name, expired);
        let key = PrivateKeyDer::try_from(key).unwrap();
        let config = Arc::new(config.with_single_cert(vec![certificate], key).unwrap());
        Server::raw(move |_, stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut tls = StreamOwned::new(connection, stream);
            if !read_request(&mut tls).is_empty() {
                let _ = tls.write_all(&answer("200 OK", &jwks(&[("a", 1)])));
                tls.conn.send_close_notify();
                let _ = tls.flush();
            }
        })
    }
}

fn server_config() -> ConfigBuilder<ServerConfig, WantsVerifier> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = Base64::encode_string(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

fn fetch(transport: &HttpFetch, server: &Server) -> Result<Response, FetchError> {
    let mut request = Request::new(format!("https://localhost:{}/jwks", server.port()));
    request.connect_timeout = Duration::from_secs(20);
    request.timeout = Duration::from_secs(20);
    transport.fetch(&request)
}

#[test]
fn t10_only_a_certificate_of_a_trusted_root_for_this_name_and_time_is_accepted() {
    let ours = Authority::new();
    let other = Authority::new();
    let public = HttpFetch::new();
    let private = HttpFetch::with_root_certificates([&ours.root]).unwrap();

    let plain = Server::raw(|_, mut stream| {
        let _ = stream.write_all(&answer("200 OK", "{}"));
    });
    let good = ours.server("localhost", false);
    assert_eq!(fetch(&private, &good).unwrap().status, 200);

    for (what, transport, server) in [
        ("an unknown authority", &public, good),
        (
            "another authority",
            &private,
            other.server("localhost", false),
        ),
        (
            "another name",
            &private,
            ours.server("issuer.example", false),
        ),
        (
            "an expired certificate",
            &private,
            ours.server("localhost", true),
        ),
        ("no TLS at all", &private, plain),
    ] {
        let error = fetch(transport, &server).expect_err(what);
        assert!(matches!(error, FetchError::Tls(_)), "{what}: {error:?}");
    }
}

#[test]
fn a_private_authority_is_a_setting_of_the_remote_key_set() {
    let authority = Authority::new();
    let server = authority.server("localhost", false);
    let url = format!("https://localhost:{}/jwks", server.port());
    let remote = |root: Option<&[u8]>| {
        let builder = RemoteJwks::builder()
            .url(&url)
            .connect_timeout(Duration::from_secs(20))
            .timeout(Duration::from_secs(20));
        match root {
            Some(root) => builder.root_certificate(root),
            None => builder,
        }
        .build()
        .unwrap()
    };
    let keys = remote(Some(&authority.root)).keys().unwrap();
    assert!(keys.key_set().kids().eq(["a"]));
    let error = remote(None).keys().unwrap_err();
    assert_eq!((error.name(), error.http_status()), ("UnavailableTls", 503));
    assert!(error.to_string().contains("root certificate"), "{error}");
}

#[test]
fn a_client_certificate_is_shown_to_servers_that_ask() {
    let authority = Authority::new();
    let server = authority.server_for_known_clients();
    let plain = HttpFetch::with_root_certificates([&authority.root]).unwrap();
    assert!(fetch(&plain, &server).is_err());
    let stranger = Authority::new().certify("client", false);
    let known = authority.certify("client", false);
    for ((certificate, key), welcome) in [(known, true), (stranger, false)] {
        let client = plain
            .clone()
            .with_client_certificate(pem("CERTIFICATE", &certificate), pem("PRIVATE KEY", &key))
            .unwrap();
        assert_eq!(fetch(&client, &server).is_ok(), welcome);
    }
}

/// A proxy that knows where issuer.example is: at this port. It wants a password.
fn proxy(port: u16) -> Server {
    Server::raw(move |_, mut stream| {
        let head = read_request(&mut stream);
        // "user:pass"
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
    })
}

#[test]
fn a_proxy_tunnels_and_loopback_does_not_go_through_it() {
    let authority = Authority::new();
    let server = authority.server("issuer.example", false);
    let proxy = proxy(server.port());
    let direct = HttpFetch::with_root_certificates([&authority.root]).unwrap();
    let by = |user: &str| {
        let url = format!("http://{user}@127.0.0.1:{}", proxy.port());
        direct.clone().with_proxy(&url).unwrap()
    };
    let mut request = Request::new("https://issuer.example/jwks");
    request.connect_timeout = Duration::from_secs(20);
    request.timeout = Duration::from_secs(20);
    assert_eq!(by("user:pass").fetch(&request).unwrap().status, 200);
    assert_eq!((proxy.connections(), server.connections()), (1, 1));
    let refused = by("user:wrong").fetch(&request).unwrap_err();
    assert_eq!(refused.error().name(), "UnavailableConnect");
    assert!(!format!("{refused:?}").contains("wrong"), "{refused:?}");
    assert_eq!((proxy.connections(), server.connections()), (2, 1));
    // The proxy is the one that looks at addresses.
    let blocking = by("user:pass").without_private_addresses();
    assert_eq!(blocking.fetch(&request).unwrap().status, 200);

    let local = authority.server("localhost", false);
    assert!(fetch(&by("user:pass"), &local).is_ok());
    assert_eq!(proxy.connections(), 3);
}

#[test]
fn t8_private_addresses_can_be_blocked() {
    let authority = Authority::new();
    let server = authority.server("localhost", false);
    let open = HttpFetch::with_root_certificates([&authority.root]).unwrap();
    let blocking = open.clone().without_private_addresses();
    assert!(fetch(&open, &server).is_ok());
    let error = fetch(&blocking, &server).unwrap_err();
    assert!(error.to_string().contains("private address"), "{error}");
    assert_eq!(server.connections(), 1);
    // A loopback http URL was allowed by its form; this setting takes it back.
    let plain = Server::http(|_| answer("200 OK", "{}"));
    let mut request = Request::new(plain.url("/"));
    request.timeout = Duration::from_secs(20);
    assert!(blocking.fetch(&request).is_err());
    // Nor does a proxy help, which such a request does not go through.
    let proxied = blocking.with_proxy("http://127.0.0.1:9").unwrap();
    assert!(proxied.fetch(&request).is_err());
    assert!(fetch(&proxied, &server).is_err());
    assert_eq!((plain.connections(), server.connections()), (0, 1));
}
