//! Concurrent saves of one session, which are serialised.

use session::Error;

use crate::support::{Session, Site, Verb};

async fn count_and_save(session: Session) -> Result<(), Error> {
    session.data.update_a(|a| *a += 1);
    session.save().await
}

#[tokio::test]
async fn saves_that_wait_go_on_when_others_are_given_up_before_or_during_their_turn() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let request = site.open(&browser).await;
    site.store.hang(Verb::Update);
    let save = |_| tokio::spawn(count_and_save(request.session.clone()));
    let saves: Vec<_> = (0..32).map(save).collect();
    tokio::task::yield_now().await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    for save in saves.iter().step_by(2) {
        save.abort();
    }
    site.store.recover();
    for (place, save) in saves.into_iter().enumerate() {
        match save.await {
            Ok(result) => result.unwrap(),
            Err(error) => assert!(error.is_cancelled() && place % 2 == 0, "{error}"),
        }
    }
    assert_eq!(site.seen(&browser).await, "ada 32 0 0");
    request.respond(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn saves_on_several_threads_all_have_their_turn() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let request = site.open(&browser).await;
    let save = |_| tokio::spawn(count_and_save(request.session.clone()));
    let saves: Vec<_> = (0..500).map(save).collect();
    for save in saves {
        save.await.unwrap().unwrap();
    }
    request.respond(200).await;
    assert_eq!(site.seen(&browser).await, "ada 500 0 0");
}
