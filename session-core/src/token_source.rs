//! The source of new tokens of a store.

use std::fmt;
use std::sync::Arc;

use crate::{StoreError, Token};

type Mint = dyn Fn() -> Result<Token, StoreError> + Send + Sync;

/// The source of new tokens of a store on the server: [`Token::random`], or a function in tests.
#[derive(Clone, Default)]
pub struct TokenSource(Option<Arc<Mint>>);

impl TokenSource {
    /// Takes tokens from a function, for tests of collisions and failures.
    pub fn from_fn(mint: impl Fn() -> Result<Token, StoreError> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(mint)))
    }

    /// Returns a new token.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`] if the operating system returns no random bytes.
    pub fn mint(&self) -> Result<Token, StoreError> {
        self.0.as_ref().map_or_else(Token::random, |mint| mint())
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "TokenSource(function)" } else { "TokenSource(system)" })
    }
}
