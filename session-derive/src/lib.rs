#![doc = include_str!("docs/expansion.md")]

mod check;
mod duration;
mod errors;
mod expand;
mod fallback;
mod keywords;
mod model;
mod parse;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::errors::Errors;

#[doc = include_str!("docs/attributes.md")]
#[proc_macro_derive(Databag, attributes(databag))]
pub fn derive_databag(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput)).into()
}

fn derive(input: &DeriveInput) -> proc_macro2::TokenStream {
    let mut errors = Errors::default();
    let model = check::model(input, &mut errors);
    match errors.into_compile_errors() {
        None => expand::expand(&model),
        Some(mut output) => {
            output.extend(fallback::stub(&model));
            output
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_expansion_in_the_docs_is_what_the_derive_makes() {
        let blocks: Vec<&str> = include_str!("docs/expansion.md").split("```").collect();
        let [_, input, _, output, _] = blocks[..] else { panic!("the docs have two blocks of code") };
        let expanded = super::derive(&syn::parse_str(input.trim_start_matches("ignore")).unwrap());
        let shown: proc_macro2::TokenStream = output.trim_start_matches("ignore").parse().unwrap();
        assert_eq!(unspaced(&shown), unspaced(&expanded), "what the derive makes:\n{expanded}");
    }

    #[test]
    fn the_session_of_the_same_version_has_the_module_that_generated_code_uses() {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../session/src/lib.rs");
        let declared = format!("pub mod {} {{", crate::model::private_module());
        let source = std::fs::read_to_string(source).unwrap();
        assert!(source.contains(&declared), "session/src/lib.rs must declare `{declared}`");
    }

    /// Returns the tokens without whitespace and trailing commas.
    fn unspaced(tokens: &proc_macro2::TokenStream) -> String {
        let text: String = tokens.to_string().split_whitespace().collect();
        text.replace(&format!("::session::{}", crate::model::private_module()), "private")
            .replace(",)", ")")
            .replace(",}", "}")
    }
}
