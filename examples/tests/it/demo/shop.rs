//! The shop: carts, notices, signing in and out.

use super::{fresh_key, home_with, is_signed_in, is_stranger, start, start_on_cookies};
use crate::support::{Server, Visitor};

#[test]
fn a_visitor_fills_a_cart_signs_in_sees_each_notice_once_and_signs_out() {
    click_through(&start(&[]));
    click_through(&start(&[("DEMO_STORE", "memory")]));
    click_through(&start_on_cookies(&fresh_key()));
}

/// Fills a cart as a stranger, signs in, and signs out.
pub(super) fn click_through(demo: &Server) {
    let ada = demo.visitor();
    assert!(is_stranger(&ada.get("/")));
    assert!(!has_cookie(&ada), "reading pages sets no cookie");

    let added = ada.post("/cart", "article=tea&back=/");
    assert!(added.contains("Assam tea is in your cart"), "{added}");
    assert!(!ada.get("/").contains("is in your cart"), "a notice is shown once");
    let before = ada.token();

    let welcome = ada.post("/sign-in", "name=%3Cb%3EAda");
    assert!(welcome.contains("Welcome, &lt;b&gt;Ada"), "{welcome}");
    assert!(is_signed_in(&welcome, "&lt;b&gt;Ada"), "{welcome}");
    assert_ne!(ada.token(), before, "signing in renews the token");
    assert!(ada.get("/cart").contains("Assam tea"), "the cart is still there");

    ada.post("/cart", "article=mug");
    ada.post("/cart", "article=tea");
    let cart = ada.get("/cart");
    assert!(
        cart.contains("2 × € 7.80") && cart.contains("1 × € 16.50") && cart.contains("€ 32.10"),
        "{cart}"
    );
    let cart = ada.post("/cart/remove", "article=tea");
    assert!(cart.contains("not in your cart any more") && cart.contains("1 × € 16.50"), "{cart}");
    assert!(ada.post("/cart/clear", "").contains("Your cart is empty"));

    let thief = demo.visitor();
    assert!(is_stranger(&home_with(&before, &thief)), "the token from before signing in opens nothing");
    let kept = ada.token();
    assert!(is_stranger(&ada.post("/sign-out", "")));
    assert!(is_stranger(&home_with(&kept, &thief)), "nor does that from before signing out");
}

fn has_cookie(visitor: &Visitor<'_>) -> bool {
    std::fs::read_to_string(visitor.jar()).is_ok_and(|jar| jar.contains("session"))
}

#[test]
fn two_visitors_do_not_see_each_others_carts() {
    shop_together(&start(&[]));
    shop_together(&start_on_cookies(&fresh_key()));
}

fn shop_together(demo: &Server) {
    let (ada, bob) = (demo.visitor(), demo.visitor());
    ada.post("/sign-in", "name=Ada");
    bob.post("/sign-in", "name=Bob");
    ada.post("/cart", "article=tea");

    assert!(ada.get("/cart").contains("Assam tea"));
    let bobs = bob.get("/cart");
    assert!(bobs.contains("Your cart is empty") && is_signed_in(&bobs, "Bob"), "{bobs}");
}

#[test]
fn who_signs_in_over_somebody_else_sees_nothing_of_theirs() {
    sign_in_over(&start(&[]));
    sign_in_over(&start_on_cookies(&fresh_key()));
    let server = test_support::RedisServer::start();
    sign_in_over(&start(&[("DEMO_STORE", &server.url())]));
}

/// Signs in as another user in a browser where the previous one did not sign out.
fn sign_in_over(demo: &Server) {
    let shared = demo.visitor();
    shared.post("/sign-in", "name=Ada");
    shared.post("/cart", "article=tea");
    let of_ada = shared.token();

    let welcome = shared.post("/sign-in", "name=Eve");
    assert!(welcome.contains("Welcome, Eve") && is_signed_in(&welcome, "Eve"));
    for page in [welcome, shared.get("/cart"), shared.get("/devices")] {
        assert!(!page.contains("Ada"), "{page}");
    }
    assert!(shared.get("/cart").contains("Your cart is empty"));

    shared.post("/sign-in", "name=Ada");
    assert!(shared.get("/cart").contains("Your cart is empty"), "it was the cart of a session that ended");
    assert!(is_stranger(&home_with(&of_ada, &demo.visitor())));
}

#[test]
fn a_stranger_is_sent_to_the_sign_in_page_and_back() {
    let demo = start(&[]);
    let ada = demo.visitor();
    let form = ada.get("/devices");
    assert!(form.contains("Please sign in first"), "{form}");
    assert!(form.contains(r#"action="/sign-in?next=/devices""#), "{form}");
    assert!(ada.post("/sign-in?next=/devices", "name=Ada").contains("<h1>Your devices</h1>"));
    let elsewhere = ada.reply("/sign-in?next=//evil.example", &["--data", "name=Ada"]);
    assert_eq!((elsewhere.status, elsewhere.header("location")), (303, Some("/")));
}

#[test]
fn only_a_remembered_visitor_gets_a_cookie_that_outlives_the_browser() {
    let demo = start(&[]);
    let cookie = |form| {
        let reply = demo.visitor().reply("/sign-in", &["--data", form]);
        reply.header("set-cookie").unwrap().to_owned()
    };
    assert!(!cookie("name=Ada").contains("Max-Age"));
    assert!(cookie("name=Ada&remember=on").contains("Max-Age=259"));
}

#[test]
fn a_page_of_another_site_cannot_send_a_form() {
    let demo = start(&[]);
    let ada = demo.visitor();
    ada.post("/sign-in", "name=Ada");
    let forged = ada.reply("/cart", &["--data", "article=tea", "--header", "Sec-Fetch-Site: cross-site"]);
    assert_eq!(forged.status, 403);
    assert!(ada.get("/cart").contains("Your cart is empty"));
}

#[test]
fn pages_load_nothing_from_elsewhere_and_run_no_inline_script() {
    let demo = start(&[]);
    let visitor = demo.visitor();
    let reply = visitor.reply("/", &[]);
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for page in ["/", "/cart", "/sign-in", "/races", "/failures"] {
        let page = visitor.get(page);
        assert!(!page.contains("://") && !page.contains("style=") && !page.contains("onclick"), "{page}");
    }
}
