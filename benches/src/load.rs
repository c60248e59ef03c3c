//! Load generator: keep-alive connections that each send the next request as soon as they received a response.

use std::fmt;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::os::fd::AsFd;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use socket2::SockRef;

use crate::route::{COOKIE, Route};

const CONNECTIONS: usize = 32;
const LONGEST_ANSWER: usize = 8192;
const WARM_UP: Duration = Duration::from_millis(100);
const WINDOW: Duration = Duration::from_millis(700);

/// Results of one measurement, as the client saw them.
#[derive(Clone, Copy)]
pub struct Seen {
    /// Requests per second of all connections together.
    pub per_second: f64,
    /// Median latency in microseconds.
    pub p50: f64,
    /// 99th percentile of latency in microseconds.
    pub p99: f64,
    /// Responses received, warm-up included.
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
            anyhow::bail!("expected four numbers: {text}")
        };
        Ok(Self { per_second, p50, p99, answered })
    }
}

/// A keep-alive connection with its own session.
struct Connection {
    stream: TcpStream,
    request: String,
    sent: Instant,
    answer: Vec<u8>,
    /// Bytes of the response received so far.
    length: usize,
}

impl Connection {
    fn new(port: u16, route: Route) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        unpaced(&stream);
        let request = "GET /new HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned();
        let mut connection =
            Self { stream, request, sent: Instant::now(), answer: vec![0; LONGEST_ANSWER], length: 0 };
        let mut cookie = String::new();
        if route.has_session() {
            connection.ask()?;
            while connection.look()?.is_none() {}
            let pairs = cookies(std::str::from_utf8(&connection.answer[..connection.length])?);
            cookie = format!("cookie: {}\r\n", pairs.as_deref().unwrap_or(COOKIE));
        }
        connection.request = format!("GET {} HTTP/1.1\r\nhost: localhost\r\n{cookie}\r\n", route.path());
        Ok(connection)
    }

    fn ask(&mut self) -> Result<()> {
        self.length = 0;
        self.sent = Instant::now();
        Ok(self.stream.write_all(self.request.as_bytes())?)
    }

    /// Reads without blocking. Returns the latency once the response is complete.
    fn look(&mut self) -> Result<Option<Duration>> {
        let read = match self.stream.read(&mut self.answer[self.length..]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            read => read?,
        };
        ensure!(read > 0, "the server closed the connection, or the response is too long");
        self.length += read;
        let answer = &self.answer[..self.length];
        ensure!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(answer));
        Ok(is_whole(answer).then(|| self.sent.elapsed()))
    }
}

/// Selects the congestion control `reno`, if available: others pace packets by timers, even on loopback.
pub fn unpaced(socket: &impl AsFd) {
    SockRef::from(socket).set_tcp_congestion(b"reno").ok();
}

/// Whether the response is complete. All servers send `content-length`, in lower case. Bodies are short, so the end of
/// the head is searched from the back.
fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).rposition(|window| window == b"\r\n\r\n") else { return false };
    let name = b"content-length: ";
    let Some(length) = answer.windows(name.len()).position(|window| window == name) else { return false };
    let digits = answer[length + name.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    answer.len() >= head + 4 + length
}

/// Requests `route` on all connections and measures for 0.7 s after a warm-up.
///
/// Polls all connections in turn and never sleeps: waking the client would cost the server CPU time, and a slow server
/// more often than a fast one.
///
/// # Errors
///
/// When the server fails or a status is not 200.
pub fn run(port: u16, route: Route) -> Result<Seen> {
    let mut connections =
        (0..CONNECTIONS).map(|_| Connection::new(port, route)).collect::<Result<Vec<_>>>()?;
    connections.iter_mut().try_for_each(Connection::ask)?;
    let begin = Instant::now() + WARM_UP;
    let (mut answered, mut times) = (0_u32, Vec::with_capacity(100_000));
    while Instant::now() < begin + WINDOW {
        for connection in &mut connections {
            let Some(took) = connection.look()? else { continue };
            if connection.sent >= begin {
                times.push(took);
            }
            connection.ask()?;
            answered += 1;
        }
    }
    let whole = begin.elapsed().as_secs_f64();
    times.sort_unstable();
    ensure!(!times.is_empty(), "no response within the measured time");
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    let count = f64::from(u32::try_from(times.len())?);
    Ok(Seen { per_second: count / whole, p50: at(50), p99: at(99), answered: f64::from(answered) })
}

fn cookies(answer: &str) -> Option<String> {
    let lines = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let pairs: Vec<&str> = lines.filter_map(|line| line.split(';').next()).collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}
