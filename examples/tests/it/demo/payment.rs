//! Payment with a one-time code.

use super::{fresh_key, start, start_on_cookies};
use crate::support::{Server, Visitor};

/// Asks for a code and returns it.
fn code(visitor: &Visitor<'_>) -> String {
    let page = visitor.post("/pay/code", "");
    let (_, code) = page.split_once("Your code is <strong class=\"code shown\">").unwrap();
    code.split_once('<').unwrap().0.to_owned()
}

#[test]
fn a_code_pays_once_and_gives_the_session_a_new_token() {
    pay(&start(&[]));
    pay(&start_on_cookies(&fresh_key()));
}

fn pay(demo: &Server) {
    let ada = demo.visitor();
    ada.post("/sign-in", "name=Ada");
    assert!(ada.get("/pay").contains("There is nothing to pay for"));
    ada.post("/cart", "article=mug");
    assert!(ada.get("/pay").contains("<strong>€ 16.50</strong>"));

    let (code, before) = (code(&ada), ada.token());
    let paid = ada.post("/pay", &format!("code={code}"));
    assert!(paid.contains("Paid € 16.50. Thank you, Ada"), "{paid}");
    assert_ne!(ada.token(), before);
    assert!(ada.get("/cart").contains("Your cart is empty"));

    ada.post("/cart", "article=mug");
    assert!(ada.post("/pay", &format!("code={code}")).contains("There is no code"));
    assert!(ada.get("/cart").contains("€ 16.50"), "a code pays once");
}

#[test]
fn a_wrong_guess_uses_the_code_up() {
    let demo = start(&[]);
    let ada = demo.visitor();
    ada.post("/sign-in", "name=Ada");
    ada.post("/cart", "article=mug");
    let code = code(&ada);
    assert!(ada.post("/pay", "code=wrong").contains("That was not the code"));
    assert!(ada.post("/pay", &format!("code={code}")).contains("There is no code"));
    assert!(ada.get("/cart").contains("€ 16.50"));
}
