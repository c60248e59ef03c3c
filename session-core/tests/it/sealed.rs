//! A minimal store whose tokens contain the records, authenticated with a hash and not encrypted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_core::{
    Capabilities, Conflict, Patch, Record, Store, StoreError, Timestamp, Token, WriteOutcome,
};
use sha2::{Digest as _, Sha256};

/// Length of the text of a random token.
const SALT: usize = 43;

/// A store without state.
pub(crate) struct SealedStore;

impl SealedStore {
    fn tag(text: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(b"a secret for tests").chain_update(text).finalize().into()
    }

    fn seal(record: &Record) -> Result<Token, StoreError> {
        // Equal records must not have equal tokens.
        let salt = Token::random()?;
        let salted = [salt.expose().as_bytes(), record.as_bytes()].concat();
        Ok(Token::from(URL_SAFE_NO_PAD.encode([&Self::tag(&salted), &*salted].concat())))
    }

    fn open(token: &Token, now: Timestamp) -> Option<Record> {
        let sealed = URL_SAFE_NO_PAD.decode(token.expose()).ok()?;
        let (tag, salted) = sealed.split_first_chunk()?;
        if *tag != Self::tag(salted) {
            return None;
        }
        Record::from_bytes(salted.get(SALT..)?).ok().filter(|record| record.is_live(now))
    }
}

impl Store for SealedStore {
    fn name(&self) -> &'static str {
        "sealed"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(Self::open(token, now))
    }

    async fn create(&self, record: &Record, _now: Timestamp) -> Result<Token, StoreError> {
        Self::seal(record)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        Ok(match Self::open(token, now).map(|record| record.apply(patch)) {
            None => WriteOutcome::Gone,
            Some(Err(Conflict(field))) => WriteOutcome::Conflict(field),
            Some(Ok(record)) => WriteOutcome::NewToken(Self::seal(&record)?),
        })
    }

    async fn touch(
        &self,
        token: &Token,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        self.update(token, &Patch::new().touch(deadline), now).await
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.update(token, patch, now).await
    }

    async fn destroy(&self, _token: &Token) -> Result<bool, StoreError> {
        Ok(true)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default().with_record_in_token()
    }
}
