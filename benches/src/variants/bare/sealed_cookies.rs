//! Cookie store: AES-256-SIV and base64.

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use anyhow::{Context as _, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::store::{MinimalStore, decode, encode};
use crate::session_data::Visitor;

const NONCE: usize = 16;

#[derive(Clone)]
pub(super) struct SealedCookies([u8; 64]);

impl SealedCookies {
    pub(super) fn new() -> Result<Self> {
        let mut key = [0; 64];
        getrandom::fill(&mut key)?;
        Ok(Self(key))
    }
}

impl MinimalStore for SealedCookies {
    async fn load(&self, cookie: &str) -> Result<Visitor> {
        let bytes = BASE64.decode(cookie)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE).context("the cookie is too short")?;
        let opened = Aes256Siv::new(&self.0.into()).decrypt([nonce], sealed);
        decode(&opened.map_err(|_| anyhow!("not sealed by this key"))?)
    }

    async fn save(&self, _: Option<&str>, visitor: &Visitor) -> Result<Option<String>> {
        let mut bytes = vec![0; NONCE];
        getrandom::fill(&mut bytes)?;
        let sealed = Aes256Siv::new(&self.0.into()).encrypt([&bytes], &encode(visitor)?);
        bytes.extend(sealed.map_err(|_| anyhow!("too long to seal"))?);
        Ok(Some(BASE64.encode(bytes)))
    }
}
