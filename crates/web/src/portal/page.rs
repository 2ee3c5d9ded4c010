//! The frame of every page of the portal: who speaks, where to go, which language, and the content.

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::TOKEN;
use super::language::Language;
use super::reader::Reader;
use super::words::say;
use super::{CATEGORIES, HELD, LEAVE, PREFERENCES, PURPOSES, REQUESTS, ROOT, USED};
use crate::assets::ADDRESSES;

/// What a page may load: our own sheets; and where its forms may go: here.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Where in the portal a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Before or outside a visit.
    None,
    Overview,
    Held,
    Purposes,
    Used,
    Categories,
    Requests,
    Preferences,
}

/// The ways from page to page, in the order of the navigation.
const WAYS: [(Section, &str, &str); 7] = [
    (Section::Overview, ROOT, "nav-overview"),
    (Section::Held, HELD, "nav-held"),
    (Section::Purposes, PURPOSES, "nav-purposes"),
    (Section::Used, USED, "nav-used"),
    (Section::Categories, CATEGORIES, "nav-categories"),
    (Section::Requests, REQUESTS, "nav-requests"),
    (Section::Preferences, PREFERENCES, "nav-preferences"),
];

/// A page about to be shown.
pub(super) struct Page<'p> {
    pub(super) reader: &'p Reader,
    pub(super) section: Section,
    /// What its forms carry; none outside a visit.
    pub(super) form: Option<&'p str>,
    /// The key of its title.
    pub(super) title: &'static str,
}

impl Page<'_> {
    /// The page with its content.
    pub(super) fn around(&self, content: &Markup) -> Shown {
        Shown(self.document(content))
    }

    fn document(&self, content: &Markup) -> Markup {
        let Page { reader, form, .. } = self;
        let controller = &reader.notice.controller;
        html! {
            (DOCTYPE)
            html lang=(reader.language().tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (reader.say(self.title)) " · " (controller.name) }
                    link rel="stylesheet" href=(ADDRESSES.style);
                    link rel="stylesheet" href=(super::STYLE);
                }
                body .portal {
                    a .skip href="#content" { (reader.say("skip")) }
                    header .top {
                        span .brand { (controller.name) }
                        @if form.is_some() { (self.navigation()) }
                    }
                    main #content .plain tabindex="-1" { (content) }
                    footer .bottom {
                        (self.languages())
                        p {
                            (say!(reader.words, "footer", controller = controller.name.as_str()))
                            " "
                            a href={ "mailto:" (controller.email) } { (controller.email) }
                        }
                    }
                }
            }
        }
    }

    fn navigation(&self) -> Markup {
        let reader = self.reader;
        html! {
            nav aria-label=(reader.say("nav")) {
                ul {
                    @for (section, way, key) in WAYS {
                        li {
                            @if section == self.section {
                                a href=(way) aria-current="page" { (reader.say(key)) }
                            } @else {
                                a href=(way) { (reader.say(key)) }
                            }
                        }
                    }
                    li {
                        form method="post" action=(LEAVE) {
                            (self.token())
                            button { (reader.say("leave")) }
                        }
                    }
                }
            }
        }
    }

    /// The languages to choose from, each by its own name.
    fn languages(&self) -> Markup {
        html! {
            nav .languages aria-label=(self.reader.say("languages")) {
                ul {
                    @for language in Language::ALL {
                        li {
                            @if language == self.reader.language() {
                                span lang=(language.tag()) aria-current="true" { (language.name()) }
                            } @else {
                                a href={ "?lang=" (language.code()) } hreflang=(language.tag())
                                    lang=(language.tag()) { (language.name()) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// What a form of this page carries.
    pub(super) fn token(&self) -> Markup {
        token(self.form.unwrap_or_default())
    }
}

/// A page to be answered.
pub(super) struct Shown(Markup);

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let headers =
            [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)];
        (headers, self.0.into_string()).into_response()
    }
}

/// The field by which a form is known to be from a page of ours.
pub(super) fn token(form: &str) -> Markup {
    html! { input type="hidden" name=(TOKEN) value=(form); }
}
