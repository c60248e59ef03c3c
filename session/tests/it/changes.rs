//! Change tracking: which changes are written to the store.

use session::Record;
use session_core::{Change, Patch};

use crate::support::{Browser, Session, Site, Verb, seconds};

fn names(patches: &[Patch]) -> Vec<Vec<&str>> {
    patches.iter().map(|patch| patch.changes().map(|(name, _)| name).collect()).collect()
}

fn fields(record: Option<&Record>) -> Vec<String> {
    record.unwrap().fields().map(|(name, _)| name.to_owned()).collect()
}

#[tokio::test]
async fn what_is_taken_is_there_once() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_notice("welcome")).await;
    let taken = async |browser: &mut Browser| {
        let handler = |session: Session| async move {
            format!("{:?} {:?}", session.data.take_notice(), session.data.take_notice())
        };
        site.visit(browser, handler).await.body
    };
    assert_eq!(taken(&mut browser).await, r#"Some("welcome") None"#);
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(taken(&mut browser).await, "None None");
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn taking_or_clearing_what_is_not_there_writes_nothing() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.take_notice();
            session.data.clear_user();
            session.data.clear_items();
            session.data.clear_visits();
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn taking_clearing_and_emptying_without_a_session_creates_none() {
    let site = Site::new();
    let mut browser = Browser::new();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.take_notice();
            session.data.clear_name();
            session.clear();
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_default_written_to_no_session_creates_none() {
    let site = Site::new();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            session.data.set_name("nobody");
            session.data.set_visits(0u64);
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn clearing_what_is_empty_changes_nothing() {
    let site = Site::new();
    let mut browser = site.started(Session::renew).await;
    let before = site.stored(&browser).await;
    let reply = site.visit(&mut browser, |session: Session| async move { session.clear() }).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.stored(&browser).await, before);
}

#[tokio::test]
async fn reading_in_any_way_is_access_and_no_change() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_items(["one".to_owned()])).await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            let listed = session.data.read(|bag| bag.items.join(","));
            format!("{listed} {} {:?}", session.data.items().len(), session.data.user())
        })
        .await;
    assert_eq!(reply.body, "one 1 None");
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control"), None);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn setting_an_equal_value_writes_nothing() {
    let site = Site::new();
    let mut browser = site
        .started(|session| {
            session.data.set_name("ada");
            session.data.set_items(["one".to_owned()]);
        })
        .await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.set_name("ada");
            session.data.update_items(|items| *items = vec!["one".to_owned()]);
            session.data.update_visits(|_| ());
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_change_that_is_taken_back_writes_nothing() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_user("ada")).await;
    site.visit(&mut browser, |session: Session| async move {
        session.data.clear_user();
        session.data.set_a(7u32);
        session.data.set_user("ada");
        session.data.clear_a();
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_change_in_place_is_saved() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_items(["one".to_owned()])).await;
    site.visit(&mut browser, |session: Session| async move {
        session.data.update_items(|items| {
            items[0].push('!');
            items.push("two".to_owned());
        });
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.items().join(" ") }).await;
    assert_eq!(reply.body, "one! two");
}

#[tokio::test]
async fn of_eight_fields_the_one_that_changed_is_sent() {
    let site = Site::new();
    let mut browser = site
        .started(|session| {
            session.data.set_user("ada");
            session.data.set_name("Ada");
            session.data.set_visits(1u64);
            session.data.set_items(["one".to_owned()]);
            session.data.set_notice("hello");
            session.data.set_a(1u32);
            session.data.set_b(1u32);
            session.data.set_c(1u32);
        })
        .await;
    assert_eq!(fields(site.stored(&browser).await.as_ref()).len(), 8);
    site.visit(&mut browser, |session: Session| async move {
        session.data.read(|bag| assert_eq!(bag.c, 1));
        session.data.set_a(1u32);
        session.data.set_b(2u32);
    })
    .await;
    let patches = site.store.take_patches();
    assert_eq!(names(&patches), [["b"]]);
    assert!(matches!(patches[0].change("b"), Some(Change::Set(_))));
    assert!(patches[0].kept().is_none());
    assert!(patches[0].deadlines().is_none());
}

#[tokio::test]
async fn a_cleared_field_leaves_the_store_without_a_trace() {
    let site = Site::new();
    let mut browser = site
        .started(|session| {
            session.data.set_user("ada");
            session.data.set_name("Ada");
            session.data.set_a(1u32);
        })
        .await;
    site.visit(&mut browser, |session: Session| async move {
        session.data.clear_user();
        session.data.clear_name();
    })
    .await;
    let patches = site.store.take_patches();
    assert_eq!(patches[0].change("user"), Some(&Change::Remove));
    assert_eq!(patches[0].change("name"), Some(&Change::Remove));
    assert_eq!(fields(site.stored(&browser).await.as_ref()), ["a"]);
}

#[tokio::test]
async fn a_session_emptied_field_by_field_or_at_once_lives_on_empty_under_its_cookie() {
    let site = Site::new();
    for empty in [(|session| session.data.clear_name()) as fn(&Session), |session| session.clear()] {
        let mut browser = site.started(|session| session.data.set_name("ada")).await;
        let id = site.stored(&browser).await.unwrap().meta().id;
        let reply = site.visit(&mut browser, move |session: Session| async move { empty(&session) }).await;
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        let record = site.stored(&browser).await.unwrap();
        assert!(record.fields().is_empty());
        assert_eq!(record.meta().id, id);

        let reply = site
            .visit(&mut browser, |session: Session| async move {
                format!("{} {}", session.is_new(), session.data.name())
            })
            .await;
        assert_eq!(reply.body, "false nobody");
        assert_eq!(site.calls(), [Verb::Load]);
    }
    assert_eq!(site.store.len(), 2);
}

#[tokio::test]
async fn what_is_set_after_clearing_is_all_that_is_left() {
    let site = Site::new();
    let mut browser = site
        .started(|session| {
            session.data.set_a(1u32);
            session.data.set_b(2u32);
        })
        .await;
    site.visit(&mut browser, |session: Session| async move {
        session.clear();
        session.data.set_b(2u32);
        assert_eq!(session.data.a(), 0);
    })
    .await;
    assert_eq!(fields(site.stored(&browser).await.as_ref()), ["b"]);
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.b().to_string() }).await;
    assert_eq!(reply.body, "2");
}

#[tokio::test]
async fn all_changes_of_a_request_travel_in_one_write() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    site.visit(&mut browser, |session: Session| async move {
        for number in 1..=5u32 {
            session.data.set_a(number);
            session.data.update_items(|items| items.push(number.to_string()));
        }
        session.data.clear_name();
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    let patches = site.store.take_patches();
    assert_eq!(patches.len(), 1);
    assert_eq!(patches[0].changes().count(), 3);
}

#[tokio::test]
async fn an_explicit_save_leaves_nothing_for_the_response_to_write() {
    let site = Site::new();
    let mut browser = Browser::new();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.set_a(1u32);
            session.save().await.unwrap();
            session.save().await.unwrap();
        })
        .await;
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(reply.set_cookie().value().len(), 43);

    site.visit(&mut browser, |session: Session| async move {
        session.data.set_a(2u32);
        session.save().await.unwrap();
        session.data.set_b(2u32);
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update, Verb::Update]);
    assert_eq!(names(&site.store.take_patches()), [["a"], ["b"]]);
}

#[tokio::test]
async fn a_session_too_large_is_refused_before_any_write_and_the_old_data_stays() {
    let site = Site::with(|builder| builder.max_bytes(500));
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let before = site.stored(&browser).await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.set_a(1u32);
            session.data.set_name("x".repeat(500));
        })
        .await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.body, "");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    let errors = site.errors.take();
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].starts_with("the session could not be saved; nothing was written: the session takes "),
        "{errors:?}"
    );
    assert!(errors[0].contains(" bytes, the limit is 500: "), "{errors:?}");
    assert_eq!(site.stored(&browser).await, before);
}

#[tokio::test]
async fn a_first_write_too_large_creates_nothing() {
    let site = Site::with(|builder| builder.max_bytes(500));
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move { session.data.set_name("x".repeat(500)) })
        .await;
    assert_eq!(reply.status, 500);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.errors.take().len(), 1);
}

#[tokio::test]
async fn a_renewal_too_large_leaves_the_old_token_alive() {
    let site = Site::with(|builder| builder.max_bytes(500));
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.renew();
            session.data.set_name("x".repeat(500));
        })
        .await;
    assert_eq!(reply.status, 500);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.errors.take().len(), 1);
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.body, "ada");
}

#[tokio::test]
async fn a_write_moves_the_idle_deadline_without_a_touch_of_its_own() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_a(1u32)).await;
    site.at(1000);
    site.visit(&mut browser, |session: Session| async move { session.data.set_a(2u32) }).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    let meta = site.stored(&browser).await.unwrap().meta();
    assert_eq!(meta.idle_deadline, site.clock.now().after(seconds(1800)));
}
