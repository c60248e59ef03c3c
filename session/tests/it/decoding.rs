//! Stored data of other versions of the application, unreadable data, and values that cannot be encoded.

use session::{Databag, Error, HandleId, Meta, Record, Store as _, StoreError};

use crate::support::{Browser, Session, Site, T0, Verb, seconds};

/// Returns a browser whose session holds these bytes.
async fn planted(site: &Site, fields: &[(&str, &[u8])]) -> Browser {
    let meta = Meta {
        id: HandleId::random().unwrap(),
        created_at: T0,
        authenticated_at: None,
        idle_deadline: T0.after(seconds(1800)),
        idle_timeout: seconds(1800),
        lifetime_deadline: T0.after(seconds(86400)),
        remember: false,
    };
    let record = Record::new(&meta, fields.iter().copied());
    let token = site.store.inner.create(&record, T0).await.unwrap();
    Browser::with_cookie("__Host-session", token.expose())
}

const ADA: &[u8] = &[4, 0xa3, b'a', b'd', b'a'];

#[tokio::test]
async fn a_field_that_the_record_does_not_know_shows_its_default_and_nothing_is_written() {
    let site = Site::new();
    let mut browser = planted(&site, &[("name", ADA)]).await;
    let handler = |session: Session| async move {
        session.data.read(|bag| format!("{} {:?} {}", bag.name, bag.user, bag.visits))
    };
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(reply.body, "ada None 0");
    assert_eq!(site.calls(), [Verb::Load]);
    assert!(site.warnings.take().is_empty());
}

#[tokio::test]
async fn a_field_that_the_databag_does_not_know_is_ignored_and_outlives_writes() {
    let site = Site::new();
    let mut browser = planted(&site, &[("name", ADA), ("future", &[9, 9, 9])]).await;
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.body, "ada");
    assert_eq!(site.calls(), [Verb::Load]);

    site.visit(&mut browser, |session: Session| async move { session.data.set_name("eve") }).await;
    site.visit(&mut browser, |session: Session| async move { session.renew() }).await;
    assert_eq!(site.stored(&browser).await.unwrap().get("future"), Some([9, 9, 9].as_slice()));

    site.visit(&mut browser, |session: Session| async move { session.clear() }).await;
    assert!(site.stored(&browser).await.unwrap().fields().is_empty());
    assert!(site.warnings.take().is_empty());
}

#[tokio::test]
async fn a_field_that_cannot_be_read_shows_its_default_and_is_named_once_and_the_others_survive() {
    let unreadable: [&[u8]; 5] =
        [&[], &[4], &[7, 1], &[4, 0xdb, 0xff, 0xff, 0xff, 0xff], &[4, 0xa3, b'a', b'd', 0xff]];
    for bytes in unreadable {
        let site = Site::new();
        let mut browser = planted(&site, &[("user", bytes), ("name", ADA)]).await;
        let handler = |session: Session| async move {
            session.data.user();
            format!("{:?} {}", session.data.user(), session.data.name())
        };
        let reply = site.visit(&mut browser, handler).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "None ada"));
        assert_eq!(site.calls(), [Verb::Load]);
        let warnings = site.warnings.take();
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].starts_with("field `user` cannot be read and shows its default"), "{warnings:?}");
        assert!(site.errors.take().is_empty());
    }
}

#[tokio::test]
async fn a_field_that_cannot_be_read_keeps_its_bytes_until_it_is_set() {
    let site = Site::new();
    let mut browser = planted(&site, &[("name", &[7, 1]), ("a", &[4, 1])]).await;
    site.visit(&mut browser, |session: Session| async move {
        session.data.read(|_| ());
        session.data.set_a(2u32);
    })
    .await;
    assert_eq!(site.stored(&browser).await.unwrap().get("name"), Some([7, 1].as_slice()));
    assert_eq!(site.warnings.take().len(), 1);

    site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    assert_eq!(site.stored(&browser).await.unwrap().get("name"), Some(ADA));
    assert!(site.warnings.take().is_empty());
}

#[tokio::test]
async fn a_field_that_cannot_be_read_leaves_the_record_when_it_is_cleared() {
    let site = Site::new();
    let mut browser = planted(&site, &[("user", &[7, 1]), ("name", ADA)]).await;
    site.visit(&mut browser, |session: Session| async move { session.data.clear_user() }).await;
    assert_eq!(site.stored(&browser).await.unwrap().get("user"), None);
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
}

#[tokio::test]
async fn a_corrupt_record_counts_as_none_and_is_reported() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let token = browser.token().to_owned();
    site.store.fail(Verb::Load, || StoreError::Corrupt("bad checksum".into()));
    let handler = |session: Session| async move { format!("{} {}", session.is_new(), session.data.name()) };
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "true nobody"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be loaded: the stored session is corrupt and treated as absent, check what else writes to the store: bad checksum"
        ]
    );
    assert_eq!(site.store.len(), 1);

    site.visit(&mut browser, |session: Session| async move { session.data.set_name("eve") }).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Create]);
    assert_eq!(site.errors.take().len(), 1);
    assert_ne!(browser.token(), token);
    site.store.recover();
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(reply.body, "false eve");
}

/// A databag whose `text` was once called `title`, and whose `secret` cannot be stored.
#[derive(Databag)]
struct Letter {
    #[databag(alias = "title")]
    text: String,
    secret: Option<Unstorable>,
}

#[derive(Clone, serde::Deserialize)]
struct Unstorable(String);

impl serde::Serialize for Unstorable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom(&self.0))
    }
}

type Letters = session::Session<Letter>;

fn write(session: &Letters, text: &str) {
    session.data.set_text(text);
}

fn set_unstorable(session: &Letters) {
    session.data.set_secret(Unstorable("4711".into()));
}

#[tokio::test]
async fn a_renamed_field_is_read_under_its_old_name_and_nothing_is_written() {
    let site = Site::new();
    let mut browser = planted(&site, &[("title", ADA)]).await;
    let handler = |session: Letters| async move { session.data.text() };
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(reply.body, "ada");
    site.visit(&mut browser, |session: Letters| async move { write(&session, "ada") }).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Load]);

    site.visit(&mut browser, |session: Letters| async move { write(&session, "eve") }).await;
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(reply.body, "eve");
    assert!(site.stored(&browser).await.unwrap().get("text").is_some());
}

#[tokio::test]
async fn a_field_that_cannot_be_encoded_keeps_the_whole_request_from_being_written() {
    let site = Site::new();
    let mut browser = planted(&site, &[("text", ADA)]).await;
    let before = site.stored(&browser).await;
    for renewing in [false, true] {
        let reply = site
            .visit(&mut browser, move |session: Letters| async move {
                write(&session, "eve");
                set_unstorable(&session);
                if renewing {
                    session.renew();
                }
            })
            .await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (500, ""));
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
        let errors = site.errors.take();
        assert_eq!(errors.len(), 1);
        assert!(errors[0].starts_with("field `secret` cannot be stored: "), "{errors:?}");
        assert!(!errors[0].contains("4711"), "{errors:?}");
        assert_eq!(site.stored(&browser).await, before);
    }
}

#[tokio::test]
async fn a_field_that_cannot_be_encoded_keeps_a_session_from_being_created() {
    let site = Site::new();
    let reply = site
        .visit(&mut Browser::new(), |session: Letters| async move {
            write(&session, "eve");
            set_unstorable(&session);
        })
        .await;
    assert_eq!(reply.status, 500);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.errors.take().len(), 1);
}

#[tokio::test]
async fn a_handler_learns_from_an_explicit_save_which_field_cannot_be_encoded_and_may_mend_it() {
    let site = Site::new();
    let mut browser = planted(&site, &[("text", ADA)]).await;
    let reply = site
        .visit(&mut browser, |session: Letters| async move {
            write(&session, "eve");
            set_unstorable(&session);
            assert!(matches!(session.save().await, Err(Error::Field { name: "secret", .. })));
            session.data.clear_secret();
        })
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(site.errors.take().len(), 1);
    let handler = |session: Letters| async move { session.data.text() };
    assert_eq!(site.visit(&mut browser, handler).await.body, "eve");
}

#[tokio::test]
async fn a_session_is_destroyed_although_what_was_set_afterwards_cannot_be_encoded() {
    let site = Site::new();
    let mut browser = planted(&site, &[("text", ADA)]).await;
    let reply = site
        .visit(&mut browser, |session: Letters| async move {
            session.destroy();
            set_unstorable(&session);
        })
        .await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.set_cookie().value(), "");
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.errors.take().len(), 1);
}
