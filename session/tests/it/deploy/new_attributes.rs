//! Attributes that a new version adds to a field, or removes: deadlines, entries and lookups.

use std::collections::BTreeMap;

use session::{Databag, ManualClock, MemoryStore, SessionManager, Timestamp, Token};

use crate::support::seconds;

/// A version of an application with one field.
macro_rules! version {
    ($name:ident: $(#[$attribute:meta])* $ty:ty) => {
        #[derive(Databag)]
        struct $name {
            $(#[$attribute])*
            value: $ty,
        }
    };
}

version!(Plain: Option<u64>);
version!(Timed: #[databag(ttl = "10m")] Option<u64>);
version!(Indexed: #[databag(index)] Option<u64>);
version!(Owned: #[databag(principal)] Option<u64>);
version!(Whole: BTreeMap<String, u32>);
version!(Split: #[databag(entries)] BTreeMap<String, u32>);

type Of<T> = <T as Databag>::Accessors;

/// The store and the clock of all versions.
struct Site {
    store: MemoryStore,
    clock: ManualClock,
}

impl Site {
    fn new() -> Self {
        Self { store: MemoryStore::new(), clock: ManualClock::starting_at(Timestamp::from_millis(0)) }
    }

    fn version<T: Databag>(&self) -> SessionManager<T> {
        SessionManager::builder(self.store.clone()).clock(&self.clock).build().unwrap()
    }

    async fn store<T: Databag>(&self, set: impl FnOnce(&T::Accessors)) -> Token {
        let session = self.version::<T>().create().await.unwrap();
        set(&session.data);
        session.save().await.unwrap();
        session.token().unwrap()
    }

    async fn change<T: Databag, R>(
        &self,
        token: &Token,
        change: impl FnOnce(&T::Accessors) -> R,
    ) -> (Token, R) {
        let session = self.version::<T>().get(token).await.unwrap();
        let result = change(&session.data);
        session.save().await.unwrap();
        (session.token().unwrap(), result)
    }
}

#[tokio::test]
async fn a_ttl_that_was_added_counts_from_when_the_value_is_set_again() {
    let site = Site::new();
    let token = site.store::<Plain>(|data| data.set_value(7)).await;
    site.clock.advance(seconds(20 * 60));
    let (token, shown) = site.change::<Timed, _>(&token, |data| (data.value(), data.set_value(8)).0).await;
    assert_eq!(shown, Some(7));
    site.clock.advance(seconds(10 * 60));
    assert_eq!(site.change::<Timed, _>(&token, Of::<Timed>::value).await.1, None);
}

#[tokio::test]
async fn a_value_keeps_the_deadline_that_it_was_stored_with_though_the_ttl_was_removed() {
    let site = Site::new();
    let token = site.store::<Timed>(|data| data.set_value(7)).await;
    site.clock.advance(seconds(10 * 60 - 1));
    assert_eq!(site.change::<Plain, _>(&token, Of::<Plain>::value).await.1, Some(7));
    site.clock.advance(seconds(1));
    assert_eq!(site.change::<Plain, _>(&token, Of::<Plain>::value).await.1, None);
}

#[tokio::test]
async fn sessions_are_found_by_a_new_index_once_the_field_is_written() {
    let site = Site::new();
    let token = site.store::<Plain>(|data| data.set_value(7)).await;
    let version = site.version::<Indexed>();
    let found = async || version.sessions_where(|data| data.set_value(7)).await.unwrap().len();
    assert_eq!(site.change::<Indexed, _>(&token, Of::<Indexed>::value).await.1, Some(7));
    assert_eq!(found().await, 0);
    let (token, ()) = site.change::<Indexed, _>(&token, |data| data.set_value(8)).await;
    site.change::<Indexed, _>(&token, |data| data.set_value(7)).await;
    assert_eq!(found().await, 1);
}

#[tokio::test]
async fn sessions_are_found_by_a_new_principal_once_the_field_is_written() {
    let site = Site::new();
    let token = site.store::<Plain>(|data| data.set_value(7)).await;
    let version = site.version::<Owned>();
    assert_eq!(version.get(&token).await.unwrap().principal(), Some(7));
    assert_eq!(version.sessions_of(&7).await.unwrap().len(), 0);
    site.change::<Owned, _>(&token, |data| data.set_value(7)).await;
    assert_eq!(version.sessions_of(&7).await.unwrap().len(), 1);
}

#[tokio::test]
async fn entries_stay_stored_for_versions_that_have_them_though_the_field_became_one_value() {
    let site = Site::new();
    let token = site.store::<Split>(|data| data.insert_value("apple", 1)).await;
    assert_eq!(site.change::<Whole, _>(&token, Of::<Whole>::value).await.1, BTreeMap::new());
    assert_eq!(site.change::<Split, _>(&token, |data| data.value_entry("apple")).await.1, Some(1));
}
