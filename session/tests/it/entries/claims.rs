//! Claims of single entries.

use std::sync::Arc;

use http::StatusCode;
use session::{Databag, Error, MemoryStore, Session, Store};
use tokio::sync::Barrier;

use super::Shop;
use crate::deploy::{Backend, backends, server_backends};
use crate::support::{Browser, Site, Verb, seconds};

type Handle = Session<Shop>;

/// Returns a visitor with two codes.
async fn with_codes<S: Store>(site: &Site<S>) -> Browser {
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Handle| async move {
        session.data.insert_codes("email", 1);
        session.data.insert_codes("phone", 2);
    })
    .await;
    assert_eq!(site.calls(), [Verb::Create]);
    browser
}

async fn claimed(session: &Handle, key: &str) -> Option<u32> {
    session.data.claim_codes(key).await.unwrap()
}

/// Returns the codes in a visitor's session.
async fn codes<S: Store>(site: &Site<S>, browser: &Browser) -> String {
    site.visit_as(browser, |session: Handle| async move { format!("{:?}", session.data.codes()) }).await.body
}

/// Returns each backend that can decide between requests.
fn deciding_backends() -> impl Iterator<Item = Backend> {
    backends().into_iter().filter(|backend| backend.name != "cookie")
}

#[tokio::test]
async fn of_overlapping_claims_of_one_key_the_first_succeeds_and_other_keys_stay() {
    for backend in deciding_backends() {
        let site = backend.site();
        let mut browser = with_codes(&site).await;
        let [first, second] = [site.open_as::<Shop>(&browser).await, site.open_as::<Shop>(&browser).await];
        assert_eq!(claimed(&first.session, "email").await, Some(1));
        assert_eq!(claimed(&second.session, "email").await, None);
        assert_eq!(second.session.data.codes_entry("email"), None);
        second.respond(200).await;
        let reply = first.respond(200).await;
        browser.take_cookies(&reply);
        assert_eq!(codes(&site, &browser).await, r#"{"phone": 2}"#, "{}", backend.name);
        assert!(site.errors.take().is_empty());
    }
}

#[tokio::test]
async fn overlapping_claims_of_different_keys_both_succeed() {
    for backend in server_backends() {
        let token = backend
            .write::<Shop>(|data| {
                data.insert_cart(1, "apples");
                data.insert_cart(2, "pears");
            })
            .await;
        let manager = backend.version::<Shop>().0;
        let [one, other] = [manager.get(&token).await.unwrap(), manager.get(&token).await.unwrap()];
        assert_eq!(one.data.claim_cart(&1).await.unwrap().as_deref(), Some("apples"), "{}", backend.name);
        assert_eq!(other.data.claim_cart(&2).await.unwrap().as_deref(), Some("pears"), "{}", backend.name);
        assert!(backend.read::<Shop, _>(&token, |data| data.cart().is_empty()).await.0, "{}", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_claim_one_key_at_once_one_succeeds() {
    for backend in deciding_backends() {
        let site = Arc::new(backend.site());
        let browser = with_codes(&site).await;
        let start = Arc::new(Barrier::new(50));
        let claims: Vec<_> = (0..50)
            .map(|_| {
                let (site, start, browser) = (Arc::clone(&site), Arc::clone(&start), browser.clone());
                tokio::spawn(async move {
                    let handler = |session: Handle| async move {
                        start.wait().await;
                        format!("{:?}", claimed(&session, "email").await)
                    };
                    site.visit_as(&browser, handler).await.body
                })
            })
            .collect();
        let mut winners = 0;
        for claim in claims {
            winners += usize::from(claim.await.unwrap() == "Some(1)");
        }
        assert_eq!(winners, 1, "{}", backend.name);
    }
}

#[tokio::test]
async fn an_entry_leaves_the_store_with_the_claim_even_if_the_response_fails() {
    let site = Site::new();
    let browser = with_codes(&site).await;
    let fail = |session: Handle| async move {
        assert_eq!(claimed(&session, "email").await, Some(1));
        assert_eq!(claimed(&session, "email").await, None);
        StatusCode::INTERNAL_SERVER_ERROR
    };
    site.visit_as(&browser, fail).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(codes(&site, &browser).await, r#"{"phone": 2}"#);
}

#[tokio::test]
async fn nothing_is_claimed_or_written_where_no_entry_is_stored() {
    let site = Site::new();
    let browser = with_codes(&site).await;
    let none = |session: Handle| async move { format!("{:?}", claimed(&session, "post").await) };
    assert_eq!(site.visit_as(&browser, none).await.body, "None");
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.visit_as(&Browser::new(), none).await.body, "None");
    assert_eq!(site.calls(), []);
    site.clock.advance(seconds(600));
    let expired = |session: Handle| async move { format!("{:?}", claimed(&session, "email").await) };
    assert_eq!(site.visit_as(&browser, expired).await.body, "None");
}

#[tokio::test]
async fn what_the_request_changed_cannot_be_claimed_and_stays_changed() {
    type Change = fn(&Handle);
    let changes: [(Change, &str); 3] = [
        (|session| session.data.insert_codes("email", 7), r#"{"email": 7, "phone": 2}"#),
        (|session| _ = session.data.remove_codes("email"), r#"{"phone": 2}"#),
        (|session| session.data.clear_codes(), "{}"),
    ];
    for (change, left) in changes {
        let site = Site::new();
        let mut browser = with_codes(&site).await;
        let handler = move |session: Handle| async move {
            change(&session);
            assert_eq!(claimed(&session, "email").await, None);
        };
        site.visit(&mut browser, handler).await;
        assert_eq!(codes(&site, &browser).await, left);
    }
}

#[tokio::test]
async fn an_entry_inserted_after_the_claim_is_stored() {
    let site = Site::new();
    let browser = with_codes(&site).await;
    let handler = |session: Handle| async move {
        assert_eq!(claimed(&session, "email").await, Some(1));
        session.data.insert_codes("email", 1);
    };
    site.visit_as(&browser, handler).await;
    assert_eq!(codes(&site, &browser).await, r#"{"email": 1, "phone": 2}"#);
}

#[tokio::test]
async fn entries_of_a_former_user_cannot_be_claimed() {
    let site = Site::new();
    let mut browser = with_codes(&site).await;
    site.visit(&mut browser, |session: Handle| async move { session.data.set_user(1) }).await;
    let handler = |session: Handle| async move {
        session.data.set_user(2);
        format!("{:?}", claimed(&session, "email").await)
    };
    assert_eq!(site.visit_as(&browser, handler).await.body, "None");
}

#[tokio::test]
async fn an_entry_under_a_former_name_of_its_field_is_claimed_under_all_names() {
    #[derive(Databag)]
    struct Former {
        #[databag(entries)]
        codes: std::collections::BTreeMap<String, u32>,
    }
    #[derive(Databag)]
    struct Renamed {
        #[databag(entries, rename = "tickets", alias = "codes")]
        tickets: std::collections::BTreeMap<String, u32>,
    }
    for backend in server_backends() {
        let token = backend.write::<Former>(|data| data.insert_codes("email", 1)).await;
        let manager = backend.version::<Renamed>().0;
        let session = manager.get(&token).await.unwrap();
        assert_eq!(session.data.claim_tickets("email").await.unwrap(), Some(1), "{}", backend.name);
        assert!(
            backend.read::<Former, _>(&token, |data| data.codes().is_empty()).await.0,
            "{}",
            backend.name
        );
    }
}

#[tokio::test]
async fn a_store_that_cannot_decide_between_requests_refuses_claims() {
    for backend in backends().into_iter().filter(|backend| backend.name == "cookie") {
        let token = backend.write::<Shop>(|data| data.insert_codes("email", 1)).await;
        let session = backend.version::<Shop>().0.get(&token).await.unwrap();
        assert!(matches!(session.data.claim_codes("email").await, Err(Error::Unclaimable { .. })));
    }
}

#[tokio::test]
async fn a_claim_that_failed_can_be_tried_again() {
    let site: Site<MemoryStore> = Site::new();
    let browser = with_codes(&site).await;
    let request = site.open_as::<Shop>(&browser).await;
    site.store.break_down(Verb::Update);
    assert!(matches!(request.session.data.claim_codes("email").await, Err(Error::Save(_))));
    site.store.recover();
    assert_eq!(claimed(&request.session, "email").await, Some(1));
    request.respond(200).await;
}
