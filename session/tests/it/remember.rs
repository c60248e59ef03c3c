//! Persistent cookies, and tokens that are sent only after the store confirmed them.

use session::{Error, SessionLayer};

use crate::support::handlers::{read, write};
use crate::support::{Bag, Browser, Open, Reply, Session, Site, Verb, seconds};

/// Returns `Max-Age` of the only cookie in the reply.
fn age(reply: &Reply) -> Option<i64> {
    reply.set_cookies()[0].max_age().map(cookie::time::Duration::whole_seconds)
}

async fn sign_in(session: Session) {
    session.data.set_name("ada");
    session.remember(true);
}

#[tokio::test]
async fn four_hours_of_use_keep_a_remembered_reader_signed_in_whatever_the_mix_of_reads_and_writes() {
    for writes in [0, 1, 2, 3] {
        let site = Site::new();
        let mut browser = Browser::new();
        let mut ends = age(&site.visit(&mut browser, sign_in).await).unwrap();
        for step in 1..=24_i64 {
            let now = step * 600;
            assert!(now < ends, "the client forgot its cookie after {now} s");
            site.at(now.unsigned_abs());
            for is_write in [false, writes > 0 && step % writes == 0] {
                let reply = if is_write {
                    site.visit(&mut browser, move |session: Session| async move {
                        session.data.set_a(u32::try_from(step).unwrap());
                    })
                    .await
                } else {
                    site.visit(&mut browser, read).await
                };
                if reply.has_set_cookie() {
                    ends = now + age(&reply).unwrap();
                }
            }
            assert_eq!(site.name_of(&browser).await, "ada");
            let stored = site.stored(&browser).await.unwrap().meta().deadline();
            assert!(
                stored <= site.start.after(seconds(ends.unsigned_abs())),
                "the cookie expires before the session"
            );
        }
        site.at(ends.unsigned_abs());
        assert_eq!(site.name_of(&browser).await, "nobody", "idle for longer than the timeout");
    }
}

#[tokio::test]
async fn a_slow_request_does_not_shorten_the_age_that_a_newer_one_set() {
    for later in [0, 300] {
        let site = Site::with(|builder| builder.persistent(true));
        let mut browser = Browser::new();
        site.visit(&mut browser, write).await;
        site.at(1000);
        let slow: Open<Bag> = site.open(&browser).await;
        slow.session.data.set_a(7u32);
        site.visit(&mut browser, |session: Session| async move { session.set_idle_timeout(seconds(80_000)) })
            .await;
        site.at(1000 + later);
        let reply = slow.respond(200).await;
        assert_eq!(age(&reply), Some(80_000 - i64::try_from(later).unwrap()));
    }
}

fn rolling() -> Site<session::MemoryStore> {
    Site::with(|builder: session::Builder<SessionLayer>| builder.persistent(true).rolling(true))
}

#[tokio::test]
async fn a_rolling_response_sends_no_token_that_another_request_renewed_or_destroyed() {
    for end in [Session::renew as fn(&Session), Session::destroy] {
        let site = rolling();
        let mut browser = Browser::new();
        site.visit(&mut browser, write).await;
        let (slow, other) = site.open_two_after(&browser).await;
        end(&other.session);
        other.respond(200).await;
        site.at(1);
        assert!(!slow.respond(200).await.has_set_cookie());
    }
}

#[tokio::test]
async fn a_rolling_response_whose_touch_fails_sends_no_token() {
    let site = rolling();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.store.break_down(Verb::Touch);
    let reply = site.visit(&mut browser, read).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
}

#[tokio::test]
async fn signing_out_deletes_the_cookie_after_a_save_found_the_session_renewed_elsewhere() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let (leaver, renewer) = site.open_two_after(&browser).await;
    renewer.session.renew();
    renewer.respond(200).await;
    leaver.session.data.set_a(1u32);
    assert!(matches!(leaver.session.save().await, Err(Error::Gone)));
    leaver.session.destroy();
    assert_eq!(leaver.respond(200).await.set_cookie().value(), "");
}

#[tokio::test]
async fn strict_mode_answers_409_also_when_a_save_in_the_handler_noticed_first() {
    let site = Site::with(|builder| builder.strict(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let (writer, destroyer) = site.open_two_after(&browser).await;
    destroyer.session.destroy();
    destroyer.respond(200).await;
    writer.session.data.set_a(1u32);
    assert!(matches!(writer.session.save().await, Err(Error::Gone)));
    assert_eq!(writer.respond(200).await.status, 409);
}

impl Site {
    /// Returns two requests of one session, both loaded, ignoring earlier calls of the store.
    async fn open_two_after(&self, browser: &Browser) -> (Open, Open) {
        self.calls();
        self.open_two(browser).await
    }
}
