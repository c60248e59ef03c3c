//! Visits of the program `actix`.

use std::process::Command;

use crate::support::Server;

fn start() -> Server {
    Server::start(Command::new(env!("CARGO_BIN_EXE_actix")).env("ACTIX_LISTEN", "127.0.0.1:0"))
}

#[test]
fn visits_are_counted_by_visitor_whichever_worker_serves_them() {
    let server = start();
    let (ada, eve) = (server.visitor(), server.visitor());
    for visit in 1..=8 {
        assert_eq!(ada.get("/"), format!("visit {visit} of a guest\n"));
    }
    assert_eq!(eve.get("/"), "visit 1 of a guest\n");
}

#[test]
fn signing_in_renews_the_token_and_signing_out_ends_the_session() {
    let server = start();
    let visitor = server.visitor();
    visitor.get("/");
    let before = visitor.token();
    assert_eq!(visitor.post("/login", "name=ada"), "welcome, ada\n");
    assert_ne!(visitor.token(), before);
    assert_eq!(visitor.get("/"), "visit 2 of ada\n");

    let reply = visitor.reply("/logout", &["--data", ""]);
    assert_eq!((reply.status, reply.set_cookies(), reply.body.as_str()), (200, 1, "goodbye\n"));
    assert_eq!(visitor.get("/"), "visit 1 of a guest\n");
}
