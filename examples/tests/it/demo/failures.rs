//! Failures on purpose.

use super::{is_signed_in, is_stranger, start};

#[test]
fn a_store_that_is_stopped_loses_nothing_and_makes_nobody_a_stranger() {
    let demo = start(&[]);
    let (ada, bob) = (demo.visitor(), demo.visitor());
    ada.post("/sign-in", "name=Ada");
    ada.post("/cart", "article=tea");
    let token = ada.token();

    bob.reply("/failures/stop-store", &["--data", ""]);
    for path in ["/", "/cart", "/devices", "/races", "/failures"] {
        let page = ada.reply(path, &[]);
        assert_eq!((page.status, page.set_cookies()), (503, 0), "{path}");
        assert!(page.body.contains("The session store does not respond"), "{}", page.body);
        assert!(page.body.contains("Start the store again") && !is_stranger(&page.body), "{}", page.body);
    }
    assert_eq!(ada.reply("/cart", &["--data", "article=mug"]).status, 503);
    assert!(ada.event("/live").contains("The store does not respond."));

    bob.post("/failures/start-store", "");
    let cart = ada.get("/cart");
    assert!(
        is_signed_in(&cart, "Ada") && cart.contains("Assam tea") && !cart.contains("Stoneware mug"),
        "{cart}"
    );
    assert_eq!(ada.token(), token);
}

#[test]
fn a_session_that_is_ended_elsewhere_opens_nothing_for_its_cookie() {
    let demo = start(&[]);
    let ada = demo.visitor();
    assert!(ada.get("/failures").contains("You have no session yet"));
    ada.post("/sign-in", "name=Ada");
    let token = ada.token();

    assert!(is_stranger(&ada.post("/failures/end-session", "")));
    assert_eq!(ada.token(), token, "the browser still has the cookie");
    assert!(ada.event("/live").contains("The session has ended."));

    ada.post("/cart", "article=tea");
    assert_ne!(ada.token(), token, "a new session begins under a new token");
}

#[test]
fn a_page_that_does_not_exist_says_so() {
    let demo = start(&[]);
    let visitor = demo.visitor();
    let page = visitor.reply("/nowhere", &[]);
    assert_eq!(page.status, 404);
    assert!(page.body.contains("There is no such page"));
    assert_eq!(visitor.reply("/cart", &["--data", "article=unknown"]).status, 404);
}
