//! Entries when the principal changes or the session is cleared.

use super::{Shop, cart};
use crate::deploy::backends;

#[tokio::test]
async fn a_person_who_signs_in_over_another_finds_only_kept_entries_and_what_the_request_set() {
    for backend in backends() {
        let token = backend
            .write::<Shop>(|data| {
                data.set_user(1);
                data.insert_cart(1, "apples");
                data.insert_votes("ada", 5);
                data.insert_seen("news", true);
            })
            .await;
        let token = backend
            .change::<Shop>(&token, |data| {
                data.insert_cart(2, "pears");
                data.add_votes("ada", 1);
                data.set_user(2);
                assert_eq!(cart(data), "2=pears");
                assert_eq!(data.votes_entry("ada"), None);
                data.insert_cart(3, "plums");
            })
            .await;
        let (shown, _) = backend
            .read::<Shop, _>(&token, |data| (cart(data), data.votes().len(), data.seen_entry("news")))
            .await;
        assert_eq!(shown, ("2=pears 3=plums".to_owned(), 0, Some(true)), "{}", backend.name);
    }
}

#[tokio::test]
async fn a_person_who_signs_in_keeps_the_entries_of_the_anonymous_visitor() {
    for backend in backends() {
        let token = backend.write::<Shop>(|data| data.insert_cart(1, "apples")).await;
        let token = backend.change::<Shop>(&token, |data| data.set_user(1)).await;
        assert_eq!(backend.read::<Shop, _>(&token, cart).await.0, "1=apples", "{}", backend.name);
    }
}

#[tokio::test]
async fn renewing_with_a_clear_drops_all_entries_that_are_not_kept() {
    for backend in backends() {
        let token = backend
            .write::<Shop>(|data| {
                data.insert_cart(1, "apples");
                data.insert_seen("news", true);
            })
            .await;
        let session = backend.version::<Shop>().0.get(&token).await.unwrap();
        session.renew_and_clear();
        assert_eq!(cart(&session.data), "");
        session.data.insert_cart(2, "pears");
        session.save().await.unwrap();
        let read = |data: &super::Data| (cart(data), data.seen_entry("news"));
        let (shown, _) = backend.read::<Shop, _>(&session.token().unwrap(), read).await;
        assert_eq!(shown, ("2=pears".to_owned(), Some(true)), "{}", backend.name);
    }
}
