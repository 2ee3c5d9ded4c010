//! Kinds of business object: closed, typed, and nobody's personal data.

use super::Check;
use crate::fault::Rule;
use crate::model::{Belongs, FieldKind, ObjectKind};

impl Check<'_> {
    pub(super) fn objects(&mut self) {
        for (name, kind) in &self.notice.objects {
            let path = format!("objects.{name}");
            self.states(&path, kind);
            self.object_fields(&path, kind);
            self.object_readers(name, &path, kind);
            self.parts(name, &path);
        }
        self.company();
    }

    fn states(&mut self, path: &str, kind: &ObjectKind) {
        for (at, state) in kind.closed.iter().enumerate() {
            let states = kind.states.iter().map(String::as_str);
            if !kind.states.contains(state) {
                let near = crate::parse::reader::nearest(state, states);
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "add it to `states`".to_owned(),
                };
                let what = format!("`{state}` closes an object, and is none of its states");
                self.fault(Rule::ObjectStates, &format!("{path}.closed.{at}"), what, hint);
            }
        }
        if !kind.closed.is_empty() && kind.states.iter().all(|state| kind.closed.contains(state)) {
            let what = "every state closes the object".to_owned();
            let hint = "the first state is where an object starts: leave it out of `closed`";
            self.fault(Rule::ObjectStates, &format!("{path}.closed"), what, hint);
        }
    }

    fn object_fields(&mut self, path: &str, kind: &ObjectKind) {
        for (name, field) in &kind.fields {
            let path = format!("{path}.fields.{name}");
            self.field_use(&path, field);
            let what = match field.kind {
                FieldKind::Text { .. } => "free text",
                FieldKind::Email => "an e-mail address",
                FieldKind::Phone => "a telephone number",
                _ if field.sealed => "sealed",
                _ if field.identifying => "identifying",
                _ if field.channel.is_some() => "an address",
                _ => continue,
            };
            let what = format!("`{path}` is {what}, and an object is nobody's personal data");
            let hint = "use `label` for a name of a thing; put words about people in a category";
            self.fault(Rule::ObjectFields, &path, what, hint);
        }
    }

    fn object_readers(&mut self, name: &str, path: &str, kind: &ObjectKind) {
        for (key, purposes) in [("read", &kind.read), ("write", &kind.write)] {
            if purposes.is_empty() {
                let what = format!("no purpose may {key} `{name}`");
                let hint = format!("add `{key} = [\"...\"]`, or leave the kind out");
                self.fault(Rule::ObjectReaders, path, what, hint);
            }
        }
        for (at, purpose) in kind.write.iter().enumerate() {
            if !kind.read.contains(purpose) {
                let what = format!("`{purpose}` writes `{name}` and does not read it");
                let hint = format!("add `{purpose}` to `read`");
                self.fault(Rule::ObjectReaders, &format!("{path}.write.{at}"), what, hint);
            }
        }
    }

    fn parts(&mut self, name: &str, path: &str) {
        let mut at = name;
        for _ in 0..=self.notice.objects.len() {
            match self.notice.objects.get(at).and_then(|kind| kind.part_of.as_deref()) {
                None => return,
                Some(whole) if whole == name => {
                    let what = format!("`{name}` is a part of itself");
                    let hint = "leave `part_of` out of one of the kinds in the circle";
                    self.fault(Rule::ObjectParts, &format!("{path}.part_of"), what, hint);
                    return;
                }
                Some(whole) => at = whole,
            }
        }
    }

    fn company(&mut self) {
        let Some(company) = self.notice.objects.get("company") else {
            let what = "there is no kind of object `company`".to_owned();
            let hint = "declare `[objects.company]` with the fields `name` and `country`";
            self.fault(Rule::Company, "objects", what, hint);
            return;
        };
        for (field, kind) in [("name", FieldKind::Label), ("country", FieldKind::Country)] {
            if company.fields.get(field).is_none_or(|field| field.kind != kind) {
                let what = format!("`company` has no field `{field}` of type `{}`", kind.word());
                let hint =
                    format!("add `{field} = {{ type = \"{}\" }}` to its fields", kind.word());
                self.fault(Rule::Company, "objects.company.fields", what, hint);
            }
        }
        if company.company != Belongs::None {
            let what = "a company belongs to no company".to_owned();
            let hint = "write `company = \"none\"`";
            self.fault(Rule::Company, "objects.company.company", what, hint);
        }
    }
}
