//! A proxy between a store and its server, which counts messages and cuts connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// First bytes of messages of the MySQL protocol that carry statements, behind the header: `COM_QUERY`,
/// `COM_STMT_PREPARE` and `COM_STMT_EXECUTE`.
const STATEMENTS: [u8; 3] = [0x03, 0x16, 0x17];

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the server gets the message.
    Before,
    /// After the server has executed the message, before the reply.
    After,
}

/// A proxy in front of a server.
pub(crate) struct Proxy {
    port: u16,
    rules: Arc<Rules>,
}

#[derive(Default)]
struct Rules {
    connections: AtomicUsize,
    passed: AtomicUsize,
    /// The number of the message at which the connection is cut; 0 is never.
    before: AtomicUsize,
    after: AtomicUsize,
}

impl Proxy {
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, rules) = (listener.local_addr().unwrap().port(), Arc::new(Rules::default()));
        let shared = Arc::clone(&rules);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let rules = Arc::clone(&shared);
                rules.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move { pass(client, server, &rules).await });
            }
        });
        Self { port, rules }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.rules.connections.load(Ordering::SeqCst)
    }

    /// Number of messages with statements since the last time it was asked for.
    pub(crate) fn take_passed(&self) -> usize {
        self.rules.passed.swap(0, Ordering::SeqCst)
    }

    /// Cuts the connection of the message with this number, where the next one is number 1.
    pub(crate) fn cut_at(&self, number: usize, cut: Cut) {
        self.take_passed();
        let at = if cut == Cut::Before { &self.rules.before } else { &self.rules.after };
        at.store(number, Ordering::SeqCst);
    }

    /// Cuts no connection from now on. Returns whether one was cut.
    pub(crate) fn mend(&self) -> bool {
        let is_due = |at: &AtomicUsize| at.swap(0, Ordering::SeqCst);
        let due = is_due(&self.rules.before).max(is_due(&self.rules.after));
        self.take_passed() >= due
    }
}

/// Serves one connection, on which the client sends one message at a time.
async fn pass(mut client: TcpStream, port: u16, rules: &Rules) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut is_set_up = false;
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let bytes = &from_client[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                // The first message of a connection is the handshake, whose number is not 0.
                let is_statement = bytes.len() > 4 && bytes[3] == 0 && STATEMENTS.contains(&bytes[4]);
                if is_statement && std::mem::replace(&mut is_set_up, true) {
                    let number = rules.passed.fetch_add(1, Ordering::SeqCst) + 1;
                    if number == rules.before.load(Ordering::SeqCst) {
                        return Ok(());
                    }
                    if number == rules.after.load(Ordering::SeqCst) {
                        server.write_all(bytes).await?;
                        server.shutdown().await?;
                        // The server closes the connection when it has executed everything.
                        while server.read(&mut from_server).await? > 0 {}
                        return Ok(());
                    }
                }
                server.write_all(bytes).await?;
            }
            read = server.read(&mut from_server) => {
                let bytes = &from_server[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                client.write_all(bytes).await?;
            }
        }
    }
}
