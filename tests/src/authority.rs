//! A certificate authority that exists for one test, and TLS servers with its certificates.

use std::sync::Arc;

use base64ct::{Base64, Encoding};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{WantsServerCert, WebPkiClientVerifier};
use rustls::{ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier};

/// A private certificate authority.
pub struct Authority {
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// What is wrong with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its certificate is from long ago.
    Expired,
    /// It speaks HTTP/2 alone, and says so in the handshake (RFC 7301).
    Http2Only,
}

impl Authority {
    /// A new authority, which nobody trusts yet.
    #[allow(
        clippy::new_without_default,
        reason = "each one is another, no two are the default"
    )]
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().der().clone();
        Self {
            root,
            issuer: Issuer::new(params, key),
        }
    }

    /// The root certificate, in DER.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// A certificate for a client with this name and its private key, both in PEM.
    pub fn client(&self, name: &str) -> (String, String) {
        let (certificate, key) = self.certify(name, None);
        (pem("CERTIFICATE", &certificate), pem("PRIVATE KEY", &key))
    }

    /// A server whose certificate is for this name.
    pub fn server(&self, name: &str) -> Arc<ServerConfig> {
        self.finish(builder().with_no_client_auth(), name, None)
    }

    /// The same with something wrong.
    pub fn flawed(&self, name: &str, flaw: Flaw) -> Arc<ServerConfig> {
        self.finish(builder().with_no_client_auth(), name, Some(flaw))
    }

    /// A server for `localhost` that wants a client certificate of this authority.
    pub fn server_for_known_clients(&self) -> Arc<ServerConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let config = builder().with_client_cert_verifier(clients.build().unwrap());
        self.finish(config, "localhost", None)
    }

    fn certify(&self, name: &str, flaw: Option<Flaw>) -> (CertificateDer<'static>, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if flaw == Some(Flaw::Expired) {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), key.serialize_der())
    }

    fn finish(
        &self,
        config: ConfigBuilder<ServerConfig, WantsServerCert>,
        name: &str,
        flaw: Option<Flaw>,
    ) -> Arc<ServerConfig> {
        let (certificate, key) = self.certify(name, flaw);
        let key = PrivateKeyDer::try_from(key).unwrap();
        let mut config = config.with_single_cert(vec![certificate], key).unwrap();
        if flaw == Some(Flaw::Http2Only) {
            config.alpn_protocols = vec![b"h2".to_vec()];
        }
        Arc::new(config)
    }
}

fn builder() -> ConfigBuilder<ServerConfig, WantsVerifier> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = Base64::encode_string(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}
