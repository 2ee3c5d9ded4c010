//! Rights, regimes and channels.

use maud::{Markup, html};

use super::purposes::asks_consent;
use super::words::{basis_words, country_names, objection_words};
use crate::id::Channel;
use crate::model::{ChannelRule, Notice, OptIn};

pub(super) fn rights(notice: &Notice) -> Markup {
    let days = notice.controller.answer_within_days;
    let consent: Vec<String> = notice
        .purposes
        .values()
        .filter(|purpose| asks_consent(notice, purpose))
        .map(|purpose| purpose.number.to_string())
        .collect();
    html! {
        section aria-labelledby="rights" {
            h2 #rights { "How to use your rights" }
            p {
                "Write to " a href={ "mailto:" (notice.controller.email) } { (notice.controller.email) }
                ". It costs nothing, and we answer within " (days) " days. You may:"
            }
            ul {
                li { strong { "see" } " what we hold about you, why, until when and who has seen it, and get a copy (GDPR Art. 15)" }
                li { strong { "correct" } " what is wrong (Art. 16)" }
                li { strong { "erase" } " what we need no longer or use without a ground (Art. 17)" }
                li { strong { "restrict" } " what we do with it, also a single item, while a question is open (Art. 18)" }
                li { strong { "take along" } " what you gave us, in a form that machines read (Art. 20)" }
                li { strong { "object" } ", as said below for each purpose (Art. 21)" }
                @if !consent.is_empty() {
                    li {
                        strong { "withdraw a consent" } " wherever we ask for one, as easily as you gave it (Art. 7); "
                        "it may be the ground of the purposes " (consent.join(", ")) ", depending on the law that covers you"
                    }
                }
                li { strong { "ask for a person" } " where a program has sorted you (Art. 22)" }
                li { strong { "complain" } " to the data-protection authority of your country (Art. 77)" }
            }
            h3 { "What your objection does" }
            div .scroll {
                table .stack aria-label="What your objection does" {
                    thead {
                        tr { th scope="col" { "Purpose" } th scope="col" { "Your objection" } }
                    }
                    tbody {
                        @for (id, purpose) in &notice.purposes {
                            tr {
                                th scope="row" {
                                    a href={ "#purpose-" (id) } { (purpose.number) ". " (purpose.title) }
                                }
                                td data-head="Your objection" { (objection_words(purpose).join(" ")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn regimes(notice: &Notice) -> Markup {
    html! {
        section aria-labelledby="regimes" {
            h2 #regimes { "Which laws cover you" }
            div .scroll {
                table .stack aria-labelledby="regimes" {
                    thead {
                        tr {
                            th scope="col" { "Law" }
                            th scope="col" { "If you work in" }
                            th scope="col" { "What it changes" }
                        }
                    }
                    tbody {
                        @for regime in notice.regimes.values() {
                            tr {
                                th scope="row" { (regime.title) }
                                td data-head="If you work in" {
                                    @if regime.own { "any country that is not named here, or none that we know" }
                                    @else { (country_names(&regime.countries)) }
                                }
                                td data-head="What it changes" {
                                    @match regime.basis {
                                        None => "nothing: the ground is as each purpose says",
                                        Some(basis) => {
                                            "the ground is: " (basis_words(basis).to_lowercase())
                                            @if !regime.except.is_empty() {
                                                "; except where it is: "
                                                (regime.except.iter().map(|b| basis_words(*b).to_lowercase()).collect::<Vec<_>>().join(", or "))
                                            }
                                        }
                                    }
                                    @if let Some(region) = &regime.held_in { "; your data is held in " (region) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn channels(notice: &Notice) -> Markup {
    html! {
        @if !notice.channels.is_empty() {
            section aria-labelledby="channels" {
                h2 #channels { "How we may write to you" }
                p { "This is about direct marketing. What you need to know about an order, a visit or your safety reaches you in any case." }
                @for (channel, rule) in &notice.channels { (channel_rule(*channel, rule)) }
            }
        }
    }
}

fn channel_rule(channel: Channel, rule: &ChannelRule) -> Markup {
    let title = match channel {
        Channel::Email => "E-mail",
        Channel::Phone => "Telephone",
        Channel::Post => "Letter",
    };
    let lists = [
        (OptIn::OptIn, &rule.opt_in),
        (OptIn::SoftOptIn, &rule.soft_opt_in),
        (OptIn::OptOut, &rule.opt_out),
    ];
    html! {
        h3 { (title) }
        ul {
            @for (needs, countries) in lists {
                @if !countries.is_empty() {
                    li { (opt_in_words(needs)) ": " (country_names(countries)) }
                }
            }
            li { (opt_in_words(rule.default)) ": everywhere else, and where we do not know your country" }
            @if !rule.traced.is_empty() {
                li { "Whether you opened a message or followed a link is linked to you without asking in: " (country_names(&rule.traced)) ". Elsewhere only if you agreed." }
            } @else {
                li { "Whether you opened a message or followed a link is linked to you only if you agreed." }
            }
        }
    }
}

fn opt_in_words(needs: OptIn) -> &'static str {
    match needs {
        OptIn::OptIn => "Only if you agreed",
        OptIn::SoftOptIn => "If you agreed, or your company is our customer and you did not say no",
        OptIn::OptOut => "Unless you said no",
    }
}
