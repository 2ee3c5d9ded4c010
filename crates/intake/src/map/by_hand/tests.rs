//! Choices become maps that read as they were meant.

use std::io::Cursor;
use std::sync::LazyLock;

use gantry_notice::Channel;
use proptest::prelude::*;

use super::*;
use crate::{Draft, Key, Map, Mapped, Saying, Source};

static NOTICE: LazyLock<Notice> = LazyLock::new(|| {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../notices");
    let text = std::fs::read_to_string(path.join("customer-contacts.toml")).unwrap();
    Notice::parse(&text, "customer-contacts.toml").unwrap()
});

fn by_hand(choices: &[(&str, &str)]) -> ByHand {
    let choice = |(column, becomes): &(&str, &str)| {
        (Arc::from(*column), Becomes::parse(becomes).unwrap_or_else(|| panic!("{becomes}")))
    };
    ByHand {
        format: Format::Csv,
        dates: DateForm::Iso,
        currency: None,
        choices: choices.iter().map(choice).collect(),
    }
}

fn faults(choices: &[(&str, &str)]) -> Vec<String> {
    let misfits = by_hand(choices).text(&NOTICE).unwrap_err();
    let told = |one: &Misfit| format!("{}: {}", one.column.as_deref().unwrap_or("-"), one.fault);
    misfits.iter().map(told).collect()
}

/// The draft of the only row of a file.
fn draft(by_hand: &ByHand, csv: &str) -> Draft {
    let text = by_hand.text(&NOTICE).unwrap();
    let map = Map::parse(&text, "by-hand").unwrap_or_else(|error| panic!("{error}\n{text}"));
    let input = Box::new(Cursor::new(csv.to_owned()));
    let mut source = Source::of("file.csv", input, map.format(), map.csv()).unwrap();
    let mapper = map.bind(source.header()).unwrap();
    match mapper.row(&source.next().unwrap().unwrap()) {
        Ok(Mapped::Draft(draft)) => *draft,
        other => panic!("{other:?}\n{text}"),
    }
}

#[test]
fn a_contact_its_company_and_what_it_said_come_from_their_columns() {
    let choices = by_hand(&[
        ("Firma", "object.company.name"),
        ("Vorname", "profile.identity.given_name"),
        ("Mail", "profile.contact-details.email"),
        ("Seit", "profile.employment.since"),
        ("Land", "contact.country"),
        ("Keine Werbung", "said.objects-marketing"),
        ("Kein Anruf", "said.closed.phone"),
    ]);
    let choices = ByHand { dates: DateForm::European, ..choices };
    let csv = "Firma,Vorname,Mail,Seit,Land,Keine Werbung,Kein Anruf\n\
        Kran AG,Anna,Anna@kran.example,31.5.2024,Germany,nein,ja\n";
    let draft = draft(&choices, csv);
    let company = draft.company.unwrap();
    assert_eq!((company.key.as_str(), &*company.same), ("Kran AG", &["name".into()][..]));
    let contact = draft.contact.unwrap();
    assert_eq!(contact.key, Key::Email("anna@kran.example".into()));
    assert_eq!(contact.country.unwrap().code(), "DE");
    assert_eq!(contact.company.as_deref(), Some("Kran AG"));
    let said: Vec<Saying> = contact.said.iter().map(|said| said.what).collect();
    assert_eq!(said, [Saying::Closed(Channel::Phone)]);
    let since = contact.fields.iter().find(|field| &*field.field == "since");
    assert_eq!(since.unwrap().value, "2024-05-31");
}

#[test]
fn an_order_belongs_to_the_company_of_its_row_and_a_record_is_about_it() {
    let choices = ByHand {
        currency: Some("EUR".into()),
        ..by_hand(&[
            ("Order", "object.order.#key"),
            ("When", "object.order.#at"),
            ("Freight", "object.order.freight"),
            ("Customer", "object.company.#key"),
            ("Person", "contact.key"),
            ("Role", "record.orders.role"),
        ])
    };
    let csv = "Order,When,Freight,Customer,Person,Role\n7,2024-05-31,12.50,K1,P1,orderer\n";
    let draft = draft(&choices, csv);
    let [order] = &draft.objects[..] else { panic!("{draft:?}") };
    assert_eq!((order.object.key.as_str(), order.company.as_deref()), ("7", Some("K1")));
    assert_eq!(order.at.as_deref(), Some("2024-05-31"));
    assert_eq!(order.fields[0].1, "EUR 12.50");
    let [record] = &draft.records[..] else { panic!("{draft:?}") };
    assert_eq!(record.contact, Some(Key::ExternalId("P1".into())));
    assert_eq!(record.about.as_ref().unwrap().key, "7");
    assert!(draft.contact.is_none(), "a row that only names somebody describes nobody");
}

#[test]
fn choices_that_make_no_map_say_what_is_missing() {
    assert!(faults(&[])[0].contains("at least one column"));
    let twice = [
        ("A", "profile.identity.given_name"),
        ("B", "profile.identity.given_name"),
        ("C", "contact.key"),
    ];
    assert_eq!(faults(&twice), ["B: another column becomes the same: leave one of them out"]);
    assert!(faults(&[("A", "profile.identity.given_name")])[0].contains("known again"));
    assert!(faults(&[("A", "object.order.#at")])[0].starts_with("-: Order: choose the column"));
    assert!(faults(&[("A", "record.orders.role")])[0].contains("whom it is about"));
    assert!(faults(&[("A", "object.company.country")])[0].contains("or its name"));
    let unknown = [("A", "profile.identity.shoe_size"), ("B", "contact.key")];
    assert_eq!(faults(&unknown), ["A: the notice has no such field"]);
}

#[test]
fn several_columns_may_say_the_same_of_what_was_said() {
    let choices = by_hand(&[
        ("Mail", "profile.contact-details.email"),
        ("Unsubscribed", "said.closed.email"),
        ("Bounced", "said.closed.email"),
    ]);
    let draft = draft(&choices, "Mail,Unsubscribed,Bounced\na@b.example,no,yes\n");
    assert_eq!(draft.contact.unwrap().said.len(), 1);
}

#[test]
fn what_is_written_is_read_again() {
    let part = |part| Becomes::Object(Arc::from("order"), part);
    let all = [
        Becomes::ContactKey,
        Becomes::ContactEmail,
        Becomes::Country,
        Becomes::SoleTrader,
        Becomes::Profile(Arc::from("identity"), Arc::from("full_name")),
        Becomes::Record(Arc::from("orders"), Part::Field(Arc::from("role"))),
        part(Part::Key),
        part(Part::At),
        part(Part::State),
    ];
    for becomes in all.into_iter().chain(Becomes::sayings()) {
        assert_eq!(Becomes::parse(&becomes.to_string()), Some(becomes));
    }
    for text in ["", "contact", "contact.name", "said.yes", "profile.identity", "order.#key"] {
        assert_eq!(Becomes::parse(text), None, "{text}");
    }
}

#[test]
fn a_column_that_a_built_in_map_knows_is_guessed() {
    let profile = |category, field| Becomes::Profile(Arc::from(category), Arc::from(field));
    let guessed = |column| Becomes::guess(column);
    assert_eq!(guessed("E-mail Address"), Some(profile("contact-details", "email")));
    assert_eq!(guessed("first name"), Some(profile("identity", "given_name")));
    assert_eq!(guessed("Shoe size"), None);
}

proptest! {
    #[test]
    fn no_name_of_a_column_breaks_out_of_the_map(column in "[\\PC\n\t\"'\\\\={}#\\[\\]]{1,20}") {
        let text = by_hand(&[(&column, "contact.key"), ("not there", "contact.country")]).text(&NOTICE);
        let map = Map::parse(&text.unwrap(), "by-hand").unwrap();
        let header = crate::Header::new([column.as_str(), "another"]);
        let bound = map.bind(&header);
        let missing = bound.unwrap_err().to_string();
        prop_assert!(missing.contains("`not there`"), "{missing}");
    }
}
