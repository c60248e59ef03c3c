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
const MAX_RESPONSE: usize = 8192;
const WARM_UP: Duration = Duration::from_millis(100);
const WINDOW: Duration = Duration::from_millis(700);

/// Results of one measurement, as the client saw them.
#[derive(Clone, Copy)]
pub struct Measurement {
    /// Requests per second of all connections together.
    pub per_second: f64,
    /// Median latency in microseconds.
    pub p50: f64,
    /// 99th percentile of latency in microseconds.
    pub p99: f64,
    /// Responses received, warm-up included.
    pub responses: f64,
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.per_second, self.p50, self.p99, self.responses)
    }
}

impl FromStr for Measurement {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let figures = text.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        let [per_second, p50, p99, responses] = figures[..] else {
            anyhow::bail!("expected four numbers: {text}")
        };
        Ok(Self { per_second, p50, p99, responses })
    }
}

/// A keep-alive connection with its own session.
struct Connection {
    stream: TcpStream,
    request: String,
    sent: Instant,
    response: Vec<u8>,
    /// Bytes of the response received so far.
    length: usize,
}

impl Connection {
    fn new(port: u16, route: Route) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        disable_pacing(&stream);
        let request = "GET /new HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned();
        let mut connection =
            Self { stream, request, sent: Instant::now(), response: vec![0; MAX_RESPONSE], length: 0 };
        let mut cookie = String::new();
        if route.has_session() {
            connection.send()?;
            while connection.poll()?.is_none() {}
            let pairs = cookies(std::str::from_utf8(&connection.response[..connection.length])?);
            cookie = format!("cookie: {}\r\n", pairs.as_deref().unwrap_or(COOKIE));
        }
        connection.request = format!("GET {} HTTP/1.1\r\nhost: localhost\r\n{cookie}\r\n", route.path());
        Ok(connection)
    }

    fn send(&mut self) -> Result<()> {
        self.length = 0;
        self.sent = Instant::now();
        Ok(self.stream.write_all(self.request.as_bytes())?)
    }

    /// Reads without blocking. Returns the latency once the response is complete.
    fn poll(&mut self) -> Result<Option<Duration>> {
        let read = match self.stream.read(&mut self.response[self.length..]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            read => read?,
        };
        ensure!(read > 0, "the server closed the connection, or the response is too long");
        self.length += read;
        let response = &self.response[..self.length];
        ensure!(response.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(response));
        Ok(is_complete(response).then(|| self.sent.elapsed()))
    }
}

/// Selects the congestion control `reno`, if available: others pace packets by timers, even on loopback.
pub fn disable_pacing(socket: &impl AsFd) {
    SockRef::from(socket).set_tcp_congestion(b"reno").ok();
}

/// Whether the response is complete. All servers send `content-length`, in lower case. Bodies are short, so the end of
/// the head is searched from the back.
fn is_complete(response: &[u8]) -> bool {
    let Some(head) = response.windows(4).rposition(|window| window == b"\r\n\r\n") else { return false };
    let name = b"content-length: ";
    let Some(length) = response.windows(name.len()).position(|window| window == name) else { return false };
    let digits = response[length + name.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    response.len() >= head + 4 + length
}

/// Requests `route` on all connections and measures for 0.7 s after a warm-up.
///
/// Polls all connections in turn and never sleeps: waking the client would cost the server CPU time, and a slow server
/// more often than a fast one.
///
/// # Errors
///
/// When the server fails or a status is not 200.
pub fn run(port: u16, route: Route) -> Result<Measurement> {
    let mut connections =
        (0..CONNECTIONS).map(|_| Connection::new(port, route)).collect::<Result<Vec<_>>>()?;
    connections.iter_mut().try_for_each(Connection::send)?;
    let begin = Instant::now() + WARM_UP;
    let (mut responses, mut latencies) = (0_u32, Vec::with_capacity(100_000));
    while Instant::now() < begin + WINDOW {
        for connection in &mut connections {
            let Some(latency) = connection.poll()? else { continue };
            if connection.sent >= begin {
                latencies.push(latency);
            }
            connection.send()?;
            responses += 1;
        }
    }
    let elapsed = begin.elapsed().as_secs_f64();
    latencies.sort_unstable();
    ensure!(!latencies.is_empty(), "no response within the measured time");
    let percentile = |share: usize| latencies[(latencies.len() - 1) * share / 100].as_secs_f64() * 1e6;
    let count = f64::from(u32::try_from(latencies.len())?);
    Ok(Measurement {
        per_second: count / elapsed,
        p50: percentile(50),
        p99: percentile(99),
        responses: f64::from(responses),
    })
}

fn cookies(response: &str) -> Option<String> {
    let lines = response.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let pairs: Vec<&str> = lines.filter_map(|line| line.split(';').next()).collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}
