use session::Databag;

#[derive(Databag)]
struct Contradictory {
    #[databag(skip, rename = "x", alias = "y")]
    a: u8,
    #[databag(with = m, codec = "json", version = 1, skip)]
    b: u8,
    #[databag(readonly, skip)]
    c: u8,
    #[databag(skip, keep, principal, index, flash)]
    d: u8,
    #[databag(counter, cas, ttl = "1s", skip)]
    e: u8,
}

fn main() {}
