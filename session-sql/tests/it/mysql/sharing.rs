//! Storms of sign-ins, of several processes as it were: pools of their own.

use session_core::{Evict, Patch, SessionLimit, Store as _, WriteOutcome};
use session_sql::SqlStore;
use tokio::task::JoinSet;

use super::database::{options, pool, store};
use crate::support::{count_one, indexed, now, of_user, record};

#[tokio::test(flavor = "multi_thread")]
async fn pools_lose_no_writes_and_no_call_fails_in_a_storm_of_sign_ins_and_sign_outs() {
    let options = options().await;
    let first = store(pool(options.clone()).await).await;
    let token = first.create(&record(), now()).await.unwrap();
    let mut tasks = JoinSet::new();
    for task in 0..12 {
        let (store, token) = (SqlStore::new(pool(options.clone()).await), token.clone());
        tasks.spawn(async move {
            let value = indexed("ada");
            let max = 3.try_into().unwrap();
            let limit = SessionLimit { name: "user", value: &value, max, on_full: Evict::Oldest };
            for round in 0..20 {
                assert_eq!(store.update(&token, &count_one(), now()).await.unwrap(), WriteOutcome::Done);
                let signed_in = store.create_limited(&of_user("ada"), limit, now()).await.unwrap();
                let mine = signed_in.result.unwrap();
                let patch = Patch::new().set("user", value.clone());
                let anonymous = store.create(&record(), now()).await.unwrap();
                let _ = store.renew_limited(&anonymous, &patch, limit, now()).await.unwrap();
                match (task + round) % 4 {
                    0 => drop(store.destroy_by("user", &value, None, now()).await.unwrap()),
                    1 => drop(store.renew(&mine, &Patch::new(), now()).await.unwrap()),
                    2 => drop(store.destroy(&mine).await.unwrap()),
                    _ => drop(store.sweep(now()).await.unwrap()),
                }
            }
        });
    }
    tasks.join_all().await;
    let record = first.load(&token, now()).await.unwrap().unwrap();
    assert_eq!(record.get("visits").map(|value| &value[1..]), Some(b"240".as_slice()));
    assert!(first.find_by("user", &indexed("ada"), &[], now()).await.unwrap().len() <= 3);
}

#[tokio::test]
async fn what_one_pool_writes_or_destroys_the_other_sees_at_once() {
    let options = options().await;
    let (one, other) = (store(pool(options.clone()).await).await, SqlStore::new(pool(options).await));
    let token = one.create(&record(), now()).await.unwrap();
    assert!(other.load(&token, now()).await.unwrap().is_some());
    let WriteOutcome::NewToken(renewed) = other.renew(&token, &Patch::new(), now()).await.unwrap() else {
        panic!("not renewed");
    };
    assert!(one.load(&token, now()).await.unwrap().is_none());
    assert!(one.destroy(&renewed).await.unwrap());
    assert!(other.load(&renewed, now()).await.unwrap().is_none());
}
