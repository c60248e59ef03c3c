//! Names of tables.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

/// The longest name of a table. With the suffixes of indexes it is still within the limit of every database.
const MAX_LENGTH: usize = 40;

/// The name of a table is not one that [`SqlStore::table`](crate::SqlStore::table) accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "name the table with 1 to 40 of the characters `A-Z`, `a-z`, `0-9` and `_`, preceded by the name of a schema and a dot if it is \
     not in the default one"
)]
pub struct InvalidTableName;

/// The validated name of the table of sessions. The other tables have the same name with a suffix: `_value` is the index,
/// `_revocation` the revocation list.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    schema: Option<String>,
    name: String,
}

impl Default for Table {
    fn default() -> Self {
        Self { schema: None, name: "session".to_owned() }
    }
}

impl Table {
    pub(crate) fn new(qualified: &str) -> Result<Self, InvalidTableName> {
        let (schema, name) = match qualified.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, qualified),
        };
        if [schema, Some(name)].into_iter().flatten().all(is_valid) {
            return Ok(Self { schema: schema.map(ToOwned::to_owned), name: name.to_owned() });
        }
        Err(InvalidTableName)
    }

    /// Returns the name with its schema.
    pub(crate) fn qualified_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Fills in names in the text of statements, with `quote` around identifiers.
    ///
    /// `{session}`, `{value}` and `{revocation}` are the tables. `{schema}` is the schema with a dot, or nothing, and `{name}` the bare
    /// name of the table of sessions, for names of indexes.
    pub(crate) fn fill(&self, sql: &str, quote: char) -> String {
        let schema = self.schema.as_ref().map_or(String::new(), |schema| format!("{quote}{schema}{quote}."));
        let name = &self.name;
        sql.replace("{session}", &format!("{schema}{quote}{name}{quote}"))
            .replace("{value}", &format!("{schema}{quote}{name}_value{quote}"))
            .replace("{revocation}", &format!("{schema}{quote}{name}_revocation{quote}"))
            .replace("{schema}", &schema)
            .replace("{name}", name)
    }
}

/// A statement whose only variable part is the validated name of a table.
#[derive(Clone, Debug)]
pub(crate) struct Statement(Arc<str>);

impl Statement {
    pub(crate) fn new(sql: &str, table: &Table, quote: char) -> Self {
        Self(table.fill(sql, quote).into())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Returns the text with this many parameters in place of `{list}`.
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    pub(crate) fn with_list(&self, parameters: usize) -> String {
        self.0.replace("{list}", &vec!["?"; parameters].join(", "))
    }

    /// Returns the text for sqlx.
    pub(crate) fn sql(&self) -> AssertSqlSafe<Arc<str>> {
        AssertSqlSafe(Arc::clone(&self.0))
    }
}

fn is_valid(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=MAX_LENGTH).contains(&name.len()) && name.bytes().all(is_allowed)
}
