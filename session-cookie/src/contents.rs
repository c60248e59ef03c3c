//! The plaintext of a sealed cookie: the record, preceded by the numbers that expiry and revocation need.

use std::time::Duration;

use session_core::{Record, Timestamp};

/// The maximum difference between the clocks of two nodes.
pub(crate) const MAX_SKEW: Duration = Duration::from_secs(60);

/// The plaintext is padded to a multiple of this, so that the length of a cookie reveals no more.
const PAD: usize = 64;
/// Length of everything before the record.
const HEAD: usize = 4 * 8 + 4;

#[derive(Clone, Debug)]
pub(crate) struct Contents {
    /// When the cookie was sealed.
    pub(crate) sealed_at: Timestamp,
    /// The latest lifetime deadline of any cookie sealed for this session; none of them outlives it, however often it
    /// was touched.
    pub(crate) max_deadline: Timestamp,
    /// Grows with each write, which orders the cookies of a session by age.
    pub(crate) generation: u64,
    /// When the session joined its groups or was last found in all of them, in milliseconds since the Unix epoch.
    /// Revoking a group ends the sessions with an earlier time. See
    /// [`grouped_by`](crate::CookieStoreBuilder::grouped_by).
    pub(crate) joined_group_at: u64,
    pub(crate) record: Record,
}

impl Contents {
    /// The number of bytes that [`write`](Contents::write) appends.
    pub(crate) fn padded_length(&self) -> usize {
        (HEAD + self.record.as_bytes().len()).next_multiple_of(PAD)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.padded_length();
        let record = self.record.as_bytes();
        let (sealed_at, max_deadline) = (self.sealed_at.as_millis(), self.max_deadline.as_millis());
        for number in [sealed_at, max_deadline, self.generation, self.joined_group_at] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let length = u32::try_from(record.len()).expect("what fits into cookies is far below 4 GiB");
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(record);
        out.resize(end, 0);
    }

    /// Reads what [`write`](Contents::write) wrote; `None` for anything else, padding included.
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
            max_deadline: Timestamp::from_millis(number(1)?),
            generation: number(2)?,
            joined_group_at: number(3)?,
            record: Record::from_bytes(record).ok()?,
        })
    }
}
