//! Every name stands for something that is declared.

use super::Check;
use crate::model::{Notice, ObjectKind, Purpose};

impl Check<'_> {
    pub(super) fn names(&mut self) {
        let notice = self.notice;
        for (name, category) in &notice.categories {
            self.kinds(&format!("categories.{name}.about"), &category.about);
        }
        for (name, purpose) in &notice.purposes {
            self.purpose_names(&format!("purposes.{name}"), purpose);
        }
        for (name, kind) in &notice.objects {
            self.object_names(&format!("objects.{name}"), kind);
        }
        for (name, regime) in &notice.regimes {
            self.countries(&format!("regimes.{name}.countries"), &regime.countries);
        }
        for (channel, rule) in &notice.channels {
            for (key, codes) in rule_lists(rule) {
                self.countries(&format!("channels.{}.{key}", channel.word()), codes);
            }
        }
        let system = &notice.system;
        for (key, name) in [
            ("requests", &system.requests),
            ("archive", &system.archive),
            ("audit", &system.audit),
            ("operations", &system.operations),
        ] {
            self.purpose_name(&format!("system.{key}"), name);
        }
    }

    fn purpose_names(&mut self, path: &str, purpose: &Purpose) {
        let notice = self.notice;
        for (at, role) in purpose.roles.iter().enumerate() {
            let roles = notice.roles.keys().map(String::as_str);
            self.known(&format!("{path}.roles.{at}"), ("role", ""), role, roles);
        }
        for regime in purpose.basis_in.keys() {
            let regimes = notice.regimes.keys().map(String::as_str);
            self.known(&format!("{path}.basis_in.{regime}"), ("regime", ""), regime, regimes);
        }
        for (category, read) in &purpose.reads {
            let read_path = format!("{path}.reads.{category}");
            if self.category_name(&read_path, category) {
                let fields = read.fields.iter().flatten().enumerate();
                for (at, field) in fields {
                    self.field_name(&format!("{read_path}.fields.{at}"), category, field);
                }
            }
        }
        for (key, list) in operation_lists(purpose) {
            for (at, category) in list.iter().enumerate() {
                self.category_name(&format!("{path}.{key}.{at}"), category);
            }
        }
        for (use_name, used) in &purpose.uses {
            for (at, category) in used.categories.iter().flatten().enumerate() {
                let path = format!("{path}.uses.{use_name}.categories.{at}");
                let reads = purpose.reads.keys().map(String::as_str);
                self.known(&path, ("category", " among what the purpose reads"), category, reads);
            }
        }
    }

    fn object_names(&mut self, path: &str, kind: &ObjectKind) {
        for (key, purposes) in [("read", &kind.read), ("write", &kind.write)] {
            for (at, purpose) in purposes.iter().enumerate() {
                self.purpose_name(&format!("{path}.{key}.{at}"), purpose);
            }
        }
        if let Some(part_of) = &kind.part_of {
            self.kind_name(&format!("{path}.part_of"), part_of);
        }
    }

    fn kinds(&mut self, path: &str, kinds: &[String]) {
        for (at, kind) in kinds.iter().enumerate() {
            self.kind_name(&format!("{path}.{at}"), kind);
        }
    }

    fn kind_name(&mut self, path: &str, name: &str) {
        let kinds = self.notice.objects.keys().map(String::as_str);
        self.known(path, ("kind of object", ""), name, kinds);
    }

    pub(super) fn purpose_name(&mut self, path: &str, name: &str) -> bool {
        let purposes = self.notice.purposes.keys().map(String::as_str);
        self.known(path, ("purpose", ""), name, purposes)
    }

    pub(super) fn category_name(&mut self, path: &str, name: &str) -> bool {
        let categories = self.notice.categories.keys().map(String::as_str);
        self.known(path, ("category", ""), name, categories)
    }

    pub(super) fn field_name(&mut self, path: &str, category: &str, name: &str) -> bool {
        let fields = self.notice.categories.get(category).map(|category| category.fields.keys());
        let place = format!(" in `{category}`");
        self.known(path, ("field", &place), name, fields.into_iter().flatten().map(String::as_str))
    }
}

/// The categories of a purpose by what it does with them, besides reading.
pub(super) fn operation_lists(purpose: &Purpose) -> [(&'static str, &[String]); 4] {
    [
        ("collects", &purpose.collects),
        ("changes", &purpose.changes),
        ("derives", &purpose.derives),
        ("discloses", &purpose.discloses),
    ]
}

/// The lists of countries of a channel.
pub(super) fn rule_lists(rule: &crate::model::ChannelRule) -> [(&'static str, &[String]); 4] {
    [
        ("opt_in", &rule.opt_in),
        ("soft_opt_in", &rule.soft_opt_in),
        ("opt_out", &rule.opt_out),
        ("traced", &rule.traced),
    ]
}

/// The purposes that do this with a category.
pub(super) fn purposes_with<'n>(
    notice: &'n Notice,
    lists: impl Fn(&'n Purpose) -> &'n [String],
    category: &str,
) -> Vec<&'n str> {
    let purposes = notice.purposes.iter();
    let doing = purposes.filter(|(_, purpose)| lists(purpose).iter().any(|c| c == category));
    doing.map(|(name, _)| name.as_str()).collect()
}
