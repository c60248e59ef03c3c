//! Replies to the Redis store: every call returns, whatever the server replies, and a session is absent only if the
//! server reports it.

use std::cell::Cell;
use std::panic;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use session_core::{Change, HandleId, Patch, Record, Store as _, Token};
use session_redis::RedisStore;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::input::Input;
use crate::records::check;
use crate::resp::{USER, fitting, value};
use crate::sealing::{NOW, meta};

/// Number of calls in each run.
const CALLS: u8 = 11;
/// Much longer than the response timeouts of one call.
const HANG: Duration = Duration::from_secs(60);
const HELLO: &[u8] = b"%2\r\n$7\r\nversion\r\n$5\r\n7.4.0\r\n$5\r\nproto\r\n:3\r\n";

thread_local! {
    /// Whether anything panicked on this thread. The panic of a task does not end its runtime.
    static PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// Input: the first call, then the replies of the server.
///
/// # Panics
///
/// When a call does not return, a task panics, or a result is impossible with these replies.
pub fn run(bytes: &[u8]) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICKED.set(true);
            hook(info);
        }));
    });
    let Some((first, input)) = bytes.split_first() else { return };
    let server = Arc::new(Mutex::new(Server { input: input.to_vec(), sent: Vec::new() }));
    // Dropped after the run, and all connections and tasks with it.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let builder = RedisStore::builder(format!("redis://{}", listener.local_addr().unwrap()))
            .response_timeout(Duration::from_millis(10))
            .retries(1)
            .backoff(Duration::from_millis(1));
        let store = builder.build().unwrap();
        tokio::spawn(serve(listener, Arc::clone(&server)));
        for next in 0..CALLS {
            let call = call(first.wrapping_add(next) % CALLS, &store, &server);
            timeout(HANG, call).await.expect("a call ends");
        }
    });
    assert!(!PANICKED.get(), "a task panicked");
}

/// Valid replies to the calls, starting with each of them; then other replies, and values of each type.
pub fn seeds() -> Vec<Vec<u8>> {
    let fitting = (0..CALLS).map(|first| [[first].as_slice(), &[0; 150]].concat());
    let varied = (0..CALLS).map(|first| (0..=200).map(|at: u8| at.wrapping_mul(first * 2 + 37)).collect());
    let values = (0..8).map(|choice| {
        let replies = (0..30).map(|at| [200, at, choice, at * 7, 0]);
        [[choice].as_slice(), replies.collect::<Vec<_>>().as_flattened()].concat()
    });
    fitting.chain(varied).chain(values).collect()
}

async fn call(number: u8, store: &RedisStore, server: &Mutex<Server>) {
    let token = Token::from_bytes(&[7; 32]);
    let patch = Patch::new().set("user", USER);
    match number {
        0 => match store.load(&token, NOW).await {
            Ok(Some(record)) => check_live(&record),
            Ok(None) => assert!(server.lock().unwrap().sent.contains(&b'%'), "absent without a map"),
            Err(_) => {}
        },
        1 => drop(store.create(&Record::new(&meta(), [("user", USER)]), NOW).await),
        2 => {
            let visits = Change::Add { by: 1, min: 0, max: 9, keep: false };
            drop(store.update(&token, &patch.with("visits", visits), NOW).await);
        }
        3 => drop(store.touch(&token, NOW.after(HANG), NOW).await),
        4 => drop(store.renew(&token, &patch, NOW).await),
        5 => drop(store.destroy(&token).await),
        6 => {
            let found = store.find_by("user", USER, &["value"], NOW).await.unwrap_or_default();
            found.iter().for_each(check_live);
            assert!(found.iter().all(|record| record.get("user") == Some(USER)));
        }
        7 => drop(store.count(NOW).await),
        8 => store.list(None, 10, NOW).await.unwrap_or_default().records.iter().for_each(check_live),
        9 => drop(store.destroy_by("user", USER, Some(HandleId::from([8; 16])), NOW).await),
        _ => drop(store.sweep(NOW).await),
    }
}

fn check_live(record: &Record) {
    check(record);
    assert!(record.is_live(NOW));
}

/// A server that closes its connections after the last reply.
struct Server {
    input: Vec<u8>,
    sent: Vec<u8>,
}

impl Server {
    /// Returns the reply to a command, and whether the connection stays open.
    fn reply(&mut self, command: &[Vec<u8>]) -> (Vec<u8>, bool) {
        let mut input = Input::new(&self.input);
        let mut reply = match input.byte() {
            _ if command[0] == b"HELLO" => return (HELLO.to_vec(), true),
            _ if input.is_empty() => return (Vec::new(), false),
            0..160 => fitting(&mut input, command),
            160..240 => value(&mut input, 3),
            _ => input.bytes().to_vec(),
        };
        let cut = input.byte();
        if cut >= 200 {
            reply.truncate(usize::from(input.byte()) % reply.len().max(1));
        }
        self.input = input.rest().to_vec();
        self.sent.extend_from_slice(&reply);
        (reply, !(200..250).contains(&cut))
    }
}

async fn serve(listener: TcpListener, server: Arc<Mutex<Server>>) {
    while let Ok((client, _)) = listener.accept().await {
        // Otherwise a reply waits until the client has acknowledged the one before it.
        client.set_nodelay(true).unwrap();
        let (mut client, server) = (BufReader::new(client), Arc::clone(&server));
        tokio::spawn(async move {
            while let Some(command) = read_command(&mut client).await {
                let (reply, is_open) = server.lock().unwrap().reply(&command);
                if client.write_all(&reply).await.is_err() || !is_open {
                    return;
                }
            }
        });
    }
}

async fn read_command(client: &mut BufReader<TcpStream>) -> Option<Vec<Vec<u8>>> {
    let mut command = Vec::new();
    for _ in 0..read_length(client).await? {
        let mut word = vec![0; read_length(client).await? + 2];
        client.read_exact(&mut word).await.ok()?;
        word.truncate(word.len() - 2);
        command.push(word);
    }
    Some(command)
}

async fn read_length(client: &mut BufReader<TcpStream>) -> Option<usize> {
    let mut line = String::new();
    client.read_line(&mut line).await.ok()?;
    line.get(1..)?.trim_end().parse().ok()
}
