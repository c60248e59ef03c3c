//! Lists of all sessions, page by page, and periodic sweeps.

use std::sync::atomic::{AtomicBool, Ordering};

use session::{Cursor, Databag, Error, MemoryStore, SessionManager, StoreError, Timestamp};
use session_core::{DynStore, Wrapper};

use crate::support::{Bag, Site, seconds};

#[tokio::test]
async fn pages_hold_every_live_session_once_and_none_that_expired() {
    let (manager, site) = Site::managed(|builder| builder);
    manager.create().await.unwrap();
    site.at(1800);
    let mut created = Vec::new();
    for _ in 0..250 {
        created.push(manager.create().await.unwrap().id().unwrap());
    }
    let (mut listed, mut after, mut pages) = (Vec::new(), None::<Cursor>, 0);
    loop {
        let page = manager.list(after.as_ref(), 40).await.unwrap();
        listed.extend(page.sessions.iter().map(|session| session.meta.id));
        pages += 1;
        // As in a link to the next page.
        after = page.next.map(|next| next.to_string().parse().unwrap());
        if after.is_none() {
            break;
        }
    }
    created.sort();
    listed.sort();
    assert_eq!(listed, created);
    assert!(pages > 1);
}

#[tokio::test]
async fn a_page_shows_the_fields_that_lists_show_and_no_others() {
    #[derive(Databag)]
    struct Shopper {
        #[databag(principal)]
        user: Option<u64>,
        #[databag(label)]
        device: String,
        #[databag(secret)]
        code: String,
    }

    let manager = SessionManager::<Shopper>::new(MemoryStore::new());
    let session = manager.create().await.unwrap();
    session.data.set_user(7_u64);
    session.data.set_device("phone");
    session.data.set_code("open sesame");
    session.save().await.unwrap();
    let page = manager.list(None, 10).await.unwrap();
    let [listed] = page.sessions.as_slice() else { panic!("one session is listed, not {page:?}") };
    assert!(listed.is_current(&session));
    assert_eq!((listed.labels.user, listed.labels.device.as_str()), (Some(7), "phone"));
    let printed = format!("{page:?}");
    assert!(!printed.contains("phone") && !printed.contains("sesame"), "{printed}");
}

#[test]
fn text_that_is_no_cursor_is_an_error() {
    for text in ["%", "a b", "=", "é"] {
        assert_eq!(text.parse::<Cursor>().unwrap_err().to_string(), "a cursor is text in base64url");
    }
}

#[tokio::test]
async fn a_cursor_of_no_store_ends_the_list_or_restarts_it_and_is_no_panic() {
    let (manager, _site) = Site::managed(|builder| builder);
    manager.create().await.unwrap();
    for bytes in [&b""[..], b"0", b"not a cursor", &[0xff; 64]] {
        manager.list(Some(&Cursor(bytes.to_vec())), 10).await.unwrap();
    }
}

/// A store whose first sweep fails.
struct FailsOnce {
    inner: MemoryStore,
    has_failed: AtomicBool,
}

impl Wrapper for FailsOnce {
    fn inner(&self) -> &dyn DynStore {
        &self.inner
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        if self.has_failed.swap(true, Ordering::Relaxed) {
            self.inner().sweep(now).await
        } else {
            Err(StoreError::Unavailable("connection refused".into()))
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_periodic_sweep_reports_a_failure_and_goes_on() {
    let inner = MemoryStore::new();
    let store = FailsOnce { inner: inner.clone(), has_failed: AtomicBool::new(false) };
    let clock = session::ManualClock::starting_at(crate::support::T0);
    let (failures, failed) = std::sync::mpsc::channel();
    let builder = SessionManager::<Bag>::builder(store).clock(&clock).on_error(move |error| {
        let Error::Manage(source) = error else { panic!("not an error of the sweep: {error}") };
        failures.send(source.to_string()).unwrap();
    });
    let manager = builder.build().unwrap();
    manager.create().await.unwrap();
    clock.advance(seconds(24 * 3600));
    assert_eq!(inner.len(), 1);
    let sweeping = tokio::spawn(manager.sweep_every(seconds(60)));
    tokio::time::sleep(seconds(1)).await;
    assert_eq!(failed.try_iter().count(), 1);
    assert_eq!(inner.len(), 1);
    tokio::time::sleep(seconds(60)).await;
    assert_eq!(failed.try_iter().count(), 0);
    assert_eq!(inner.len(), 0);
    assert!(!sweeping.is_finished());
    sweeping.abort();
}
