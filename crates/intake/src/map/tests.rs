//! Maps say what they mean, and mean what they say.

use std::io::Cursor;
use std::sync::LazyLock;

use gantry_notice::Channel;
use proptest::prelude::*;

use super::*;
use crate::draft::{ContactDraft, Draft, Key, Remark, Saying};
use crate::fault::Fault;
use crate::source::Source;

const SMALL: &str = r#"
name = "small"
[company]
key = "firm"
fields.name = "firm"
[contact]
key = "id"
country = "country"
company = "firm"
[contact.fields]
identity.full_name = "name"
"contact-details.email" = "mail"
contact-details.phone = "phone"
[[said]]
what = "closed"
channel = "phone"
yes = "no calls"
[[said]]
what = "opted-in"
channel = "email"
when = { column = "promo", is = ["1"] }
at = { column = "promo date", form = "european" }
"#;

static SMALL_MAPPER: LazyLock<Mapper> = LazyLock::new(|| {
    let map = Map::parse(SMALL, "m").unwrap();
    map.bind(&Header::new(HEAD.trim().split(','))).unwrap()
});

fn rows(map: &Map, csv: &str) -> Vec<Result<Mapped, Vec<Fault>>> {
    let input = Box::new(Cursor::new(csv.as_bytes().to_vec()));
    let source = Source::of("file.csv", input, map.format(), map.csv()).unwrap();
    let mapper = map.bind(source.header()).unwrap();
    source.map(|row| mapper.row(&row.unwrap())).collect()
}

fn only(map: &str, csv: &str) -> Draft {
    let map = Map::parse(map, "test.toml").unwrap();
    match rows(&map, csv).pop().unwrap().unwrap() {
        Mapped::Draft(draft) => *draft,
        Mapped::Skipped(skip) => panic!("{skip:?}"),
    }
}

fn faults(map: &str, csv: &str) -> Vec<String> {
    let map = Map::parse(map, "test.toml").unwrap();
    let faults = rows(&map, csv).pop().unwrap().unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

fn fields(contact: &ContactDraft) -> Vec<String> {
    let field = |field: &crate::draft::FieldDraft| {
        format!("{}.{}={}", field.category, field.field, field.value)
    };
    contact.fields.iter().map(field).collect()
}

const HEAD: &str = "id,name,mail,phone,country,firm,no calls,promo,promo date,shoe size\n";

#[test]
fn a_row_becomes_a_company_and_a_contact_with_what_it_said() {
    let draft = only(
        SMALL,
        &format!(
            "{HEAD}7,Anna Virta,Anna@Example.COM,+358 9 555,Finland,Example Oy,yes,1,31.5.2024,38\n"
        ),
    );
    let company = draft.company.unwrap();
    assert_eq!((&*company.key, &*company.fields[0].1), ("Example Oy", "Example Oy"));
    let contact = draft.contact.unwrap();
    assert_eq!(contact.key, Key::ExternalId("7".into()));
    assert_eq!(contact.country.unwrap().code(), "FI");
    assert_eq!(contact.company.as_deref(), Some("Example Oy"));
    assert_eq!(
        fields(&contact),
        [
            "identity.full_name=Anna Virta",
            "contact-details.email=Anna@example.com",
            "contact-details.phone=+358 9 555"
        ]
    );
    assert_eq!(contact.said[0].what, Saying::Closed(Channel::Phone));
    assert_eq!(&*contact.said[0].column, "no calls");
    assert_eq!(contact.said[1].what, Saying::OptedIn(Channel::Email));
    assert_eq!(contact.said[1].at.as_deref(), Some("2024-05-31T00:00:00Z"));
}

#[test]
fn a_row_says_who_is_a_sole_trader_what_was_consented_to_and_when_a_thing_was_closed() {
    let map = format!(
        "{}{}",
        SMALL.replace(
            "company = \"firm\"\n[contact.fields]",
            "company = \"firm\"\nsole_trader = \"alone\"\n[contact.fields]"
        ),
        r#"
[[consent]]
purpose = "marketing"
yes = "news"
[[consent]]
purpose = "crm"
when = { column = "form", is = ["2024"] }
[[object]]
kind = "order"
key = "id"
state = { value = "delivered" }
closed = { column = "shipped", form = "european" }
"#
    );
    let head =
        "id,name,firm,country,alone,news,form,shipped,mail,phone,no calls,promo,promo date\n";
    let draft = only(&map, &format!("{head}7,Anna Virta,Virta,FI,yes,1,2023,31.5.2024,,,,,\n"));
    let contact = draft.contact.unwrap();
    assert!(contact.sole_trader);
    assert_eq!(contact.consents, ["marketing".into()]);
    assert_eq!(draft.objects[0].closed.as_deref(), Some("2024-05-31"));
    let draft = only(&map, &format!("{head}7,Anna Virta,Virta,FI,no,,2024,,,,,,\n"));
    let contact = draft.contact.unwrap();
    assert!(!contact.sole_trader);
    assert_eq!(contact.consents, ["crm".into()]);
    assert_eq!(draft.objects[0].closed, None);
}

#[test]
fn nobody_consents_by_being_in_a_file() {
    let map = format!("{SMALL}[[consent]]\npurpose = \"marketing\"\n");
    let fault = Map::parse(&map, "m").unwrap_err();
    assert!(fault.message.contains("given by each contact"), "{fault}");
}

#[test]
fn every_fault_of_a_row_is_reported_without_the_value() {
    assert_eq!(
        faults(
            SMALL,
            &format!("{HEAD}7,Anna\u{7},secret,none,Finlandia land,X,perhaps,1,2024-05-31,1\n")
        ),
        [
            "`file.csv` row 2, column `country`: not a country that is known",
            "`file.csv` row 2, column `name`: holds a control character",
            "`file.csv` row 2, column `mail`: not an e-mail address",
            "`file.csv` row 2, column `phone`: not a telephone number",
            "`file.csv` row 2, column `no calls`: not a yes or a no",
            "`file.csv` row 2, column `promo date`: not a day in the form that the map says",
        ]
    );
}

#[test]
fn a_person_without_a_key_is_a_fault_and_a_row_without_a_person_is_not() {
    let row = format!("{HEAD},Anna,,,,X,,,,\n");
    assert_eq!(faults(SMALL, &row), ["`file.csv` row 2, column `id`: no key to match the row by"]);
    let draft = only(SMALL, &format!("{HEAD},,,,,X,,,,\n"));
    assert!(draft.contact.is_none() && draft.company.is_some());
}

#[test]
fn a_shared_mailbox_is_no_person() {
    let by_email = SMALL.replace("key = \"id\"", "match = \"email\"");
    let row = |name: &str| format!("{HEAD}7,{name},info@example.com,,,X,,,,\n");
    let draft = only(&by_email, &row("Anna Virta"));
    assert!(draft.contact.is_none());
    assert_eq!(
        draft.remarks,
        [Remark::SharedMailbox { column: "mail".into(), contact_kept: false }]
    );
    assert!(only(SMALL, &row("")).contact.is_none());
    let named = only(SMALL, &row("Anna Virta"));
    assert_eq!(fields(&named.contact.unwrap()), ["identity.full_name=Anna Virta"]);
    assert_eq!(
        named.remarks,
        [Remark::SharedMailbox { column: "mail".into(), contact_kept: true }]
    );
}

#[test]
fn columns_that_no_rule_uses_are_named() {
    let map = Map::parse(SMALL, "test.toml").unwrap();
    let header = Header::new(HEAD.trim().split(','));
    assert_eq!(map.unmapped_columns(header.columns()), [Arc::from("shoe size")]);
    let targets = map.targets();
    assert_eq!(targets.len(), 4);
    assert_eq!(targets[2].of, TargetOf::Category("contact-details".into()));
    assert_eq!(targets[2].columns, [Arc::from("mail")]);
}

#[test]
fn a_map_that_names_a_missing_column_does_not_fit() {
    let map = Map::parse(SMALL, "test.toml").unwrap();
    let missing = map.bind(&Header::new(["id", "name"])).unwrap_err();
    assert_eq!(missing.to_string(), "the file has no column `firm`, which the map `small` names");
    let twice = HEAD.trim().replace("shoe size", "mail");
    let twice = map.bind(&Header::new(twice.split(','))).unwrap_err();
    assert!(twice.to_string().starts_with("the file has more than one column `mail`"));
    let patient =
        Map::parse(&format!("columns_may_be_missing = true\n{SMALL}"), "test.toml").unwrap();
    assert!(patient.bind(&Header::new(["id", "name"])).is_ok());
    let nothing = patient.bind(&Header::new(["BEGIN:VCARD"])).unwrap_err();
    assert!(nothing.to_string().starts_with("the file has none of the columns"));
}

#[test]
fn objects_records_and_rules_of_every_kind() {
    let map = r#"
name = "all"
[csv]
nulls = ["NULL"]
[[skip]]
when = { column = "gone", yes = true }
because = "deleted in the source"
[[object]]
kind = "order"
key = { template = "{no}/{year}" }
company = "firm"
part_of = { kind = "project", key = "project" }
state = [{ value = "closed", when = { column = "closed", filled = true } }, { value = "open" }]
at = "when"
[object.fields]
amount = { column = "price", as = "money", decimal = ",", currency_column = "cur", currency = "EUR", times = ["pieces"], less = "rebate" }
kind = { column = "type", codes = { A = "spare", B = "" }, otherwise = "other" }
label = { columns = ["no", "type"], join = " / " }
first = { column = "who", as = "given-name" }
word = { column = "list", until = ";" }
[[record]]
category = "orders"
contact_email = "mail"
about = { kind = "order", key = "no" }
at = { column = "when", as = "time" }
fields.role = { value = "orderer" }
"#;
    let head = "no,year,firm,project,closed,when,price,cur,pieces,rebate,type,who,list,mail,gone\n";
    let draft = only(
        map,
        &format!(
            "{head}1,2024,F,P,,2024-05-01 10:00:00,\"1.200,50\",NULL,\"2,5\",\"0,1\",C,Anna van Dijk,a;b,A@X.example,\n"
        ),
    );
    let order = &draft.objects[0];
    assert_eq!((&*order.object.kind, &*order.object.key), ("order", "1/2024"));
    assert_eq!(order.part_of.as_ref().unwrap().key, "P");
    assert_eq!(order.state.as_deref(), Some("open"));
    assert_eq!(order.at.as_deref(), Some("2024-05-01T10:00:00Z"));
    let order: Vec<String> =
        order.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(order, ["amount=EUR 2701.13", "kind=other", "label=1 / C", "first=Anna", "word=a"]);
    let record = &draft.records[0];
    assert_eq!(record.contact, Some(Key::Email("a@x.example".into())));
    assert_eq!(record.about.as_ref().unwrap().key, "1");

    let skipped = rows(&Map::parse(map, "m").unwrap(), &format!("{head}1,2,,,,,,,,,,,,,true\n"));
    let Ok(Mapped::Skipped(skip)) = &skipped[0] else { panic!("{skipped:?}") };
    assert_eq!((skip.position.row, &*skip.because), (2, "deleted in the source"));
    let unknown = map.replace(", otherwise = \"other\"", "");
    let row = format!("{head}1,2,,,,2024-05-01,,,,,Z,,,,\n");
    assert_eq!(
        faults(&unknown, &row),
        ["`file.csv` row 2, column `type`: a code that the map does not list"]
    );
}

/// What is put into a small map, what is taken out, and the fault that names it.
const MISTAKES: [(&str, &str, &str); 16] = [
    ("name = \"small\"", "name = \"Small Map\"", "line 2: `Small Map` is no id"),
    ("name = \"small\"", "name = \"small\"\ncolour = 1", "line 3: unknown field `colour`"),
    ("key = \"id\"", "", "line 6: a contact needs a `key`, or `match = \"email\"`"),
    ("key = \"id\"", "key = 1", "line 7: invalid type: integer `1`, expected the name of a column"),
    ("key = \"id\"", "key = {}", "line 7: a rule has one of `column`"),
    ("key = \"id\"", "key = []", "line 7: a list of rules is not empty"),
    (
        "key = \"id\"",
        "key = { column = \"id\", as = \"colour\" }",
        "line 7: unknown variant `colour`",
    ),
    ("key = \"id\"", "key = { column = \"id\", form = \"us\" }", "line 7: `form` goes with"),
    ("key = \"id\"", "key = { template = \"{id\" }", "line 7: a template names columns"),
    (
        "\"contact-details.email\"",
        "\"contact-details.E Mail\"",
        "line 12: `contact-details.E Mail` is no field",
    ),
    ("channel = \"phone\"", "channel = \"pigeon\"", "line 16: unknown variant `pigeon`"),
    ("channel = \"phone\"\n", "", "line 14: this needs a `channel`"),
    ("is = [\"1\"]", "is = [\"1\"], filled = true", "a condition has one of"),
    ("key = \"id\"", "match = \"post\"", "line 7: unknown variant `post`"),
    ("[company]", "[company]\nsame = [\"vat\"]", "line 4: is none of the fields"),
    ("[company]", "[company", "line 3: "),
];

#[test]
fn a_mistake_in_a_map_is_reported_with_its_line() {
    for (right, wrong, told) in MISTAKES {
        let error = Map::parse(&SMALL.replacen(right, wrong, 1), "test.toml").unwrap_err();
        assert!(error.to_string().contains(told), "{wrong}: {error}");
    }
}

#[test]
fn every_built_in_map_is_sound() {
    for (name, text) in built_in::FILES {
        let map = Map::parse(text, name).unwrap();
        assert_eq!(map.name(), *name);
        assert!(map.plan.recognise.is_some() && map.format().is_some(), "{name}");
        assert!(!map.about().is_empty());
    }
    assert_eq!(Map::all_built_in().len(), built_in::FILES.len());
    assert!(Map::built_in("hubspot").is_some() && Map::built_in("nobody").is_none());
}

fn recognised(header: &str) -> Option<&'static str> {
    Map::recognise(Format::Csv, &Header::new(header.split(','))).map(Map::name)
}

#[test]
fn exports_are_recognised_by_their_header() {
    for (header, map) in [
        (
            "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,CC,EUID",
            "mailchimp",
        ),
        (
            "Email Address,First Name,Last Name,MEMBER_RATING,UNSUB_TIME,UNSUB_REASON,EUID",
            "mailchimp-unsubscribed",
        ),
        (
            "Name,Given Name,Additional Name,Family Name,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Group Membership",
            "google",
        ),
        (
            "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,Business Street,Business Phone,E-mail Address,E-mail Type,E-mail Display Name",
            "outlook",
        ),
        (
            "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Create Date,Lifecycle Stage,Associated Company",
            "hubspot",
        ),
        ("Contact ID,First Name,Last Name,Email,Mailing City,Email Opt Out", "salesforce-contacts"),
        ("uuid,email,name,attributes,status", "listmonk"),
    ] {
        assert_eq!(recognised(header), Some(map), "{header}");
    }
    assert_eq!(recognised("id,colour"), None);
}

fn built_in(name: &str, csv: &str) -> Vec<Result<Mapped, Vec<Fault>>> {
    rows(Map::built_in(name).unwrap(), csv)
}

fn contact(row: &Result<Mapped, Vec<Fault>>) -> &ContactDraft {
    match row {
        Ok(Mapped::Draft(draft)) => draft.contact.as_ref().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn unsubscribing_from_mailchimp_is_an_objection_and_a_form_is_an_opt_in() {
    let rows = built_in(
        "mailchimp-unsubscribed",
        "Email Address,First Name,UNSUB_TIME\nanna@x.example,Anna,2024-05-01 10:00:00\n",
    );
    let said = &contact(&rows[0]).said;
    assert_eq!((said.len(), said[0].what), (1, Saying::ObjectsMarketing));
    assert_eq!(said[0].at.as_deref(), Some("2024-05-01T10:00:00Z"));
    let rows = built_in(
        "mailchimp",
        "Email Address,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CC\n\
         anna@x.example,2,2024-05-01 10:00:00,192.0.2.1,fi\nbo@x.example,2,2024-05-01 10:00:00,,\n",
    );
    assert_eq!(contact(&rows[0]).said[0].what, Saying::OptedIn(Channel::Email));
    assert_eq!(contact(&rows[0]).country.unwrap().code(), "FI");
    assert!(contact(&rows[1]).said.is_empty());
}

#[test]
fn google_gives_work_addresses_before_private_ones() {
    let rows = built_in(
        "google",
        "Name,Given Name,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value\n\
         Anna Virta,Anna,Home,anna@home.example,* Work,anna@work.example ::: a@work.example,Home,+358 9 1111,Mobile,+358 40 2222\n",
    );
    assert_eq!(
        fields(contact(&rows[0])),
        [
            "identity.given_name=Anna",
            "identity.full_name=Anna Virta",
            "contact-details.email=anna@work.example",
            "contact-details.mobile=+358 40 2222"
        ]
    );
}

fn cell() -> impl Strategy<Value = String> {
    const USUAL: [&str; 9] = [
        "",
        "yes",
        "info@x.example",
        "a@b.example",
        "31.5.2024",
        "12,5",
        "Finland",
        "1",
        "+358 9 555",
    ];
    let characters = proptest::collection::vec(any::<char>(), 0..12);
    prop_oneof![
        3 => proptest::sample::select(USUAL.as_slice()).prop_map(str::to_owned),
        1 => characters.prop_map(String::from_iter),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_stops_the_reader_of_maps(cut in 0..2000usize, drop in 0..60usize, text in "\\PC{0,20}", at in 0..2000usize) {
        let map = built_in::FILES[at % built_in::FILES.len()].1;
        let edge = |at: usize| (0..=at.min(map.len())).rev().find(|at| map.is_char_boundary(*at)).unwrap();
        let (start, end) = (edge(cut), edge(cut + drop));
        let changed = format!("{}{text}{}", map.get(..start).unwrap(), map.get(end..).unwrap());
        if let Err(error) = Map::parse(&changed, "m") {
            prop_assert!(error.line >= 1 && !error.message.is_empty());
        }
    }

    #[test]
    fn no_row_stops_a_mapper(cells in proptest::collection::vec(cell(), 10)) {
        let mapper = SMALL_MAPPER.clone();
        let position = crate::fault::Position { file: "f".into(), row: 1, line: 1 };
        match mapper.row(&crate::source::Row::new(position, &cells)) {
            Ok(Mapped::Draft(draft)) => {
                let values = draft.contact.iter().flat_map(|contact| &contact.fields);
                for field in values {
                    prop_assert!(!field.value.is_empty() && !field.value.contains('\0'));
                }
            }
            Ok(Mapped::Skipped(_)) => prop_assert!(false, "the map skips nothing"),
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                for (fault, cell) in faults.iter().flat_map(|fault| cells.iter().map(move |cell| (fault, cell))) {
                    let told = fault.reason.to_string();
                    prop_assert!(cell.len() < 8 || !told.contains(cell.as_str()), "{told}");
                }
            }
        }
    }
}
