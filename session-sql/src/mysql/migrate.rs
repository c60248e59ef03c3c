//! Creates the tables.

use session_core::StoreError;

use super::MySql;
use super::retry::Failure;

impl MySql {
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        let migrate = || async {
            let created = sqlx::raw_sql(self.statements.schema.sql()).execute(self.pool()).await;
            created.map(drop).map_err(|error| Failure::unconfirmed(&error))
        };
        self.transact(migrate).await
    }
}
