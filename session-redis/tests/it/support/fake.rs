//! Fake servers, with replies that real ones do not send.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// The URL of a server that reports this version, and replies to every other command with the same bytes. Its client
/// sends one command at a time.
pub(crate) async fn fake_server(version: &'static str, reply: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let greeting = format!(
        "%3\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n${}\r\n{version}\r\n$5\r\nproto\r\n:3\r\n",
        version.len()
    );
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let greeting = greeting.clone();
            tokio::spawn(async move {
                let mut commands = vec![0; 1 << 16];
                while let Ok(length @ 1..) = client.read(&mut commands).await {
                    let commands = String::from_utf8_lossy(&commands[..length]);
                    let hello = greeting.repeat(commands.matches("\r\nHELLO\r\n").count());
                    let reply = if hello.is_empty() { reply } else { &hello };
                    if client.write_all(reply.as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    url
}
