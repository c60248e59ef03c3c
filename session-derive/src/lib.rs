//! `#[derive(Databag)]` for the crate `session`.

use proc_macro::TokenStream;

/// Makes a struct a databag.
#[proc_macro_derive(Databag, attributes(databag))]
pub fn derive_databag(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
