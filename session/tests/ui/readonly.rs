use session::Databag;
use session_core::Data;

#[derive(Databag)]
struct Bag {
    #[databag(readonly, default = 7)]
    fixed: u8,
}

fn main() {
    Bag::accessors(Data::new(None)).set_fixed(1);
}
