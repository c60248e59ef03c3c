//! How many messages a call takes.

use std::num::NonZeroUsize;

use session_core::{Evict, Patch, Revocations as _, SessionLimit, Store as _, Token, WriteOutcome};
use sqlx::mysql::MySqlPoolOptions;

use super::database::{options_through, store};
use crate::revocations::name;
use crate::support::{MINUTE, count_one, indexed, key, now, of_user, record};

/// The token of a renewed session.
fn renewed(outcome: WriteOutcome) -> Token {
    match outcome {
        WriteOutcome::NewToken(token) => token,
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn a_call_takes_one_message_and_a_write_that_depends_on_the_record_two() {
    let (options, proxy) = options_through().await;
    let pool = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false);
    let store = store(pool.connect_with(options).await.unwrap()).await;
    let value = indexed("ada");
    let max = NonZeroUsize::new(2).unwrap();
    let limit = SessionLimit { name: "user", value: &value, max, on_full: Evict::Oldest };
    let sign_in = Patch::new().set("user", value.clone());
    // Statements are prepared once for each connection, which takes a message more.
    for round in 0..2 {
        let mut sent = Vec::new();
        proxy.take_passed();
        let mut count = |call: &'static str| sent.push((call, proxy.take_passed()));
        let token = store.create(&of_user("ada"), now()).await.unwrap();
        count("create");
        store.load(&token, now()).await.unwrap().unwrap();
        count("load");
        let _ = store.touch(&token, now().after(40 * MINUTE), now()).await.unwrap();
        count("touch");
        let _ = store.update(&token, &count_one(), now()).await.unwrap();
        count("update");
        let token = renewed(store.renew(&token, &Patch::new(), now()).await.unwrap());
        count("renew");
        store.find_by("user", &value, &[], now()).await.unwrap();
        count("find_by");
        let _ = store.create_limited(&of_user("ada"), limit, now()).await.unwrap();
        count("create_limited");
        let anonymous = store.create(&record(), now()).await.unwrap();
        count("create");
        let signed_in = store.renew_limited(&anonymous, &sign_in, limit, now()).await.unwrap();
        count("renew_limited");
        assert_eq!(signed_in.evicted.len(), 1);
        let _ = store.update(&token, &count_one(), now()).await.unwrap();
        count("update of a session that is gone");
        store.destroy(&renewed(signed_in.result)).await.unwrap();
        count("destroy");
        store.destroy_by("user", &value, None, now()).await.unwrap();
        count("destroy_by");
        store.count(now()).await.unwrap();
        count("count");
        store.list(None, 10, now()).await.unwrap();
        count("list");
        store.raise(name(1), 7, now().after(MINUTE), now()).await.unwrap();
        count("raise");
        store.floors(&[name(2), name(1)], now()).await.unwrap();
        count("floors");
        if round == 1 {
            let expected = [
                ("create", 1),
                ("load", 1),
                ("touch", 1),
                ("update", 2),
                ("renew", 2),
                ("find_by", 1),
                ("create_limited", 2),
                ("create", 1),
                ("renew_limited", 2),
                ("update of a session that is gone", 2),
                ("destroy", 1),
                ("destroy_by", 2),
                ("count", 1),
                ("list", 1),
                ("raise", 1),
                ("floors", 1),
            ];
            assert_eq!(sent, expected);
        }
    }
}

#[tokio::test]
async fn writes_of_a_sealed_session_are_two_messages_and_reads_one() {
    let (options, proxy) = options_through().await;
    let pool = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false);
    let store = store(pool.connect_with(options).await.unwrap()).await.seal(key(2), [key(1)]);
    let value = indexed("ada");
    // Statements are prepared once for each connection, which takes a message more.
    for round in 0..2 {
        let mut sent = Vec::new();
        proxy.take_passed();
        let mut count = |call: &'static str| sent.push((call, proxy.take_passed()));
        let token = store.create(&of_user("ada"), now()).await.unwrap();
        count("create");
        store.load(&token, now()).await.unwrap().unwrap();
        count("load");
        let _ = store.touch(&token, now().after(40 * MINUTE), now()).await.unwrap();
        count("touch");
        let _ = store.update(&token, &count_one(), now()).await.unwrap();
        count("update");
        renewed(store.renew(&token, &Patch::new(), now()).await.unwrap());
        count("renew");
        store.find_by("user", &value, &[], now()).await.unwrap();
        count("find_by");
        if round == 1 {
            let expected =
                [("create", 1), ("load", 1), ("touch", 2), ("update", 2), ("renew", 2), ("find_by", 1)];
            assert_eq!(sent, expected);
        }
    }
}
