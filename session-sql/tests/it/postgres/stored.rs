//! What is stored: damage, many sessions, the order of an index, counters.

use session_core::{Patch, Record, Store as _, StoreError};
use session_sql::SqlStore;
use sqlx::PgPool;

use super::database::{database, pool, store};
use crate::support::{MINUTE, indexed, meta, now, of_user};

async fn store_and_pool() -> (SqlStore, PgPool) {
    let pool = pool(database().await).await;
    (store(pool.clone()).await, pool)
}

async fn count(pool: &PgPool, rows: &'static str) -> i64 {
    sqlx::query_scalar(rows).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn neither_the_token_nor_the_name_of_an_unindexed_value_is_stored_beside_the_session() {
    let (store, pool) = store_and_pool().await;
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let key: Vec<u8> = sqlx::query_scalar("select key from session").fetch_one(&pool).await.unwrap();
    assert_eq!(key, token.store_key().unwrap().as_bytes());
    let (name, digest): (String, Vec<u8>) =
        sqlx::query_as("select name, digest from session_value").fetch_one(&pool).await.unwrap();
    assert_eq!((name.as_str(), digest.len()), ("user", 32));
}

#[tokio::test]
async fn a_damaged_session_is_an_error_hides_no_other_and_can_be_destroyed() {
    for statement in [
        "update session set fields = '[]'",
        "update session set fields = '\"x\"'",
        "update session set fields = 'null'",
        "update session set fields = '{\"name\": 7}'",
        "update session set fields = '{\"name\": null}'",
        "update session set fields = '{\"name\": \"no base64\"}'",
        "update session set fields = '{\"na\\\"me\": \"\"}'",
        "update session set fields = '{\"na%4\": \"\"}'",
        "update session set fields = '{\"na%ff\": \"\"}'",
        "update session set indexed = indexed || '{\"name\": {}}'",
        "update session set handle_id = '\\x00'",
        "update session set created_at = -1",
        "update session set authenticated_at = -1",
        "update session set idle_timeout = -1",
    ] {
        let (store, pool) = store_and_pool().await;
        let token = store.create(&of_user("ada"), now()).await.unwrap();
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        let sound = store.create(&of_user("ada"), now()).await.unwrap();
        let loaded = store.load(&token, now()).await;
        assert!(matches!(loaded, Err(StoreError::Corrupt(_))), "{statement}: {loaded:?}");
        assert_eq!(store.list(None, 10, now()).await.unwrap().records.len(), 1, "{statement}");
        assert!(store.load(&sound, now()).await.unwrap().is_some());
        for written in [
            store.update(&token, &Patch::new().set("theme", *b"dark"), now()).await.map(drop),
            store.update(&token, &Patch::new().keep_only(["name", "user"]), now()).await.map(drop),
        ] {
            assert!(matches!(written, Ok(()) | Err(StoreError::Corrupt(_))), "{statement}: {written:?}");
        }

        let value = indexed("ada");
        let destroyed = store.destroy_by("user", &value, None, now()).await.unwrap();
        assert_eq!(destroyed.len(), if statement.contains("handle_id") { 1 } else { 2 }, "{statement}");
        assert_eq!(count(&pool, "select count(*) from session").await, 0, "{statement}");
    }
}

/// More than twice as many sessions of ada as one statement destroys.
const MANY: u64 = 4_500;

async fn create_many(store: &SqlStore, pool: &PgPool) {
    store.create(&of_user("ada"), now()).await.unwrap();
    let copies = "with copied as (
            insert into session (key, handle_id, created_at, idle_deadline, idle_timeout, lifetime_deadline, remember,
                fields, indexed)
            select sha256(n::text::bytea), substr(sha256(n::text::bytea), 1, 16), created_at, idle_deadline,
                idle_timeout, lifetime_deadline, remember, fields, indexed
            from session, generate_series(2, $1) n returning id
        )
        insert into session_value (session_id, name, digest)
        select c.id, v.name, v.digest from copied c, session_value v";
    let many = i64::try_from(MANY).unwrap();
    sqlx::query(copies).bind(many).execute(pool).await.unwrap();
}

#[tokio::test]
async fn more_sessions_than_one_statement_destroys_are_swept_cleared_and_destroyed_by_their_value() {
    let (store, pool) = store_and_pool().await;
    let value = indexed("ada");
    let except = of_user("ada");
    create_many(&store, &pool).await;
    store.create(&except, now()).await.unwrap();
    let id = except.meta().id;
    let destroyed = store.destroy_by("user", &value, Some(id), now()).await.unwrap();
    assert_eq!((destroyed.len() as u64, store.count(now()).await.unwrap()), (MANY, 1));
    assert!(!destroyed.contains(&id));
    assert_eq!(store.clear().await.unwrap(), 1);

    create_many(&store, &pool).await;
    assert_eq!(store.sweep(now()).await.unwrap(), 0);
    assert_eq!(store.sweep(now().after(31 * MINUTE)).await.unwrap(), MANY);

    create_many(&store, &pool).await;
    assert_eq!(store.find_by("user", &value, &[], now()).await.unwrap().len() as u64, MANY);
    assert_eq!(store.clear().await.unwrap(), MANY);
    assert_eq!(count(&pool, "select count(*) from session_value").await, 0);
}

#[tokio::test]
async fn a_value_that_a_session_gave_up_counts_no_more_and_anew_when_it_is_set_again() {
    let (store, pool) = store_and_pool().await;
    let (user, value) = (Patch::new().set("user", indexed("ada")), indexed("ada"));
    let (first, second) = (of_user("ada"), of_user("ada"));
    let token = store.create(&first, now()).await.unwrap();
    store.create(&second, now()).await.unwrap();
    for given_up in [
        Patch::new().remove("user"),
        Patch::new().set("user", *b"\x01ada"),
        Patch::new().keep_only(["name"]),
        Patch::new().set("user", indexed("bob")),
    ] {
        let _ = store.update(&token, &given_up, now()).await.unwrap();
        assert_eq!(store.find_by("user", &value, &[], now()).await.unwrap().len(), 1, "{given_up:?}");
        let _ = store.update(&token, &user, now()).await.unwrap();
        assert_eq!(store.find_by("user", &value, &[], now()).await.unwrap().len(), 2, "{given_up:?}");
    }
    let limit = session_core::SessionLimit {
        name: "user",
        value: &value,
        max: 2.try_into().unwrap(),
        on_full: session_core::Evict::Oldest,
    };
    let created = store.create_limited(&of_user("ada"), limit, now()).await.unwrap();
    assert_eq!(created.evicted, [second.meta().id]);
    assert_eq!(count(&pool, "select count(*) from session_value").await, 2);
}

#[tokio::test]
async fn counters_of_any_stored_form_are_added_to() {
    let (store, _) = store_and_pool().await;
    for (stored, sum) in [
        (b"\x0341".as_slice(), b"\x0342".as_slice()),
        (b"\x8341", b"\x0342"),
        (b"\x03+007", b"\x038"),
        (b"\x03-1", b"\x030"),
        (b"\x039223372036854775807", b"\x039223372036854775807"),
        (b"\x039223372036854775808", b"\x031"),
        (b"\x0399999999999999999999999999", b"\x031"),
        (b"\x03", b"\x031"),
        (b"\x03-", b"\x031"),
        (b"\x034 1", b"\x031"),
        (b"\x0141", b"\x031"),
        (b"\x03\xff", b"\x031"),
        (b"", b"\x031"),
        (b"\x4341", b"\x0342"),
    ] {
        let record = Record::new(&meta(), [("visits", stored)]);
        let token = store.create(&record, now()).await.unwrap();
        let _ = store.update(&token, &crate::support::count_one(), now()).await.unwrap();
        let counted = store.load(&token, now()).await.unwrap().unwrap();
        assert_eq!(counted.get("visits"), Some(sum), "{}", stored.escape_ascii());
        let applied = record.apply(&crate::support::count_one()).unwrap();
        assert_eq!(counted, applied);
    }
}
