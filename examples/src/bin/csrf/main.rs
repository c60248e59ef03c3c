//! Forms protected against cross-site request forgery (CSRF).
//!
//! `cargo run -p examples --bin csrf` listens on 127.0.0.1:3000, or on the address in `CSRF_LISTEN`. The application
//! and the middleware in `csrf.rs` each have a databag, and both are stored in one session.

mod csrf;

use std::env;

use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Form, Router};
use maud::{DOCTYPE, PreEscaped, html};
use serde::{Deserialize, Serialize};
use session::{Databag, MemoryStore, Session, SessionLayer};
use tokio::net::TcpListener;

use crate::csrf::{CsrfLayer, CsrfToken};

/// The databag of the application.
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
    name: String,
}

#[derive(Deserialize)]
struct Choice {
    theme: Theme,
}

/// Script that sends forms with the page's token in a header, which plain forms cannot do.
const SCRIPT: &str = r#"
addEventListener("submit", async event => {
    event.preventDefault();
    const form = event.target;
    const token = document.querySelector("meta[name=csrf-token]").content;
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const reply = await fetch(form.action, { method: "POST", headers: { "x-csrf-token": token }, body });
    if (reply.ok) location.reload(); else alert(`${reply.status}: reload the page and try again`);
});
"#;

async fn home(visitor: Session<Visitor>, CsrfToken(token): CsrfToken) -> Html<String> {
    let name = visitor.data.name();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="csrf-token" content=(token);
                title { "Forms" }
                script { (PreEscaped(SCRIPT)) }
            }
            body {
                p { "Visit " (visitor.data.add_visits(1)) " of " (name.as_deref().unwrap_or("a guest")) }
                p { "Theme: " (format!("{:?}", visitor.data.theme())) }
                form method="post" action="/theme" {
                    button name="theme" value="light" { "Light" }
                    button name="theme" value="dark" { "Dark" }
                }
                @if name.is_some() {
                    form method="post" action="/sign-out" { button { "Sign out" } }
                } @else {
                    form method="post" action="/sign-in" {
                        input name="name" aria-label="Your name" required;
                        button { "Sign in" }
                    }
                }
            }
        }
    };
    Html(page.into_string())
}

async fn choose(visitor: Session<Visitor>, Form(choice): Form<Choice>) -> StatusCode {
    visitor.data.set_theme(choice.theme);
    StatusCode::NO_CONTENT
}

async fn sign_in(visitor: Session<Visitor>, Form(form): Form<SignIn>) -> StatusCode {
    // Drops all fields from before the login that are not `keep`, the data of libraries included.
    visitor.renew_and_clear();
    visitor.data.set_name(form.name); // an application with passwords checks them first
    StatusCode::NO_CONTENT
}

async fn sign_out(visitor: Session<Visitor>) -> StatusCode {
    visitor.destroy();
    StatusCode::NO_CONTENT
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/", get(home))
        .route("/about", get(async || "no form here\n"))
        .route("/theme", post(choose))
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .layer(CsrfLayer)
        .layer(SessionLayer::builder(MemoryStore::new()).plain_http().build()?);

    let address = env::var("CSRF_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
