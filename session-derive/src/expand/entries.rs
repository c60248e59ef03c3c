//! Accessors of single entries.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::arguments::{argument, converted};
use crate::model::{Field, Stored, Verb};

pub(super) fn signature(private: &TokenStream, field: &Field<'_>, verb: Verb) -> TokenStream {
    let (key, value) = types(field);
    let (owned, borrowed) = (argument(private, key), borrowed(private, key));
    match verb {
        Verb::Insert => {
            let inserted = argument(private, value);
            quote!((&self, key: #owned, value: #inserted))
        }
        Verb::AddEntry => quote!((&self, key: #owned, by: #private::i64) -> #value),
        Verb::ClaimEntry => {
            quote!((&self, key: #borrowed) -> #private::Result<#private::Option<#value>, #private::Error>)
        }
        _ => quote!((&self, key: #borrowed) -> #private::Option<#value>),
    }
}

/// Generates the body of a method. Conversions and the drop of an old value run outside the lock.
pub(super) fn body(
    private: &TokenStream,
    field: &Field<'_>,
    verb: Verb,
    databag: &TokenStream,
) -> TokenStream {
    let (key, value) = types(field);
    let (ident, ty, index) = (field.ident, field.ty, field.stored().map(Stored::index));
    let owned = converted(private, key, &quote!(key));
    match verb {
        Verb::Insert => {
            let inserted = converted(private, value, &quote!(value));
            quote! {
                let (key, value): (#key, #value) = (#owned, #inserted);
                let text = #private::entry_key(&key);
                let _ = self.0.insert_entry(#index, &text, |bag| {
                    #private::EntryMap::insert(&mut bag.#ident, key, value)
                });
            }
        }
        Verb::AddEntry => quote! {
            let key: #key = #owned;
            let text = #private::entry_key(&key);
            let sum = self.0.add_to_entry(#index, &text, by, |bag| {
                #private::Option::<&#value>::copied(#private::EntryMap::get(&bag.#ident, &key))
            });
            #private::Option::unwrap_or_default(#private::Option::flatten(sum))
        },
        Verb::Remove => {
            let remove = call(private, field, &quote!(remove), &quote!(&mut bag.#ident));
            quote! {
                let removed = self.0.remove_entry(#index, &#private::entry_key(key), |bag| #remove);
                #private::Option::flatten(removed)
            }
        }
        Verb::ClaimEntry => {
            let remove = call(private, field, &quote!(remove), &quote!(&mut bag.#ident));
            quote! {
                let taker = |bag: &mut #databag| #remove;
                let claimed = #private::claim_entry(&self.0, #index, #private::entry_key(key), taker).await;
                claimed.map(#private::Option::flatten)
            }
        }
        Verb::ClearEntries => quote! {
            let _ = self.0.clear_entries(#index, |bag| {
                #private::mem::replace(&mut bag.#ident, <#ty as #private::Default>::default())
            });
        },
        _ => {
            let get = call(private, field, &quote!(get), &quote!(&bag.#ident));
            quote! {
                let found = self.0.entry(#index, &#private::entry_key(key), |bag| #private::Option::<&#value>::cloned(#get));
                #private::Option::flatten(found)
            }
        }
    }
}

/// Generates a call of a map's method with a borrowed key.
fn call(private: &TokenStream, field: &Field<'_>, method: &TokenStream, map: &TokenStream) -> TokenStream {
    if is_string(types(field).0) {
        let ident = field.ident;
        quote!(bag.#ident.#method(key))
    } else {
        quote!(#private::EntryMap::#method(#map, key))
    }
}

/// Returns the type of a key for lookups, which is borrowed.
fn borrowed(private: &TokenStream, key: &Type) -> TokenStream {
    if is_string(key) { quote!(&#private::str) } else { quote!(&#key) }
}

fn is_string(ty: &Type) -> bool {
    matches!(ty, Type::Path(ty) if ty.path.is_ident("String"))
}

fn types<'a>(field: &Field<'a>) -> (&'a Type, &'a Type) {
    field.entries.unwrap_or((field.ty, field.ty))
}
