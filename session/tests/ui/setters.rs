use session::{Databag, Session};

#[derive(Databag)]
struct Bag {
    b: Option<String>,
}

fn none(session: &Session<Bag>) {
    session.data.set_b(None);
}

fn some(session: &Session<Bag>, name: &str) {
    session.data.set_b(Some(name));
}

fn main() {}
