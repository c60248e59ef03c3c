//! Erasure of key material, checked by scanning the memory of a child process for key bytes and AES round keys.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use aes::hazmat::{cipher_round, inv_mix_columns};
use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use hkdf::Hkdf;
use session_cookie::{CookieStore, Key};
use session_core::{Patch, Store};
use sha2::Sha256;

use crate::support::{APP, T0, hex, new_token, record, unhex};

const SEED: &str = "SESSION_COOKIE_TEST_SEED";
const ALIVE: &str = "the key is alive, and the stack ends at ";
const DROPPED: &str = "the key is dropped";
/// Far more than the stack that a cipher uses.
const STACK: u64 = 128 * 1024;

struct Probe {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Probe {
    /// Starts a child that derives its key from a seed, so that only the crate under test puts key bytes in memory.
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

    /// Reads output of the child up to `answer` and returns the rest of that line.
    fn wait_for(&mut self, answer: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "the child ended early");
            if let Some((_, rest)) = line.split_once(answer) {
                return rest.trim().to_owned();
            }
        }
    }

    fn go_on(&mut self) {
        self.orders.write_all(b"\n").unwrap();
    }

    /// Returns the addresses of these blocks in the writable memory of the child.
    fn traces(&self, blocks: &HashSet<Block>) -> Vec<u64> {
        let process = format!("/proc/{}", self.child.id());
        let mut memory = File::open(format!("{process}/mem")).unwrap();
        let mut starts = [false; 256];
        for block in blocks {
            starts[usize::from(block[0])] = true;
        }
        let mut found = Vec::new();
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
            // Unreadable pages, such as guard pages, hold no key.
            let _ = Read::take(&mut memory, end - start).read_to_end(&mut bytes);
            let traces = (start..)
                .zip(bytes.windows(16))
                .filter(|(_, window)| starts[usize::from(window[0])] && blocks.contains(*window));
            found.extend(traces.map(|(address, _)| address));
        }
        found
    }
}

type Block = [u8; 16];

/// Returns the 15 round keys of AES-256, which start with the key itself (FIPS 197, 5.2), and those of the equivalent
/// inverse cipher (5.3.5).
fn round_keys(key: &[u8]) -> Vec<Block> {
    let mut words: Vec<[u8; 4]> = key.as_chunks().0.to_vec();
    let mut constant = 1;
    for index in 8..60 {
        let mut word = words[index - 1];
        if index % 4 == 0 {
            word = word.map(substituted);
        }
        if index % 8 == 0 {
            word.rotate_left(1);
            word[0] ^= constant;
            constant *= 2;
        }
        words.push(std::array::from_fn(|byte| word[byte] ^ words[index - 8][byte]));
    }
    let keys: &[Block] = words.as_flattened().as_chunks().0;
    let inverse = keys.iter().map(|key| {
        let mut key = (*key).into();
        inv_mix_columns(&mut key);
        key.into()
    });
    keys.iter().copied().chain(inverse).collect()
}

/// The AES S-box, computed by a round on a block of equal bytes.
fn substituted(byte: u8) -> u8 {
    let mut block = [byte; 16].into();
    cipher_round(&mut block, &[0; 16].into());
    block[0]
}

/// Derives a key as [`Key::derive`] does: `wiping` for the store under test, `control` for a cipher kept as a control.
fn derived(seed: &[u8], context: &str) -> [u8; 64] {
    let mut key = [0; 64];
    Hkdf::<Sha256>::new(Some(b"session-cookie/v1 key"), seed).expand(context.as_bytes(), &mut key).unwrap();
    key
}

/// Returns the round keys of both halves of a key.
fn blocks_of(key: &[u8; 64]) -> HashSet<Block> {
    key.chunks(32).flat_map(round_keys).collect()
}

#[test]
fn a_live_key_is_in_memory_once_without_round_keys_and_a_dropped_key_nowhere() {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    let key = derived(&seed, "wiping");
    let blocks = blocks_of(&key);

    let mut probe = Probe::start(&seed);
    let stack = u64::from_str_radix(probe.wait_for(ALIVE).trim_start_matches("0x"), 16).unwrap();
    let control = probe.traces(&blocks_of(&derived(&seed, "control")));
    assert!(control.len() > 4 + 14, "the probe finds the round keys of a live cipher: {control:x?}");
    let traces = probe.traces(&blocks);
    let left: Vec<_> = traces.iter().filter(|trace| (stack - STACK..stack).contains(trace)).collect();
    assert!(left.is_empty(), "below {stack:x} on the stack: {left:x?}");
    let bytes = probe.traces(&key.as_chunks().0.iter().copied().collect());
    assert_eq!(bytes.len(), 4, "the key itself is in memory once: {bytes:x?}");
    assert_eq!(traces, bytes, "no round keys are left");
    probe.go_on();
    probe.wait_for(DROPPED);
    assert_eq!(probe.traces(&blocks), Vec::<u64>::new());
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
    let control = Box::new(Aes256Siv::new(&derived(&seed, "control").into()));
    let store = CookieStore::builder(Key::derive(&seed, "wiping").unwrap(), APP).stateless().unwrap();
    let token = store.create(&record(), T0).await.unwrap();
    let token = new_token(store.update(&token, &Patch::new().set("more", vec![1; 2000]), T0).await.unwrap());
    assert!(store.load(&token, T0).await.unwrap().is_some());

    let mut line = String::new();
    println!("{ALIVE}{:p}", &raw const line);
    std::io::stdin().read_line(&mut line).unwrap();
    drop(store);
    println!("{DROPPED}");
    std::io::stdin().read_line(&mut line).unwrap();
    drop(control);
}
