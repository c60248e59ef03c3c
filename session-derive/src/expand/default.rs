//! `impl Default`: what a new databag holds.

use proc_macro2::TokenStream;
use quote::quote;

use super::generics;
use crate::bag::{Bag, Field, Initial};

pub(super) fn implementation(bag: &Bag<'_>) -> TokenStream {
    let (private, ident) = (bag.private(), bag.ident);
    let (params, arguments, _) = bag.generics.split_for_impl();
    let bounds = generics::for_default(bag);
    let fields = bag.fields.iter().map(|field| {
        let name = field.ident;
        let initial = initial(bag, field);
        quote!(#name: #initial)
    });
    quote! {
        #[automatically_derived]
        impl #params #private::Default for #ident #arguments #bounds {
            fn default() -> Self {
                Self { #(#fields),* }
            }
        }
    }
}

/// The value of one field in a new databag.
pub(super) fn initial(bag: &Bag<'_>, field: &Field<'_>) -> TokenStream {
    let (private, ty) = (bag.private(), field.ty);
    match &field.initial {
        Initial::Standard if field.optional.is_some() => quote!(#private::None),
        Initial::Standard => quote!(<#ty as #private::Default>::default()),
        Initial::Text(text) if field.optional.is_some() => {
            quote!(#private::Some(#private::Into::into(#text)))
        }
        Initial::Text(text) => quote!(#private::Into::into(#text)),
        Initial::Value(value) => quote!(#value),
    }
}
