//! RESP frames: where the first one ends, and the entries of a map without decoding it.

/// Extent of the first frame in a buffer.
pub(crate) enum Extent {
    /// Complete, with its length in bytes.
    Complete(usize),
    Incomplete,
    /// Not RESP.
    Invalid,
}

/// Measures the frame at the start of `bytes`, nested values included.
pub(crate) fn extent(bytes: &[u8]) -> Extent {
    let (mut at, mut values) = (0_usize, 1_usize);
    while values > 0 {
        let Some((kind, count, head)) = bytes.get(at..).and_then(head) else { return Extent::Incomplete };
        let within = match (kind, count) {
            (b'$' | b'=' | b'!', Some(count)) => {
                at = at.saturating_add(count).saturating_add(2);
                0
            }
            (b'*' | b'~' | b'>', Some(count)) => count,
            (b'%', Some(count)) => count.saturating_mul(2),
            (b'|', Some(count)) => count.saturating_mul(2).saturating_add(1),
            // Length -1: null in RESP2.
            (b'$' | b'*', None) if bytes.get(at + 1) == Some(&b'-') => 0,
            (b'+' | b'-' | b':' | b'_' | b'#' | b',' | b'(', _) => 0,
            _ => return Extent::Invalid,
        };
        at = at.saturating_add(head);
        values = (values - 1).saturating_add(within);
    }
    if at <= bytes.len() { Extent::Complete(at) } else { Extent::Incomplete }
}

/// First line of a value: its type byte, the number after it if there is one, and the length of the line.
fn head(bytes: &[u8]) -> Option<(u8, Option<usize>, usize)> {
    let (kind, line) = bytes.split_first()?;
    let mut number = 0_usize;
    for (digits, byte) in line.iter().enumerate() {
        match byte {
            b'0'..=b'9' => number = number.saturating_mul(10).saturating_add(usize::from(byte - b'0')),
            b'\r' if digits > 0 && line.get(digits + 1) == Some(&b'\n') => {
                return Some((*kind, Some(number), 1 + digits + 2));
            }
            _ => break,
        }
    }
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((*kind, None, end + 1))
}

/// The bulk string under a name in an encoded map, whatever the types of its other values.
pub(crate) fn bulk_string<'a>(map: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (b'%', Some(count), mut at) = head(map)? else { return None };
    let mut text = || {
        let rest = map.get(at..)?;
        let (kind, length, head) = head(rest)?;
        let Extent::Complete(end) = extent(rest) else { return None };
        at += end;
        let text =
            (kind == b'$').then_some(length).flatten().and_then(|length| rest.get(head..head + length));
        Some(text.unwrap_or_default())
    };
    for _ in 0..count {
        let (other, value) = (text()?, text()?);
        if other == name.as_bytes() {
            return Some(value);
        }
    }
    None
}

/// Names and values of an encoded map of bulk strings.
pub(crate) fn pairs(map: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let (b'%', Some(count), mut at) = head(map)? else { return None };
    let mut text = || {
        let (b'$', Some(length), head) = head(map.get(at..)?)? else { return None };
        let (from, to) = (at + head, (at + head).checked_add(length)?);
        at = to.checked_add(2)?;
        map.get(from..to)
    };
    let mut pairs = Vec::with_capacity(count.min(map.len()));
    for _ in 0..count {
        pairs.push((text()?, text()?));
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_a_map_of_anything() {
        let map = b"%4\r\n$5\r\nproto\r\n:3\r\n$4\r\nlist\r\n*2\r\n:1\r\n$1\r\nx\r\n$1\r\nn\r\n_\r\n$7\r\nversion\r\n$5\r\n7.2.4\r\n";
        assert_eq!(bulk_string(map, "version"), Some(&b"7.2.4"[..]));
        assert_eq!(bulk_string(map, "proto"), Some(&b""[..]));
        assert_eq!(bulk_string(map, "x"), None);
        for length in 0..map.len() {
            assert_eq!(bulk_string(&map[..length], "version"), None);
        }
    }

    #[test]
    fn an_encoded_map_is_decoded_and_nothing_else_is() {
        const MAP: &str = "%2\r\n$1\r\na\r\n$4\r\n\r\n$1\r\n$0\r\n\r\n$2\r\nbb\r\n";
        assert_eq!(pairs(MAP.as_bytes()), Some(vec![(&b"a"[..], &b"\r\n$1"[..]), (b"", b"bb")]));
        assert_eq!(pairs(b"%0\r\n"), Some(Vec::new()));
        for length in 0..MAP.len() - 2 {
            assert_eq!(pairs(&MAP.as_bytes()[..length]), None);
        }
        for other in ["", "*0\r\n", "%1\r\n:1\r\n:2\r\n", "%1\r\n$9223372036854775807\r\na\r\n"] {
            assert_eq!(pairs(other.as_bytes()), None);
        }
    }
}
