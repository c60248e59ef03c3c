//! `impl With`: fields serialized by a module of the application.

use proc_macro2::TokenStream;
use quote::quote;

use super::generics;
use crate::model::Model;

pub(super) fn implementations(model: &Model<'_>) -> TokenStream {
    let (private, ident) = (model.private(), model.ident);
    let (params, arguments, _) = model.generics.split_for_impl();
    let bounds = generics::for_databag(model);
    let implementations = model.stored().filter_map(|(field, stored)| {
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
