//! What the contact chooses by itself: topics, how often, the language, and ways to be reached.

use axum::extract::RawQuery;
use axum::response::{IntoResponse, Redirect, Response};
use gantry_engine::EngineError;
use gantry_engine::portal::{Choice, Preference};
use gantry_engine::session::{Effect, Reached, Said};
use indexmap::IndexMap;
use maud::{Markup, html};

use super::LANGUAGE;
use super::PREFERENCES;
use super::language::Language;
use super::page::{Page, Section};
use super::purposes::{self, CONSENT, OBJECT, SAYS, WITHDRAW_CONSENT, WITHDRAW_OBJECTION, button};
use super::reader::{Reader, language_name};
use super::visitor::{Visitor, VisitorForm};

/// What the page is told after a choice: nothing but that.
const SAVED: &str = "saved";

pub(super) async fn show(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    page(&visitor, query.as_deref() == Some(SAVED), None).await
}

/// Takes what was chosen, or what is said about a channel.
pub(super) async fn choose(VisitorForm { visitor, form }: VisitorForm) -> Response {
    if !form.get(SAYS).is_empty() {
        return match purposes::said(&visitor, &form).await {
            Ok(effect) => page(&visitor, false, Some(&effect)).await,
            Err(fault) => visitor.fault(fault),
        };
    }
    let chosen: IndexMap<(String, String), String> = form
        .fields()
        .filter_map(|(name, text)| {
            let (category, field) = name.split_once('.')?;
            Some(((category.to_owned(), field.to_owned()), text.to_owned()))
        })
        .collect();
    if let Err(error) = visitor.portal.set_preferences(&chosen).await {
        return visitor.fault(error);
    }
    let mut response = Redirect::to(&format!("{PREFERENCES}?{SAVED}")).into_response();
    // Who prefers another language reads on in it.
    if let Ok(Some(language)) = visitor.portal.language().await
        && let Some(language) = Language::of(&language)
    {
        LANGUAGE.set(&visitor.shell.site, language.code(), &mut response);
    }
    response
}

async fn page(visitor: &Visitor, saved: bool, effect: Option<&Effect>) -> Response {
    let (preferences, said) = match gathered(visitor).await {
        Ok(gathered) => gathered,
        Err(error) => return visitor.fault(error),
    };
    let page = visitor.page(Section::Preferences, "preferences-title");
    let reader = &visitor.reader;
    let content = html! {
        h1 { (reader.say("preferences-title")) }
        @if saved { p .done role="status" { (reader.say("preferences-saved")) } }
        @if let Some(effect) = effect { (purposes::what_came(reader, effect)) }
        p { (reader.say("preferences-text")) }
        @if preferences.is_empty() { p .note { (reader.say("preferences-none")) } }
        @else { (choices(&page, &preferences)) }
        (channels(&page, &said))
    };
    page.around(&content).into_response()
}

async fn gathered(visitor: &Visitor) -> Result<(Vec<Preference>, Said), EngineError> {
    Ok((visitor.portal.preferences().await?, visitor.portal.held().await?.said))
}

fn choices(page: &Page<'_>, preferences: &[Preference]) -> Markup {
    let reader = page.reader;
    html! {
        form method="post" action=(PREFERENCES) {
            (page.token())
            @for preference in preferences {
                @let name = format!("{}.{}", preference.category, preference.field);
                p {
                    label for=(name) { (reader.field(&preference.category, &preference.field)) }
                    select #(name) name=(name) {
                        @for (value, title) in options(reader, preference) {
                            option value=(value)
                                selected[preference.value.as_deref().unwrap_or("") == value] {
                                (title)
                            }
                        }
                    }
                }
            }
            button .main { (reader.say("preferences-save")) }
        }
    }
}

/// What can be chosen: the value and its name; nothing at all is the first.
fn options(reader: &Reader, preference: &Preference) -> Vec<(String, String)> {
    let mut options = vec![(String::new(), reader.say("preferences-open"))];
    let chosen = preference.value.as_deref();
    match &preference.choice {
        Choice::Flag => {
            options.push(("yes".to_owned(), reader.say("yes")));
            options.push(("no".to_owned(), reader.say("no")));
        }
        Choice::Code(codes) => {
            let word = |code: &String| (code.clone(), reader.plain(&format!("words.{code}")));
            options.extend(codes.iter().map(word));
        }
        Choice::Language => {
            let named =
                |language: Language| (language.code().to_owned(), language.name().to_owned());
            options.extend(Language::ALL.map(named));
            // Another one that was chosen before stays as it is.
            if let Some(other) = chosen.filter(|tag| options.iter().all(|(known, _)| known != tag))
            {
                options.push((other.to_owned(), language_name(other)));
            }
        }
    }
    options
}

/// By which ways direct marketing may reach the contact.
fn channels(page: &Page<'_>, said: &Said) -> Markup {
    let reader = page.reader;
    html! {
        section aria-labelledby="channels" {
            h2 #channels { (reader.say("channels-title")) }
            p { (reader.say("channels-text")) }
            @if said.objects_to_direct_marketing {
                p .note { (reader.say("channels-objected")) }
            }
            @for reached in &said.channels { (channel(page, reached)) }
        }
    }
}

fn channel(page: &Page<'_>, reached: &Reached) -> Markup {
    let (reader, name) = (page.reader, reached.channel);
    let heading = format!("channel-{name}");
    let button = |says: &str, key: &str| button(page, PREFERENCES, (says, name), (key, &heading));
    html! {
        section .card aria-labelledby={ "channel-" (name) } {
            h3 #{ "channel-" (name) } { (reader.say(&format!("channel-{name}"))) }
            p { (reader.say(if reached.open { "channel-is-open" } else { "channel-is-shut" })) }
            @match reached.said {
                "closed" => { (button(WITHDRAW_OBJECTION, "channel-reopen")) (button(CONSENT, "channel-open")) }
                "opted-in" => (button(WITHDRAW_CONSENT, "channel-close")),
                _ if reached.open => (button(OBJECT, "channel-close")),
                _ => { (button(CONSENT, "channel-open")) (button(OBJECT, "channel-close")) }
            }
        }
    }
}
