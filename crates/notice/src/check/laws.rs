//! Regimes, channels, reports, archive, and the purposes of the system itself.

use std::collections::BTreeMap;

use super::Check;
use super::names::rule_lists;
use crate::fault::Rule;
use crate::model::{Mode, Purpose};

/// With fewer than three, one of two contacts knows the other's figure.
const SMALLEST_CELL: u32 = 3;

impl Check<'_> {
    pub(super) fn laws(&mut self) {
        self.regimes();
        self.channels();
        self.archive();
        self.system();
        if self.notice.smallest_cell < SMALLEST_CELL {
            let what = format!("a cell may stand for {} contacts", self.notice.smallest_cell);
            let hint = format!("write `smallest_cell = {SMALLEST_CELL}` or more");
            self.fault(Rule::Cells, "reports.smallest_cell", what, hint);
        }
    }

    fn regimes(&mut self) {
        let notice = self.notice;
        if self.sound(&["regimes"]) {
            let own: Vec<&String> =
                notice.regimes.iter().filter(|(_, r)| r.own).map(|(name, _)| name).collect();
            match own.as_slice() {
                [_] => {}
                [] => {
                    let what = "no regime is the controller's own".to_owned();
                    let hint = "add `own = true` to the regime of the controller's country";
                    self.fault(Rule::Regimes, "regimes", what, hint);
                }
                [first, others @ ..] => {
                    for other in others {
                        let what = format!("`{other}` and `{first}` are both the controller's own");
                        let path = format!("regimes.{other}.own");
                        self.fault(Rule::Regimes, &path, what, "leave one `own = true`");
                    }
                }
            }
        }
        let mut regime_of: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, regime) in &notice.regimes {
            let path = format!("regimes.{name}");
            if !regime.own && regime.countries.is_empty() {
                let what = format!("the regime `{name}` covers no country");
                self.fault(Rule::Regimes, &path, what, "add `countries = [\"..\"]`");
            }
            if regime.basis.is_none() && !regime.except.is_empty() {
                let what = format!("`{name}` excepts bases from a rule that it does not have");
                let hint = "add `basis`, or leave `except` out";
                self.fault(Rule::Regimes, &format!("{path}.except"), what, hint);
            }
            for (at, country) in regime.countries.iter().enumerate() {
                if let Some(other) = regime_of.insert(country, name)
                    && other != name
                {
                    let what = format!("`{country}` is in the regimes `{other}` and `{name}`");
                    let path = format!("{path}.countries.{at}");
                    self.fault(Rule::Regimes, &path, what, "leave it in one");
                }
            }
        }
    }

    fn channels(&mut self) {
        for (channel, rule) in &self.notice.channels {
            let mut list_of: BTreeMap<&str, &str> = BTreeMap::new();
            for (key, codes) in rule_lists(rule).into_iter().filter(|(key, _)| *key != "traced") {
                for (at, country) in codes.iter().enumerate() {
                    if let Some(other) = list_of.insert(country, key)
                        && other != key
                    {
                        let what = format!("`{country}` is in `{other}` and in `{key}`");
                        let path = format!("channels.{}.{key}.{at}", channel.word());
                        self.fault(Rule::Channels, &path, what, "leave it in one list");
                    }
                }
            }
        }
    }

    fn archive(&mut self) {
        let notice = self.notice;
        let looked_into = notice.purposes.values().any(|purpose| purpose.reads_archive);
        if notice.archive.is_some() && !looked_into && self.sound(&["purposes"]) {
            let what = "no purpose may look into the archive".to_owned();
            let hint =
                "add `reads_archive = true` to the purposes that may, or leave `[archive]` out";
            self.fault(Rule::Archive, "archive", what, hint);
        }
        for (name, _) in notice.purposes.iter().filter(|(_, purpose)| purpose.reads_archive) {
            if notice.archive.is_none() && self.sound(&["archive"]) {
                let what = format!("`{name}` reads an archive that is not there");
                let hint = "add `[archive]`, or leave `reads_archive` out";
                self.fault(Rule::Archive, &format!("purposes.{name}.reads_archive"), what, hint);
            }
        }
    }

    fn system(&mut self) {
        let system = &self.notice.system;
        for (key, name) in [
            ("requests", &system.requests),
            ("archive", &system.archive),
            ("audit", &system.audit),
            ("operations", &system.operations),
        ] {
            let Some(purpose) = self.notice.purposes.get(name) else { continue };
            let path = format!("system.{key}");
            if purpose.mode != Mode::Identified {
                let what = format!("the system works under `{name}`, which knows nobody");
                self.fault(Rule::System, &path, what, "name a purpose that is `identified`");
            }
            self.system_part(key, &path, name, purpose);
        }
    }

    fn system_part(&mut self, key: &str, path: &str, name: &str, purpose: &Purpose) {
        if key == "requests" && !purpose.while_restricted {
            let what =
                format!("requests come under `{name}`, which rests while a contact is restricted");
            let hint = format!("add `while_restricted = true` to `[purposes.{name}]`");
            self.fault(Rule::System, path, what, hint);
        }
        let blind = matches!(key, "requests" | "archive") && !purpose.reads_archive;
        if blind && self.notice.archive.is_some() {
            let what = format!("`{name}` does not see contacts in the archive");
            let hint = format!("add `reads_archive = true` to `[purposes.{name}]`");
            self.fault(Rule::System, path, what, hint);
        }
    }
}
