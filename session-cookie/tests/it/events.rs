//! Tracing events about refused cookies.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use session_cookie::CookieStore;
use session_core::Store;

use crate::support::{APP, T0, key, later, sealed, stateless};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the log of this thread to `log` while the guard lives.
fn capture(log: &Log) -> tracing::subscriber::DefaultGuard {
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing_subscriber::util::SubscriberInitExt::set_default(subscriber)
}

#[tokio::test]
async fn a_refused_cookie_is_reported_with_its_reason_and_never_shown() {
    let log = Log::default();
    let _guard = capture(&log);

    let store = stateless();
    let token = sealed(&store).await;
    let text = token.expose();
    store.load(&token, T0).await.unwrap();
    assert_eq!(log.take(), "", "a good cookie is no event");

    let tampered = format!("{}{}", &text[..100], &text[104..]);
    let other_key = CookieStore::builder(key(2), APP).stateless().unwrap();
    for (store, text, now, level, reason) in [
        (&store, "!", T0, "WARN", "not canonical base64url"),
        (&store, "AgICAgIC", T0, "WARN", "unknown version"),
        (&store, tampered.as_str(), T0, "WARN", "tampered with"),
        (&other_key, text, T0, "WARN", "unknown key"),
        (&store, text, later(1800), "TRACE", "expired"),
    ] {
        // Concurrent tests without a subscriber may have reached the event first.
        tracing::callsite::rebuild_interest_cache();
        assert_eq!(store.load(&text.into(), now).await.unwrap(), None);
        let events = log.take();
        assert!(events.contains(level) && events.contains(reason), "{reason}: {events}");
        assert!(text.len() < 8 || !events.contains(&text[..8]), "{events}");
        assert_eq!(events.lines().count(), 1, "{events}");
    }
}

#[tokio::test]
async fn refused_cookies_are_counted_and_few_are_logged() {
    let log = Log::default();
    let _guard = capture(&log);
    let store = stateless();
    tracing::callsite::rebuild_interest_cache();
    for _ in 0..1000 {
        assert_eq!(store.load(&"!".into(), T0).await.unwrap(), None);
    }
    let events = log.take();
    assert_eq!(events.lines().count(), 10, "1, 2, 4 … 512: {events}");
    assert!(events.lines().last().unwrap().contains("512"), "{events}");
}
