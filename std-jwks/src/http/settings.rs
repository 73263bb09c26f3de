//! What can be set on the transport, each checked when it is given.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use ureq::Proxy;
use ureq::http::{HeaderName, HeaderValue};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts};

use super::{HttpFetch, Way};

/// Header fields that are the transport's own: they say where a message ends, what may come back,
/// and whom it is for.
const OWN_FIELDS: [&str; 9] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "te",
    "transfer-encoding",
    "user-agent",
];

impl HttpFetch {
    /// With these root certificates instead of Mozilla's, each one PEM (possibly of several
    /// certificates) or DER: for an issuer behind a private certificate authority. The public ones
    /// are then not trusted at all.
    ///
    /// # Errors
    /// [`BadCertificate`] if one of them is no certificate, or if there are none.
    pub fn with_root_certificates<C: AsRef<[u8]>>(
        certificates: impl IntoIterator<Item = C>,
    ) -> Result<Self, BadCertificate> {
        let mut store = rustls::RootCertStore::empty();
        let mut roots = Vec::new();
        for certificate in certificates {
            let before = roots.len();
            for der in certificates_in(certificate.as_ref())? {
                roots.push(Certificate::from_der(&der).to_owned());
                // ureq drops a root that does not parse without a word, so it is tried here.
                store.add(der).map_err(|_| BadCertificate)?;
            }
            if roots.len() == before {
                return Err(BadCertificate);
            }
        }
        if roots.is_empty() {
            return Err(BadCertificate);
        }
        Ok(Self {
            roots: RootCerts::Specific(Arc::new(roots)),
            ..Self::new()
        })
    }

    /// Shows this certificate to servers that ask for one (mutual TLS): its chain, the own
    /// certificate first, and its private key, both in PEM.
    ///
    /// # Errors
    /// [`BadSetting`] if there is no certificate, no key, or the key does not belong to it.
    pub fn with_client_certificate(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self, BadSetting> {
        const UNREADABLE: BadSetting =
            BadSetting("a client certificate must be PEM, with its private key in PEM");

        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain.as_ref())
            .collect::<Result<_, _>>()
            .map_err(|_| UNREADABLE)?;
        if chain.is_empty() {
            return Err(UNREADABLE);
        }
        let der = PrivateKeyDer::from_pem_slice(key.as_ref()).map_err(|_| UNREADABLE)?;
        rustls::sign::CertifiedKey::from_der(chain.clone(), der, &self.crypto)
            .map_err(|_| BadSetting("the private key is not that of the client certificate"))?;
        let key = PrivateKey::from_pem(key.as_ref()).map_err(|_| UNREADABLE)?;
        let chain: Vec<Certificate<'static>> = chain
            .iter()
            .map(|der| Certificate::from_der(der).to_owned())
            .collect();
        self.client = Some(ClientCert::new_with_certs(&chain, key));
        Ok(self)
    }

    /// Goes through this proxy, whatever the environment says: `http://host:port` or
    /// `https://host:port`, possibly with `user:password@`. Requests to this machine never do.
    ///
    /// # Errors
    /// [`BadSetting`] for anything else. SOCKS is not supported.
    pub fn with_proxy(mut self, url: &str) -> Result<Self, BadSetting> {
        const WRONG: BadSetting =
            BadSetting("a proxy is given as http://host:port or https://host:port");

        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return Err(WRONG);
        }
        self.proxy = Way::Proxy(Proxy::new(url).map_err(|_| WRONG)?);
        Ok(self)
    }

    /// Goes through no proxy, whatever the environment says.
    #[must_use]
    pub fn without_proxy(mut self) -> Self {
        self.proxy = Way::Direct;
        self
    }

    /// Sends this header field with every request.
    ///
    /// # Errors
    /// [`BadSetting`] for what is no name or no value of a field (RFC 9110 section 5), and for the
    /// fields that are the transport's own, such as `host` and `accept-encoding`.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, BadSetting> {
        let name = HeaderName::try_from(name)
            .map_err(|_| BadSetting("the name of a header field is letters, digits and hyphens"))?;
        if OWN_FIELDS.contains(&name.as_str()) {
            return Err(BadSetting("this header field is the transport's own"));
        }
        HeaderValue::try_from(value)
            .map_err(|_| BadSetting("the value of a header field has no control characters"))?;
        self.headers
            .push((name.as_str().to_owned(), value.to_owned()));
        Ok(self)
    }

    /// Calls itself this, in place of `jwtverify/` and the version.
    ///
    /// # Errors
    /// [`BadSetting`] for what is no value of a header field.
    pub fn with_user_agent(mut self, name: &str) -> Result<Self, BadSetting> {
        HeaderValue::try_from(name)
            .map_err(|_| BadSetting("the user agent has no control characters"))?;
        name.clone_into(&mut self.user_agent);
        Ok(self)
    }

    /// Connects to addresses of the public Internet only: not to private networks, this machine,
    /// links, or the metadata services of clouds. For URLs that somebody else may have chosen, as
    /// the `jwks_uri` of a discovery document.
    ///
    /// The address that is connected to is the one that was looked at. A proxy of the environment
    /// is not used then, since nobody here sees what it resolves; a proxy that is
    /// [given](Self::with_proxy) is used, and must do this for itself.
    #[must_use]
    pub fn without_private_addresses(mut self) -> Self {
        self.public_only = true;
        self
    }
}

/// A root certificate that cannot be read as X.509, in PEM or DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCertificate;

impl fmt::Display for BadCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a root certificate must be an X.509 certificate in PEM or DER")
    }
}

impl std::error::Error for BadCertificate {}

/// A setting of [`HttpFetch`] that can't be used. `Display` says how it should be; the setting
/// itself is not repeated, since it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSetting(&'static str);

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BadSetting {}

fn certificates_in(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, BadCertificate> {
    // DER begins with the tag of a SEQUENCE; PEM may begin with any comment.
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(bytes).into_owned()]);
    }
    CertificateDer::pem_slice_iter(bytes)
        .collect::<Result<_, _>>()
        .map_err(|_| BadCertificate)
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};

    use super::*;

    fn pem(label: &str, der: &[u8]) -> String {
        let text = Base64::encode_string(der);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
    }

    #[test]
    fn root_certificates_that_are_none_are_refused_when_they_are_given() {
        let garbage: [&[u8]; 5] = [
            b"",
            b"not a certificate",
            b"\x30\x03\x02\x01\x01",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        ];
        for bytes in garbage {
            assert_eq!(
                HttpFetch::with_root_certificates([bytes]).err(),
                Some(BadCertificate)
            );
        }
        assert!(HttpFetch::with_root_certificates([""; 0]).is_err());
    }

    #[test]
    fn client_certificates_are_checked_when_they_are_given() {
        let pair = |name: &str| {
            let key = rcgen::KeyPair::generate().unwrap();
            let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
            let certificate = params.self_signed(&key).unwrap();
            (
                pem("CERTIFICATE", certificate.der()),
                pem("PRIVATE KEY", &key.serialize_der()),
            )
        };
        let ((chain, key), (_, other)) = (pair("one"), pair("two"));
        let given = |chain: &str, key: &str| HttpFetch::new().with_client_certificate(chain, key);
        assert!(given(&chain, &key).is_ok());
        for (chain, key) in [
            (&chain, &other),
            (&chain, &String::new()),
            (&String::new(), &key),
            (&key, &chain),
            (&chain, &chain),
        ] {
            assert!(given(chain, key).is_err());
        }
    }

    #[test]
    fn proxies_headers_and_agents_are_checked_when_they_are_given() {
        let new = HttpFetch::new;
        for (url, good) in [
            ("http://proxy.example:3128", true),
            ("https://user:pass@proxy.example", true),
            ("socks5://proxy.example:1080", false),
            ("proxy.example:3128", false),
            ("http://", false),
            ("", false),
        ] {
            assert_eq!(new().with_proxy(url).is_ok(), good, "{url}");
        }
        for (name, value, good) in [
            ("X-Api-Key", "k", true),
            ("authorization", "Bearer x", true),
            ("x\r\ny", "k", false),
            ("", "k", false),
            ("x", "k\r\nHost: evil", false),
            ("Host", "evil", false),
            ("Accept-Encoding", "gzip", false),
            ("Transfer-Encoding", "chunked", false),
        ] {
            assert_eq!(new().with_header(name, value).is_ok(), good, "{name}");
        }
        assert!(new().with_user_agent("my-service/1.0").is_ok());
        assert!(new().with_user_agent("a\nb").is_err());
    }

    #[test]
    fn secrets_of_the_settings_are_not_shown() {
        let transport = HttpFetch::new()
            .with_proxy("http://user:open-sesame@proxy.example:1")
            .and_then(|transport| transport.with_header("authorization", "open-sesame"))
            .unwrap();
        assert!(!format!("{transport:?}").contains("open-sesame"));
        assert!(!BadSetting("x").to_string().contains("open-sesame"));
    }
}
