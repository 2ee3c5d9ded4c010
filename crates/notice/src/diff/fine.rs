//! What else differs: names, texts, how fields are found, lists in the small. Each part is taken apart
//! field by field, so that whatever a notice comes to say is compared or does not compile.

use std::fmt::Display;

use super::{Change, Effect, gained_and_lost};
use crate::id::Channel;
use crate::model::{
    Basis, Category, ChannelRule, Field, FieldKind, Named, Notice, ObjectKind, Profiling, Purpose,
    Regime, Search, Segment, Use,
};

pub(super) fn compare(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    let mut found = Found { changes, purpose: None, category: None };
    found.text("the language of the notice", &old.language, &new.language);
    found.roles(&old.roles, &new.roles);
    for (name, before, after) in both(&old.categories, &new.categories) {
        found.category = Some(name.clone());
        found.in_category(name, before, after);
    }
    found.category = None;
    for (name, before, after) in both(&old.purposes, &new.purposes) {
        found.purpose = Some(name.clone());
        found.in_purpose(before, after);
    }
    found.purpose = None;
    for (name, before, after) in both(&old.objects, &new.objects) {
        found.in_kind(name, before, after);
    }
    if let (Some(before), Some(after)) = (&old.profiling, &new.profiling) {
        found.in_profiling(before, after);
    }
    for (name, before, after) in both(&old.regimes, &new.regimes) {
        found.in_regime(name, before, after);
    }
    for (channel, after) in &new.channels {
        if let Some(before) = old.channels.get(channel) {
            found.in_channel(channel.word(), before, after);
        }
    }
}

/// What both have under one name, in the order of the newer.
fn both<'n, T>(
    old: &'n Named<T>,
    new: &'n Named<T>,
) -> impl Iterator<Item = (&'n String, &'n T, &'n T)> {
    new.iter().filter_map(|(name, after)| Some((name, old.get(name)?, after)))
}

/// The changes, and whose they are.
struct Found<'c> {
    changes: &'c mut Vec<Change>,
    purpose: Option<String>,
    category: Option<String>,
}

impl Found<'_> {
    fn push(&mut self, change: Change) {
        let (purpose, category) = (self.purpose.clone(), self.category.clone());
        self.changes.push(Change { purpose, category, ..change });
    }

    /// A text, a word or a number that is another one.
    fn text(&mut self, whose: &str, before: &impl Display, after: &impl Display) {
        let (before, after) = (before.to_string(), after.to_string());
        if before != after {
            let what = format!("{whose} is another: {after}");
            self.push(Change::new(Effect::Differs, "wording", what).was_now(before, after));
        }
    }

    /// The same where there may be none.
    fn choice(&mut self, whose: &str, before: Option<&str>, after: Option<&str>) {
        self.text(whose, &before.unwrap_or("none"), &after.unwrap_or("none"));
    }

    /// A property that more may be done with, or less.
    fn flag(&mut self, kind: &'static str, was: bool, is: bool, (now, no_more): (&str, &str)) {
        match (was, is) {
            (false, true) => self.push(Change::new(Effect::Gains, kind, now.to_owned())),
            (true, false) => self.push(Change::new(Effect::Loses, kind, no_more.to_owned())),
            _ => {}
        }
    }

    /// A list of which the members count, and their order.
    fn list(&mut self, whose: &str, before: &[String], after: &[String]) {
        if before != after {
            let (more, fewer) = gained_and_lost(before, after);
            let what = match (more.as_slice(), fewer.as_slice()) {
                ([], []) => format!("{whose}: the same in another order"),
                (more, []) => format!("{whose}: also {}", more.join(", ")),
                ([], fewer) => format!("{whose}: no more {}", fewer.join(", ")),
                (more, fewer) => {
                    format!("{whose}: also {}, no more {}", more.join(", "), fewer.join(", "))
                }
            };
            let change = Change::new(Effect::Differs, "list", what);
            self.push(change.was_now(before.join(", "), after.join(", ")));
        }
    }

    fn roles(&mut self, before: &Named<String>, after: &Named<String>) {
        let names = |roles: &Named<String>| roles.keys().cloned().collect::<Vec<_>>();
        self.list("the roles", &names(before), &names(after));
        for (name, was, is) in both(before, after) {
            self.text(&format!("the name of the role {name}"), was, is);
        }
    }

    fn in_category(&mut self, name: &str, before: &Category, after: &Category) {
        // What is not compared here is what the coarser comparison has.
        let Category {
            title,
            description,
            dpv,
            source: _,
            single,
            company,
            special: _,
            expires: _,
            about,
            fields,
        } = after;
        self.text(&format!("the name of {name}"), &before.title, title);
        self.text(&format!("the description of {name}"), &before.description, description);
        self.text(&format!("the term of {name}"), &before.dpv, dpv);
        let one_or_many = |single: bool| if single { "one" } else { "many" };
        let records = format!("the number of records of {name} that a contact has");
        self.text(&records, &one_or_many(before.single), &one_or_many(*single));
        let now = format!("{name} tells which company a contact represents");
        let no_more = format!("{name} tells no more which company a contact represents");
        self.flag("company", before.company, *company, (&now, &no_more));
        self.list(&format!("what {name} may be about"), &before.about, about);
        self.in_fields(name, &before.fields, fields);
    }

    fn in_fields(&mut self, owner: &str, before: &Named<Field>, after: &Named<Field>) {
        let order = |fields: &Named<Field>, other: &Named<Field>| {
            fields.keys().filter(|name| other.contains_key(*name)).cloned().collect::<Vec<_>>()
        };
        let places = format!("the order of the fields of {owner}");
        self.list(&places, &order(before, after), &order(after, before));
        for (name, before, after) in both(before, after) {
            let Field { title, kind, sealed: _, search, identifying, channel, required } = after;
            let field = format!("{owner}.{name}");
            self.text(&format!("the name of {field}"), &before.title, title);
            // Another type of a category's is told coarsely; here, what it holds within one.
            match (&before.kind, kind) {
                (FieldKind::Text { max: was }, FieldKind::Text { max }) => {
                    self.text(&format!("the longest text of {field}"), was, max);
                }
                (FieldKind::Code { values: was }, FieldKind::Code { values }) => {
                    self.list(&format!("the codes of {field}"), was, values);
                }
                (was, is) if self.category.is_none() => {
                    self.text(&format!("what {field} holds"), &was.word(), &is.word());
                }
                _ => {}
            }
            let looked_for = format!("how {field} is looked for");
            self.choice(&looked_for, before.search.map(Search::word), search.map(Search::word));
            let now = format!("{field} counts no more as telling who somebody is");
            let no_more = format!("{field} counts as telling who somebody is");
            self.flag("identifying", !before.identifying, !identifying, (&now, &no_more));
            let address = format!("the channel whose address {field} is");
            self.choice(&address, before.channel.map(Channel::word), channel.map(Channel::word));
            let needed = |required: bool| if required { "yes" } else { "no" };
            let whether = format!("whether {field} must be there");
            self.text(&whether, &needed(before.required), &needed(*required));
        }
    }

    fn in_purpose(&mut self, before: &Purpose, after: &Purpose) {
        let Purpose {
            number,
            title: _,
            description: _,
            dpv,
            basis: _,
            basis_in: _,
            basis_for_sole_trader: _,
            interest: _,
            special_condition: _,
            mode: _,
            reads: _,
            collects,
            changes,
            derives,
            discloses,
            roles,
            recipients,
            uses,
            objection: _,
            reads_archive: _,
            while_restricted: _,
        } = after;
        self.text("its number", &before.number, number);
        self.text("its term", &before.dpv, dpv);
        // Members of these lists are told coarsely; here, that what it may not read is in one of them.
        for (what, was, is) in [
            ("what it collects", &before.collects, collects),
            ("what it changes", &before.changes, changes),
            ("what it derives", &before.derives, derives),
            ("what it discloses", &before.discloses, discloses),
        ] {
            let unread = |list: &[String]| {
                let unread = list.iter().filter(|name| !after.reads.contains_key(*name));
                unread.cloned().collect::<Vec<_>>()
            };
            self.list(what, &unread(was), &unread(is));
        }
        for (what, was, is) in [
            ("its roles", &before.roles, roles),
            ("its recipients", &before.recipients, recipients),
        ] {
            if gained_and_lost(was, is) == (Vec::new(), Vec::new()) {
                self.list(what, was, is);
            }
        }
        let order = |uses: &Named<Use>| uses.keys().cloned().collect::<Vec<_>>();
        let (was, is) = (order(&before.uses), order(uses));
        if gained_and_lost(&was, &is) == (Vec::new(), Vec::new()) {
            self.list("its uses", &was, &is);
        }
        for (name, before, after) in both(&before.uses, uses) {
            let Use {
                title,
                direct_marketing: _,
                interests: _,
                segments: _,
                basis: _,
                categories: _,
                operations: _,
            } = after;
            self.text(&format!("the name of the use {name}"), &before.title, title);
        }
    }

    fn in_kind(&mut self, name: &str, before: &ObjectKind, after: &ObjectKind) {
        let ObjectKind {
            title,
            plural,
            company,
            states: _,
            closed: _,
            read: _,
            write: _,
            fields,
            part_of,
        } = after;
        self.text(&format!("the name of {name}"), &before.title, title);
        self.text(&format!("the name of several of {name}"), &before.plural, plural);
        let belongs = format!("whether {name} belongs to a company");
        self.text(&belongs, &before.company.word(), &company.word());
        let whole = format!("what {name} is part of");
        self.choice(&whole, before.part_of.as_deref(), part_of.as_deref());
        self.in_fields(name, &before.fields, fields);
    }

    fn in_profiling(&mut self, before: &Profiling, after: &Profiling) {
        let Profiling {
            features: _,
            attributes: _,
            interests,
            segments,
            interest_readers,
            segment_readers,
            topics,
            weights: _,
            half_life_days: _,
            smallest_segment: _,
            review: _,
            effect: _,
            segment,
        } = after;
        self.text("the category of interests", &before.interests, interests);
        self.text("the category of segments", &before.segments, segments);
        self.list("who reads interests", &before.interest_readers, interest_readers);
        self.list("who reads segments", &before.segment_readers, segment_readers);
        for (name, was, is) in both(&before.topics, topics) {
            self.text(&format!("the name of the topic {name}"), was, is);
        }
        for (name, before, after) in both(&before.segment, segment) {
            let Segment { title, meaning: _, rule: _ } = after;
            self.text(&format!("the name of the segment {name}"), &before.title, title);
        }
    }

    fn in_regime(&mut self, name: &str, before: &Regime, after: &Regime) {
        let Regime { title, own, countries, basis, except, held_in } = after;
        let words =
            |bases: &[Basis]| bases.iter().map(|basis| basis.word().to_owned()).collect::<Vec<_>>();
        self.text(&format!("the name of the law {name}"), &before.title, title);
        let own_law = |own: bool| if own { "yes" } else { "no" };
        let whose = format!("whether {name} is the controller's own law");
        self.text(&whose, &own_law(before.own), &own_law(*own));
        self.list(&format!("the countries under {name}"), &before.countries, countries);
        let (was, is) = (before.basis.map(Basis::word), basis.map(Basis::word));
        self.choice(&format!("the basis that {name} asks for"), was, is);
        self.list(&format!("the bases that {name} leaves"), &words(&before.except), &words(except));
        let region = format!("where {name} wants data to be held");
        self.choice(&region, before.held_in.as_deref(), held_in.as_deref());
    }

    fn in_channel(&mut self, channel: &str, before: &ChannelRule, after: &ChannelRule) {
        let ChannelRule { default, opt_in, soft_opt_in, opt_out, traced } = after;
        let elsewhere = format!("what {channel} needs where nothing else is said");
        self.text(&elsewhere, &before.default.word(), &default.word());
        for (what, was, is) in [
            ("opt-in", &before.opt_in, opt_in),
            ("opt-in but for customers", &before.soft_opt_in, soft_opt_in),
            ("opt-out", &before.opt_out, opt_out),
            ("tracing without consent", &before.traced, traced),
        ] {
            self.list(&format!("countries of {what} by {channel}"), was, is);
        }
    }
}
