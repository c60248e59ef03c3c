//! `where` clauses: the struct's own with the bounds that its generic fields need.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{WhereClause, parse_quote, parse_quote_spanned};

use super::field_types;
use super::type_idents::mentions_param;
use crate::model::{Field, Initial, Model};

/// The `where` clause of `impl Default`.
pub(super) fn for_default(model: &Model<'_>) -> Option<WhereClause> {
    let private = model.private();
    bounded(model, |field| {
        let needed = field.optional.is_none() && matches!(field.initial, Initial::Standard);
        needed.then(|| quote!(#private::Default))
    })
}

/// The `where` clause of `impl Debug`.
pub(super) fn for_debug(model: &Model<'_>) -> Option<WhereClause> {
    let private = model.private();
    bounded(model, |field| (!field.is_secret()).then(|| quote!(#private::fmt::Debug)))
}

/// The `where` clause of `impl Databag` and the accessors. It assumes the types that the assertion of field types
/// rejects, so that no further errors follow.
pub(super) fn for_implementation(model: &Model<'_>) -> Option<WhereClause> {
    let mut clause = for_databag(model);
    for ty in field_types::refused(model) {
        let private = model.private_at(ty.span());
        let predicate = parse_quote_spanned! {ty.span()=> #ty: #private::FieldType};
        clause.get_or_insert_with(|| parse_quote!(where)).predicates.push(predicate);
    }
    clause
}

/// The `where` clause of `impl HasPrincipal`.
pub(super) fn for_principal(model: &Model<'_>) -> Option<WhereClause> {
    let mut clause = for_implementation(model);
    let principal = model.principal().map(|field| field.optional.unwrap_or(field.ty));
    if let Some(ty) = principal.filter(|ty| mentions_param(ty, model.generics)) {
        let private = model.private();
        let predicate = parse_quote!(#ty: #private::Clone + #private::Send);
        clause.get_or_insert_with(|| parse_quote!(where)).predicates.push(predicate);
    }
    clause
}

/// The `where` clause of `impl Databag`.
pub(super) fn for_databag(model: &Model<'_>) -> Option<WhereClause> {
    let private = model.private();
    bounded(model, |field| {
        let stored = match field.stored() {
            Some(stored) if stored.with.is_none() => {
                quote!(+ #private::Serialize + #private::DeserializeOwned)
            }
            _ => quote!(),
        };
        let default = match field.initial {
            Initial::Standard if field.optional.is_none() => quote!(+ #private::Default),
            _ => quote!(),
        };
        let entries =
            field.entries.map(|(key, value)| quote!(+ #private::EntryMap<Key = #key, Value = #value>));
        Some(quote!(#private::Clone + #private::Send + 'static #stored #default #entries))
    })
}

fn bounded(model: &Model<'_>, bounds: impl Fn(&Field<'_>) -> Option<TokenStream>) -> Option<WhereClause> {
    let mut generics = model.generics.clone();
    for field in model.fields.iter().filter(|field| mentions_param(field.ty, model.generics)) {
        if let Some(bounds) = bounds(field) {
            let ty = field.ty;
            generics.make_where_clause().predicates.push(parse_quote!(#ty: #bounds));
        }
    }
    generics.where_clause
}
