//! Handlers of the pages.

use axum::Form;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use session::Session;

use crate::pages;
use crate::visitor::{Visitor, turn_away};

#[derive(Deserialize)]
pub(crate) struct SignIn {
    name: String,
}

#[derive(Deserialize)]
pub(crate) struct Item {
    item: String,
}

pub(crate) async fn home(session: Session<Visitor>) -> Html<String> {
    let notice = session.data.take_notice();
    pages::home(session.data.name().as_deref(), session.data.cart().len(), notice.as_deref())
}

pub(crate) async fn sign_in_form(session: Session<Visitor>) -> Html<String> {
    pages::sign_in(session.data.take_notice().as_deref())
}

pub(crate) async fn sign_in(
    session: Session<Visitor>,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Redirect {
    let name = form.name.trim();
    if name.is_empty() {
        session.data.set_notice("Please give a name");
        return Redirect::to("/sign-in");
    }
    let browser = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    session.data.set_browser(browser.unwrap_or("a browser without a name"));
    session.data.set_name(name);
    session.data.set_notice(format!("Welcome, {name}"));
    tracing::info!("signed in");
    Redirect::to("/")
}

pub(crate) async fn cart(session: Session<Visitor>) -> Response {
    if session.data.name().is_none() {
        return turn_away(&session).into_response();
    }
    let notice = session.data.take_notice();
    pages::cart(&session.data.cart(), notice.as_deref()).into_response()
}

pub(crate) async fn add_to_cart(session: Session<Visitor>, Form(form): Form<Item>) -> Redirect {
    let item = form.item.trim();
    if session.data.name().is_none() {
        return turn_away(&session);
    }
    if !item.is_empty() {
        session.data.update_cart(|cart| cart.push(item.to_owned()));
        session.data.set_notice(format!("Added {item}"));
    }
    Redirect::to("/cart")
}

pub(crate) async fn clear_cart(session: Session<Visitor>) -> Redirect {
    session.data.clear_cart();
    session.data.set_notice("Your cart is empty again");
    Redirect::to("/cart")
}

pub(crate) async fn sign_out(session: Session<Visitor>) -> Redirect {
    tracing::info!("signed out");
    session.destroy();
    Redirect::to("/")
}
