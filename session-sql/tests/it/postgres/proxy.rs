//! A proxy in front of a server, which counts statements and cuts connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::support::Cut;

/// Never cuts.
const NEVER: usize = usize::MAX;

/// Forwards connections to a server, and counts the statements that clients execute.
///
/// A statement is a message `Query`, or `Execute` for one that was prepared. Preparing it does not count.
pub(crate) struct Proxy {
    rules: Arc<Rules>,
    port: u16,
}

struct Rules {
    server: AtomicU16,
    statements: AtomicUsize,
    /// The number of the statement that is the last one.
    cut_at: AtomicUsize,
    cut: Cut,
    /// Notified when a connection goes silent, if it is not to be cut.
    silence: Option<Arc<Notify>>,
}

impl Proxy {
    pub(crate) async fn to(server: u16) -> Self {
        Self::cutting(server, NEVER, Cut::Before).await
    }

    /// A proxy that cuts every connection from this statement on, where the first one is number 1.
    pub(crate) async fn cutting(server: u16, statement: usize, cut: Cut) -> Self {
        Self::failing(server, statement, cut, None).await
    }

    /// The same, but connections stay open: whatever the client sends then is not answered. Also returns what is notified
    /// when that happens.
    pub(crate) async fn silencing(server: u16, statement: usize, cut: Cut) -> (Self, Arc<Notify>) {
        let silence = Arc::new(Notify::new());
        (Self::failing(server, statement, cut, Some(Arc::clone(&silence))).await, silence)
    }

    async fn failing(server: u16, statement: usize, cut: Cut, silence: Option<Arc<Notify>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let rules = Arc::new(Rules {
            server: AtomicU16::new(server),
            statements: AtomicUsize::new(0),
            cut_at: AtomicUsize::new(statement),
            cut,
            silence,
        });
        let shared_rules = Arc::clone(&rules);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let rules = Arc::clone(&shared_rules);
                tokio::spawn(async move { forward(client, &rules).await });
            }
        });
        Self { rules, port }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Number of statements so far.
    pub(crate) fn statements(&self) -> usize {
        self.rules.statements.load(Ordering::SeqCst)
    }

    /// Cuts no more.
    pub(crate) fn mend(&self) {
        self.rules.cut_at.store(NEVER, Ordering::SeqCst);
    }

    /// Forwards new connections to another server.
    pub(crate) fn turn_to(&self, server: u16) {
        self.rules.server.store(server, Ordering::SeqCst);
    }
}

async fn forward(client: TcpStream, rules: &Rules) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", rules.server.load(Ordering::SeqCst))).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    forward_startup(&mut from_client, &mut to_server).await?;
    // Either direction ends both.
    tokio::select! {
        ended = forward_messages(&mut from_client, &mut to_server, rules) => if ended? == Cut::After {
            skip_until_ready(&mut from_server).await?;
        },
        ended = tokio::io::copy(&mut from_server, &mut to_client) => return ended.map(drop),
    }
    if let Some(silence) = &rules.silence {
        silence.notify_one();
        tokio::io::copy(&mut from_client, &mut tokio::io::sink()).await?;
    }
    Ok(())
}

/// The first messages have no type. TLS is refused in place of the server.
async fn forward_startup(client: &mut OwnedReadHalf, server: &mut OwnedWriteHalf) -> io::Result<()> {
    let length = client.read_u32().await?;
    let mut startup = vec![0; length as usize - 4];
    client.read_exact(&mut startup).await?;
    server.write_u32(length).await?;
    server.write_all(&startup).await
}

/// Forwards messages until the connection is to be cut.
async fn forward_messages(
    client: &mut OwnedReadHalf,
    server: &mut OwnedWriteHalf,
    rules: &Rules,
) -> io::Result<Cut> {
    let (mut is_last, mut is_answered) = (false, false);
    loop {
        let (kind, length) = (client.read_u8().await?, client.read_u32().await?);
        let mut message = vec![kind];
        message.extend_from_slice(&length.to_be_bytes());
        message.resize(1 + length as usize, 0);
        client.read_exact(&mut message[5..]).await?;
        if is_answered {
            return Ok(Cut::Next);
        }
        if matches!(kind, b'Q' | b'E') {
            let number = rules.statements.fetch_add(1, Ordering::SeqCst) + 1;
            if number >= rules.cut_at.load(Ordering::SeqCst) {
                if rules.cut == Cut::Before {
                    return Ok(Cut::Before);
                }
                is_last = true;
            }
        }
        server.write_all(&message).await?;
        if is_last && matches!(kind, b'Q' | b'S') {
            if rules.cut == Cut::After {
                return Ok(Cut::After);
            }
            is_answered = true;
        }
    }
}

/// Reads until the server has committed or rolled back.
async fn skip_until_ready(server: &mut OwnedReadHalf) -> io::Result<()> {
    loop {
        let (kind, length) = (server.read_u8().await?, server.read_u32().await?);
        let mut message = vec![0; length as usize - 4];
        server.read_exact(&mut message).await?;
        if kind == b'Z' {
            return Ok(());
        }
    }
}
