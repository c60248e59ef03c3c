//! The fields of a record and the changes of a patch as parameters of statements.

use session_core::{Change, Patch, Record, StoreKey, value};

use super::fields::{Object, escape};
use super::query::Call;
use crate::index_key::index_key;
use crate::seal::Seal;

/// Fields by the column that they are stored in, and the digests of the indexed ones.
pub(super) struct Fields {
    plain: Object,
    indexed: Object,
    digests: Object,
}

impl Fields {
    fn new() -> Self {
        Self { plain: Object::new(), indexed: Object::new(), digests: Object::new() }
    }

    fn insert(&mut self, name: &str, value: &[u8]) {
        if value::is_indexed(value) {
            self.indexed.insert(name, value);
            self.digests.insert_hex(name, &index_key(name, value, None));
        } else {
            self.plain.insert(name, value);
        }
    }

    /// The fields of a sealed session: the record as one value, and the digests in place of the indexed values.
    pub(super) fn sealed(record: &Record, key: &StoreKey, seal: &Seal) -> Self {
        let mut fields = Self { plain: Object::sealed(&seal.seal(record, key)), ..Self::new() };
        for (name, value) in record.indexed() {
            let digest = index_key(name, value, Some(seal));
            fields.indexed.insert(name, &digest);
            fields.digests.insert_hex(name, &digest);
        }
        fields
    }

    /// The parameters of `create.sql` and `reseal.sql`.
    pub(super) fn bind<'q>(&'q self, call: Call<'q>) -> Call<'q> {
        call.bind(self.plain.as_json()).bind(self.indexed.as_json()).bind(self.digests.as_json())
    }
}

impl From<&Record> for Fields {
    fn from(record: &Record) -> Self {
        let mut fields = Self::new();
        for (name, value) in record.fields() {
            fields.insert(name, value);
        }
        fields
    }
}

/// The changes of a patch.
pub(super) struct Changes {
    /// Names of the fields that are removed before others are set.
    names: Vec<String>,
    set: Fields,
    compared: Object,
    removed_if: Object,
    added: Object,
    /// Names of the fields that are kept, unless no field is dropped.
    kept: Option<Vec<String>>,
    keeps_marked: bool,
    /// Whether the patch changes metadata other than the idle deadline.
    have_metadata: bool,
}

impl Changes {
    pub(super) fn new(patch: &Patch) -> Self {
        let names =
            |names: &mut dyn Iterator<Item = &str>| names.map(|name| escape(name).into_owned()).collect();
        let kept = patch.kept().map(|mut kept| names(&mut kept));
        let mut changes = Self {
            names: Vec::new(),
            set: Fields::new(),
            compared: Object::new(),
            removed_if: Object::new(),
            added: Object::new(),
            keeps_marked: kept.is_some(),
            kept: kept.or_else(|| patch.drops_all().then(Vec::new)),
            have_metadata: patch.identity().is_some()
                || patch.authenticated_at().is_some()
                || patch.deadlines().is_some(),
        };
        for (name, change) in patch.changes() {
            changes.insert(name, change);
        }
        changes
    }

    fn insert(&mut self, name: &str, change: &Change) {
        match change {
            Change::Set(value) => self.set.insert(name, value),
            Change::Remove => {}
            Change::RemoveIf { expected } => return self.removed_if.insert(name, expected),
            Change::Add { by, min, max, keep } => {
                self.added.insert_json(name, &format!("[{by},{min},{max},{keep}]"));
            }
            Change::CompareAndSet { expected, value } => {
                match expected {
                    Some(expected) => self.compared.insert(name, expected),
                    None => self.compared.insert_json(name, "null"),
                }
                if let Some(value) = value {
                    self.set.insert(name, value);
                }
            }
        }
        self.names.push(escape(name).into_owned());
    }

    /// Whether `set.sql` can apply them, which knows no conditions, no index and no metadata but the idle deadline.
    pub(super) fn are_simple(&self) -> bool {
        let others = [&self.compared, &self.removed_if, &self.set.indexed];
        self.kept.is_none() && !self.have_metadata && others.into_iter().all(Object::is_empty)
    }

    /// Whether they add to a counter.
    pub(super) fn add(&self) -> bool {
        !self.added.is_empty()
    }

    /// Bytes of the changes that `set.sql` can apply.
    pub(super) fn size(&self) -> usize {
        self.set.plain.as_json().len() + self.names.iter().map(String::len).sum::<usize>()
    }

    /// The parameters of `set.sql`.
    pub(super) fn bind_simple<'q>(&'q self, call: Call<'q>, idle_deadline: Option<i64>) -> Call<'q> {
        let call = call.bind(&self.names).bind(self.set.plain.as_json()).bind(idle_deadline);
        if self.add() { call.bind(self.added.as_json()) } else { call }
    }

    /// The names of changed fields with quotes between them, which no name contains.
    pub(super) fn joined_names(&self) -> String {
        self.names.join("\"")
    }

    /// The new values that are not indexed.
    pub(super) fn set_fields(&self) -> &str {
        self.set.plain.as_json()
    }

    pub(super) fn additions(&self) -> &str {
        self.added.as_json()
    }

    /// The parameters of `patch.sql`.
    pub(super) fn bind<'q>(&'q self, call: Call<'q>) -> Call<'q> {
        call.bind(&self.names)
            .bind(self.set.plain.as_json())
            .bind(self.set.indexed.as_json())
            .bind(self.compared.as_json())
            .bind(self.removed_if.as_json())
            .bind(self.added.as_json())
            .bind(&self.kept)
            .bind(self.keeps_marked)
            .bind(self.set.digests.as_json())
    }
}
