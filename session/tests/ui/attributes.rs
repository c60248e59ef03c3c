use session::Databag;

#[derive(Databag)]
struct Fields {
    #[databag(principal, index)]
    a: u64,
    #[databag(flash, counter)]
    b: u64,
    #[databag(flash, cas)]
    c: u64,
    #[databag(flash, readonly)]
    d: u64,
    #[databag(flash, index)]
    e: u64,
    #[databag(flash, principal)]
    f: u64,
    #[databag(counter, cas, ttl = "1s")]
    g: u64,
    #[databag(counter, codec = "json", with = m, version = 2)]
    h: u64,
    #[databag(index)]
    #[databag(counter, readonly)]
    j: u64,
    #[databag(counter, default = 5)]
    k: u64,
    #[databag(cas, readonly)]
    l: u64,
    #[databag(ttl = "1s", index)]
    n: u64,
    #[databag(flash, label)]
    o: u64,
    #[databag(label, secret)]
    p: u64,
    #[databag(skip, label)]
    q: u64,
}

#[derive(Databag)]
struct Counted {
    #[databag(principal, counter)]
    i: u64,
}

#[derive(Databag)]
struct Expiring {
    #[databag(ttl = "1s", principal)]
    m: u64,
}

fn main() {}
