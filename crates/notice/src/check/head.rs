//! The head of a notice, its contact point, its categories, and how much there may be of everything.

use super::Check;
use crate::fault::Rule;
use crate::id::{Channel, MAX_FIELDS, MAX_PURPOSES};
use crate::model::{Category, Field, FieldKind, Search};
use crate::parse::reader::shown;

impl Check<'_> {
    pub(super) fn head(&mut self) {
        let notice = self.notice;
        if !is_language(&notice.language) {
            let what = format!("`{}` is no language", shown(&notice.language));
            self.fault(Rule::BadWord, "notice.language", what, "write it as BCP 47, e.g. `en`");
        }
        self.country("controller.country", &notice.controller.country);
        if !is_email(&notice.controller.email) {
            let what = format!("`{}` is no e-mail address", shown(&notice.controller.email));
            let hint = "write the address of the contact point";
            self.fault(Rule::BadContact, "controller.email", what, hint);
        }
        if let Some(web) = &notice.controller.web
            && !is_web(web)
        {
            let what = format!("`{}` is no https address", shown(web));
            self.fault(Rule::BadContact, "controller.web", what, "begin it with `https://`");
        }
        self.bounds();
    }

    fn bounds(&mut self) {
        let notice = self.notice;
        let uses = notice.purposes.values().map(|purpose| purpose.uses.len()).sum();
        for (path, what, count, limit) in [
            ("purposes", "purposes", notice.purposes.len(), MAX_PURPOSES),
            ("purposes", "uses", uses, 1_024),
            ("roles", "roles", notice.roles.len(), 64),
            ("regimes", "regimes", notice.regimes.len(), 32),
            ("categories", "categories", notice.categories.len(), 255),
            ("objects", "kinds of object", notice.objects.len(), 255),
        ] {
            if count > limit {
                let what = format!("there are {count} {what}, and at most {limit} may be");
                self.fault(Rule::TooMany, path, what, "join those that belong together");
            }
        }
        for (path, what) in [("purposes", "purpose"), ("categories", "category")] {
            let count =
                if path == "purposes" { notice.purposes.len() } else { notice.categories.len() };
            if count == 0 {
                let hint = format!("declare `[{path}.NAME]`");
                self.fault(Rule::NoPurpose, path, format!("there is no {what}"), hint);
            }
        }
    }

    pub(super) fn categories(&mut self) {
        for (name, category) in &self.notice.categories {
            let path = format!("categories.{name}");
            self.term(&format!("{path}.dpv"), &category.dpv);
            if category.fields.is_empty() {
                let what = format!("the category `{name}` has no field");
                self.fault(Rule::NoPurpose, &path, what, "declare its fields, or leave it out");
            }
            if category.fields.len() > MAX_FIELDS {
                let what = format!("the category `{name}` has more than {MAX_FIELDS} fields");
                self.fault(Rule::TooMany, &path, what, "make two categories of it");
            }
            for (field_name, field) in &category.fields {
                self.category_field(&format!("{path}.fields.{field_name}"), category, field);
            }
        }
    }

    fn category_field(&mut self, path: &str, category: &Category, field: &Field) {
        self.field_use(path, field);
        if field.kind == FieldKind::Label {
            let what = format!("`{path}` is a label, which names things and is never sealed");
            let hint = "write `type = \"text\"`, or `\"reference\"` for a number or code";
            self.fault(Rule::FieldUse, path, what, hint);
        }
        let address = matches!(field.kind, FieldKind::Email | FieldKind::Phone);
        let words = field.identifying && matches!(field.kind, FieldKind::Text { .. });
        if (address || words) && !field.sealed {
            let what = format!("`{path}` tells who somebody is and is not sealed");
            self.fault(Rule::FieldUse, path, what, "leave out `sealed = false`, or write `true`");
        }
        if category.special && field.search.is_some() {
            let what = format!("`{path}` finds people by special category data");
            self.fault(Rule::FieldUse, path, what, "leave out `search`");
        }
    }

    pub(super) fn field_use(&mut self, path: &str, field: &Field) {
        let wordy = matches!(field.kind, FieldKind::Text { .. } | FieldKind::Label);
        if field.search == Some(Search::Words) && !wordy {
            let what = format!("`{path}` is searched by words, and has none");
            self.fault(Rule::FieldUse, path, what, "write `search = \"exact\"`");
        }
        let fits = match field.channel {
            None => true,
            Some(Channel::Email) => field.kind == FieldKind::Email,
            Some(Channel::Phone) => field.kind == FieldKind::Phone,
            Some(Channel::Post) => matches!(field.kind, FieldKind::Text { .. }),
        };
        if !fits {
            let what = format!("`{path}` is no address of its channel");
            let hint = "a channel belongs to a field of type `email` or `phone`, post to a `text`";
            self.fault(Rule::FieldUse, path, what, hint);
        }
    }

    pub(super) fn term(&mut self, path: &str, term: &str) {
        let known = ["dpv", "pd", "eu-gdpr"];
        let fits = term.split_once(':').is_some_and(|(vocabulary, name)| {
            known.contains(&vocabulary)
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
        if !fits {
            let what = format!("`{}` is no term of the Data Privacy Vocabulary", shown(term));
            self.fault(Rule::Term, path, what, "write it as `dpv:Marketing` or `pd:Contact`");
        }
    }
}

fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or("");
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

fn is_email(address: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '(' | ')' | ',');
    address.chars().all(plain)
        && address.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && !domain.contains('@')
                && domain.split('.').count() > 1
                && domain.split('.').all(|part| !part.is_empty())
        })
}

fn is_web(address: &str) -> bool {
    address.strip_prefix("https://").is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic() && !"<>\"'\\".contains(c))
    })
}
