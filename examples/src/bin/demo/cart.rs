//! The cart: of visitors who are signed in, and of others.

use axum::Form;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use session::{ReturnTo, Session};

use crate::frame::Frame;
use crate::goods::{self, Article, price};
use crate::visitor::Visitor;

#[derive(Deserialize)]
pub(crate) struct Choice {
    article: String,
    /// The page to show next.
    back: Option<ReturnTo>,
}

pub(crate) async fn page(session: Session<Visitor>) -> Html<String> {
    let lines = lines(&session);
    let content = html! {
        @if lines.is_empty() {
            p.lead { "Your cart is empty." }
            p { a.button href="/" { "To the shop" } }
        } @else {
            ul.lines { @for (article, count) in &lines { (line(article, *count)) } }
            p.total { "Total " strong { (price(total(&lines))) } }
            div.actions {
                a.button href="/pay" { "Pay" }
                form method="post" action="/cart/clear" { button.quiet { "Empty the cart" } }
            }
            p.muted {
                "Each article is an entry of its own, and a counter: open this shop in two tabs and add in both. "
                "Nothing is lost."
            }
        }
    };
    Frame::of(&session).page("/cart", "Your cart", &content)
}

/// Returns the articles in the cart, and how many of each.
fn lines(session: &Session<Visitor>) -> Vec<(&'static Article, u32)> {
    let cart = session.data.cart();
    cart.iter().filter_map(|(key, count)| Some((goods::find(key)?, *count))).collect()
}

fn total(lines: &[(&Article, u32)]) -> u32 {
    lines.iter().map(|(article, count)| article.cents.saturating_mul(*count)).fold(0, u32::saturating_add)
}

/// Returns the price of all that is in the cart.
pub(crate) fn amount(session: &Session<Visitor>) -> u32 {
    total(&lines(session))
}

fn line(article: &Article, count: u32) -> Markup {
    html! {
        li {
            img src={ "/assets/" (article.key) ".svg" } alt="" width="48" height="48";
            div.what {
                strong { (article.name) }
                span.muted { (count) " × " (price(article.cents)) }
            }
            form method="post" action="/cart" {
                input type="hidden" name="back" value="/cart";
                button.quiet name="article" value=(article.key) {
                    "Add" span.unseen { " one more " (article.name) }
                }
            }
            form method="post" action="/cart/remove" {
                button.quiet name="article" value=(article.key) {
                    "Remove" span.unseen { " " (article.name) }
                }
            }
        }
    }
}

pub(crate) async fn add(session: Session<Visitor>, Form(choice): Form<Choice>) -> Response {
    let Some(article) = goods::find(&choice.article) else { return StatusCode::NOT_FOUND.into_response() };
    session.data.add_cart(article.key, 1);
    session.data.push_notices(format!("{} is in your cart", article.name));
    Redirect::to(choice.back.unwrap_or_default().as_str()).into_response()
}

pub(crate) async fn remove(session: Session<Visitor>, Form(choice): Form<Choice>) -> Response {
    let Some(article) = goods::find(&choice.article) else { return StatusCode::NOT_FOUND.into_response() };
    session.data.remove_cart(article.key);
    session.data.push_notices(format!("{} is not in your cart any more", article.name));
    Redirect::to("/cart").into_response()
}

pub(crate) async fn clear(session: Session<Visitor>) -> Redirect {
    session.data.clear_cart();
    session.data.push_notices("Your cart is empty again");
    Redirect::to("/cart")
}
