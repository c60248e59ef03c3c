//! Writes that change nothing are not stored.

use session::Databag;

use super::backend::backends;
use crate::support::{Browser, Verb};

#[derive(Databag)]
struct Bag {
    user: Option<u64>,
    count: u64,
    name: String,
    flag: bool,
    #[databag(default = "light")]
    theme: String,
}

type Session = session::Session<Bag>;

/// Sets everything to its default.
fn set_defaults(session: &Session) {
    session.data.clear_user();
    session.data.set_count(0);
    session.data.set_name("");
    session.data.set_flag(false);
    session.data.set_theme("light");
}

#[tokio::test]
async fn defaults_over_nothing_start_no_session() {
    for backend in backends() {
        let (site, mut browser) = (backend.site(), Browser::new());
        let reply = site.visit(&mut browser, |session: Session| async move { set_defaults(&session) }).await;
        assert!(!reply.has_set_cookie(), "{}", backend.name);
        assert_eq!(site.calls(), [], "{}", backend.name);
    }
}

#[tokio::test]
async fn what_a_stored_session_shows_anyway_is_not_written() {
    for backend in backends() {
        let (site, mut browser) = (backend.site(), Browser::new());
        site.visit(&mut browser, |session: Session| async move { session.data.set_user(7) }).await;
        assert_eq!(site.calls(), [Verb::Create], "{}", backend.name);
        let again = |session: Session| async move {
            session.data.set_user(7);
            session.data.set_count(0);
            session.data.set_name("");
            session.data.set_flag(false);
            session.data.set_theme("light");
        };
        let reply = site.visit(&mut browser, again).await;
        assert!(!reply.has_set_cookie(), "{}", backend.name);
        assert_eq!(site.calls(), [Verb::Load], "{}", backend.name);
    }
}

#[tokio::test]
async fn what_was_changed_and_changed_back_is_not_written() {
    for backend in backends() {
        let (site, mut browser) = (backend.site(), Browser::new());
        let fill = |session: Session| async move {
            session.data.set_user(7);
            session.data.set_count(84);
        };
        site.visit(&mut browser, fill).await;
        assert_eq!(site.calls(), [Verb::Create], "{}", backend.name);
        let back = |session: Session| async move {
            session.data.set_count(0);
            session.data.set_name("ada");
            session.data.set_count(84);
            session.data.set_name("");
        };
        site.visit(&mut browser, back).await;
        assert_eq!(site.calls(), [Verb::Load], "{}", backend.name);
    }
}
