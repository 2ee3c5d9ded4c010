//! The paths and schemas of one purpose, as its mode has them.

use gantry_notice::model::{Belongs, Field, ObjectKind, Purpose, Use};
use gantry_notice::{DatedPolicy, Mode, Operation};
use serde_json::{Map, Value, json};

use super::operation::Described;
use super::schema::{fields_in, fields_out};
use super::{component, object};
use crate::api::routes;
use crate::path::path;
use crate::problem::Kind;
use crate::shape::{self, COMPANY, CategoryShape};

const JSON: &[&str] = &["application/json"];
const PATCH: &[&str] = &["application/json", "application/merge-patch+json"];

/// What one purpose adds to the description.
#[derive(Default)]
pub(super) struct PurposeParts {
    pub(super) paths: Map<String, Value>,
    pub(super) schemas: Map<String, Value>,
}

/// A purpose while it is being described.
struct Room<'a> {
    id: &'a str,
    title: &'a str,
    used: Value,
    mode: Mode,
    categories: Vec<CategoryShape<'a>>,
    parts: PurposeParts,
}

pub(super) fn describe(policy: &DatedPolicy, id: &str, purpose: &Purpose) -> PurposeParts {
    let names: Vec<&String> = purpose.uses.keys().collect();
    let used = json!({
        "name": "use",
        "in": "query",
        "description": "The use of the purpose; the first where it is missing.",
        "schema": { "type": "string", "enum": names, "default": names.first() },
    });
    let categories = shape::categories(policy, purpose, &shape::uses(policy, id));
    let (title, mode) = (&*purpose.title, purpose.mode);
    let mut room = Room { id, title, used, mode, categories, parts: PurposeParts::default() };
    room.itself();
    match mode {
        Mode::Identified => {
            room.contacts();
            let answers_requests = id == policy.policy().notice().system.requests;
            room.about_a_contact(answers_requests);
            room.records();
            room.insight(policy, purpose);
            room.audiences(purpose);
            if answers_requests {
                room.requests();
            }
            for (name, kind, writes) in shape::kinds(policy, id) {
                room.kind(name, kind, writes);
            }
        }
        Mode::Pseudonymous => {
            room.aliased();
            for (name, kind, _) in shape::kinds(policy, id) {
                room.aliased_kind(name, kind);
            }
        }
        Mode::Aggregate => room.report(policy),
    }
    room.parts
}

impl<'a> Room<'a> {
    fn itself(&mut self) {
        let show = self.operation("show", "What the purpose may do");
        let show = show.answers(200, &component("schemas", "Purpose"));
        self.path(routes::PURPOSE, &[], &[], vec![("get", show)]);
    }

    fn contacts(&mut self) {
        let (contact, new, change) =
            (self.name("contact"), self.name("contact-new"), self.name("contact-change"));
        self.schema(&contact, self.contact_schema());
        let list = self
            .operation("contacts.list", "Contacts that the purpose may see")
            .takes(&[
                "email", "phone", "name", "company", "country", "having", "sort", "cursor", "limit",
            ])
            .answers(200, &page(&component("schemas", &contact)));
        let mut methods = vec![("get", list)];
        let may_add = self.profile(&[Operation::Collect]).next().is_some();
        if may_add {
            self.schema(&new, self.new_contact_schema());
            let add = self
                .operation("contacts.add", "Add a contact")
                .takes(&["idempotency-key"])
                .body(&component("schemas", &new), JSON);
            methods.push(("post", made(add, &contact)));
        }
        self.path(routes::CONTACTS, &[], &[], methods);
        let show = self.operation("contacts.show", "One contact").problem(Kind::NotFound);
        let show = show.answers_thing(200, &component("schemas", &contact), false);
        let mut methods = vec![("get", show)];
        if self.profile(&[Operation::Collect, Operation::Change]).next().is_some() {
            self.schema(&change, self.contact_change_schema());
            let change = self
                .operation("contacts.change", "Change a contact's profile")
                .takes(&["if-match"])
                .body(&component("schemas", &change), PATCH);
            methods.push(("patch", changed(change, &contact)));
        }
        self.path(routes::CONTACT, &[], &["contact"], methods);
    }

    fn about_a_contact(&mut self, answers_requests: bool) {
        let mut all = json!({
            "type": "object",
            "properties": {
                "contact": component("schemas", &self.name("contact")),
                "records": { "type": "array", "items": self.record_reference() },
            },
            "required": ["contact", "records"],
        });
        let properties = all.get_mut("properties").and_then(serde_json::Value::as_object_mut);
        if let Some(properties) = properties.filter(|_| answers_requests) {
            // What is held, and why (GDPR Art. 15).
            let words = [
                ("company", json!(["object", "null"]), "The company that the contact represents."),
                ("standing", json!("object"), "How the contact stands with the company."),
                (
                    "said",
                    json!("object"),
                    "Objections, consents, restrictions, channels, and the version told of.",
                ),
                (
                    "categories",
                    json!("array"),
                    "For each category: records, sources, and the uses with ground, window and last day.",
                ),
            ];
            for (name, kind, description) in words {
                properties.insert(name.into(), json!({ "type": kind, "description": description }));
            }
        }
        let export = self
            .operation("contacts.export", "All that the purpose may see of a contact")
            .answers(200, &all)
            .problem(Kind::NotFound);
        self.path(routes::EXPORT, &[], &["contact"], vec![("get", export)]);
        let words = component("schemas", "Operation");
        let why = self
            .operation("contacts.why", "Why the purpose may or may not do something")
            .parameter(json!({
                "name": "category", "in": "query", "required": true, "schema": { "type": "string" },
            }))
            .parameter(json!({ "name": "operation", "in": "query", "schema": words }))
            .answers(200, &component("schemas", "Explanation"))
            .problem(Kind::NotFound);
        self.path(routes::WHY, &[], &["contact"], vec![("get", why)]);
    }

    fn records(&mut self) {
        let names = self.record_schemas();
        let many: Vec<&str> = self.categories.iter().map(|shape| shape.name).collect();
        let category = json!({
            "name": "category", "in": "query", "schema": { "type": "string", "enum": many },
        });
        let record = self.record_reference();
        let mut items = page(&record);
        let withheld = json!({ "type": "array", "items": component("schemas", "Withheld") });
        if let Some(Value::Object(properties)) = items.get_mut("properties") {
            properties.insert("withheld".into(), withheld);
        }
        let list = self
            .operation("records.list", "Records of a contact")
            .parameter(category)
            .takes(&["cursor", "limit"])
            .answers(200, &items)
            .problem(Kind::NotFound);
        let mut methods = vec![("get", list)];
        if let Some(new) = names.new {
            let add = self
                .operation("records.add", "Add a record")
                .takes(&["idempotency-key"])
                .body(&new, JSON);
            methods.push(("post", made_of(add, &record)));
        }
        self.path(routes::RECORDS, &[], &["contact"], methods);
        let show = self.operation("records.show", "One record").problem(Kind::NotFound);
        let mut methods = vec![("get", show.answers_thing(200, &record, false))];
        if let Some(change) = names.change {
            let change = self
                .operation("records.change", "Change the fields of a record")
                .takes(&["if-match"])
                .body(&change, PATCH);
            methods.push(("patch", changed_of(change, &record)));
        }
        let category = json!({
            "name": "category", "in": "path", "required": true,
            "schema": { "type": "string", "enum": many },
        });
        let places =
            [component("parameters", "contact"), category, component("parameters", "record")];
        self.path_with(routes::RECORD, &[], &places, methods);
    }

    /// Where the purpose sees what feeds profiling and the segments that come of it.
    fn insight(&mut self, policy: &DatedPolicy, purpose: &Purpose) {
        let Some(profiling) = &policy.policy().notice().profiling else { return };
        let reads = |name: &String| {
            let mut shapes = self.categories.iter();
            shapes.any(|shape| shape.name == name && shape.may(Operation::Read))
        };
        if !profiling.features.iter().all(reads) || !reads(&profiling.segments) {
            return;
        }
        let shown = component("schemas", "Insight");
        let show = self
            .operation("insight.show", "What reactions tell of a contact, and how it follows")
            .answers(200, &shown)
            .problem(Kind::NotFound);
        let mut methods = vec![("get", show)];
        if purpose.derives.contains(&profiling.segments) {
            let decide = self
                .operation("insight.decide", "Put a contact into a segment, or keep it out")
                .body(&component("schemas", "InsightDecision"), JSON)
                .answers(200, &shown)
                .problem(Kind::Conflict)
                .problem(Kind::NotFound);
            methods.push(("post", decide));
        }
        self.path(routes::INSIGHT, &[], &["contact"], methods);
    }

    /// Where a use is direct marketing, or reads what was worked out.
    fn audiences(&mut self, purpose: &Purpose) {
        let asks = |used: &Use| used.direct_marketing || used.interests || used.segments;
        if !purpose.uses.values().any(asks) {
            return;
        }
        let ask = self
            .operation("audience.ask", "Whom an audience takes in, of those whom the use may reach")
            .body(&component("schemas", "Audience"), JSON)
            .answers(200, &component("schemas", "AudienceAnswer"));
        self.path(routes::AUDIENCE, &[], &[], vec![("post", ask)]);
        let explained = json!({
            "type": "object",
            "properties": {
                "fits": { "type": "boolean" },
                "kept_from": { "type": ["string", "null"], "description": "Why the use may not reach it." },
                "because": { "type": "string" },
            },
            "required": ["fits", "kept_from", "because"],
        });
        let explain = self
            .operation("audience.explain", "How an audience comes out for a contact")
            .body(&component("schemas", "AudienceOfOne"), JSON)
            .answers(200, &explained)
            .problem(Kind::NotFound);
        self.path(routes::AUDIENCE_EXPLAINED, &[], &[], vec![("post", explain)]);
    }

    fn requests(&mut self) {
        let done = json!({ "description": "Written down; it acts at once." });
        let say = self
            .operation("contacts.say", "Write down what a contact said")
            .body(&component("schemas", "Statement"), JSON)
            .answer(204, done)
            .problem(Kind::Conflict)
            .problem(Kind::NotFound);
        self.path(routes::STATEMENTS, &[], &["contact"], vec![("post", say)]);
        let erase = self
            .operation("contacts.erase", "Erase a contact")
            .answers(200, &component("schemas", "Erased"))
            .problem(Kind::Conflict)
            .problem(Kind::NotFound);
        self.path(routes::ERASURE, &[], &["contact"], vec![("post", erase)]);
    }

    fn kind(&mut self, name: &'a str, kind: &ObjectKind, writes: bool) {
        let (shown, new, change) = (
            format!("object.{name}"),
            format!("object.{name}.new"),
            format!("object.{name}.change"),
        );
        self.schema(&shown, object_schema(name, kind, self.mode));
        let list = self
            .operation(&format!("{name}.list"), &kind.plural)
            .takes(&["search", "state", "company", "part_of", "sort", "cursor", "limit"])
            .answers(200, &page(&component("schemas", &shown)));
        let show = self.operation(&format!("{name}.show"), &kind.title).problem(Kind::NotFound);
        let show = show.answers_thing(200, &component("schemas", &shown), false);
        let (mut many, mut one) = (vec![("get", list)], vec![("get", show)]);
        if writes {
            self.schema(&new, new_object_schema(kind, true));
            self.schema(&change, new_object_schema(kind, false));
            let add = self
                .operation(&format!("{name}.add"), &format!("Add: {}", kind.title))
                .takes(&["idempotency-key"])
                .body(&component("schemas", &new), JSON);
            many.push(("post", made(add, &shown)));
            let change = self
                .operation(&format!("{name}.change"), &format!("Change: {}", kind.title))
                .takes(&["if-match"])
                .problem(Kind::VersionNeeded)
                .body(&component("schemas", &change), PATCH);
            one.push(("patch", changed(change, &shown)));
        }
        if name == COMPANY {
            self.path(routes::COMPANIES, &[], &[], many);
            self.path(routes::COMPANY, &[], &["company-id"], one);
        } else {
            self.path(routes::OBJECTS, &[("kind", name)], &[], many);
            self.path(routes::OBJECT, &[("kind", name)], &["object"], one);
        }
    }

    fn aliased(&mut self) {
        self.record_schemas();
        let contact = json!({
            "type": "object",
            "properties": { "contact": component("schemas", "Alias") },
            "required": ["contact"],
        });
        let aliased = json!({ "allOf": [contact, self.record_reference()] });
        let categories: Vec<&str> = self.categories.iter().map(|shape| shape.name).collect();
        let list = self
            .operation("records.list", "Records under aliases")
            .parameter(json!({
                "name": "category", "in": "query", "required": true,
                "schema": { "type": "string", "enum": categories },
            }))
            .takes(&["cursor", "limit"])
            .answers(200, &page(&aliased));
        self.path(routes::ALIASED, &[], &[], vec![("get", list)]);
    }

    fn aliased_kind(&mut self, name: &'a str, kind: &ObjectKind) {
        let shown = self.name(&format!("object.{name}"));
        self.schema(&shown, object_schema(name, kind, self.mode));
        let list = self
            .operation(&format!("{name}.list"), &format!("{} under aliases", kind.plural))
            .takes(&["cursor", "limit"])
            .answers(200, &page(&component("schemas", &shown)));
        if name == COMPANY {
            self.path(routes::COMPANIES, &[], &[], vec![("get", list)]);
        } else {
            self.path(routes::OBJECTS, &[("kind", name)], &[], vec![("get", list)]);
        }
    }

    fn report(&mut self, policy: &DatedPolicy) {
        let records = self.categories.iter().map(|shape| format!("records:{}", shape.name));
        let kinds = shape::kinds(policy, self.id).into_iter();
        let objects = kinds.map(|(name, ..)| format!("objects:{name}"));
        let subjects: Vec<String> = records.chain(objects).collect();
        let text = json!({ "type": "string" });
        let report = self
            .operation("report", "A table of counts and sums")
            .parameter(json!({
                "name": "of", "in": "query", "required": true,
                "schema": { "type": "string", "enum": subjects },
            }))
            .parameter(json!({
                "name": "by", "in": "query", "schema": text,
                "description": "Up to two fields, or `month`, `quarter`, `year`, `country`, `state`, with a comma between.",
            }))
            .parameter(json!({
                "name": "sum", "in": "query", "schema": text,
                "description": "A field of amounts or numbers to be added up.",
            }))
            .answers(200, &component("schemas", "Table"));
        self.path(routes::REPORT, &[], &[], vec![("get", report)]);
    }

    /// The categories of the profile with which the purpose may do any of some operations.
    fn profile(&self, any: &'static [Operation]) -> impl Iterator<Item = &CategoryShape<'a>> {
        let single = self.categories.iter().filter(|shape| shape.declared.single);
        single.filter(move |shape| any.iter().any(|operation| shape.may(*operation)))
    }

    fn contact_schema(&self) -> Value {
        let data = self
            .profile(&[Operation::Read])
            .map(|shape| (shape.name.to_owned(), fields_out(listed(shape), self.mode)));
        json!({
            "type": "object",
            "properties": {
                "id": component("schemas", "Id"),
                "version": { "type": "integer" },
                "country": { "type": ["string", "null"] },
                "company": { "anyOf": [component("schemas", "Id"), { "type": "null" }] },
                "data": { "type": "object", "properties": object(data), "additionalProperties": false },
                "withheld": { "type": "array", "items": component("schemas", "Withheld") },
            },
            "required": ["id", "version", "country", "company", "data", "withheld"],
        })
    }

    fn new_contact_schema(&self) -> Value {
        let data = self
            .profile(&[Operation::Collect])
            .map(|shape| (shape.name.to_owned(), fields_in(listed(shape), true)));
        json!({
            "type": "object",
            "properties": {
                "country": { "type": ["string", "null"] },
                "company": { "anyOf": [component("schemas", "Id"), { "type": "null" }] },
                "sole_trader": { "type": "boolean", "default": false },
                "customer": { "type": "boolean", "default": false },
                "consents": { "type": "array", "items": { "type": "string" } },
                "data": { "type": "object", "properties": object(data), "additionalProperties": false },
            },
            "required": ["data"],
            "additionalProperties": false,
        })
    }

    fn contact_change_schema(&self) -> Value {
        let data = self
            .profile(&[Operation::Collect, Operation::Change])
            .map(|shape| (shape.name.to_owned(), fields_in(listed(shape), false)));
        json!({
            "type": "object",
            "properties": {
                "company": { "anyOf": [component("schemas", "Id"), { "type": "null" }] },
                "data": { "type": "object", "properties": object(data), "additionalProperties": false },
            },
            "additionalProperties": false,
        })
    }

    /// The schemas of records of each category; references to those that may be sent.
    fn record_schemas(&mut self) -> Sendable {
        let (mut new, mut change, mut schemas) = (Vec::new(), Vec::new(), Vec::new());
        for shape in &self.categories {
            if shape.may(Operation::Read) {
                schemas.push((
                    self.name(&format!("record.{}", shape.name)),
                    record_schema(shape, self.mode),
                ));
            }
            if !shape.declared.single && shape.may(Operation::Collect) {
                let name = self.name(&format!("record-new.{}", shape.name));
                new.push(component("schemas", &name));
                schemas.push((name, new_record_schema(shape)));
            }
            if shape.may(Operation::Change) {
                let name = self.name(&format!("record-change.{}", shape.name));
                change.push(component("schemas", &name));
                schemas.push((name, fields_alone(shape)));
            }
        }
        self.parts.schemas.extend(schemas);
        let any = |list: Vec<Value>| (!list.is_empty()).then(|| json!({ "anyOf": list }));
        Sendable { new: any(new), change: any(change) }
    }

    fn record_reference(&self) -> Value {
        let read = self.categories.iter().filter(|shape| shape.may(Operation::Read));
        let names = read.map(|shape| self.name(&format!("record.{}", shape.name)));
        let all: Vec<Value> = names.map(|name| component("schemas", &name)).collect();
        if all.is_empty() { json!({ "type": "object" }) } else { json!({ "anyOf": all }) }
    }

    fn operation(&self, name: &str, summary: &str) -> Described {
        let summary = format!("{summary} ({})", self.title);
        Described::new(&format!("{}.{name}", self.id), &summary)
            .parameter(self.used.clone())
            .problem(Kind::Refused)
            .problem(Kind::Invalid)
    }

    fn name(&self, name: &str) -> String {
        format!("{}.{name}", self.id)
    }

    fn schema(&mut self, name: &str, schema: Value) {
        self.parts.schemas.insert(name.to_owned(), schema);
    }

    fn path(
        &mut self,
        template: &str,
        names: &[(&str, &str)],
        places: &[&str],
        methods: Vec<(&str, Described)>,
    ) {
        let places: Vec<Value> =
            places.iter().map(|place| component("parameters", place)).collect();
        self.path_with(template, names, &places, methods);
    }

    fn path_with(
        &mut self,
        template: &str,
        names: &[(&str, &str)],
        places: &[Value],
        methods: Vec<(&str, Described)>,
    ) {
        let filled = path(&path(template, &[("purpose", self.id)]), names);
        let mut item = object(
            methods.into_iter().map(|(method, one)| (method.to_owned(), one.operation(self.id))),
        );
        if !places.is_empty() {
            item.insert("parameters".into(), json!(places));
        }
        self.parts.paths.insert(filled, Value::Object(item));
    }
}

/// What may be sent of records.
struct Sendable {
    new: Option<Value>,
    change: Option<Value>,
}

fn listed<'a>(shape: &CategoryShape<'a>) -> impl Iterator<Item = (&'a str, &'a Field)> {
    shape.fields.clone().into_iter()
}

fn page(item: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "items": { "type": "array", "items": item },
            "next": component("schemas", "Next"),
        },
        "required": ["items", "next"],
    })
}

fn made(operation: Described, schema: &str) -> Described {
    made_of(operation, &component("schemas", schema))
}

fn made_of(operation: Described, schema: &Value) -> Described {
    let first = operation.answers_thing(201, schema, true);
    let both = first.answers_thing(200, schema, true);
    both.problem(Kind::Conflict).problem(Kind::NotFound)
}

fn changed(operation: Described, schema: &str) -> Described {
    changed_of(operation, &component("schemas", schema))
}

fn changed_of(operation: Described, schema: &Value) -> Described {
    operation
        .answers_thing(200, schema, false)
        .problem(Kind::NotFound)
        .problem(Kind::Conflict)
        .problem(Kind::Changed)
}

/// How things are told apart in a mode.
fn id_in(mode: Mode) -> Value {
    component("schemas", if mode == Mode::Pseudonymous { "Alias" } else { "Id" })
}

fn about_in(mode: Mode) -> Value {
    component("schemas", if mode == Mode::Pseudonymous { "AliasedAbout" } else { "About" })
}

fn record_schema(shape: &CategoryShape<'_>, mode: Mode) -> Value {
    json!({
        "type": "object",
        "title": shape.declared.title,
        "description": shape.declared.description,
        "properties": {
            "id": id_in(mode),
            "category": { "const": shape.name },
            "version": { "type": "integer" },
            "at": { "type": "string" },
            "collected_for": { "type": "string" },
            "expires": { "type": "string" },
            "source": { "type": "string" },
            "about": about_in(mode),
            "fields": fields_out(listed(shape), mode),
        },
        "required": ["id", "category", "version", "at", "collected_for", "source", "about", "fields"],
    })
}

fn new_record_schema(shape: &CategoryShape<'_>) -> Value {
    json!({
        "type": "object",
        "title": shape.declared.title,
        "properties": {
            "category": { "const": shape.name },
            "at": { "type": ["string", "null"] },
            "expires": { "type": ["string", "null"] },
            "source": { "type": ["string", "null"], "maxLength": 64, "pattern": "^[A-Za-z0-9._:-]+$" },
            "about": component("schemas", "About"),
            "fields": fields_in(listed(shape), true),
        },
        "required": ["category"],
        "additionalProperties": false,
    })
}

fn fields_alone(shape: &CategoryShape<'_>) -> Value {
    json!({
        "type": "object",
        "title": shape.declared.title,
        "properties": { "fields": fields_in(listed(shape), false) },
        "required": ["fields"],
        "additionalProperties": false,
    })
}

fn object_schema(name: &str, kind: &ObjectKind, mode: Mode) -> Value {
    let fields = kind.fields.iter().map(|(name, field)| (name.as_str(), field));
    let some_id = json!({ "anyOf": [id_in(mode), { "type": "null" }] });
    json!({
        "type": "object",
        "title": kind.title,
        "properties": {
            "kind": { "const": name },
            "id": id_in(mode),
            "version": { "type": "integer" },
            "at": { "type": "string" },
            "company": some_id,
            "part_of": some_id,
            "state": { "type": "string", "enum": kind.states },
            "closed": { "type": ["string", "null"] },
            "fields": fields_out(fields, mode),
            "withheld": { "type": "string" },
        },
        "required": ["kind", "id", "version", "at", "company", "part_of", "state", "closed", "fields"],
    })
}

/// An object to be, or what is to change of one.
fn new_object_schema(kind: &ObjectKind, new: bool) -> Value {
    let fields: Vec<(&str, &Field)> =
        kind.fields.iter().map(|(name, field)| (name.as_str(), field)).collect();
    let mut required = Vec::new();
    if new && kind.company == Belongs::Required {
        required.push("company");
    }
    if new && fields.iter().any(|(_, field)| field.required) {
        required.push("fields");
    }
    let some_id = json!({ "anyOf": [component("schemas", "Id"), { "type": "null" }] });
    let (at, states) = (json!({ "type": ["string", "null"] }), &kind.states);
    json!({
        "type": "object",
        "title": kind.title,
        "properties": {
            "at": at,
            "company": some_id,
            "part_of": some_id,
            "person": some_id,
            "state": { "anyOf": [{ "type": "string", "enum": states }, { "type": "null" }] },
            "fields": fields_in(fields, new),
        },
        "required": required,
        "additionalProperties": false,
    })
}
