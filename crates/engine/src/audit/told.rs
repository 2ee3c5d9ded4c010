//! Entries of the trail for people and programs: names in place of numbers.

use gantry_notice::{CategoryId, KindId, Lexicon, PurposeId, Reason, UseId};
use gantry_store::ONE_CHAIN;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::audit::entry::{About, Cause, Entry, NO_PURPOSE, NO_USE, Outcome, RecordPlace};
use crate::audit::show::Found;
use crate::session::identified::time_text;

/// An entry as JSON, as `gantry audit export` and the console give it: ids only, never a name or a
/// value of a contact.
pub fn entry_json(found: &Found, lexicon: &Lexicon) -> Json {
    let entry = &found.entry;
    let purpose = (entry.purpose != NO_PURPOSE).then(|| purpose(entry, lexicon));
    let used = (entry.use_id != NO_USE).then(|| lexicon.use_name(UseId(entry.use_id)).1);
    let uuid = |id: &[u8; 16]| Uuid::from_bytes(*id).to_string();
    let about = match &entry.about {
        About::Nobody => json!({}),
        About::One(id) => json!({ "contacts": [uuid(id)] }),
        About::Many(ids) => json!({ "contacts": ids.iter().map(uuid).collect::<Vec<_>>() }),
        About::Records(places) => {
            let record = |place: &RecordPlace| {
                let category = lexicon.category_name(CategoryId(place.category));
                json!({ "contact": uuid(&place.contact), "category": category, "id": uuid(&place.id) })
            };
            json!({ "records": places.iter().map(record).collect::<Vec<_>>() })
        }
        About::Object(kind, id) => {
            json!({ "object": { "kind": lexicon.kind_name(KindId(*kind)), "id": uuid(id) } })
        }
    };
    let place = &found.place;
    let mut json = json!({
        "link": place.sequence,
        "index": place.index,
        "at": time_text(entry.at),
        "actor": entry.actor,
        "purpose": purpose,
        "use": used,
        "notice": entry.notice,
        "cause": cause(entry.cause),
        "operation": entry.operation,
        "categories": categories(entry, lexicon),
        "about": about,
        "count": entry.count,
        "allowed": entry.outcome == Outcome::Allowed,
        "reason": reason(entry).map(Reason::id),
        "request": entry.request.as_ref().map(uuid),
    });
    // Where there are several, a link's number alone does not say which it is.
    if let (Some(fields), false) = (json.as_object_mut(), place.chain == ONE_CHAIN) {
        fields.insert("chain".to_owned(), json!(uuid(&place.chain)));
    }
    json
}

/// The purpose that an entry is of; empty where it is of none.
fn purpose<'a>(entry: &Entry, lexicon: &'a Lexicon) -> &'a str {
    lexicon.purpose_name(PurposeId(entry.purpose))
}

/// Purpose and use of an entry, as `purpose/use`; empty where it is of none.
pub fn work(entry: &Entry, lexicon: &Lexicon) -> String {
    match (entry.purpose, entry.use_id) {
        (NO_PURPOSE, _) => String::new(),
        (_, NO_USE) => purpose(entry, lexicon).to_owned(),
        (_, used) => {
            format!("{}/{}", purpose(entry, lexicon), lexicon.use_name(UseId(used)).1)
        }
    }
}

/// The data categories of an entry, by name.
pub fn categories<'a>(entry: &Entry, lexicon: &'a Lexicon) -> Vec<&'a str> {
    entry.categories.iter().map(|id| lexicon.category_name(CategoryId(*id))).collect()
}

/// Why it was refused; none where it was done.
pub fn reason(entry: &Entry) -> Option<Reason> {
    match entry.outcome {
        Outcome::Allowed => None,
        // A number of a later program is a denial all the same.
        Outcome::Denied(number) => {
            let known = Reason::ALL.into_iter().find(|reason| *reason as u8 == number);
            Some(known.unwrap_or(Reason::Unknown))
        }
    }
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Request => "request",
        Cause::Job => "job",
        Cause::Cli => "command",
        Cause::Test => "test",
        Cause::System => "system",
    }
}
