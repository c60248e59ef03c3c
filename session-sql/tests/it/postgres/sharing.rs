//! Several pools and processes on one database.

use std::process::{Child, Command, Stdio};

use session_core::{Change, Evict, Patch, SessionLimit, Store as _, Token, WriteOutcome};
use session_sql::SqlStore;
use tokio::task::JoinSet;

use super::database::{database, pool, store};
use crate::support::{count_one, indexed, now, of_user, record};

/// How often each process writes.
const WRITES: usize = 50;

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

/// Starts this program again, to run the test below on a database.
fn start_process(url: &str, token: &Token) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "postgres::sharing::writes_in_a_process_of_its_own", "--ignored"]);
    command.env("SESSION_DATABASE", url).env("SESSION_TOKEN", token.expose());
    command.stdout(Stdio::null()).spawn().unwrap()
}

#[tokio::test]
#[ignore = "started by the test of several processes"]
async fn writes_in_a_process_of_its_own() {
    let options = std::env::var("SESSION_DATABASE").unwrap().parse().unwrap();
    let token = Token::from(std::env::var("SESSION_TOKEN").unwrap());
    write_repeatedly(&SqlStore::new(pool(options).await), &token).await;
}

#[tokio::test]
async fn processes_on_one_database_lose_no_writes() {
    let options = database().await;
    let url =
        format!("postgres://postgres@127.0.0.1:{}/{}", options.get_port(), options.get_database().unwrap());
    let store = store(pool(options).await).await;
    let token = store.create(&record(), now()).await.unwrap();
    let mut processes = [start_process(&url, &token), start_process(&url, &token)];
    write_repeatedly(&store, &token).await;
    for process in &mut processes {
        assert!(process.wait().unwrap().success());
    }
    assert_nothing_is_lost(&store, &token, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_on_one_database_lose_no_writes_at_any_isolation() {
    for isolation in ["read committed", "repeatable read", "serializable"] {
        let options = database().await.options([("default_transaction_isolation", isolation)]);
        let first = store(pool(options.clone()).await).await;
        let token = first.create(&record(), now()).await.unwrap();
        let mut tasks = JoinSet::new();
        for _ in 0..4 {
            let (store, token) = (SqlStore::new(pool(options.clone()).await), token.clone());
            tasks.spawn(async move { write_repeatedly(&store, &token).await });
        }
        tasks.join_all().await;
        assert_nothing_is_lost(&first, &token, 4).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_comparisons_at_once_exactly_one_succeeds() {
    let options = database().await;
    let stores = [store(pool(options.clone()).await).await, store(pool(options).await).await];
    for expected in [None, Some(b"\x01lovelace".to_vec())] {
        let name = if expected.is_some() { "name" } else { "code" };
        let token = stores[0].create(&record(), now()).await.unwrap();
        let mut tasks = JoinSet::new();
        for at in 0..24_u8 {
            let (store, token) = (stores[usize::from(at % 2)].clone(), token.clone());
            let change = Change::CompareAndSet { expected: expected.clone(), value: Some(vec![1, at]) };
            let patch = Patch::new().with(name, change);
            tasks.spawn(async move { (at, store.update(&token, &patch, now()).await.unwrap()) });
        }
        let written = tasks.join_all().await;
        let done: Vec<_> = written.iter().filter(|(_, written)| *written == WriteOutcome::Done).collect();
        assert_eq!(done.len(), 1, "{written:?}");
        let conflict = WriteOutcome::Conflict(name.to_owned());
        assert_eq!(written.iter().filter(|(_, written)| *written == conflict).count(), 23);
        let record = stores[1].load(&token, now()).await.unwrap().unwrap();
        assert_eq!(record.get(name), Some([1, done[0].0].as_slice()));
    }
}

#[tokio::test]
async fn what_one_pool_writes_or_destroys_the_other_sees_at_once() {
    let options = database().await;
    let (one, other) = (store(pool(options.clone()).await).await, store(pool(options).await).await);
    let token = one.create(&record(), now()).await.unwrap();
    assert!(other.load(&token, now()).await.unwrap().is_some());
    let WriteOutcome::NewToken(renewed) = other.renew(&token, &Patch::new(), now()).await.unwrap() else {
        panic!("not renewed");
    };
    assert!(one.load(&token, now()).await.unwrap().is_none());
    assert!(one.destroy(&renewed).await.unwrap());
    assert!(other.load(&renewed, now()).await.unwrap().is_none());
}
