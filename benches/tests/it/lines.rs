//! The programs whose lines are counted, over HTTP.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::thread;

use benches::lines::{self, Task};
use ureq::Agent;

/// A client with its own cookies, which follows no redirects.
struct Client {
    http: Agent,
    address: String,
    cookies: BTreeMap<String, String>,
}

struct Reply {
    status: u16,
    location: String,
    body: String,
}

/// Runs a test on each program of a task, with two clients of it.
fn on_each(task: &Task, test: impl Fn(&mut Client, &mut Client)) {
    for program in &task.programs {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let serve = program.serve;
        thread::spawn(move || serve(listener).unwrap());
        test(&mut Client::new(&address), &mut Client::new(&address));
    }
}

impl Client {
    fn new(address: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None);
        let http = Agent::new_with_config(config.build());
        Self { http, address: address.to_owned(), cookies: BTreeMap::new() }
    }

    fn get(&mut self, path: &str) -> Reply {
        let request = self.http.get(format!("{}{path}", self.address)).header("sec-fetch-mode", "navigate");
        let response = request.header("cookie", self.cookie()).call();
        self.read(response.unwrap())
    }

    fn post<'f>(&mut self, path: &str, form: impl IntoIterator<Item = (&'f str, &'f str)>) -> Reply {
        let request = self.http.post(format!("{}{path}", self.address));
        let response = request.header("cookie", self.cookie()).send_form(form);
        self.read(response.unwrap())
    }

    fn sign_in(&mut self, path: &str) -> Reply {
        self.post(path, [("name", "ada"), ("password", "engine")])
    }

    fn cookie(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn read(&mut self, mut response: ureq::http::Response<ureq::Body>) -> Reply {
        for line in response.headers().get_all("set-cookie") {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        Reply {
            status: response.status().as_u16(),
            location: location.unwrap_or_default(),
            body: response.body_mut().read_to_string().unwrap(),
        }
    }
}

#[test]
fn each_counter_counts_the_visits_of_each_visitor() {
    on_each(&lines::COUNTER, |visitor, other| {
        assert_eq!(visitor.get("/").body, "visit 1");
        assert_eq!(visitor.get("/").body, "visit 2");
        assert_eq!(other.get("/").body, "visit 1");
    });
}

#[test]
fn each_program_signs_in_with_the_right_password_and_out() {
    on_each(&lines::SIGN_IN, |visitor, _| {
        assert_eq!(visitor.get("/").body, "nobody");
        assert_eq!(visitor.post("/login", [("name", "ada"), ("password", "guess")]).status, 401);
        assert_eq!(visitor.get("/").body, "nobody");
        assert_eq!(visitor.sign_in("/login").status, 303);
        assert_eq!(visitor.get("/").body, "user 1");
        assert_eq!(visitor.post("/logout", []).status, 303);
        assert_eq!(visitor.get("/").body, "nobody");
    });
}

#[test]
fn each_program_signs_a_user_out_in_all_browsers() {
    on_each(&lines::SIGN_OUT_EVERYWHERE, |one, other| {
        one.sign_in("/login");
        other.sign_in("/login");
        assert_eq!((one.get("/").body, other.get("/").body), ("user 1".into(), "user 1".into()));
        assert_eq!(one.post("/logout", []).status, 303);
        assert_eq!((one.get("/").body, other.get("/").body), ("nobody".into(), "nobody".into()));
        other.sign_in("/login");
        assert_eq!(other.get("/").body, "user 1", "signing in works again");
    });
}

#[test]
fn each_guard_sends_strangers_to_the_sign_in_page_and_leads_back() {
    on_each(&lines::GUARD, |visitor, _| {
        let login = visitor.get("/account?tab=2").location;
        assert!(login.starts_with("/login?next="), "{login}");
        assert!(visitor.get(&login).body.contains("<form method=post>"));
        assert_eq!(visitor.sign_in(&login).location, "/account?tab=2");
        assert_eq!(visitor.get("/account?tab=2").body, "user 1");
    });
}

#[test]
fn only_code_is_counted() {
    let source = "//! Title.\n\nuse std::{\n    fmt,\n    io,\n};\nuse a::b;\n\n/// Docs.\nfn f() {\n    // why\n    g();\n}\n";
    assert_eq!(lines::code_lines(source), 3);
}
