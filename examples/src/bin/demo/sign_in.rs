//! Signing in and out.

use std::time::Duration;

use axum::Form;
use axum::response::{Html, Redirect};
use maud::html;
use serde::Deserialize;
use session::{ReturnTo, Session};

use crate::frame::Frame;
use crate::visitor::Visitor;

/// How long "remember me" lasts.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);

#[derive(Deserialize)]
pub(crate) struct SignIn {
    name: String,
    /// Whether the box is ticked.
    remember: Option<String>,
}

pub(crate) async fn page(session: Session<Visitor>, next: Option<ReturnTo>) -> Html<String> {
    let action = match &next {
        Some(next) => format!("/sign-in?next={}", encode(next.as_str())),
        None => "/sign-in".to_owned(),
    };
    let content = html! {
        form.stack method="post" action=(action) {
            label for="name" { "Your name" }
            input #name name="name" autocomplete="username" required autofocus;
            p.muted { "Any name will do: the shop asks for no password." }
            label.check { input type="checkbox" name="remember"; "Remember me for 30 days" }
            div.actions { button { "Sign in" } }
        }
    };
    let notice = next.map(|_| "Please sign in first");
    Frame::of(&session).with_notice(notice).page("/sign-in", "Sign in", &content)
}

pub(crate) async fn sign_in(session: Session<Visitor>, next: ReturnTo, Form(form): Form<SignIn>) -> Redirect {
    let name = form.name.trim();
    if name.is_empty() {
        session.data.push_notices("Please give a name");
        return Redirect::to("/sign-in");
    }
    session.data.set_name(name);
    if form.remember.is_some() {
        session.remember_for(REMEMBERED);
    }
    session.data.push_notices(format!("Welcome, {name}"));
    tracing::info!("signed in");
    Redirect::to(next.as_str())
}

pub(crate) async fn sign_out(session: Session<Visitor>) -> Redirect {
    tracing::info!("signed out");
    session.destroy();
    Redirect::to("/")
}

/// Encodes a path for a query. A [`ReturnTo`] is ASCII without quotes and spaces.
fn encode(path: &str) -> String {
    path.replace('%', "%25").replace('&', "%26").replace('#', "%23").replace('+', "%2B")
}
