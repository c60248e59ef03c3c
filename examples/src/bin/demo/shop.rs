//! The page of the goods.

use axum::response::Html;
use maud::{Markup, html};
use session::Session;

use crate::frame::Frame;
use crate::goods::{Article, GOODS, price};
use crate::visitor::Visitor;

pub(crate) async fn page(session: Session<Visitor>) -> Html<String> {
    let name = session.data.name();
    let content = html! {
        p.lead {
            @if name.is_some() {
                "Your cart came along when you signed in, under a new token."
            } @else {
                "You are not signed in. Fill a cart anyway: it stays when you do, while the token changes."
            }
        }
        ul.goods { @for article in &GOODS { (tile(article)) } }
    };
    Frame::of(&session).page("/", "A shop that remembers", &content)
}

fn tile(article: &Article) -> Markup {
    html! {
        li.card {
            img src={ "/assets/" (article.key) ".svg" } alt="" width="96" height="96";
            h2 { (article.name) }
            p.muted { (article.description) }
            div.buy {
                span.price { (price(article.cents)) }
                form method="post" action="/cart" {
                    input type="hidden" name="back" value="/";
                    button name="article" value=(article.key) {
                        "Add" span.unseen { " " (article.name) " to the cart" }
                    }
                }
            }
        }
    }
}
