//! Sealed tokens are sent to the client only.

use std::sync::Arc;

use session::{CookieStore, Databag, HandleId};

use crate::sealed::site::{FailingRevocations, Sealed, key};
use crate::support::handlers::{destroy, read, renew, write};
use crate::support::{Bag, Browser, Capture, Log, Session, Site, SpyStore, Verb, seconds};

#[tokio::test]
async fn neither_hooks_nor_listeners_nor_logs_nor_debug_output_get_the_sealed_text() {
    let (capture, shown) = (Capture::start(), Log::default());
    let list = Arc::new(FailingRevocations::default());
    let store = CookieStore::builder(key(1), "shop").chunked(2).revocable(Arc::clone(&list)).unwrap();
    shown.push(format!("{store:?} {store:#?}"));
    let event = |name: &'static str| {
        let shown = shown.clone();
        move |id: HandleId, _: &_| shown.push(format!("{name} {id} {id:?}"))
    };
    let (_, site): (_, Sealed) = Site::managed_on(SpyStore::over(store), |builder| {
        builder
            .on_started(event("started"))
            .on_loaded(event("loaded"))
            .on_client(event("client"))
            .on_regenerated(event("regenerated"))
            .on_deleted(event("deleted"))
    });

    let mut browser = Browser::new();
    let mut tokens = Vec::new();
    macro_rules! visit {
        ($($handler:expr),*) => { $(
            let reply = site.visit(&mut browser, $handler).await;
            shown.push(format!("{:?}", reply.headers));
            tokens.extend(browser.cookies.iter().map(|(_, value)| value.clone()));
        )* };
    }
    let debug = {
        let shown = shown.clone();
        move |session: Session| async move { shown.push(format!("{session:?} {:?}", session.token())) }
    };
    let grow = async |session: Session| session.data.set_notice("x".repeat(5000));
    let overfill = async |session: Session| session.data.set_notice("x".repeat(20_000));
    visit!(write, read, debug.clone(), grow, debug, renew, overfill);
    list.fail_lookups(true);
    visit!(read);
    list.fail_lookups(false);
    list.fail_writes(true);
    visit!(write);
    list.fail_writes(false);
    site.clock.advance(seconds(600));
    visit!(read);
    let copy = browser.clone();
    visit!(destroy);
    browser = copy;
    visit!(write);
    browser.cookies[0].1.replace_range(30..34, "AAAA");
    visit!(write);
    assert_eq!(site.store.take_calls().iter().filter(|verb| **verb == Verb::Load).count(), 12);

    for log in [&shown, &site.errors, &site.warnings, &site.gone] {
        for line in log.take().into_iter().chain(capture.lines()) {
            for token in &tokens {
                // After version and key id, which are public, and the prefix of a chunk.
                let secret = &token[18..38];
                assert!(!line.contains(secret), "a token is shown in: {line}");
            }
        }
    }
    assert!(tokens.len() > 12);
}

#[tokio::test]
async fn listeners_are_called_for_a_sealed_session_as_of_any_other() {
    let events = Log::default();
    let event = |name: &'static str| {
        let events = events.clone();
        move |_: HandleId, data: &<Bag as Databag>::Accessors| {
            events.push(format!("{name} {}", data.name()));
        }
    };
    let store = CookieStore::builder(key(1), "shop").stateless().unwrap();
    let (_, site): (_, Sealed) = Site::managed_on(SpyStore::over(store), |builder| {
        builder
            .on_started(event("started"))
            .on_loaded(event("loaded"))
            .on_client(event("client"))
            .on_regenerated(event("regenerated"))
            .on_deleted(event("deleted"))
    });
    let mut browser = site.ada().await;
    assert_eq!(events.take(), ["started ada", "client ada"]);
    site.visit(&mut browser, renew).await;
    assert_eq!(events.take(), ["loaded ada", "regenerated ada", "client ada"]);
    site.visit(&mut browser, write).await;
    assert_eq!(events.take(), ["loaded ada", "client ada"]);
    site.visit(&mut browser, destroy).await;
    assert_eq!(events.take(), ["loaded ada", "deleted ada"]);
}
