//! The demo site, clicked through with curl and its cookie jar.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

struct Demo {
    process: Child,
    address: String,
}

impl Demo {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_demo"))
            .env("DEMO_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { process, address }
    }

    fn visitor(&self) -> Visitor<'_> {
        Visitor { demo: self, jar: TempDir::new().unwrap() }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A visitor with a cookie jar of its own, who follows redirects.
struct Visitor<'a> {
    demo: &'a Demo,
    jar: TempDir,
}

impl Visitor<'_> {
    fn jar(&self) -> std::path::PathBuf {
        Path::join(self.jar.path(), "jar")
    }

    fn curl(&self, path: &str, extra: &[&str]) -> String {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--fail", "--location", "--max-time", "20", "--noproxy", "*"])
            .arg("--cookie")
            .arg(self.jar())
            .arg("--cookie-jar")
            .arg(self.jar())
            .args(extra)
            .arg(format!("{}{path}", self.demo.address))
            .output()
            .expect("curl runs; `./test` installs it");
        assert!(output.status.success(), "curl {path}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn get(&self, path: &str) -> String {
        self.curl(path, &[])
    }

    fn post(&self, path: &str, form: &str) -> String {
        self.curl(path, &["--data", form])
    }

    fn token(&self) -> String {
        let jar = std::fs::read_to_string(self.jar()).unwrap();
        let line = jar.lines().find(|line| line.contains("\tsession\t")).expect("the jar holds the cookie");
        line.rsplit('\t').next().unwrap().to_owned()
    }
}

#[test]
fn a_visitor_signs_in_fills_a_cart_sees_each_notice_once_and_signs_out() {
    let demo = Demo::start();
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

#[test]
fn two_visitors_do_not_see_each_others_carts() {
    let demo = Demo::start();
    let (ada, bob) = (demo.visitor(), demo.visitor());
    ada.post("/sign-in", "name=Ada");
    bob.post("/sign-in", "name=Bob");
    ada.post("/cart", "item=tea");

    assert!(ada.get("/cart").contains("tea"));
    let bobs = bob.get("/cart");
    assert!(!bobs.contains("tea"), "{bobs}");
    assert!(bob.get("/").contains("signed in as <strong>Bob</strong>"));
}
