//! The databag of the tests: eight fields.

use session::Databag;

#[derive(Databag)]
pub(crate) struct Bag {
    user: Option<String>,
    #[databag(default = "nobody")]
    name: String,
    visits: u64,
    items: Vec<String>,
    notice: Option<String>,
    a: u32,
    b: u32,
    c: u32,
}
