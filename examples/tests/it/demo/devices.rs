//! The list of devices.

use super::{fresh_key, is_signed_in, is_stranger, start, start_on_cookies};

const PHONE: &str = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36";
const LAPTOP: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
const TABLET: &str = "Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1";

#[test]
fn a_visitor_sees_where_they_are_signed_in_and_signs_out_there() {
    let demo = start(&[]);
    let [phone, laptop, tablet] = [PHONE, LAPTOP, TABLET].map(|browser| {
        let visitor = demo.visitor();
        visitor.curl("/sign-in", &["--data", "name=Ada", "--user-agent", browser]);
        visitor
    });
    demo.visitor().post("/sign-in", "name=Eve");

    let page = laptop.get("/devices");
    for device in ["Chrome on Android", "Firefox on Linux", "Safari on an iPad"] {
        assert!(page.contains(&format!("<strong>{device}</strong>")), "{device}: {page}");
    }
    assert_eq!(page.matches("On this computer").count(), 3, "{page}");
    assert_eq!(page.matches("Last seen just now, ends in 59 minutes").count(), 3, "{page}");
    assert_eq!(page.matches("This browser").count(), 1);
    assert_eq!(page.matches("Sign out there").count(), 2);

    let (_, of_phone) = page.split_once("Chrome on Android").unwrap();
    let (id, _) = of_phone.split_once("value=\"").unwrap().1.split_once('"').unwrap();
    assert!(laptop.post("/devices/end", &format!("id={id}")).contains("Signed out there"));
    assert!(is_stranger(&phone.get("/")));
    assert!(is_signed_in(&tablet.get("/"), "Ada"));

    assert!(laptop.post("/devices/end-others", "").contains("Signed out in 1 other browser"));
    assert!(is_stranger(&tablet.get("/")));
    assert!(is_signed_in(&laptop.get("/"), "Ada"));
}

#[test]
fn nobody_ends_a_session_of_another_user() {
    let demo = start(&[]);
    let (ada, eve) = (demo.visitor(), demo.visitor());
    ada.post("/sign-in", "name=Ada");
    eve.post("/sign-in", "name=Eve");
    let panel = ada.event("/live");
    let (_, id) = panel.split_once("id=\"handle-id\">").unwrap();
    let (id, _) = id.split_once('<').unwrap();
    assert!(eve.post("/devices/end", &format!("id={id}")).contains("had ended already"));
    assert!(is_signed_in(&ada.get("/"), "Ada"));
}

#[test]
fn sealed_sessions_are_not_listed_and_end_all_the_same() {
    let demo = start_on_cookies(&fresh_key());
    let [here, there] = [(); 2].map(|()| {
        let ada = demo.visitor();
        ada.post("/sign-in", "name=Ada");
        ada
    });
    assert!(here.get("/devices").contains("not listed"));
    assert!(here.post("/devices/end-others", "").contains("Signed out everywhere else"));
    assert!(is_stranger(&there.get("/")));
    assert!(is_signed_in(&here.get("/"), "Ada"));
}
