//! The forms of the program `csrf`.

use std::process::Command;

use crate::support::{Reply, Server, Visitor};

fn start() -> Server {
    Server::start(Command::new(env!("CARGO_BIN_EXE_csrf")).env("CSRF_LISTEN", "127.0.0.1:0"))
}

/// Returns the token in a page's forms.
fn form_token(page: &str) -> String {
    let (_, rest) = page.split_once(r#"name="csrf" value=""#).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

fn post(visitor: &Visitor<'_>, path: &str, form: &str, token: &str) -> Reply {
    visitor.reply(path, &["--data", &format!("csrf={token}&{form}")])
}

#[track_caller]
fn assert_done(reply: &Reply, cookies: usize) {
    assert_eq!((reply.status, reply.set_cookies()), (303, cookies), "{}", reply.body);
}

#[track_caller]
fn assert_refused(reply: &Reply) {
    assert_eq!((reply.status, reply.set_cookies()), (403, 0), "{}", reply.body);
}

#[test]
fn a_page_without_a_form_creates_no_session() {
    let server = start();
    let visitor = server.visitor();
    assert_eq!(visitor.reply("/about", &[]).set_cookies(), 0);
    assert_refused(&post(&visitor, "/theme", "theme=dark", "guessed"));
}

#[test]
fn a_form_with_the_token_of_its_page_is_accepted_as_often_as_it_is_sent() {
    let server = start();
    let visitor = server.visitor();
    let page = visitor.reply("/", &[]);
    assert_eq!((page.status, page.set_cookies()), (200, 1), "one session for both databags");
    assert!(page.body.contains("Visit 1 of a guest") && page.body.contains("Theme: Light"), "{}", page.body);

    let token = form_token(&page.body);
    for theme in ["dark", "light", "dark"] {
        assert_done(&post(&visitor, "/theme", &format!("theme={theme}"), &token), 0);
    }
    let page = visitor.get("/");
    assert!(page.contains("Visit 2 of a guest") && page.contains("Theme: Dark"), "{page}");
    assert_ne!(form_token(&page), token, "masked anew");
}

#[test]
fn a_request_without_the_right_token_is_refused_and_changes_nothing() {
    let server = start();
    let (visitor, other) = (server.visitor(), server.visitor());
    let token = form_token(&visitor.get("/"));
    let of_other = form_token(&other.get("/"));
    for wrong in [String::new(), "0".repeat(86), token[1..].to_owned(), visitor.token(), of_other] {
        assert_refused(&post(&visitor, "/theme", "theme=dark", &wrong));
    }
    assert!(visitor.get("/").contains("Theme: Light"));
}

#[test]
fn a_page_of_another_site_is_refused_even_with_the_token() {
    let server = start();
    let visitor = server.visitor();
    let form = format!("csrf={}&theme=dark", form_token(&visitor.get("/")));
    for header in ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example"]
    {
        assert_refused(&visitor.reply("/theme", &["--data", &form, "--header", header]));
    }
    assert_done(&visitor.reply("/theme", &["--data", &form, "--header", "Sec-Fetch-Site: same-origin"]), 0);
}

#[test]
fn signing_in_ends_the_token_and_a_page_fetched_afterwards_works() {
    let server = start();
    let visitor = server.visitor();
    let before = form_token(&visitor.get("/"));
    assert_done(&post(&visitor, "/theme", "theme=dark", &before), 0);
    assert_done(&post(&visitor, "/sign-in", "name=Ada", &before), 1);
    assert_refused(&post(&visitor, "/theme", "theme=light", &before));

    let page = visitor.get("/");
    let shown = ["of Ada", "Theme: Dark"];
    assert!(shown.iter().all(|shown| page.contains(shown)), "{page}");
    let after = form_token(&page);
    assert_done(&post(&visitor, "/theme", "theme=light", &after), 0);
    assert_done(&post(&visitor, "/sign-out", "", &after), 1);
    assert!(visitor.get("/").contains("Visit 1 of a guest"));
}
