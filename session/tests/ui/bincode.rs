use session::Databag;

#[derive(Databag)]
struct Positional {
    #[databag(codec = "bincode")]
    a: u8,
    #[databag(codec = "bincode", with = m, keep)]
    b: u8,
    #[databag(version = 1, codec = "bincode")]
    c: u8,
}

fn main() {}
