use std::rc::Rc;

use session::Databag;

#[derive(Databag)]
struct Shared {
    #[databag(skip, default = Rc::from(""))]
    a: Rc<str>,
}

fn main() {}
