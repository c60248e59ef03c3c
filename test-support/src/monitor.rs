//! Everything that a server is told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use crate::RedisServer;

/// Hears every command that a server gets, from when it was made.
pub struct Monitor<'a> {
    server: &'a RedisServer,
    stream: BufReader<TcpStream>,
}

impl<'a> Monitor<'a> {
    /// Begins to listen.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached.
    pub fn new(server: &'a RedisServer) -> Self {
        let started = TcpStream::connect(("127.0.0.1", server.port())).and_then(|mut stream| {
            stream.write_all(b"MONITOR\r\n")?;
            let mut stream = BufReader::new(stream);
            stream.read_line(&mut String::new())?;
            Ok(stream)
        });
        match started {
            Ok(stream) => Self { server, stream },
            Err(error) => panic!("the server does not tell what it does: {error}"),
        }
    }

    /// The commands heard so far, as MONITOR spells them, those of scripts among them.
    pub fn heard(mut self) -> Vec<String> {
        self.server.call(&["ECHO", "the last that is heard"]);
        let lines = std::iter::from_fn(|| {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).ok()?;
            (read > 0 && !line.contains("the last that is heard")).then_some(line)
        });
        lines.collect()
    }
}
