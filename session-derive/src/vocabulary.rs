//! The words that `#[databag(…)]` knows.

/// Where an attribute stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Struct,
    Field,
}

impl Place {
    /// The words that belong here.
    pub(crate) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Struct => &["crate", "namespace"],
            Self::Field => &[
                "default",
                "rename",
                "alias",
                "skip",
                "readonly",
                "principal",
                "index",
                "label",
                "flash",
                "counter",
                "cas",
                "ttl",
                "secret",
                "keep",
                "with",
                "codec",
                "version",
            ],
        }
    }

    /// What to say of a word that does not belong here.
    pub(crate) fn unknown(self, word: &str) -> String {
        let (other, advice) = match self {
            Self::Struct => (Self::Field, "belongs to a field, write it above one"),
            Self::Field => (Self::Struct, "belongs to the struct, write it above `struct`"),
        };
        if other.words().contains(&word) {
            return format!("`{word}` {advice}");
        }
        if let Some(meant) = self.words().iter().find(|known| distance(known, word) <= 2) {
            return format!("unknown attribute `{word}`, did you mean `{meant}`?");
        }
        format!("unknown attribute `{word}`, write one of `{}`", self.words().join("`, `"))
    }
}

/// How many characters must be added, removed or replaced to make one word of the other.
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
