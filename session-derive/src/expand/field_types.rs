//! Assertion that the types of fields can be stored, with one error at the field.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::type_idents::{mentions, mentions_param};
use crate::model::Model;

/// Generates a struct that requires the types to implement `FieldType`. It precedes other code that would not compile
/// either, so that its error is the first.
pub(super) fn assertion(model: &Model<'_>) -> TokenStream {
    let name = format_ident!("__{}FieldTypes", model.ident.unraw());
    let types = plain(model).into_iter().map(|ty| {
        let private = model.private_at(ty.span());
        quote_spanned!(ty.span()=> #private::Asserted<#ty>)
    });
    quote!(struct #name(#(#types),*);)
}

/// Returns the types that the assertion certainly rejects, unless an `Rc` is not the standard library's. `impl Databag`
/// assumes their bounds, so that the assertion's error is the only one.
pub(super) fn refused<'a>(model: &Model<'a>) -> impl Iterator<Item = &'a Type> {
    plain(model).into_iter().filter(|ty| mentions(ty, &|ident| ident == "Rc"))
}

/// Returns the types without parameters, each once; those with parameters have bounds.
fn plain<'a>(model: &Model<'a>) -> Vec<&'a Type> {
    let mut taken = HashSet::new();
    model
        .fields
        .iter()
        .map(|field| field.ty)
        .filter(|ty| !mentions_param(ty, model.generics) && taken.insert(ty.to_token_stream().to_string()))
        .collect()
}
