//! A proxy between a store and its server, which counts commands and cuts connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Never cuts.
pub(crate) const NEVER: usize = usize::MAX;

/// A proxy that passes on so many commands and then cuts the connection.
///
/// `answered` says whether the last of them is still answered. Commands of the handshake do not count.
pub(crate) struct Proxy {
    port: u16,
    rules: Arc<Rules>,
}

struct Rules {
    passed: AtomicUsize,
    limit: AtomicUsize,
    answered: bool,
}

impl Proxy {
    pub(crate) async fn to(port: u16, limit: usize, answered: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let rules = Arc::new(Rules { passed: AtomicUsize::new(0), limit: AtomicUsize::new(limit), answered });
        let proxy = Self { port: listener.local_addr().unwrap().port(), rules: Arc::clone(&rules) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let rules = Arc::clone(&rules);
                tokio::spawn(async move { pass(client, port, &rules).await });
            }
        });
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// How many commands came so far.
    pub(crate) fn passed(&self) -> usize {
        self.rules.passed.load(Ordering::SeqCst)
    }

    /// Lets everything pass from now on.
    pub(crate) fn mend(&self) {
        self.rules.limit.store(NEVER, Ordering::SeqCst);
    }
}

/// Serves one connection, on which the client sends one command at a time.
async fn pass(mut client: TcpStream, port: u16, rules: &Rules) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let bytes = &from_client[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                if !bytes.windows(5).any(|word| word == b"HELLO") {
                    let number = rules.passed.fetch_add(1, Ordering::SeqCst) + 1;
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
                client.write_all(bytes).await?;
            }
        }
    }
}
