//! Parsing of `Cookie` headers: a session is found only by cookies that were set, whatever else the headers contain.

use std::sync::LazyLock;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use session::{CookieStore, Databag, ManualClock, MemoryStore, SessionManager, Store};

use crate::block_on;
use crate::sealing::{APP, NOW, key};

#[derive(Databag)]
struct Visitor {
    name: String,
    notes: Vec<u8>,
}

/// A manager with one session and its cookies.
struct Site {
    manager: SessionManager<Visitor>,
    cookies: Vec<(String, String)>,
}

static SITES: LazyLock<[Site; 2]> = LazyLock::new(|| {
    let sealed = CookieStore::builder(key(), APP).chunked(4).accept_lost_updates().stateless().unwrap();
    [site(sealed, 7_000), site(MemoryStore::new(), 1)]
});

/// Input: header lines, in which bytes below 32 stand for parts of cookies that were set.
///
/// # Panics
///
/// When the lookup fails or finds a session by a cookie that was not set.
pub fn run(bytes: &[u8]) {
    for site in &*SITES {
        let mut headers = HeaderMap::new();
        for line in bytes.split(|byte| *byte == b'\n') {
            let line: Vec<u8> = line.iter().flat_map(|byte| site.expand(*byte)).collect();
            if let Ok(line) = HeaderValue::from_bytes(&line) {
                headers.append(COOKIE, line);
            }
        }
        site.visit(&headers);
    }
}

/// The cookies as set, in other orders, on several lines, repeated, and with others between them.
pub fn seeds() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 8] = [
        b"\x01",
        b"\x02; \x03; \x04; \x05",
        b"\x05;\x04;other=1;\x03;\x02",
        b"\x02\n\x03\n\x04; a=b\n\x05",
        b"\x02; \x02; \x03; \x04",
        b"\x06=\x07; \x06.1=\x08",
        b"\x06=2.abc; \x06.1=def; \x06.x=; \x06",
        b"a=b; \x06=\"\x07\"; \x06 = \x07; \x06=\xff",
    ];
    texts.map(<[u8]>::to_vec).to_vec()
}

fn site(store: impl Store, bytes: usize) -> Site {
    let manager = SessionManager::<Visitor>::builder(store)
        .clock(ManualClock::starting_at(NOW))
        .on_warning(|_| {})
        .build()
        .unwrap();
    let session = block_on(manager.load_from(&HeaderMap::new())).unwrap();
    session.data.set_name("ada");
    // Too varied to be written shorter.
    session.data.set_notes((0..bytes).map(|at| (at * at / 7).to_le_bytes()[0]).collect::<Vec<_>>());
    let response = saved(&session);
    let pairs = response.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let cookies = pairs.map(|line| line.split(';').next().unwrap().split_once('=').unwrap());
    let cookies = cookies.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let site = Site { manager, cookies };
    let all = HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(&site.expand(1)).unwrap())]);
    assert!(!block_on(site.manager.load_from(&all)).unwrap().is_new());
    site
}

fn saved(session: &session::Session<Visitor>) -> HeaderMap {
    block_on(session.save()).unwrap();
    let mut response = HeaderMap::new();
    session.set_cookies(&mut response);
    response
}

impl Site {
    /// Returns the part of a cookie that a byte stands for.
    fn expand(&self, byte: u8) -> Vec<u8> {
        let cookie = |at: usize| &self.cookies[at % self.cookies.len()];
        let pair = |at: usize| format!("{}={}", cookie(at).0, cookie(at).1);
        match byte {
            1 => (0..self.cookies.len()).map(pair).collect::<Vec<_>>().join("; ").into_bytes(),
            2..=5 => pair(usize::from(byte) - 2).into_bytes(),
            6 => cookie(0).0.clone().into_bytes(),
            7..12 => cookie(usize::from(byte) - 7).1.clone().into_bytes(),
            12..16 => cookie(usize::from(byte) - 12).0.clone().into_bytes(),
            other => vec![other],
        }
    }

    fn visit(&self, headers: &HeaderMap) {
        let session = block_on(self.manager.load_from(headers)).unwrap();
        if !session.is_new() {
            assert_eq!(session.data.name(), "ada", "found by a cookie that was not given out");
            session.set_cookies(&mut HeaderMap::new());
            return;
        }
        assert_eq!(session.data.name(), "");
        session.data.set_name("eve");
        let response = saved(&session);
        assert!(response.contains_key("set-cookie"), "{headers:?}");
        session.destroy();
        saved(&session);
    }
}
