//! Levels: what an account may do with the purposes that its roles give it.

use std::collections::BTreeSet;
use std::path::Path;

use gantry_engine::actor::{Actor, Level};
use gantry_engine::audit::show::Filter;
use gantry_engine::draft::{ObjectDraft, ProfileChange, RecordChange};
use gantry_engine::session::{Derived, Find, Identified, ObjectQuery, Scope, Statement, Which};
use gantry_engine::{Cause, Engine, EngineError, Work};
use gantry_notice::{Operation, Reason};
use indexmap::IndexMap;
use uuid::Uuid;

use crate::support::{House, anna, contact, event, refused, texts};

const CALLS: &str = "communications";

/// All that a session does and that is no reading, by the names of its functions.
const WRITES: [&str; 16] = [
    "add_contact",
    "add_object",
    "add_record",
    "assign_where",
    "change_contact",
    "change_object",
    "change_profile",
    "change_record",
    "change_record_by",
    "change_where",
    "derive",
    "erase",
    "import",
    "remove_record",
    "say",
    "sweep",
];

/// All that only looks.
const READS: [&str; 28] = [
    "access",
    "collected",
    "contact",
    "contacts",
    "contacts_at",
    "contacts_to_tell",
    "count_to_tell",
    "export",
    "find",
    "happened",
    "object",
    "objects",
    "objects_at",
    "objects_latest",
    "objects_open",
    "once",
    "parts",
    "record",
    "records",
    "removed",
    "survey",
    "survey_of",
    "trail",
    "trail_latest",
    "trail_newest",
    "trail_page",
    "trail_verified",
    "why",
];

/// What takes files through `import`, which is refused to whoever only looks.
const BY_IMPORT: [&str; 2] = ["import_files", "look_at_files"];

fn with(roles: &[&str]) -> Actor {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    Actor { name: "ben".into(), roles, purposes: None }
}

async fn session(house: &House, actor: &Actor, purpose: &str) -> Identified {
    let work = Work::on(purpose, Cause::Test);
    house.engine.session(actor, &work).await.unwrap().into_identified().unwrap()
}

/// What the writes are about.
struct Things {
    one: Uuid,
    other: Uuid,
    call: Uuid,
    order: Uuid,
}

async fn things(house: &House) -> Things {
    let (one, other) = (house.contact("FI").await, house.contact("FI").await);
    let call = event(CALLS, "2026-10-30", &[("channel", "phone"), ("subject", "cranes")]);
    let call = house.people("crm").await.add_record(one, &call).await.unwrap();
    let order = house.object("sales", "order", &[("number", "SO-1")]).await;
    Things { one, other, call: call.id.parse().unwrap(), order }
}

/// Does one of [`WRITES`] as an actor; whoever may write can do all of them in their order.
async fn write(
    house: &House,
    actor: &Actor,
    name: &str,
    things: &Things,
) -> Result<(), EngineError> {
    let Things { one, other, call, order } = *things;
    let crm = session(house, actor, "crm").await;
    let claims = session(house, actor, "claims").await;
    let title = texts(&[("job_title", "Engineer")]);
    let set = |value| RecordChange { fields: texts(&[("channel", value)]), ..Default::default() };
    let subject = texts(&[("subject", "hoists")]);
    let own = Which::Record(one, call);
    match name {
        "add_contact" => crm.add_contact(&contact("FI")).await.map(drop),
        "add_object" => {
            let fields = texts(&[("name", "Quay Works Ltd"), ("country", "FI")]);
            let draft = ObjectDraft { fields, ..Default::default() };
            crm.add_object("company", &draft).await.map(drop)
        }
        "add_record" => {
            let call = event(CALLS, "2026-10-31", &[("channel", "phone"), ("subject", "x")]);
            crm.add_record(one, &call).await.map(drop)
        }
        "assign_where" => crm.assign_where(CALLS, &own, other).await.map(drop),
        "change_contact" => crm.change_contact(one, "employment", &title, None).await.map(drop),
        "change_object" => {
            let draft = ObjectDraft { state: Some("delivered".into()), ..Default::default() };
            let sales = session(house, actor, "sales").await;
            sales.change_object("order", order, &draft, None).await.map(drop)
        }
        "change_profile" => {
            let data = IndexMap::from([("employment".to_owned(), title)]);
            let change = ProfileChange { data, company: None };
            crm.change_profile(one, &change, None).await.map(drop)
        }
        "change_record" => crm.change_record(one, CALLS, call, &subject, None).await.map(drop),
        "change_record_by" => crm.change_record_by(one, CALLS, call, &set("email")).await.map(drop),
        "change_where" => crm.change_where(CALLS, &own, &set("phone")).await.map(drop),
        "derive" => {
            let fields = texts(&[("topic", "ports"), ("score", "1000")]);
            let derived = [Derived { name: "ports".into(), at: house.clock.now(), fields }];
            let marketing = session(house, actor, "marketing").await;
            marketing.derive(one, "interests", &derived).await.map(drop)
        }
        "erase" => claims.erase(other).await.map(drop),
        "import" => crm.import("erp", true).await.map(drop),
        "remove_record" => crm.remove_record(one, CALLS, call, None).await,
        "say" => {
            let scope = Scope::Purpose("marketing".into());
            claims.say(one, Statement::Objects, &scope).await.map(drop)
        }
        "sweep" => session(house, actor, "archive").await.sweep(10).await.map(drop),
        other => panic!("nobody knows how to do `{other}`"),
    }
}

#[tokio::test]
async fn whoever_may_only_read_can_do_nothing_else_and_each_try_is_noted() {
    let house = House::new().await;
    let things = things(&house).await;
    let reader = with(&["*:read"]);
    let filter = Filter { denied: Some(true), actor: Some("ben".into()), ..Filter::default() };
    for name in WRITES {
        let integrity = house.people("integrity").await;
        let before = integrity.trail_newest(&filter, 1_000).await.unwrap().len();
        let done = write(&house, &reader, name, &things).await;
        match done {
            Err(EngineError::Refused(refusal)) => {
                assert_eq!(refusal.reason, Reason::OperationNotAllowed, "{name}");
                assert_eq!(refusal.level, Some(Level::Read), "{name}");
                let said = refusal.to_string();
                assert!(said.contains("may only read"), "{said}");
            }
            other => panic!("{name}: {other:?}"),
        }
        let noted = integrity.trail_newest(&filter, 1_000).await.unwrap();
        assert_eq!(noted.len(), before + 1, "{name}");
        assert_ne!(&*noted[0].operation, "read", "{name}");
    }
    let crm = house.people("crm").await;
    let (calls, _) = crm.records(things.one, Some(CALLS), None, 9).await.unwrap();
    assert_eq!((calls.items.len(), calls.items[0].version), (1, 1));
    assert_eq!(crm.find(&Find::All, None, 9).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn whoever_may_write_can_do_all_of_it() {
    for level in ["*:write", "*:approve"] {
        let house = House::new().await;
        let (actor, things) = (with(&[level]), things(&house).await);
        let last = ["assign_where", "remove_record", "erase"];
        for name in WRITES.iter().filter(|name| !last.contains(name)) {
            let done = write(&house, &actor, name, &things).await;
            assert!(done.is_ok(), "{name}: {done:?}");
        }
        // What was given away, removed or erased is there for nothing else.
        for name in last {
            let things = self::things(&house).await;
            let done = write(&house, &actor, name, &things).await;
            assert!(done.is_ok(), "{name}: {done:?}");
        }
    }
}

#[tokio::test]
async fn whoever_may_only_read_reads_as_before() {
    let house = House::new().await;
    let Things { one, call, order, .. } = things(&house).await;
    let reader = with(&["*:read"]);
    let crm = session(&house, &reader, "crm").await;
    assert_eq!(crm.level(), Level::Read);
    crm.contact(one).await.unwrap();
    crm.record(one, CALLS, call).await.unwrap();
    assert_eq!(crm.records(one, Some(CALLS), None, 9).await.unwrap().0.items.len(), 1);
    assert_eq!(crm.find(&Find::Words("virtanen".into()), None, 9).await.unwrap().items.len(), 2);
    crm.export(one).await.unwrap();
    assert!(crm.why(one, "identity", Operation::Read).await.unwrap().allowed);
    let why = crm.why(one, "identity", Operation::Change).await;
    assert_eq!(refused(why), Reason::OperationNotAllowed);
    let sales = session(&house, &reader, "sales").await;
    sales.object("order", order).await.unwrap();
    assert_eq!(
        sales.objects("order", &ObjectQuery::default(), None, 9).await.unwrap().items.len(),
        1
    );
    session(&house, &reader, "claims").await.access(one).await.unwrap();
    let work = Work::on("reporting", Cause::Test);
    assert_eq!(house.engine.session(&reader, &work).await.unwrap().level(), Level::Read);
}

#[tokio::test]
async fn the_level_is_the_highest_of_the_roles_that_the_purpose_lists() {
    let house = House::new().await;
    let level = |roles: &[&str], purpose: &str| {
        let rooms = house.engine.rooms(&with(roles));
        let found = rooms.into_iter().find(|room| room.purpose == purpose);
        found.unwrap().level
    };
    assert_eq!(level(&["seller"], "crm"), Some(Level::Write));
    assert_eq!(level(&["seller:read"], "crm"), Some(Level::Read));
    assert_eq!(level(&["seller:read", "account-manager"], "crm"), Some(Level::Write));
    assert_eq!(level(&["seller:approve", "*:read"], "crm"), Some(Level::Approve));
    assert_eq!(level(&["seller:approve", "*:read"], "invoicing"), Some(Level::Read));
    assert_eq!(level(&["seller:approve"], "invoicing"), None);
    assert_eq!(level(&["*"], "invoicing"), Some(Level::Approve));
    assert_eq!(level(&["seller:nonsense"], "crm"), None, "deny on doubt");
    let token = Actor { purposes: Some(vec!["crm".into()]), ..with(&["*:read"]) };
    let granted = house.engine.rooms(&token).into_iter().filter(|room| room.level.is_some());
    assert_eq!(
        granted.map(|room| (room.purpose, room.level)).collect::<Vec<_>>(),
        [("crm".to_owned(), Some(Level::Read))]
    );
}

#[tokio::test]
async fn the_rooms_are_the_purposes_in_the_notices_order() {
    let house = House::new().await;
    let policy = house.engine.policy();
    let declared: Vec<&String> = policy.policy().notice().purposes.keys().collect();
    let rooms = house.engine.rooms(&anna());
    assert_eq!(rooms.iter().map(|room| &room.purpose).collect::<Vec<_>>(), declared);
    for room in &rooms {
        let work = Work::on(&room.purpose, Cause::Test);
        let session = house.engine.session(&anna(), &work).await.unwrap();
        assert_eq!(Some(session.level()), room.level, "{}", room.purpose);
    }
}

#[tokio::test]
async fn a_token_has_the_level_of_its_account() {
    let house = House::new().await;
    let engine: &Engine = &house.engine;
    let roles = ["seller:read".to_owned()];
    engine.add_account(&anna(), "ben", &roles, Cause::Test).await.unwrap();
    let token = engine
        .grant_token(&anna(), "ben", &["crm".to_owned()], (9, ""), Cause::Test)
        .await
        .unwrap();
    let actor = engine.actor_of_token(&token).await.unwrap().unwrap();
    let crm = session(&house, &actor, "crm").await;
    assert_eq!(refused(crm.add_contact(&contact("FI")).await), Reason::OperationNotAllowed);
    engine.put_account(&anna(), "ben", &["seller".to_owned()], Cause::Test).await.unwrap();
    let actor = engine.actor_of_token(&token).await.unwrap().unwrap();
    session(&house, &actor, "crm").await.add_contact(&contact("FI")).await.unwrap();
}

#[tokio::test]
async fn a_level_that_is_none_is_no_role() {
    let house = House::new().await;
    for role in ["seller:nonsense", "seller:", "emperor:read", "*:", ":read"] {
        let added = house.engine.add_account(&anna(), "ben", &[role.to_owned()], Cause::Test).await;
        assert!(matches!(added, Err(EngineError::Invalid(_))), "{role}");
    }
    let roles = ["seller:write", "*:read"].map(str::to_owned);
    let account = house.engine.add_account(&anna(), "ben", &roles, Cause::Test).await.unwrap();
    assert_eq!(account.roles, ["seller", "*:read"]);
}

/// A function that is added to a session is one that reads, or one whose level is tested above.
#[test]
fn every_function_of_a_session_is_known_to_read_or_to_write() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<_> = std::fs::read_dir(source.join("session")).unwrap().collect();
    files.extend(std::fs::read_dir(source.join("import")).unwrap());
    let mut found = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for part in text.split("\nimpl Identified {").skip(1) {
            let part = part.split("\n}").next().unwrap();
            let functions = part.split("    pub async fn ").skip(1);
            found.extend(functions.map(|rest| rest.split(['(', '<']).next().unwrap().to_owned()));
        }
    }
    let known: BTreeSet<String> =
        WRITES.iter().chain(&READS).chain(&BY_IMPORT).map(|name| (*name).to_owned()).collect();
    assert_eq!(found, known);
}
