//! Warnings about unreadable fields in sessions that are only read.

#![expect(clippy::redundant_closure_for_method_calls, reason = "the type of accessors has no name to write")]

use std::fmt::Debug;

use session::{Databag, Error};

use super::backend::{Backend, backends};
use crate::support::{Browser, Session};

#[derive(Databag)]
struct Old {
    #[databag(label, default = "x")]
    name: String,
    #[databag(principal)]
    id: Option<u8>,
}

#[derive(Databag)]
struct New {
    #[databag(label)]
    name: u64,
    #[databag(principal)]
    id: Option<u8>,
}

#[tokio::test]
async fn reading_alone_emits_the_warning() {
    for backend in backends() {
        let write = |data: &<Old as Databag>::Accessors| {
            data.set_name("ada");
            data.set_id(7);
        };
        let token = backend.write::<Old>(write).await;

        let (new, warnings) = backend.version::<New>();
        let found = new.get(&token).await.unwrap();
        assert!(warnings.take().is_empty());
        assert_eq!((found.data.name(), found.data.name()), (0, 0));
        drop(found);
        let reported = warnings.take();
        assert_eq!(reported.len(), 1);
        assert!(reported[0].contains("`name`") && reported[0].contains("New"), "{reported:?}");

        // The accessors may outlive the handle.
        let data = new.get(&token).await.unwrap().data;
        assert_eq!(data.read(|bag| bag.name), 0);
        drop(data);
        assert_eq!(warnings.take().len(), 1);

        if backend.finds_by_principal {
            assert_eq!(new.sessions_of(&7).await.unwrap()[0].labels.name, 0);
            assert_eq!(warnings.take().len(), 1);
        } else {
            assert!(matches!(new.sessions_of(&7).await, Err(Error::Manage(_))));
        }
    }
}

#[tokio::test]
async fn a_request_that_only_reads_emits_the_warning() {
    for backend in backends() {
        let token = backend.write::<OldBag>(|data| data.set_visits("many")).await;
        let site = backend.site();
        let mut browser = Browser::with_cookie("__Host-session", token.expose());
        let reply = site
            .visit(&mut browser, |session: Session| async move { session.data.visits().to_string() })
            .await;
        assert_eq!(reply.body, "0");
        let reported = site.warnings.take();
        assert!(reported.len() == 1 && reported[0].contains("`visits`"), "{reported:?}");
    }
}

#[derive(Databag)]
struct OldBag {
    visits: String,
}

#[derive(Databag)]
struct OldFields {
    #[databag(flash)]
    notice: Vec<String>,
    visits: String,
    step: String,
    plain: String,
}

#[derive(Databag)]
struct NewFields {
    #[databag(flash)]
    notice: Option<u64>,
    #[databag(counter)]
    visits: u64,
    #[databag(cas)]
    step: u8,
    plain: u64,
}

/// Checks that one way of using an unreadable field warns once.
async fn warns<R: Debug + PartialEq>(
    backend: &Backend,
    name: &str,
    using: impl Fn(&<NewFields as Databag>::Accessors) -> R,
    expected: R,
) {
    let fill = |data: &<OldFields as Databag>::Accessors| {
        data.set_notice(["saved".to_owned()]);
        data.set_visits("many");
        data.set_step("first");
        data.set_plain("word");
    };
    let token = backend.write::<OldFields>(fill).await;
    let (shown, warnings) = backend.read::<NewFields, _>(&token, using).await;
    assert_eq!(shown, expected, "{name} on {}", backend.name);
    let is_named = warnings.len() == 1 && warnings[0].contains(&format!("`{name}`"));
    assert!(is_named, "{name} on {}: {warnings:?}", backend.name);
}

#[tokio::test]
async fn every_way_of_reading_a_field_emits_the_warning() {
    for backend in &backends() {
        warns(backend, "notice", |data| data.take_notice(), None).await;
        warns(backend, "visits", |data| data.visits(), 0).await;
        warns(backend, "visits", |data| data.add_visits(2), 2).await;
        warns(backend, "step", |data| data.step(), 0).await;
        warns(backend, "plain", |data| data.plain(), 0).await;
        warns(backend, "plain", |data| data.update_plain(|plain| *plain += 1), ()).await;
    }
}
