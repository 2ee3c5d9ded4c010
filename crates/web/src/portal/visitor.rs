//! Who comes: anybody with a browser, or a contact on a visit. A handler that shows or writes anything
//! of a contact takes a [`Visitor`] first, one that takes a form a [`VisitorForm`]; that is all the
//! checking it does.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use gantry_engine::portal::Portal;

use super::SIGN_IN;
use super::fault::Fault;
use super::language::Language;
use super::page::{Page, Section};
use super::reader::Reader;
use super::{BROWSER, LANGUAGE, TOKEN, VISIT};
use crate::app::Shell;
use crate::form::Form;
use crate::peer::Peer;

/// The largest form: the words of a request, four bytes a letter, with all that is escaped in them.
const MAX_FORM: usize = 128 << 10;
/// What a browser keeps to itself has this many letters and digits.
const SECRET_LETTERS: usize = 52;

/// Anybody with a browser.
pub(super) struct Guest {
    pub(super) shell: Shell,
    pub(super) reader: Reader,
    /// What the browser keeps to itself, where it has been here before.
    pub(super) browser: Option<String>,
    /// Whether the language was chosen in the page.
    pub(super) chose_language: bool,
    /// The token of a visit, good or not.
    pub(super) token: Option<String>,
}

/// A contact on a visit.
pub(super) struct Visitor {
    pub(super) shell: Shell,
    pub(super) reader: Reader,
    pub(super) portal: Portal,
}

/// A form of somebody who is not known yet.
pub(super) struct GuestForm {
    pub(super) guest: Guest,
    pub(super) browser: String,
    pub(super) form: Form,
}

/// A form of a contact on a visit.
pub(super) struct VisitorForm {
    pub(super) visitor: Visitor,
    pub(super) form: Form,
}

impl Visitor {
    /// A page of the visit.
    pub(super) fn page(&self, section: Section, title: &'static str) -> Page<'_> {
        Page { reader: &self.reader, section, form: Some(self.portal.form()), title }
    }

    /// The page of a fault.
    pub(super) fn fault(&self, fault: impl Into<Fault>) -> Response {
        fault.into().page(&self.reader)
    }
}

impl FromRequestParts<Shell> for Guest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shell: &Shell) -> Result<Guest, Response> {
        if let Some(language) = chosen_now(&parts.uri) {
            let mut response = Redirect::to(parts.uri.path()).into_response();
            LANGUAGE.set(&shell.site, language.code(), &mut response);
            return Err(response);
        }
        let headers = &parts.headers;
        let chosen = LANGUAGE.read(&shell.site, headers).and_then(|code| Language::of(&code));
        let language = chosen.unwrap_or_else(|| Language::accepted(headers));
        Ok(Guest {
            shell: shell.clone(),
            reader: Reader::of(&shell.engine.policy(), language),
            browser: BROWSER.read(&shell.site, headers).filter(|browser| is_secret(browser)),
            chose_language: chosen.is_some(),
            token: VISIT.read(&shell.site, headers),
        })
    }
}

/// Whether a browser keeps what it was given, and not something that somebody could have thought of.
fn is_secret(text: &str) -> bool {
    text.len() == SECRET_LETTERS && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The language that a link of the page has just chosen.
fn chosen_now(uri: &Uri) -> Option<Language> {
    let query = uri.query()?;
    let (_, code) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang")?;
    Language::of(&code)
}

impl FromRequestParts<Shell> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shell: &Shell) -> Result<Visitor, Response> {
        let guest = Guest::from_request_parts(parts, shell).await?;
        let Guest { shell, reader, token, .. } = guest;
        let portal = match &token {
            Some(token) => shell.engine.portal(token).await,
            None => Ok(None),
        };
        match portal {
            Ok(Some(portal)) => Ok(Visitor { shell, reader, portal }),
            Ok(None) => {
                let mut response = Redirect::to(SIGN_IN).into_response();
                if token.is_some() {
                    VISIT.forget(&shell.site, &mut response);
                }
                Err(response)
            }
            Err(error) => Err(Fault::from(error).page(&reader)),
        }
    }
}

impl FromRequest<Shell> for GuestForm {
    type Rejection = Response;

    async fn from_request(request: Request, shell: &Shell) -> Result<GuestForm, Response> {
        let (mut parts, body) = request.into_parts();
        let guest = Guest::from_request_parts(&mut parts, shell).await?;
        let Some(browser) = guest.browser.clone() else {
            return Err(Fault::Form.page(&guest.reader));
        };
        let from = parts.extensions.get::<Peer>().map(|Peer(address)| *address);
        if shell.limits.count(from).is_err() {
            return Err(Fault::TooOften.page(&guest.reader));
        }
        let token = shell.engine.portal_form(&browser);
        match from_our_page(Request::from_parts(parts, body), &token).await {
            Ok(form) => Ok(GuestForm { guest, browser, form }),
            Err(fault) => Err(fault.page(&guest.reader)),
        }
    }
}

impl FromRequest<Shell> for VisitorForm {
    type Rejection = Response;

    async fn from_request(request: Request, shell: &Shell) -> Result<VisitorForm, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, shell).await?;
        match from_our_page(Request::from_parts(parts, body), visitor.portal.form()).await {
            Ok(form) => Ok(VisitorForm { visitor, form }),
            Err(fault) => Err(fault.page(&visitor.reader)),
        }
    }
}

/// A form that carries the token which pages for this reader carry.
async fn from_our_page(request: Request, token: &str) -> Result<Form, Fault> {
    let form = Form::read(request, MAX_FORM).await?;
    if form.get(TOKEN) == token { Ok(form) } else { Err(Fault::Form) }
}
