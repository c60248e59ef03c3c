//! "Your devices": the list of the sessions of a user, and signing out of single ones.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use session::{Error, HandleId, Session, SessionInfo, SignedIn};

use crate::client;
use crate::frame::Frame;
use crate::site::Site;
use crate::time_left::{ago, until};
use crate::visitor::Visitor;

#[derive(Deserialize)]
pub(crate) struct Device {
    id: String,
}

pub(crate) async fn list(
    visitor: SignedIn<Visitor>,
    State(site): State<Site>,
) -> Result<Html<String>, Error> {
    let content = if site.is_in_cookies() {
        html! {
            p.lead {
                "Sessions that live in their cookies are not listed: nobody but the browsers has them. "
                "They can be ended all the same."
            }
            (end_others_form())
        }
    } else {
        let mut devices = site.sessions.sessions_of(&visitor.principal()).await?;
        devices.sort_by_key(|device| (!device.is_current(&visitor), device.meta.created_at));
        html! {
            p.lead { "Each browser in which you are signed in has a session, and you can end any of them here." }
            ul.lines { @for device in &devices { (line(device, &visitor)) } }
            @if devices.len() > 1 { (end_others_form()) }
        }
    };
    Ok(Frame::of(&visitor).page("/devices", "Your devices", &content))
}

fn line(device: &SessionInfo<Visitor>, session: &Session<Visitor>) -> Markup {
    let (meta, labels) = (&device.meta, &device.labels);
    let browser = client::browser(labels.browser.as_deref());
    html! {
        li {
            div.what {
                strong { (browser) }
                span.muted { "On " (client::network(labels.network.as_deref())) }
                span.muted {
                    "Last seen " (ago(meta.last_seen())) ", ends in " (until(meta.deadline()))
                    @if meta.remember { ", remembered" }
                }
            }
            @if device.is_current(session) {
                span.here { "This browser" }
            } @else {
                form method="post" action="/devices/end" {
                    button.quiet name="id" value=(meta.id) {
                        "Sign out there" span.unseen { ": " (browser) ", session " (meta.id) }
                    }
                }
            }
        }
    }
}

fn end_others_form() -> Markup {
    html! {
        form.actions method="post" action="/devices/end-others" {
            button.danger { "Sign out everywhere else" }
        }
    }
}

pub(crate) async fn end(
    visitor: SignedIn<Visitor>,
    State(site): State<Site>,
    Form(device): Form<Device>,
) -> Result<Response, Error> {
    let Ok(id) = device.id.parse::<HandleId>() else { return Ok(StatusCode::BAD_REQUEST.into_response()) };
    // Only sessions of this user: the id comes from the request.
    let was_live = site.sessions.destroy_one(&visitor.principal(), id).await?;
    visitor.data.push_notices(if was_live { "Signed out there" } else { "That session had ended already" });
    Ok(Redirect::to("/devices").into_response())
}

pub(crate) async fn end_others(
    visitor: SignedIn<Visitor>,
    State(site): State<Site>,
) -> Result<Redirect, Error> {
    let ended = site.sessions.destroy_all(&visitor.principal(), visitor.id()).await?;
    visitor.data.push_notices(match ended {
        // A store of cookies does not know how many there are.
        0 => "Signed out everywhere else".to_owned(),
        1 => "Signed out in 1 other browser".to_owned(),
        _ => format!("Signed out in {ended} other browsers"),
    });
    Ok(Redirect::to("/devices"))
}
