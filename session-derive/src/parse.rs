//! What the attributes say, word by word; whether it makes sense is asked later.

use std::time::Duration;

use proc_macro2::{Ident, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Expr, LitInt, LitStr, Meta, Path, Result, Token};

use crate::bag::Codec;
use crate::duration;
use crate::mistakes::Mistakes;
use crate::vocabulary::Place;

/// One word of a `#[databag(…)]`, at its place in the source.
pub(crate) struct Word {
    pub(crate) name: Ident,
    pub(crate) meaning: Meaning,
}

/// A word's meaning, with its value.
pub(crate) enum Meaning {
    Default(Option<Expr>),
    Rename(LitStr),
    Alias(LitStr),
    Skip,
    Readonly,
    Secret,
    With(Path),
    Codec(Codec),
    Version(u32),
    Principal,
    Index,
    Label,
    Flash,
    Counter,
    Cas,
    Ttl(Duration),
    Keep,
    Crate(Path),
    Namespace(LitStr),
}

impl Meaning {
    fn has_value(&self) -> bool {
        !matches!(
            self,
            Self::Skip
                | Self::Readonly
                | Self::Secret
                | Self::Keep
                | Self::Principal
                | Self::Index
                | Self::Label
                | Self::Flash
                | Self::Counter
                | Self::Cas
        )
    }
}

/// All words in the attributes of one struct or field.
pub(crate) fn words(attrs: &[Attribute], place: Place, mistakes: &mut Mistakes) -> Vec<Word> {
    let mut words = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("databag")) {
        if !matches!(attr.meta, Meta::List(_)) {
            mistakes.push(Error::new_spanned(&attr.meta, "write `#[databag(…)]`, with words in parentheses"));
            continue;
        }
        let parsed = attr.parse_args_with(|input: ParseStream<'_>| {
            list(input, place, &mut words, mistakes);
            Ok(())
        });
        if let Err(error) = parsed {
            mistakes.push(error);
        }
    }
    words
}

/// Reads a list, going on after the next comma when something is wrong.
fn list(input: ParseStream<'_>, place: Place, words: &mut Vec<Word>, mistakes: &mut Mistakes) {
    while !input.is_empty() {
        // What fails inside parentheses would be reported twice if it were read from `input` itself.
        let ahead = input.fork();
        match word(&ahead, place) {
            Ok(word) => {
                input.advance_to(&ahead);
                words.push(word);
            }
            Err(error) => mistakes.push(error),
        }
        while !input.is_empty() && input.parse::<Token![,]>().is_err() {
            if input.parse::<TokenTree>().is_err() {
                return;
            }
        }
    }
}

/// What a `ttl` may be.
const TTL: &str =
    "\"10m\"` or `ttl = \"1h30m\"`: a time above zero in units that stand in the order `d h m s ms";

fn word(input: ParseStream<'_>, place: Place) -> Result<Word> {
    let name = input.call(Ident::parse_any).map_err(|error| {
        Error::new(error.span(), format!("write one of `{}`", place.words().join("`, `")))
    })?;
    let text = name.to_string();
    if !place.words().contains(&text.as_str()) {
        return Err(Error::new(name.span(), place.unknown(&text)));
    }
    let meaning = match text.as_str() {
        "default" if at_end(input) => Meaning::Default(None),
        "default" => Meaning::Default(Some(value(input, &name, "expression", Expr::parse)?)),
        "rename" => Meaning::Rename(value(input, &name, "\"name\"", <LitStr as Parse>::parse)?),
        "alias" => Meaning::Alias(value(input, &name, "\"old_name\"", <LitStr as Parse>::parse)?),
        "with" => Meaning::With(value(input, &name, "\"module\"", path)?),
        "codec" => {
            Meaning::Codec(value(input, &name, "\"json\"` or `codec = \"bincode\", version = 1", codec)?)
        }
        "version" => Meaning::Version(value(input, &name, "2", version)?),
        "crate" => Meaning::Crate(value(input, &name, "path::to::session", path)?),
        "namespace" => Meaning::Namespace(value(input, &name, "\"csrf\"", <LitStr as Parse>::parse)?),
        "ttl" => Meaning::Ttl(value(input, &name, TTL, duration::parse)?),
        "principal" => Meaning::Principal,
        "index" => Meaning::Index,
        "label" => Meaning::Label,
        "flash" => Meaning::Flash,
        "counter" => Meaning::Counter,
        "cas" => Meaning::Cas,
        "keep" => Meaning::Keep,
        "skip" => Meaning::Skip,
        "readonly" => Meaning::Readonly,
        _ => Meaning::Secret,
    };
    if !at_end(input) {
        let advice = if meaning.has_value() {
            format!("write a comma after the value of `{name}`")
        } else if input.peek(Ident::peek_any) {
            format!("write a comma after `{name}`")
        } else {
            format!("`{name}` takes no value, write `{name}` alone")
        };
        return Err(input.error(advice));
    }
    Ok(Word { name, meaning })
}

fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// The value behind `name =`.
fn value<T>(
    input: ParseStream<'_>,
    name: &Ident,
    example: &str,
    parse: fn(ParseStream<'_>) -> Result<T>,
) -> Result<T> {
    let advice = format!("write `{name} = {example}`");
    if !input.peek(Token![=]) {
        return Err(Error::new(name.span(), format!("`{name}` needs a value, {advice}")));
    }
    input.parse::<Token![=]>()?;
    if at_end(input) {
        return Err(Error::new(name.span(), format!("`{name}` needs a value, {advice}")));
    }
    parse(input).map_err(|error| Error::new(error.span(), advice))
}

fn path(input: ParseStream<'_>) -> Result<Path> {
    if input.peek(LitStr) {
        input.parse::<LitStr>()?.parse_with(Path::parse_mod_style)
    } else {
        input.call(Path::parse_mod_style)
    }
}

fn codec(input: ParseStream<'_>) -> Result<Codec> {
    let name: LitStr = input.parse()?;
    match name.value().as_str() {
        "bincode" => Ok(Codec::Bincode(name.span())),
        "json" => Ok(Codec::Json),
        _ => Err(Error::new(name.span(), "")),
    }
}

fn version(input: ParseStream<'_>) -> Result<u32> {
    input.parse::<LitInt>()?.base10_parse()
}
