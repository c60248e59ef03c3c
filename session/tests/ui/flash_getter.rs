use session::{Databag, Session};

#[derive(Databag)]
struct Bag {
    #[databag(flash)]
    notice: Option<String>,
}

fn show(session: &Session<Bag>) -> usize {
    let notice = session.data.notice();
    notice.map_or(0, |notice| notice.len())
}

fn main() {}
