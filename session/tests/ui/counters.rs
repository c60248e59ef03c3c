use session::Databag;

type Alias = u64;

#[derive(Databag)]
struct Counters {
    #[databag(counter)]
    a: u128,
    #[databag(counter)]
    b: f64,
    #[databag(counter)]
    c: Option<u64>,
    #[databag(counter)]
    d: Alias,
    #[databag(counter)]
    e: Vec<u8>,
    #[databag(counter)]
    f: (),
}

fn main() {}
