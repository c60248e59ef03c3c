//! Fields as JSON objects: names escaped, values in base64.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::PAD;
use session_core::{Meta, Record};

use crate::error::Damage;

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
static BASE64: LazyLock<base64::engine::Simd> = LazyLock::new(|| base64::engine::Simd::standard(PAD));
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
static BASE64: LazyLock<base64::engine::GeneralPurpose> =
    LazyLock::new(|| base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, PAD));

/// A JSON object whose keys are names of fields, or the string that a sealed session has in its place.
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Self {
        Self("{}".to_owned())
    }

    /// Returns the object that has only this field.
    pub(super) fn of(name: &str, value: &[u8]) -> Self {
        let mut object = Self::new();
        object.insert(name, value);
        object
    }

    pub(super) fn sealed(bytes: &[u8]) -> Self {
        Self(format!("\"{}\"", BASE64.encode(bytes)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == "{}"
    }

    pub(super) fn as_json(&self) -> &str {
        &self.0
    }

    /// Adds a field.
    pub(super) fn insert(&mut self, name: &str, value: &[u8]) {
        self.start(name);
        self.0.push('"');
        BASE64.encode_string(value, &mut self.0);
        self.0.push_str("\"}");
    }

    /// Adds a name with the hexadecimal digits of these bytes.
    pub(super) fn insert_hex(&mut self, name: &str, bytes: &[u8]) {
        self.start(name);
        self.0.push('"');
        self.0.extend(bytes.iter().flat_map(|byte| hex(*byte)));
        self.0.push_str("\"}");
    }

    /// Adds a name with a value that is JSON.
    pub(super) fn insert_json(&mut self, name: &str, json: &str) {
        self.start(name);
        self.0.push_str(json);
        self.0.push('}');
    }

    fn start(&mut self, name: &str) {
        self.0.pop();
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(&escape(name));
        self.0.push_str("\":");
    }
}

/// Returns the name as it is stored: `%` and two digits for each byte that is not printable ASCII, is `%` or has a
/// meaning in JSON. The encoding of the database may lack other characters, and JSON in PostgreSQL lacks NUL.
pub(super) fn escape(name: &str) -> Cow<'_, str> {
    if name.bytes().all(is_literal) {
        return name.into();
    }
    let mut escaped = String::with_capacity(3 * name.len());
    for byte in name.bytes() {
        if is_literal(byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.extend(hex(byte));
        }
    }
    escaped.into()
}

fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
}

fn is_literal(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'%' | b'\\')
}

/// The inverse of [`escape`].
pub(super) fn unescape(name: &str) -> Option<Cow<'_, str>> {
    let mut parts = name.split('%');
    let start = parts.next()?;
    if start.len() == name.len() {
        return Some(name.into());
    }
    let mut bytes = start.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok().map(Cow::from)
}

/// Returns the bytes of a sealed session.
pub(super) fn decode_sealed(text: &str) -> Result<Vec<u8>, Damage> {
    let base64 = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    BASE64.decode(base64.ok_or(Damage::Seal)?).map_err(|_| Damage::Seal)
}

/// Returns the record of a session, whose fields are in these objects as PostgreSQL writes them.
pub(super) fn decode_record(meta: &Meta, objects: [&str; 2]) -> Result<Record, Damage> {
    let mut values = Vec::with_capacity(objects.iter().map(|text| text.len()).sum());
    let mut fields = Vec::new();
    for object in objects {
        decode_object(object, &mut fields, &mut values).ok_or(Damage::Fields)?;
    }
    let fields = fields.iter().map(|(name, value)| (name.as_ref(), &values[value.clone()]));
    Ok(Record::new(meta, fields))
}

/// Appends the fields of an object, with the range of each value in `values`.
fn decode_object<'a>(
    object: &'a str,
    fields: &mut Vec<(Cow<'a, str>, Range<usize>)>,
    values: &mut Vec<u8>,
) -> Option<()> {
    // Neither a stored name nor a stored value has a quote in it.
    let mut parts = object.strip_prefix('{')?.strip_suffix('}')?.split('"');
    let mut before_name = parts.next().filter(|text| text.is_empty())?;
    while let Some(name) = parts.next() {
        let is_first = before_name.is_empty();
        let (separator, value) = (parts.next()?, parts.next()?);
        if separator != ": " || !(is_first || before_name == ", ") {
            return None;
        }
        let start = values.len();
        BASE64.decode_vec(value, values).ok()?;
        fields.push((unescape(name)?, start..values.len()));
        before_name = parts.next()?;
    }
    before_name.is_empty().then_some(())
}
