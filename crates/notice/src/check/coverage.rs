//! Nothing is declared in vain: rules that look for what is absent everywhere.

use super::Check;
use super::names::purposes_with;
use crate::fault::Rule;

impl Check<'_> {
    pub(super) fn coverage(&mut self) {
        // What is absent may be in a purpose that could not be read.
        if !self.sound(&["purposes"]) {
            return;
        }
        let notice = self.notice;
        for category in notice.categories.keys() {
            let path = format!("categories.{category}");
            let collectors = purposes_with(notice, |p| &p.collects, category);
            let derivers = purposes_with(notice, |p| &p.derives, category);
            let readers = notice.purposes.iter().filter(|(_, p)| p.reads.contains_key(category));
            let readers: Vec<&str> = readers.map(|(name, _)| name.as_str()).collect();
            match readers.first() {
                None => {
                    let what = format!("no purpose may use the category `{category}`");
                    let hint =
                        "let a purpose read it, or leave it out: what nobody uses is not kept";
                    self.fault(Rule::NotUsed, &path, what, hint);
                }
                Some(reader) if collectors.is_empty() && derivers.is_empty() => {
                    let what =
                        format!("nobody collects the category `{category}` that `{reader}` reads");
                    let hint =
                        format!("add `{category}` to the `collects` or `derives` of a purpose");
                    let place = format!("purposes.{reader}.reads.{category}");
                    self.fault(Rule::NotCollected, &place, what, hint);
                }
                Some(_) => {}
            }
        }
        for role in notice.roles.keys() {
            if purposes_with(notice, |p| &p.roles, role).is_empty() {
                let what = format!("the role `{role}` works under no purpose");
                let hint = "name it in the `roles` of a purpose, or leave it out";
                self.fault(Rule::RoleNotUsed, &format!("roles.{role}"), what, hint);
            }
        }
    }
}
