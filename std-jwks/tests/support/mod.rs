//! A loopback server of a few lines that says exactly what a test tells it to say.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer, SigningKey};

/// A server on a free port of 127.0.0.1. Its threads end with the test process.
pub(crate) struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Runs `talk` for each connection, with the number of connections before it. The request has
    /// not been read.
    pub(crate) fn raw(talk: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let talk = Arc::new(talk);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = counter.fetch_add(1, Ordering::SeqCst);
                let talk = Arc::clone(&talk);
                thread::spawn(move || talk(number, stream));
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// Answers each request with the octets that `answer` makes of its path.
    pub(crate) fn http(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::raw(move |_, mut stream| {
            let request = read_request(&mut stream);
            let path = request.split(' ').nth(1).unwrap_or_default();
            // The client may have heard enough.
            let _ = stream.write_all(&answer(path));
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Reads the head of a request.
pub(crate) fn read_request(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// An answer with a right `Content-Length`.
pub(crate) fn answer(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// A set of Ed25519 keys: the kid and the seed of each.
pub(crate) fn jwks(keys: &[(&str, u8)]) -> String {
    let jwk = |(kid, seed): &(&str, u8)| {
        let key = SigningKey::from_bytes(&[*seed; 32]).verifying_key();
        let x = Base64UrlUnpadded::encode_string(key.as_bytes());
        format!(r#"{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"{kid}","x":"{x}"}}"#)
    };
    format!(
        r#"{{"keys":[{}]}}"#,
        keys.iter().map(jwk).collect::<Vec<_>>().join(",")
    )
}

/// A token signed with such a key.
pub(crate) fn token(kid: &str, seed: u8, claims: &str) -> String {
    let header = format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#);
    let encode = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let input = format!(
        "{}.{}",
        encode(header.as_bytes()),
        encode(claims.as_bytes())
    );
    let signature = SigningKey::from_bytes(&[seed; 32]).sign(input.as_bytes());
    format!("{input}.{}", encode(&signature.to_bytes()))
}
