//! The application in salvo.

use std::net::SocketAddr;

use examples::adapters::salvo::{SessionDepotExt as _, Sessions};
use salvo::conn::tcp::TcpAcceptor;
use salvo::prelude::*;
use tokio::net::TcpListener;

use super::site::{self, Account, Handlers, visit_in_body};

pub(super) async fn start(handlers: Handlers) -> SocketAddr {
    let app = Router::new()
        .hoop(Sessions(handlers.sessions.clone()))
        .get(visit)
        .push(Router::with_path("untouched").get(untouched))
        .push(Router::with_path("failed").get(failed))
        .push(Router::with_path("sign-in").post(sign_in))
        .push(Router::with_path("sign-out").post(sign_out))
        .push(Router::with_path("everybody-out").post(EverybodyOut(handlers.clone())))
        .push(Router::with_path("stream").get(stream))
        .push(Router::with_path("task").get(Task(handlers)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::new(TcpAcceptor::try_from(listener).unwrap());
    tokio::spawn(server.serve(app));
    address
}

#[handler]
async fn visit(depot: &mut Depot) -> Result<String, StatusError> {
    Ok(site::visit(&depot.session::<Account>().await?))
}

#[handler]
fn untouched() -> &'static str {
    "untouched"
}

#[handler]
async fn failed(depot: &mut Depot, response: &mut Response) -> Result<(), StatusError> {
    let session = depot.session::<Account>().await?;
    response.status_code(StatusCode::INTERNAL_SERVER_ERROR).body(site::visit(&session));
    Ok(())
}

#[handler]
async fn sign_in(depot: &mut Depot) -> Result<(), StatusError> {
    site::sign_in(&depot.session::<Account>().await?);
    Ok(())
}

#[handler]
async fn sign_out(depot: &mut Depot) -> Result<(), StatusError> {
    depot.session::<Account>().await?.destroy();
    Ok(())
}

struct EverybodyOut(Handlers);

#[handler]
impl EverybodyOut {
    async fn handle(&self, depot: &mut Depot) -> Result<String, StatusError> {
        Ok(self.0.sign_everybody_out(&depot.session::<Account>().await?).await)
    }
}

#[handler]
async fn stream(depot: &mut Depot, response: &mut Response) -> Result<(), StatusError> {
    response.stream(visit_in_body(depot.session::<Account>().await?));
    Ok(())
}

struct Task(Handlers);

#[handler]
impl Task {
    async fn handle(&self, depot: &mut Depot) -> Result<(), StatusError> {
        self.0.hand_over(depot.session::<Account>().await?);
        Ok(())
    }
}
