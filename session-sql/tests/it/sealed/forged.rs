//! Sealed sessions that were changed in the database by hand.

use session_core::{Patch, Record, Store as _, Timestamp, WriteOutcome};

use super::{assert_corrupt, found};
use crate::support::{Database, MINUTE, count_one, indexed, meta, now, of_user, record, run_on, sealed};

async fn a_changed_byte_is_detected_wherever_it_is<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let good = database.sealed().await;
    for at in (0..24).chain((24..good.len()).step_by(29)) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        database.put_sealed(&bytes).await;
        assert_corrupt(&store, &token, &format!("byte {at}")).await;
    }
    assert_eq!(store.list(None, 10, now()).await.unwrap().records, []);
    assert_eq!(found(&store, "ada").await, 0);
    database.put_sealed(&good).await;
    assert_eq!(found(&store, "ada").await, 1);
}

async fn nothing_can_be_removed_added_or_put_in_its_place<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let record = of_user("ada");
    let token = store.create(&record, now()).await.unwrap();
    let good = database.sealed().await;
    let unsealed = Record::new(&record.meta(), [("name", b"\x01lovelace".as_slice())]);
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("cut", good[..good.len() - 1].to_vec()),
        ("head alone", good[..21].to_vec()),
        ("extended", [good.as_slice(), &[0]].concat()),
        ("not sealed", unsealed.as_bytes().to_vec()),
    ] {
        database.put_sealed(&bytes).await;
        assert_corrupt(&store, &token, what).await;
    }
    assert!(store.destroy(&token).await.unwrap());
    assert_eq!(store.count(now()).await.unwrap(), 0);
}

async fn sessions_cannot_be_swapped<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let ada = store.create(&of_user("ada"), now()).await.unwrap();
    let bob = store.create(&of_user("bob"), now()).await.unwrap();
    let column = D::SEALED;
    database.execute(&format!("create table aside as select id, handle_id, {column} from session")).await;
    database
        .execute(&format!(
            "update session set {column} = (select a.{column} from aside a where a.id <> session.id),
            handle_id = (select a.handle_id from aside a where a.id <> session.id)"
        ))
        .await;
    assert_corrupt(&store, &ada, "ada's token").await;
    assert_corrupt(&store, &bob, "bob's token").await;
    assert_eq!(store.list(None, 10, now()).await.unwrap().records, []);
}

async fn another_handle_id_in_the_row_is_detected<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let other = store.create(&of_user("bob"), now()).await.unwrap();
    database.execute("create table aside as select id, handle_id from session").await;
    database
        .execute("update session set handle_id = (select a.handle_id from aside a where a.id <> session.id)")
        .await;
    assert_corrupt(&store, &token, "ada").await;
    assert_corrupt(&store, &other, "bob").await;
}

async fn a_prolonged_deadline_prolongs_nothing_and_an_earlier_one_ends_the_session<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let record = of_user("ada");
    let token = store.create(&record, now()).await.unwrap();
    let far = "update session set idle_deadline = 9000000000000, lifetime_deadline = 9000000000000";
    database.execute(far).await;
    assert_eq!(store.load(&token, now()).await.unwrap().unwrap(), record);
    let later = now().after(31 * MINUTE);
    assert_eq!(store.load(&token, later).await.unwrap(), None);
    assert_eq!(store.update(&token, &count_one(), later).await.unwrap(), WriteOutcome::Gone);
    let touched = store.touch(&token, later.after(MINUTE), later).await.unwrap();
    assert_eq!(touched, WriteOutcome::Gone);
    assert_eq!(store.renew(&token, &Patch::new(), later).await.unwrap(), WriteOutcome::Gone);
    assert_eq!(store.find_by("user", &indexed("ada"), &[], later).await.unwrap(), []);
    assert_eq!(store.list(None, 10, later).await.unwrap().records, []);

    database.execute("update session set idle_deadline = 1").await;
    assert_eq!(store.load(&token, now()).await.unwrap(), None);
    assert_eq!(store.sweep(now()).await.unwrap(), 1);
}

async fn the_sweep_follows_the_sealed_deadlines_as_they_move<D: Database>() {
    let store = sealed(&D::new().await, 1, []);
    let token = store.create(&record(), now()).await.unwrap();
    let until = now().after(50 * MINUTE);
    assert_eq!(store.touch(&token, until, now()).await.unwrap(), WriteOutcome::Done);
    // A deadline that is earlier changes nothing.
    assert_eq!(store.touch(&token, now().after(MINUTE), now()).await.unwrap(), WriteOutcome::Done);
    let just_before = Timestamp::from_millis(until.as_millis() - 1);
    assert_eq!(store.sweep(just_before).await.unwrap(), 0);
    let loaded = store.load(&token, just_before).await.unwrap().unwrap();
    assert_eq!(loaded.meta().idle_deadline, until);
    assert_eq!(store.sweep(until).await.unwrap(), 1);
}

async fn an_entry_of_the_index_that_was_moved_to_another_session_does_not_find_it<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let bob = Record::new(&meta(), [("name", b"\x01bob".as_slice())]);
    let token = store.create(&bob, now()).await.unwrap();
    store.create(&of_user("ada"), now()).await.unwrap();
    database.execute("update session_value set session_id = (select min(s.id) from session s)").await;
    assert_eq!(found(&store, "ada").await, 0);
    assert!(store.load(&token, now()).await.unwrap().is_some());
}

run_on! { "mysql" mysql crate::mysql::database::OnServer:
    a_changed_byte_is_detected_wherever_it_is
    nothing_can_be_removed_added_or_put_in_its_place
    sessions_cannot_be_swapped
    another_handle_id_in_the_row_is_detected
    a_prolonged_deadline_prolongs_nothing_and_an_earlier_one_ends_the_session
    the_sweep_follows_the_sealed_deadlines_as_they_move
    an_entry_of_the_index_that_was_moved_to_another_session_does_not_find_it
}

run_on! { "postgres" postgres crate::postgres::database::OnServer:
    a_changed_byte_is_detected_wherever_it_is
    nothing_can_be_removed_added_or_put_in_its_place
    sessions_cannot_be_swapped
    another_handle_id_in_the_row_is_detected
    a_prolonged_deadline_prolongs_nothing_and_an_earlier_one_ends_the_session
    the_sweep_follows_the_sealed_deadlines_as_they_move
    an_entry_of_the_index_that_was_moved_to_another_session_does_not_find_it
}

run_on! { "sqlite" sqlite crate::sqlite::database::InMemory:
    a_changed_byte_is_detected_wherever_it_is
    nothing_can_be_removed_added_or_put_in_its_place
    sessions_cannot_be_swapped
    another_handle_id_in_the_row_is_detected
    a_prolonged_deadline_prolongs_nothing_and_an_earlier_one_ends_the_session
    the_sweep_follows_the_sealed_deadlines_as_they_move
    an_entry_of_the_index_that_was_moved_to_another_session_does_not_find_it
}
