//! What can be done where the notice refuses: the purposes, uses, fields and commands that help.

use gantry_engine::Refusal;
use gantry_notice::model::{Basis, Mode, Objection, Purpose};
use gantry_notice::{Notice, Operation, Reason};

use crate::names::listed;

/// What somebody who was refused can do, as far as the notice tells. It says nothing of the contact
/// that the refusal does not.
pub(crate) fn of(refusal: &Refusal, notice: &Notice) -> Option<String> {
    let Refusal { reason, purpose: name, category, .. } = refusal;
    let purpose = notice.purposes.get(name)?;
    if let Some(level) = refusal.level {
        return Some(format!(
            "the account's roles give it `{}` here: `gantry user add NAME --role ROLE --replace` gives a role up to `write`",
            level.word()
        ));
    }
    let hint = match reason {
        Reason::Unknown => return None,
        Reason::RoleLacksPurpose => format!(
            "`{name}` is for the roles {}; `--as ACTOR` says who works, `gantry user list` who has which",
            listed(&purpose.roles)
        ),
        Reason::NotInNotice => not_in_notice(notice, name, purpose, category.as_deref()),
        Reason::OperationNotAllowed => match category {
            Some(category) => operations(name, purpose, category),
            None => other_mode(notice, name, purpose.mode),
        },
        Reason::NotForThisUse => {
            let uses: Vec<&String> = purpose.uses.keys().collect();
            format!("`{name}` has the uses {}: name one with `--use`", listed(&uses))
        }
        Reason::OnlyInAggregate => other_mode(notice, name, Mode::Aggregate),
        Reason::Archived => {
            let readers = notice.purposes.iter().filter(|(_, purpose)| purpose.reads_archive);
            let readers: Vec<&String> = readers.map(|(name, _)| name).collect();
            format!("into the archive look: {}", listed(&readers))
        }
        Reason::NoConsent => format!(
            "once the contact has consented: `gantry consent give --contact ID {name}`, or `--consent {name}` where it is added"
        ),
        Reason::ChannelNotOpened => {
            "once the contact has opted in: `gantry consent give --contact ID email`".to_owned()
        }
        Reason::Erased => {
            "an erased contact does not come back; only what a law obliges to keep is left"
                .to_owned()
        }
        Reason::HeldElsewhere => "work with it in the store of that region".to_owned(),
        Reason::Restricted | Reason::Objected | Reason::ObjectionWeighed | Reason::PastWindow => {
            format!("`gantry why --for {name} --contact ID` explains it category by category")
        }
    };
    Some(hint)
}

fn not_in_notice(notice: &Notice, name: &str, purpose: &Purpose, of: Option<&str>) -> String {
    let category = of.map(|of| of.split_once('.').map_or(of, |(category, _)| category));
    match category.and_then(|category| Some((category, notice.categories.get(category)?))) {
        Some((category, declared)) if purpose.reads.contains_key(category) => {
            let fields: Vec<&String> = declared.fields.keys().collect();
            format!(
                "`{category}` has the fields {}; what the notice does not list cannot be stored or seen",
                listed(&fields)
            )
        }
        _ => {
            let reads: Vec<&String> = purpose.reads.keys().collect();
            format!("`{name}` reads {}", listed(&reads))
        }
    }
}

fn operations(name: &str, purpose: &Purpose, category: &str) -> String {
    let may = Operation::ALL.into_iter().filter(|operation| purpose.allows(*operation, category));
    let may: Vec<&str> = may.map(Operation::word).collect();
    if may.is_empty() {
        return format!("`{name}` may do nothing with `{category}`");
    }
    format!("`{name}` may only {} `{category}`", may.join(" and "))
}

/// What a purpose that sees people in this way offers instead of what was asked for.
fn other_mode(notice: &Notice, name: &str, mode: Mode) -> String {
    match mode {
        Mode::Aggregate => format!(
            "`{name}` counts and shows nobody: `gantry report --for {name} --of records:CATEGORY --by FIELD`"
        ),
        Mode::Pseudonymous => format!(
            "`{name}` sees people under aliases: `gantry record find --for {name} --category CATEGORY`"
        ),
        Mode::Identified => {
            let counts = notice.purposes.iter().filter(|(_, one)| one.mode == Mode::Aggregate);
            let counts: Vec<&String> = counts.map(|(name, _)| name).collect();
            format!(
                "`{name}` works with people as they are; counts are made for: {}",
                if counts.is_empty() {
                    "no purpose of this notice".to_owned()
                } else {
                    listed(&counts)
                }
            )
        }
    }
}

/// Why an objection to a purpose has no effect, and to which one has.
pub(crate) fn no_objection(notice: &Notice, name: &str) -> Option<String> {
    let purpose = notice.purposes.get(name).filter(|one| one.objection == Objection::None)?;
    let because = match (purpose.basis, &purpose.interest) {
        (Basis::LegitimateInterest, Some(interest)) => {
            format!("its grounds override one ({})", interest.to_lowercase())
        }
        (basis, _) => format!("it rests on {} ({})", basis.title(), basis.article()),
    };
    let others = notice.purposes.iter().filter(|(_, one)| one.objection != Objection::None);
    let others: Vec<&String> = others.map(|(name, _)| name).collect();
    Some(format!(
        "an objection has no effect on `{name}`: {because}; it has on: {}, profiling",
        listed(&others)
    ))
}

#[cfg(test)]
mod tests {
    use crate::notice::{BUNDLED, parse};

    use super::*;

    fn hint(reason: Reason, purpose: &str, category: Option<&str>) -> String {
        let notice = parse(BUNDLED.as_bytes(), "bundled").unwrap();
        let refusal = Refusal {
            reason,
            purpose: purpose.to_owned(),
            used: String::new(),
            category: category.map(str::to_owned),
            level: None,
        };
        of(&refusal, &notice).unwrap_or_default()
    }

    #[test]
    fn whoever_is_refused_hears_what_is_possible_instead() {
        let said = hint(Reason::OperationNotAllowed, "research", None);
        assert!(said.contains("gantry record find --for research --category"), "{said}");
        let said = hint(Reason::OnlyInAggregate, "reporting", None);
        assert!(said.contains("gantry report --for reporting"), "{said}");
        let said = hint(Reason::OperationNotAllowed, "crm", None);
        assert!(said.contains("counts are made for: reporting"), "{said}");
        let said = hint(Reason::OperationNotAllowed, "crm", Some("consents"));
        assert!(said.starts_with("`crm` may only read"), "{said}");
        let said = hint(Reason::NotInNotice, "crm", Some("identity.shoe_size"));
        assert!(said.contains("has the fields given_name"), "{said}");
        let said = hint(Reason::NotInNotice, "crm", Some("payment"));
        assert!(said.starts_with("`crm` reads identity"), "{said}");
    }

    #[test]
    fn every_reason_but_the_unknown_has_a_hint() {
        for reason in Reason::ALL {
            assert_eq!(
                hint(reason, "crm", None).is_empty(),
                reason == Reason::Unknown,
                "{reason:?}"
            );
        }
    }

    #[test]
    fn an_objection_without_effect_is_told_why() {
        let notice = parse(BUNDLED.as_bytes(), "bundled").unwrap();
        let said = no_objection(&notice, "invoicing").unwrap();
        assert!(said.contains("legal obligation (Art. 6(1)(c))"), "{said}");
        let said = no_objection(&notice, "integrity").unwrap();
        assert!(said.contains("override"), "{said}");
        assert_eq!(no_objection(&notice, "marketing"), None);
    }
}
