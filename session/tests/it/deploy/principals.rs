//! Whose session it is after the principal's type changed.

use session::Databag;

use super::version;
use crate::support::SpyStore;

#[derive(Databag)]
struct ById {
    #[databag(principal)]
    user: Option<u64>,
}

#[derive(Databag)]
struct BySignedId {
    #[databag(principal)]
    user: Option<i64>,
}

#[derive(Databag)]
struct ByName {
    #[databag(principal)]
    user: Option<String>,
}

#[tokio::test]
async fn a_number_stays_the_same_user_in_a_type_of_another_sign() {
    let store = SpyStore::default();
    let (old, _) = version::<ById>(&store);
    let session = old.create().await.unwrap();
    session.data.set_user(84);
    session.save().await.unwrap();
    let (new, warnings) = version::<BySignedId>(&store);
    assert_eq!(new.get(&session.token().unwrap()).await.unwrap().data.user(), Some(84));
    assert_eq!(new.sessions_of(&84).await.unwrap().len(), 1);
    for other in [42, -42, 168, -84] {
        assert!(new.sessions_of(&other).await.unwrap().is_empty(), "{other}");
    }
    assert!(warnings.take().is_empty());
}

#[tokio::test]
async fn a_principal_that_does_not_fit_is_nobody_and_no_user_of_the_new_type() {
    let store = SpyStore::default();
    let (old, _) = version::<ById>(&store);
    let session = old.create().await.unwrap();
    session.data.set_user(1 << 63);
    session.save().await.unwrap();
    let (signed, warnings) = version::<BySignedId>(&store);
    assert_eq!(signed.get(&session.token().unwrap()).await.unwrap().data.user(), None);
    let warning = warnings.take();
    assert!(warning.len() == 1 && warning[0].contains("`user`"), "{warning:?}");
    for user in [i64::MIN, i64::MAX, 0, -1] {
        assert!(signed.sessions_of(&user).await.unwrap().is_empty(), "{user}");
    }
    let (named, warnings) = version::<ByName>(&store);
    assert_eq!(named.get(&session.token().unwrap()).await.unwrap().data.user(), None);
    assert_eq!(warnings.take().len(), 1);
    for user in ["", "9223372036854775808"] {
        assert!(named.sessions_of(user).await.unwrap().is_empty(), "{user}");
    }
}
