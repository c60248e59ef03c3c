//! Proxies between a store and its servers, which count commands and cut connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Never cuts.
pub(crate) const UNLIMITED: usize = usize::MAX;

/// Proxies that forward a number of commands in total and then cut every connection.
///
/// `replies`: whether the reply to the last command is forwarded. Commands of the handshake and queries of the slot
/// map do not count.
pub(crate) struct Proxy {
    rules: Arc<Rules>,
}

struct Rules {
    /// Ports of the servers and of their proxies, as they follow the address in a reply.
    ports: Vec<(String, String)>,
    passed: AtomicUsize,
    limit: AtomicUsize,
    replies: bool,
    /// Number of connections, and how many of the first ones are stalled.
    connections: AtomicUsize,
    stalled: AtomicUsize,
    /// Number of commands until one is executed and its connection cut before the reply; 0 is never.
    loses: AtomicUsize,
}

impl Proxy {
    pub(crate) async fn to(port: u16, limit: usize, replies: bool) -> Self {
        Self::to_all(&[port], limit, replies).await
    }

    /// A proxy in front of each server, which replaces the server's address in replies.
    pub(crate) async fn to_all(servers: &[u16], limit: usize, replies: bool) -> Self {
        let (mut listeners, mut ports) = (Vec::new(), Vec::new());
        for server in servers {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            ports.push((server.to_string(), listener.local_addr().unwrap().port().to_string()));
            listeners.push((*server, listener));
        }
        let rules = Arc::new(Rules {
            ports,
            passed: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit),
            replies,
            connections: AtomicUsize::new(0),
            stalled: AtomicUsize::new(0),
            loses: AtomicUsize::new(0),
        });
        for (server, listener) in listeners {
            let rules = Arc::clone(&rules);
            tokio::spawn(async move {
                while let Ok((client, _)) = listener.accept().await {
                    let rules = Arc::clone(&rules);
                    tokio::spawn(async move { pass(client, server, &rules).await });
                }
            });
        }
        Self { rules }
    }

    pub(crate) fn url(&self) -> String {
        self.urls().remove(0)
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.rules.ports.iter().map(|(_, proxy)| format!("redis://127.0.0.1:{proxy}")).collect()
    }

    /// Number of commands so far.
    pub(crate) fn passed(&self) -> usize {
        self.rules.passed.load(Ordering::SeqCst)
    }

    /// Number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.rules.connections.load(Ordering::SeqCst)
    }

    /// From now on discards all data of existing connections, in both directions, without closing them.
    pub(crate) fn stall(&self) {
        self.rules.stalled.store(self.connections(), Ordering::SeqCst);
    }

    /// Cuts the connection of the next command after the server has executed it, before the reply.
    pub(crate) fn lose_next_reply(&self) {
        self.lose_reply(1);
    }

    /// The same for the command with this number from now on, where the next one is number 1.
    pub(crate) fn lose_reply(&self, number: usize) {
        self.rules.loses.store(number, Ordering::SeqCst);
    }

    /// Forwards all replies again. Returns whether the reply was lost.
    pub(crate) fn lost_reply(&self) -> bool {
        self.rules.loses.swap(0, Ordering::SeqCst) == 0
    }

    /// Forwards everything from now on.
    pub(crate) fn restore(&self) {
        self.rules.limit.store(UNLIMITED, Ordering::SeqCst);
    }
}

impl Rules {
    /// Counts a command. Returns whether its reply is to be lost.
    fn is_to_be_lost(&self) -> bool {
        let less_one = |left: usize| left.checked_sub(1);
        self.loses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less_one) == Ok(1)
    }

    /// A reply with the ports of the proxies in place of those of the servers.
    fn readdress(&self, reply: &[u8]) -> Vec<u8> {
        let mut reply = reply.to_vec();
        for (server, proxy) in &self.ports {
            let (from, to) = (format!(":{server}\r\n").into_bytes(), format!(":{proxy}\r\n"));
            while let Some(at) = reply.windows(from.len()).position(|window| window == from) {
                reply.splice(at..at + from.len(), to.bytes());
            }
        }
        reply
    }
}

/// Serves one connection, on which the client sends one command at a time.
async fn pass(mut client: TcpStream, port: u16, rules: &Rules) -> io::Result<()> {
    let number = rules.connections.fetch_add(1, Ordering::SeqCst);
    let is_stalled = || number < rules.stalled.load(Ordering::SeqCst);
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let bytes = &from_client[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                if is_stalled() {
                    continue;
                }
                let is_setup = |word: &[u8]| matches!(word, b"HELLO\r\n" | b"SLOTS\r\n");
                if !bytes.windows(7).any(is_setup) {
                    let number = rules.passed.fetch_add(1, Ordering::SeqCst) + 1;
                    if rules.is_to_be_lost() {
                        server.write_all(bytes).await?;
                        let _ = server.read(&mut from_server).await?;
                        return Ok(());
                    }
                    let limit = rules.limit.load(Ordering::SeqCst);
                    if number > limit || (number == limit && !rules.replies) {
                        if number == limit {
                            server.write_all(bytes).await?;
                            // The reply shows that the server has executed the command.
                            let _ = server.read(&mut from_server).await?;
                        }
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
                if is_stalled() {
                    continue;
                }
                client.write_all(&rules.readdress(bytes)).await?;
            }
        }
    }
}
