//! Keys and numbers of entries that cannot be stored.

use std::collections::BTreeMap;
use std::error::Error as _;

use session::{Databag, Error, MemoryStore, Session, SessionManager};

use super::{Shop, cart};

#[derive(Databag)]
struct Wide {
    #[databag(entries)]
    points: BTreeMap<(i32, i32), u32>,
    #[databag(entries)]
    options: BTreeMap<Option<u32>, u32>,
}

/// The messages of an error and its causes.
fn chain(error: &Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn shop() -> Session<Shop> {
    let session = SessionManager::<Shop>::new(MemoryStore::new()).create().await.unwrap();
    session.data.insert_cart(1, "apples");
    session.save().await.unwrap();
    session
}

#[tokio::test]
async fn a_key_that_is_too_long_is_an_error_of_the_save_and_loses_nothing() {
    let session = shop().await;
    session.data.insert_seen("x".repeat(254), true);
    session.save().await.unwrap();
    session.data.insert_seen("x".repeat(255), true);
    assert_eq!(session.data.seen().len(), 1);
    let error = session.save().await.unwrap_err();
    assert!(chain(&error).ends_with("the key of an entry takes more than 256 bytes"), "{}", chain(&error));
    assert!(!chain(&error).contains("xx"));
    session.reload().await.unwrap();
    assert_eq!((cart(&session.data), session.data.seen().len()), ("1=apples".to_owned(), 1));
}

#[tokio::test]
async fn a_bad_key_is_an_error_also_where_another_person_signs_in_afterwards() {
    let session = shop().await;
    session.data.set_user(1);
    session.save().await.unwrap();
    session.data.insert_codes("x".repeat(255), 1);
    session.data.set_user(2);
    assert!(session.save().await.is_err());
}

#[tokio::test]
async fn a_key_that_is_neither_text_nor_an_integer_is_an_error_of_the_save() {
    let session = SessionManager::<Wide>::new(MemoryStore::new()).create().await.unwrap();
    session.data.insert_points((1, 2), 3);
    let error = session.save().await.unwrap_err();
    let expected = "the key of an entry serializes to neither a string nor an integer";
    assert!(chain(&error).ends_with(expected), "{}", chain(&error));
    session.data.clear_points();
    session.data.insert_options(Some(1), 2);
    session.save().await.unwrap();
    assert_eq!(session.data.options_entry(&None), None);
    session.data.insert_options(None, 2);
    assert!(session.save().await.is_err());
}

#[tokio::test]
async fn a_map_takes_1024_entries_and_no_more() {
    let session = shop().await;
    session.data.clear_cart();
    for key in 0..1024 {
        session.data.insert_cart(key, "x");
    }
    session.save().await.unwrap();
    session.data.insert_cart(5, "y");
    session.data.remove_cart(&6);
    session.data.insert_cart(2000, "z");
    session.save().await.unwrap();
    session.data.insert_cart(2001, "z");
    let error = session.save().await.unwrap_err();
    assert!(chain(&error).ends_with("the field has more than 1024 entries"), "{}", chain(&error));
    session.data.remove_cart(&2001);
    session.data.set_theme("dark");
    session.save().await.unwrap();
}
