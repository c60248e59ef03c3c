//! A proxy between a store and its server, which counts messages and cuts connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::Cut;

/// First bytes of messages of the MySQL protocol that carry statements, behind the header: `COM_QUERY`,
/// `COM_STMT_PREPARE` and `COM_STMT_EXECUTE`.
const STATEMENTS: [u8; 3] = [0x03, 0x16, 0x17];

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
    next: AtomicUsize,
    /// Whether connections go silent instead of being cut.
    is_silent: AtomicBool,
    silence: Arc<Notify>,
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
        let at = match cut {
            Cut::Before => &self.rules.before,
            Cut::After => &self.rules.after,
            Cut::Next => &self.rules.next,
        };
        at.store(number, Ordering::SeqCst);
    }

    /// The same, but the connection stays open: whatever the client sends then is not answered. Returns what is notified
    /// when that happens.
    pub(crate) fn silence_at(&self, number: usize, cut: Cut) -> Arc<Notify> {
        self.rules.is_silent.store(true, Ordering::SeqCst);
        self.cut_at(number, cut);
        Arc::clone(&self.rules.silence)
    }

    /// Cuts no connection from now on. Returns whether one was cut.
    pub(crate) fn mend(&self) -> bool {
        let is_due = |at: &AtomicUsize| at.swap(0, Ordering::SeqCst);
        let due = is_due(&self.rules.before).max(is_due(&self.rules.after)).max(is_due(&self.rules.next));
        self.take_passed() >= due
    }
}

impl Rules {
    /// Ends a connection, now or, if it goes silent, when the client does.
    async fn end(&self, client: &mut TcpStream) -> io::Result<()> {
        if self.is_silent.load(Ordering::SeqCst) {
            self.silence.notify_one();
            tokio::io::copy(client, &mut tokio::io::sink()).await?;
        }
        Ok(())
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
                let next = rules.next.load(Ordering::SeqCst);
                if is_set_up && next > 0 && rules.passed.load(Ordering::SeqCst) >= next {
                    return rules.end(&mut client).await;
                }
                // The first message of a connection is the handshake, whose number is not 0.
                let is_statement = bytes.len() > 4 && bytes[3] == 0 && STATEMENTS.contains(&bytes[4]);
                if is_statement && std::mem::replace(&mut is_set_up, true) {
                    let number = rules.passed.fetch_add(1, Ordering::SeqCst) + 1;
                    if number == rules.before.load(Ordering::SeqCst) {
                        return rules.end(&mut client).await;
                    }
                    if number == rules.after.load(Ordering::SeqCst) {
                        server.write_all(bytes).await?;
                        server.shutdown().await?;
                        // The server closes the connection when it has executed everything.
                        while server.read(&mut from_server).await? > 0 {}
                        return rules.end(&mut client).await;
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
