//! List of the sessions of a visitor, and logout of single ones.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use session::Clock;
use session::{HandleId, Session, SessionManager};

use crate::pages::{self, Place};
use crate::visitor::{Visitor, turn_away};

type Sessions = State<SessionManager<Visitor>>;

#[derive(Deserialize)]
pub(crate) struct End {
    id: String,
}

pub(crate) async fn list(session: Session<Visitor>, State(sessions): Sessions) -> Response {
    let Some(name) = session.data.name() else { return turn_away(&session).into_response() };
    if sessions.store_name() == "cookie" {
        return pages::no_list().into_response();
    }
    let Ok(listed) = sessions.sessions_of(&name).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let now = Clock::system().now();
    let places: Vec<_> = listed
        .into_iter()
        .map(|listed| Place {
            id: listed.meta.id,
            minutes: now.since(listed.meta.last_seen()).as_secs() / 60,
            is_current: listed.is_current(&session),
            browser: listed.labels.browser,
        })
        .collect();
    pages::signed_in(&places, session.data.take_notice().as_deref()).into_response()
}

pub(crate) async fn end(
    session: Session<Visitor>,
    State(sessions): Sessions,
    Form(form): Form<End>,
) -> Response {
    let Some(name) = session.data.name() else { return turn_away(&session).into_response() };
    let Ok(id) = form.id.parse::<HandleId>() else { return StatusCode::BAD_REQUEST.into_response() };
    // Only sessions of this user: the id comes from the request.
    match sessions.destroy_one(&name, id).await {
        Ok(true) => session.data.set_notice("Signed out there"),
        Ok(false) => session.data.set_notice("That session had ended already"),
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
    Redirect::to("/signed-in").into_response()
}

pub(crate) async fn end_others(session: Session<Visitor>, State(sessions): Sessions) -> Response {
    let Some(name) = session.data.name() else { return turn_away(&session).into_response() };
    match sessions.destroy_all(&name, session.id()).await {
        Ok(ended) => session.data.set_notice(format!("Signed out in {ended} other places")),
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
    Redirect::to("/signed-in").into_response()
}
