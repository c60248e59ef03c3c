//! The databag of the tests, with eight fields.

use session::Databag;

#[derive(Databag)]
pub(crate) struct Bag {
    pub(crate) user: Option<String>,
    #[databag(default = "nobody")]
    pub(crate) name: String,
    pub(crate) visits: u64,
    pub(crate) items: Vec<String>,
    pub(crate) notice: Option<String>,
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) c: u32,
}
