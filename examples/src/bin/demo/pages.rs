//! The pages, as HTML.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};
use session::HandleId;

const STYLE: &str = "body{font:1.1rem/1.5 system-ui;max-width:36rem;margin:3rem auto;padding:0 1rem}\
    .notice{background:#eef6ff;padding:.5rem 1rem;border-radius:.4rem}form{display:inline}";

/// An entry in the list of the visitor's sessions.
pub(crate) struct Place {
    pub(crate) id: HandleId,
    pub(crate) browser: String,
    /// Time since the last use.
    pub(crate) minutes: u64,
    pub(crate) is_current: bool,
}

pub(crate) fn home(name: Option<&str>, items: usize, notice: Option<&str>) -> Html<String> {
    page(
        "A shop that remembers",
        notice,
        &html! {
            @if let Some(name) = name {
                p { "You are signed in as " strong { (name) } "." }
                p { a href="/cart" { "Your cart" } ": " (items) " items" }
                p { a href="/signed-in" { "Where you are signed in" } }
                form method="post" action="/sign-out" { button { "Sign out" } }
            } @else {
                p { "You are not signed in." }
                p { a href="/sign-in" { "Sign in" } }
            }
        },
    )
}

pub(crate) fn sign_in(notice: Option<&str>) -> Html<String> {
    page(
        "Sign in",
        notice,
        &html! {
            form method="post" action="/sign-in" {
                label { "Your name " input name="name" required autofocus; }
                " " button { "Sign in" }
            }
        },
    )
}

pub(crate) fn cart(items: &[String], notice: Option<&str>) -> Html<String> {
    page(
        "Your cart",
        notice,
        &html! {
            @if items.is_empty() { p { "Nothing in it yet." } }
            ul { @for item in items { li { (item) } } }
            form method="post" action="/cart" {
                label { "Item " input name="item" required autofocus; }
                " " button { "Add" }
            }
            " "
            form method="post" action="/cart/clear" { button { "Empty the cart" } }
            p { a href="/" { "Home" } }
        },
    )
}

pub(crate) fn signed_in(places: &[Place], notice: Option<&str>) -> Html<String> {
    page(
        "Where you are signed in",
        notice,
        &html! {
            ul {
                @for place in places {
                    li {
                        (place.browser) ", " (place.minutes) " minutes ago "
                        @if place.is_current {
                            strong { "here" }
                        } @else {
                            form method="post" action="/signed-in/end" {
                                button name="id" value=(place.id) { "Sign out there" }
                            }
                        }
                    }
                }
            }
            form method="post" action="/signed-in/end-others" { button { "Sign out everywhere else" } }
            p { a href="/" { "Home" } }
        },
    )
}

pub(crate) fn no_list() -> Html<String> {
    page(
        "Where you are signed in",
        None,
        &html! {
            p { "Sessions that live in their cookies are not listed." }
            p { a href="/" { "Home" } }
        },
    )
}

fn page(title: &str, notice: Option<&str>, content: &Markup) -> Html<String> {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (STYLE) }
            }
            body {
                h1 { (title) }
                @if let Some(notice) = notice { p.notice role="status" { (notice) } }
                (content)
            }
        }
    };
    Html(markup.into_string())
}
