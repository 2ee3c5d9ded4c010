//! The guardrails of profiling: what feeds it, and who may read what comes of it.

use super::Check;
use super::names::purposes_with;
use crate::fault::Rule;
use crate::model::{FieldKind, Profiling, Purpose};
use crate::parse::reader::shown;

impl<'n> Check<'n> {
    pub(super) fn profiling(&mut self) {
        let Some(profiling) = &self.notice.profiling else {
            if self.sound(&["profiling"]) {
                self.no_profiling();
            }
            return;
        };
        self.features(profiling);
        self.attributes(profiling);
        self.weights(profiling);
        for (key, name) in [("interests", &profiling.interests), ("segments", &profiling.segments)]
        {
            if self.category_name(&format!("profiling.{key}"), name) {
                self.profile_category(key, name);
            }
        }
        if profiling.interests == profiling.segments {
            let what = "interests and segments are the same category".to_owned();
            let hint = "give each a category of its own";
            self.fault(Rule::ProfileCategories, "profiling.segments", what, hint);
        }
        self.interest_readers(profiling);
        self.segment_readers(profiling);
        self.segment_rules(profiling);
        if profiling.smallest_segment < self.notice.smallest_cell {
            let what = format!(
                "a segment may have {} members, fewer than a cell of a report",
                profiling.smallest_segment
            );
            let hint = format!("write `smallest_segment = {}` or more", self.notice.smallest_cell);
            self.fault(Rule::Cells, "profiling.smallest_segment", what, hint);
        }
    }

    fn no_profiling(&mut self) {
        for (purpose_name, purpose) in &self.notice.purposes {
            for (use_name, used) in &purpose.uses {
                for (key, flag) in [("interests", used.interests), ("segments", used.segments)] {
                    if flag {
                        let path = format!("purposes.{purpose_name}.uses.{use_name}.{key}");
                        let what =
                            format!("`{use_name}` reads {key}, and the notice has no profiling");
                        let rule = reader_rule(key);
                        self.fault(rule, &path, what, "add `[profiling]`, or leave the flag out");
                    }
                }
            }
        }
    }

    fn features(&mut self, profiling: &Profiling) {
        if profiling.features.is_empty() {
            let what = "nothing feeds profiling".to_owned();
            let hint = "name the categories in `features`, or leave `[profiling]` out";
            self.fault(Rule::Profiling, "profiling", what, hint);
        }
        for (at, feature) in profiling.features.iter().enumerate() {
            let path = format!("profiling.features.{at}");
            if !self.category_name(&path, feature) {
                continue;
            }
            self.feeds(&path, feature);
            if *feature == profiling.interests || *feature == profiling.segments {
                let what = format!("`{feature}` comes of profiling and cannot feed it");
                self.fault(Rule::Profiling, &path, what, "leave it out");
            }
            for deriver in self.derivers(profiling) {
                self.deriver_reads(&path, deriver, feature, None);
            }
        }
    }

    /// What feeds profiling is no special category.
    fn feeds(&mut self, path: &str, category: &str) {
        if self.notice.categories.get(category).is_some_and(|category| category.special) {
            let what = format!("`{category}` is a special category and cannot feed profiling");
            self.fault(Rule::Profiling, path, what, "leave it out (GDPR Art. 9, 22(4))");
        }
    }

    fn attributes(&mut self, profiling: &Profiling) {
        for (at, attribute) in profiling.attributes.iter().enumerate() {
            let path = format!("profiling.attributes.{at}");
            let Some((owner, field_name)) = attribute.split_once('.') else {
                let what = format!("`{}` is no attribute", shown(attribute));
                let hint = "write `company.FIELD` or `CATEGORY.FIELD`";
                self.fault(Rule::Profiling, &path, what, hint);
                continue;
            };
            if owner == "company" {
                let company = self.notice.objects.get("company");
                let fields = company.iter().flat_map(|kind| kind.fields.keys());
                self.known(
                    &path,
                    ("field", " in `company`"),
                    field_name,
                    fields.map(String::as_str),
                );
                continue;
            }
            if !self.category_name(&path, owner) || !self.field_name(&path, owner, field_name) {
                continue;
            }
            self.feeds(&path, owner);
            let category = self.notice.categories.get(owner);
            let Some(field) = category.and_then(|c| c.fields.get(field_name)) else { continue };
            if field.sealed || field.identifying {
                let kind = if field.sealed { "sealed" } else { "identifying" };
                let what = format!("`{attribute}` is {kind} and cannot feed profiling");
                let hint = "name an attribute that tells nothing of who somebody is";
                self.fault(Rule::Profiling, &path, what, hint);
            }
            for deriver in self.derivers(profiling) {
                self.deriver_reads(&path, deriver, owner, Some(field_name));
            }
        }
    }

    /// The purposes that make interests or segments.
    fn derivers(&self, profiling: &Profiling) -> Vec<(&'n str, &'n Purpose)> {
        let makes = |purpose: &Purpose| {
            purpose.derives.iter().any(|c| *c == profiling.interests || *c == profiling.segments)
        };
        let purposes = self.notice.purposes.iter();
        purposes.filter(|(_, p)| makes(p)).map(|(name, p)| (name.as_str(), p)).collect()
    }

    /// What feeds profiling is read by whoever does it.
    fn deriver_reads(
        &mut self,
        path: &str,
        (name, purpose): (&str, &Purpose),
        category: &str,
        field: Option<&str>,
    ) {
        let read = purpose.reads.get(category);
        let whole =
            |fields: &Vec<String>| field.is_none_or(|field| fields.iter().any(|f| f == field));
        if read.is_none_or(|read| read.fields.as_ref().is_some_and(|fields| !whole(fields))) {
            let fed =
                field.map_or_else(|| category.to_owned(), |field| format!("{category}.{field}"));
            let what = format!("`{name}` derives from `{fed}` and does not read it");
            let hint =
                format!("add it to `[purposes.{name}.reads]`, or do not feed profiling with it");
            self.fault(Rule::Profiling, path, what, hint);
        }
    }

    fn weights(&mut self, profiling: &Profiling) {
        if profiling.topics.is_empty() {
            let hint = "declare `[profiling.topics]`";
            self.fault(Rule::Profiling, "profiling", "there are no topics".to_owned(), hint);
        }
        if profiling.topics.contains_key("any") {
            let what = "the topic `any` stands for all topics together in rules".to_owned();
            self.fault(Rule::Profiling, "profiling.topics.any", what, "give it another id");
        }
        if profiling.weights.is_empty() {
            let hint = "declare `[profiling.weights]`";
            self.fault(
                Rule::Profiling,
                "profiling",
                "no reaction weighs anything".to_owned(),
                hint,
            );
        }
        let features =
            profiling.features.iter().filter_map(|name| self.notice.categories.get(name));
        let codes = features.flat_map(|category| category.fields.values()).flat_map(|field| {
            match &field.kind {
                FieldKind::Code { values } => values.iter().map(String::as_str).collect(),
                _ => Vec::new(),
            }
        });
        let codes: Vec<&str> = codes.collect();
        if codes.is_empty() && !profiling.weights.is_empty() {
            let what = "the features have no code that a weight could be for".to_owned();
            let hint = "name a category with a field of type `code` in `features`";
            self.fault(Rule::Profiling, "profiling.weights", what, hint);
            return;
        }
        for weight in profiling.weights.keys() {
            let path = format!("profiling.weights.{weight}");
            self.known(&path, ("code", " in the features"), weight, codes.iter().copied());
        }
    }

    fn profile_category(&mut self, key: &str, name: &str) {
        let notice = self.notice;
        let path = format!("profiling.{key}");
        if self.sound(&["purposes"]) && purposes_with(notice, |p| &p.derives, name).is_empty() {
            let what = format!("no purpose derives `{name}`");
            let hint = format!("add `{name}` to the `derives` of a purpose");
            self.fault(Rule::ProfileCategories, &path, what, hint);
        }
        for (purpose_name, purpose) in &notice.purposes {
            for (verb, list) in super::names::operation_lists(purpose) {
                if let Some(at) = list.iter().position(|category| category == name)
                    && verb != "derives"
                {
                    let what =
                        format!("`{purpose_name}` {verb} `{name}`, which is only ever derived");
                    let path = format!("purposes.{purpose_name}.{verb}.{at}");
                    self.fault(Rule::ProfileCategories, &path, what, "leave it out");
                }
            }
        }
    }

    fn interest_readers(&mut self, profiling: &Profiling) {
        for (at, reader) in profiling.interest_readers.iter().enumerate() {
            let path = format!("profiling.interest_readers.{at}");
            if !self.purpose_name(&path, reader) {
                continue;
            }
            let purpose = self.notice.purposes.get(reader);
            if purpose.is_some_and(|purpose| !purpose.reads.contains_key(&profiling.interests)) {
                let what = format!("`{reader}` may read interests and does not");
                let hint =
                    format!("add `{}` to its reads, or leave it out here", profiling.interests);
                self.fault(Rule::InterestReaders, &path, what, hint);
            }
        }
        for (name, purpose) in &self.notice.purposes {
            let listed = profiling.interest_readers.contains(name);
            let path = format!("purposes.{name}");
            let reads = purpose.reads.contains_key(&profiling.interests);
            if reads && !listed {
                let what = format!("profiling feeds `{name}`, which is outside its list");
                let path = format!("{path}.reads.{}", profiling.interests);
                let hint = "add the purpose to `interest_readers`, or leave the category out";
                self.fault(Rule::InterestReaders, &path, what, hint);
            }
            self.reader_flags("interests", name, purpose, reads);
        }
    }

    fn segment_readers(&mut self, profiling: &Profiling) {
        for (at, reader) in profiling.segment_readers.iter().enumerate() {
            let path = format!("profiling.segment_readers.{at}");
            let (purpose_name, use_name) = reader.split_once('/').unwrap_or((reader, ""));
            if use_name.is_empty() {
                let what = format!("`{}` is no use", shown(reader));
                self.fault(Rule::SegmentReaders, &path, what, "write it as `PURPOSE/USE`");
                continue;
            }
            if !self.purpose_name(&path, purpose_name) {
                continue;
            }
            let Some(purpose) = self.notice.purposes.get(purpose_name) else { continue };
            let uses = purpose.uses.keys().map(String::as_str);
            let known =
                self.known(&path, ("use", &format!(" of `{purpose_name}`")), use_name, uses);
            if known && purpose.uses.get(use_name).is_some_and(|used| !used.segments) {
                let what = format!("`{reader}` may read segments and does not say so itself");
                let hint =
                    format!("add `segments = true` to `[purposes.{purpose_name}.uses.{use_name}]`");
                self.fault(Rule::SegmentReaders, &path, what, hint);
            }
        }
        for (name, purpose) in &self.notice.purposes {
            for (use_name, _) in purpose.uses.iter().filter(|(_, used)| used.segments) {
                let listed = format!("{name}/{use_name}");
                if !profiling.segment_readers.contains(&listed) {
                    let what = format!("profiling feeds `{listed}`, which is outside its list");
                    let path = format!("purposes.{name}.uses.{use_name}.segments");
                    let hint = "add the use to `segment_readers`, or leave the flag out";
                    self.fault(Rule::SegmentReaders, &path, what, hint);
                }
            }
            let reads = purpose.reads.contains_key(&profiling.segments);
            self.reader_flags("segments", name, purpose, reads);
        }
    }

    /// A purpose reads interests or segments where, and only where, a use of it says so.
    fn reader_flags(&mut self, key: &str, name: &str, purpose: &Purpose, reads: bool) {
        let Some(profiling) = &self.notice.profiling else { return };
        let category = if key == "interests" { &profiling.interests } else { &profiling.segments };
        let flag = |used: &crate::model::Use| {
            if key == "interests" { used.interests } else { used.segments }
        };
        let path = format!("purposes.{name}");
        let derives = purpose.derives.contains(category);
        if reads && !derives && !purpose.uses.values().any(flag) {
            let what = format!("`{name}` reads `{category}`, and none of its uses says so");
            let hint = format!("add `{key} = true` to the use that does");
            self.fault(reader_rule(key), &format!("{path}.reads.{category}"), what, hint);
        }
        for (use_name, used) in purpose.uses.iter().filter(|(_, used)| flag(used)) {
            let narrowed = used.categories.as_ref().is_some_and(|list| !list.contains(category));
            if !reads || narrowed {
                let what = format!("`{use_name}` reads {key}, and does not list `{category}`");
                let place = if narrowed { "the use's `categories`" } else { "the purpose's reads" };
                let hint = format!("add `{category}` to {place}, or leave the flag out");
                let path = format!("{path}.uses.{use_name}.{key}");
                self.fault(reader_rule(key), &path, what, hint);
            }
        }
    }
}

fn reader_rule(key: &str) -> Rule {
    if key == "interests" { Rule::InterestReaders } else { Rule::SegmentReaders }
}
