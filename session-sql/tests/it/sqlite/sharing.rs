//! Several pools and processes on one file.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use session_core::{Evict, Patch, SessionLimit, Store as _, Token, WriteOutcome};
use session_sql::SqlStore;
use tokio::task::JoinSet;

use super::database::{Files, pool, store};
use crate::support::{count_one, indexed, now, of_user, record};

/// How often each process writes.
const WRITES: usize = 200;

/// Adds to a counter and signs in, `WRITES` times. No call may fail.
async fn write_repeatedly(store: &SqlStore, token: &Token) {
    let value = indexed("ada");
    let limit =
        SessionLimit { name: "user", value: &value, max: 3.try_into().unwrap(), on_full: Evict::Oldest };
    for _ in 0..WRITES {
        assert_eq!(store.update(token, &count_one(), now()).await.unwrap(), WriteOutcome::Done);
        let signed_in = store.create_limited(&of_user("ada"), limit, now()).await.unwrap();
        assert!(signed_in.result.is_some());
    }
}

async fn assert_nothing_is_lost(store: &SqlStore, token: &Token, writers: usize) {
    let record = store.load(token, now()).await.unwrap().unwrap();
    let visits = record.get("visits").unwrap();
    assert_eq!(str::from_utf8(&visits[1..]).unwrap(), (writers * WRITES).to_string());
    assert_eq!(store.find_by("user", &indexed("ada"), &[], now()).await.unwrap().len(), 3);
    assert_eq!(store.count(now()).await.unwrap(), 4);
}

/// Starts this program again, to run the test below on a file.
fn start_process(file: &Path, token: &Token) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "sqlite::sharing::writes_in_a_process_of_its_own", "--ignored"]);
    command.env("SESSION_FILE", file).env("SESSION_TOKEN", token.expose());
    command.stdout(Stdio::null()).spawn().unwrap()
}

#[tokio::test]
#[ignore = "started by the test of several processes"]
async fn writes_in_a_process_of_its_own() {
    let file = PathBuf::from(std::env::var_os("SESSION_FILE").unwrap());
    let token = Token::from(std::env::var("SESSION_TOKEN").unwrap());
    write_repeatedly(&SqlStore::new(pool(&file).await), &token).await;
}

#[tokio::test]
async fn processes_on_one_file_lose_no_writes_and_wait_for_each_other() {
    let files = Files::new();
    let file = files.next();
    let store = store(pool(&file).await).await;
    let token = store.create(&record(), now()).await.unwrap();
    let mut processes = [start_process(&file, &token), start_process(&file, &token)];
    write_repeatedly(&store, &token).await;
    for process in &mut processes {
        assert!(process.wait().unwrap().success());
    }
    assert_nothing_is_lost(&store, &token, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_on_one_file_lose_no_writes_and_wait_for_each_other() {
    let files = Files::new();
    let file = files.next();
    let first = store(pool(&file).await).await;
    let token = first.create(&record(), now()).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let (store, token) = (SqlStore::new(pool(&file).await), token.clone());
        tasks.spawn(async move { write_repeatedly(&store, &token).await });
    }
    tasks.join_all().await;
    assert_nothing_is_lost(&first, &token, 4).await;
}

#[tokio::test]
async fn what_one_pool_writes_or_destroys_the_other_sees_at_once() {
    let files = Files::new();
    let file = files.next();
    let (one, other) = (store(pool(&file).await).await, store(pool(&file).await).await);
    let token = one.create(&record(), now()).await.unwrap();
    assert!(other.load(&token, now()).await.unwrap().is_some());
    let WriteOutcome::NewToken(renewed) = other.renew(&token, &Patch::new(), now()).await.unwrap() else {
        panic!("not renewed");
    };
    assert!(one.load(&token, now()).await.unwrap().is_none());
    assert!(one.destroy(&renewed).await.unwrap());
    assert!(other.load(&renewed, now()).await.unwrap().is_none());
}
