//! Forms protected against cross-site request forgery (CSRF).
//!
//! `cargo run -p examples --bin csrf` listens on 127.0.0.1:3000, or on the address in `CSRF_LISTEN`. The layer refuses
//! requests that pages of other sites send, and each form carries a token of its visitor's session.

use std::env;

use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use maud::{DOCTYPE, Markup, html};
use serde::{Deserialize, Serialize};
use session::csrf::{CsrfLayer, CsrfToken};
use session::{Databag, Error, MemoryStore, Session, SessionLayer};
use tokio::net::TcpListener;

#[derive(Databag)]
struct Visitor {
    #[databag(principal)]
    name: Option<String>,
    #[databag(keep)]
    theme: Theme,
    #[databag(counter)]
    visits: u64,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Theme {
    #[default]
    Light,
    Dark,
}

#[derive(Deserialize)]
struct SignIn {
    csrf: String,
    name: String,
}

#[derive(Deserialize)]
struct Choice {
    csrf: String,
    theme: Theme,
}

#[derive(Deserialize)]
struct SignOut {
    csrf: String,
}

/// A form that is sent to `path`, with the token.
fn form(path: &str, csrf: &str, fields: &Markup) -> Markup {
    html! {
        form method="post" action=(path) {
            input type="hidden" name="csrf" value=(csrf);
            (fields)
        }
    }
}

async fn home(visitor: Session<Visitor>, csrf: CsrfToken) -> Result<Html<String>, Error> {
    let (csrf, name) = (csrf.issue()?, visitor.data.name());
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Forms" } }
            body {
                p { "Visit " (visitor.data.add_visits(1)) " of " (name.as_deref().unwrap_or("a guest")) }
                p { "Theme: " (format!("{:?}", visitor.data.theme())) }
                (form("/theme", &csrf, &html! {
                    button name="theme" value="light" { "Light" }
                    button name="theme" value="dark" { "Dark" }
                }))
                @if name.is_some() {
                    (form("/sign-out", &csrf, &html! { button { "Sign out" } }))
                } @else {
                    (form("/sign-in", &csrf, &html! {
                        input name="name" aria-label="Your name" required;
                        button { "Sign in" }
                    }))
                }
            }
        }
    };
    Ok(Html(page.into_string()))
}

async fn choose(visitor: Session<Visitor>, csrf: CsrfToken, Form(choice): Form<Choice>) -> Response {
    if let Err(refusal) = csrf.verify(&choice.csrf) {
        return refusal.into_response();
    }
    visitor.data.set_theme(choice.theme);
    Redirect::to("/").into_response()
}

async fn sign_in(visitor: Session<Visitor>, csrf: CsrfToken, Form(form): Form<SignIn>) -> Response {
    if let Err(refusal) = csrf.verify(&form.csrf) {
        return refusal.into_response();
    }
    visitor.data.set_name(form.name); // an application with passwords checks them first
    Redirect::to("/").into_response()
}

async fn sign_out(visitor: Session<Visitor>, csrf: CsrfToken, Form(form): Form<SignOut>) -> Response {
    if let Err(refusal) = csrf.verify(&form.csrf) {
        return refusal.into_response();
    }
    visitor.destroy();
    Redirect::to("/").into_response()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/", get(home))
        .route("/about", get(async || "no form here\n"))
        .route("/theme", post(choose))
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .layer(CsrfLayer::new())
        .layer(SessionLayer::builder(MemoryStore::new()).plain_http().build()?);

    let address = env::var("CSRF_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
