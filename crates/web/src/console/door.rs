//! Coming in to the console: the cookie gives who is signed in, the path the purpose, the engine the
//! session.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use gantry_engine::actor::Level;
use gantry_engine::{Cause, RoomGrant, Session, SignedIn, Work};
use gantry_notice::DatedPolicy;
use gantry_notice::model::Purpose;
use uuid::Uuid;

use crate::app::Shell;
use crate::console::passing::{Confirmation, confirmed_before};
use crate::console::sent_file::{self, Bounds, Sent};
use crate::console::sign_in::{self, PASSWORD, SIGN_IN};
use crate::form::{Form, MAX_FORM};
use crate::page::{Failure, see};

/// Between a purpose and one of its uses in a path. No id of a notice has it.
pub(super) const USE_MARK: char = '.';

/// Somebody who is signed in.
pub(crate) struct Who {
    pub(crate) signed: SignedIn,
    pub(crate) rooms: Vec<RoomGrant>,
    pub(crate) policy: Arc<DatedPolicy>,
    /// What was done just before, for the page to say so.
    pub(crate) done: Option<Confirmation>,
}

/// Somebody at work for the purpose in the path. Handlers of pages that touch people or objects take it
/// first; that is all the checking they do.
pub(crate) struct Room {
    pub(crate) shell: Shell,
    pub(crate) who: Who,
    pub(crate) session: Session,
    /// Id of the purpose.
    pub(crate) purpose: String,
    /// Id of the use.
    pub(crate) used: String,
    /// How paths of this room begin, e.g. `/delivery.training`.
    pub(crate) base: String,
    names: Vec<(String, String)>,
}

/// A form as it was sent. What it says is given only against the sign-in that it must come from.
pub(crate) struct Posted(Form);

impl Posted {
    /// What the form says, where it comes from a page of this sign-in.
    pub(crate) fn by(self, who: &Who) -> Result<Form, Failure> {
        if self.0.get("csrf") == who.signed.csrf { Ok(self.0) } else { Err(Failure::Forged) }
    }
}

/// A form with a file in it, not read yet: what it says is read only for the sign-in that it must come
/// from.
pub(crate) struct PostedFile(Request);

impl PostedFile {
    /// What the form says, where it comes from a page of this sign-in. `grow` is asked for room before
    /// more of the file is kept.
    pub(crate) async fn by(
        self,
        who: &Who,
        bounds: Bounds,
        grow: impl FnMut(usize) -> Result<(), Failure>,
    ) -> Result<Sent, Failure> {
        sent_file::read(self.0, &who.signed.csrf, bounds, grow).await
    }
}

impl Room {
    /// The purpose as the notice declares it.
    pub(crate) fn declared(&self) -> Result<&Purpose, Failure> {
        let notice = self.who.policy.policy().notice();
        notice.purposes.get(&self.purpose).ok_or(Failure::NotFound)
    }

    /// Whether whoever works here may write; the engine decides anew with each write.
    pub(crate) fn writes(&self) -> bool {
        self.session.level() >= Level::Write
    }

    /// The path of a page in this room.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.base)
    }

    /// What stands at a place of the path.
    pub(crate) fn text(&self, place: &str) -> Result<&str, Failure> {
        let found = self.names.iter().find(|(name, _)| name == place);
        found.map(|(_, text)| text.as_str()).ok_or(Failure::NotFound)
    }

    /// The id that stands at a place of the path. What is no id names nothing.
    pub(crate) fn id(&self, place: &str) -> Result<Uuid, Failure> {
        self.text(place)?.parse().map_err(|_| Failure::NotFound)
    }
}

impl FromRequestParts<Shell> for Who {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, shell: &Shell) -> Result<Who, Failure> {
        let signed = match SIGN_IN.read(&shell.site, &parts.headers) {
            Some(token) => shell.engine.signed_in(&token).await?,
            None => None,
        };
        let Some(signed) = signed else {
            let next = (parts.method == Method::GET).then(|| parts.uri.path());
            return Err(Failure::First(Box::new(sign_in::first(&shell.site, next))));
        };
        if signed.must_set_password && !parts.uri.path().starts_with("/house/you") {
            return Err(Failure::First(Box::new(see(PASSWORD))));
        }
        let rooms = shell.engine.rooms(&signed.actor);
        let done = confirmed_before(shell, &parts.headers);
        Ok(Who { signed, rooms, policy: shell.engine.policy(), done })
    }
}

impl FromRequestParts<Shell> for Room {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, shell: &Shell) -> Result<Room, Failure> {
        let who = Who::from_request_parts(parts, shell).await?;
        let raw = RawPathParams::from_request_parts(parts, shell).await;
        let raw = raw.map_err(|_| Failure::NotFound)?;
        let names: Vec<(String, String)> =
            raw.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let place = names.iter().find(|(name, _)| name == "purpose");
        let place = place.map(|(_, text)| text.as_str()).unwrap_or_default();
        let (purpose, used) = match place.split_once(USE_MARK) {
            Some((purpose, used)) => (purpose.to_owned(), Some(used)),
            None => (place.to_owned(), None),
        };
        let work = Work::on(&purpose, Cause::Request).used_for(used);
        let session = shell.engine.session(&who.signed.actor, &work).await?;
        // The session came through the door, so the notice has the purpose, and at least one use of it.
        let usual = who.policy.policy().notice().purposes.get(&purpose);
        let usual = usual.and_then(|purpose| purpose.uses.keys().next().cloned());
        let base = format!("/{place}");
        let used = used.map_or_else(|| usual.unwrap_or_default(), str::to_owned);
        Ok(Room { shell: shell.clone(), who, session, purpose, used, base, names })
    }
}

impl FromRequest<Shell> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Shell) -> Result<Posted, Failure> {
        comes_from_here(request.headers())?;
        Ok(Posted(Form::read(request, MAX_FORM).await?))
    }
}

impl FromRequest<Shell> for PostedFile {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Shell) -> Result<PostedFile, Failure> {
        comes_from_here(request.headers())?;
        Ok(PostedFile(request))
    }
}

/// The path of a room, by the ids of its purpose and use.
pub(crate) fn base(purpose: &str, used: &str) -> String {
    format!("/{purpose}{USE_MARK}{used}")
}

/// Refuses a form that another site's page sent. Browsers say where it comes from, and no page can make
/// them say something else (Fetch standard; `Sec-Fetch-Site`, else `Origin`).
pub(crate) fn comes_from_here(headers: &HeaderMap) -> Result<(), Failure> {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = said("sec-fetch-site") {
        return if matches!(site, "same-origin" | "none") { Ok(()) } else { Err(Failure::Forged) };
    }
    let Some(origin) = said(ORIGIN.as_str()) else { return Ok(()) };
    let host = origin.split_once("://").map(|(_, host)| host);
    if host.is_some() && host == said(HOST.as_str()) { Ok(()) } else { Err(Failure::Forged) }
}
