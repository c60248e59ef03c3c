//! Sessions that were destroyed or renewed by another request, or expired, between load and commit.

use session::Error;

use crate::support::{Session, Site, Verb};

#[tokio::test]
async fn a_write_to_a_session_destroyed_meanwhile_does_not_revive_it() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let id = site.stored(&browser).await.unwrap().meta().id;
    let (writer, destroyer) = site.open_two(&browser).await;
    writer.session.data.set_a(2u32);
    destroyer.session.destroy();
    assert_eq!(destroyer.respond(200).await.set_cookie().value(), "");

    let reply = writer.respond(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("cache-control"), None);
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Update]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take(), [id.to_string()]);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_write_to_a_session_renewed_meanwhile_reaches_neither_token() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_a(1u32)).await;
    let old = browser.clone();
    let id = site.stored(&browser).await.unwrap().meta().id;
    let (writer, renewer) = site.open_two(&browser).await;
    writer.session.data.set_a(2u32);
    renewer.session.renew();
    browser.take_cookies(&renewer.respond(200).await);

    let reply = writer.respond(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Renew, Verb::Update]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.stored(&old).await, None);
    assert_eq!(site.seen(&browser).await, "nobody 1 0 0");
    assert_eq!(site.gone.take(), [id.to_string()]);
}

#[tokio::test]
async fn a_write_to_a_session_that_expired_meanwhile_does_not_revive_it() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let request = site.open(&browser).await;
    request.session.data.set_a(2u32);
    site.at(1800);
    assert!(!request.respond(200).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(site.gone.take().len(), 1);
    assert_eq!(site.stored(&browser).await, None);
}

#[tokio::test]
async fn a_touch_of_a_session_destroyed_meanwhile_does_not_revive_it() {
    let site = Site::with(|builder| builder.strict(true));
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (reader, destroyer) = site.open_two(&browser).await;
    assert_eq!(reader.session.data.a(), 1);
    destroyer.session.destroy();
    destroyer.respond(200).await;
    site.at(1000);

    let reply = reader.respond(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Touch]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take().len(), 1);
}

#[tokio::test]
async fn of_two_renewals_one_wins_and_the_loser_gets_no_token() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_a(1u32)).await;
    let (winner, loser) = site.open_two(&browser).await;
    winner.session.renew();
    loser.session.renew();
    loser.session.data.set_a(2u32);
    let won = winner.respond(200).await;
    let lost = loser.respond(200).await;
    assert_eq!((won.status.as_u16(), lost.status.as_u16()), (200, 200));
    assert!(!lost.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Renew, Verb::Renew]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.gone.take().len(), 1);
    browser.take_cookies(&won);
    assert_eq!(site.seen(&browser).await, "nobody 1 0 0");
}

#[tokio::test]
async fn destroying_a_session_that_is_destroyed_or_renewed_meanwhile_is_no_error() {
    for action in [Session::destroy, Session::renew] {
        let site = Site::with(|builder| builder.strict(true));
        let browser = site.started(|session| session.data.set_a(1u32)).await;
        let (first, second) = site.open_two(&browser).await;
        action(&first.session);
        second.session.destroy();
        first.respond(200).await;
        let reply = second.respond(200).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.set_cookie().value(), "");
        assert!(site.errors.take().is_empty());
        assert!(site.gone.take().is_empty());
    }
}

#[tokio::test]
async fn renewing_a_session_destroyed_meanwhile_makes_no_new_one() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (renewer, destroyer) = site.open_two(&browser).await;
    renewer.session.renew();
    destroyer.session.destroy();
    destroyer.respond(200).await;
    assert!(!renewer.respond(200).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Renew]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take().len(), 1);
}

#[tokio::test]
async fn where_it_is_strict_a_write_to_a_session_that_is_gone_is_answered_with_409() {
    let changes = [(|session| session.data.set_a(2u32)) as fn(&Session), Session::renew];
    for change in changes {
        for end in [Session::destroy, Session::renew] {
            let site = Site::with(|builder| builder.strict(true));
            let browser = site.started(|session| session.data.set_a(1u32)).await;
            let (writer, other) = site.open_two(&browser).await;
            change(&writer.session);
            end(&other.session);
            other.respond(200).await;
            let left = site.store.len();

            let reply = writer.respond(200).await;
            assert_eq!(reply.status, 409);
            assert_eq!(reply.body, "");
            assert!(!reply.has_set_cookie());
            assert_eq!(site.store.len(), left);
            assert_eq!(site.stored(&browser).await, None);
            assert_eq!(site.gone.take().len(), 1);
            assert!(site.errors.take().is_empty());
        }
    }
}

#[tokio::test]
async fn an_explicit_save_of_a_session_that_is_gone_is_an_error_and_the_response_adds_nothing() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (writer, destroyer) = site.open_two(&browser).await;
    destroyer.session.destroy();
    destroyer.respond(200).await;
    writer.session.data.set_a(2u32);
    for _ in 0..2 {
        assert!(matches!(writer.session.save().await, Err(Error::Gone)));
    }
    assert!(!writer.session.is_valid());
    assert!(writer.session.token().is_none());
    let reply = writer.respond(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Update]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take().len(), 1);
}

#[tokio::test]
async fn an_explicit_renewal_of_a_session_that_is_gone_is_an_error_each_time() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (renewer, destroyer) = site.open_two(&browser).await;
    destroyer.session.destroy();
    destroyer.respond(200).await;
    for _ in 0..2 {
        renewer.session.renew();
        assert!(matches!(renewer.session.save().await, Err(Error::Gone)));
    }
    assert!(!renewer.respond(200).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Renew]);
}

#[tokio::test]
async fn twenty_writers_in_flight_do_not_outlive_a_destroyed_session() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let mut writers = Vec::new();
    for number in 0..20 {
        let writer = site.open(&browser).await;
        writer.session.data.set_b(number + 1u32);
        writers.push(writer);
    }
    let rest = writers.split_off(10);
    for writer in writers {
        writer.respond(200).await;
    }
    let destroyer = site.open(&browser).await;
    destroyer.session.destroy();
    destroyer.respond(200).await;
    for writer in rest {
        let reply = writer.respond(200).await;
        assert_eq!(reply.status, 200);
        assert!(!reply.has_set_cookie());
    }
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take().len(), 10);
}
