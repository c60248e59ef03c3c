use session::Databag;

#[derive(Debug, Databag)]
struct Bag {
    #[databag(secret)]
    code: String,
}

fn main() {}
