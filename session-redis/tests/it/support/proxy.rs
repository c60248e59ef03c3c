//! Proxies between a store and its servers, which count commands and cut connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Never cuts.
pub(crate) const NEVER: usize = usize::MAX;

/// Proxies that pass on so many commands between them and then cut every connection.
///
/// `answered` says whether the last of them is still answered. Commands of the handshake and questions about the cluster
/// do not count.
pub(crate) struct Proxy {
    rules: Arc<Rules>,
}

struct Rules {
    /// The servers, and the proxies before them, as they follow the address in an answer.
    ports: Vec<(String, String)>,
    passed: AtomicUsize,
    limit: AtomicUsize,
    answered: bool,
    /// How many connections there were, and how many of the first of them are swallowed.
    connections: AtomicUsize,
    swallowed: AtomicUsize,
    /// How many commands from now one is the last on its connection, done and not answered; 0 is never.
    loses: AtomicUsize,
}

impl Proxy {
    pub(crate) async fn to(port: u16, limit: usize, answered: bool) -> Self {
        Self::to_all(&[port], limit, answered).await
    }

    /// A proxy before each of several servers, which takes the server's place in what they tell of each other.
    pub(crate) async fn to_all(servers: &[u16], limit: usize, answered: bool) -> Self {
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
            answered,
            connections: AtomicUsize::new(0),
            swallowed: AtomicUsize::new(0),
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

    /// How many commands came so far.
    pub(crate) fn passed(&self) -> usize {
        self.rules.passed.load(Ordering::SeqCst)
    }

    /// How many connections came so far.
    pub(crate) fn connections(&self) -> usize {
        self.rules.connections.load(Ordering::SeqCst)
    }

    /// Swallows from now on what existing connections carry, in both directions, without closing them.
    pub(crate) fn swallow(&self) {
        self.rules.swallowed.store(self.connections(), Ordering::SeqCst);
    }

    /// Cuts the connection of the next command once the server has done it, before the answer.
    pub(crate) fn lose_next_answer(&self) {
        self.lose_answer(1);
    }

    /// The same with the command that comes so many commands from now, the next of which is the first.
    pub(crate) fn lose_answer(&self, number: usize) {
        self.rules.loses.store(number, Ordering::SeqCst);
    }

    /// Answers all commands again. Whether the one came whose answer was to be lost.
    pub(crate) fn lost_answer(&self) -> bool {
        self.rules.loses.swap(0, Ordering::SeqCst) == 0
    }

    /// Lets everything pass from now on.
    pub(crate) fn mend(&self) {
        self.rules.limit.store(NEVER, Ordering::SeqCst);
    }
}

impl Rules {
    /// Counts a command, and says whether it is the one whose answer is lost.
    fn is_to_be_lost(&self) -> bool {
        let less_one = |left: usize| left.checked_sub(1);
        self.loses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less_one) == Ok(1)
    }

    /// An answer with the proxies' ports in place of the servers'.
    fn readdress(&self, answer: &[u8]) -> Vec<u8> {
        let mut answer = answer.to_vec();
        for (server, proxy) in &self.ports {
            let (from, to) = (format!(":{server}\r\n").into_bytes(), format!(":{proxy}\r\n"));
            while let Some(at) = answer.windows(from.len()).position(|window| window == from) {
                answer.splice(at..at + from.len(), to.bytes());
            }
        }
        answer
    }
}

/// Serves one connection, on which the client sends one command at a time.
async fn pass(mut client: TcpStream, port: u16, rules: &Rules) -> io::Result<()> {
    let number = rules.connections.fetch_add(1, Ordering::SeqCst);
    let is_swallowed = || number < rules.swallowed.load(Ordering::SeqCst);
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let bytes = &from_client[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                if is_swallowed() {
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
                    if number > limit || (number == limit && !rules.answered) {
                        if number == limit {
                            server.write_all(bytes).await?;
                            // What the server answers shows that it has done the command.
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
                if is_swallowed() {
                    continue;
                }
                client.write_all(&rules.readdress(bytes)).await?;
            }
        }
    }
}
