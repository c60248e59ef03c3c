//! Sessions on servers that several demos share.

use super::shop::click_through;
use super::{home_with, is_signed_in, is_stranger, start};
use crate::support::Visitor;

#[test]
fn two_demos_share_the_sessions_of_one_redis_server() {
    let server = test_support::RedisServer::start();
    share_sessions(&server.url());
}

#[test]
fn two_demos_share_the_sessions_of_one_postgres_server() {
    let server = test_support::PostgresServer::start();
    share_sessions(&server.url("postgres"));
}

#[test]
fn two_demos_share_the_sessions_of_one_mysql_or_mariadb_server() {
    let server = test_support::MySqlServer::start();
    share_sessions(&server.url("mysql"));
}

#[test]
fn two_demos_share_the_sessions_of_one_sqlite_file_which_outlives_them() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("demo.db").display());
    share_sessions(&url);
    let ada = {
        let demo = start(&[("DEMO_STORE", &url)]);
        let ada = demo.visitor();
        ada.post("/sign-in", "name=Ada");
        ada.jar
    };
    let again = start(&[("DEMO_STORE", &url)]);
    let ada = Visitor { server: &again, jar: ada };
    assert!(is_signed_in(&ada.get("/"), "Ada"));
}

fn share_sessions(url: &str) {
    let [first, second] = [(); 2].map(|()| start(&[("DEMO_STORE", url)]));
    click_through(&first);

    let ada = first.visitor();
    ada.post("/sign-in", "name=Ada");
    ada.post("/cart", "article=tea");
    let there = second.visitor();
    let cookie = format!("Cookie: session={}", ada.token());
    assert!(there.curl("/cart", &["--header", &cookie]).contains("Assam tea"));

    let raced = ada.post("/races", "");
    assert_eq!(raced.matches("20 of 20").count(), 3, "{raced}");
    assert!(there.curl("/races", &["--header", &cookie]).contains("20 of 20"));

    let token = ada.token();
    ada.post("/sign-out", "");
    assert!(is_stranger(&home_with(&token, &there)));
}
