//! Every window ends.

use super::Check;
use crate::fault::Rule;
use crate::time::{Anchor, Length, Window};

/// Longer than any limitation or retention period that we know of.
const MAX_YEARS: u16 = 100;

impl Check<'_> {
    pub(super) fn windows(&mut self) {
        let notice = self.notice;
        for (name, purpose) in &notice.purposes {
            for (category, read) in &purpose.reads {
                let path = format!("purposes.{name}.reads.{category}.window");
                self.window(&path, read.window);
                self.window_anchor(&path, category, read.window);
            }
        }
        for (path, window) in [
            ("audit.window", notice.audit_window),
            ("suppression.window", notice.suppression_window),
        ] {
            self.window(path, window);
            if window.anchor != Anchor::Collected {
                let what = format!("`{window}` counts from a contact, and outlives it");
                self.fault(Rule::NoWindowEnd, path, what, "count it `after collected`");
            }
        }
        if let Some(archive) = &notice.archive {
            let path = "archive.non_active_after";
            self.window(path, archive.non_active_after);
            if archive.non_active_after.anchor != Anchor::LastActivity {
                let what = format!("`{}` says nothing of being active", archive.non_active_after);
                self.fault(Rule::Archive, path, what, "count it `after last activity`");
            }
        }
    }

    fn window(&mut self, path: &str, window: Window) {
        let (none, long) = match window.length {
            Length::Days(n) => (n == 0, u32::from(n) > u32::from(MAX_YEARS) * 366),
            Length::Months(n) => (n == 0, n > MAX_YEARS * 12),
            Length::Years(n) => (n == 0, n > MAX_YEARS),
        };
        if none {
            let what = format!("`{window}` is no time at all");
            self.fault(Rule::NoWindowEnd, path, what, "name a time, or do not read the category");
        }
        if long {
            let what = format!("`{window}` is longer than {MAX_YEARS} years");
            let hint = "name the time that the purpose needs (GDPR Art. 5(1)(e))";
            self.fault(Rule::NoWindowEnd, path, what, hint);
        }
    }

    fn window_anchor(&mut self, path: &str, category: &str, window: Window) {
        let notice = self.notice;
        if window.anchor == Anchor::EndOfRelation && notice.archive.is_none() {
            let what = format!("`{window}` has no end: nothing in the notice ends a relation");
            let hint = "add `[archive]`, or count from `last activity`";
            self.fault(Rule::NoWindowEnd, path, what, hint);
        }
        let Some(category_part) = notice.categories.get(category) else { return };
        if window.anchor != Anchor::ObjectClosed || !self.sound(&["categories", "objects"]) {
            return;
        }
        if category_part.about.is_empty() {
            let what = format!("`{window}` counts from an object, and `{category}` is about none");
            let hint =
                format!("count it `after collected`, or add `about` to `[categories.{category}]`");
            self.fault(Rule::NoWindowEnd, path, what, hint);
        }
        for kind_name in &category_part.about {
            let open = notice.objects.get(kind_name).is_some_and(|kind| kind.closed.is_empty());
            if open {
                let what =
                    format!("`{window}` has no end for `{kind_name}`, which is never closed");
                let hint =
                    format!("add `closed` to `[objects.{kind_name}]`, or count `after collected`");
                self.fault(Rule::NoWindowEnd, path, what, hint);
            }
        }
    }
}
