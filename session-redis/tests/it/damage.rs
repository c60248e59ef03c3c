//! Scripts that cannot succeed, because keys are damaged or a command is forbidden.

use redis::{Commands as _, Connection};
use session_core::{Change, Deadlines, Evict, Patch, Store, StoreError, Token, WriteOutcome};
use session_redis::{RedisStore, Server};
use test_support::{RedisCluster, RedisServer};

use crate::index::masters;
use crate::limit::limit;
use crate::permissions::ACL;
use crate::support::{MINUTE, builder, indexed, now, of_user};

/// An operation to try on a session.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verb {
    Create,
    CreateWithin(Evict),
    /// Sets a field that is not indexed.
    Set,
    /// Sets, removes, adds and touches.
    Change,
    /// Changes the principal.
    HandOver,
    Touch,
    Renew,
    /// Renews, with new deadlines and another indexed value.
    SignIn,
    /// Renews, and drops the indexed value.
    SignOut,
    Destroy,
}

const VERBS: [Verb; 11] = [
    Verb::Create,
    Verb::CreateWithin(Evict::Oldest),
    Verb::CreateWithin(Evict::Reject),
    Verb::Set,
    Verb::Change,
    Verb::HandOver,
    Verb::Touch,
    Verb::Renew,
    Verb::SignIn,
    Verb::SignOut,
    Verb::Destroy,
];

impl Verb {
    fn patch(self) -> Patch {
        let until = now().after(50 * MINUTE);
        let limits = Deadlines {
            idle_timeout: 20 * MINUTE,
            idle_deadline: until,
            lifetime_deadline: until,
            remember: true,
        };
        match self {
            Self::Set => Patch::new().set("theme", *b"\x01dark"),
            Self::Change => Patch::new()
                .set("theme", *b"\x01dark")
                .remove("name")
                .with("visits", Change::Add { by: 1 << 60, min: 0, max: i64::MAX, keep: false })
                .touch(until),
            Self::HandOver => Patch::new().set("user", indexed("bob")).remove("name"),
            Self::Touch => Patch::new().touch(until),
            Self::SignIn => Patch::new().set("user", indexed("bob")).set_deadlines(limits),
            Self::SignOut => Patch::new().keep_only(["name"]).set("theme", *b"\x01dark"),
            _ => Patch::new(),
        }
    }

    /// Returns the new token, if there is one.
    async fn try_on(
        self,
        store: &RedisStore,
        token: &Token,
        patch: &Patch,
    ) -> Result<Option<Token>, StoreError> {
        let value = indexed("bob");
        match self {
            Self::Create => store.create(&of_user("bob"), now()).await.map(Some),
            Self::CreateWithin(on_full) => {
                Ok(store.create_limited(&of_user("bob"), limit(&value, 1, on_full), now()).await?.result)
            }
            Self::Set | Self::Change | Self::HandOver | Self::Touch => {
                let written = store.update(token, patch, now()).await?;
                assert_eq!(written, WriteOutcome::Done);
                Ok(None)
            }
            Self::Renew | Self::SignIn | Self::SignOut => {
                let WriteOutcome::NewToken(fresh) = store.renew(token, patch, now()).await? else { panic!() };
                Ok(Some(fresh))
            }
            Self::Destroy => {
                assert!(store.destroy(token).await?, "there was none");
                Ok(None)
            }
        }
    }
}

/// Damage of the keys of a session.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Damage {
    None,
    /// The index key of the value that it holds, or is about to hold, has another type.
    Index(&'static str),
    /// Its field `i` has this value.
    Field(&'static [u8]),
    /// The redirect from its first key has another type.
    Pointer,
}

const DAMAGES: [Damage; 11] = [
    Damage::None,
    Damage::Index("SET"),
    Damage::Index("HSET"),
    Damage::Field(b""),
    Damage::Field(b"garbage"),
    Damage::Field(b"\xc1"),
    Damage::Field(b"\x05"),
    Damage::Field(b"\x81\xa7entries\x81\xa6f:user\x05"),
    Damage::Field(b"\x82\xa5reach\x05\xa7entries\x80"),
    Damage::Field(b"\x81\xa7entries\x81\xa6f:user\x82\xa6digest\xa1x\xa6member\xa1y"),
    Damage::Pointer,
];

/// Servers with sessions, and connections without restrictions.
struct Site {
    /// The store whose user has restricted permissions.
    limited: RedisStore,
    /// A store with the same sessions and all permissions.
    free: RedisStore,
    servers: Vec<Connection>,
}

impl Site {
    fn new(server: impl Into<Server>, servers: &[&RedisServer], is_sealed: bool) -> Self {
        let server = server.into();
        let store = |server: Server| {
            let builder = builder(server).response_timeout(MINUTE);
            #[cfg(feature = "seal")]
            if is_sealed {
                return builder.seal(crate::sealing::key(1), []).build().unwrap();
            }
            assert!(!is_sealed);
            builder.build().unwrap()
        };
        for server in servers {
            server.call(&ACL.split_whitespace().chain(["+cluster|slots", "+asking"]).collect::<Vec<_>>());
        }
        let connect =
            |server: &&RedisServer| redis::Client::open(server.url()).unwrap().get_connection().unwrap();
        Self {
            limited: store(server.clone().login("app", "secret")),
            free: store(server),
            servers: servers.iter().map(connect).collect(),
        }
    }

    fn on_all(&mut self, words: &[&str]) {
        for server in &mut self.servers {
            redis::cmd(words[0]).arg(&words[1..]).exec(server).unwrap();
        }
    }

    /// The keys with these names, and the server of each.
    fn keys(&mut self, pattern: &str) -> Vec<(usize, String)> {
        let mut keys = Vec::new();
        for (at, server) in self.servers.iter_mut().enumerate() {
            let names: Vec<String> = server.keys(pattern).unwrap();
            keys.extend(names.into_iter().map(|name| (at, name)));
        }
        keys
    }

    /// The keys of sessions.
    fn sessions(&mut self) -> Vec<(usize, String)> {
        self.keys("session:{*").into_iter().filter(|(_, name)| !name.contains(['>', '!'])).collect()
    }

    fn damage(&mut self, damage: Damage) {
        match damage {
            Damage::None => {}
            Damage::Index(command) => {
                for (at, name) in self.keys("session:i:*") {
                    let server = &mut self.servers[at];
                    redis::cmd("DEL").arg(&name).exec(server).unwrap();
                    let words: &[&str] = if command == "SET" { &["x"] } else { &["x", "y"] };
                    redis::cmd(command).arg(&name).arg(words).exec(server).unwrap();
                    redis::cmd("PEXPIRE").arg(&name).arg(10_000_000).exec(server).unwrap();
                }
            }
            Damage::Field(value) => {
                for (at, name) in self.sessions() {
                    redis::cmd("HSET").arg(&name).arg("i").arg(value).exec(&mut self.servers[at]).unwrap();
                }
            }
            Damage::Pointer => {
                for (at, name) in self.keys("session:{*>") {
                    let server = &mut self.servers[at];
                    redis::cmd("DEL").arg(&name).exec(server).unwrap();
                    redis::cmd("HSET").arg(&name).arg(&["x", "y"]).exec(server).unwrap();
                    redis::cmd("PEXPIRE").arg(&name).arg(10_000_000).exec(server).unwrap();
                }
            }
        }
    }

    /// Tries a verb on a session of Ada's that was renewed before, beside one of Bob's, and checks that it is done as a
    /// whole or not at all. Returns the error if there was one.
    async fn attempt(&mut self, verb: Verb, damage: Damage, forbidden: Option<&str>) -> Option<StoreError> {
        let case = format!("{verb:?}, {damage:?}, without {forbidden:?}");
        self.on_all(&["FLUSHALL"]);
        let of_bob = self.free.create(&of_user("bob"), now()).await.unwrap();
        let token = self.free.create(&of_user("ada"), now()).await.unwrap();
        let WriteOutcome::NewToken(token) = self.free.renew(&token, &Patch::new(), now()).await.unwrap()
        else {
            panic!()
        };
        self.damage(damage);
        let load = async |token: &Token| self.free.load(token, now()).await.unwrap();
        let (before, bobs) = (load(&token).await.unwrap(), load(&of_bob).await);

        if let Some(command) = forbidden {
            self.on_all(&["ACL", "SETUSER", "app", &format!("-{command}")]);
        }
        let patch = verb.patch();
        let tried = verb.try_on(&self.limited, &token, &patch).await;
        if let Some(command) = forbidden {
            self.on_all(&["ACL", "SETUSER", "app", &format!("+{command}")]);
        }

        let load = async |token: &Token| self.free.load(token, now()).await.unwrap();
        let there = load(&token).await;
        let expected = before.apply(&patch).unwrap();
        let sessions = match (&tried, verb) {
            (Err(_), _) => {
                assert_eq!(there.as_ref(), Some(&before), "{case}: {tried:?}");
                assert_eq!(load(&of_bob).await, bobs, "{case}: {tried:?}");
                2
            }
            (Ok(_), Verb::Destroy) => {
                assert_eq!(there, None, "{case}");
                1
            }
            (Ok(None), Verb::CreateWithin(_)) => 2,
            (Ok(Some(fresh)), Verb::Create | Verb::CreateWithin(_)) => {
                assert!(load(fresh).await.is_some(), "{case}");
                2 + usize::from(load(&of_bob).await.is_some())
            }
            (Ok(Some(fresh)), _) => {
                assert_eq!((there, load(fresh).await), (None, Some(expected)), "{case}");
                2
            }
            (Ok(None), _) => {
                assert_eq!(there, Some(expected), "{case}");
                2
            }
        };
        assert_eq!(self.sessions().len(), sessions, "{case}: {tried:?}");
        for (at, name) in self.keys("*") {
            let remaining: i64 = self.servers[at].pttl(&name).unwrap();
            assert!(remaining > 0, "{case}: {name} has no time at which it expires");
        }
        tried.err()
    }

    /// Checks that a session with damaged keys can be destroyed, and that other verbs succeed or fail as corrupt.
    async fn tolerates_damage(&mut self) {
        for verb in VERBS {
            for damage in DAMAGES {
                let failure = self.attempt(verb, damage, None).await;
                let is_fine = match &failure {
                    None => true,
                    Some(StoreError::Corrupt(_)) => damage != Damage::None && verb != Verb::Destroy,
                    Some(_) => false,
                };
                assert!(is_fine, "{verb:?}, {damage:?}: {failure:?}");
            }
        }
    }

    async fn tolerates_forbidden_commands(&mut self, damages: &[Damage]) {
        let commands =
            ACL.split_whitespace().filter_map(|word| word.strip_prefix('+')).filter(|word| *word != "@all");
        for command in commands {
            for verb in VERBS {
                // In a cluster it takes scripts on several servers: one makes room, another writes.
                if self.servers.len() > 1 && verb == Verb::CreateWithin(Evict::Oldest) {
                    continue;
                }
                for damage in damages {
                    self.attempt(verb, *damage, Some(command)).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_script_on_one_server_is_done_or_leaves_the_session_as_it_was() {
    let server = RedisServer::start();
    let mut site = Site::new(server.url(), &[&server], false);
    site.tolerates_damage().await;
    site.tolerates_forbidden_commands(&DAMAGES).await;
}

#[tokio::test]
async fn a_script_in_a_cluster_is_done_or_leaves_the_session_as_it_was() {
    let cluster = RedisCluster::start();
    let mut site = Site::new(Server::cluster(cluster.urls()), &masters(&cluster), false);
    site.tolerates_damage().await;
    site.tolerates_forbidden_commands(&[Damage::None]).await;
}

#[cfg(feature = "seal")]
#[tokio::test]
async fn a_script_on_a_sealed_session_is_done_or_leaves_it_as_it_was() {
    let (server, cluster) = (RedisServer::start(), RedisCluster::start());
    for (url, servers) in
        [(Server::url(server.url()), vec![&server]), (Server::cluster(cluster.urls()), masters(&cluster))]
    {
        let mut site = Site::new(url, &servers, true);
        site.tolerates_damage().await;
        site.tolerates_forbidden_commands(&[Damage::None]).await;
    }
}
