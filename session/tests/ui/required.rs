use session::Databag;

#[derive(Databag)]
struct Required {
    #[databag(principal, required)]
    user: Option<u64>,
    #[databag(required)]
    role: Option<u8>,
    #[databag(flash, required)]
    notice: String,
    #[databag(required, counter)]
    visits: u64,
    #[databag(required, entries)]
    cart: std::collections::BTreeMap<String, u32>,
    #[databag(required, ttl = "10m")]
    code: String,
    #[databag(required, skip)]
    scratch: String,
    #[databag(required = true)]
    assigned: bool,
    #[databag(required, default = Some(1))]
    level: Option<u8>,
}

#[derive(Databag)]
struct Kept {
    #[databag(principal, keep)]
    user: Option<u64>,
    #[databag(required)]
    dropped: bool,
    #[databag(required, keep)]
    kept: bool,
}

fn main() {}
