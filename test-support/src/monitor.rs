//! Recording of the commands that a server receives.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use crate::RedisServer;

/// A recording of every command that a server receives.
pub struct Monitor<'a> {
    server: &'a RedisServer,
    stream: BufReader<TcpStream>,
}

impl<'a> Monitor<'a> {
    /// Starts recording.
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
            Err(error) => panic!("the server does not answer MONITOR: {error}"),
        }
    }

    /// Returns the commands received so far as MONITOR formats them, including those of scripts.
    pub fn commands(mut self) -> Vec<String> {
        self.server.call(&["ECHO", "end of the recording"]);
        let lines = std::iter::from_fn(|| {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).ok()?;
            (read > 0 && !line.contains("end of the recording")).then_some(line)
        });
        lines.collect()
    }
}
