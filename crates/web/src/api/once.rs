//! Making something, and only once where the request carries an `Idempotency-Key`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use gantry_engine::draft::{ContactDraft, ObjectDraft, RecordDraft};
use gantry_engine::session::Made;
use gantry_engine::{EngineError, Identified, StoreError};
use gantry_notice::{CategoryId, KindId};
use uuid::Uuid;

use crate::api::room::Room;
use crate::api::thing::{Thing, Whereabouts};
use crate::app::Shell;
use crate::problem::{Kind, Problem};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// What identifies a request that makes something.
pub(crate) struct Once {
    key: Option<String>,
    /// Method, path and query.
    line: String,
}

impl FromRequestParts<Shell> for Once {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shell) -> Result<Once, Problem> {
        let line = format!("{} {}\n", parts.method, parts.uri);
        let mut given = parts.headers.get_all(HEADER).iter();
        let (header, more) = (given.next(), given.next());
        let unreadable = || Problem::new(Kind::Malformed, "`Idempotency-Key` takes one key");
        let key = match (header, more) {
            (None, _) => None,
            (Some(header), None) => Some(header.to_str().map_err(|_| unreadable())?.to_owned()),
            (Some(_), Some(_)) => return Err(unreadable()),
        };
        Ok(Once { key, line })
    }
}

/// What is to be made.
pub(crate) enum Draft {
    Contact(ContactDraft),
    /// Of a contact.
    Record(Uuid, RecordDraft),
    /// Of a kind.
    Object(String, ObjectDraft),
}

impl Draft {
    async fn write(&self, session: &Identified) -> Result<Thing, EngineError> {
        Ok(match self {
            Draft::Contact(draft) => Thing::Contact(session.add_contact(draft).await?),
            Draft::Record(contact, draft) => {
                Thing::Record(*contact, session.add_record(*contact, draft).await?)
            }
            Draft::Object(kind, draft) => Thing::Object(session.add_object(kind, draft).await?),
        })
    }
}

/// Makes a thing: 201 the first time, 200 when the same request comes again. `body` is all of what
/// was sent.
pub(crate) async fn make(
    room: Room,
    once: Once,
    body: &[u8],
    draft: Draft,
) -> Result<Response, Problem> {
    let here = Whereabouts::of(&room);
    let shell = room.shell;
    let mut session = room.session.into_identified()?;
    if let Some(key) = &once.key {
        let request = [once.line.as_bytes(), body].concat();
        if let Some(made) = session.once(key, &request).await? {
            return again(&shell, &session, made, &here).await;
        }
    }
    match draft.write(&session).await {
        Ok(thing) => Ok(thing.made(StatusCode::CREATED, &here)),
        Err(error) if lost(&error) => match session.happened().await? {
            Some(made) => again(&shell, &session, made, &here).await,
            None => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// The thing that the same request made before, as the purpose sees it now.
async fn again(
    shell: &Shell,
    session: &Identified,
    made: Made,
    here: &Whereabouts,
) -> Result<Response, Problem> {
    let policy = shell.engine.policy();
    let lexicon = policy.policy().lexicon();
    let thing = match made {
        Made::Contact(id) => Thing::Contact(session.contact(id).await?),
        Made::Record(contact, category, id) => {
            let category = lexicon.category_name(CategoryId(category));
            Thing::Record(contact, session.record(contact, category, id).await?)
        }
        Made::Object(kind, id) => {
            Thing::Object(session.object(lexicon.kind_name(KindId(kind)), id).await?)
        }
    };
    Ok(thing.made(StatusCode::OK, here))
}

/// Whether a write lost against another, which may have been the same request.
fn lost(error: &EngineError) -> bool {
    matches!(error, EngineError::Conflict { .. } | EngineError::Store(StoreError::Conflict { .. }))
}
