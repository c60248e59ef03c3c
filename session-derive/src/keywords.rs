//! The keywords of `#[databag(…)]`.

use std::fmt;

/// The item that an attribute applies to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Struct,
    Field,
}

macro_rules! keywords {
    ($($keyword:ident $name:literal $target:ident,)*) => {
        /// The keyword of an attribute.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Keyword {
            $($keyword,)*
        }

        impl Keyword {
            /// All keywords, in the order in which messages list them.
            const ALL: &[Self] = &[$(Self::$keyword,)*];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$keyword => $name,)*
                }
            }

            fn target(self) -> Target {
                match self {
                    $(Self::$keyword => Target::$target,)*
                }
            }
        }
    };
}

keywords! {
    Crate "crate" Struct,
    Namespace "namespace" Struct,
    Default "default" Field,
    Rename "rename" Field,
    Alias "alias" Field,
    Skip "skip" Field,
    Readonly "readonly" Field,
    Principal "principal" Field,
    Index "index" Field,
    Label "label" Field,
    Flash "flash" Field,
    Counter "counter" Field,
    Cas "cas" Field,
    Entries "entries" Field,
    Ttl "ttl" Field,
    Secret "secret" Field,
    Keep "keep" Field,
    Required "required" Field,
    Bind "bind" Field,
    With "with" Field,
    Codec "codec" Field,
    Version "version" Field,
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Keyword {
    /// Returns the keyword of that name.
    ///
    /// # Errors
    ///
    /// With a message that suggests a keyword, when `target` has none of that name.
    pub(crate) fn of(name: &str, target: Target) -> Result<Self, String> {
        match Self::ALL.iter().find(|keyword| keyword.name() == name) {
            Some(&keyword) if keyword.target() == target => Ok(keyword),
            Some(keyword) => match keyword.target() {
                Target::Field => Err(format!("`{name}` belongs to a field, write it above one")),
                Target::Struct => Err(format!("`{name}` belongs to the struct, write it above `struct`")),
            },
            None => Err(match Self::on(target).find(|keyword| distance(keyword.name(), name) <= 2) {
                Some(similar) => format!("unknown attribute `{name}`, did you mean `{similar}`?"),
                None => format!("unknown attribute `{name}`, {}", Self::choices(target)),
            }),
        }
    }

    /// Returns the advice to write one of the keywords of `target`.
    pub(crate) fn choices(target: Target) -> String {
        let names: Vec<_> = Self::on(target).map(Self::name).collect();
        format!("write one of `{}`", names.join("`, `"))
    }

    fn on(target: Target) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |keyword| keyword.target() == target)
    }
}

/// Returns the edit distance of two words, in characters.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, left) in one.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, right) in other.chars().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
