//! Whom to tell of a version (GDPR Art. 13(3)): the contacts by name, and as a table for whoever writes
//! to them. For those who answer contacts' requests.

use std::io;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use csv::{QuoteStyle, WriterBuilder};
use futures::{StreamExt as _, stream};
use gantry_engine::draft::ContactView;
use gantry_engine::import::guarded;
use gantry_engine::{Cause, EngineError, Identified, Session, Work};
use gantry_notice::Diff;
use gantry_notice::diff::Tell;
use gantry_notice::model::{FieldKind, Notice};
use maud::{Markup, html};
use serde::Deserialize;

use crate::app::Shell;
use crate::console::contacts::name;
use crate::console::door::Who;
use crate::console::frame::in_house;
use crate::console::query::Query;
use crate::page::download::{CSV, download};
use crate::page::field::{country_shown, text};
use crate::page::parts::pager;
use crate::page::{Failure, Page};

const LIST: &str = "/house/notice/told";
const TABLE: &str = "/house/notice/told.csv";
/// Contacts on a page, and in a piece of the table.
const ON_A_PAGE: usize = 100;

/// Of which versions, by their places in the list: without them, of the one that waits.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    from: Option<usize>,
    to: Option<usize>,
    cursor: Option<String>,
}

impl Asked {
    /// The address of what is asked, from a place on.
    fn address(&self, path: &str, cursor: Option<&str>) -> String {
        let versions = self.from.zip(self.to).map(|(from, to)| format!("from={from}&to={to}"));
        let cursor = cursor.map(|cursor| format!("cursor={cursor}"));
        let asked: Vec<String> = versions.into_iter().chain(cursor).collect();
        if asked.is_empty() { path.to_owned() } else { format!("{path}?{}", asked.join("&")) }
    }

    async fn diff(&self, shell: &Shell, who: &Who) -> Result<Diff, Failure> {
        if let (Some(from), Some(to)) = (self.from, self.to) {
            let versions = shell.engine.notices().await?;
            let version = |at: usize| versions.get(at).ok_or(Failure::NotFound);
            return Ok(Diff::of(version(from)?, version(to)?));
        }
        let proposal = shell.engine.proposal().await?.ok_or(Failure::NotFound)?;
        Ok(Diff::of(who.policy.policy().notice(), &*proposal.notice()?))
    }
}

/// Ways to the list, for a page that compares versions: two that were, or else the one that waits.
pub(super) fn ways(versions: Option<(usize, usize)>) -> Markup {
    let (from, to) = (versions.map(|one| one.0), versions.map(|one| one.1));
    let asked = Asked { from, to, cursor: None };
    html! {
        p .actions {
            a .button href=(asked.address(LIST, None)) { "Whom to tell" }
            a .button href=(asked.address(TABLE, None)) download="to-tell.csv" { "Download as a table" }
        }
    }
}

/// The list.
pub(crate) async fn told(
    who: Who,
    State(shell): State<Shell>,
    Query(asked): Query<Asked>,
) -> Result<Page, Failure> {
    let diff = asked.diff(&shell, &who).await?;
    let session = session(&shell, &who).await?;
    let people = session.identified()?;
    let (contacts, next) = match diff.must_tell() {
        Some(tell) => some(people, tell, asked.cursor.as_deref()).await?,
        None => (Vec::new(), None),
    };
    let notice = who.policy.policy().notice();
    let first = asked.address(LIST, None);
    let next = next.map(|cursor| asked.address(LIST, Some(&cursor)));
    let content = html! {
        div .head {
            h1 { "Whom to tell of version " (diff.to) }
            div .actions {
                a .button href=(asked.address(TABLE, None)) download="to-tell.csv" { "Download as a table" }
            }
        }
        @if contacts.is_empty() { p .note { "Nobody must be told." } } @else { (table(notice, &contacts)) }
        (pager(asked.cursor.as_ref().map(|_| first.as_str()), next.as_deref()))
    };
    Ok(in_house(&who, "Whom to tell", &content))
}

/// The list as a table, made piece by piece while it is sent.
pub(crate) async fn told_csv(
    who: Who,
    State(shell): State<Shell>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let diff = asked.diff(&shell, &who).await?;
    let people = session(&shell, &who).await?.into_identified()?;
    let place = diff.must_tell().cloned().map(|tell| Place { tell, cursor: None });
    let head = stream::iter([lines(std::iter::once(HEAD.map(str::to_owned)))]);
    let policy = who.policy.clone();
    let pieces = stream::try_unfold((people, policy, place), |(people, policy, place)| async {
        let Some(Place { tell, cursor }) = place else { return Ok(None) };
        // Whoever reads sees that the table was cut off: the answer does not come to its end.
        let found = some(&people, &tell, cursor.as_deref()).await.map_err(io::Error::other)?;
        let (contacts, next) = found;
        let notice = policy.policy().notice();
        let piece = lines(contacts.iter().map(|contact| {
            let Row { name, email, language } = Row::of(notice, contact);
            let country = contact.country.clone().unwrap_or_default();
            [contact.id.to_string(), name, email, language, country]
        }))?;
        let place = next.map(|next| Place { tell, cursor: Some(next) });
        Ok(Some((piece, (people, policy, place))))
    });
    Ok(download(CSV, "to-tell.csv", Body::from_stream(head.chain(pieces))))
}

const HEAD: [&str; 5] = ["id", "name", "email", "language", "country"];

/// Where the table goes on.
struct Place {
    tell: Tell,
    cursor: Option<String>,
}

/// Lines of the table, in which no spreadsheet takes anything for a formula.
fn lines(rows: impl Iterator<Item = [String; 5]>) -> io::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new().quote_style(QuoteStyle::Always).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// A session of the purpose that answers contacts' requests; refused where whoever asks has it not.
pub(super) async fn session(shell: &Shell, who: &Who) -> Result<Session, Failure> {
    let purpose = &who.policy.policy().notice().system.requests;
    Ok(shell.engine.session(&who.signed.actor, &Work::on(purpose, Cause::Request)).await?)
}

/// Some of those to be told, and where to go on.
async fn some(
    people: &Identified,
    tell: &Tell,
    cursor: Option<&str>,
) -> Result<(Vec<ContactView>, Option<String>), EngineError> {
    let page = people.contacts_to_tell(tell, cursor, ON_A_PAGE).await?;
    Ok((people.contacts_at(&page.items).await?, page.next))
}

/// How a contact is addressed.
struct Row {
    name: String,
    email: String,
    language: String,
}

impl Row {
    fn of(notice: &Notice, contact: &ContactView) -> Row {
        let first = |wanted: fn(&FieldKind) -> bool| {
            let mut fields = contact.data.iter().flat_map(|(category, fields)| {
                let declared = notice.categories.get(category);
                fields.iter().filter_map(move |(name, value)| {
                    declared?.fields.get(name).filter(|field| wanted(&field.kind)).map(|_| value)
                })
            });
            fields.next().map(text).unwrap_or_default()
        };
        Row {
            name: name(notice, contact),
            email: first(|kind| matches!(kind, FieldKind::Email)),
            language: first(|kind| matches!(kind, FieldKind::Language)),
        }
    }
}

fn table(notice: &Notice, contacts: &[ContactView]) -> Markup {
    let requests = &notice.system.requests;
    html! {
        div .scroll tabindex="0" role="region" aria-label="Contacts" {
            table {
                thead { tr { @for title in ["Name", "E-mail", "Language", "Country"] { th scope="col" { (title) } } } }
                tbody {
                    @for contact in contacts {
                        @let row = Row::of(notice, contact);
                        tr {
                            td { a href={ "/" (requests) "/contacts/" (contact.id) } { (row.name) } }
                            td { (row.email) }
                            td { (row.language) }
                            td { (country_shown(contact.country.as_deref())) }
                        }
                    }
                }
            }
        }
    }
}
