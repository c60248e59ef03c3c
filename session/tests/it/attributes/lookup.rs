//! Lookup and revocation of sessions by principal or indexed value.

use std::collections::BTreeSet;
use std::sync::Arc;

use session::{Databag, Error, HandleId, SessionManager, Store};
use tokio::sync::Barrier;

use super::account::{Account, Session};
use super::on_each_managed;
use crate::support::{Browser, Site, Verb};

type Accessors = <Account as Databag>::Accessors;

/// Returns the handle ids of the sessions found.
async fn found(manager: &SessionManager<Account>, whose: impl FnOnce(&Accessors)) -> BTreeSet<HandleId> {
    let listed = manager.sessions_where(whose).await.unwrap();
    let ids: BTreeSet<_> = listed.iter().map(|listed| listed.meta.id).collect();
    assert_eq!(ids.len(), listed.len(), "no session is listed twice");
    ids
}

async fn found_of(manager: &SessionManager<Account>, user: &str) -> BTreeSet<HandleId> {
    found(manager, |of| of.set_user(user)).await
}

/// Returns a signed-in visitor, and the handle id of the session.
async fn signed_in<S: Store>(site: &Site<S>, user: &str) -> (Browser, HandleId) {
    let (mut browser, user) = (Browser::new(), user.to_owned());
    site.request(&mut browser, move |session| session.data.set_user(user)).await;
    assert_eq!(site.calls(), [Verb::Create]);
    let id = site.stored(&browser).await.unwrap().meta().id;
    (browser, id)
}

#[tokio::test]
async fn the_sessions_of_someone_are_the_live_ones_of_theirs_and_no_other() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (_, early) = signed_in(&site, "ada").await;
        signed_in(&site, "eve").await;
        site.at(1000);
        let (_, late) = signed_in(&site, "ada").await;
        site.at(1799);
        assert_eq!(found_of(&manager, "ada").await, [early, late].into());
        site.at(1800);
        assert_eq!(found_of(&manager, "ada").await, [late].into());
        assert_eq!(found_of(&manager, "eve").await, [].into());
        assert_eq!(manager.destroy_all("ada", None).await.unwrap(), 1);
        assert!(site.errors.take().is_empty());
    });
}

#[tokio::test]
async fn a_list_shows_meta_and_the_fields_that_sessions_are_found_by() {
    on_each_managed!(|builder| builder, |manager, site| {
        site.at(60);
        let (mut browser, id) = signed_in(&site, "ada").await;
        site.request(&mut browser, |session| session.data.set_device("phone")).await;
        let listed = manager.sessions_of("ada").await.unwrap();
        assert_eq!(listed[0].labels.user.as_deref(), Some("ada"));
        assert_eq!(listed[0].labels.device.as_deref(), Some("phone"));
        assert_eq!((listed[0].meta.id, listed[0].meta.created_at), (id, site.clock.now()));
    });
}

#[tokio::test]
async fn a_session_whose_principal_changes_is_found_by_its_new_owner_only() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (mut browser, id) = signed_in(&site, "ada").await;
        site.request(&mut browser, |session| session.data.set_user("eve")).await;
        assert_eq!(found_of(&manager, "ada").await, [].into());
        let of_eve = found_of(&manager, "eve").await;
        assert!(of_eve.len() == 1 && !of_eve.contains(&id), "under a handle id of her own");
        assert_eq!(manager.destroy_all("ada", None).await.unwrap(), 0);
        assert_eq!(site.live().await, 1);
    });
}

#[tokio::test]
async fn a_session_that_loses_its_principal_is_found_no_longer_and_lives_on() {
    let leave: [fn(&Session); 5] = [
        |session| session.data.clear_user(),
        |session| drop(session.data.take_user()),
        |session| session.data.update_user(|user| *user = None),
        Session::clear,
        Session::renew_and_clear,
    ];
    for leave in leave {
        on_each_managed!(|builder| builder, |manager, site| {
            let (mut browser, _) = signed_in(&site, "ada").await;
            site.request(&mut browser, leave).await;
            assert_eq!(found_of(&manager, "ada").await, [].into());
            assert_eq!(manager.destroy_all("ada", None).await.unwrap(), 0);
            assert_eq!(site.live().await, 1);
        });
    }
}

#[tokio::test]
async fn sessions_of_nobody_are_never_listed() {
    on_each_managed!(|builder| builder, |manager, site| {
        site.account(|session| session.data.set_csrf("f00")).await;
        for nobody in ["", "None", "null", "*"] {
            assert_eq!(found_of(&manager, nobody).await, [].into());
            assert_eq!(manager.destroy_all(nobody, None).await.unwrap(), 0);
        }
        assert_eq!(site.live().await, 1);
    });
}

#[tokio::test]
async fn a_sign_in_that_was_not_saved_is_not_found() {
    on_each_managed!(|builder| builder, |manager, site| {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let fail = |session: &Session| {
            session.data.set_user("ada");
            http::StatusCode::INTERNAL_SERVER_ERROR
        };
        site.request(&mut browser, fail).await;
        assert_eq!(found_of(&manager, "ada").await, [].into());
    });
}

#[tokio::test]
async fn a_renewed_session_is_found_once_under_the_same_handle_id() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (mut browser, id) = signed_in(&site, "ada").await;
        for _ in 0..3 {
            site.request(&mut browser, Session::renew).await.set_cookie();
        }
        assert_eq!(found_of(&manager, "ada").await, [id].into());
        assert_eq!(manager.destroy_all("ada", None).await.unwrap(), 1);
        assert!(site.stored(&browser).await.is_none());
    });
}

#[tokio::test]
async fn a_destroyed_session_is_found_no_longer_however_it_was_destroyed() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (mut at_response, _) = signed_in(&site, "ada").await;
        let (mut at_once, _) = signed_in(&site, "ada").await;
        let (by_hand, _) = signed_in(&site, "ada").await;
        let (mut replaced, _) = signed_in(&site, "ada").await;
        let (mut failing, _) = signed_in(&site, "ada").await;
        site.request(&mut at_response, Session::destroy).await;
        let explicit = |session: Session| async move {
            session.destroy();
            session.save().await.unwrap();
        };
        site.visit(&mut at_once, explicit).await;
        manager.destroy(&manager.get(by_hand.token()).await.unwrap()).await.unwrap();
        let replace = |session: &Session| {
            session.destroy();
            session.data.set_user("eve");
        };
        site.request(&mut replaced, replace).await;
        let fail = |session: &Session| {
            session.destroy();
            http::StatusCode::INTERNAL_SERVER_ERROR
        };
        site.request(&mut failing, fail).await;
        assert_eq!(found_of(&manager, "ada").await, [].into());
        assert_eq!(found_of(&manager, "eve").await.len(), 1);
        assert_eq!(site.live().await, 1);
    });
}

#[tokio::test]
async fn an_explicitly_saved_sign_in_and_one_by_hand_are_found_like_any_other() {
    on_each_managed!(|builder| builder, |manager, site| {
        let handler = |session: Session| async move {
            session.data.set_user("ada");
            session.save().await.unwrap();
        };
        site.visit(&mut Browser::new(), handler).await;
        let by_hand = manager.create().await.unwrap();
        by_hand.data.set_user("ada");
        by_hand.save().await.unwrap();
        let ids = found_of(&manager, "ada").await;
        assert_eq!(ids.len(), 2);
        assert!(ids.contains(&by_hand.id().unwrap()));
    });
}

#[tokio::test]
async fn ending_all_sessions_of_someone_but_the_current_one_leaves_that_and_those_of_others() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (current, id) = signed_in(&site, "ada").await;
        let (one, _) = signed_in(&site, "ada").await;
        let (two, _) = signed_in(&site, "ada").await;
        let (other, _) = signed_in(&site, "eve").await;
        assert_eq!(manager.destroy_all("ada", Some(id)).await.unwrap(), 2);
        assert!(site.stored(&one).await.is_none() && site.stored(&two).await.is_none());
        assert!(site.stored(&current).await.is_some() && site.stored(&other).await.is_some());
        assert_eq!(found_of(&manager, "ada").await, [id].into());
    });
}

#[tokio::test]
async fn a_request_under_way_does_not_revive_a_session_that_was_ended_with_all_others() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (browser, _) = signed_in(&site, "ada").await;
        let [writer, renewer] = site.open_twice(&browser).await;
        writer.session.data.set_csrf("f00");
        renewer.session.renew();
        manager.destroy_all("ada", None).await.unwrap();
        for request in [writer, renewer] {
            assert!(!request.respond(200).await.has_set_cookie());
        }
        assert_eq!(site.live().await, 0);
        assert_eq!(site.gone.take().len(), 2);
    });
}

#[tokio::test]
async fn who_signs_out_is_signed_out_though_another_request_renews_the_session_meanwhile() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (browser, _) = signed_in(&site, "ada").await;
        let (_, phone) = signed_in(&site, "ada").await;
        let [leaver, renewer] = site.open_twice(&browser).await;
        leaver.session.destroy();
        renewer.session.renew();
        let mut late = browser.clone();
        late.take_cookies(&renewer.respond(200).await);
        assert_ne!(late.token(), browser.token());
        assert_eq!(leaver.respond(200).await.set_cookie().value(), "");
        assert!(site.stored(&late).await.is_none());
        assert_eq!(found_of(&manager, "ada").await, [phone].into());
        assert_eq!(site.live().await, 1);
        assert!(site.errors.take().is_empty() && site.gone.take().is_empty());
    });
}

#[tokio::test]
async fn who_signs_out_does_not_sign_out_who_has_the_session_by_then() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (browser, id) = signed_in(&site, "ada").await;
        let [leaver, successor] = site.open_twice(&browser).await;
        leaver.session.destroy();
        successor.session.data.set_user("eve");
        successor.respond(200).await;
        leaver.respond(200).await;
        let of_eve = found_of(&manager, "eve").await;
        assert!(of_eve.len() == 1 && !of_eve.contains(&id));
    });
}

#[tokio::test]
async fn an_index_and_the_principal_change_independently() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (mut browser, id) = signed_in(&site, "ada").await;
        let by_device = |name: &'static str| found(&manager, move |of| of.set_device(name));
        let reply = site.request(&mut browser, |session| session.data.set_device("phone")).await;
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        assert_eq!(by_device("phone").await, [id].into());
        assert_eq!(found_of(&manager, "ada").await, [id].into());

        site.request(&mut browser, |session| session.data.clear_device()).await;
        assert_eq!(by_device("phone").await, [].into());
        assert_eq!(found_of(&manager, "ada").await, [id].into());

        let hand_over = |session: &Session| {
            session.data.set_device("desk");
            session.data.clear_user();
        };
        site.request(&mut browser, hand_over).await;
        assert_eq!(found_of(&manager, "ada").await, [].into());
        let at_desk = by_device("desk").await;
        assert!(at_desk.len() == 1 && !at_desk.contains(&id));
        site.request(&mut browser, |session| session.data.set_user("ada")).await;
        assert_eq!((by_device("desk").await, found_of(&manager, "ada").await), (at_desk.clone(), at_desk));
    });
}

#[tokio::test]
async fn sessions_are_ended_by_an_index_whoever_owns_them() {
    on_each_managed!(|builder| builder, |manager, site| {
        let fill = |session: &Session| {
            session.data.set_user("ada");
            session.data.set_device("phone");
        };
        site.account(fill).await;
        site.account(|session| session.data.set_device("phone")).await;
        let (_, id) = signed_in(&site, "ada").await;
        assert_eq!(manager.destroy_where(|of| of.set_device("phone"), None).await.unwrap(), 2);
        assert_eq!(found_of(&manager, "ada").await, [id].into());
        assert_eq!(site.live().await, 1);
    });
}

#[tokio::test]
async fn the_same_value_of_another_field_is_another_value() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (_, id) = signed_in(&site, "x").await;
        site.account(|session| session.data.set_device("x")).await;
        site.account(|session| session.data.set_csrf("x")).await;
        assert_eq!(found_of(&manager, "x").await, [id].into());
        assert_eq!(manager.destroy_all("x", None).await.unwrap(), 1);
        assert_eq!(site.live().await, 2);
    });
}

#[tokio::test]
async fn values_of_any_spelling_are_found_exactly() {
    let users = [
        "",
        "a",
        "A",
        "a:b",
        "a:",
        ":",
        "*",
        "a*",
        "?",
        "[a]",
        "{a}",
        "{",
        "}",
        "a\0",
        "a\n",
        "a b",
        " a",
        "..",
        "%2A",
        "ä",
        "a\u{308}",
        "\u{1f980}",
        "ada@example.com",
    ];
    on_each_managed!(|builder| builder, |manager, site| {
        let mut ids = Vec::new();
        for user in users {
            ids.push(signed_in(&site, user).await.1);
        }
        for (user, id) in users.iter().zip(&ids) {
            assert_eq!(found_of(&manager, user).await, [*id].into(), "{user:?}");
        }
        for (ended, user) in users.iter().enumerate() {
            assert_eq!(manager.destroy_all(*user, None).await.unwrap(), 1, "{user:?}");
            assert_eq!(site.live().await, (users.len() - ended - 1) as u64);
        }
    });
}

#[tokio::test]
async fn no_indexed_field_two_of_them_and_a_plain_one_find_nothing_and_end_nothing() {
    on_each_managed!(|builder| builder, |manager, site| {
        signed_in(&site, "ada").await;
        let mistakes: [fn(&Accessors); 6] = [
            |_| (),
            |of| of.clear_user(),
            |of| of.set_csrf("f00"),
            |of| of.set_theme("dark"),
            |of| {
                of.set_user("ada");
                of.clear_user();
            },
            |of| {
                of.set_user("ada");
                of.set_device("phone");
            },
        ];
        for whose in mistakes {
            assert!(matches!(manager.sessions_where(whose).await, Err(Error::NotIndexed)));
            assert!(matches!(manager.destroy_where(whose, None).await, Err(Error::NotIndexed)));
        }
        assert_eq!(site.live().await, 1);
        assert!(site.errors.take().is_empty());
    });
}

#[derive(Databag)]
struct Valued {
    #[databag(principal, default = 1)]
    user: u64,
    #[databag(index, default = "acme")]
    tenant: String,
}

#[tokio::test]
async fn a_value_that_is_also_the_default_finds_the_sessions_that_were_given_it() {
    let manager = SessionManager::<Valued>::new(session::MemoryStore::new());
    manager.create().await.unwrap();
    let session = manager.create().await.unwrap();
    session.data.set_user(2);
    session.data.set_tenant("other");
    session.save().await.unwrap();
    assert!(manager.sessions_of(&1).await.unwrap().is_empty());
    assert!(manager.sessions_where(|of| of.set_tenant("acme")).await.unwrap().is_empty());
    session.data.set_user(1);
    session.data.set_tenant("acme");
    session.save().await.unwrap();
    assert_eq!(manager.sessions_of(&1).await.unwrap()[0].meta.id, session.id().unwrap());
    let of_acme = manager.sessions_where(|of| of.set_tenant("acme")).await.unwrap();
    assert_eq!(of_acme.len(), 1, "a default that was never set is not indexed");
    assert_eq!(manager.destroy_where(|of| of.set_user(1), None).await.unwrap(), 1);
}

#[tokio::test]
async fn a_principal_is_given_in_any_form_that_owns_to_it() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (_, id) = signed_in(&site, "ada").await;
        let (owned, borrowed) = ("ada".to_owned(), std::borrow::Cow::Borrowed("ada"));
        for listed in [
            manager.sessions_of("ada").await.unwrap(),
            manager.sessions_of(&owned).await.unwrap(),
            manager.sessions_of(owned.as_str()).await.unwrap(),
            manager.sessions_of(&*borrowed).await.unwrap(),
        ] {
            assert_eq!(listed.iter().map(|listed| listed.meta.id).collect::<Vec<_>>(), [id]);
        }
    });
}

#[tokio::test]
async fn one_session_of_someone_is_ended_and_no_other() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (phone, phone_id) = signed_in(&site, "ada").await;
        let (desk, _) = signed_in(&site, "ada").await;
        let (eve, eve_id) = signed_in(&site, "eve").await;
        assert!(!manager.destroy_one("ada", eve_id).await.unwrap(), "it is not hers");
        assert!(!manager.destroy_one("nobody", phone_id).await.unwrap());
        assert!(site.stored(&eve).await.is_some() && site.stored(&phone).await.is_some());
        assert!(manager.destroy_one("ada", phone_id).await.unwrap());
        assert!(site.stored(&phone).await.is_none() && site.stored(&desk).await.is_some());
        assert!(!manager.destroy_one("ada", phone_id).await.unwrap(), "it was there once");
        assert_eq!(site.live().await, 2);
    });
}

#[tokio::test]
async fn an_administrator_ends_any_session_by_its_handle_id() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (browser, id) = signed_in(&site, "ada").await;
        let mut ids = Vec::new();
        for _ in 0..300 {
            ids.push(manager.create().await.unwrap().id().unwrap());
        }
        assert!(manager.destroy_by_id(id).await.unwrap());
        assert!(site.stored(&browser).await.is_none());
        assert!(!manager.destroy_by_id(id).await.unwrap());
        for id in &ids {
            assert!(manager.destroy_by_id(*id).await.unwrap());
        }
        assert_eq!(site.live().await, 0);
    });
}

#[tokio::test]
async fn an_expired_session_cannot_be_ended_any_more() {
    on_each_managed!(|builder| builder, |manager, site| {
        let (_, id) = signed_in(&site, "ada").await;
        site.at(1800);
        assert!(!manager.destroy_one("ada", id).await.unwrap());
        assert!(!manager.destroy_by_id(id).await.unwrap());
    });
}

#[cfg(feature = "cookie")]
#[tokio::test]
async fn sessions_in_cookies_cannot_be_found() {
    use session::StoreError;

    let (manager, site) = super::account::managed_on(crate::sealed::site::stateless().store);
    site.account(|session| session.data.set_user("ada")).await;
    let listed = manager.sessions_of("ada").await;
    assert!(matches!(listed, Err(Error::Manage(StoreError::Unsupported(_)))));
    assert_eq!(site.errors.take().len(), 1);
    let ended = manager.destroy_all("ada", None).await;
    assert!(matches!(ended, Err(Error::Manage(StoreError::Unsupported(_)))));
    let id = HandleId::from([0; 16]);
    for ended in [manager.destroy_one("ada", id).await, manager.destroy_by_id(id).await] {
        assert!(matches!(ended, Err(Error::Manage(StoreError::Unsupported(_)))));
    }
    assert_eq!(site.errors.take().len(), 3);
}

#[cfg(feature = "cookie")]
#[tokio::test]
async fn sessions_in_revocable_cookies_are_ended_by_whom_they_belong_to_but_not_listed() {
    use session::StoreError;

    let (manager, site) = super::account::managed_on(crate::sealed::site::revocable(&Arc::default()).store);
    let user = async |browser: &Browser| {
        let read = |session: Session| async move { session.data.user().unwrap_or_default() };
        site.visit_as(browser, read).await.body
    };
    let ((here, id), (there, _)) = (signed_in(&site, "ada").await, signed_in(&site, "ada").await);
    let (eve, _) = signed_in(&site, "eve").await;
    assert_eq!(manager.destroy_all("ada", Some(id)).await.unwrap(), 0, "nobody can count them");
    assert_eq!([user(&here).await, user(&there).await, user(&eve).await], ["ada", "", "eve"]);
    site.calls();
    let (again, _) = signed_in(&site, "ada").await;
    assert_eq!([user(&here).await, user(&again).await], ["ada", "ada"]);
    manager.destroy_all("ada", None).await.unwrap();
    assert_eq!([user(&here).await, user(&again).await, user(&eve).await], ["", "", "eve"]);

    let listed = manager.sessions_of("ada").await;
    assert!(matches!(listed, Err(Error::Manage(StoreError::Unsupported("find_by")))));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sign_ins_and_renewals_under_way_none_saves_a_session_that_was_there_when_all_were_ended() {
    on_each_managed!(|builder| builder, |manager, site| {
        let site = Arc::new(site);
        let mut there = Vec::new();
        for _ in 0..20 {
            there.push(signed_in(&site, "ada").await);
        }
        let doomed: BTreeSet<_> = there.iter().map(|(_, id)| *id).collect();
        let start = Arc::new(Barrier::new(41));
        let mut requests = Vec::new();
        for (mut browser, _) in there {
            let (one, other) = ((site.clone(), start.clone()), (site.clone(), start.clone()));
            requests.push(tokio::spawn(async move {
                let (site, start) = one;
                start.wait().await;
                // Without a session to renew, an anonymous one would be created.
                let renew = |session: &Session| {
                    if !session.is_new() {
                        session.renew();
                    }
                };
                site.request(&mut browser, renew).await;
                browser
            }));
            requests.push(tokio::spawn(async move {
                let (site, start) = other;
                let mut browser = Browser::new();
                start.wait().await;
                site.request(&mut browser, |session| session.data.set_user("ada")).await;
                browser
            }));
        }
        start.wait().await;
        let ended = manager.destroy_all("ada", None).await.unwrap();
        let mut live = BTreeSet::new();
        for request in requests {
            live.extend(site.stored(&request.await.unwrap()).await.map(|record| record.meta().id));
        }
        assert!(live.is_disjoint(&doomed));
        assert_eq!(found_of(&manager, "ada").await, live);
        assert_eq!(u64::try_from(live.len()).unwrap() + ended, 40);
        assert_eq!(site.live().await, live.len() as u64);
    });
}
