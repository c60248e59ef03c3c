//! Sealed sessions whose earlier state was put back by hand.

use session_core::{HandleId, Patch, Store as _, Token, WriteOutcome};

use super::assert_corrupt;
use crate::support::{Database, MINUTE, count_one, now, of_user, run_on, sealed};

fn renewed(outcome: WriteOutcome) -> Token {
    match outcome {
        WriteOutcome::NewToken(token) => token,
        outcome => panic!("{outcome:?}"),
    }
}

async fn what_was_sealed_earlier_is_the_whole_earlier_session_beside_whatever_metadata<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let (earlier, record) = (database.sealed().await, store.load(&token, now()).await.unwrap());
    let patch = count_one()
        .set("name", *b"\x01grace")
        .remove("user")
        .authenticate(now())
        .touch(now().after(40 * MINUTE));
    assert_eq!(store.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
    assert_ne!(store.load(&token, now()).await.unwrap(), record);
    database.put_sealed(&earlier).await;
    assert_eq!(store.load(&token, now()).await.unwrap(), record);
}

async fn a_session_that_passed_to_another_principal_cannot_be_put_back_by_its_values_alone<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let earlier = database.sealed().await;
    let patch = Patch::new().drop_all().identify(HandleId::random().unwrap(), now());
    assert_eq!(store.update(&token, &patch, now()).await.unwrap(), WriteOutcome::Done);
    database.put_sealed(&earlier).await;
    assert_corrupt(&store, &token, "values of the first principal").await;
}

async fn a_renewed_session_cannot_be_put_back_under_its_new_token<D: Database>() {
    let database = D::new().await;
    let store = sealed(&database, 1, []);
    let token = store.create(&of_user("ada"), now()).await.unwrap();
    let earlier = database.sealed().await;
    let token = renewed(store.renew(&token, &count_one(), now()).await.unwrap());
    database.put_sealed(&earlier).await;
    assert_corrupt(&store, &token, "values from before the renewal").await;
}

run_on! { "mysql" mysql crate::mysql::database::OnServer:
    what_was_sealed_earlier_is_the_whole_earlier_session_beside_whatever_metadata
    a_session_that_passed_to_another_principal_cannot_be_put_back_by_its_values_alone
    a_renewed_session_cannot_be_put_back_under_its_new_token
}

run_on! { "postgres" postgres crate::postgres::database::OnServer:
    what_was_sealed_earlier_is_the_whole_earlier_session_beside_whatever_metadata
    a_session_that_passed_to_another_principal_cannot_be_put_back_by_its_values_alone
    a_renewed_session_cannot_be_put_back_under_its_new_token
}

run_on! { "sqlite" sqlite crate::sqlite::database::InMemory:
    what_was_sealed_earlier_is_the_whole_earlier_session_beside_whatever_metadata
    a_session_that_passed_to_another_principal_cannot_be_put_back_by_its_values_alone
    a_renewed_session_cannot_be_put_back_under_its_new_token
}
