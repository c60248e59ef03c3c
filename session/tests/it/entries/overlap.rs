//! Concurrent requests that change entries of one session.

use session::{Databag, Session, Token};

use super::{Shop, cart};
use crate::deploy::{Backend, server_backends};

/// Two requests of one session.
async fn two(backend: &Backend, token: &Token) -> [Session<Shop>; 2] {
    let manager = backend.version::<Shop>().0;
    [manager.get(token).await.unwrap(), manager.get(token).await.unwrap()]
}

/// Returns the stored entries after both saved.
async fn saved<R>(
    backend: &Backend,
    [one, other]: [Session<Shop>; 2],
    read: impl FnOnce(&<Shop as Databag>::Accessors) -> R,
) -> R {
    one.save().await.unwrap();
    other.save().await.unwrap();
    backend.read::<Shop, _>(&one.token().unwrap(), read).await.0
}

#[tokio::test]
async fn different_entries_inserted_by_overlapping_requests_are_both_kept() {
    for backend in server_backends() {
        let token = backend.write::<Shop>(|data| data.insert_cart(1, "apples")).await;
        let [one, other] = two(&backend, &token).await;
        one.data.insert_cart(2, "pears");
        other.data.insert_cart(3, "plums");
        other.data.remove_cart(&1);
        assert_eq!(saved(&backend, [one, other], cart).await, "2=pears 3=plums", "{}", backend.name);
    }
}

#[tokio::test]
async fn of_two_writes_to_one_entry_the_last_wins() {
    for backend in server_backends() {
        let token = backend.write::<Shop>(|data| data.insert_cart(1, "apples")).await;
        let [one, other] = two(&backend, &token).await;
        one.data.insert_cart(1, "pears");
        other.data.insert_cart(1, "plums");
        assert_eq!(saved(&backend, [one, other], cart).await, "1=plums", "{}", backend.name);
    }
}

#[tokio::test]
async fn an_entry_that_was_only_read_is_not_written_over_what_another_request_wrote() {
    for backend in server_backends() {
        let token = backend.write::<Shop>(|data| data.insert_cart(1, "apples")).await;
        let [one, other] = two(&backend, &token).await;
        one.data.insert_cart(1, "pears");
        assert_eq!(cart(&other.data), "1=apples");
        other.data.insert_cart(1, "apples");
        other.data.insert_cart(2, "plums");
        assert_eq!(saved(&backend, [one, other], cart).await, "1=pears 2=plums", "{}", backend.name);
    }
}

#[tokio::test]
async fn additions_to_one_entry_add_up() {
    for backend in server_backends() {
        let token = backend.write::<Shop>(|data| data.insert_votes("ada", 1)).await;
        let [one, other] = two(&backend, &token).await;
        assert_eq!(one.data.add_votes("ada", 2), 3);
        assert_eq!(other.data.add_votes("ada", 3), 4);
        one.data.add_votes("eve", 1);
        other.data.add_votes("eve", 1);
        let votes = saved(&backend, [one, other], |data| (data.votes_entry("ada"), data.votes_entry("eve")));
        assert_eq!(votes.await, (Some(6), Some(2)), "{}", backend.name);
    }
}

#[tokio::test]
async fn an_addition_to_a_removed_entry_starts_from_zero() {
    for backend in server_backends() {
        let token = backend.write::<Shop>(|data| data.insert_votes("ada", 5)).await;
        let [one, other] = two(&backend, &token).await;
        assert_eq!(one.data.remove_votes("ada"), Some(5));
        assert_eq!(one.data.add_votes("ada", 1), 1);
        other.data.set_theme("dark");
        let votes = saved(&backend, [one, other], |data| data.votes_entry("ada")).await;
        assert_eq!(votes, Some(1), "{}", backend.name);
    }
}

#[tokio::test]
async fn clearing_a_map_keeps_what_another_request_inserts_meanwhile() {
    for backend in server_backends() {
        let token = backend.write::<Shop>(|data| data.insert_cart(1, "apples")).await;
        let [one, other] = two(&backend, &token).await;
        one.data.insert_cart(2, "pears");
        other.data.clear_cart();
        assert_eq!(saved(&backend, [one, other], cart).await, "2=pears", "{}", backend.name);
    }
}

#[tokio::test]
async fn a_second_save_writes_only_what_changed_since() {
    for backend in server_backends() {
        let token = backend.write::<Shop>(|data| data.insert_votes("ada", 1)).await;
        let [one, other] = two(&backend, &token).await;
        one.data.add_votes("ada", 1);
        one.data.insert_cart(1, "apples");
        one.save().await.unwrap();
        other.data.remove_cart(&1);
        other.data.add_votes("ada", 1);
        other.save().await.unwrap();
        one.data.add_votes("ada", 1);
        let shown = saved(&backend, [one, other], |data| (cart(data), data.votes_entry("ada"))).await;
        // The other request had not seen entry 1, so it removes nothing.
        assert_eq!(shown, ("1=apples".to_owned(), Some(4)), "{}", backend.name);
    }
}
