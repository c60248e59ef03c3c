//! What all pages have in common: head, navigation, notices and the panel.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};
use session::Session;

use crate::visitor::Visitor;

const PAGES: [(&str, &str); 5] = [
    ("/", "Shop"),
    ("/cart", "Cart"),
    ("/devices", "Devices"),
    ("/races", "Races"),
    ("/failures", "Failures"),
];

/// What the frame of a page shows of the session.
pub(crate) struct Frame {
    name: Option<String>,
    articles: u32,
    notices: Vec<String>,
    /// Without one the page has no panel, and does not say who is signed in.
    has_session: bool,
}

impl Frame {
    /// Takes the notices from the session, so that they are shown once.
    pub(crate) fn of(session: &Session<Visitor>) -> Self {
        Self {
            name: session.data.name(),
            articles: session.data.cart().values().sum(),
            notices: session.data.take_notices(),
            has_session: true,
        }
    }

    /// The frame of a page that is shown without the session.
    pub(crate) fn without_session() -> Self {
        Self { name: None, articles: 0, notices: Vec::new(), has_session: false }
    }

    /// Adds a notice that is not stored in the session.
    pub(crate) fn with_notice(mut self, notice: Option<&str>) -> Self {
        self.notices.extend(notice.map(str::to_owned));
        self
    }

    /// Returns the page at `path`.
    pub(crate) fn page(&self, path: &str, title: &str, content: &Markup) -> Html<String> {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " · Teatime" }
                    link rel="icon" href="/assets/icon.svg";
                    link rel="stylesheet" href="/assets/style.css";
                    @if self.has_session { script src="/assets/live.js" defer {} }
                }
                body {
                    a.skip href="#content" { "Skip to the content" }
                    (self.header(path))
                    div.columns {
                        main #content tabindex="-1" {
                            (self.notices())
                            h1 { (title) }
                            (content)
                        }
                        @if self.has_session { (panel()) }
                    }
                }
            }
        };
        Html(page.into_string())
    }

    fn header(&self, current: &str) -> Markup {
        html! {
            header.top {
                a.brand href="/" { img src="/assets/icon.svg" alt="" width="28" height="28"; "Teatime" }
                nav aria-label="Pages" {
                    @for (path, name) in PAGES {
                        a href=(path) aria-current=[(path == current).then_some("page")] {
                            (name)
                            @if path == "/cart" && self.articles > 0 {
                                " " span.count { (self.articles) span.unseen { " in it" } }
                            }
                        }
                    }
                }
                @if self.has_session {
                    div.account { (self.account()) }
                }
            }
        }
    }

    fn account(&self) -> Markup {
        html! {
            @if let Some(name) = &self.name {
                span.who { "Signed in as " strong { (name) } }
                form method="post" action="/sign-out" { button.quiet { "Sign out" } }
            } @else {
                a.button href="/sign-in" { "Sign in" }
            }
        }
    }

    fn notices(&self) -> Markup {
        html! {
            @if !self.notices.is_empty() {
                div.notices role="status" { @for notice in &self.notices { p { (notice) } } }
            }
        }
    }
}

/// The panel, whose content is sent by `/live`.
fn panel() -> Markup {
    html! {
        aside.panel aria-labelledby="panel-title" {
            h2 #panel-title { "Your session, live" }
            div #live { p.muted { "Waiting for the server." } }
            p.unseen #changes role="status" {}
            noscript { p { "This panel needs JavaScript; the shop does not." } }
        }
    }
}
