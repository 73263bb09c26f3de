//! Connections on loopback, a thread each; every thread is joined when the listener is dropped.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// How the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// After everything that was sent has arrived.
    Close,
    /// At once. What the client sent and nobody read makes the system send a reset.
    Drop,
}

/// A listener on `127.0.0.1`. Dropping it closes every connection and joins every thread.
pub(crate) struct Listener {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    stopping: AtomicBool,
    connections: Mutex<Connections>,
}

#[derive(Default)]
struct Connections {
    next: u64,
    live: HashMap<u64, TcpStream>,
    threads: Vec<JoinHandle<()>>,
}

impl Listener {
    /// Runs `talk` for each connection at `port`, 0 for any that is free.
    pub(crate) fn start(
        port: u16,
        talk: impl Fn(&TcpStream) -> Ending + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            stopping: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared, &Arc::new(talk))
        });
        Ok(Self {
            address,
            shared,
            acceptor: Some(acceptor),
        })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // `accept` has no timeout: a connection of our own wakes it.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        let threads = {
            let mut connections = self.shared.connections.lock().unwrap();
            for stream in connections.live.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
            std::mem::take(&mut connections.threads)
        };
        for thread in threads {
            let _ = thread.join();
        }
    }
}

fn accept(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    talk: &Arc<impl Fn(&TcpStream) -> Ending + Send + Sync + 'static>,
) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(other_end) = stream.try_clone() else {
            continue;
        };
        let mut connections = shared.connections.lock().unwrap();
        connections.threads.retain(|thread| !thread.is_finished());
        let number = connections.next;
        connections.next += 1;
        connections.live.insert(number, other_end);
        let (shared, talk) = (Arc::clone(shared), Arc::clone(talk));
        connections.threads.push(thread::spawn(move || {
            let ending = talk(&stream);
            if ending == Ending::Close {
                let _ = stream.shutdown(Shutdown::Both);
            }
            shared.connections.lock().unwrap().live.remove(&number);
        }));
    }
}
