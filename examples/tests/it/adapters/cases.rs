//! The cases.

use super::site::{Site, visit};

/// Makes a test of each case, on the site that the expression starts.
macro_rules! tests {
    ($site:expr) => {
        cases::tests! { $site;
            a_visit_creates_a_session_and_the_next_one_finds_it
            visitors_have_sessions_of_their_own
            a_route_that_does_not_use_its_session_does_not_load_it
            a_response_of_status_500_saves_nothing
            signing_in_renews_the_token
            signing_out_ends_the_session_and_deletes_its_cookie
            the_response_of_a_session_that_cannot_be_committed_is_replaced
            a_visit_is_counted_after_the_response_has_begun
            a_session_is_not_created_after_the_response_has_begun
            a_task_saves_the_session_that_the_handler_gave_it
        }
    };
    ($site:expr; $($case:ident)*) => { $(
        #[test]
        fn $case() {
            cases::$case(&$site);
        }
    )* };
}
pub(super) use tests;

pub(super) fn a_visit_creates_a_session_and_the_next_one_finds_it(site: &Site) {
    let visitor = site.visitor();
    let first = visitor.reply("/", &[]);
    assert_eq!((first.status, first.body.as_str()), (200, "visit 1 of a guest"));
    assert_eq!(first.set_cookies(), 1);
    assert_eq!(first.headers("vary"), ["Cookie"]);
    assert_eq!(first.headers("cache-control"), ["private, no-store"]);

    let second = visitor.reply("/", &[]);
    assert_eq!((second.status, second.body.as_str()), (200, "visit 2 of a guest"));
    assert_eq!(second.set_cookies(), 0);
    assert_eq!(second.headers("vary"), ["Cookie"]);
    assert_eq!(site.store.len(), 1);
}

pub(super) fn visitors_have_sessions_of_their_own(site: &Site) {
    let (ada, eve) = (site.visitor(), site.visitor());
    assert_eq!(ada.get("/"), "visit 1 of a guest");
    assert_eq!(eve.get("/"), "visit 1 of a guest");
    assert_ne!(ada.token(), eve.token());
    assert_eq!(ada.get("/"), "visit 2 of a guest");
}

pub(super) fn a_route_that_does_not_use_its_session_does_not_load_it(site: &Site) {
    let visitor = site.visitor();
    visitor.get("/");
    let reply = visitor.reply("/untouched", &[]);
    assert_eq!(reply.status, 200);
    assert_eq!((reply.set_cookies(), reply.headers("vary").len()), (0, 0));
    assert_eq!(site.loaded(), 0);
    assert_eq!(visitor.get("/"), "visit 2 of a guest");
    assert_eq!(site.loaded(), 1);
}

pub(super) fn a_response_of_status_500_saves_nothing(site: &Site) {
    let visitor = site.visitor();
    let reply = visitor.reply("/failed", &[]);
    assert_eq!((reply.status, reply.set_cookies(), site.store.len()), (500, 0, 0));
    visitor.get("/");
    assert_eq!(visitor.reply("/failed", &[]).status, 500);
    assert_eq!(visitor.get("/"), "visit 2 of a guest");
}

pub(super) fn signing_in_renews_the_token(site: &Site) {
    let visitor = site.visitor();
    visitor.get("/");
    let before = visitor.token();
    assert_eq!(visitor.reply("/sign-in", &["--data", ""]).set_cookies(), 1);
    assert_ne!(visitor.token(), before);
    assert_eq!(visitor.get("/"), "visit 2 of ada");
    assert_eq!(site.store.len(), 1);
}

pub(super) fn signing_out_ends_the_session_and_deletes_its_cookie(site: &Site) {
    let visitor = site.visitor();
    visitor.post("/sign-in", "");
    let reply = visitor.reply("/sign-out", &["--data", ""]);
    assert_eq!((reply.status, reply.set_cookies(), site.store.len()), (200, 1, 0));
    assert_eq!(visitor.get("/"), "visit 1 of a guest");
}

pub(super) fn the_response_of_a_session_that_cannot_be_committed_is_replaced(site: &Site) {
    let visitor = site.visitor();
    visitor.get("/");
    let reply = visitor.reply("/everybody-out", &["--data", ""]);
    assert_eq!((reply.status, reply.set_cookies(), site.store.len()), (409, 0, 0));
    assert!(!reply.body.contains("a guest"), "{}", reply.body);
}

pub(super) fn a_visit_is_counted_after_the_response_has_begun(site: &Site) {
    let visitor = site.visitor();
    visitor.get("/");
    let reply = visitor.reply("/stream", &[]);
    assert_eq!((reply.body.as_str(), reply.set_cookies()), ("visit 2 of a guest", 0));
    assert_eq!(visitor.get("/"), "visit 3 of a guest");
}

pub(super) fn a_session_is_not_created_after_the_response_has_begun(site: &Site) {
    let reply = site.visitor().reply("/stream", &[]);
    assert!(reply.body.contains("the response has already been sent"), "{}", reply.body);
    assert_eq!((reply.set_cookies(), site.store.len()), (0, 0));
}

pub(super) fn a_task_saves_the_session_that_the_handler_gave_it(site: &Site) {
    let visitor = site.visitor();
    visitor.get("/");
    assert_eq!(visitor.reply("/task", &[]).set_cookies(), 0);
    let session = site.handed_over();
    assert_eq!(visit(&session), "visit 2 of a guest");
    site.save(&session);
    assert_eq!(visitor.get("/"), "visit 3 of a guest");
}
