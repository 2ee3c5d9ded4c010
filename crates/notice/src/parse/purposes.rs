//! The purposes of a notice.

use super::parts::words;
use super::reader::{IdForm, Section, TEXT, TITLE};
use crate::id::Operation;
use crate::model::{Basis, Mode, Objection, Purpose, Read, Use};

pub(super) fn purpose(_: &str, section: Section<'_, '_>) -> Purpose {
    let number = section.number("number", 1..=64, None);
    let purpose = Purpose {
        number: u8::try_from(number).unwrap_or(u8::MAX),
        title: section.text("title", TITLE),
        description: section.text("description", TEXT),
        dpv: section.text("dpv", TITLE),
        basis: section.choice("basis", words!(Basis), Basis::Consent),
        basis_in: section.named_choices("basis_in", words!(Basis)),
        basis_for_sole_trader: section.optional_choice("basis_for_sole_trader", words!(Basis)),
        interest: section.optional_text("interest", TEXT),
        special_condition: section.optional_text("special_condition", TEXT),
        mode: section.choice("mode", words!(Mode), Mode::Identified),
        reads: section.entries("reads", IdForm::Dashes, read),
        collects: section.list("collects"),
        changes: section.list("changes"),
        derives: section.list("derives"),
        discloses: section.list("discloses"),
        roles: section.list("roles"),
        recipients: section.list("recipients"),
        uses: section.entries("uses", IdForm::Dashes, used),
        objection: section.choice("objection", words!(Objection), Objection::Absolute),
        reads_archive: section.flag("reads_archive", false),
        while_restricted: section.flag("while_restricted", false),
    };
    section.finish();
    purpose
}

fn read(_: &str, section: Section<'_, '_>) -> Read {
    let read = Read { fields: section.optional_list("fields"), window: section.window("window") };
    section.finish();
    read
}

fn used(_: &str, section: Section<'_, '_>) -> Use {
    let operations = Operation::ALL.map(|operation| (operation.word(), operation));
    let used = Use {
        title: section.text("title", TITLE),
        direct_marketing: section.flag("direct_marketing", false),
        interests: section.flag("interests", false),
        segments: section.flag("segments", false),
        basis: section.optional_choice("basis", words!(Basis)),
        categories: section.optional_list("categories"),
        operations: section.has("operations").then(|| section.choices("operations", &operations)),
    };
    section.finish();
    used
}
