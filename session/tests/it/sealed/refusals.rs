//! Databags with fields that a cookie store does not support.

use session::store::Store;
use session::{ConfigError, CookieStore, Databag, SessionManager, SessionRejection};

use super::site::{key, sealing};
use crate::support::Browser;

#[derive(Databag)]
struct Counting {
    name: String,
    #[databag(counter, rename = "v")]
    visits: u64,
}

#[derive(Databag)]
struct Comparing {
    #[databag(cas)]
    seat: Option<String>,
}

fn refusal<T: Databag>(store: impl Store) -> Option<ConfigError> {
    SessionManager::<T>::builder(store).build().err()
}

fn cookies() -> CookieStore {
    CookieStore::builder(key(1), "shop").stateless().unwrap()
}

#[test]
fn counters_and_comparisons_are_refused_when_the_manager_is_built() {
    let unserved = |field| Some(ConfigError::Unserved { store: "cookie", field });
    assert_eq!(refusal::<Counting>(cookies()), unserved("v"));
    assert_eq!(refusal::<Comparing>(cookies()), unserved("seat"));
    let message = refusal::<Counting>(cookies()).unwrap().to_string();
    assert!(message.contains("`v`") && message.contains("accept lost updates"), "{message}");
}

#[test]
fn they_are_taken_where_lost_updates_were_accepted_and_by_stores_on_the_server() {
    let accepting = || CookieStore::builder(key(1), "shop").accept_lost_updates().stateless().unwrap();
    assert_eq!(refusal::<Counting>(accepting()), None);
    assert_eq!(refusal::<Comparing>(accepting()), None);
    assert_eq!(refusal::<Counting>(session::MemoryStore::new()), None);
}

#[tokio::test]
async fn a_layer_that_is_not_made_for_a_databag_refuses_it_when_it_is_requested() {
    let site = sealing(CookieStore::builder(key(1), "shop"));
    let handler = |session: Result<session::Session<Counting>, SessionRejection>| async move {
        matches!(session, Err(SessionRejection::Databag(_))).to_string()
    };
    assert_eq!(site.visit(&mut Browser::new(), handler).await.body, "true");
    let handler = |session: session::Session<Counting>| async move { session.data.name() };
    let reply = site.visit(&mut Browser::new(), handler).await;
    assert_eq!(reply.status, 500);
    assert_eq!(site.calls(), []);
}
