use session::Databag;

#[derive(Databag)]
#[databag(crate = session, crate = session)]
struct Repeated {
    #[databag(default = 1, default = 2)]
    a: u8,
    #[databag(rename = "x", rename = "y")]
    b: u8,
    #[databag(readonly)]
    #[databag(readonly)]
    c: u8,
    #[databag(secret, secret)]
    d: u8,
    #[databag(with = m, with = m)]
    e: u8,
    #[databag(codec = "json", codec = "json")]
    f: u8,
    #[databag(version = 1, version = 2)]
    g: u8,
    #[databag(skip, skip)]
    h: u8,
}

fn main() {}
