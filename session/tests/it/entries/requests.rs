//! Entries in requests over HTTP.

use session::{MemoryStore, Session, SessionManager};

use super::Shop;
use crate::support::{Browser, Site, Verb, seconds};

type Handle = Session<Shop>;

async fn with_cart(site: &Site<MemoryStore>) -> Browser {
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Handle| async move {
        session.data.insert_cart(1, "apples");
        session.data.insert_codes("a", 1);
    })
    .await;
    assert_eq!(site.calls(), [Verb::Create]);
    browser
}

#[tokio::test]
async fn reading_entries_and_setting_what_is_there_writes_nothing() {
    let site = Site::new();
    let mut browser = with_cart(&site).await;
    site.visit(&mut browser, |session: Handle| async move {
        session.data.insert_cart(1, "pears");
        session.data.insert_cart(1, "apples");
        session.data.insert_cart(2, "plums");
        session.data.remove_cart(&2);
        session.data.remove_cart(&3);
        session.data.add_votes("ada", 0);
        session.data.cart().len().to_string()
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn an_inserted_entry_is_the_only_thing_that_is_written() {
    let site = Site::new();
    let mut browser = with_cart(&site).await;
    site.visit(&mut browser, |session: Handle| async move { session.data.insert_cart(2, "pears") }).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    let patch = site.store.take_patches().pop().unwrap();
    let names: Vec<_> = patch.changes().map(|(name, _)| name).collect();
    assert_eq!(names, ["cart\u{1f}2"]);
}

#[tokio::test]
async fn an_entry_expires_by_itself() {
    let site = Site::new();
    let mut browser = with_cart(&site).await;
    site.clock.advance(seconds(300));
    site.visit(&mut browser, |session: Handle| async move { session.data.insert_codes("b", 2) }).await;
    site.clock.advance(seconds(301));
    let reply = site
        .visit(&mut browser, |session: Handle| async move {
            assert_eq!(session.data.codes_entry("a"), None);
            format!("{:?} {:?}", session.data.codes(), session.data.cart())
        })
        .await;
    assert_eq!(reply.body, r#"{"b": 2} {1: "apples"}"#);
}

#[tokio::test]
async fn a_failed_request_saves_no_entries() {
    let site = Site::new();
    let mut browser = with_cart(&site).await;
    site.visit(&mut browser, |session: Handle| async move {
        session.data.insert_cart(2, "pears");
        session.data.remove_cart(&1);
        http::StatusCode::INTERNAL_SERVER_ERROR
    })
    .await;
    let reply =
        site.visit(&mut browser, |session: Handle| async move { format!("{:?}", session.data.cart()) }).await;
    assert_eq!(reply.body, r#"{1: "apples"}"#);
}

#[tokio::test]
async fn a_databag_given_to_create_with_stores_its_entries() {
    let manager = SessionManager::<Shop>::new(MemoryStore::new());
    let shop = Shop { cart: [(1, "apples".to_owned())].into(), ..Shop::default() };
    let session = manager.create_with(shop).await.unwrap();
    let found = manager.get(&session.token().unwrap()).await.unwrap();
    assert_eq!(found.data.cart_entry(&1).as_deref(), Some("apples"));
}
