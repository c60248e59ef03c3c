//! The demo site, tested with curl and a cookie jar.

use std::process::Command;

use crate::support::{Server, Visitor};

/// Returns a fresh key, generated as for production.
fn fresh_key() -> String {
    let output = Command::new("openssl").args(["rand", "-hex", "64"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Returns a command for the demo with only these environment variables set.
fn demo(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.env_remove("DEMO_STORE").env_remove("DEMO_KEY").env("DEMO_LISTEN", "127.0.0.1:0");
    command.envs(variables.iter().copied());
    command
}

fn start(variables: &[(&str, &str)]) -> Server {
    Server::start(&mut demo(variables))
}

fn start_on_cookies(key: &str) -> Server {
    start(&[("DEMO_STORE", "cookie"), ("DEMO_KEY", key)])
}

#[test]
fn a_visitor_signs_in_fills_a_cart_sees_each_notice_once_and_signs_out() {
    click_through(&start(&[]));
    click_through(&start(&[("DEMO_STORE", "memory")]));
    click_through(&start_on_cookies(&fresh_key()));
}

#[test]
fn two_visitors_do_not_see_each_others_carts() {
    shop_together(&start(&[]));
    shop_together(&start_on_cookies(&fresh_key()));
}

#[test]
fn sealed_sessions_survive_a_restart_and_a_change_of_keys() {
    let (key, other_key) = (fresh_key(), fresh_key());
    let first = start_on_cookies(&key);
    let ada = first.visitor();
    ada.post("/sign-in", "name=Ada");
    ada.post("/cart", "item=tea");
    let jar = ada.jar;
    drop(first);

    let second = start_on_cookies(&key);
    let ada = Visitor { server: &second, jar };
    assert!(ada.get("/cart").contains("tea"));
    let jar = ada.jar;

    let both = start_on_cookies(&format!("{other_key},{key}"));
    let ada = Visitor { server: &both, jar };
    assert!(ada.get("/").contains("signed in as <strong>Ada</strong>"));
    let jar = ada.jar;

    let third = start_on_cookies(&other_key);
    let ada = Visitor { server: &third, jar };
    assert!(ada.get("/").contains("signed in as <strong>Ada</strong>"));
    let old = start_on_cookies(&key);
    let ada = Visitor { server: &old, jar: ada.jar };
    assert!(ada.get("/").contains("You are not signed in"));
}

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
fn two_demos_share_the_sessions_of_one_mariadb_server() {
    let server = test_support::MariaDbServer::start();
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
    assert!(ada.get("/").contains("signed in as <strong>Ada</strong>"));
}

fn share_sessions(url: &str) {
    let [first, second] = [(); 2].map(|()| start(&[("DEMO_STORE", url)]));
    click_through(&first);

    let ada = first.visitor();
    ada.post("/sign-in", "name=Ada");
    ada.post("/cart", "item=tea");
    let there = second.visitor();
    let cookie = format!("Cookie: session={}", ada.token());
    assert!(there.curl("/cart", &["--header", &cookie]).contains("<li>tea</li>"));

    ada.post("/sign-out", "");
    assert!(there.curl("/", &["--header", &cookie]).contains("You are not signed in"));
}

#[test]
fn a_visitor_sees_where_they_are_signed_in_and_signs_out_there() {
    let demo = start(&[]);
    let [phone, laptop, tablet] = ["phone", "laptop", "tablet"].map(|device| {
        let visitor = demo.visitor();
        visitor.curl("/sign-in", &["--data", "name=Ada", "--user-agent", device]);
        visitor
    });
    demo.visitor().post("/sign-in", "name=Eve");

    let page = laptop.get("/signed-in");
    for shown in
        ["phone, 0 minutes ago", "tablet, 0 minutes ago", "laptop, 0 minutes ago <strong>here</strong>"]
    {
        assert!(page.contains(shown), "{page}");
    }
    assert_eq!(page.matches("Sign out there").count(), 2);
    let (id, _) =
        page.split_once("phone").unwrap().1.split_once("value=\"").unwrap().1.split_once('"').unwrap();
    assert!(laptop.post("/signed-in/end", &format!("id={id}")).contains("Signed out there"));
    assert!(phone.get("/").contains("You are not signed in"));
    assert!(tablet.get("/").contains("signed in as"));

    assert!(laptop.post("/signed-in/end-others", "").contains("Signed out in 1 other places"));
    assert!(tablet.get("/").contains("You are not signed in"));
    assert!(laptop.get("/").contains("signed in as"));
}

#[test]
fn sealed_sessions_are_not_listed_and_the_page_says_so() {
    let demo = start_on_cookies(&fresh_key());
    let ada = demo.visitor();
    ada.post("/sign-in", "name=Ada");
    assert!(ada.get("/signed-in").contains("not listed"));
}

/// Returns the error message of a demo that refuses to start.
fn refusal(variables: &[(&str, &str)]) -> String {
    let output = demo(variables).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let stderr = String::from_utf8(output.stderr).unwrap();
    for noise in ["panicked", "backtrace", "Error", "Err("] {
        assert!(!stderr.contains(noise), "{stderr}");
    }
    stderr
}

#[test]
fn the_demo_does_not_seal_without_a_good_key_and_says_how_to_make_one() {
    let key = fresh_key();
    let short = &key[..40];
    let text = "a shop that remembers its visitors";
    let zeros = "0".repeat(128);
    let cases = [
        (None, "`DEMO_KEY` is not set"),
        (Some(""), "`DEMO_KEY` is not set"),
        (Some(short), "the key has 20 bytes"),
        (Some(text), "neither hex nor base64"),
        (Some(zeros.as_str()), "both halves of the key are equal"),
    ];
    for (key, reason) in cases {
        let key = key.map(|key| ("DEMO_KEY", key));
        let variables: Vec<_> = [("DEMO_STORE", "cookie")].into_iter().chain(key).collect();
        let stderr = refusal(&variables);
        assert!(stderr.contains(reason), "{stderr}");
        assert!(stderr.contains("\n    export DEMO_KEY=$(openssl rand -hex 64)\n"), "{stderr}");
        assert!(key.is_none_or(|(_, key)| key.is_empty() || !stderr.contains(key)), "the key is shown");
    }
}

#[test]
fn the_command_that_a_refusal_prints_makes_a_good_key() {
    let stderr = refusal(&[("DEMO_STORE", "cookie")]);
    let command = stderr.lines().map(str::trim).find(|line| line.starts_with("export ")).unwrap();
    let script = format!("{command} && printf %s \"$DEMO_KEY\"");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let key = String::from_utf8(output.stdout).unwrap();
    assert_eq!(key.len(), 128, "openssl runs; `./test` installs it");
    let demo = start_on_cookies(&key);
    let ada = demo.visitor();
    ada.post("/sign-in", "name=Ada");
    assert!(ada.get("/").contains("signed in as <strong>Ada</strong>"));
}

#[test]
fn an_unknown_store_is_refused_with_the_choices() {
    for unknown in ["", "disk", "Memory", "cookies"] {
        let stderr = refusal(&[("DEMO_STORE", unknown)]);
        let choices = "`memory`, `cookie`, `redis://…`, `postgres://…`, `mysql://…` or `sqlite:demo.db`";
        assert_eq!(stderr, format!("DEMO_STORE is `{unknown}`: write {choices}\n"));
    }
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
    shared.post("/cart", "item=tea");
    let of_ada = shared.token();

    let welcome = shared.post("/sign-in", "name=Eve");
    assert!(welcome.contains("Welcome, Eve") && welcome.contains("signed in as <strong>Eve</strong>"));
    for page in [welcome, shared.get("/cart"), shared.get("/signed-in")] {
        assert!(!page.contains("Ada") && !page.contains("tea"), "{page}");
    }
    assert!(shared.get("/").contains("0 items"));

    assert!(
        shared.post("/sign-in", "name=Ada").contains("0 items"),
        "it was the cart of a session that ended"
    );
    let thief = demo.visitor();
    assert!(
        thief
            .curl("/", &["--header", &format!("Cookie: session={of_ada}")])
            .contains("You are not signed in")
    );
}

/// Signs in, fills a cart, sees each flash message once and signs out.
fn click_through(demo: &Server) {
    let ada = demo.visitor();

    assert!(ada.get("/").contains("You are not signed in"));
    assert!(!ada.jar().exists() || !std::fs::read_to_string(ada.jar()).unwrap().contains("session"));

    assert!(ada.get("/cart").contains("Please sign in first"));
    let planted = ada.token();

    let welcome = ada.post("/sign-in", "name=Ada");
    assert!(welcome.contains("Welcome, Ada"), "{welcome}");
    assert!(welcome.contains("signed in as <strong>Ada</strong>"), "{welcome}");
    assert_ne!(ada.token(), planted, "signing in renews the token");
    assert!(!ada.get("/").contains("Welcome, Ada"), "a notice is shown once");

    ada.post("/cart", "item=tea");
    let cart = ada.post("/cart", "item=%3Cb%3Ebiscuits");
    assert!(cart.contains("<li>tea</li><li>&lt;b&gt;biscuits</li>"), "{cart}");
    assert!(cart.contains("Added &lt;b&gt;biscuits"), "{cart}");
    assert!(ada.get("/").contains("2 items"));

    let thief = demo.visitor();
    let stolen = thief.curl("/", &["--header", &format!("Cookie: session={planted}")]);
    assert!(stolen.contains("You are not signed in"), "the token from before signing in opens nothing");

    let kept = ada.token();
    assert!(ada.post("/sign-out", "").contains("You are not signed in"));
    assert!(
        thief.curl("/", &["--header", &format!("Cookie: session={kept}")]).contains("You are not signed in")
    );
}

/// Runs two visitors concurrently.
fn shop_together(demo: &Server) {
    let (ada, bob) = (demo.visitor(), demo.visitor());
    ada.post("/sign-in", "name=Ada");
    bob.post("/sign-in", "name=Bob");
    ada.post("/cart", "item=tea");

    assert!(ada.get("/cart").contains("tea"));
    let bobs = bob.get("/cart");
    assert!(!bobs.contains("tea"), "{bobs}");
    assert!(bob.get("/").contains("signed in as <strong>Bob</strong>"));
}
