//! T10: certificates are checked, for the name and for the chain.

#[expect(
    dead_code,
    reason = "shared by several test programs, none of which uses all of it"
)]
mod support;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_jwks::{Fetch, FetchError, HttpFetch, RemoteJwks, Request, Response};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
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

    /// An HTTPS server whose certificate is for `name` and, if `expired`, from long ago.
    fn server(&self, name: &str, expired: bool) -> Server {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let config = Arc::new(config);
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
