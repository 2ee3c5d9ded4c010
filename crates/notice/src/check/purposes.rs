//! Each purpose by itself.

use super::Check;
use super::names::operation_lists;
use crate::fault::Rule;
use crate::model::{Basis, Mode, Objection, Purpose};
use crate::parse::reader::listed;

/// A purpose's id is the first part of its paths; these are taken.
const RESERVED: [&str; 9] =
    ["api", "assets", "demo", "healthz", "house", "me", "notice", "problems", "sign-in"];

impl Check<'_> {
    pub(super) fn purposes(&mut self) {
        let numbers_sound = self.sound(&["purposes"]);
        for (at, (name, purpose)) in self.notice.purposes.iter().enumerate() {
            let path = format!("purposes.{name}");
            if numbers_sound && usize::from(purpose.number) != at + 1 {
                let what = format!(
                    "`{name}` has the number {}, and is purpose {}",
                    purpose.number,
                    at + 1
                );
                let hint = "number the purposes 1, 2, 3 and so on, in the order of the file";
                self.fault(Rule::Numbers, &format!("{path}.number"), what, hint);
            }
            if RESERVED.contains(&name.as_str()) {
                let what = format!("`{name}` is the beginning of paths that are of no purpose");
                let hint = "give it another id; its title stays as it is";
                self.fault(Rule::ReservedId, &path, what, hint);
            }
            self.term(&format!("{path}.dpv"), &purpose.dpv);
            self.has_what_it_needs(name, &path, purpose);
            self.reads_what_it_works_with(name, &path, purpose);
            self.mode(name, &path, purpose);
            self.marketing(name, &path, purpose);
            self.objection(name, &path, purpose);
        }
    }

    fn has_what_it_needs(&mut self, name: &str, path: &str, purpose: &Purpose) {
        if purpose.uses.is_empty() {
            let hint = format!("declare `[purposes.{name}.uses.NAME]`");
            self.fault(Rule::NoUse, path, format!("`{name}` has no use"), hint);
        }
        if purpose.roles.is_empty() {
            let hint = "add `roles = [\"...\"]` with those who work under it";
            self.fault(Rule::NoRole, path, format!("nobody may work under `{name}`"), hint);
        }
        if purpose.reads.is_empty() {
            let hint =
                format!("declare `[purposes.{name}.reads]`, with a window for each category");
            self.fault(Rule::NoReads, path, format!("`{name}` reads no category"), hint);
        }
        if bases(purpose).contains(&Basis::LegitimateInterest) && purpose.interest.is_none() {
            let what = format!("`{name}` rests on a legitimate interest and does not say which");
            let hint = "add `interest = \"...\"`: what the company pursues (GDPR Art. 13(1)(d))";
            self.fault(Rule::NoInterest, &format!("{path}.basis"), what, hint);
        }
        for category in purpose.reads.keys() {
            let special = self.notice.categories.get(category).is_some_and(|c| c.special);
            if special && purpose.special_condition.is_none() {
                let what = format!(
                    "`{name}` reads the special category `{category}` and names no condition"
                );
                let hint = "add `special_condition = \"Art. 9(2)(...)\"`, or do not read it";
                self.fault(Rule::NoCondition, &format!("{path}.reads.{category}"), what, hint);
            }
        }
    }

    fn reads_what_it_works_with(&mut self, name: &str, path: &str, purpose: &Purpose) {
        for (key, list) in operation_lists(purpose) {
            for (at, category) in list.iter().enumerate() {
                let declared = self.notice.categories.contains_key(category);
                if declared && !purpose.reads.contains_key(category) {
                    let what = format!("`{name}` {key} `{category}` and does not read it");
                    let hint = format!(
                        "give it a window: `{category} = {{ window = \"...\" }}` in `[purposes.{name}.reads]`"
                    );
                    self.fault(Rule::NotRead, &format!("{path}.{key}.{at}"), what, hint);
                }
            }
        }
    }

    fn mode(&mut self, name: &str, path: &str, purpose: &Purpose) {
        if purpose.mode == Mode::Identified {
            return;
        }
        let mode = purpose.mode.word();
        for (category_name, read) in &purpose.reads {
            let Some(category) = self.notice.categories.get(category_name) else { continue };
            let read_path = format!("{path}.reads.{category_name}");
            let identifying = category.fields.iter().filter(|(_, field)| field.identifying);
            let identifying: Vec<&str> = identifying.map(|(field, _)| field.as_str()).collect();
            let Some(fields) = &read.fields else {
                if !identifying.is_empty() {
                    let what = format!(
                        "`{name}` is {mode}, and all of `{category_name}` tells who somebody is"
                    );
                    let hint = format!("list its `fields`, without {}", listed(&identifying));
                    self.fault(Rule::ModeTooWide, &read_path, what, hint);
                }
                continue;
            };
            for (at, field) in fields.iter().enumerate() {
                if identifying.contains(&field.as_str()) {
                    let what = format!("`{name}` is {mode}, and `{field}` tells who somebody is");
                    let place = format!("{read_path}.fields.{at}");
                    self.fault(Rule::ModeTooWide, &place, what, "leave the field out");
                }
            }
        }
        for (key, list) in operation_lists(purpose) {
            let derives = key == "derives" && purpose.mode == Mode::Pseudonymous;
            if !list.is_empty() && !derives {
                let what = format!("`{name}` is {mode} and {key} personal data");
                let hint = format!("leave `{key}` out, or write `mode = \"identified\"`");
                self.fault(Rule::ModeTooWide, &format!("{path}.{key}"), what, hint);
            }
        }
    }

    fn marketing(&mut self, name: &str, path: &str, purpose: &Purpose) {
        for (use_name, used) in purpose.uses.iter().filter(|(_, used)| used.direct_marketing) {
            let use_path = format!("{path}.uses.{use_name}.direct_marketing");
            if purpose.objection == Objection::None {
                let what =
                    format!("`{name}` leaves no objection to the direct marketing of `{use_name}`");
                let hint = "write `objection = \"absolute\"` (GDPR Art. 21(2))";
                self.fault(Rule::MarketingObjection, &format!("{path}.objection"), what, hint);
            }
            if purpose.mode != Mode::Identified {
                let what = format!("`{use_name}` is direct marketing, and `{name}` knows nobody");
                self.fault(Rule::MarketingBasis, &use_path, what, "write `mode = \"identified\"`");
            }
            let stated = match used.basis {
                Some(basis) => vec![basis],
                None => purpose_bases(purpose),
            };
            let wrong = stated
                .into_iter()
                .find(|basis| !matches!(basis, Basis::Consent | Basis::LegitimateInterest));
            if let Some(basis) = wrong {
                let what =
                    format!("`{use_name}` is direct marketing and rests on {}", basis.title());
                let hint = "direct marketing rests on `consent` or `legitimate-interest`";
                self.fault(Rule::MarketingBasis, &use_path, what, hint);
            }
        }
    }

    fn objection(&mut self, name: &str, path: &str, purpose: &Purpose) {
        if purpose.objection == Objection::Weighed
            && !bases(purpose).contains(&Basis::LegitimateInterest)
        {
            let what = format!(
                "an objection to `{name}` is weighed, and no legitimate interest is there to weigh"
            );
            let hint =
                "write `objection = \"none\"` (GDPR Art. 21(1) is about legitimate interest)";
            self.fault(Rule::ObjectionBasis, &format!("{path}.objection"), what, hint);
        }
    }
}

/// Every basis that a purpose or one of its uses may rest on, regimes' own rules aside.
fn bases(purpose: &Purpose) -> Vec<Basis> {
    let uses = purpose.uses.values().filter_map(|used| used.basis);
    purpose_bases(purpose).into_iter().chain(uses).collect()
}

fn purpose_bases(purpose: &Purpose) -> Vec<Basis> {
    let others = purpose.basis_in.values().copied().chain(purpose.basis_for_sole_trader);
    std::iter::once(purpose.basis).chain(others).collect()
}
