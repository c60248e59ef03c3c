//! Asserts that the types of fields are such, with one message at the field.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::generics::{mentions, mentions_param};
use crate::bag::Bag;

/// A struct that names the types in a place where they must be types of fields. Stands before all that would not compile
/// either, so that its message is the first.
pub(super) fn assertion(bag: &Bag<'_>) -> TokenStream {
    let name = format_ident!("__{}FieldTypes", bag.ident.unraw());
    let types = plain(bag).into_iter().map(|ty| {
        let private = bag.private_at(ty.span());
        quote_spanned!(ty.span()=> #private::Asserted<#ty>)
    });
    quote!(struct #name(#(#types),*);)
}

/// The types that a session certainly cannot hold, if they are the standard library's. `impl Databag` takes for granted that
/// they can: the assertion says that they cannot, and nothing is to follow from it.
pub(super) fn refused<'a>(bag: &Bag<'a>) -> impl Iterator<Item = &'a Type> {
    plain(bag).into_iter().filter(|ty| mentions(ty, &|ident| ident == "Rc"))
}

/// The types without parameters, each once: bounds say what those with parameters are.
fn plain<'a>(bag: &Bag<'a>) -> Vec<&'a Type> {
    let mut taken = HashSet::new();
    bag.fields
        .iter()
        .map(|field| field.ty)
        .filter(|ty| !mentions_param(ty, bag.generics) && taken.insert(ty.to_token_stream().to_string()))
        .collect()
}
