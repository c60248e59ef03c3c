use session::{Databag, Session};

#[derive(Databag)]
struct Bag {
    #[databag(flash)]
    notice: Option<String>,
    #[databag(flash)]
    code: u32,
    #[databag(flash)]
    notices: Vec<String>,
}

fn say(session: &Session<Bag>) {
    session.data.push_notice("saved");
    session.data.push_code(7);
    session.data.push_notices(7);
}

fn main() {}
