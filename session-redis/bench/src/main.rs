//! How fast sessions in Redis are, next to the bare client and to another store on the same server.
//!
//! `cargo run --release` prints, for each number of concurrent requests, requests per second and the ratios. All take
//! turns in the same run, several times; the figures are medians. A session has 8 fields of 40 or of 1000 bytes; a
//! request reads all of it and, where it writes, changes one field. The bare client does the same with HGETALL
//! and EVALSHA.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::AsyncCommands as _;
use redis::aio::MultiplexedConnection;
use session_core::{Clock, HandleId, Meta, Patch, Record, Store, Timestamp, Token, Written};
use session_redis::RedisStore;
use test_support::RedisServer;
use time::OffsetDateTime;
use tokio::task::JoinSet;
use tower_sessions_core::SessionStore;
use tower_sessions_core::session::{Id, Record as OtherRecord};
use tower_sessions_redis_store::RedisStore as OtherStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike as _, Config, Pool};

/// Sessions that requests are spread over.
const SESSIONS: usize = 1000;
const FIELDS: usize = 8;
const ROUNDS: usize = 9;
const TURN: Duration = Duration::from_millis(200);
/// Connections of the other store, as its documentation has them.
const POOL: usize = 6;

/// What the store sends, word for word: by its hash the bare client finds it on the server.
const WRITE: &str = concat!(
    "local here = true\n",
    include_str!("../../src/lua/index.lua"),
    include_str!("../../src/lua/place.lua"),
    include_str!("../../src/lua/write.lua")
);

fn now() -> Timestamp {
    Clock::system().now()
}

fn record(bytes: usize) -> Record {
    let meta = Meta {
        id: HandleId::random().unwrap(),
        created_at: now(),
        idle_deadline: now().after(Duration::from_secs(3600)),
        idle_timeout: Duration::from_secs(3600),
        lifetime_deadline: now().after(Duration::from_secs(86_400)),
        remember: false,
    };
    let (names, value) = ((0..FIELDS).map(field).collect::<Vec<_>>(), vec![b'0'; bytes]);
    Record::new(&meta, names.iter().map(|name| (name.as_str(), value.as_slice())))
}

fn field(number: usize) -> String {
    format!("field{number}")
}

struct Contest {
    bytes: usize,
    store: RedisStore,
    tokens: Vec<Token>,
    bare: MultiplexedConnection,
    keys: Vec<String>,
    hash: String,
    other: OtherStore<Pool>,
    ids: Vec<Id>,
}

#[derive(Clone, Copy)]
enum Who {
    Ours,
    Bare,
    Other,
}

impl Contest {
    async fn new(server: &RedisServer, bytes: usize) -> Self {
        let store = RedisStore::new(server.url()).unwrap();
        let client = redis::Client::open(server.url()).unwrap();
        let pool = Pool::new(Config::from_url(&server.url()).unwrap(), None, None, None, POOL).unwrap();
        pool.init().await.unwrap();
        let mut contest = Self {
            bytes,
            store,
            tokens: Vec::new(),
            bare: client.get_multiplexed_async_connection().await.unwrap(),
            keys: Vec::new(),
            hash: redis::Script::new(WRITE).get_hash().to_owned(),
            other: OtherStore::new(pool),
            ids: Vec::new(),
        };
        for _ in 0..SESSIONS {
            let token = contest.store.create(&record(bytes), now()).await.unwrap();
            let hash = token.store_key().unwrap().to_string();
            contest.keys.push(format!("session:{{{}}}{}", &hash[..2], &hash[2..]));
            contest.tokens.push(token);
            let expiry_date = OffsetDateTime::now_utc() + Duration::from_secs(3600);
            let data = (0..FIELDS).map(|number| (field(number), "x".repeat(bytes).into())).collect();
            let mut record = OtherRecord { id: Id::default(), data, expiry_date };
            contest.other.create(&mut record).await.unwrap();
            contest.ids.push(record.id);
        }
        contest
    }

    async fn request(&self, who: Who, number: usize, writes: bool) {
        let index = number % SESSIONS;
        let value = vec![u8::try_from(number % 10).unwrap() + b'0'; self.bytes];
        match who {
            Who::Ours => {
                let token = &self.tokens[index];
                black_box(self.store.load(token, now()).await.unwrap().unwrap());
                if writes {
                    let patch = Patch::new().set("field3", value);
                    assert_eq!(self.store.update(token, &patch, now()).await.unwrap(), Written::Kept);
                }
            }
            Who::Bare => {
                let mut bare = self.bare.clone();
                let key = &self.keys[index];
                black_box(bare.hgetall::<_, Vec<(Vec<u8>, Vec<u8>)>>(key).await.unwrap());
                if writes {
                    let mut call = redis::cmd("EVALSHA");
                    call.arg(&self.hash).arg(1).arg(key).arg(now().as_millis()).arg("").arg("").arg("");
                    call.arg(2).arg("f:field3").arg(&value);
                    assert_eq!(call.query_async::<i64>(&mut bare).await.unwrap(), 1);
                }
            }
            Who::Other => {
                let mut record = self.other.load(&self.ids[index]).await.unwrap().unwrap();
                if writes {
                    record.data.insert("field3".to_owned(), String::from_utf8(value).unwrap().into());
                    self.other.save(&record).await.unwrap();
                }
                black_box(record);
            }
        }
    }
}

/// Requests per second.
async fn turn(contest: &Arc<Contest>, who: Who, concurrent: usize, writes: bool) -> f64 {
    let end = Instant::now() + TURN;
    let start = Instant::now();
    let mut requests = JoinSet::new();
    for first in 0..concurrent {
        let contest = Arc::clone(contest);
        requests.spawn(async move {
            let mut done = 0;
            while Instant::now() < end {
                contest.request(who, first + done * concurrent, writes).await;
                done += 1;
            }
            done
        });
    }
    let done: usize = requests.join_all().await.into_iter().sum();
    f64::from(u32::try_from(done).unwrap()) / start.elapsed().as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[tokio::main]
async fn main() {
    println!(
        "| bytes | concurrent | request | session-redis /s | of the bare client | of tower-sessions-redis-store |"
    );
    println!("|---|---|---|---|---|---|");
    for bytes in [40, 1000] {
        let server = RedisServer::start();
        let contest = Arc::new(Contest::new(&server, bytes).await);
        for (concurrent, writes) in
            [(1, false), (1, true), (32, false), (32, true), (256, false), (256, true)]
        {
            let (mut rates, mut to_bare, mut to_other) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                let ours = turn(&contest, Who::Ours, concurrent, writes).await;
                let bare = turn(&contest, Who::Bare, concurrent, writes).await;
                let other = turn(&contest, Who::Other, concurrent, writes).await;
                rates.push(ours);
                to_bare.push(ours / bare);
                to_other.push(ours / other);
            }
            let request = if writes { "read + write" } else { "read" };
            let (rate, bare, other) = (median(rates), median(to_bare), median(to_other));
            println!(
                "| {FIELDS} x {bytes} | {concurrent} | {request} | {rate:.0} | {bare:.2} | {other:.2} |"
            );
        }
    }
}
