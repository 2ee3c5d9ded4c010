//! The purposes, one by one: whether each may see the contact's data, why, until when, and what the
//! contact can say to it, which acts at once.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gantry_engine::portal::{Consenting, Objecting, PurposeShown, Seen, UseShown};
use gantry_engine::session::{Access, Effect, Meaning, Scope};
use maud::{Markup, html};

use super::PURPOSES;
use super::fault::Fault;
use super::overview::sees_something;
use super::page::{Page, Section};
use super::reader::Reader;
use super::visitor::{Visitor, VisitorForm};
use super::words::say;
use crate::form::Form;

/// The fields of a form: what is said, and to what.
pub(super) const SAYS: &str = "says";
pub(super) const SCOPE: &str = "scope";

pub(super) const OBJECT: &str = "object";
pub(super) const WITHDRAW_OBJECTION: &str = "withdraw-objection";
pub(super) const CONSENT: &str = "consent";
pub(super) const WITHDRAW_CONSENT: &str = "withdraw-consent";

pub(super) async fn show(visitor: Visitor) -> Response {
    page(&visitor, None).await
}

/// Takes what is said, and shows the page with what came of it.
pub(super) async fn say(VisitorForm { visitor, form }: VisitorForm) -> Response {
    match said(&visitor, &form).await {
        Ok(effect) => page(&visitor, Some(&effect)).await,
        Err(fault) => visitor.fault(fault),
    }
}

/// Says what a form says, at once.
pub(super) async fn said(visitor: &Visitor, form: &Form) -> Result<Effect, Fault> {
    let (portal, scope) = (&visitor.portal, Scope::parse(form.get(SCOPE)));
    let said = match form.get(SAYS) {
        OBJECT => portal.object(&scope).await,
        WITHDRAW_OBJECTION => portal.withdraw_objection(&scope).await,
        CONSENT => portal.consent(&scope).await,
        WITHDRAW_CONSENT => portal.withdraw_consent(&scope).await,
        _ => return Err(Fault::Form),
    };
    Ok(said?)
}

async fn page(visitor: &Visitor, effect: Option<&Effect>) -> Response {
    let held = match visitor.portal.held().await {
        Ok(held) => held,
        Err(error) => return visitor.fault(error),
    };
    let purposes = visitor.portal.purposes(&held);
    let page = visitor.page(Section::Purposes, "purposes-title");
    let content = all(&page, &held, &purposes, effect);
    (StatusCode::OK, page.around(&content)).into_response()
}

fn all(
    page: &Page<'_>,
    held: &Access,
    purposes: &[PurposeShown],
    effect: Option<&Effect>,
) -> Markup {
    let reader = page.reader;
    html! {
        h1 { (reader.say("purposes-title")) }
        @if let Some(effect) = effect { (what_came(reader, effect)) }
        p { (reader.say("purposes-text")) }
        (profiling(page, held))
        @for purpose in purposes {
            section .card aria-labelledby={ "purpose-" (purpose.id) } {
                h2 #{ "purpose-" (purpose.id) } { (purpose.number) ". " (reader.purpose(&purpose.id)) }
                p { (reader.text(&format!("purposes.{}.description", purpose.id))) }
                (stands(reader, purpose))
                (what_can_be_said(page, purpose))
                details {
                    summary aria-describedby={ "purpose-" (purpose.id) } {
                        (reader.say("purpose-details"))
                    }
                    (grounds(reader, purpose))
                    (seen(reader, purpose))
                    (recipients(reader, purpose))
                }
            }
        }
    }
}

/// What came of what was said.
pub(super) fn what_came(reader: &Reader, effect: &Effect) -> Markup {
    html! {
        div .done role="status" {
            p { strong { (reader.say("said-title")) } }
            @for meaning in &effect.means { p { (reader.say(meaning_key(*meaning))) } }
            @if effect.means.is_empty() { p { (reader.say("said-done")) } }
        }
    }
}

pub(super) const fn meaning_key(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::AlreadySo => "meaning-already-so",
        Meaning::NoObjection => "meaning-no-objection",
        Meaning::NoConsent => "meaning-no-consent",
        Meaning::NotRestricted => "meaning-not-restricted",
        Meaning::Stops => "meaning-stops",
        Meaning::UseStops => "meaning-use-stops",
        Meaning::MarketingStops => "meaning-marketing-stops",
        Meaning::ProfilingStops => "meaning-profiling-stops",
        Meaning::BeingWeighed => "meaning-being-weighed",
        Meaning::GoesOn => "meaning-goes-on",
        Meaning::ObjectionStands => "meaning-objection-stands",
        Meaning::OnOtherGround => "meaning-on-other-ground",
        Meaning::WhileRestricted => "meaning-while-restricted",
        Meaning::StillRestricted => "meaning-still-restricted",
        Meaning::ChannelOpen => "meaning-channel-open",
        Meaning::ChannelShut => "meaning-channel-shut",
    }
}

/// Profiling, which can be objected to whatever the purpose, where the notice has it.
fn profiling(page: &Page<'_>, held: &Access) -> Markup {
    let reader = page.reader;
    if reader.notice.profiling.is_none() {
        return html! {};
    }
    html! {
        section .card aria-labelledby="profiling" {
            h2 #profiling { (reader.say("profiling-title")) }
            p { (reader.say("profiling-text")) }
            @if held.said.objects_to_profiling {
                p { (reader.say("profiling-objected")) }
                (button(page, PURPOSES, (WITHDRAW_OBJECTION, "profiling"), ("profiling-withdraw", "profiling")))
            } @else {
                (button(page, PURPOSES, (OBJECT, "profiling"), ("profiling-object", "profiling")))
            }
        }
    }
}

/// A form of one button that says something; what it is about stands at `about`, the id of a heading.
pub(super) fn button(
    page: &Page<'_>,
    way: &str,
    (says, scope): (&str, &str),
    (key, about): (&str, &str),
) -> Markup {
    html! {
        form method="post" action=(way) {
            (page.token())
            input type="hidden" name=(SAYS) value=(says);
            input type="hidden" name=(SCOPE) value=(scope);
            button aria-describedby=(about) { (page.reader.say(key)) }
        }
    }
}

/// In a sentence, whether the purpose uses the contact's data.
fn stands(reader: &Reader, purpose: &PurposeShown) -> Markup {
    let key = match (sees_something(purpose), purpose.mode) {
        (true, "aggregate") => "purpose-counts",
        (true, "pseudonymous") => "purpose-aliases",
        (true, _) => "purpose-sees",
        (false, _) => "purpose-sees-nothing",
    };
    let reason = purpose.uses.iter().find_map(|used| used.reason);
    let reason = reason.filter(|_| purpose.uses.iter().all(|used| !used.allowed));
    let (going, stopped): (Vec<_>, Vec<_>) = purpose.uses.iter().partition(|used| used.allowed);
    let titles = |uses: &[&UseShown]| {
        let title =
            |used: &&UseShown| reader.plain(&format!("purposes.{}.uses.{}", purpose.id, used.id));
        uses.iter().map(title).collect::<Vec<_>>().join(", ")
    };
    // Where some of its uses were stopped and others go on, that it uses data is half of the truth.
    if !going.is_empty() && stopped.iter().any(|used| used.reason == Some("objected")) {
        let (stopped, going) = (titles(&stopped), titles(&going));
        let told = say!(reader.words, "purpose-partly", stopped = stopped, going = going);
        return html! { p { strong { (told) } } };
    }
    html! {
        p {
            strong { (reader.say(key)) }
            @if let Some(reason) = reason { " " (reader.say(&format!("reason-{reason}"))) }
        }
    }
}

fn what_can_be_said(page: &Page<'_>, purpose: &PurposeShown) -> Markup {
    let (reader, id) = (page.reader, purpose.id.as_str());
    let heading = format!("purpose-{id}");
    let button = |says: &str, key: &str| button(page, PURPOSES, (says, id), (key, &heading));
    let at_once =
        if purpose.direct_marketing { "objecting-marketing" } else { "objecting-at-once" };
    html! {
        @match purpose.objecting {
            Objecting::No => {}
            Objecting::AtOnce => { p { (reader.say(at_once)) } (button(OBJECT, "object")) }
            Objecting::Weighed => {
                p { (reader.say("objecting-weighed")) }
                (button(OBJECT, "object"))
            }
            Objecting::BeingWeighed => {
                p { (reader.say("objecting-being-weighed")) }
                (button(WITHDRAW_OBJECTION, "object-withdraw"))
            }
            Objecting::Stands => {
                p { (reader.say("objecting-stands")) }
                (button(WITHDRAW_OBJECTION, "object-withdraw"))
            }
        }
        @match purpose.consenting {
            Consenting::NotNeeded => {
                @if purpose.objecting == Objecting::No { p { (reader.say("objecting-no")) } }
            }
            Consenting::Missing => {
                p { (reader.say("consenting-missing")) }
                (button(CONSENT, "consent"))
            }
            Consenting::Given => {
                p { (reader.say("consenting-given")) }
                (button(WITHDRAW_CONSENT, "consent-withdraw"))
            }
        }
    }
}

/// On what ground each use of the purpose works.
fn grounds(reader: &Reader, purpose: &PurposeShown) -> Markup {
    html! {
        h3 { (reader.say("purpose-why")) }
        ul {
            @for used in &purpose.uses { li { (ground(reader, &purpose.id, used)) } }
        }
    }
}

fn ground(reader: &Reader, purpose: &str, used: &UseShown) -> Markup {
    html! {
        strong { (reader.text(&format!("purposes.{purpose}.uses.{}", used.id))) }
        @if let Some(basis) = &used.basis {
            ": " (reader.say(&format!("basis-{}", basis.id)))
            @if basis.interest.is_some() {
                " (" (reader.text(&format!("purposes.{purpose}.interest"))) ")"
            }
            ", " (reader.text(&format!("regimes.{}.title", basis.regime.id)))
        }
        @if let Some(reason) = used.reason {
            br;
            (reader.say("use-not-now")) " " (reader.say(&format!("reason-{reason}")))
        }
    }
}

/// Which data the purpose may see, and until when.
fn seen(reader: &Reader, purpose: &PurposeShown) -> Markup {
    html! {
        h3 { (reader.say("purpose-which")) }
        ul {
            @for seen in &purpose.categories {
                li { (reader.category(&seen.category)) ": " (seen_until(reader, seen)) }
            }
        }
    }
}

fn seen_until(reader: &Reader, seen: &Seen) -> String {
    match (seen.records, seen.allowed, seen.until.as_deref()) {
        (Some(0), _, _) => reader.say("seen-nothing-held"),
        (_, true, Some("open")) => reader.say("seen-open"),
        (_, true, Some(day)) => say!(reader.words, "seen-until", day = reader.day(day)),
        (_, true, None) => reader.say("seen-while"),
        (_, false, _) => reader.say(&format!("reason-{}", seen.reason.unwrap_or("unknown"))),
    }
}

fn recipients(reader: &Reader, purpose: &PurposeShown) -> Markup {
    html! {
        @if purpose.recipients > 0 {
            h3 { (reader.say("purpose-recipients")) }
            ul {
                @for at in 0..purpose.recipients {
                    li { (reader.text(&format!("purposes.{}.recipients.{at}", purpose.id))) }
                }
            }
        }
    }
}
