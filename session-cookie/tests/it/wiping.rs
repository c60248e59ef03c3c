//! Keys leave memory when they are dropped: looked up in the memory of a child process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use hkdf::Hkdf;
use session_cookie::{CookieStore, Key};
use session_core::{Patch, Store};
use sha2::Sha256;

use crate::support::{T0, hex, moved, record, unhex};

const SEED: &str = "SESSION_COOKIE_TEST_SEED";
const ALIVE: &str = "the key is alive";
const DROPPED: &str = "the key is dropped";

struct Probe {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Probe {
    /// A child that derives a key from a seed, so that the bytes looked for come from the crate under test alone.
    fn start(seed: &[u8]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["wiping::child", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env(SEED, hex(seed))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, orders, answers }
    }

    fn wait_for(&mut self, answer: &str) {
        let mut line = String::new();
        while !line.contains(answer) {
            line.clear();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "the child ended early");
        }
    }

    fn go_on(&mut self) {
        self.orders.write_all(b"\n").unwrap();
    }

    /// How often any 16 bytes of the key that begin at a multiple of 16 are in the writable memory of the child.
    fn traces(&self, key: &[u8; 64]) -> usize {
        let process = format!("/proc/{}", self.child.id());
        let mut memory = File::open(format!("{process}/mem")).unwrap();
        let mut found = 0;
        for line in fs::read_to_string(format!("{process}/maps")).unwrap().lines() {
            let mut words = line.split(' ');
            let (range, rights) = (words.next().unwrap(), words.next().unwrap());
            if !rights.starts_with("rw") {
                continue;
            }
            let (start, end) = range.split_once('-').unwrap();
            let [start, end] = [start, end].map(|number| u64::from_str_radix(number, 16).unwrap());
            let mut bytes = Vec::new();
            memory.seek(SeekFrom::Start(start)).unwrap();
            // What cannot be read, such as guard pages, holds no key.
            let _ = Read::take(&mut memory, end - start).read_to_end(&mut bytes);
            for part in key.chunks(16) {
                found += bytes.windows(16).filter(|window| window[0] == part[0] && *window == part).count();
            }
        }
        found
    }
}

#[test]
fn nothing_of_a_key_is_in_memory_after_it_was_dropped() {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    let mut key = [0; 64];
    Hkdf::<Sha256>::new(Some(b"session-cookie/v1 key"), &seed).expand(b"wiping", &mut key).unwrap();

    let mut probe = Probe::start(&seed);
    probe.wait_for(ALIVE);
    assert!(probe.traces(&key) >= 4, "the probe sees a key that is in use");
    probe.go_on();
    probe.wait_for(DROPPED);
    assert_eq!(probe.traces(&key), 0);
    probe.go_on();
    assert!(probe.child.wait().unwrap().success());
}

#[tokio::test]
#[ignore = "the child of the test above"]
async fn child() {
    let Ok(seed) = std::env::var(SEED) else {
        return;
    };
    let seed = unhex(&seed);
    let store = CookieStore::builder(Key::derive(&seed, "wiping").unwrap()).stateless().unwrap();
    let token = store.create(&record(), T0).await.unwrap();
    let token = moved(store.update(&token, &Patch::new().set("more", vec![1; 2000]), T0).await.unwrap());
    assert!(store.load(&token, T0).await.unwrap().is_some());

    let mut line = String::new();
    println!("{ALIVE}");
    std::io::stdin().read_line(&mut line).unwrap();
    drop(store);
    println!("{DROPPED}");
    std::io::stdin().read_line(&mut line).unwrap();
}
