//! The forms of the program `csrf`, sent with curl as the script of its page sends them.

use std::process::Command;

use crate::support::{Reply, Server, Visitor};

fn start() -> Server {
    Server::start(Command::new(env!("CARGO_BIN_EXE_csrf")).env("CSRF_LISTEN", "127.0.0.1:0"))
}

/// Returns the CSRF token of a page.
fn form_token(page: &str) -> String {
    let (_, rest) = page.split_once(r#"<meta name="csrf-token" content=""#).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

fn post(visitor: &Visitor<'_>, path: &str, form: &str, token: &str) -> Reply {
    visitor.reply(path, &["--data", form, "--header", &format!("x-csrf-token: {token}")])
}

#[track_caller]
fn assert_done(reply: &Reply, cookies: usize) {
    assert_eq!((reply.status, reply.set_cookies()), (204, cookies), "{}", reply.body);
}

#[track_caller]
fn assert_refused(reply: &Reply) {
    assert_eq!((reply.status, reply.set_cookies(), reply.body.as_str()), (403, 0, ""));
}

#[test]
fn a_request_that_does_not_ask_for_the_token_creates_no_session() {
    let server = start();
    let visitor = server.visitor();
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        let arguments: &[&str] = if method == "HEAD" { &["--head"] } else { &["--request", method] };
        let reply = visitor.reply("/about", arguments);
        assert_ne!(reply.status, 403, "{method} is safe");
        assert_eq!(reply.set_cookies(), 0, "{method}");
    }
    assert_refused(&visitor.reply("/theme", &["--data", "theme=dark"]));
}

#[test]
fn a_form_with_the_token_of_its_page_is_accepted_as_often_as_it_is_sent() {
    let server = start();
    let visitor = server.visitor();
    let page = visitor.reply("/", &[]);
    assert_eq!((page.status, page.set_cookies()), (200, 1), "one session for both databags");
    assert!(page.body.contains("Visit 1 of a guest") && page.body.contains("Theme: Light"), "{}", page.body);

    let (session, token) = (visitor.token(), form_token(&page.body));
    for theme in ["dark", "light", "dark"] {
        assert_done(&post(&visitor, "/theme", &format!("theme={theme}"), &token), 0);
    }
    let page = visitor.get("/");
    assert!(page.contains("Visit 2 of a guest") && page.contains("Theme: Dark"), "{page}");
    assert_eq!((visitor.token(), form_token(&page)), (session, token), "both stay");
}

#[test]
fn a_request_without_the_right_token_is_refused_and_changes_nothing() {
    let server = start();
    let visitor = server.visitor();
    let token = form_token(&visitor.get("/"));
    assert_eq!(token.len(), 32);

    assert_refused(&visitor.reply("/theme", &["--data", "theme=dark"]));
    assert_refused(&visitor.reply("/theme", &["--data", &format!("theme=dark&csrf-token={token}")]));
    assert_refused(&visitor.reply(&format!("/theme?x-csrf-token={token}"), &["--data", "theme=dark"]));
    let wrong = [String::new(), "0".repeat(32), token[1..].to_owned(), format!("{token}0"), visitor.token()];
    for wrong in wrong {
        assert_refused(&post(&visitor, "/theme", "theme=dark", &wrong));
    }
    for method in ["PUT", "PATCH", "DELETE", "UNHEARD-OF"] {
        assert_refused(&visitor.reply("/", &["--request", method]));
    }
    let page = visitor.get("/");
    assert!(page.contains("Visit 2 of a guest") && page.contains("Theme: Light"), "{page}");
    assert_eq!(form_token(&page), token);
}

#[test]
fn the_token_of_another_visitor_is_refused() {
    let server = start();
    let (ada, eve) = (server.visitor(), server.visitor());
    let [of_ada, of_eve] = [&ada, &eve].map(|visitor| form_token(&visitor.get("/")));
    assert_ne!(of_ada, of_eve);
    assert_refused(&post(&ada, "/theme", "theme=dark", &of_eve));
    assert_refused(&post(&server.visitor(), "/theme", "theme=dark", &of_ada));
    assert!(ada.get("/").contains("Theme: Light"));
    assert_done(&post(&ada, "/theme", "theme=dark", &of_ada), 0);
    assert!(eve.get("/").contains("Theme: Light"));
}

#[test]
fn signing_in_replaces_both_tokens_and_a_page_fetched_afterwards_works() {
    let server = start();
    let visitor = server.visitor();
    let before = form_token(&visitor.get("/"));
    assert_done(&post(&visitor, "/theme", "theme=dark", &before), 0);
    let planted = visitor.token();
    assert_done(&post(&visitor, "/sign-in", "name=Ada", &before), 1);
    assert_ne!(visitor.token(), planted);
    assert_refused(&post(&visitor, "/theme", "theme=light", &before));

    let page = visitor.reply("/", &[]);
    assert_eq!(page.set_cookies(), 0);
    let shown = ["Visit 1 of Ada", "Theme: Dark"];
    assert!(shown.iter().all(|shown| page.body.contains(shown)), "{}", page.body);
    let after = form_token(&page.body);
    assert_ne!(after, before);
    assert_refused(&post(&visitor, "/theme", "theme=light", &before));
    assert_done(&post(&visitor, "/theme", "theme=light", &after), 0);
    assert!(visitor.get("/").contains("Theme: Light"));
}

#[test]
fn signing_out_needs_the_token_and_ends_it_with_the_session() {
    let server = start();
    let visitor = server.visitor();
    assert_done(&post(&visitor, "/sign-in", "name=Ada", &form_token(&visitor.get("/"))), 1);
    let token = form_token(&visitor.get("/"));
    let cookie = format!("Cookie: session={}", visitor.token());

    assert_refused(&visitor.reply("/sign-out", &["--data", ""]));
    assert!(visitor.get("/").contains("of Ada"));
    assert_done(&post(&visitor, "/sign-out", "", &token), 1);
    let stale = ["--data", "theme=dark", "--header", &cookie, "--header", &format!("x-csrf-token: {token}")];
    assert_refused(&server.visitor().reply("/theme", &stale));

    let page = visitor.get("/");
    assert!(page.contains("Visit 1 of a guest"), "{page}");
    assert_done(&post(&visitor, "/theme", "theme=dark", &form_token(&page)), 0);
}
