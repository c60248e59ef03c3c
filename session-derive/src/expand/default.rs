//! `impl Default`: the values in a new databag.

use proc_macro2::TokenStream;
use quote::quote;

use super::generics;
use crate::model::{Field, Initial, Model};

pub(super) fn implementation(model: &Model<'_>) -> TokenStream {
    let (private, ident) = (model.private(), model.ident);
    let (params, arguments, _) = model.generics.split_for_impl();
    let bounds = generics::for_default(model);
    let fields = model.fields.iter().map(|field| {
        let name = field.ident;
        let initial = initial(model, field);
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

/// Returns the expression for the value of a field in a new databag.
pub(super) fn initial(model: &Model<'_>, field: &Field<'_>) -> TokenStream {
    let (private, ty) = (model.private(), field.ty);
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
