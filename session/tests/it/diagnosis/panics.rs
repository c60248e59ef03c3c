//! Panics in the application's callbacks and closures.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use http::StatusCode;
use session::{Error, HandleId, MemoryStore, SessionManager};

use crate::support::{Bag, Browser, Session, Site, Verb};

fn panics(_: HandleId, _: &<Bag as session::Databag>::Accessors) {
    panic!("a listener panics");
}

#[tokio::test]
async fn a_listener_that_panics_does_not_affect_the_response() {
    let (manager, site) = Site::managed(|builder| {
        builder
            .on_started(panics)
            .on_loaded(panics)
            .on_client(panics)
            .on_regenerated(panics)
            .on_deleted(panics)
    });
    let mut browser = Browser::new();
    let write = |session: Session| async move {
        session.data.set_name("ada");
        "written"
    };
    let reply = site.visit(&mut browser, write).await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "written"));
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.name_of(&browser).await, "ada");
    let reply = site.visit(&mut browser, |session: Session| async move { session.renew() }).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(site.name_of(&browser).await, "ada");
    let reply = site.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.has_set_cookie());
    assert_eq!(site.store.len(), 0);

    let session = manager.create().await.unwrap();
    session.data.set_a(1u32);
    session.save().await.unwrap();
    assert!(manager.find(session.token().unwrap()).await.unwrap().is_some());
    manager.destroy(&session).await.unwrap();
}

#[tokio::test]
async fn a_hook_that_panics_does_not_affect_the_response_nor_a_later_save() {
    let site = Site::with(|builder| {
        builder
            .on_error(|_| panic!("the error hook panics"))
            .on_warning(|_| panic!("the warning hook panics"))
            .on_gone(|_| panic!("the hook for sessions that are gone panics"))
    });
    let mut browser = site.visitor("ada").await;
    let overtaken = site.open(&browser).await;
    overtaken.session.data.set_a(1u32);
    site.visit(&mut browser, |session: Session| async move { session.renew() }).await;
    assert_eq!(overtaken.respond(200).await.status, StatusCode::OK);

    let write = |session: Session| async move { session.data.set_name("grace") };
    site.store.break_down(Verb::Update);
    assert_eq!(site.visit(&mut browser, write).await.status, StatusCode::SERVICE_UNAVAILABLE);
    site.store.break_down(Verb::Load);
    assert_eq!(site.visit(&mut browser, write).await.status, StatusCode::SERVICE_UNAVAILABLE);
    site.store.recover();
    assert_eq!(site.visit(&mut browser, write).await.status, StatusCode::OK);
    assert_eq!(site.name_of(&browser).await, "grace");
    let plain = site.visit(&mut Browser::at("http://example.com/"), write).await;
    assert_eq!(plain.status, StatusCode::OK);
    assert!(!plain.has_set_cookie());

    let request = site.open(&browser).await;
    let session = request.session.clone();
    request.respond(200).await;
    session.data.set_a(1u32);
    site.store.break_down(Verb::Update);
    assert!(matches!(session.save().await, Err(Error::Save(_))));
    site.store.recover();
    session.save().await.unwrap();
    session.data.set_a(2u32);
    drop(session);
}

#[tokio::test]
async fn a_function_for_the_cookies_attributes_that_panics_leaves_those_that_were_set() {
    let site = Site::with(|builder| builder.cookie_per_request(|_, _| panic!("the function panics")));
    let mut browser = Browser::new();
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.attributes(), ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[tokio::test]
async fn a_panic_in_a_closure_that_owns_the_last_handle_aborts_nothing_and_keeps_no_lock() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    let closures: [fn(Session, &<Bag as session::Databag>::Accessors); 3] = [
        |session, data| data.update_a(move |_| panic!("{}", session.is_new())),
        |session, data| data.read(move |_| panic!("{}", session.is_new())),
        // Without a panic the handle is dropped under the lock, too.
        |session, data| data.update_a(move |_| drop(session)),
    ];
    for closure in closures {
        let request = site.open(&browser).await;
        let session = request.session.clone();
        request.respond(200).await;
        session.data.set_b(1u32);
        let data = session.data.clone();
        let _ = catch_unwind(AssertUnwindSafe(|| closure(session, &data)));
        assert_eq!(data.name(), "ada");
        assert_eq!(site.errors.take(), [""; 0]);
        drop(data);
        assert_eq!(site.errors.take(), [super::unsaved::UNSAVED]);
    }
}

#[tokio::test]
async fn a_session_can_be_printed_inside_its_own_closures() {
    let manager = SessionManager::<Bag>::new(MemoryStore::new());
    let session = manager.create().await.unwrap();
    assert!(session.data.update_a(|_| format!("{session:?}")).starts_with("Session {"));
    assert!(session.data.read(|_| format!("{session:?}")).starts_with("Session {"));
}

/// Runs in a child process of the test below, which must not abort.
#[test]
#[ignore = "run by the test below"]
fn a_task_panics_while_it_holds_the_last_handle() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let manager = SessionManager::<Bag>::builder(MemoryStore::new())
            .on_error(|_| panic!("the error hook panics while a panic unwinds"))
            .build()
            .unwrap();
        for inside in [false, true] {
            let session = manager.create().await.unwrap();
            let data = session.data.clone();
            data.set_a(1u32);
            let task = tokio::spawn(async move {
                if inside {
                    data.update_a(move |_| panic!("{session:?}"));
                }
                panic!("{session:?}");
            });
            assert!(task.await.unwrap_err().is_panic());
        }
    });
    println!("lived to its end");
}

#[test]
fn a_panic_while_the_last_handle_goes_aborts_no_process() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture"])
        .arg("diagnosis::panics::a_task_panics_while_it_holds_the_last_handle")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("lived to its end"));
}
