//! Attempts to sign in that succeed, and what becomes of them afterwards.

use std::thread;

use super::{World, answer, start};

#[test]
fn a_stranger_signs_in_and_comes_back_to_the_page_they_wanted() {
    let world = World::new();
    let visitor = world.site.visitor();
    let callback = answer(&visitor, "/account?tab=orders");
    let before = visitor.token();
    let reply = visitor.reply(&callback, &[]);
    assert_eq!((reply.location(), reply.set_cookies()), ("/account?tab=orders", 1));
    assert_ne!(visitor.token(), before, "renewed");
    assert!(visitor.get("/account?tab=orders").contains("The account of ada"));
}

#[test]
fn all_redirects_can_be_followed_blindly() {
    let world = World::new();
    let visitor = world.site.visitor();
    assert!(visitor.get("/account").contains("The account of ada"));
}

#[test]
fn each_of_two_tabs_comes_back_to_its_own_page() {
    let world = World::new();
    let visitor = world.site.visitor();
    let one = answer(&visitor, "/account?tab=1");
    let two = answer(&visitor, "/account?tab=2");
    assert_eq!(visitor.reply(&two, &[]).location(), "/account?tab=2");
    assert_eq!(visitor.reply(&one, &[]).location(), "/account?tab=1");
    assert!(visitor.get("/").contains("Signed in as ada"));
    assert_eq!(world.provider.redeemed(), 2);
}

#[test]
fn of_parallel_callbacks_with_one_state_one_signs_in() {
    let world = World::new();
    let visitor = world.site.visitor();
    let callback = answer(&visitor, "/account");
    let cookie = format!("session={}", visitor.token());
    let statuses: Vec<_> = thread::scope(|scope| {
        let request = || {
            let other = world.site.visitor();
            let reply = other.reply(&callback, &["--header", &format!("Cookie: {cookie}")]);
            (reply.status, reply.set_cookies())
        };
        let requests: Vec<_> = (0..8).map(|_| scope.spawn(request)).collect();
        requests.into_iter().map(|request| request.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == (303, 1)).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == (400, 0)).count(), 7, "{statuses:?}");
    assert_eq!(world.provider.redeemed(), 1);
}

#[test]
fn another_user_of_the_provider_gets_nothing_of_the_first() {
    let world = World::new();
    let visitor = world.site.visitor();
    visitor.get("/account");
    let unfinished = visitor.reply("/login?next=/account?tab=ada", &[]).location().to_owned();
    let first = visitor.reply(&unfinished, &[]).location().to_owned();
    world.provider.answer_with(Ok("eve"));
    assert_eq!(start_over(&visitor), "/");
    assert!(visitor.get("/").contains("Signed in as eve"));
    assert_eq!(visitor.reply(&first, &[]).location(), "/", "the attempt was of a session of ada's");
    assert!(visitor.get("/").contains("Signed in as eve"));
}

#[test]
fn signing_out_ends_attempts_that_are_under_way() {
    let world = World::new();
    let visitor = world.site.visitor();
    visitor.get("/account");
    let authorization = visitor.reply("/login", &[]).location().to_owned();
    let callback = visitor.reply(&authorization, &[]).location().to_owned();
    visitor.post("/logout", "");
    assert_eq!(visitor.reply(&callback, &[]).status, 400);
    assert!(visitor.get("/").contains("Not signed in"));
    assert_ne!(start(&visitor, "/account"), authorization, "a new attempt has a state of its own");
}

/// Signs in, whoever is signed in. Returns where that leads.
fn start_over(visitor: &crate::support::Visitor<'_>) -> String {
    let authorization = visitor.reply("/login", &[]).location().to_owned();
    let callback = visitor.reply(&authorization, &[]).location().to_owned();
    visitor.reply(&callback, &[]).location().to_owned()
}
