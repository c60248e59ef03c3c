//! A client that asks over kept connections, each time as soon as the last answer is there.

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

/// One that is kept, with a session of its own.
struct Connection {
    stream: TcpStream,
    request: String,
    sent: Instant,
    answer: Vec<u8>,
    /// The part of it that is there.
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

    /// Looks for more of the answer, and says how long it took from the question if that was its end.
    fn look(&mut self) -> Result<Option<Duration>> {
        let read = match self.stream.read(&mut self.answer[self.length..]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            read => read?,
        };
        ensure!(read > 0, "the server hung up, or answers with too much");
        self.length += read;
        let answer = &self.answer[..self.length];
        ensure!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(answer));
        Ok(is_whole(answer).then(|| self.sent.elapsed()))
    }
}

/// Takes the oldest way to avoid congestion, where it is there: others hold packets back by timers, also on loopback.
pub fn unpaced(socket: &impl AsFd) {
    SockRef::from(socket).set_tcp_congestion(b"reno").ok();
}

/// Whether an answer is there to its end. All have a length, in lower case; bodies are short, so that the head's end
/// is near the answer's.
fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).rposition(|window| window == b"\r\n\r\n") else { return false };
    let name = b"content-length: ";
    let Some(length) = answer.windows(name.len()).position(|window| window == name) else { return false };
    let digits = answer[length + name.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    answer.len() >= head + 4 + length
}

/// Asks for a route for a while, on each connection again as soon as its answer is there.
///
/// It looks at all connections in turn and never sleeps: the server would pay for waking it, and the slower the server,
/// the more often.
///
/// # Errors
///
/// When the server does not answer status 200.
pub fn run(port: u16, route: Route) -> Result<Seen> {
    let mut connections =
        (0..CONNECTIONS).map(|_| Connection::new(port, route)).collect::<Result<Vec<_>>>()?;
    connections.iter_mut().try_for_each(Connection::ask)?;
    let begin = Instant::now() + WARM_UP;
    let (mut answered, mut times) = (0_u32, Vec::with_capacity(100_000));
    while Instant::now() < begin + TURN {
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
    ensure!(!times.is_empty(), "the server answered nothing");
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    let count = f64::from(u32::try_from(times.len())?);
    Ok(Seen { per_second: count / whole, p50: at(50), p99: at(99), answered: f64::from(answered) })
}

fn cookies(answer: &str) -> Option<String> {
    let lines = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let pairs: Vec<&str> = lines.filter_map(|line| line.split(';').next()).collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}
