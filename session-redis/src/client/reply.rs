//! Reads the texts and pairs of a reply.

use redis::Value;

use crate::client::resp;

/// The bytes of a bulk string; `None` for any other value.
pub(crate) fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
    }
}

/// The text of a bulk string that is valid UTF-8.
pub(crate) fn text(value: &Value) -> Option<&str> {
    str::from_utf8(bytes(value)?).ok()
}

/// Names and values of a map: as RESP3 or RESP2 encodes it, or as the bulk string that
/// [`RespStream`](crate::client::stream::RespStream) makes of it.
pub(crate) fn pairs(reply: &Value) -> Option<Vec<(&[u8], &[u8])>> {
    match reply {
        Value::Map(pairs) => pairs.iter().map(|(name, value)| Some((bytes(name)?, bytes(value)?))).collect(),
        Value::Array(items) => {
            let (pairs, rest) = items.as_chunks();
            let pairs = pairs.iter().map(|[name, value]| Some((bytes(name)?, bytes(value)?)));
            if rest.is_empty() { pairs.collect() } else { None }
        }
        Value::BulkString(map) => resp::pairs(map),
        _ => None,
    }
}
