//! A session that is only read tells what it could not read.

use session::Databag;

use super::version;
use crate::support::{Browser, Session, Site, SpyStore};

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
async fn reading_alone_tells_the_warning() {
    let store = SpyStore::default();
    let (old, _) = version::<Old>(&store);
    let session = old.create().await.unwrap();
    session.data.set_name("ada");
    session.data.set_id(7);
    session.save().await.unwrap();
    let token = session.token().unwrap();

    let (new, warnings) = version::<New>(&store);
    let found = new.get(&token).await.unwrap();
    assert!(warnings.take().is_empty());
    assert_eq!((found.data.name(), found.data.name()), (0, 0));
    drop(found);
    let told = warnings.take();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("`name`") && told[0].contains("New"), "{told:?}");

    // The accessors may outlive the handle.
    let data = new.get(&token).await.unwrap().data;
    assert_eq!(data.read(|bag| bag.name), 0);
    drop(data);
    assert_eq!(warnings.take().len(), 1);

    assert_eq!(new.sessions_of(&7).await.unwrap()[0].labels.name, 0);
    assert_eq!(warnings.take().len(), 1);
}

#[tokio::test]
async fn a_request_that_only_reads_tells_the_warning() {
    let site = Site::new();
    let (old, _) = version::<OldBag>(&site.store);
    let session = old.create().await.unwrap();
    session.data.set_visits("many");
    session.save().await.unwrap();
    let mut browser = Browser::with_cookie("__Host-session", session.token().unwrap().expose());
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.visits().to_string() }).await;
    assert_eq!(reply.body, "0");
    let told = site.warnings.take();
    assert!(told.len() == 1 && told[0].contains("`visits`"), "{told:?}");
}

#[derive(Databag)]
struct OldBag {
    visits: String,
}
