//! Measures the bytes of cookies that a client sends with each request.

use anyhow::{Context as _, Result};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use crate::route::Route;
use crate::table::Table;
use crate::variants::Variant;

/// Returns the table: bytes of names and values, without attributes.
///
/// # Errors
///
/// When an application fails.
pub fn table(variants: &[&Variant]) -> Result<Table> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::new(["variant", "bytes of cookies"]);
    for variant in variants.iter().filter(|variant| variant.has_sessions()) {
        let cookie = LocalSet::new().block_on(&runtime, async {
            let response = variant.app("").await?.request(Route::New, None).await?;
            response.cookie().with_context(|| format!("{} sets no cookie", variant.name))
        })?;
        table.row(variant.name, [cookie.len().to_string()]);
    }
    Ok(table)
}
