//! Payment, confirmed by a one-time code.

use std::time::Duration;

use axum::Form;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use session::{Clock, Error, SignedIn, StoreError};

use crate::cart::amount;
use crate::frame::Frame;
use crate::goods::price;
use crate::visitor::Visitor;

/// The `ttl` of the field `code`.
const VALID_FOR: Duration = Duration::from_mins(2);

#[derive(Deserialize)]
pub(crate) struct Confirmation {
    code: String,
}

pub(crate) async fn page(visitor: SignedIn<Visitor>) -> Response {
    if visitor.data.cart().is_empty() {
        visitor.data.push_notices("There is nothing to pay for");
        return Redirect::to("/cart").into_response();
    }
    show(&visitor, &request_form()).into_response()
}

fn show(visitor: &SignedIn<Visitor>, form: &Markup) -> Html<String> {
    let content = html! {
        p.lead { "You pay " strong { (price(amount(visitor))) } ". A code confirms that it is you." }
        (form)
    };
    Frame::of(visitor).page("/pay", "Pay", &content)
}

fn request_form() -> Markup {
    html! { form.actions method="post" action="/pay/code" { button { "Send me a code" } } }
}

/// Sets a code and shows the message that a shop would send by mail. Nothing else ever shows it: the field is secret.
pub(crate) async fn send_code(visitor: SignedIn<Visitor>) -> Result<Html<String>, Error> {
    let code = random_code()?;
    visitor.data.set_code(code.clone());
    let deadline = Clock::system().now().after(VALID_FOR);
    let form = html! {
        div.message {
            p.muted { "Message to your phone" }
            p { "Your code is " strong.code.shown { (code) } }
        }
        form.stack method="post" action="/pay" {
            label for="code" { "Code" }
            input #code name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus;
            p.muted {
                "Valid for " span data-until=(deadline.as_millis()) { "two minutes" } ", once."
            }
            div.actions { button { "Confirm" } }
        }
    };
    Ok(show(&visitor, &form))
}

/// Claims the code: of several requests that confirm at once, one gets it. A wrong guess uses it up.
pub(crate) async fn pay(
    visitor: SignedIn<Visitor>,
    Form(form): Form<Confirmation>,
) -> Result<Redirect, Error> {
    let Some(code) = visitor.data.claim_code().await? else {
        visitor.data.push_notices("There is no code, or it has expired: ask for another one");
        return Ok(Redirect::to("/pay"));
    };
    if form.code.trim() != code {
        visitor.data.push_notices("That was not the code, and it is used up: ask for another one");
        return Ok(Redirect::to("/pay"));
    }
    visitor.authenticated();
    visitor.data.push_notices(format!(
        "Paid {}. Thank you, {}",
        price(amount(&visitor)),
        visitor.principal()
    ));
    visitor.data.clear_cart();
    Ok(Redirect::to("/"))
}

/// Returns six random digits.
fn random_code() -> Result<String, Error> {
    let random = getrandom::u32().map_err(|error| Error::Save(StoreError::Random(error.into())))?;
    Ok(format!("{:06}", random % 1_000_000))
}
