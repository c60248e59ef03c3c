//! What is stored, in each database: deadlines, damage, expired sessions.

use std::time::Duration;

use session_core::{Meta, Patch, Record, Refusal, Store as _, StoreError, Timestamp, Token};

use crate::support::{Database, MINUTE, indexed, meta, now, of_user, run_on};

async fn a_session_without_deadlines_is_read_as_it_was_written_and_never_swept<D: Database>() {
    let store = D::new().await.store();
    let meta = Meta {
        idle_deadline: Timestamp::NEVER,
        idle_timeout: Duration::MAX,
        lifetime_deadline: Timestamp::NEVER,
        ..meta()
    };
    let token = store.create(&Record::new(&meta, []), now()).await.unwrap();
    let far = Timestamp::from_millis(i64::MAX.unsigned_abs() - 1);
    assert_eq!(store.load(&token, far).await.unwrap().unwrap().meta(), meta);
    assert_eq!(store.sweep(far).await.unwrap(), 0);
    assert_eq!(store.count(far).await.unwrap(), 1);
    assert_eq!(store.sweep(Timestamp::NEVER).await.unwrap(), 1);
}

async fn neither_the_token_nor_an_indexed_value_is_stored_outside_of_the_record<D: Database>() {
    let database = D::new().await;
    let store = database.store();
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let hidden = "select count(*) from session where length(record) > 0 and length(handle_id) = 16";
    assert_eq!(database.number(hidden).await, 1);
    let key = token.store_key().unwrap();
    let (first, last) = key.as_bytes().split_at(16);
    let half = |bytes: &[u8]| u128::from_be_bytes(bytes.try_into().unwrap());
    let key = format!("{:032x}{:032x}", half(first), half(last));
    assert_eq!(database.text("select lower(hex(s.key)) from session s").await, key);
    assert_eq!(database.number("select length(digest) from session_value").await, 32);
}

async fn a_damaged_session_is_an_error_hides_no_other_and_can_be_destroyed<D: Database>() {
    for statement in [
        "update session set record = x'00'",
        "update session set record = x''",
        "update session set created_at = -1",
        "update session set authenticated_at = -1",
        "update session set idle_timeout = -1",
    ] {
        assert_damage_is_contained::<D>(statement, 2).await;
    }
    let database = D::new().await;
    let store = database.store();
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    database.execute("update session set record = x'00'").await;
    assert!(store.destroy(&token).await.unwrap());
}

/// Damages one of two sessions of a user with a statement. `ended` is how many handle ids can still be read.
pub(crate) async fn assert_damage_is_contained<D: Database>(statement: &'static str, ended: usize) {
    let database = D::new().await;
    let store = database.store();
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    database.execute(statement).await;
    let sound = store.create(&of_user("ada"), now()).await.unwrap();
    let patch = Patch::new().set("name", *b"eve");
    for result in [
        store.load(&token, now()).await.map(drop),
        store.update(&token, &patch, now()).await.map(drop),
        store.renew(&token, &patch, now()).await.map(drop),
    ] {
        assert!(matches!(result, Err(StoreError::Corrupt(_))), "{statement}: {result:?}");
    }
    let value = indexed("ada");
    assert_eq!(store.list(None, 10, now()).await.unwrap().records.len(), 1);
    assert_eq!(store.find_by("user", &value, &[], now()).await.unwrap().len(), 1);
    assert!(store.load(&sound, now()).await.unwrap().is_some());
    assert_eq!(store.destroy_by("user", &value, None, now()).await.unwrap().len(), ended, "{statement}");
    assert_eq!(database.number("select count(*) from session").await, 0);
}

async fn an_expired_session_is_told_from_an_unknown_one_until_it_is_swept<D: Database>() {
    let store = D::new().await.store();
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let later = now().after(31 * MINUTE);
    assert_eq!(store.load(&token, later).await.unwrap(), None);
    assert_eq!(store.refusal(&token, later).await, Refusal::Expired);
    assert_eq!(store.refusal(&Token::random().unwrap(), later).await, Refusal::Unknown);
    assert_eq!(store.refusal(&Token::from("no token"), later).await, Refusal::Malformed);
    assert_eq!(store.sweep(later).await.unwrap(), 1);
    assert_eq!(store.refusal(&token, later).await, Refusal::Unknown);
}

async fn more_sessions_than_one_statement_removes_are_swept_and_cleared<D: Database>() {
    let database = D::new().await;
    let store = database.store();
    for _ in 0..1_200 {
        store.create(&of_user("ada"), now()).await.unwrap();
    }
    let alive = Record::new(&Meta { idle_deadline: now().after(60 * MINUTE), ..meta() }, []);
    store.create(&alive, now()).await.unwrap();
    assert_eq!(store.sweep(now().after(31 * MINUTE)).await.unwrap(), 1_200);
    assert_eq!(store.count(now()).await.unwrap(), 1);
    for _ in 0..1_200 {
        store.create(&of_user("ada"), now()).await.unwrap();
    }
    assert_eq!(store.clear().await.unwrap(), 1_201);
    assert_eq!(database.number("select count(*) from session_value").await, 0);
}

run_on! { "mysql" mysql crate::mysql::database::OnServer:
    a_session_without_deadlines_is_read_as_it_was_written_and_never_swept
    neither_the_token_nor_an_indexed_value_is_stored_outside_of_the_record
    a_damaged_session_is_an_error_hides_no_other_and_can_be_destroyed
    an_expired_session_is_told_from_an_unknown_one_until_it_is_swept
    more_sessions_than_one_statement_removes_are_swept_and_cleared
}

// Which does not keep records whole: what is damaged in which way differs.
run_on! { "postgres" postgres crate::postgres::database::OnServer:
    a_session_without_deadlines_is_read_as_it_was_written_and_never_swept
    an_expired_session_is_told_from_an_unknown_one_until_it_is_swept
    more_sessions_than_one_statement_removes_are_swept_and_cleared
}

run_on! { "sqlite" sqlite crate::sqlite::database::InMemory:
    a_session_without_deadlines_is_read_as_it_was_written_and_never_swept
    neither_the_token_nor_an_indexed_value_is_stored_outside_of_the_record
    a_damaged_session_is_an_error_hides_no_other_and_can_be_destroyed
    an_expired_session_is_told_from_an_unknown_one_until_it_is_swept
    more_sessions_than_one_statement_removes_are_swept_and_cleared
}
