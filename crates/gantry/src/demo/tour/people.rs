//! The tour among people: four views of one, a field too many, an objection, a missing consent.

use gantry_engine::draft::{ContactView, FieldTexts};
use gantry_engine::session::{Cell, Report, Scope, Statement, Subject};
use gantry_engine::{EngineError, Find, Session};
use gantry_notice::Reason;
use uuid::Uuid;

use super::super::stage::{Stage, email};
use super::Step;
use crate::failure::Failure;

/// Promise 1.
pub(super) async fn four_views(stage: &Stage) -> Result<Step, Failure> {
    let mut step = Step::new("One contact, seen for crm, manufacturing, reporting and research");
    let key = &stage.dealings.cast.seen_by_four;
    let (id, address) = (stage.id_of(key).await?, email(stage.contact(key)?).to_owned());
    let crm = stage.identified("crm").await?.contact(id).await?;
    step.check(
        "crm sees the profile with the e-mail address",
        sees(&crm),
        field(&crm, "contact-details", "email") && crm.data.contains_key("employment"),
    );
    let planner = stage.identified("manufacturing").await?.contact(id).await?;
    let only = ["identity", "contact-details"];
    step.check(
        "manufacturing sees a name and a number to call, and nothing else",
        sees(&planner),
        planner.data.keys().all(|category| only.contains(&category.as_str()))
            && field(&planner, "contact-details", "phone")
            && !field(&planner, "contact-details", "email"),
    );
    reporting(stage, &mut step).await?;
    research(stage, &mut step, id, &address).await?;
    Ok(step)
}

async fn reporting(stage: &Stage, step: &mut Step) -> Result<(), Failure> {
    let session = stage.session("reporting").await?;
    let refused = reason_of(session.identified().map(drop));
    step.check(
        "reporting is refused a person",
        words(refused),
        refused == Some(Reason::OnlyInAggregate),
    );
    let Session::Aggregate(session) = session else {
        step.check("reporting counts", "another mode", false);
        return Ok(());
    };
    let report = Report {
        subject: Subject::Records("orders".to_owned()),
        by: vec!["country".to_owned()],
        sum: None,
    };
    let table = session.report(&report).await?;
    let cells = || table.lines.iter().flat_map(|(_, cells)| cells);
    let (mut shown, mut hidden, mut small) = (0, 0, 0);
    for cell in cells() {
        match cell {
            Cell::Suppressed { .. } => hidden += 1,
            Cell::Shown(amount) => {
                shown += 1;
                let contacts = amount.contacts.unwrap_or_default();
                small += usize::from(contacts > 0 && contacts < u64::from(table.smallest_cell));
            }
        }
    }
    step.check(
        format!("reporting counts by country, no cell below {} contacts", table.smallest_cell),
        format!("{shown} cells shown, {hidden} suppressed, {small} too small"),
        shown > 0 && small == 0,
    );
    Ok(())
}

async fn research(stage: &Stage, step: &mut Step, id: Uuid, address: &str) -> Result<(), Failure> {
    let session = stage.session("research").await?;
    let refused = reason_of(session.identified().map(drop));
    step.check("research is refused a contact by its id", words(refused), refused.is_some());
    let Session::Pseudonymous(session) = session else {
        step.check("research sees aliases", "another mode", false);
        return Ok(());
    };
    let (mut rows, mut named, mut after) = (0, 0, None);
    let mut example = String::new();
    loop {
        let page = session.records("behaviour", after.as_deref(), 500).await?;
        for row in &page.items {
            let text = serde_json::to_string(row).unwrap_or_default();
            named += usize::from(text.contains(&id.to_string()) || text.contains(address));
            rows += 1;
            if example.is_empty() {
                example = format!("{} in {}", row.contact, row.record.at);
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    step.check(
        "research sees use of digital services under aliases and by months",
        format!("{rows} rows, such as {example}; {named} with an id or an address"),
        rows > 0 && named == 0,
    );
    Ok(())
}

/// Promise 2.
pub(super) async fn unlisted_field(stage: &Stage) -> Result<Step, Failure> {
    let mut step = Step::new("What the notice does not list cannot be stored");
    let id = stage.id_of(&stage.dealings.cast.seen_by_four).await?;
    let session = stage.identified("crm").await?;
    let texts = FieldTexts::from([("birthday".to_owned(), "1980-01-01".to_owned())]);
    let tried = session.change_contact(id, "identity", &texts, None).await;
    let refused = reason_of(tried.map(drop));
    step.check(
        "a birthday is refused: not in the notice",
        words(refused),
        refused == Some(Reason::NotInNotice),
    );
    let texts = FieldTexts::from([("job_title".to_owned(), "Foreman".to_owned())]);
    let planner = stage.identified("manufacturing").await?;
    let refused = reason_of(planner.change_contact(id, "employment", &texts, None).await.map(drop));
    step.check(
        "a listed field is refused to a purpose that does not work with it",
        words(refused),
        refused.is_some(),
    );
    Ok(step)
}

/// Promise 3.
pub(super) async fn objection(stage: &Stage) -> Result<Step, Failure> {
    let mut step = Step::new("An objection to marketing takes effect at once");
    let key = &stage.dealings.cast.marketed;
    let (id, address) = (stage.id_of(key).await?, email(stage.contact(key)?).to_owned());
    // The session is open before the objection, and stays open.
    let marketing = stage.identified("marketing").await?;
    let before = marketing.contact(id).await?;
    step.check("marketing sees the contact", sees(&before), !before.data.is_empty());
    let scope = Scope::Purpose("marketing".to_owned());
    stage.requests().await?.say(id, Statement::Objects, &scope).await?;
    let refused = reason_of(marketing.contact(id).await.map(drop));
    step.check(
        "after the objection the same session is refused",
        words(refused),
        refused == Some(Reason::Objected),
    );
    let found = marketing.find(&Find::Email(address), None, 10).await?.items.len();
    step.check("and finds nobody by that address", format!("{found} found"), found == 0);
    let sales = stage.identified("sales/communications").await?;
    let refused = reason_of(sales.contact(id).await.map(drop));
    step.check(
        "nor may sales write: every direct marketing has stopped",
        words(refused),
        refused == Some(Reason::Objected),
    );
    let crm = stage.identified("crm").await?.contact(id).await?;
    step.check("crm still sees the contact", sees(&crm), !crm.data.is_empty());
    Ok(step)
}

/// Promise 4.
pub(super) async fn china(stage: &Stage) -> Result<Step, Failure> {
    let mut step = Step::new("A contact in China without consent is invisible to marketing");
    let cast = &stage.dealings.cast;
    let key = &cast.china_without_consent;
    let (id, address) = (stage.id_of(key).await?, email(stage.contact(key)?).to_owned());
    let marketing = stage.identified("marketing").await?;
    let refused = reason_of(marketing.contact(id).await.map(drop));
    step.check("marketing is refused", words(refused), refused == Some(Reason::NoConsent));
    let found = marketing.find(&Find::Email(address), None, 10).await?.items.len();
    step.check("and finds nobody by that address", format!("{found} found"), found == 0);
    let crm = stage.identified("crm").await?.contact(id).await?;
    step.check(
        "crm, to which there is consent, sees the contact",
        sees(&crm),
        !crm.data.is_empty(),
    );
    let with = stage.id_of(&cast.china_with_consent).await?;
    let seen = marketing.contact(with).await?;
    step.check("marketing sees another one, who consented", sees(&seen), !seen.data.is_empty());
    Ok(step)
}

/// The categories of a view with their fields; never a value.
fn sees(view: &ContactView) -> String {
    let category = |(name, fields): (&String, &indexmap::IndexMap<String, serde_json::Value>)| {
        let fields: Vec<&str> = fields.keys().map(String::as_str).collect();
        format!("{name} ({})", fields.join(", "))
    };
    let all: Vec<String> = view.data.iter().map(category).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

fn field(view: &ContactView, category: &str, field: &str) -> bool {
    view.data.get(category).is_some_and(|fields| fields.contains_key(field))
}

/// Why something was refused; none where it was not, or for another cause.
pub(super) fn reason_of(tried: Result<(), EngineError>) -> Option<Reason> {
    tried.err().and_then(|error| error.reason())
}

pub(super) fn words(refused: Option<Reason>) -> String {
    refused.map_or_else(
        || "not refused".to_owned(),
        |reason| format!("{}: {}", reason.id(), reason.words()),
    )
}
