//! Decoding of stored values: no getter panics, whatever bytes are stored for its field, and the session can be saved.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use session::store::{Patch, WriteOutcome};
use session::{Databag, ManualClock, Record, SessionManager, Store, StoreError, Timestamp, Token};

use crate::block_on;
use crate::input::Input;
use crate::sealing::{NOW, meta};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
enum Shape {
    #[default]
    Unit,
    Newtype(Box<Shape>),
    Tuple(u8, String),
    Struct {
        at: Option<i32>,
        rest: Vec<Shape>,
    },
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Flattened {
    name: Option<String>,
    #[serde(default, alias = "old")]
    number: u16,
    #[serde(flatten)]
    rest: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    #[default]
    Nothing,
    Number(i32),
    Texts(Vec<String>),
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        u32::from_str_radix(&String::deserialize(deserializer)?, 16).map_err(D::Error::custom)
    }
}

#[derive(Databag)]
#[databag(namespace = "fuzz")]
struct Everything {
    #[databag(principal)]
    user: Option<u64>,
    #[databag(index, codec = "json")]
    tenant: Option<String>,
    #[databag(index, keep, default = Some(1))]
    device: Option<i8>,
    #[databag(label)]
    browser: String,
    #[databag(counter)]
    visits: u32,
    #[databag(counter, keep)]
    balance: i64,
    #[databag(cas, version = 300)]
    step: u8,
    #[databag(flash)]
    notice: Option<String>,
    #[databag(flash, codec = "json", ttl = "1h")]
    news: Vec<String>,
    #[databag(ttl = "10m", secret, default = "none")]
    code: String,
    #[databag(readonly, keep)]
    serial: u64,
    #[databag(codec = "bincode", version = 1)]
    positional: Shape,
    #[databag(codec = "bincode", version = 2, alias = "old_list", rename = "l")]
    list: Vec<(u16, String)>,
    #[databag(codec = "json")]
    map: BTreeMap<String, f64>,
    #[databag(codec = "json")]
    shape: Shape,
    tree: Shape,
    flattened: Flattened,
    untagged: Untagged,
    nested: Vec<Option<Vec<bool>>>,
    keys: BTreeMap<u8, [char; 2]>,
    wide: u128,
    single: f32,
    bytes: Vec<u8>,
    unit: (),
    moment: Option<SystemTime>,
    #[databag(with = "hex")]
    colour: u32,
    #[databag(skip)]
    scratch: u8,
}

/// Input: whether to claim and to clear, then for each field how its value is built, and bytes for it.
///
/// # Panics
///
/// When a getter panics or the session cannot be found.
pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (claims, clears) = (input.flag(), input.flag());
    let fields: Vec<(&str, Vec<u8>)> = Everything::FIELDS
        .iter()
        .filter_map(|field| {
            let name = if input.flag() { field.name } else { field.names().last()? };
            (!input.is_empty()).then(|| (name, value(&mut input)))
        })
        .collect();
    let record = Record::new(&meta(), fields.iter().map(|(name, value)| (*name, value.as_slice())));
    let manager = SessionManager::<Everything>::builder(OneRecord(Mutex::new(record)))
        .clock(ManualClock::starting_at(NOW))
        // Deeply nested values are long.
        .max_bytes(16 << 20)
        .on_warning(|_| {})
        .build()
        .unwrap();
    let session = block_on(manager.find("token")).unwrap().expect("the record is live");
    let data = &session.data;
    read(data);
    if claims {
        let _ = (block_on(data.claim_notice()), block_on(data.claim_news()));
    }
    let _ = (data.take_notice(), data.take_news(), data.add_visits(-1), data.add_balance(i64::MAX));
    if clears {
        data.set_user(1);
        data.clear_tenant();
        data.update_map(BTreeMap::clear);
    }
    // The values that are written were decoded before, or are new.
    block_on(session.save()).unwrap();
    read(data);
}

/// Valid values of each field, and no values.
pub fn seeds() -> Vec<Vec<u8>> {
    let shape = Shape::Struct {
        at: Some(-1),
        rest: vec![Shape::Newtype(Box::default()), Shape::Tuple(1, "t".into())],
    };
    let bag = Everything {
        user: Some(7),
        tenant: Some("acme".into()),
        device: None,
        browser: "browser".into(),
        visits: 3,
        balance: -5,
        step: 1,
        notice: Some("hello".into()),
        news: vec!["one".into(), "two".into()],
        code: "123456".into(),
        serial: 9,
        positional: shape.clone(),
        list: vec![(1, "one".into()), (2, String::new())],
        map: BTreeMap::from([("half".into(), 0.5)]),
        shape: shape.clone(),
        tree: shape,
        flattened: Flattened { name: Some("n".into()), number: 2, rest: BTreeMap::from([("x".into(), 1)]) },
        untagged: Untagged::Texts(vec!["a".into()]),
        nested: vec![None, Some(vec![true])],
        keys: BTreeMap::from([(1, ['a', 'b'])]),
        wide: u128::MAX,
        single: 1.5,
        bytes: vec![0, 255],
        unit: (),
        moment: Some(SystemTime::UNIX_EPOCH),
        colour: 0xff,
        scratch: 0,
    };
    let mut whole = vec![0, 1];
    for index in 0..Everything::FIELDS.len() {
        let mut value = Vec::new();
        bag.encode(index, &mut value).unwrap();
        whole.extend([1, 0, u8::try_from(value.len()).unwrap()]);
        whole.extend(value);
    }
    let with_choice = |choice: [u8; 2]| [choice.as_slice(), &whole[2..]].concat();
    vec![with_choice([0, 0]), with_choice([1, 0]), with_choice([0, 1]), Vec::new()]
}

fn read(data: &<Everything as Databag>::Accessors) {
    let _ = (data.user(), data.tenant(), data.device(), data.browser(), data.visits(), data.balance());
    let _ = (data.step(), data.code(), data.serial(), data.positional(), data.list(), data.map());
    let _ = (data.shape(), data.tree(), data.flattened(), data.untagged(), data.nested(), data.keys());
    let _ = (data.wide(), data.single(), data.bytes(), data.moment(), data.colour(), data.scratch());
    data.unit();
    data.read(|everything| assert!(format!("{everything:?}").contains("code: ***")));
}

/// Returns arbitrary bytes, bytes after a tag, or a deeply nested value.
fn value(input: &mut Input<'_>) -> Vec<u8> {
    match input.byte() {
        0..200 => input.bytes().to_vec(),
        200..250 => input.value(),
        _ => {
            let (tag, level) = (input.byte(), input.bytes());
            let levels = usize::from(u16::from_le_bytes(input.array()));
            [tag].into_iter().chain(level.iter().copied().cycle().take(levels)).collect()
        }
    }
}

/// A store that returns one record for every token.
struct OneRecord(Mutex<Record>);

impl OneRecord {
    fn patch(&self, patch: &Patch) -> Result<WriteOutcome, StoreError> {
        let mut record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match record.apply(patch) {
            Ok(after) => {
                *record = after;
                WriteOutcome::Done
            }
            Err(conflict) => WriteOutcome::Conflict(conflict.0),
        })
    }
}

impl Store for OneRecord {
    fn name(&self) -> &'static str {
        "one record"
    }

    async fn load(&self, _: &Token, _: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(Some(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()))
    }

    async fn create(&self, record: &Record, _: Timestamp) -> Result<Token, StoreError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = record.clone();
        Ok("token".into())
    }

    async fn update(&self, _: &Token, patch: &Patch, _: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.patch(patch)
    }

    async fn touch(
        &self,
        _: &Token,
        idle_deadline: Timestamp,
        _: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        self.patch(&Patch::new().touch(idle_deadline))
    }

    async fn renew(&self, _: &Token, patch: &Patch, _: Timestamp) -> Result<WriteOutcome, StoreError> {
        Ok(match self.patch(patch)? {
            WriteOutcome::Done => WriteOutcome::NewToken("token".into()),
            other => other,
        })
    }

    async fn destroy(&self, _: &Token) -> Result<bool, StoreError> {
        Ok(true)
    }
}
