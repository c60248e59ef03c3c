//! `#[derive(Databag)]` for the crate `session`.

mod bag;
mod check;
mod expand;
mod fallback;
mod mistakes;
mod parse;
mod vocabulary;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::mistakes::Mistakes;

/// Makes a struct a databag.
#[proc_macro_derive(Databag, attributes(databag))]
pub fn derive_databag(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput)).into()
}

fn derive(input: &DeriveInput) -> proc_macro2::TokenStream {
    let mut mistakes = Mistakes::default();
    let bag = check::bag(input, &mut mistakes);
    match mistakes.report() {
        None => expand::bag(&bag),
        Some(mut report) => {
            report.extend(fallback::stub(&bag));
            report
        }
    }
}
