//! `impl Databag`: the stored fields and their bytes.

use proc_macro2::TokenStream;
use quote::quote;

use super::{accessors, generics};
use crate::bag::{Bag, Codec, Field, Stored};

pub(super) fn implementation(bag: &Bag<'_>) -> TokenStream {
    let (session, ident) = (&bag.session, bag.ident);
    let private = quote!(#session::__private);
    let (params, arguments, _) = bag.generics.split_for_impl();
    let bounds = generics::for_databag(bag);
    let accessors = accessors::ident(bag.ident);
    let declarations = bag.stored().map(|(_, stored)| declaration(&private, stored));
    let encoded = bag.stored().map(|(field, stored)| encode(&private, field, stored));
    let decoded = bag.stored().map(|(field, stored)| decode(&private, field, stored));
    let is_empty = bag.stored().next().is_none();
    let (out, value) = if is_empty { (quote!(_), quote!(_)) } else { (quote!(out), quote!(value)) };
    quote! {
        #[automatically_derived]
        impl #params #private::Databag for #ident #arguments #bounds {
            type Accessors = #accessors #arguments;

            const FIELDS: &'static [#private::Field] = &[#(#declarations),*];

            fn encode(
                &self,
                index: #private::usize,
                #out: &mut #private::Vec<#private::u8>,
            ) -> #private::Result<#private::bool, #private::CodecError> {
                match index {
                    #(#encoded)*
                    _ => #private::no_field(index),
                }
            }

            fn decode(
                &mut self,
                index: #private::usize,
                #value: &[#private::u8],
            ) -> #private::Result<(), #private::CodecError> {
                match index {
                    #(#decoded)*
                    _ => #private::no_field(index),
                }
            }

            fn accessors(data: #private::Data<Self>) -> Self::Accessors {
                #accessors(data)
            }
        }
    }
}

fn declaration(private: &TokenStream, stored: &Stored) -> TokenStream {
    let Stored { name, aliases, .. } = stored;
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    let readonly = stored.readonly.then(|| quote!(.readonly()));
    quote!(#private::Field::new(#name) #aliases #readonly)
}

fn encode(private: &TokenStream, field: &Field<'_>, stored: &Stored) -> TokenStream {
    let (index, ident, ty) = (stored.index(), field.ident, field.ty);
    let codec = match stored.codec {
        Codec::Bincode => quote!(#private::Codec::Bincode),
        Codec::Json => quote!(#private::Codec::Json),
    };
    let version = version(private, stored);
    let absent = field
        .is_absent_when_none()
        .then(|| quote!(#index if #private::Option::is_none(&self.#ident) => #private::Ok(false),));
    let encode =
        if stored.with.is_some() { quote!(encode_with::<Self, #index>) } else { quote!(encode::<#ty>) };
    quote! {
        #absent
        #index => #private::#encode(&self.#ident, #codec, #version, out).map(|()| true),
    }
}

fn decode(private: &TokenStream, field: &Field<'_>, stored: &Stored) -> TokenStream {
    let (index, ident, ty) = (stored.index(), field.ident, field.ty);
    let version = version(private, stored);
    let decode =
        if stored.with.is_some() { quote!(decode_with::<Self, #index>) } else { quote!(decode::<#ty>) };
    quote!(#index => #private::#decode(value, #version).map(|value| self.#ident = value),)
}

fn version(private: &TokenStream, stored: &Stored) -> TokenStream {
    stored.version.map_or_else(|| quote!(#private::None), |version| quote!(#private::Some(#version)))
}
