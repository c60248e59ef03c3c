//! Ids, tokens, keys and values in texts and stores.

use session_adopt::{Key, OldCookie, OldSession, OldSessions as _, tower_sessions};
use session_core::{Timestamp, Token};
use sqlx::sqlite::SqlitePoolOptions;

#[test]
fn debug_shows_neither_values_nor_keys() {
    let values = [("user_id".to_owned(), "secret".into())].into_iter().collect();
    let old = OldSession::new(values, None);
    assert_eq!(format!("{old:?}"), r#"OldSession { names: ["user_id"], expires_at: None }"#);
    let error = old.get::<u64>("user_id").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
    let cookie = OldCookie::new("id").private(Key::from(&[7; 64]));
    assert_eq!(format!("{cookie:?}"), r#"OldCookie { name: "id", path: "/", domain: None, .. }"#);
}

#[tokio::test]
async fn the_old_store_contains_neither_the_old_id_nor_the_new_token() {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::query("create table tower_sessions (id text primary key, data blob, expiry_date)")
        .execute(&pool)
        .await
        .unwrap();
    let id = "AQAAAAAAAAAAAAAAAAAAAA";
    sqlx::query("insert into tower_sessions values (?, x'', 0)").bind(id).execute(&pool).await.unwrap();
    let token = Token::random().unwrap();
    let old = tower_sessions::sqlite(pool.clone());
    assert!(old.replace(id, &token, Timestamp::from_millis(0)).await.unwrap());
    let rows: Vec<(String, String)> =
        sqlx::query_as("select id, cast(data as text) from tower_sessions").fetch_all(&pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    let text = format!("{rows:?}");
    assert!(!text.contains(id) && !text.contains(token.expose()), "{text}");
}
