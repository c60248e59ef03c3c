//! What sqlx logs.

use std::io;
use std::sync::{Arc, Mutex};

use session_core::{Evict, Patch, SessionLimit, Store as _};

use crate::support::{Database, count_one, indexed, now, of_user, record};

/// Text that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn contains(&self, bytes: &[u8]) -> bool {
        let hex: String = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]).map(digit).collect();
        let log = self.0.lock().unwrap();
        let text = String::from_utf8_lossy(&log).to_lowercase();
        text.contains(&hex) || log.windows(bytes.len()).any(|window| window == bytes)
    }
}

fn digit(number: u8) -> char {
    char::from_digit(number.into(), 16).unwrap()
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn assert_no_log_shows_a_key_or_a_value<D: Database>() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let database = D::new().await;
    let (store, value) = (database.store(), indexed("lovelace"));
    let limit =
        SessionLimit { name: "user", value: &value, max: 1.try_into().unwrap(), on_full: Evict::Oldest };
    let token = store.create(&record(), now()).await.unwrap();
    let _ = store.update(&token, &count_one(), now()).await.unwrap();
    let sign_in = Patch::new().set("user", value.clone());
    let _ = store.renew_limited(&token, &sign_in, limit, now()).await.unwrap();
    let _ = store.create_limited(&of_user("lovelace"), limit, now()).await.unwrap();
    store.find_by("user", &value, &[], now()).await.unwrap();
    store.destroy_by("user", &value, None, now()).await.unwrap();

    assert!(database.number("select 1234567 + count(*) from session").await >= 1_234_567);
    assert!(log.contains(b"select 1234567"), "sqlx logs nothing");
    assert!(!log.contains(b"lovelace"), "a value was logged");
    assert!(!log.contains(token.store_key().unwrap().as_bytes()), "a key was logged");
    assert!(!log.contains(token.expose().as_bytes()), "a token was logged");
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn no_log_shows_a_key_or_a_value_in_mysql() {
    assert_no_log_shows_a_key_or_a_value::<crate::mysql::database::OnServer>().await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn no_log_shows_a_key_or_a_value_in_postgres() {
    assert_no_log_shows_a_key_or_a_value::<crate::postgres::database::OnServer>().await;
}
