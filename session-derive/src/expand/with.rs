//! `impl With`: fields that a module of the application's own serializes.

use proc_macro2::TokenStream;
use quote::quote;

use super::generics;
use crate::bag::Bag;

pub(super) fn implementations(bag: &Bag<'_>) -> TokenStream {
    let (private, ident) = (bag.private(), bag.ident);
    let (params, arguments, _) = bag.generics.split_for_impl();
    let bounds = generics::for_databag(bag);
    let implementations = bag.stored().filter_map(|(field, stored)| {
        let (module, index, ty) = (stored.with.as_ref()?, stored.index(), field.ty);
        Some(quote! {
            #[automatically_derived]
            impl #params #private::With<#index> for #ident #arguments #bounds {
                type Value = #ty;

                fn serialize<__S: #private::Serializer>(
                    value: &#ty,
                    serializer: __S,
                ) -> #private::Result<__S::Ok, __S::Error> {
                    #module::serialize(value, serializer)
                }

                fn deserialize<'de, __D: #private::Deserializer<'de>>(
                    deserializer: __D,
                ) -> #private::Result<#ty, __D::Error> {
                    #module::deserialize(deserializer)
                }
            }
        })
    });
    quote!(#(#implementations)*)
}
