//! A server that talks as it is told, octet by octet, over TCP or TLS: the network at its worst.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::listener::{Ending, Listener};

/// The longest request head that is read.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Where sending "for ever" ends, for a client that would listen for ever.
const FOR_EVER: usize = 256 * 1024 * 1024;

/// The pause between two octets of a drip.
const DRIP: Duration = Duration::from_millis(10);

/// One thing that the server does with a connection. After the last one it closes the connection,
/// with TLS after saying so.
#[derive(Clone, Debug)]
pub enum Step {
    /// Speaks TLS from here on. A handshake that fails ends the connection.
    Tls(Arc<ServerConfig>),
    /// Reads the head of the request.
    Read,
    /// Reads the head of the request and sends it back, as the body of an answer.
    Echo,
    /// Sends these octets.
    Send(Vec<u8>),
    /// Sends these octets again and again, until the client goes away.
    Forever(Vec<u8>),
    /// Sends an octet now and then, until the client goes away.
    Drip(u8),
    /// Does nothing, until the client goes away.
    Hang,
    /// Reads one octet and drops the connection with the rest unread: a reset.
    Reset,
    /// Closes TCP without a word: with TLS, what came so far may not be all (RFC 8446 section 6.1).
    Cut,
}

/// A server on `127.0.0.1` that follows a list of [`Step`]s with each connection. It counts
/// connections and octets. Dropping it joins every thread.
pub struct FaultServer {
    shared: Arc<Shared>,
    listener: Listener,
}

#[derive(Default)]
struct Shared {
    steps: Mutex<Arc<Vec<Step>>>,
    connections: AtomicUsize,
    sent: AtomicUsize,
}

impl FaultServer {
    /// Listens on a free port and does this with each connection.
    pub fn start(steps: impl Into<Vec<Step>>) -> Self {
        let shared = Arc::new(Shared::default());
        *shared.steps.lock().unwrap() = Arc::new(steps.into());
        let talk = {
            let shared = Arc::clone(&shared);
            move |stream: &TcpStream| {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let steps = Arc::clone(&shared.steps.lock().unwrap());
                // A client that has heard enough is what this server is for.
                follow(&steps, stream, &shared.sent).unwrap_or(Ending::Close)
            }
        };
        let listener = Listener::start(0, talk).unwrap();
        Self { shared, listener }
    }

    /// Does this from the next connection on, and counts from zero.
    pub fn behave(&self, steps: impl Into<Vec<Step>>) {
        *self.shared.steps.lock().unwrap() = Arc::new(steps.into());
        self.shared.connections.store(0, Ordering::SeqCst);
        self.shared.sent.store(0, Ordering::SeqCst);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// `http://127.0.0.1`, the port, and this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// `https://localhost`, the port, and this path.
    pub fn https_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address().port())
    }

    /// The connections so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The octets that were handed to the system so far, before TLS: those that the client has
    /// read, and what lies in the buffers between.
    pub fn sent(&self) -> usize {
        self.shared.sent.load(Ordering::SeqCst)
    }
}

impl Step {
    /// Sends an answer: the status line's end, more header lines (each with its line end), a body,
    /// and the `Content-Length` that fits.
    pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
        Self::Send([head.as_bytes(), body].concat())
    }
}

enum Wire<'s> {
    Plain(&'s TcpStream),
    Tls(Box<StreamOwned<ServerConnection, &'s TcpStream>>),
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Wire<'_> {
    fn send(&mut self, octets: &[u8], sent: &AtomicUsize) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(octets)?,
            Self::Tls(stream) => {
                stream.write_all(octets)?;
                stream.flush()?;
            }
        }
        sent.fetch_add(octets.len(), Ordering::SeqCst);
        Ok(())
    }
}

fn follow(steps: &[Step], stream: &TcpStream, sent: &AtomicUsize) -> io::Result<Ending> {
    let mut wire = Wire::Plain(stream);
    for step in steps {
        match step {
            Step::Tls(config) => {
                let connection =
                    ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
                let mut tls = Box::new(StreamOwned::new(connection, stream));
                tls.conn.complete_io(&mut tls.sock)?;
                wire = Wire::Tls(tls);
            }
            Step::Read => drop(read_head(&mut wire)?),
            Step::Echo => {
                let head = read_head(&mut wire)?;
                let Step::Send(octets) = Step::answer("200 OK", "", head) else {
                    continue;
                };
                wire.send(&octets, sent)?;
            }
            Step::Send(octets) => wire.send(octets, sent)?,
            Step::Forever(octets) => {
                for _ in 0..FOR_EVER / octets.len() {
                    wire.send(octets, sent)?;
                }
            }
            Step::Drip(octet) => {
                stream.set_read_timeout(Some(DRIP))?;
                while !is_gone(&mut wire) {
                    wire.send(&[*octet], sent)?;
                }
            }
            Step::Hang => while !is_gone(&mut wire) {},
            Step::Reset => {
                let _ = wire.read(&mut [0])?;
                return Ok(Ending::Drop);
            }
            Step::Cut => return Ok(Ending::Close),
        }
    }
    if let Wire::Tls(tls) = &mut wire {
        tls.conn.send_close_notify();
        tls.flush()?;
    }
    Ok(Ending::Close)
}

fn read_head(wire: &mut Wire<'_>) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut octet = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD_BYTES {
        if wire.read(&mut octet)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&octet);
    }
    Ok(head)
}

/// Waits for something from the client. A timeout is no news, and so is anything it says.
fn is_gone(wire: &mut Wire<'_>) -> bool {
    match wire.read(&mut [0; 1024]) {
        Ok(octets) => octets == 0,
        Err(error) => !matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        ),
    }
}
