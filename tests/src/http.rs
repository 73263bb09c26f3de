//! As much of an HTTP/1.1 server as a key-set client needs, with the standard library alone. One
//! answer a connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use crate::listener::{Ending, Listener};

/// The longest request head that is read.
const MAX_HEAD_BYTES: u64 = 16 * 1024;

/// A request as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The method, as sent.
    pub method: String,
    /// The request target, as sent.
    pub path: String,
    /// The header fields, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Received {
    /// The first header field of that name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What to send back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// What Content-Length says; None leaves the header out and the closing ends the body.
    pub(crate) length: Option<usize>,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let length = Some(body.len());
        Self {
            status,
            headers: vec![("Content-Type", content_type.into())],
            body,
            length,
        }
    }
}

/// Gives an answer, or None to close the connection without a word.
pub(crate) type Handler = dyn Fn(Received) -> Option<Answer> + Send + Sync;

/// Serves each connection with one answer of the handler.
pub(crate) fn start(port: u16, handler: Arc<Handler>) -> io::Result<Listener> {
    Listener::start(port, move |stream| {
        // A client that goes away is not this server's trouble.
        let _ = serve(stream, &*handler);
        Ending::Close
    })
}

fn serve(stream: &TcpStream, handler: &Handler) -> io::Result<()> {
    let Some(received) = read_head(stream)? else {
        return Ok(());
    };
    let Some(answer) = handler(received) else {
        return Ok(());
    };
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(length) = answer.length {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    head.push_str("Connection: close\r\n\r\n");
    let mut stream = stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(&answer.body)?;
    stream.flush()
}

/// The request head; None when the client sent none that is whole. A body is not read.
fn read_head(stream: &TcpStream) -> io::Result<Option<Received>> {
    let mut lines = BufReader::new(stream.take(MAX_HEAD_BYTES)).lines();
    let Some(first) = lines.next().transpose()? else {
        return Ok(None);
    };
    let mut words = first.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let mut headers = Vec::new();
    for line in lines {
        let line = line?;
        if line.is_empty() {
            return Ok(Some(Received {
                method: method.into(),
                path: path.into(),
                headers,
            }));
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().into()));
        }
    }
    Ok(None)
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
