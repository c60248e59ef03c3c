use session::Databag;

#[derive(Databag)]
#[databag(crate)]
struct Values {
    #[databag(rename)]
    a: u8,
    #[databag(rename = 5)]
    b: u8,
    #[databag(alias("old"))]
    c: u8,
    #[databag(with = 5)]
    d: u8,
    #[databag(codec = "yaml")]
    e: u8,
    #[databag(version = -1)]
    f: u8,
    #[databag(version = 4294967296)]
    g: u8,
    #[databag(skip = true)]
    h: u8,
    #[databag(readonly())]
    i: u8,
    #[databag(secret skip)]
    j: u8,
    #[databag(default = f(1 2), secret, skip = 1)]
    m: u8,
    #[databag(default = )]
    k: u8,
    #[databag(with = "not a path")]
    l: u8,
}

fn main() {}
