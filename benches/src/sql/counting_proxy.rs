//! A proxy in front of PostgreSQL that counts statements, their round trips, and bytes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A proxy on a loopback port, on the runtime that started it.
pub(super) struct CountingProxy {
    counters: Arc<Counters>,
    port: u16,
}

#[derive(Default)]
struct Counters {
    statements: AtomicU64,
    round_trips: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

impl CountingProxy {
    pub(super) async fn to(server: u16) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let counters = Arc::new(Counters::default());
        let shared = Arc::clone(&counters);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let counters = Arc::clone(&shared);
                tokio::spawn(async move { forward(client, server, &counters).await });
            }
        });
        Ok(Self { counters, port })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Numbers so far of statements, of round trips, of bytes sent by clients and of bytes received by them.
    pub(super) fn counts(&self) -> [u64; 4] {
        let Counters { statements, round_trips, sent, received } = &*self.counters;
        [statements, round_trips, sent, received].map(|counter| counter.load(Relaxed))
    }
}

async fn forward(client: TcpStream, server: u16, counters: &Counters) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", server)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    // The first message has no type.
    to_server.write_all(&read_rest(Vec::new(), &mut from_client).await?).await?;
    tokio::try_join!(
        forward_requests(&mut from_client, &mut to_server, counters),
        forward_replies(&mut from_server, &mut to_client, counters),
    )
    .map(|((), ())| ())
}

async fn forward_requests(
    client: &mut OwnedReadHalf,
    server: &mut OwnedWriteHalf,
    counters: &Counters,
) -> io::Result<()> {
    let mut has_statement = false;
    loop {
        let message = read_message(client).await?;
        // `Query`; `Execute` for a statement that was prepared, which `Sync` ends. A ping is a `Sync` alone.
        let (is_statement, is_end) = match message[0] {
            b'Q' => (true, true),
            b'E' => (true, false),
            kind => (false, kind == b'S'),
        };
        has_statement |= is_statement;
        counters.statements.fetch_add(u64::from(is_statement), Relaxed);
        if is_end && std::mem::take(&mut has_statement) {
            counters.round_trips.fetch_add(1, Relaxed);
        }
        counters.sent.fetch_add(message.len() as u64, Relaxed);
        server.write_all(&message).await?;
    }
}

async fn forward_replies(
    server: &mut OwnedReadHalf,
    client: &mut OwnedWriteHalf,
    counters: &Counters,
) -> io::Result<()> {
    loop {
        let message = read_message(server).await?;
        counters.received.fetch_add(message.len() as u64, Relaxed);
        client.write_all(&message).await?;
    }
}

/// Reads the type of a message, its length and the rest.
async fn read_message(from: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let kind = from.read_u8().await?;
    read_rest(vec![kind], from).await
}

async fn read_rest(mut message: Vec<u8>, from: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let length = from.read_u32().await?;
    let start = message.len();
    message.extend_from_slice(&length.to_be_bytes());
    message.resize(start + length as usize, 0);
    from.read_exact(&mut message[start + 4..]).await?;
    Ok(message)
}
