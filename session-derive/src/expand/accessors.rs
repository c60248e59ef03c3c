//! The accessors type: a handle to the data with methods for each field.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use super::arguments::{argument, converted};
use super::default::initial;
use super::method_docs::method_docs;
use super::{entries, generics, wipe};
use crate::model::{Field, Kind, Model, Stored, Verb};

/// Returns the name of the accessors type.
pub(super) fn ident(databag: &Ident) -> Ident {
    format_ident!("__{}Accessors", databag.unraw())
}

pub(super) fn accessors(model: &Model<'_>) -> TokenStream {
    let methods = model.fields.iter().flat_map(|field| {
        field.verbs().iter().map(|&verb| method(model, field, verb, &body(model, field, verb)))
    });
    let read = model.has_read().then(|| read(model, &quote!(self.0.read(reader))));
    definition(model, &quote!(#(#methods)* #read))
}

/// Generates the accessors with empty bodies, for a databag with errors.
pub(crate) fn stub(model: &Model<'_>) -> TokenStream {
    let mut taken = HashSet::new();
    let mut methods = TokenStream::new();
    for field in &model.fields {
        for &verb in field.verbs() {
            if taken.insert(field.accessor(verb)) {
                methods.extend(method(model, field, verb, &quote!(loop {})));
            }
        }
    }
    let read = model.has_read().then(|| read(model, &quote!(loop {})));
    quote!(#methods #read)
}

fn definition(model: &Model<'_>, methods: &TokenStream) -> TokenStream {
    let (private, vis, ident) = (model.private(), model.vis, model.ident);
    let accessors = self::ident(ident);
    let (params, arguments, plain) = model.generics.split_for_impl();
    let bounds = generics::for_implementation(model);
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

fn read(model: &Model<'_>, body: &TokenStream) -> TokenStream {
    let (private, vis, ident) = (model.private(), model.vis, model.ident);
    let (_, arguments, _) = model.generics.split_for_impl();
    quote! {
        #[doc = " Reads all fields in place. Inside `reader`, other access to the session's data panics."]
        #vis fn read<__R>(&self, reader: impl #private::FnOnce(&#ident #arguments) -> __R) -> __R {
            #body
        }
    }
}

fn method(model: &Model<'_>, field: &Field<'_>, verb: Verb, body: &TokenStream) -> TokenStream {
    let (private, vis, ty) = (model.private(), model.vis, field.ty);
    let (name, docs) = (field.accessor(verb), &field.docs);
    let separator = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    let summary = method_docs(field, verb);
    let signature = match verb {
        // A getter whose call is a compile error with a message. The lifetime defers the check of the bound to the call.
        Verb::Get if field.kind() == Kind::Flash => {
            quote!(<'__a>(&'__a self) -> #ty where &'__a Self: #private::ReadAgain)
        }
        Verb::Get | Verb::Take => quote!((&self) -> #ty),
        Verb::Set => {
            let value = argument(&private, field.optional.unwrap_or(ty));
            quote!((&self, value: #value))
        }
        Verb::Update => quote!(<__R>(&self, f: impl #private::FnOnce(&mut #ty) -> __R) -> __R),
        Verb::Add => quote!((&self, by: #private::i64) -> #ty),
        // A compile error for other types than collections, also at the call.
        Verb::Push => quote! {
            <'__a>(&'__a self, item: impl #private::IntoField<<&'__a Self as #private::Push<#ty>>::Item>)
            where &'__a Self: #private::Push<#ty>
        },
        Verb::Claim => {
            let value = field.optional.unwrap_or(ty);
            quote!((&self) -> #private::Result<#private::Option<#value>, #private::Error>)
        }
        Verb::Clear | Verb::Keep | Verb::ClearEntries => quote!((&self)),
        Verb::Entry | Verb::Insert | Verb::Remove | Verb::ClaimEntry | Verb::AddEntry => {
            entries::signature(&private, field, verb)
        }
    };
    let is_refused = match verb {
        Verb::Get => field.kind() == Kind::Flash,
        Verb::Push => field.optional.is_some(),
        _ => false,
    };
    let hidden = is_refused.then(|| quote!(#[doc(hidden)]));
    let awaited = matches!(verb, Verb::Claim | Verb::ClaimEntry).then(|| quote!(async));
    quote! {
        #(#docs)*
        #separator
        #[doc = #summary]
        #hidden
        #vis #awaited fn #name #signature { #body }
    }
}

/// Generates the body of a method. The user's code, a conversion and the drop of the old value, runs outside the lock.
fn body(model: &Model<'_>, field: &Field<'_>, verb: Verb) -> TokenStream {
    let (private, ident, ty) = (model.private(), field.ident, field.ty);
    let (_, arguments, _) = model.generics.split_for_impl();
    let databag = {
        let ident = model.ident;
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
        None => initial(model, field),
    };
    // Clearing an `Option` whose `None` is stored must store it.
    let leaves = field.optional.is_none() || field.is_absent_when_none();
    match verb {
        Verb::Entry
        | Verb::Insert
        | Verb::Remove
        | Verb::ClaimEntry
        | Verb::AddEntry
        | Verb::ClearEntries => entries::body(&private, field, verb, &databag),
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
            let converted = converted(&private, field.optional.unwrap_or(ty), &quote!(value));
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
        Verb::Push => push(model, field),
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

/// Generates the body of `push_x`: appending to the field, and merging with the items of another request.
fn push(model: &Model<'_>, field: &Field<'_>) -> TokenStream {
    let (private, ident, ty, databag) = (model.private(), field.ident, field.ty, model.ident);
    let (_, arguments, _) = model.generics.split_for_impl();
    let databag = quote!(#databag #arguments);
    let index = field.stored().map(Stored::index);
    let collection = quote!(<&'__a Self as #private::Push<#ty>>);
    quote! {
        let item = #private::IntoField::into_field(item);
        let field = #private::CollectionField {
            clear: |bag: &mut #databag| #collection::clear(&mut bag.#ident),
            append: |bag: &mut #databag, more: &#databag| #collection::append(&mut bag.#ident, &more.#ident),
        };
        self.0.push_flash(#index, field, |bag| #collection::push(&mut bag.#ident, item));
    }
}

/// Drops the old value, which `replaced` evaluates to, and overwrites a secret first.
fn discard(private: &TokenStream, field: &Field<'_>, replaced: &TokenStream) -> TokenStream {
    if field.is_secret() {
        let wipe = wipe::wipe(private, &quote!(old));
        quote!(let mut old = #replaced; #wipe)
    } else {
        quote!(let _ = #replaced;)
    }
}
