//! The application on `session`.

use std::sync::Arc;

use anyhow::Result;
use axum::extract::Path;
use axum::routing::get;
use axum::{Extension, Router};
use session::{CookieStore, Databag, Key, MemoryStore, RedisStore, Session, SessionLayer, Store};

use super::barrier::{REQUESTS, WriteBarrier};
use crate::app::App;
use crate::sql::stores::session_store;

/// Generates session data with one field per request.
macro_rules! wide_databag {
    ($($field:ident $setter:ident)*) => {
        #[derive(Databag)]
        struct Wide {
            started: bool,
            $($field: bool,)*
        }

        const SETTERS: [fn(&Session<Wide>); REQUESTS] = [$(|session| session.data.$setter(true)),*];

        fn count(bag: &Wide) -> usize {
            [$(bag.$field),*].into_iter().filter(|set| *set).count()
        }
    };
}

wide_databag! {
    f000 set_f000 f001 set_f001 f002 set_f002 f003 set_f003 f004 set_f004 f005 set_f005 f006
    set_f006 f007 set_f007 f008 set_f008 f009 set_f009 f010 set_f010 f011 set_f011 f012 set_f012
    f013 set_f013 f014 set_f014 f015 set_f015 f016 set_f016 f017 set_f017 f018 set_f018 f019
    set_f019 f020 set_f020 f021 set_f021 f022 set_f022 f023 set_f023 f024 set_f024 f025 set_f025
    f026 set_f026 f027 set_f027 f028 set_f028 f029 set_f029 f030 set_f030 f031 set_f031 f032
    set_f032 f033 set_f033 f034 set_f034 f035 set_f035 f036 set_f036 f037 set_f037 f038 set_f038
    f039 set_f039 f040 set_f040 f041 set_f041 f042 set_f042 f043 set_f043 f044 set_f044 f045
    set_f045 f046 set_f046 f047 set_f047 f048 set_f048 f049 set_f049 f050 set_f050 f051 set_f051
    f052 set_f052 f053 set_f053 f054 set_f054 f055 set_f055 f056 set_f056 f057 set_f057 f058
    set_f058 f059 set_f059 f060 set_f060 f061 set_f061 f062 set_f062 f063 set_f063 f064 set_f064
    f065 set_f065 f066 set_f066 f067 set_f067 f068 set_f068 f069 set_f069 f070 set_f070 f071
    set_f071 f072 set_f072 f073 set_f073 f074 set_f074 f075 set_f075 f076 set_f076 f077 set_f077
    f078 set_f078 f079 set_f079 f080 set_f080 f081 set_f081 f082 set_f082 f083 set_f083 f084
    set_f084 f085 set_f085 f086 set_f086 f087 set_f087 f088 set_f088 f089 set_f089 f090 set_f090
    f091 set_f091 f092 set_f092 f093 set_f093 f094 set_f094 f095 set_f095 f096 set_f096 f097
    set_f097 f098 set_f098 f099 set_f099 f100 set_f100 f101 set_f101 f102 set_f102 f103 set_f103
    f104 set_f104 f105 set_f105 f106 set_f106 f107 set_f107 f108 set_f108 f109 set_f109 f110
    set_f110 f111 set_f111 f112 set_f112 f113 set_f113 f114 set_f114 f115 set_f115 f116 set_f116
    f117 set_f117 f118 set_f118 f119 set_f119 f120 set_f120 f121 set_f121 f122 set_f122 f123
    set_f123 f124 set_f124 f125 set_f125 f126 set_f126 f127 set_f127 f128 set_f128 f129 set_f129
    f130 set_f130 f131 set_f131 f132 set_f132 f133 set_f133 f134 set_f134 f135 set_f135 f136
    set_f136 f137 set_f137 f138 set_f138 f139 set_f139 f140 set_f140 f141 set_f141 f142 set_f142
    f143 set_f143 f144 set_f144 f145 set_f145 f146 set_f146 f147 set_f147 f148 set_f148 f149
    set_f149 f150 set_f150 f151 set_f151 f152 set_f152 f153 set_f153 f154 set_f154 f155 set_f155
    f156 set_f156 f157 set_f157 f158 set_f158 f159 set_f159 f160 set_f160 f161 set_f161 f162
    set_f162 f163 set_f163 f164 set_f164 f165 set_f165 f166 set_f166 f167 set_f167 f168 set_f168
    f169 set_f169 f170 set_f170 f171 set_f171 f172 set_f172 f173 set_f173 f174 set_f174 f175
    set_f175 f176 set_f176 f177 set_f177 f178 set_f178 f179 set_f179 f180 set_f180 f181 set_f181
    f182 set_f182 f183 set_f183 f184 set_f184 f185 set_f185 f186 set_f186 f187 set_f187 f188
    set_f188 f189 set_f189 f190 set_f190 f191 set_f191 f192 set_f192 f193 set_f193 f194 set_f194
    f195 set_f195 f196 set_f196 f197 set_f197 f198 set_f198 f199 set_f199
}

async fn new(session: Session<Wide>) -> &'static str {
    session.data.set_started(true);
    "ok"
}

async fn set(
    session: Session<Wide>,
    Path(number): Path<usize>,
    Extension(barrier): Extension<Arc<WriteBarrier>>,
) -> String {
    let before = session.data.read(count);
    barrier.wait().await;
    SETTERS[number](&session);
    before.to_string()
}

async fn count_fields(session: Session<Wide>) -> String {
    session.data.read(count).to_string()
}

async fn logout(session: Session<Wide>) -> &'static str {
    session.destroy();
    "ok"
}

fn app(store: impl Store, barrier: Arc<WriteBarrier>) -> Result<App> {
    let router = Router::new()
        .route("/new", get(new))
        .route("/set/{number}", get(set))
        .route("/count", get(count_fields))
        .route("/logout", get(logout))
        .layer(SessionLayer::builder(store).plain_http().build()?)
        .layer(Extension(barrier));
    Ok(App::Tower(router))
}

pub(super) fn memory(barrier: Arc<WriteBarrier>) -> Result<App> {
    app(MemoryStore::new(), barrier)
}

pub(super) fn redis(barrier: Arc<WriteBarrier>, url: &str) -> Result<App> {
    app(RedisStore::new(url)?, barrier)
}

pub(super) async fn sql(barrier: Arc<WriteBarrier>, url: &str) -> Result<App> {
    app(session_store(url).await?, barrier)
}

pub(super) fn cookie(barrier: Arc<WriteBarrier>) -> Result<App> {
    app(CookieStore::builder(Key::generate()?, "bench").stateless()?, barrier)
}

pub(super) fn revocable_cookie(barrier: Arc<WriteBarrier>) -> Result<App> {
    app(CookieStore::builder(Key::generate()?, "bench").revocable(MemoryStore::new())?, barrier)
}
