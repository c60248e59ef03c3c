//! The page of races.

use super::{fresh_key, start, start_on_cookies};

#[test]
fn every_field_but_a_plain_list_keeps_all_additions_of_two_tabs() {
    let demo = start(&[]);
    let visitor = demo.visitor();
    assert_eq!(visitor.get("/races").matches("Not raced yet").count(), 4);

    let raced = visitor.post("/races", "");
    assert_eq!(raced.matches("<strong>20 of 20</strong> stored").count(), 3, "{raced}");
    assert_eq!(raced.matches("<strong>10 of 20</strong> stored").count(), 1, "{raced}");
    assert!(raced.contains("10 lost"), "{raced}");
    assert!(raced.contains("decided again, 10 times"), "{raced}");
}

#[test]
fn a_race_starts_from_zero_and_leaves_the_other_fields_alone() {
    let demo = start(&[]);
    let ada = demo.visitor();
    ada.post("/sign-in", "name=Ada");
    ada.post("/cart", "article=tea");
    for _ in 0..2 {
        let raced = ada.post("/races", "field=clicks");
        assert_eq!(raced.matches("20 of 20").count(), 1, "{raced}");
        assert_eq!(raced.matches("Not raced yet").count(), 3, "{raced}");
    }
    assert!(ada.get("/cart").contains("1 × € 7.80"));
}

#[test]
fn sessions_in_cookies_do_not_race_and_the_page_says_why() {
    let demo = start_on_cookies(&fresh_key());
    let page = demo.visitor().post("/races", "");
    assert!(page.contains("the cookie that arrives last replaces the other one"), "{page}");
    assert_eq!(page.matches("Not raced yet").count(), 4);
}
