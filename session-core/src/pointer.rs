//! Stores behind `Box` and `Arc`. Every method is handed on, none falls back to a default.

use std::sync::Arc;

use crate::{
    Cap, Cursor, DynStore, Field, HandleId, Page, Patch, Record, Store, StoreError, Timestamp, Token, Written,
};

macro_rules! hand_on {
    ($pointer:ty, $verbs:ident $(, $store:ident)?) => {
        #[diagnostic::do_not_recommend]
        impl $(<$store: Store>)? Store for $pointer {
            fn name(&self) -> &'static str {
                $verbs::name(&**self)
            }

            async fn load(
                &self,
                token: &Token,
                now: Timestamp,
            ) -> Result<Option<Record>, StoreError> {
                $verbs::load(&**self, token, now).await
            }

            async fn create(
                &self,
                record: &Record,
                now: Timestamp,
            ) -> Result<Token, StoreError> {
                $verbs::create(&**self, record, now).await
            }

            async fn update(
                &self,
                token: &Token,
                patch: &Patch,
                now: Timestamp,
            ) -> Result<Written, StoreError> {
                $verbs::update(&**self, token, patch, now).await
            }

            async fn touch(
                &self,
                token: &Token,
                idle_deadline: Timestamp,
                now: Timestamp,
            ) -> Result<Written, StoreError> {
                $verbs::touch(&**self, token, idle_deadline, now).await
            }

            async fn renew(
                &self,
                token: &Token,
                patch: &Patch,
                now: Timestamp,
            ) -> Result<Written, StoreError> {
                $verbs::renew(&**self, token, patch, now).await
            }

            async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
                $verbs::destroy(&**self, token).await
            }

            async fn ping(&self) -> Result<(), StoreError> {
                $verbs::ping(&**self).await
            }

            fn needs_rewrite(&self, token: &Token) -> bool {
                $verbs::needs_rewrite(&**self, token)
            }

            fn writes_move(&self) -> bool {
                $verbs::writes_move(&**self)
            }

            fn serves(&self, field: &Field) -> bool {
                $verbs::serves(&**self, field)
            }

            fn is_stateless(&self) -> bool {
                $verbs::is_stateless(&**self)
            }

            async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
                $verbs::count(&**self, now).await
            }

            async fn list(
                &self,
                after: Option<&Cursor>,
                limit: usize,
                now: Timestamp,
            ) -> Result<Page, StoreError> {
                $verbs::list(&**self, after, limit, now).await
            }

            async fn find_by(
                &self,
                name: &str,
                value: &[u8],
                fields: &[&str],
                now: Timestamp,
            ) -> Result<Vec<Record>, StoreError> {
                $verbs::find_by(&**self, name, value, fields, now).await
            }

            async fn destroy_by(
                &self,
                name: &str,
                value: &[u8],
                except: Option<HandleId>,
                now: Timestamp,
            ) -> Result<u64, StoreError> {
                $verbs::destroy_by(&**self, name, value, except, now).await
            }

            async fn destroy_by_id(
                &self,
                id: HandleId,
                whose: Option<(&str, &[u8])>,
                now: Timestamp,
            ) -> Result<bool, StoreError> {
                $verbs::destroy_by_id(&**self, id, whose, now).await
            }

            fn offers_caps(&self) -> bool {
                $verbs::offers_caps(&**self)
            }

            async fn create_within(
                &self,
                record: &Record,
                cap: Cap<'_>,
                now: Timestamp,
            ) -> Result<Option<Token>, StoreError> {
                $verbs::create_within(&**self, record, cap, now).await
            }

            async fn renew_within(
                &self,
                token: &Token,
                patch: &Patch,
                cap: Cap<'_>,
                now: Timestamp,
            ) -> Result<Written, StoreError> {
                $verbs::renew_within(&**self, token, patch, cap, now).await
            }

            async fn clear(&self) -> Result<u64, StoreError> {
                $verbs::clear(&**self).await
            }

            async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
                $verbs::sweep(&**self, now).await
            }
        }
    };
}

hand_on!(Box<S>, Store, S);
hand_on!(Arc<S>, Store, S);
hand_on!(Box<dyn DynStore>, DynStore);
hand_on!(Arc<dyn DynStore>, DynStore);
