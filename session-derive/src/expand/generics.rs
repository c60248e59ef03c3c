//! The bounds that a generic databag needs.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned as _;
use syn::{GenericParam, Generics, Type, WhereClause, parse_quote, parse_quote_spanned};

use super::field_types;
use crate::bag::{Bag, Field, Initial};

/// The struct's `where` clause with those for `impl Default`.
pub(super) fn for_default(bag: &Bag<'_>) -> Option<WhereClause> {
    let private = bag.private();
    bounded(bag, |field| {
        let needed = field.optional.is_none() && matches!(field.initial, Initial::Standard);
        needed.then(|| quote!(#private::Default))
    })
}

/// The struct's `where` clause with those for `impl Debug`.
pub(super) fn for_debug(bag: &Bag<'_>) -> Option<WhereClause> {
    let private = bag.private();
    bounded(bag, |field| (!field.is_secret()).then(|| quote!(#private::fmt::Debug)))
}

/// The struct's `where` clause with those for `impl Databag` and the accessors, where types that the assertion of field types
/// refuses are taken for granted.
pub(super) fn for_implementation(bag: &Bag<'_>) -> Option<WhereClause> {
    let mut clause = for_databag(bag);
    for ty in field_types::refused(bag) {
        let private = bag.private_at(ty.span());
        let predicate = parse_quote_spanned! {ty.span()=> #ty: #private::FieldType};
        clause.get_or_insert_with(|| parse_quote!(where)).predicates.push(predicate);
    }
    clause
}

/// The struct's `where` clause with those for `impl Databag`.
pub(super) fn for_databag(bag: &Bag<'_>) -> Option<WhereClause> {
    let private = bag.private();
    bounded(bag, |field| {
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
        Some(quote!(#private::Clone + #private::Send + 'static #stored #default))
    })
}

fn bounded(bag: &Bag<'_>, bounds: impl Fn(&Field<'_>) -> Option<TokenStream>) -> Option<WhereClause> {
    let mut generics = bag.generics.clone();
    for field in bag.fields.iter().filter(|field| mentions_param(field.ty, bag.generics)) {
        if let Some(bounds) = bounds(field) {
            let ty = field.ty;
            generics.make_where_clause().predicates.push(parse_quote!(#ty: #bounds));
        }
    }
    generics.where_clause
}

/// Whether a type depends on a type or const parameter, as far as its words tell: a bound too many does no harm.
pub(super) fn mentions_param(ty: &Type, generics: &Generics) -> bool {
    mentions(ty, &|ident| {
        generics.params.iter().any(|param| match param {
            GenericParam::Type(param) => param.ident == *ident,
            GenericParam::Const(param) => param.ident == *ident,
            GenericParam::Lifetime(_) => false,
        })
    })
}

/// Whether such a word occurs in a type.
pub(super) fn mentions(ty: &Type, word: &dyn Fn(&Ident) -> bool) -> bool {
    fn any(tokens: TokenStream, word: &dyn Fn(&Ident) -> bool) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => word(&ident),
            TokenTree::Group(group) => any(group.stream(), word),
            _ => false,
        })
    }
    any(ty.to_token_stream(), word)
}
