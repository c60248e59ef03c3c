//! What is in the database where sessions are sealed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use session_core::{Change, Patch, Record, Store as _};
use session_sql::SqlStore;

use crate::support::{Database, count_one, indexed, meta, now, of_user, run_on, sealed};

const NAME: &[u8] = b"\x01lovelace";
const THEME: &[u8] = b"\x01darkness";
const USER: &str = "alexandrina";

/// Writes sessions in every way, and returns whether any of their values or names is in the database.
async fn is_readable<D: Database>(database: &D, store: SqlStore) -> bool {
    let value = indexed(USER);
    let record = Record::new(&meta(), [("name", NAME), ("user", &value)]);
    let token = store.create(&record, now()).await.unwrap();
    let compared = Change::CompareAndSet { expected: Some(NAME.to_vec()), value: Some(NAME.to_vec()) };
    let patch = Patch::new().set("theme", THEME).with("name", compared);
    let _ = store.update(&token, &patch, now()).await.unwrap();
    let _ = store.update(&token, &count_one(), now()).await.unwrap();
    let _ = store.renew(&token, &Patch::new().set("user", value.clone()), now()).await.unwrap();
    store.create(&record, now()).await.unwrap();

    let stored = [database.dump().await, database.sealed().await].concat();
    let holds = |part: &[u8]| stored.windows(part.len()).any(|window| window == part);
    [NAME, THEME, &value]
        .into_iter()
        .any(|value| holds(&value[1..]) || holds(STANDARD.encode(value).as_bytes()))
        || holds(b"theme")
}

async fn no_value_of_a_sealed_session_is_readable<D: Database>() {
    let database = D::new().await;
    assert!(!is_readable(&database, sealed(&database, 1, [])).await);
}

async fn values_are_readable_without_a_key<D: Database>() {
    let database = D::new().await;
    let store = database.store();
    store.create(&of_user(USER), now()).await.unwrap();
    let dump = database.dump().await;
    let encoded = STANDARD.encode(NAME);
    let holds = |part: &[u8]| dump.windows(part.len()).any(|window| window == part);
    assert!(holds(NAME) || holds(encoded.as_bytes()), "the test above looks for what is there");
}

async fn the_digest_of_a_value_depends_on_the_key<D: Database>() {
    let database = D::new().await;
    let stores = [database.store(), sealed(&database, 1, []), sealed(&database, 2, [1])];
    for (count, store) in stores.iter().enumerate() {
        store.create(&of_user("ada"), now()).await.unwrap();
        let distinct = database.number("select count(distinct digest) from session_value").await;
        assert_eq!(usize::try_from(distinct).unwrap(), count + 1);
    }
    stores[2].create(&of_user("ada"), now()).await.unwrap();
    assert_eq!(database.number("select count(distinct digest) from session_value").await, 3);
}

async fn times_and_settings_are_sealed_but_for_the_deadline<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let record = Record::new(&session_core::Meta { authenticated_at: Some(now()), ..meta() }, []);
    let token = store.create(&record, now()).await.unwrap();
    let hidden = "select count(*) from session where created_at = 0 and authenticated_at is null
        and idle_timeout = 0 and idle_deadline = deadline and lifetime_deadline = deadline";
    assert_eq!(database.number(hidden).await, 1);
    assert_eq!(store.load(&token, now()).await.unwrap().unwrap(), record);
}

run_on! { "mysql" mysql crate::mysql::database::OnServer:
    no_value_of_a_sealed_session_is_readable
    values_are_readable_without_a_key
    the_digest_of_a_value_depends_on_the_key
    times_and_settings_are_sealed_but_for_the_deadline
}

run_on! { "postgres" postgres crate::postgres::database::OnServer:
    no_value_of_a_sealed_session_is_readable
    values_are_readable_without_a_key
    the_digest_of_a_value_depends_on_the_key
    times_and_settings_are_sealed_but_for_the_deadline
}

run_on! { "sqlite" sqlite crate::sqlite::database::InMemory:
    no_value_of_a_sealed_session_is_readable
    values_are_readable_without_a_key
    the_digest_of_a_value_depends_on_the_key
    times_and_settings_are_sealed_but_for_the_deadline
}
