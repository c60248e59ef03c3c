use session::Databag;

#[derive(Clone, Default)]
struct Opaque;

#[derive(Databag)]
struct Bag {
    fine: u8,
    opaque: Opaque,
}

fn main() {}
