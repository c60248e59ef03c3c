//! Overwriting secrets before they are dropped.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::model::Model;

/// Generates `Databag::wipe` for a databag with secrets.
pub(super) fn hook(model: &Model<'_>) -> Option<TokenStream> {
    let private = model.private();
    let mut wipes = model
        .fields
        .iter()
        .filter(|field| field.is_secret())
        .map(|field| {
            let ident = field.ident;
            wipe(&private, &quote!(self.#ident))
        })
        .peekable();
    wipes.peek()?;
    Some(quote!(fn wipe(&mut self) { #(#wipes)* }))
}

/// Generates code that overwrites `place`, if its type is `Zeroize`.
pub(super) fn wipe(private: &TokenStream, place: &TokenStream) -> TokenStream {
    // Autoref specialization: the method is resolved here, on the concrete type, since a bound could not be optional.
    quote_spanned! {Span::mixed_site()=>
        {
            #[allow(unused_imports)]
            use #private::{Wipe as _, WipeNothing as _};
            (&mut #private::Wiper(&mut #place)).wipe();
        }
    }
}
