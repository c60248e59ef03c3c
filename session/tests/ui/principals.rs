use session::Databag;

#[derive(Databag)]
struct Principals {
    #[databag(principal)]
    user: u64,
    #[databag(principal)]
    admin: u64,
    #[databag(principal)]
    tenant: u64,
}

fn main() {}
