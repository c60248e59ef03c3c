use session::{Databag, Fresh, SignedIn};

#[derive(Databag)]
struct Cart {
    items: Vec<String>,
}

fn order(_: SignedIn<Cart>) {}

fn pay(_: Fresh<Cart, 300>) {}

fn main() {
    session::guard::<Cart>();
}
