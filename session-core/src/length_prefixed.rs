//! The binary encoding of records: LEB128 varints and length-prefixed bytes.

/// Removes `N` bytes from the front.
pub(crate) fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

/// Removes length-prefixed bytes from the front.
#[inline]
pub(crate) fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_varint(bytes)?).ok()?;
    let (head, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(head)
}

/// Appends length-prefixed bytes.
#[inline]
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Removes an LEB128 number from the front. Only its shortest encoding is accepted.
#[inline]
pub(crate) fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = match *bytes {
        [byte @ ..0x80, rest @ ..] => (u64::from(*byte), rest),
        long => split_varint(long)?,
    };
    *bytes = rest;
    Some(number)
}

fn split_varint(mut bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let [byte] = take_array(&mut bytes)?;
        let low = u64::from(byte & 0x7f);
        if low << shift >> shift != low || (byte == 0 && shift > 0) {
            return None;
        }
        number |= low << shift;
        if byte & 0x80 == 0 {
            return Some((number, bytes));
        }
    }
    None
}

/// Appends a number in LEB128: seven bits per byte, low bits first.
#[expect(clippy::cast_possible_truncation, reason = "each step writes the low byte")]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_varint_is_read_as_it_was_written(number: u64) {
            let mut out = Vec::new();
            put_varint(&mut out, number);
            let mut rest = out.as_slice();
            assert_eq!(take_varint(&mut rest), Some(number));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn only_the_shortest_encoding_of_a_varint_is_read() {
        assert_eq!(take_varint(&mut [0x80, 0x00].as_slice()), None);
        assert_eq!(take_varint(&mut [0xff; 11].as_slice()), None);
    }
}
