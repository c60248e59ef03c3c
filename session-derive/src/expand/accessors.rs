//! The accessors: a handle on the data with methods for each field.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Type;
use syn::ext::IdentExt as _;

use super::default::initial;
use super::sentence::sentence;
use super::{generics, wipe};
use crate::bag::{Bag, Field, Kind, Stored, Verb};

/// The types of numbers. Their setters take them as they are: `impl Into<u64>` would not take the literal `5`.
const NUMBERS: [&str; 14] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64"];

/// The name of the accessors' type.
pub(super) fn ident(bag: &Ident) -> Ident {
    format_ident!("__{}Accessors", bag.unraw())
}

pub(super) fn accessors(bag: &Bag<'_>) -> TokenStream {
    let methods = bag.fields.iter().flat_map(|field| {
        field.verbs().iter().map(|&verb| method(bag, field, verb, &body(bag, field, verb)))
    });
    let read = bag.has_read().then(|| read(bag, &quote!(self.0.read(reader))));
    definition(bag, &quote!(#(#methods)* #read))
}

/// The same accessors without anything inside, for a databag that will not compile.
pub(crate) fn stub(bag: &Bag<'_>) -> TokenStream {
    let mut taken = HashSet::new();
    let mut methods = TokenStream::new();
    for field in &bag.fields {
        for &verb in field.verbs() {
            if taken.insert(field.accessor(verb)) {
                methods.extend(method(bag, field, verb, &quote!(loop {})));
            }
        }
    }
    let read = bag.has_read().then(|| read(bag, &quote!(loop {})));
    quote!(#methods #read)
}

fn definition(bag: &Bag<'_>, methods: &TokenStream) -> TokenStream {
    let (private, vis, ident) = (bag.private(), bag.vis, bag.ident);
    let accessors = self::ident(ident);
    let (params, arguments, plain) = bag.generics.split_for_impl();
    let bounds = generics::for_implementation(bag);
    let title = ident.unraw().to_string();
    quote! {
        #vis struct #accessors #params (#private::Data<#ident #arguments>) #plain;

        impl #params #accessors #arguments #bounds {
            #methods
        }

        #[automatically_derived]
        impl #params #private::Clone for #accessors #arguments #plain {
            fn clone(&self) -> Self {
                Self(#private::Clone::clone(&self.0))
            }
        }

        #[automatically_derived]
        impl #params #private::fmt::Debug for #accessors #arguments #plain {
            fn fmt(&self, f: &mut #private::fmt::Formatter<'_>) -> #private::fmt::Result {
                f.debug_struct(#title).finish_non_exhaustive()
            }
        }
    }
}

fn read(bag: &Bag<'_>, body: &TokenStream) -> TokenStream {
    let (private, vis, ident) = (bag.private(), bag.vis, bag.ident);
    let (_, arguments, _) = bag.generics.split_for_impl();
    quote! {
        #[doc = " Reads all fields in place. Inside `reader` the session's data cannot be used otherwise."]
        #vis fn read<__R>(&self, reader: impl #private::FnOnce(&#ident #arguments) -> __R) -> __R {
            #body
        }
    }
}

fn method(bag: &Bag<'_>, field: &Field<'_>, verb: Verb, body: &TokenStream) -> TokenStream {
    let (private, vis, ty) = (bag.private(), bag.vis, field.ty);
    let (name, docs) = (field.accessor(verb), &field.docs);
    let separator = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    let sentence = sentence(field, verb);
    let signature = match verb {
        // There to be refused with a message. The lifetime keeps the bound from being checked where it is declared.
        Verb::Get if field.kind() == Kind::Flash => {
            quote!(<'__a>(&'__a self) -> #ty where &'__a Self: #private::ReadAgain)
        }
        Verb::Get | Verb::Take => quote!((&self) -> #ty),
        Verb::Set => {
            let value = field.optional.unwrap_or(ty);
            if is_number(value) {
                quote!((&self, value: #value))
            } else {
                quote!((&self, value: impl #private::IntoField<#value>))
            }
        }
        Verb::Update => quote!(<__R>(&self, f: impl #private::FnOnce(&mut #ty) -> __R) -> __R),
        Verb::Add => quote!((&self, by: #private::i64) -> #ty),
        Verb::Claim => {
            let value = field.optional.unwrap_or(ty);
            quote!((&self) -> #private::Result<#private::Option<#value>, #private::Error>)
        }
        Verb::Clear | Verb::Keep => quote!((&self)),
    };
    let hidden = (verb == Verb::Get && field.kind() == Kind::Flash).then(|| quote!(#[doc(hidden)]));
    let awaited = matches!(verb, Verb::Claim).then(|| quote!(async));
    quote! {
        #(#docs)*
        #separator
        #[doc = #sentence]
        #hidden
        #vis #awaited fn #name #signature { #body }
    }
}

/// What the method does. What the user's code does for it, conversion and dropping the old value, it does outside
/// the lock.
fn body(bag: &Bag<'_>, field: &Field<'_>, verb: Verb) -> TokenStream {
    let (private, ident, ty) = (bag.private(), field.ident, field.ty);
    let (_, arguments, _) = bag.generics.split_for_impl();
    let databag = {
        let ident = bag.ident;
        quote!(#ident #arguments)
    };
    let data = |method: &str| match field.stored() {
        Some(stored) => {
            let (method, index) = (format_ident!("{method}"), stored.index());
            (quote!(#method), quote!(#index,))
        }
        None => (quote!(unstored), quote!()),
    };
    let empty = match field.optional {
        Some(_) => quote!(#private::None),
        None => initial(bag, field),
    };
    // Clearing an option that is not absent when `None` must store the `None`.
    let leaves = field.optional.is_none() || field.is_absent_when_none();
    match verb {
        Verb::Get if field.kind() == Kind::Flash => {
            let take = field.accessor(Verb::Take);
            quote!(self.#take())
        }
        Verb::Get => {
            let (get, index) = data("get");
            quote!(self.0.#get(#index |bag| <#ty as #private::Clone>::clone(&bag.#ident)))
        }
        Verb::Set => {
            let (set, index) = data("set");
            let converted = if is_number(field.optional.unwrap_or(ty)) {
                quote!(value)
            } else {
                quote!(#private::IntoField::into_field(value))
            };
            let converted =
                if field.optional.is_some() { quote!(#private::Some(#converted)) } else { converted };
            let replace = discard(
                &private,
                field,
                &quote!(self.0.#set(#index |bag| #private::mem::replace(&mut bag.#ident, value))),
            );
            quote! {
                let value: #ty = #converted;
                #replace
            }
        }
        Verb::Update => {
            let (update, index) = data("update");
            quote!(self.0.#update(#index |bag| f(&mut bag.#ident)))
        }
        Verb::Clear => {
            let sets_none = field.optional.is_some() && field.kind() != Kind::Flash;
            let (clear, index) = data(if sets_none { "set" } else { "take" });
            let replace = discard(
                &private,
                field,
                &quote!(self.0.#clear(#index |bag| #private::mem::replace(&mut bag.#ident, empty))),
            );
            quote! {
                let empty: #ty = #empty;
                #replace
            }
        }
        Verb::Add => {
            let (add, index) = data("add");
            quote!(self.0.#add(#index by, |bag| bag.#ident))
        }
        Verb::Keep => {
            let (keep, index) = data("keep_flash");
            quote!(self.0.#keep(#index))
        }
        Verb::Take if field.kind() == Kind::Flash => {
            let (take, index) = data("take_flash");
            quote! {
                let empty = || -> #ty { #empty };
                let taken = self.0.#take(#index |bag| #private::mem::replace(&mut bag.#ident, empty()));
                #private::Option::unwrap_or_else(taken, empty)
            }
        }
        Verb::Claim => {
            let index = field.stored().map(Stored::index);
            let flattened = field.optional.map(|_| quote!(.map(#private::Option::flatten)));
            quote! {
                let empty = || -> #ty { #empty };
                let taker = |bag: &mut #databag| #private::mem::replace(&mut bag.#ident, empty());
                #private::claim(&self.0, #index, taker).await #flattened
            }
        }
        Verb::Take => {
            let (take, index) = data(if leaves { "take" } else { "update" });
            quote! {
                let empty: #ty = #empty;
                self.0.#take(#index |bag| #private::mem::replace(&mut bag.#ident, empty))
            }
        }
    }
}

/// Drops the old value, which `replaced` gives; a secret is overwritten first.
fn discard(private: &TokenStream, field: &Field<'_>, replaced: &TokenStream) -> TokenStream {
    if field.is_secret() {
        let wipe = wipe::wipe(private, &quote!(old));
        quote!(let mut old = #replaced; #wipe)
    } else {
        quote!(let _ = #replaced;)
    }
}

fn is_number(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_number(&group.elem),
        Type::Path(ty) => NUMBERS.iter().any(|number| ty.path.is_ident(number)),
        _ => false,
    }
}
