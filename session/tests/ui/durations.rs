use session::Databag;

#[derive(Databag)]
struct Durations {
    #[databag(ttl)]
    a: u8,
    #[databag(ttl = 10)]
    b: u8,
    #[databag(ttl = "10")]
    c: u8,
    #[databag(ttl = "ten minutes")]
    d: u8,
    #[databag(ttl = "0s")]
    e: u8,
    #[databag(ttl = "30m1h")]
    f: u8,
    #[databag(ttl = "99999999999999999999d")]
    g: u8,
    #[databag(keep = true)]
    h: u8,
    #[databag(flash counter)]
    i: u8,
}

fn main() {}
