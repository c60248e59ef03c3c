//! Sessions of all sizes: within their row, and outside of it.

use session_core::{Patch, Record, Store as _, StoreError};
use session_sql::SqlStore;
use sqlx::PgPool;

use super::database::{database, pool, store};
use crate::support::{indexed, meta, now};

/// Lengths of a value below and above those at which PostgreSQL stores it outside of its row.
const LENGTHS: [usize; 8] = [0, 1, 1_000, 1_100, 1_200, 3_000, 10_000, 60_000];

async fn store_and_pool() -> (SqlStore, PgPool) {
    let pool = pool(database().await).await;
    (store(pool.clone()).await, pool)
}

fn record_with(value: &[u8]) -> Record {
    let user = indexed("ada");
    let fields: [(&str, &[u8]); 5] = [
        ("value", value),
        ("empty", b""),
        ("a \"name\" of 100 %\\\0", b"\x00\xff"),
        ("größe", b"\x01L"),
        ("user", &user),
    ];
    Record::new(&meta(), fields)
}

#[tokio::test]
async fn sessions_of_any_size_are_loaded_and_listed_as_they_were_stored() {
    let (store, _) = store_and_pool().await;
    for length in LENGTHS {
        let value: Vec<u8> = (0..length).map(|index| (index * index % 251).try_into().unwrap()).collect();
        let record = record_with(&value);
        let token = store.create(&record, now()).await.unwrap();
        assert_eq!(store.load(&token, now()).await.unwrap().as_ref(), Some(&record), "{length}");
        assert_eq!(
            store.list(None, 1, now()).await.unwrap().records,
            std::slice::from_ref(&record),
            "{length}"
        );

        let patch = Patch::new().set("small", *b"\x01small").remove("empty");
        let _ = store.update(&token, &patch, now()).await.unwrap();
        let loaded = store.load(&token, now()).await.unwrap().unwrap();
        assert_eq!(loaded, record.apply(&patch).unwrap(), "{length}");
    }
}

#[tokio::test]
async fn a_large_session_that_is_damaged_is_an_error_and_hides_no_other() {
    for damaged in [
        "to_jsonb(array[fields])",
        "to_jsonb(fields::text)",
        "fields || '{\"name\": 7}'",
        "fields || '{\"name\": null}'",
        "fields || '{\"name\": {}}'",
        "fields || '{\"name\": []}'",
        "fields || '{\"name\": \"no base64\"}'",
        "fields || '{\"na\\\"me\": \"\"}'",
        "fields || '{\"na%ff\": \"\"}'",
    ] {
        let (store, pool) = store_and_pool().await;
        let token = store.create(&record_with(&[7; 5_000]), now()).await.unwrap();
        let damage = format!("update session set fields = {damaged}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(damage)).execute(&pool).await.unwrap();
        let sound = store.create(&record_with(&[7; 5_000]), now()).await.unwrap();
        let loaded = store.load(&token, now()).await;
        assert!(matches!(loaded, Err(StoreError::Corrupt(_))), "{damaged}: {loaded:?}");
        assert_eq!(store.list(None, 10, now()).await.unwrap().records.len(), 1, "{damaged}");
        assert!(store.load(&sound, now()).await.unwrap().is_some());
        assert!(store.destroy(&token).await.unwrap());
    }
}
