//! Logging out everywhere.

use std::time::Duration;

use session_core::{HandleId, Meta, Patch, Record, Store, Timestamp, Written};

use crate::revocation::{nodes, note};
use crate::support::{T0, later, meta, moved};

fn of_user(id: u8, user: &[u8]) -> Record {
    Record::new(&Meta { id: HandleId::from([id; 16]), ..meta() }, [("user", user)])
}

#[tokio::test]
async fn logging_out_everywhere_ends_the_sessions_of_one_user() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let phone = a.create(&of_user(1, b"ada"), T0).await.unwrap();
    let laptop = b.create(&of_user(2, b"ada"), T0).await.unwrap();
    let laptop = moved(b.update(&laptop, &note("x"), later(5)).await.unwrap());
    let other = a.create(&of_user(3, b"bob"), T0).await.unwrap();
    let anonymous = a.create(&Record::new(&meta(), []), T0).await.unwrap();

    a.destroy_group(b"ada", later(10)).await.unwrap();

    for token in [&phone, &laptop] {
        assert_eq!(b.load(token, later(10)).await.unwrap(), None);
        assert_eq!(b.update(token, &note("y"), later(10)).await.unwrap(), Written::Gone);
        assert_eq!(b.update(token, &Patch::new().remove("user"), later(10)).await.unwrap(), Written::Gone);
        assert_eq!(b.renew(token, &note("y"), later(10)).await.unwrap(), Written::Gone);
    }
    assert!(b.load(&other, later(10)).await.unwrap().is_some());
    assert!(b.load(&anonymous, later(10)).await.unwrap().is_some());
}

#[tokio::test]
async fn after_logging_out_everywhere_the_user_may_log_in_again() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    a.destroy_group(b"ada", T0).await.unwrap();
    let created = a.create(&of_user(1, b"ada"), T0).await.unwrap();
    assert!(b.load(&created, T0).await.unwrap().is_some());

    let anonymous = a.create(&Record::new(&meta(), []), T0).await.unwrap();
    a.destroy_group(b"ada", later(10)).await.unwrap();
    let login = Patch::new().set("user", *b"ada");
    let renewed = moved(b.renew(&anonymous, &login, later(10)).await.unwrap());
    let written = moved(b.update(&renewed, &note("x"), later(11)).await.unwrap());
    assert!(a.load(&written, later(12)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_login_under_a_fast_clock_is_ended_too() {
    let (a, b, _) = nodes(Duration::from_secs(10));
    let token = a.create(&of_user(1, b"ada"), later(60)).await.unwrap();
    b.destroy_group(b"ada", T0).await.unwrap();
    assert_eq!(a.load(&token, later(61)).await.unwrap(), None);
}

#[tokio::test]
async fn a_session_in_a_group_ends_when_no_browser_would_still_send_it() {
    let (a, _, _) = nodes(Duration::from_secs(10));
    let forever = Meta { idle_deadline: Timestamp::NEVER, lifetime_deadline: Timestamp::NEVER, ..meta() };
    let token = a.create(&Record::new(&forever, [("user", b"ada".as_slice())]), T0).await.unwrap();
    assert!(a.load(&token, later(400 * 86_400 - 1)).await.unwrap().is_some());
    assert_eq!(a.load(&token, later(400 * 86_400)).await.unwrap(), None);
    assert_eq!(a.update(&token, &note("x"), later(400 * 86_400)).await.unwrap(), Written::Gone);
    let anonymous = a.create(&Record::new(&forever, []), T0).await.unwrap();
    assert!(a.load(&anonymous, later(400 * 86_400)).await.unwrap().is_some());
}
