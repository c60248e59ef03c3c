//! Sealing and opening compared with plain `aes-siv`, with `aes-siv` and base64, and with the private jar of `cookie`.
//!
//! `cargo bench -p session-cookie` measures time; with `-- --instructions` it counts instructions under valgrind.

use std::hint::black_box;
use std::pin::pin;
use std::process::Command;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use base64::Engine;
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;
use cookie::{Cookie, CookieJar};
use criterion::{BenchmarkId, Criterion, Throughput};
use session_cookie::{CookieStore, Key};
use session_core::{HandleId, Meta, Record, Store, Timestamp, Token};

const SIZES: [usize; 3] = [200, 1000, 2900];
const WORK: [(&str, &str); 8] = [
    ("seal", "session-cookie"),
    ("seal", "aes-siv"),
    ("seal", "aes-siv in base64"),
    ("seal", "private jar"),
    ("open", "session-cookie"),
    ("open", "aes-siv"),
    ("open", "aes-siv in base64"),
    ("open", "private jar"),
];
const APP: &str = "bench";
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Random bytes, the same for the whole process.
fn key_bytes() -> [u8; 64] {
    static BYTES: LazyLock<[u8; 64]> = LazyLock::new(|| {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).unwrap();
        bytes
    });
    *BYTES
}

/// Returns a record of exactly this size.
fn record(bytes: usize) -> Record {
    let meta = Meta {
        id: HandleId::from([7; 16]),
        created_at: NOW,
        authenticated_at: None,
        idle_deadline: Timestamp::NEVER,
        idle_timeout: Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        remember: false,
    };
    let blob = |length| Record::new(&meta, [("blob", vec![b'x'; length].as_slice())]);
    let overhead = blob(bytes / 2).as_bytes().len() - bytes / 2;
    blob(bytes - overhead)
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("a store without server state never waits"),
    }
}

fn nonce() -> [u8; 16] {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).unwrap();
    nonce
}

fn headers(nonce: &[u8; 16]) -> [&[u8]; 5] {
    [b"session-cookie/v1", b"__Host-session", APP.as_bytes(), b"\x01abcd", nonce]
}

/// Prepares one operation on a record of this size. The operation returns its token, because wiping it on drop is not
/// part of sealing.
fn prepare(what: &str, by: &str, bytes: usize) -> Box<dyn Fn() -> Option<Token>> {
    let record = record(bytes);
    let store = CookieStore::builder(Key::from_bytes(key_bytes()).unwrap(), APP).stateless().unwrap();
    let seal = move || ready(store.create(&record, NOW)).unwrap();
    // The size of what the store seals, with header and padding.
    let padded = vec![b'x'; (bytes + 36).next_multiple_of(64)];
    let key = key_bytes().into();
    let jar_key = cookie::Key::from(&key_bytes());
    let base64 = Simd::url_safe(NO_PAD);
    let text = String::from_utf8(vec![b'x'; bytes]).unwrap();
    match (what, by) {
        ("seal", "session-cookie") => Box::new(move || Some(seal())),
        ("seal", "aes-siv") => Box::new(move || {
            black_box(Aes256Siv::new(&key).encrypt(headers(&nonce()), black_box(&padded)).unwrap());
            None
        }),
        ("seal", "aes-siv in base64") => Box::new(move || {
            let sealed = Aes256Siv::new(&key).encrypt(headers(&nonce()), black_box(&padded)).unwrap();
            black_box(base64.encode(sealed));
            None
        }),
        ("seal", _) => Box::new(move || {
            let mut jar = CookieJar::new();
            jar.private_mut(&jar_key).add(Cookie::new("__Host-session", text.clone()));
            black_box(&jar);
            None
        }),
        ("open", "session-cookie") => {
            let text = seal().expose().to_owned();
            let store = CookieStore::builder(Key::from_bytes(key_bytes()).unwrap(), APP).stateless().unwrap();
            Box::new(move || {
                // A token that was opened before has its contents cached.
                let token = Token::from(black_box(text.as_str()));
                black_box(ready(store.load(&token, NOW)).unwrap().unwrap());
                Some(token)
            })
        }
        ("open", "aes-siv") => {
            let sealed = Aes256Siv::new(&key).encrypt(headers(&[0; 16]), &padded).unwrap();
            Box::new(move || {
                black_box(Aes256Siv::new(&key).decrypt(headers(&[0; 16]), black_box(&sealed)).unwrap());
                None
            })
        }
        ("open", "aes-siv in base64") => {
            let text = base64.encode(Aes256Siv::new(&key).encrypt(headers(&[0; 16]), &padded).unwrap());
            Box::new(move || {
                let sealed = base64.decode(black_box(&text)).unwrap();
                black_box(Aes256Siv::new(&key).decrypt(headers(&[0; 16]), &sealed).unwrap());
                None
            })
        }
        _ => {
            let mut jar = CookieJar::new();
            jar.private_mut(&jar_key).add(Cookie::new("__Host-session", text));
            Box::new(move || {
                black_box(jar.private(&jar_key).get("__Host-session").unwrap());
                None
            })
        }
    }
}

fn time() {
    let mut criterion = Criterion::default().configure_from_args();
    for what in ["seal", "open"] {
        let mut group = criterion.benchmark_group(what);
        for bytes in SIZES {
            group.throughput(Throughput::Bytes(bytes as u64));
            for (_, by) in WORK.iter().filter(|work| work.0 == what) {
                let work = prepare(what, by, bytes);
                group.bench_function(BenchmarkId::new(*by, bytes), |bencher| {
                    bencher.iter_with_large_drop(&work);
                });
            }
        }
        group.finish();
    }
    criterion.final_summary();
}

/// Repetitions that are counted together, to average over.
const TIMES: u64 = 200;

/// Returns the instructions per operation, counted by valgrind.
fn instructions(what: &str, by: &str, bytes: usize) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(["--collect-atstart=no", "--toggle-collect=*counted_by_callgrind*"])
        .arg(std::env::current_exe().unwrap())
        .args(["--repeat", what, by, &bytes.to_string()])
        .output()
        .expect("counting instructions needs valgrind");
    let report = String::from_utf8_lossy(&output.stderr);
    let collected =
        report.lines().find_map(|line| line.split_once("Collected : ")).expect("valgrind reports a count");
    collected.1.trim().parse::<u64>().unwrap() / TIMES
}

fn count() {
    for bytes in SIZES {
        for (what, by) in WORK {
            let each = instructions(what, by, bytes);
            println!("{what} {bytes:>5} B  {by:<17} {each:>8} instructions");
        }
    }
}

/// The function that valgrind counts: the operation, without dropping the token.
#[inline(never)]
fn counted_by_callgrind(work: &dyn Fn() -> Option<Token>) -> Option<Token> {
    black_box(work())
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--repeat", what, by, bytes] => {
            let work = prepare(what, by, bytes.parse().unwrap());
            work();
            for _ in 0..TIMES {
                counted_by_callgrind(&work);
            }
        }
        ["--instructions", ..] => count(),
        _ => time(),
    }
}
