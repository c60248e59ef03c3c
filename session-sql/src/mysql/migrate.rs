//! Creates the tables.

use session_core::StoreError;

use super::MySql;
use super::retry::Failure;

impl MySql {
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        let migrate = || async {
            let mut connection = self.acquire().await.map_err(|error| Failure::failed(&error))?;
            let deadline = connection.deadline();
            let create = sqlx::raw_sql(self.statements.schema.sql()).execute(&mut *connection);
            deadline.wait_for(create).await.flatten().map(drop).map_err(|error| Failure::unconfirmed(&error))
        };
        self.transact(migrate).await
    }
}
