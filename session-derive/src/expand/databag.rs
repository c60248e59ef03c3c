//! `impl Databag`: declarations, encoding and decoding of the stored fields.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};

use super::{accessors, generics, labels, wipe};
use crate::model::{Bind, Codec, Field, Kind, Lookup, Model, Stored};

pub(super) fn implementation(model: &Model<'_>) -> TokenStream {
    let (private, ident) = (model.private(), model.ident);
    let (params, arguments, _) = model.generics.split_for_impl();
    let bounds = generics::for_implementation(model);
    let accessors = accessors::ident(model.ident);
    let declarations = model.stored().map(|(field, stored)| declaration(&private, field, stored));
    let encoded = model.stored().map(|(field, stored)| encode(&private, field, stored));
    let decoded = model.stored().map(|(field, stored)| decode(&private, field, stored));
    let swap = swap(model);
    let entries = entries(model);
    let bound_field = bound_field(model);
    let wipe = wipe::hook(model);
    let principal = principal(model);
    let set_principal = set_principal(model);
    let labels = labels::labels(model).ty;
    let shown = labels::method(model);
    let is_empty = model.stored().next().is_none();
    let (out, value) = if is_empty { (quote!(_), quote!(_)) } else { (quote!(out), quote!(value)) };
    quote! {
        #[automatically_derived]
        impl #params #private::Databag for #ident #arguments #bounds {
            type Accessors = #accessors #arguments;
            type Principal = #principal;
            type Labels = #labels;

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

            #swap
            #entries
            #bound_field
            #wipe
            #set_principal
            #shown

            fn accessors(data: #private::Data<Self>) -> Self::Accessors {
                #accessors(data)
            }
        }
    }
}

/// Returns the type of the principal.
pub(crate) fn principal(model: &Model<'_>) -> TokenStream {
    let private = model.private();
    match model.principal() {
        None => quote!(#private::NoPrincipal),
        Some(field) => field.optional.unwrap_or(field.ty).to_token_stream(),
    }
}

/// Generates `impl HasPrincipal` for a databag that has one.
pub(super) fn has_principal(model: &Model<'_>) -> Option<TokenStream> {
    let field = model.principal()?;
    let (private, ident, field_ident) = (model.private(), model.ident, field.ident);
    let (params, arguments, _) = model.generics.split_for_impl();
    let bounds = generics::for_principal(model);
    let value = quote!(#private::Clone::clone(&self.#field_ident));
    let value = if field.optional.is_some() { value } else { quote!(#private::Some(#value)) };
    Some(quote! {
        #[automatically_derived]
        impl #params #private::HasPrincipal for #ident #arguments #bounds {
            fn principal(&self) -> #private::Option<Self::Principal> {
                #value
            }
        }
    })
}

fn set_principal(model: &Model<'_>) -> Option<TokenStream> {
    let field = model.principal()?;
    let (private, ident) = (model.private(), field.ident);
    let value = if field.optional.is_some() { quote!(#private::Some(principal)) } else { quote!(principal) };
    Some(quote! {
        fn set_principal(&mut self, principal: Self::Principal) {
            self.#ident = #value;
        }
    })
}

/// Generates `Databag::swap` for all stored fields: each can be reset or kept separately.
fn swap(model: &Model<'_>) -> Option<TokenStream> {
    let private = model.private();
    let mut swaps = model
        .stored()
        .map(|(field, stored)| {
            let (index, ident) = (stored.index(), field.ident);
            quote!(#index => #private::mem::swap(&mut self.#ident, &mut other.#ident),)
        })
        .peekable();
    swaps.peek()?;
    Some(quote! {
        fn swap(&mut self, other: &mut Self, index: #private::usize) {
            match index {
                #(#swaps)*
                _ => #private::no_field(index),
            }
        }
    })
}

fn declaration(private: &TokenStream, field: &Field<'_>, stored: &Stored) -> TokenStream {
    let Stored { name, aliases, .. } = stored;
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    let readonly = stored.readonly.then(|| quote!(.readonly()));
    let keep = stored.keep.then(|| quote!(.keep()));
    let required = stored.required.then(|| quote!(.required()));
    let ttl = stored.ttl.map(|ttl| {
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        quote!(.ttl(#private::Duration::from_millis(#millis)))
    });
    let lookup = match stored.lookup {
        Lookup::None => quote!(),
        Lookup::Index => quote!(.index()),
        Lookup::Principal => quote!(.principal()),
    };
    let stores_none = field.optional.is_some() && !field.is_absent_when_none();
    let optional = (stored.lookup != Lookup::None && stores_none).then(|| quote!(.optional()));
    let label = stored.label.then(|| quote!(.label()));
    let bind = match stored.bind {
        None => quote!(),
        Some(Bind::UserAgent) => quote!(.bind(#private::Bind::UserAgent)),
        Some(Bind::Network) => quote!(.bind(#private::Bind::Network)),
    };
    let ty = field.ty;
    let kind = match stored.kind {
        Kind::Plain => quote!(),
        Kind::Counter => quote!(.counter(<#ty as #private::Count>::MIN, <#ty as #private::Count>::MAX)),
        Kind::Cas => quote!(.cas()),
        Kind::Flash => quote!(.flash()),
        Kind::Entries => quote!(.entries()),
        Kind::CounterEntries => {
            let value = field.entries.map_or(ty, |(_, value)| value);
            quote!(.counter_entries(<#value as #private::Count>::MIN, <#value as #private::Count>::MAX))
        }
    };
    quote!(#private::Field::new(#name) #aliases #readonly #keep #required #ttl #lookup #optional #label #bind #kind)
}

fn encode(private: &TokenStream, field: &Field<'_>, stored: &Stored) -> TokenStream {
    let (index, ident, ty) = (stored.index(), field.ident, field.ty);
    if stored.kind == Kind::Counter {
        return quote! {
            #index => {
                #private::encode_counter::<#ty>(self.#ident, out);
                #private::Ok(true)
            }
        };
    }
    let codec = codec(private, stored);
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
    if stored.kind == Kind::Counter {
        return quote!(#index => #private::decode_counter::<#ty>(value).map(|value| self.#ident = value),);
    }
    let version = version(private, stored);
    let decode =
        if stored.with.is_some() { quote!(decode_with::<Self, #index>) } else { quote!(decode::<#ty>) };
    let store = if field.is_secret() {
        let wipe = wipe::wipe(private, &quote!(self.#ident));
        quote!(|value| { #wipe self.#ident = value; })
    } else {
        quote!(|value| self.#ident = value)
    };
    quote!(#index => #private::#decode(value, #version).map(#store),)
}

/// Generates `Databag::entries` for the fields whose entries are stored separately.
fn entries(model: &Model<'_>) -> Option<TokenStream> {
    let private = model.private();
    let mut arms = model
        .stored()
        .filter_map(|(field, stored)| {
            let (index, ident, ty) = (stored.index(), field.ident, field.ty);
            let entries = match stored.kind {
                Kind::Entries => {
                    let (codec, version) = (codec(&private, stored), version(&private, stored));
                    quote!(#private::EncodedEntries::<#ty> { map: &mut self.#ident, codec: #codec, version: #version })
                }
                Kind::CounterEntries => quote!(#private::CounterEntries::<#ty>(&mut self.#ident)),
                Kind::Plain | Kind::Counter | Kind::Cas | Kind::Flash => return None,
            };
            Some(quote!(#index => #private::Box::new(#entries),))
        })
        .peekable();
    arms.peek()?;
    Some(quote! {
        fn entries(&mut self, index: #private::usize) -> #private::Box<dyn #private::Entries + '_> {
            match index {
                #(#arms)*
                _ => #private::no_field(index),
            }
        }
    })
}

/// Generates `Databag::bound_field` for the fields that are bound to the client.
fn bound_field(model: &Model<'_>) -> Option<TokenStream> {
    let private = model.private();
    let mut arms = model
        .stored()
        .filter(|(_, stored)| stored.bind.is_some())
        .map(|(field, stored)| {
            let (index, ident) = (stored.index(), field.ident);
            quote!(#index => &mut self.#ident,)
        })
        .peekable();
    arms.peek()?;
    Some(quote! {
        fn bound_field(&mut self, index: #private::usize) -> &mut #private::Option<#private::String> {
            match index {
                #(#arms)*
                _ => #private::no_field(index),
            }
        }
    })
}

fn codec(private: &TokenStream, stored: &Stored) -> TokenStream {
    match stored.codec {
        Codec::MessagePack => quote!(#private::Codec::MessagePack),
        Codec::Json => quote!(#private::Codec::Json),
        Codec::Bincode(span) => quote_spanned!(span=> <#private::Bincode as #private::Enabled>::CODEC),
    }
}

fn version(private: &TokenStream, stored: &Stored) -> TokenStream {
    stored.version.map_or_else(|| quote!(#private::None), |version| quote!(#private::Some(#version)))
}
