//! What makes a connection cheap for the client, and keeps both of its ends busy.
//!
//! The client takes an allocation and more for each value that comes over a connection, one after the other on a single
//! task, and a session is an answer of twenty values. So a map is given to it folded into one text that spells the map;
//! that is taken apart where the record is made.
//!
//! Who got an answer is about to send the next command. If all answers that have come were given out at once, all commands
//! would be written at once: the server would wait for the client while it works, the client for the server, and both
//! would be woken each time. So a part of them is given out, and the commands that follow are written before the next
//! part.

use std::io::{self, Write as _};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::yield_now;

use crate::answer::{Extent, extent};

/// How much is read at once, until an answer needs more.
const CHUNK: usize = 1 << 14;
/// Into how many parts the answers to all calls under way are divided. With two, one side may be done before the other
/// and wait for it; with more, the calls of the system cost more than the waiting.
const PARTS: usize = 3;

/// A connection whose answers arrive folded, a part at a time.
pub(crate) struct Folding<S> {
    inner: S,
    /// What arrived, the answers among it that were folded, and room for more.
    arrived: Vec<u8>,
    taken: usize,
    filled: usize,
    /// Complete answers, and how much of them was passed on.
    folded: Vec<u8>,
    passed: usize,
    /// How many answers were folded since the last write.
    answers: usize,
    calls: Arc<()>,
    /// How often something arrived.
    received: Arc<AtomicU64>,
}

/// How often it is held while there is no call: here, and by the connection that calls clone.
const NO_CALL: usize = 2;

impl<S> Folding<S> {
    /// `calls` is held by each call that is under way; `received` counts how often something arrives.
    pub(crate) fn new(inner: S, calls: Arc<()>, received: Arc<AtomicU64>) -> Self {
        let (arrived, folded) = (vec![0; CHUNK], Vec::new());
        Self { inner, arrived, taken: 0, filled: 0, folded, passed: 0, answers: 0, calls, received }
    }

    /// How many answers are given out before who got them has a turn. One call alone may get any number.
    fn part(&self) -> usize {
        match Arc::strong_count(&self.calls).saturating_sub(NO_CALL) {
            0 | 1 => usize::MAX,
            calls => (calls / PARTS).max(1),
        }
    }

    /// Folds the answers that are complete, and not too many.
    fn fold(&mut self, part: usize) {
        let mut rest = &self.arrived[self.taken..self.filled];
        while self.answers < part {
            let (answer, is_map) = match extent(rest) {
                Extent::Whole(length) => (&rest[..length], rest[0] == b'%'),
                Extent::Partial => break,
                // The client has words for it.
                Extent::Strange => (rest, false),
            };
            if is_map {
                write!(self.folded, "${}\r\n", answer.len()).ok();
                self.folded.extend_from_slice(answer);
                self.folded.extend_from_slice(b"\r\n");
            } else {
                self.folded.extend_from_slice(answer);
            }
            rest = &rest[answer.len()..];
            self.answers += 1;
        }
        self.taken = self.filled - rest.len();
    }

    /// Leaves room after what was not folded yet.
    fn make_room(&mut self) {
        self.arrived.copy_within(self.taken..self.filled, 0);
        self.filled -= self.taken;
        self.taken = 0;
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
            let part = this.part();
            if this.answers >= part {
                this.answers = 0;
                ready!(pin!(yield_now()).poll(context));
            }
            this.fold(part);
            if !this.folded.is_empty() {
                break;
            }
            this.make_room();
            let mut room = ReadBuf::new(&mut this.arrived[this.filled..]);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut room))?;
            let read = room.filled().len();
            if read == 0 {
                return Poll::Ready(Ok(()));
            }
            this.received.fetch_add(1, Ordering::Relaxed);
            this.filled += read;
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
        self.answers = 0;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.answers = 0;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, join, sink};

    use super::*;

    const MAP: &str = "%2\r\n$1\r\na\r\n$4\r\n\r\n$1\r\n$0\r\n\r\n$2\r\nbb\r\n";

    /// What a server says, in chunks.
    struct Chunks<'a>(&'a [u8], usize);

    impl AsyncRead for Chunks<'_> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let length = self.1.min(self.0.len()).min(buffer.remaining());
            let (chunk, rest) = self.0.split_at(length);
            buffer.put_slice(chunk);
            self.0 = rest;
            Poll::Ready(Ok(()))
        }
    }

    /// What the client gets of it.
    async fn folded(said: &str, size: usize) -> String {
        let mut got = String::new();
        Folding::new(Chunks(said.as_bytes(), size), Arc::default(), Arc::default())
            .read_to_string(&mut got)
            .await
            .unwrap();
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
    async fn a_third_of_the_answers_is_given_out_before_the_commands_that_may_follow_are_written() {
        let said = "+OK\r\n".repeat(6);
        let connection = Arc::new(());
        let both = join(Chunks(said.as_bytes(), 100), sink());
        let mut stream = Folding::new(both, Arc::clone(&connection), Arc::default());
        let calls = vec![Arc::clone(&connection); 6];
        let (mut got, mut context) = ([0; 100], Context::from_waker(Waker::noop()));
        for commands in [&b"PING\r\n"[..], b"", b"PING\r\n"] {
            assert_eq!(stream.read(&mut got).await.unwrap(), "+OK\r\n+OK\r\n".len());
            assert!(pin!(stream.read(&mut got)).poll(&mut context).is_pending());
            stream.write_all(commands).await.unwrap();
        }
        drop(calls);
    }

    #[tokio::test]
    async fn one_call_alone_is_given_all_answers_at_once() {
        let said = "+OK\r\n".repeat(6);
        let connection = Arc::new(());
        let mut stream = Folding::new(Chunks(said.as_bytes(), 100), Arc::clone(&connection), Arc::default());
        let call = Arc::clone(&connection);
        assert_eq!(stream.read(&mut [0; 100]).await.unwrap(), said.len());
        drop(call);
    }

    #[tokio::test]
    async fn what_is_no_answer_is_left_to_the_client() {
        for strange in ["HTTP/1.1 400\r\n\r\n", "%x\r\n", "$\r\n", "\n"] {
            assert_eq!(folded(strange, 100).await, strange);
        }
    }
}
