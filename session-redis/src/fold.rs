//! What makes a connection cheap for the client.
//!
//! The client takes an allocation and more for each value that comes over a connection, one after the other on a single
//! task, and a session is an answer of twenty values. So a map is given to it folded into one text that spells the map;
//! that is taken apart where the record is made. And commands are written many at a time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much is read at once, until an answer needs more.
const CHUNK: usize = 1 << 14;

/// A connection whose answers arrive folded, and whose commands wait for one another.
pub(crate) struct Folding<S> {
    inner: S,
    /// What arrived of answers that are not complete, and room for more.
    arrived: Vec<u8>,
    filled: usize,
    /// Complete answers, and how much of them was passed on.
    folded: Vec<u8>,
    passed: usize,
    /// Whether others had their turn since the last write.
    waited: bool,
    calls: Arc<()>,
}

/// How often it is held while there is one call: by that, by the connection that it was cloned from, and here.
const ONE_CALL: usize = 3;

impl<S> Folding<S> {
    /// `calls` is held by each call that is under way.
    pub(crate) fn new(inner: S, calls: Arc<()>) -> Self {
        let (arrived, folded) = (vec![0; CHUNK], Vec::new());
        Self { inner, arrived, filled: 0, folded, passed: 0, waited: false, calls }
    }

    /// Folds the answers that are complete.
    fn fold(&mut self) {
        let mut rest = &self.arrived[..self.filled];
        loop {
            let (answer, is_map) = match extent(rest) {
                Extent::Whole(length) => (&rest[..length], rest[0] == b'%'),
                Extent::Partial => break,
                // The client has words for it.
                Extent::Strange => (rest, false),
            };
            if is_map {
                self.folded.extend_from_slice(format!("${}\r\n", answer.len()).as_bytes());
                self.folded.extend_from_slice(answer);
                self.folded.extend_from_slice(b"\r\n");
            } else {
                self.folded.extend_from_slice(answer);
            }
            rest = &rest[answer.len()..];
        }
        let kept = rest.len();
        self.arrived.copy_within(self.filled - kept..self.filled, 0);
        self.filled = kept;
        if self.filled == self.arrived.len() {
            self.arrived.resize(2 * self.filled, 0);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Folding<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.passed == this.folded.len() {
            this.folded.clear();
            this.passed = 0;
            let mut room = ReadBuf::new(&mut this.arrived[this.filled..]);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut room))?;
            let read = room.filled().len();
            if read == 0 {
                return Poll::Ready(Ok(()));
            }
            this.filled += read;
            this.fold();
        }
        let length = buffer.remaining().min(this.folded.len() - this.passed);
        buffer.put_slice(&this.folded[this.passed..this.passed + length]);
        this.passed += length;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Folding<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Answers come in many at once, and who got one is about to send the next command: with the first of these
        // alone, nearly every command would be a call of the system.
        if !self.waited && Arc::strong_count(&self.calls) > ONE_CALL {
            self.waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let written = ready!(Pin::new(&mut self.inner).poll_write(context, bytes));
        self.waited = false;
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

/// How far an answer reaches.
#[derive(Debug, PartialEq, Eq)]
enum Extent {
    Whole(usize),
    Partial,
    /// Not in the protocol.
    Strange,
}

fn extent(bytes: &[u8]) -> Extent {
    let (mut at, mut values) = (0_usize, 1_usize);
    while values > 0 {
        let Some((kind, count, head)) = bytes.get(at..).and_then(head) else { return Extent::Partial };
        let within = match (kind, count) {
            (b'$' | b'=' | b'!', Some(count)) => {
                at = at.saturating_add(count).saturating_add(2);
                0
            }
            (b'*' | b'~' | b'>', Some(count)) => count,
            (b'%', Some(count)) => count.saturating_mul(2),
            (b'|', Some(count)) => count.saturating_mul(2).saturating_add(1),
            // Of length -1: nothing, in the older version of the protocol.
            (b'$' | b'*', None) if bytes.get(at + 1) == Some(&b'-') => 0,
            (b'+' | b'-' | b':' | b'_' | b'#' | b',' | b'(', _) => 0,
            _ => return Extent::Strange,
        };
        at = at.saturating_add(head);
        values = (values - 1).saturating_add(within);
    }
    if at <= bytes.len() { Extent::Whole(at) } else { Extent::Partial }
}

/// What a value begins with: its kind, the number behind that if there is one, and how long that line is.
fn head(bytes: &[u8]) -> Option<(u8, Option<usize>, usize)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (kind, line) = bytes[..end].split_first().unwrap_or((&b'\n', b""));
    let number = line.strip_suffix(b"\r").filter(|digits| !digits.is_empty()).and_then(|digits| {
        digits.iter().try_fold(0_usize, |number, byte| {
            let digit = byte.is_ascii_digit().then(|| usize::from(byte - b'0'))?;
            number.checked_mul(10)?.checked_add(digit)
        })
    });
    Some((*kind, number, end + 1))
}

/// The names and values of a map that was folded.
pub(crate) fn pairs(map: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let (b'%', Some(count), mut at) = head(map)? else { return None };
    let mut text = || {
        let (b'$', Some(length), head) = head(map.get(at..)?)? else { return None };
        let (from, to) = (at + head, (at + head).checked_add(length)?);
        at = to.checked_add(2)?;
        map.get(from..to)
    };
    (0..count).map(|_| Some((text()?, text()?))).collect()
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    const MAP: &str = "%2\r\n$1\r\na\r\n$4\r\n\r\n$1\r\n$0\r\n\r\n$2\r\nbb\r\n";

    /// What a server says, in pieces.
    struct Pieces<'a>(&'a [u8], usize);

    impl AsyncRead for Pieces<'_> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let length = self.1.min(self.0.len()).min(buffer.remaining());
            let (piece, rest) = self.0.split_at(length);
            buffer.put_slice(piece);
            self.0 = rest;
            Poll::Ready(Ok(()))
        }
    }

    /// What the client gets of it.
    async fn folded(said: &str, size: usize) -> String {
        let mut got = String::new();
        Folding::new(Pieces(said.as_bytes(), size), Arc::default()).read_to_string(&mut got).await.unwrap();
        got
    }

    #[tokio::test]
    async fn maps_are_folded_and_all_else_passes_wherever_it_is_cut() {
        let others = "+OK\r\n-ERR no\r\n:7\r\n$-1\r\n_\r\n*2\r\n$1\r\na\r\n*1\r\n:1\r\n>2\r\n+x\r\n%1\r\n+y\r\n+z\r\n#t\r\n";
        let said = format!("{MAP}{others}%0\r\n{MAP}");
        let expected = format!("${0}\r\n{MAP}\r\n{others}$4\r\n%0\r\n\r\n${0}\r\n{MAP}\r\n", MAP.len());
        for size in 1..said.len() {
            assert_eq!(folded(&said, size).await, expected);
        }
    }

    #[tokio::test]
    async fn an_answer_may_be_larger_than_what_is_read_at_once() {
        let map = format!("%1\r\n$1\r\na\r\n$100000\r\n{}\r\n", "x".repeat(100_000));
        assert_eq!(folded(&map, 1000).await, format!("${}\r\n{map}\r\n", map.len()));
    }

    #[tokio::test]
    async fn what_is_no_answer_is_left_to_the_client() {
        for strange in ["HTTP/1.1 400\r\n\r\n", "%x\r\n", "$\r\n", "\n"] {
            assert_eq!(folded(strange, 100).await, strange);
        }
    }

    #[test]
    fn a_folded_map_is_taken_apart_and_nothing_else_is() {
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
