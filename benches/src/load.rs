//! A client that asks over kept connections, each time as soon as the last answer is there.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::route::{COOKIE, Route};

const CONNECTIONS: usize = 32;
const WARM_UP: Duration = Duration::from_millis(100);
const TURN: Duration = Duration::from_millis(700);

/// What a client saw.
#[derive(Clone, Copy)]
pub struct Seen {
    /// Requests per second, of all connections together.
    pub per_second: f64,
    /// The time, in microseconds, in which half of the requests were answered.
    pub p50: f64,
    /// The time, in microseconds, in which all but a hundredth were answered.
    pub p99: f64,
    /// How many were answered, those outside of the measured time among them.
    pub answered: f64,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.per_second, self.p50, self.p99, self.answered)
    }
}

impl FromStr for Seen {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let figures = text.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        let [per_second, p50, p99, answered] = figures[..] else {
            anyhow::bail!("not what a client prints: {text}")
        };
        Ok(Self { per_second, p50, p99, answered })
    }
}

struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    async fn new(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(8192) })
    }

    /// Asks, and waits for the answer's last byte.
    async fn ask(&mut self, request: &[u8]) -> Result<()> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        while !is_whole(&self.answer) {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the server hung up");
        }
        ensure!(self.answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&self.answer));
        Ok(())
    }
}

/// Whether an answer is there to its end. All have a length, in lower case.
fn is_whole(answer: &[u8]) -> bool {
    let find = |what: &[u8]| answer.windows(what.len()).position(|window| window == what);
    let Some(head) = find(b"\r\n\r\n") else { return false };
    let Some(length) = find(b"content-length: ") else { return false };
    let digits = answer[length + 16..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    answer.len() >= head + 4 + length
}

/// Asks for a route for a while, each connection with a session of its own.
///
/// # Errors
///
/// When the server does not answer status 200.
pub fn run(port: u16, route: Route) -> Result<Seen> {
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut connections = JoinSet::new();
        let begin = Instant::now() + WARM_UP;
        for _ in 0..CONNECTIONS {
            connections.spawn(connection(port, route, begin));
        }
        let (mut answered, mut times) = (0, Vec::new());
        while let Some(done) = connections.join_next().await {
            let (asked, took) = done??;
            answered += asked;
            times.extend(took);
        }
        times.sort_unstable();
        ensure!(!times.is_empty(), "the server answered nothing");
        let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
        let count = f64::from(u32::try_from(times.len())?);
        Ok(Seen {
            per_second: count / TURN.as_secs_f64(),
            p50: at(50),
            p99: at(99),
            answered: f64::from(answered),
        })
    })
}

async fn connection(port: u16, route: Route, begin: Instant) -> Result<(u32, Vec<Duration>)> {
    let mut connection = Connection::new(port).await?;
    let mut cookie = String::new();
    if route.has_session() {
        connection.ask(b"GET /new HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
        let pairs = cookies(std::str::from_utf8(&connection.answer)?);
        cookie = format!("cookie: {}\r\n", pairs.as_deref().unwrap_or(COOKIE));
    }
    let request = format!("GET {} HTTP/1.1\r\nhost: localhost\r\n{cookie}\r\n", route.path());
    let (mut asked, mut times) = (0, Vec::with_capacity(10_000));
    loop {
        let start = Instant::now();
        asked += 1;
        connection.ask(request.as_bytes()).await?;
        let end = Instant::now();
        if end >= begin + TURN {
            return Ok((asked, times));
        }
        if start >= begin {
            times.push(end - start);
        }
    }
}

fn cookies(answer: &str) -> Option<String> {
    let lines = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let pairs: Vec<&str> = lines.filter_map(|line| line.split(';').next()).collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}
