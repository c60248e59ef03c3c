//! Answers that sign nobody in.

use std::time::Duration;

use super::{World, answer, parameter, start, with};
use crate::support::Visitor;

/// Checks that an answer is refused with this status, and that the visitor is not signed in.
#[track_caller]
fn assert_refused(visitor: &Visitor<'_>, callback: &str, status: u16) {
    let reply = visitor.reply(callback, &[]);
    assert_eq!((reply.status, reply.set_cookies()), (status, 0), "{}", reply.body);
    assert!(visitor.get("/").contains("Not signed in"));
}

#[test]
fn an_answer_with_a_state_that_the_session_did_not_ask_with_is_refused_and_changes_nothing() {
    let world = World::new();
    let visitor = world.site.visitor();
    let callback = answer(&visitor, "/account");
    assert_refused(&visitor, &with(&callback, "state", "guessed"), 400);
    assert_eq!(world.provider.redeemed(), 0);
    assert_eq!(visitor.reply(&callback, &[]).location(), "/account", "the attempt itself still works");
}

#[test]
fn an_answer_to_another_browser_is_refused() {
    let world = World::new();
    let (visitor, victim) = (world.site.visitor(), world.site.visitor());
    let callback = answer(&visitor, "/account");
    start(&victim, "/account");
    assert_refused(&victim, &callback, 400);
    assert_eq!(world.provider.redeemed(), 0);
}

#[test]
fn an_answer_that_is_sent_again_signs_nobody_in() {
    let world = World::new();
    let visitor = world.site.visitor();
    let callback = answer(&visitor, "/account");
    visitor.reply(&callback, &[]);
    let again = visitor.reply(&callback, &[]);
    assert_eq!((again.location(), again.set_cookies()), ("/", 0), "signed in already");
    visitor.post("/logout", "");
    assert_refused(&visitor, &callback, 400);
    assert_eq!(world.provider.redeemed(), 1);
}

#[test]
fn an_attempt_expires_after_ten_minutes_and_others_by_themselves() {
    let world = World::new();
    let visitor = world.site.visitor();
    let first = answer(&visitor, "/account?tab=1");
    world.clock.advance(Duration::from_secs(599));
    let second = answer(&visitor, "/account?tab=2");
    world.clock.advance(Duration::from_secs(1));
    assert_refused(&visitor, &first, 400);
    assert_eq!(visitor.reply(&second, &[]).location(), "/account?tab=2");
}

#[test]
fn a_user_who_declines_is_not_signed_in_and_may_try_again() {
    let world = World::new();
    let visitor = world.site.visitor();
    world.provider.answer_with(Err("access_denied"));
    let callback = answer(&visitor, "/account?tab=orders");
    let reply = visitor.reply(&callback, &[]);
    assert_eq!(reply.status, 403);
    assert!(reply.body.contains(r#"<a href="/account?tab=orders">"#), "{}", reply.body);
    assert_refused(&visitor, &callback, 400);

    world.provider.answer_with(Ok("ada"));
    assert!(visitor.get("/account?tab=orders").contains("The account of ada"));
}

#[test]
fn an_error_of_the_provider_is_not_shown_as_the_visitors() {
    let world = World::new();
    let visitor = world.site.visitor();
    world.provider.answer_with(Err("<script>"));
    let reply = visitor.reply(&answer(&visitor, "/account"), &[]);
    assert_eq!(reply.status, 502);
    assert!(!reply.body.contains("script"), "{}", reply.body);
}

#[test]
fn an_answer_of_another_issuer_is_refused() {
    let world = World::new();
    let visitor = world.site.visitor();
    let callback = answer(&visitor, "/account");
    assert_refused(&visitor, &with(&callback, "iss", "https://evil.example"), 400);
    assert_eq!(world.provider.redeemed(), 0);
}

#[test]
fn a_code_of_another_attempt_is_refused_by_the_provider() {
    let world = World::new();
    let (attacker, victim) = (world.site.visitor(), world.site.visitor());
    let stolen = parameter(&answer(&victim, "/account"), "code");
    let callback = answer(&attacker, "/account");
    assert_refused(&attacker, &with(&callback, "code", &stolen), 502);
    assert_eq!(world.provider.redeemed(), 0);
}
