//! A minimal RESP2 client.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A reply of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An error.
    Error(String),
    /// A number.
    Number(i64),
    /// A text; `None` for nil.
    Text(Option<Vec<u8>>),
    /// A list.
    List(Vec<Reply>),
}

impl Reply {
    /// Returns the text.
    ///
    /// # Panics
    ///
    /// When the reply is something else.
    #[track_caller]
    pub fn text(&self) -> String {
        match self {
            Self::Text(Some(text)) => String::from_utf8_lossy(text).into_owned(),
            other => panic!("the server answered {other:?} instead of a text"),
        }
    }

    /// Returns the number.
    ///
    /// # Panics
    ///
    /// When the reply is something else.
    #[track_caller]
    pub fn number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            other => panic!("the server answered {other:?} instead of a number"),
        }
    }

    /// Returns the texts of the list.
    ///
    /// # Panics
    ///
    /// When the reply is something else.
    #[track_caller]
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::List(items) => items.iter().map(Self::text).collect(),
            other => panic!("the server answered {other:?} instead of a list"),
        }
    }
}

/// Sends one command over a connection of its own.
pub(crate) fn call(port: u16, words: &[&[u8]]) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut command = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        command.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        command.extend_from_slice(word);
        command.extend_from_slice(b"\r\n");
    }
    stream.write_all(&command)?;
    read(&mut BufReader::new(stream))
}

fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Reply> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let line = line.trim_end();
    let (kind, rest) = line.split_at_checked(1).ok_or(io::ErrorKind::UnexpectedEof)?;
    let number = || rest.parse::<i64>().map_err(io::Error::other);
    Ok(match kind {
        "+" => Reply::Text(Some(rest.as_bytes().to_vec())),
        "-" => Reply::Error(rest.to_owned()),
        ":" => Reply::Number(number()?),
        "$" => match usize::try_from(number()?) {
            Err(_) => Reply::Text(None),
            Ok(length) => {
                let mut text = vec![0; length + 2];
                stream.read_exact(&mut text)?;
                text.truncate(length);
                Reply::Text(Some(text))
            }
        },
        _ => Reply::List((0..number()?).map(|_| read(stream)).collect::<io::Result<_>>()?),
    })
}
