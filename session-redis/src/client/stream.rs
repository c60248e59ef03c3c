//! Stream adapter: turns RESP3 maps into bulk strings and releases replies in batches.
//!
//! It is an optimisation only. With it the store reads 1.9 times as many sessions as the bare `redis` crate does with
//! HGETALL (32 requests in flight, `BENCHMARKS.md`).
//!
//! redis-rs allocates for each value that it parses, all on the one task that drives the connection, and a session is a
//! reply of twenty values. A map is therefore passed to it as one bulk string, still encoded, and is decoded on the
//! task of the caller, where the record is built.
//!
//! A caller that has its reply is about to send the next command. If all replies that have arrived were released at
//! once, all next commands would be written at once: server and client would take turns waiting for each other, and be
//! woken each time. A batch of them is released instead, and the commands that follow are written before the next
//! batch.

use std::io::{self, Write as _};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::yield_now;

use crate::client::resp::{Extent, extent};

/// Initial size of the read buffer, in bytes; it doubles when a reply is larger.
const CHUNK: usize = 1 << 14;
/// Number of batches into which the replies to all calls in flight are divided. With two, one side may be done before
/// the other and wait for it; with more, the system calls cost more than the waiting.
const BATCHES: usize = 3;

/// Counters that the stream of a connection and its callers share.
#[derive(Default)]
pub(crate) struct StreamCounters {
    /// Calls in flight.
    pub(crate) calls: AtomicUsize,
    /// Reads that returned data.
    pub(crate) received: AtomicU64,
}

/// Adapter around the stream of a connection.
pub(crate) struct RespStream<S> {
    inner: S,
    /// Bytes read from `inner`: those before `taken` are converted, those from `filled` on are free.
    read: Vec<u8>,
    taken: usize,
    filled: usize,
    /// Converted replies, of which `passed` bytes were handed to the reader.
    converted: Vec<u8>,
    passed: usize,
    /// Number of replies converted since the last write.
    replies: usize,
    counters: Arc<StreamCounters>,
}

impl<S> RespStream<S> {
    pub(crate) fn new(inner: S, counters: Arc<StreamCounters>) -> Self {
        let (read, converted) = (vec![0; CHUNK], Vec::new());
        Self { inner, read, taken: 0, filled: 0, converted, passed: 0, replies: 0, counters }
    }

    /// Number of replies to release before their callers run. Unlimited for a single call in flight.
    fn batch(&self) -> usize {
        match self.counters.calls.load(Ordering::Relaxed) {
            0 | 1 => usize::MAX,
            calls => (calls / BATCHES).max(1),
        }
    }

    /// Converts the complete replies in the buffer, up to the limit of the batch.
    fn convert(&mut self, batch: usize) {
        let mut rest = &self.read[self.taken..self.filled];
        while self.replies < batch {
            let (reply, is_map) = match extent(rest) {
                Extent::Complete(length) => (&rest[..length], rest[0] == b'%'),
                Extent::Incomplete => break,
                // Left for redis-rs to report.
                Extent::Invalid => (rest, false),
            };
            if is_map {
                write!(self.converted, "${}\r\n", reply.len()).ok();
                self.converted.extend_from_slice(reply);
                self.converted.extend_from_slice(b"\r\n");
            } else {
                self.converted.extend_from_slice(reply);
            }
            rest = &rest[reply.len()..];
            self.replies += 1;
        }
        self.taken = self.filled - rest.len();
    }

    /// Moves what is not converted yet to the front of the buffer, and doubles the buffer when that fills it.
    fn make_room(&mut self) {
        self.read.copy_within(self.taken..self.filled, 0);
        self.filled -= self.taken;
        self.taken = 0;
        if self.filled == self.read.len() {
            self.read.resize(2 * self.filled, 0);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for RespStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.passed == this.converted.len() {
            this.converted.clear();
            this.passed = 0;
            let batch = this.batch();
            if this.replies >= batch {
                this.replies = 0;
                ready!(pin!(yield_now()).poll(context));
            }
            this.convert(batch);
            if !this.converted.is_empty() {
                break;
            }
            this.make_room();
            let mut room = ReadBuf::new(&mut this.read[this.filled..]);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut room))?;
            let length = room.filled().len();
            if length == 0 {
                return Poll::Ready(Ok(()));
            }
            this.counters.received.fetch_add(1, Ordering::Relaxed);
            this.filled += length;
        }
        let length = buffer.remaining().min(this.converted.len() - this.passed);
        buffer.put_slice(&this.converted[this.passed..this.passed + length]);
        this.passed += length;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for RespStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.replies = 0;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.replies = 0;
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

    /// Data of a server, read in chunks of this size.
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

    /// Returns the data read through the adapter.
    async fn converted(sent: &str, size: usize) -> String {
        let mut got = String::new();
        RespStream::new(Chunks(sent.as_bytes(), size), Arc::default())
            .read_to_string(&mut got)
            .await
            .unwrap();
        got
    }

    #[tokio::test]
    async fn maps_become_bulk_strings_and_all_else_passes_wherever_it_is_cut() {
        let others = "+OK\r\n-ERR no\r\n:7\r\n$-1\r\n_\r\n*2\r\n$1\r\na\r\n*1\r\n:1\r\n>2\r\n+x\r\n%1\r\n+y\r\n+z\r\n#t\r\n";
        let sent = format!("{MAP}{others}%0\r\n{MAP}");
        let expected = format!("${0}\r\n{MAP}\r\n{others}$4\r\n%0\r\n\r\n${0}\r\n{MAP}\r\n", MAP.len());
        for size in 1..sent.len() {
            assert_eq!(converted(&sent, size).await, expected);
        }
    }

    #[tokio::test]
    async fn a_reply_may_be_larger_than_the_read_buffer() {
        let map = format!("%1\r\n$1\r\na\r\n$100000\r\n{}\r\n", "x".repeat(100_000));
        assert_eq!(converted(&map, 1000).await, format!("${}\r\n{map}\r\n", map.len()));
    }

    #[tokio::test]
    async fn a_third_of_the_replies_is_released_before_the_commands_that_may_follow_are_written() {
        let sent = "+OK\r\n".repeat(6);
        let counters = Arc::new(StreamCounters { calls: 6.into(), ..StreamCounters::default() });
        let both = join(Chunks(sent.as_bytes(), 100), sink());
        let mut stream = RespStream::new(both, counters);
        let (mut got, mut context) = ([0; 100], Context::from_waker(Waker::noop()));
        for commands in [&b"PING\r\n"[..], b"", b"PING\r\n"] {
            assert_eq!(stream.read(&mut got).await.unwrap(), "+OK\r\n+OK\r\n".len());
            assert!(pin!(stream.read(&mut got)).poll(&mut context).is_pending());
            stream.write_all(commands).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_single_call_gets_all_replies_at_once() {
        let sent = "+OK\r\n".repeat(6);
        let counters = Arc::new(StreamCounters { calls: 1.into(), ..StreamCounters::default() });
        let mut stream = RespStream::new(Chunks(sent.as_bytes(), 100), counters);
        assert_eq!(stream.read(&mut [0; 100]).await.unwrap(), sent.len());
    }

    #[tokio::test]
    async fn what_is_not_resp_is_left_to_redis_rs() {
        for invalid in ["HTTP/1.1 400\r\n\r\n", "%x\r\n", "$\r\n", "\n"] {
            assert_eq!(converted(invalid, 100).await, invalid);
        }
    }
}
