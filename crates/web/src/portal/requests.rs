//! Requests that a person answers: opening one, and what became of those that were opened.

use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use gantry_engine::portal::{
    Correction, MAX_WORDS, PortalError, RequestDraft, RequestKind, RequestShown,
};
use gantry_engine::session::Access;
use gantry_engine::{EngineError, FieldFault};
use maud::{Markup, html};

use super::fault::Fault;
use super::page::{Page, Section};
use super::reader::Reader;
use super::visitor::{Visitor, VisitorForm};
use super::words::say;
use super::{COPY, REQUEST, REQUESTS};
use crate::form::Form;
use crate::path::path;

/// The fields of the form.
const FIELD: &str = "field";
const VALUE: &str = "value";
const WORDS: &str = "words";
/// What the list is told after a request was opened: nothing but that.
const OPENED: &str = "opened";

/// The list, and what else can be asked for.
pub(super) async fn show(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    match visitor.portal.requests().await {
        Ok(requests) => {
            let kinds = visitor.portal.request_kinds();
            let opened = query.as_deref() == Some(OPENED);
            let content = list(&visitor.reader, &requests, &kinds, opened);
            visitor.page(Section::Requests, "requests-title").around(&content).into_response()
        }
        Err(error) => visitor.fault(error),
    }
}

/// The form for a kind of request.
pub(super) async fn form(visitor: Visitor, Path(kind): Path<String>) -> Response {
    let Some(kind) = offered(&visitor, &kind) else { return visitor.fault(Fault::NotFound) };
    filled(&visitor, kind, &Filled::default(), &[]).await
}

/// Opens a request; a form with a fault comes back as it was filled in, with the fault at its field.
pub(super) async fn open(Path(kind): Path<String>, form: VisitorForm) -> Response {
    let VisitorForm { visitor, form } = form;
    let Some(kind) = offered(&visitor, &kind) else { return visitor.fault(Fault::NotFound) };
    let filled_in = Filled::of(&form);
    match visitor.portal.open_request(&filled_in.draft(kind)).await {
        Ok(_) => Redirect::to(&format!("{REQUESTS}?{OPENED}")).into_response(),
        Err(PortalError::TooManyOpen) => {
            let fault = FieldFault::new(FORM_AS_A_WHOLE, "");
            filled(&visitor, kind, &filled_in, &[fault]).await
        }
        Err(PortalError::Engine(EngineError::Invalid(faults))) => {
            filled(&visitor, kind, &filled_in, &faults).await
        }
        Err(error) => visitor.fault(error),
    }
}

/// Stands for no field.
const FORM_AS_A_WHOLE: &str = "";

fn offered(visitor: &Visitor, kind: &str) -> Option<RequestKind> {
    let kind = RequestKind::of_word(kind)?;
    visitor.portal.request_kinds().contains(&kind).then_some(kind)
}

/// What was filled in.
#[derive(Default)]
struct Filled {
    field: String,
    value: String,
    words: String,
}

impl Filled {
    fn of(form: &Form) -> Filled {
        let text = |name| form.get(name).to_owned();
        Filled { field: text(FIELD), value: text(VALUE), words: text(WORDS) }
    }

    fn draft(&self, kind: RequestKind) -> RequestDraft {
        let correction = self.field.split_once('.').map(|(category, field)| Correction {
            category: category.to_owned(),
            field: field.to_owned(),
            value: self.value.clone(),
        });
        RequestDraft { kind, words: self.words.clone(), correction }
    }
}

async fn filled(
    visitor: &Visitor,
    kind: RequestKind,
    filled: &Filled,
    faults: &[FieldFault],
) -> Response {
    let access = match visitor.portal.held().await {
        Ok(access) => access,
        Err(error) => return visitor.fault(error),
    };
    let page = visitor.page(Section::Requests, "request-title");
    let content = form_page(&page, &access, kind, filled, faults);
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    (status, page.around(&content)).into_response()
}

fn form_page(
    page: &Page<'_>,
    access: &Access,
    kind: RequestKind,
    filled: &Filled,
    faults: &[FieldFault],
) -> Markup {
    let reader = page.reader;
    let days = reader.notice.controller.answer_within_days;
    html! {
        p { a href=(REQUESTS) { (reader.say("requests-all")) } }
        h1 { (reader.say(&format!("request-{}", kind.word()))) }
        (summary(reader, faults))
        p { (reader.say(&format!("request-{}-text", kind.word()))) }
        @if kind == RequestKind::Access || kind == RequestKind::Portability {
            p { a href=(COPY) { (reader.say("copy-title")) } }
        }
        p { (say!(reader.words, "request-days", days = days)) }
        form method="post" action=(path(REQUEST, &[("kind", kind.word())])) {
            (page.token())
            @if kind == RequestKind::Rectification { (correction(reader, access, filled, faults)) }
            p {
                label for=(WORDS) { (reader.say("request-words")) }
                textarea #(WORDS) name=(WORDS) rows="6" maxlength=(MAX_WORDS)
                    aria-describedby={ "words-hint" @if has(faults, WORDS) { " words-fault" } }
                    aria-invalid=[has(faults, WORDS).then_some("true")] { (filled.words) }
                span #words-hint .hint { (say!(reader.words, "request-words-hint", most = MAX_WORDS)) }
                (fault_at(reader, faults, WORDS))
            }
            button .main { (reader.say("request-send")) }
        }
    }
}

/// What is wrong, and what it should be.
fn correction(reader: &Reader, access: &Access, filled: &Filled, faults: &[FieldFault]) -> Markup {
    let held = access.categories.iter().filter(|held| held.records > Some(0));
    html! {
        p {
            label for=(FIELD) { (reader.say("request-field")) }
            select #(FIELD) name=(FIELD) required
                aria-describedby=[has(faults, FIELD).then_some("field-fault")]
                aria-invalid=[has(faults, FIELD).then_some("true")] {
                option value="" { (reader.say("request-field-choose")) }
                @for held in held {
                    optgroup label=(reader.plain(&format!("categories.{}.title", held.category))) {
                        @for field in fields(reader, &held.category) {
                            @let name = format!("{}.{field}", held.category);
                            option value=(name) selected[name == filled.field] {
                                (reader.plain(&format!("categories.{}.fields.{field}", held.category)))
                            }
                        }
                    }
                }
            }
            (fault_at(reader, faults, FIELD))
        }
        p {
            label for=(VALUE) { (reader.say("request-value")) }
            input #(VALUE) name=(VALUE) value=(filled.value) maxlength=(MAX_WORDS)
                aria-describedby={ "value-hint" @if has(faults, VALUE) { " value-fault" } }
                aria-invalid=[has(faults, VALUE).then_some("true")];
            span #value-hint .hint { (reader.say("request-value-hint")) }
            (fault_at(reader, faults, VALUE))
        }
    }
}

fn fields<'r>(reader: &'r Reader, category: &str) -> impl Iterator<Item = &'r String> {
    let declared = reader.notice.categories.get(category);
    declared.into_iter().flat_map(|category| category.fields.keys())
}

fn has(faults: &[FieldFault], field: &str) -> bool {
    faults.iter().any(|fault| fault.field == field)
}

/// What is wrong with a form, at its head, with a way to each field.
fn summary(reader: &Reader, faults: &[FieldFault]) -> Markup {
    html! {
        @if !faults.is_empty() {
            div .error role="alert" {
                p { strong { (reader.say("request-faults")) } }
                ul {
                    @for fault in faults {
                        li {
                            @if fault.field == FORM_AS_A_WHOLE { (reader.say("request-too-many")) }
                            @else {
                                a href={ "#" (fault.field) } { (reader.say(fault_key(&fault.field))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn fault_at(reader: &Reader, faults: &[FieldFault], field: &str) -> Markup {
    html! {
        @if has(faults, field) {
            span #{ (field) "-fault" } .error { (reader.say(fault_key(field))) }
        }
    }
}

fn fault_key(field: &str) -> &'static str {
    match field {
        FIELD => "request-fault-field",
        VALUE => "request-fault-value",
        _ => "request-fault-words",
    }
}

fn list(reader: &Reader, requests: &[RequestShown], kinds: &[RequestKind], opened: bool) -> Markup {
    html! {
        h1 { (reader.say("requests-title")) }
        @if opened { p .done role="status" { (reader.say("requests-opened")) } }
        p { (reader.say("requests-text")) }
        @if kinds.is_empty() {
            p .note { (reader.say("requests-none-taken")) }
        } @else {
            ul .cards {
                @for kind in kinds {
                    li .card {
                        h2 {
                            a href=(path(REQUEST, &[("kind", kind.word())])) {
                                (reader.say(&format!("request-{}", kind.word())))
                            }
                        }
                        p { (reader.say(&format!("request-{}-text", kind.word()))) }
                    }
                }
            }
        }
        h2 { (reader.say("requests-yours")) }
        @if requests.is_empty() { p { (reader.say("requests-none")) } }
        @else {
            ol .records { @for request in requests { li { (one(reader, request)) } } }
        }
    }
}

fn one(reader: &Reader, request: &RequestShown) -> Markup {
    let row = |key: &str, text: Option<Markup>| {
        html! {
            @if let Some(text) = text { dt { (reader.say(key)) } dd { (text) } }
        }
    };
    let day = |day: &Option<String>| day.as_ref().map(|day| html! { (reader.day(day)) });
    let word = |code: &Option<String>| code.as_ref().map(|code| reader.word(code));
    html! {
        p {
            strong {
                @if let Some(kind) = request.kind.as_deref() { (reader.word(kind)) }
            }
            @if let Some(number) = &request.number { " · " (number) }
        }
        dl .fields {
            (row("request-state", Some(reader.word(&request.state))))
            (row("request-received", day(&request.received)))
            (row("request-due", day(&request.due).filter(|_| request.is_open)))
            (row("request-answered", day(&request.answered)))
            (row("request-outcome", word(&request.outcome).filter(|_| !request.is_open)))
            (row("request-refused", word(&request.refusal_ground)))
            @if let Some(words) = &request.words {
                dt { (reader.say("request-your-words")) }
                dd .words { (words) }
            }
        }
    }
}
