use axum::Router;
use loco_rs::app::{AppContext, Initializer};
use loco_rs::prelude::*;
use session::{Databag, Session, SessionLayer};

#[derive(Databag)]
struct Visit {
    #[databag(counter)]
    pages: u32,
}

async fn count(session: Session<Visit>) -> Result<Response> {
    format::text(&format!("{} pages", session.data.add_pages(1)))
}

/// For `Hooks::routes`.
pub fn routes() -> Routes {
    Routes::new().add("/", get(count))
}

/// For `Hooks::initializers`.
pub struct Sessions(pub SessionLayer);

#[async_trait]
impl Initializer for Sessions {
    fn name(&self) -> String {
        "sessions".to_owned()
    }

    async fn after_routes(&self, router: Router, _: &AppContext) -> Result<Router> {
        Ok(router.layer(self.0.clone()))
    }
}
