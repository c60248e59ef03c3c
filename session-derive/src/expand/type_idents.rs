//! Identifiers in the tokens of a type.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{GenericParam, Generics, Type};

/// Returns whether a type names a type or const parameter. It compares tokens only, since a superfluous bound does no harm.
pub(super) fn mentions_param(ty: &Type, generics: &Generics) -> bool {
    mentions(ty, &|ident| {
        generics.params.iter().any(|param| match param {
            GenericParam::Type(param) => param.ident == *ident,
            GenericParam::Const(param) => param.ident == *ident,
            GenericParam::Lifetime(_) => false,
        })
    })
}

/// Returns whether an identifier of a type satisfies `predicate`.
pub(super) fn mentions(ty: &Type, predicate: &dyn Fn(&Ident) -> bool) -> bool {
    fn any(tokens: TokenStream, predicate: &dyn Fn(&Ident) -> bool) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => predicate(&ident),
            TokenTree::Group(group) => any(group.stream(), predicate),
            _ => false,
        })
    }
    any(ty.to_token_stream(), predicate)
}
