//! What is inside a seal.

use session_core::{Record, Timestamp};

/// Lengths of sealed cookies tell no more than their multiple of this.
const PAD: usize = 64;
/// Length of everything before the record.
const HEAD: usize = 4 * 8 + 4;

/// A record, and what the store must know about the seal around it.
#[derive(Clone, Debug)]
pub(crate) struct Contents {
    /// When it was sealed.
    pub(crate) sealed_at: Timestamp,
    /// The latest lifetime deadline that any seal of this session ever had: however often one was touched, none
    /// outlives it.
    pub(crate) horizon: Timestamp,
    /// Grows with every change, so that an older seal can be told from a newer one.
    pub(crate) generation: u64,
    /// When the session was last found in all of its groups, or joined them: what ends a group ends those of an earlier
    /// epoch. See [`grouped_by`](crate::CookieStoreBuilder::grouped_by).
    pub(crate) epoch: u64,
    pub(crate) record: Record,
}

impl Contents {
    /// Bytes that [`write`](Contents::write) appends.
    pub(crate) fn padded_length(&self) -> usize {
        (HEAD + self.record.as_bytes().len()).next_multiple_of(PAD)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.padded_length();
        let record = self.record.as_bytes();
        for number in [self.sealed_at.as_millis(), self.horizon.as_millis(), self.generation, self.epoch] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let length = u32::try_from(record.len()).expect("what fits into cookies is far below 4 GiB");
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(record);
        out.resize(end, 0);
    }

    /// Only what [`write`](Contents::write) wrote: every byte is accounted for.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.split_first_chunk::<32>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (record, padding) = rest.split_at_checked(u32::from_le_bytes(*length).try_into().ok()?)?;
        if [0; PAD - 1].get(..padding.len()) != Some(padding) {
            return None;
        }
        let number =
            |index: usize| numbers.as_chunks::<8>().0.get(index).map(|bytes| u64::from_le_bytes(*bytes));
        Some(Self {
            sealed_at: Timestamp::from_millis(number(0)?),
            horizon: Timestamp::from_millis(number(1)?),
            generation: number(2)?,
            epoch: number(3)?,
            record: Record::from_bytes(record).ok()?,
        })
    }
}
