//! Replies of a Redis server, built from the fuzzer's bytes.

use std::time::Duration;

use crate::input::Input;
use crate::sealing::NOW;

/// The indexed value that the sessions hold.
pub(crate) const USER: &[u8] = b"\x41ada";
/// The token hash in the key of a session.
const HASH: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const HOUR: Duration = Duration::from_secs(3600);
const ERRORS: [&str; 9] =
    ["NOSCRIPT", "MOVED", "ASK", "READONLY", "LOADING", "BUSY", "CLUSTERDOWN", "WRONGTYPE", "ERR"];
const LINES: [&str; 12] = ["+OK", "-MOVED", "-", "#t", ",1.5", "(12", "_", "$-1", "*-1", ":x", "+a\nb", "|0"];
const LENGTHS: [i128; 6] = [-2, 4096, 1 << 32, (1 << 63) - 1, (1 << 64) - 1, 1 << 64];

/// Returns a reply of the type that the command returns.
pub(crate) fn fitting(input: &mut Input<'_>, command: &[Vec<u8>]) -> Vec<u8> {
    let cursor = bulk(if input.byte() < 200 { "0" } else { "7" });
    match command[0].as_slice() {
        b"HGETALL" => {
            let names: [&[u8]; 6] = [b"m", b"l", b"d", b"f:user", b"f:user", b"f:\xff"];
            let names = names.iter().take(4 + usize::from(input.byte() / 100));
            aggregate('%', names.map(|name| [bulk(name), field(input, name)].concat()))
        }
        b"HMGET" => aggregate('*', command[2..].iter().map(|name| field(input, name))),
        b"HGET" => field(input, &command[2]),
        b"GET" => bulk(HASH),
        b"SCAN" => {
            let keys = [format!("session:{{AA}}{}", &HASH[2..]), format!("session:i:{HASH}")];
            aggregate('*', [cursor, aggregate('*', keys.map(bulk))])
        }
        b"ZSCAN" => aggregate('*', [cursor, aggregate('*', [bulk(HASH), bulk("1")])]),
        // Scripts.
        _ => match input.byte() {
            0..150 => format!(":{}\r\n", 1 - i16::from(input.byte() % 9)).into_bytes(),
            150..190 => [b"*3\r\n:1\r\n".to_vec(), bulk(HASH), bulk(HASH)].concat(),
            190..230 => [b"*3\r\n:-4\r\n".to_vec(), bulk("x"), bulk("9")].concat(),
            _ => bulk("f:visits"),
        },
    }
}

/// Returns a field of a session's hash, mostly one of a live session.
fn field(input: &mut Input<'_>, name: &[u8]) -> Vec<u8> {
    let (now, idle) = (NOW.as_millis(), NOW.after(HOUR).as_millis());
    match (input.byte(), name) {
        (200..220, _) => value(input, 1),
        (220.., _) => bulk(input.bytes()),
        (_, b"m") => bulk([[1].as_slice(), &[7; 16], &now.to_le_bytes()].concat()),
        (_, b"l") => bulk([[0].as_slice(), &3_600_000_u64.to_le_bytes(), &[0xff; 8]].concat()),
        (_, b"d") => bulk(format!("{idle} {}", u64::MAX)),
        _ => bulk(USER),
    }
}

/// Returns an arbitrary value, or a truncated one.
pub(crate) fn value(input: &mut Input<'_>, depth: u8) -> Vec<u8> {
    let (kind, choice, count) = (input.byte(), input.byte(), input.byte());
    let (kind, at) = (char::from(b"*%~>|$"[usize::from(kind) % 6]), usize::from(count));
    let line = match choice % 8 {
        0 => format!("-{} 1 127.0.0.1:1", ERRORS[at % ERRORS.len()]),
        1 => format!(":{}", input.signed()),
        2 => LINES[at % LINES.len()].to_owned(),
        3 => format!("{kind}{}", LENGTHS[at % LENGTHS.len()]),
        4 => format!("{kind}1\r\n").repeat(at) + ":1",
        5 => return bulk(vec![b'x'; at << 9]),
        6 if depth > 0 => return aggregate(kind, (0..count % 4).map(|_| value(input, depth - 1))),
        _ => return bulk(input.bytes()),
    };
    [line.as_bytes(), b"\r\n"].concat()
}

fn bulk(text: impl AsRef<[u8]>) -> Vec<u8> {
    let text = text.as_ref();
    [format!("${}\r\n", text.len()).as_bytes(), text, b"\r\n"].concat()
}

/// Returns an array, or a value of another type with the same number of elements.
fn aggregate(kind: char, parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let parts: Vec<_> = parts.into_iter().collect();
    [format!("{kind}{}\r\n", parts.len()).into_bytes(), parts.concat()].concat()
}
