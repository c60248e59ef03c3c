//! Keys that are replaced, and stores without the key.

use session_core::{
    Evict, HandleId, Patch, Record, SessionLimit, Store as _, StoreError, Token, WriteOutcome,
};
use session_sql::SqlStore;

use super::{assert_corrupt, found};
use crate::support::{Database, MINUTE, count_one, indexed, meta, now, of_user, record, run_on, sealed};

async fn a_new_key_opens_what_an_older_one_sealed_and_the_next_write_seals_with_it<D: Database>() {
    let database = D::new().await;
    let (old, both, new) = (sealed(&database, 1, []), sealed(&database, 2, [1]), sealed(&database, 2, []));
    let writes: [(&str, Patch); 4] = [
        ("update", count_one()),
        ("touch", Patch::new().touch(now().after(40 * MINUTE))),
        ("another user", Patch::new().set("user", indexed("bob"))),
        ("no field", Patch::new().drop_all()),
    ];
    for (what, patch) in writes {
        let token = old.create(&of_user("ada"), now()).await.unwrap();
        assert_corrupt(&new, &token, what).await;
        let before = both.load(&token, now()).await.unwrap().unwrap();
        assert_eq!(both.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
        let after = new.load(&token, now()).await.unwrap().unwrap();
        assert_eq!(after, before.apply(&patch).unwrap(), "{what}");
        assert!(matches!(old.load(&token, now()).await, Err(StoreError::Corrupt(_))));
    }
}

async fn sessions_are_found_under_each_key_of_the_ring<D: Database>() {
    let database = D::new().await;
    let (old, both, new) = (sealed(&database, 1, []), sealed(&database, 2, [1]), sealed(&database, 2, []));
    let token = old.create(&of_user("ada"), now()).await.unwrap();
    both.create(&of_user("ada"), now()).await.unwrap();
    let found_by_each =
        async |user| (found(&old, user).await, found(&both, user).await, found(&new, user).await);
    assert_eq!(found_by_each("ada").await, (1, 2, 1));

    let WriteOutcome::NewToken(token) = both.renew(&token, &count_one(), now()).await.unwrap() else {
        panic!("not renewed");
    };
    assert_eq!(found_by_each("ada").await, (0, 2, 2));
    let to_bob = Patch::new().set("user", indexed("bob"));
    assert_eq!(both.update(&token, &to_bob, now()).await.unwrap(), WriteOutcome::Done);
    assert_eq!(found_by_each("ada").await, (0, 1, 1));
    assert_eq!(found_by_each("bob").await, (0, 1, 1));

    let (third, fourth) = (of_user("ada"), of_user("ada"));
    old.create(&third, now()).await.unwrap();
    both.create(&fourth, now()).await.unwrap();
    let ada = indexed("ada");
    assert!(both.destroy_by_id(third.meta().id, Some(("user", &ada)), now()).await.unwrap());
    old.create(&of_user("ada"), now()).await.unwrap();
    let except = Some(fourth.meta().id);
    assert_eq!(both.destroy_by("user", &ada, except, now()).await.unwrap().len(), 2);
    assert_eq!(both.destroy_by("user", &ada, None, now()).await.unwrap(), [fourth.meta().id]);
    assert_eq!(both.destroy_by("user", &indexed("bob"), None, now()).await.unwrap().len(), 1);
    assert_eq!(database.number("select count(*) from session_value").await, 0);
}

async fn a_value_that_was_given_up_is_found_under_no_key<D: Database>() {
    let database = D::new().await;
    let (old, both) = (sealed(&database, 1, []), sealed(&database, 2, [1]));
    for patch in [Patch::new().remove("user"), Patch::new().keep_only(["name"]), Patch::new().drop_all()] {
        let token = old.create(&of_user("ada"), now()).await.unwrap();
        assert_eq!(both.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
        assert_eq!((found(&old, "ada").await, found(&both, "ada").await), (0, 0));
    }
    assert_eq!(database.number("select count(*) from session_value").await, 0);
}

/// A sign-in of ada with at most two sessions, and whom it evicts.
async fn sign_in(store: &SqlStore, on_full: Evict) -> (Option<Token>, Record, Vec<HandleId>) {
    let (value, record) = (indexed("ada"), of_user("ada"));
    let limit = SessionLimit { name: "user", value: &value, max: 2.try_into().unwrap(), on_full };
    let signed_in = store.create_limited(&record, limit, now()).await.unwrap();
    (signed_in.result, record, signed_in.evicted)
}

async fn sessions_from_before_the_keys_changed_count_for_a_limit_and_keep_their_order<D: Database>() {
    let database = D::new().await;
    let (old, both) = (sealed(&database, 1, []), sealed(&database, 2, [1]));
    let (first_token, first, _) = sign_in(&old, Evict::Reject).await;
    let (_, second, _) = sign_in(&old, Evict::Reject).await;
    assert_eq!(sign_in(&both, Evict::Reject).await.0, None);
    // The first one is sealed with the new key now, and still the first.
    let token = first_token.unwrap();
    assert_eq!(both.update(&token, &count_one(), now()).await.unwrap(), WriteOutcome::Done);
    let (_, third, evicted) = sign_in(&both, Evict::Oldest).await;
    assert_eq!(evicted, [first.meta().id]);

    let anonymous = both.create(&record(), now()).await.unwrap();
    let value = indexed("ada");
    let patch = Patch::new().set("user", value.clone());
    let limit = |on_full| SessionLimit { name: "user", value: &value, max: 2.try_into().unwrap(), on_full };
    let refused = both.renew_limited(&anonymous, &patch, limit(Evict::Reject), now()).await.unwrap();
    assert_eq!((refused.result, refused.evicted), (WriteOutcome::LimitReached, vec![]));
    let renewed = both.renew_limited(&anonymous, &patch, limit(Evict::Oldest), now()).await.unwrap();
    assert_eq!(renewed.evicted, [second.meta().id]);
    let WriteOutcome::NewToken(token) = renewed.result else { panic!("not renewed") };
    // Who holds the value already is not refused.
    let again = both.renew_limited(&token, &patch, limit(Evict::Reject), now()).await.unwrap();
    assert!(matches!(again.result, WriteOutcome::NewToken(_)));
    let live = both.find_by("user", &value, &[], now()).await.unwrap();
    assert!(live.iter().any(|live| live.meta().id == third.meta().id));
    assert_eq!(live.len(), 2);
}

async fn a_store_without_the_key_takes_sealed_sessions_for_corrupt_and_changes_none<D: Database>() {
    let database = D::new().await;
    let (with, without) = (sealed(&database, 1, []), database.store());
    let record = of_user("ada");
    let token = with.create(&record, now()).await.unwrap();
    for result in [
        without.load(&token, now()).await.map(drop),
        without.update(&token, &count_one(), now()).await.map(drop),
        without.update(&token, &Patch::new().set("name", *b"\x01eve"), now()).await.map(drop),
        without.update(&token, &Patch::new().set("user", indexed("eve")), now()).await.map(drop),
        without.update(&token, &Patch::new().drop_all(), now()).await.map(drop),
        without.renew(&token, &Patch::new(), now()).await.map(drop),
    ] {
        assert!(matches!(result, Err(StoreError::Corrupt(_))), "{result:?}");
    }
    // Moves the deadline of the row alone, which prolongs nothing.
    let _ = without.touch(&token, now().after(50 * MINUTE), now()).await.unwrap();
    assert_eq!(with.load(&token, now().after(31 * MINUTE)).await.unwrap(), None);
    assert_eq!(without.list(None, 10, now()).await.unwrap().records, []);
    assert_eq!((found(&without, "ada").await, found(&without, "eve").await), (0, 0));
    assert_eq!(with.load(&token, now()).await.unwrap().unwrap(), record);
    assert_eq!(found(&with, "ada").await, 1);
    assert!(without.destroy(&token).await.unwrap());
    assert_eq!(with.load(&token, now()).await.unwrap(), None);
}

async fn a_store_with_a_key_takes_sessions_that_are_not_sealed_for_corrupt<D: Database>() {
    let database = D::new().await;
    let (with, without) = (sealed(&database, 1, []), database.store());
    for record in [of_user("ada"), Record::new(&meta(), [])] {
        let token = without.create(&record, now()).await.unwrap();
        assert_corrupt(&with, &token, "not sealed").await;
        assert_eq!(with.list(None, 10, now()).await.unwrap().records, []);
        assert_eq!(found(&with, "ada").await, 0);
        assert_eq!(without.load(&token, now()).await.unwrap().unwrap(), record);
        assert!(with.destroy(&token).await.unwrap());
    }
    without.create(&of_user("ada"), now()).await.unwrap();
    assert_eq!(with.clear().await.unwrap(), 1);
}

run_on! { "mysql" mysql crate::mysql::database::OnServer:
    a_new_key_opens_what_an_older_one_sealed_and_the_next_write_seals_with_it
    sessions_are_found_under_each_key_of_the_ring
    a_value_that_was_given_up_is_found_under_no_key
    sessions_from_before_the_keys_changed_count_for_a_limit_and_keep_their_order
    a_store_without_the_key_takes_sealed_sessions_for_corrupt_and_changes_none
    a_store_with_a_key_takes_sessions_that_are_not_sealed_for_corrupt
}

run_on! { "postgres" postgres crate::postgres::database::OnServer:
    a_new_key_opens_what_an_older_one_sealed_and_the_next_write_seals_with_it
    sessions_are_found_under_each_key_of_the_ring
    a_value_that_was_given_up_is_found_under_no_key
    sessions_from_before_the_keys_changed_count_for_a_limit_and_keep_their_order
    a_store_without_the_key_takes_sealed_sessions_for_corrupt_and_changes_none
    a_store_with_a_key_takes_sessions_that_are_not_sealed_for_corrupt
}

run_on! { "sqlite" sqlite crate::sqlite::database::InMemory:
    a_new_key_opens_what_an_older_one_sealed_and_the_next_write_seals_with_it
    sessions_are_found_under_each_key_of_the_ring
    a_value_that_was_given_up_is_found_under_no_key
    sessions_from_before_the_keys_changed_count_for_a_limit_and_keep_their_order
    a_store_without_the_key_takes_sealed_sessions_for_corrupt_and_changes_none
    a_store_with_a_key_takes_sessions_that_are_not_sealed_for_corrupt
}
