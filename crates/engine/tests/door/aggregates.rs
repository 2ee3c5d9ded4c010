//! Purposes that see no people.

use gantry_engine::session::{Cell, Report, Subject};
use gantry_engine::{EngineError, Session};
use gantry_notice::Reason;

use crate::support::{House, contact, event, refused};

fn by(subject: Subject, fields: &[&str]) -> Report {
    Report { subject, by: fields.iter().map(|f| (*f).to_owned()).collect(), sum: None }
}

async fn populated() -> House {
    let house = House::new().await;
    for n in 0..24 {
        let mut draft = contact(if n < 3 { "SE" } else { "FI" });
        let role = if n % 2 == 0 { "purchasing" } else { "maintenance" };
        draft.data["employment"].insert("role".into(), role.into());
        house.add(draft).await;
    }
    house
}

#[tokio::test]
async fn a_report_counts_people_and_hides_small_cells() {
    let house = populated().await;
    let Session::Aggregate(reporting) = house.work("reporting").await else { panic!() };
    let report = by(Subject::Records("employment".into()), &["country"]);
    let table = reporting.report(&report).await.unwrap();
    let cells: Vec<(&str, bool)> = table
        .lines
        .iter()
        .map(|(name, cells)| (&**name, matches!(cells[0], Cell::Shown(_))))
        .collect();
    // Three Swedes are too few to show, and the Finns would give them away.
    assert_eq!(cells, [("FI", false), ("SE", false), ("total", true)]);
}

#[tokio::test]
async fn a_report_names_only_fields_that_its_purpose_may_see() {
    let house = populated().await;
    let Session::Aggregate(reporting) = house.work("reporting").await else { panic!() };
    for field in ["job_title", "family_name", "nonsense"] {
        let report = by(Subject::Records("employment".into()), &[field]);
        assert_eq!(refused(reporting.report(&report).await), Reason::NotInNotice, "{field}");
    }
    let report = by(Subject::Records("interests".into()), &[]);
    assert_eq!(refused(reporting.report(&report).await), Reason::NotInNotice);
}

#[tokio::test]
async fn a_month_that_is_hidden_does_not_follow_from_its_quarter() {
    let house = House::new().await;
    let sales = house.people("sales").await;
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(house.contact("FI").await);
    }
    // Three in February and November; in a table of months alone they would cover each other.
    for (month, count) in [("01", 12), ("02", 3), ("03", 12), ("10", 12), ("11", 3), ("12", 12)] {
        for id in ids.iter().take(count) {
            let order = event("orders", &format!("2025-{month}-10"), &[("role", "orderer")]);
            sales.add_record(*id, &order).await.unwrap();
        }
    }
    let Session::Aggregate(reporting) = house.work("reporting").await else { panic!() };
    let hidden = async |period: &str| {
        let report = by(Subject::Records("orders".into()), &[period]);
        let table = reporting.report(&report).await.unwrap();
        let lines = table.lines.into_iter();
        let hidden = lines.filter(|(_, cells)| matches!(cells[0], Cell::Suppressed { .. }));
        hidden.map(|(name, _)| name).collect::<Vec<_>>()
    };
    // Which of its quarter covers a month is drawn by lot.
    let months = hidden("month").await;
    let in_quarter =
        |quarter: &[&str]| months.iter().filter(|month| quarter.contains(&month.as_str())).count();
    assert!(months.contains(&"2025-02".to_owned()) && months.contains(&"2025-11".to_owned()));
    assert_eq!(in_quarter(&["2025-01", "2025-03"]), 1, "{months:?}");
    assert_eq!(in_quarter(&["2025-10", "2025-12"]), 1, "{months:?}");
    assert_eq!(months.len(), 4, "{months:?}");
    assert_eq!(hidden("month").await, months, "the same each time");
    assert!(hidden("quarter").await.is_empty());
    let two = by(Subject::Records("orders".into()), &["month", "year"]);
    assert!(matches!(reporting.report(&two).await, Err(EngineError::Invalid(_))));
}

#[tokio::test]
async fn orders_are_summed_by_currency_and_state() {
    let house = House::new().await;
    house.object("sales", "order", &[("number", "1"), ("amount", "EUR 10.50")]).await;
    house.object("sales", "order", &[("number", "2"), ("amount", "EUR 4.50")]).await;
    house.object("sales", "order", &[("number", "3"), ("amount", "SEK 7")]).await;
    let Session::Aggregate(reporting) = house.work("reporting").await else { panic!() };
    let mut report = by(Subject::Objects("order".into()), &["state"]);
    report.sum = Some("amount".into());
    let table = reporting.report(&report).await.unwrap();
    let Cell::Shown(total) = &table.lines[0].1[0] else { panic!() };
    assert_eq!(total.count, 3);
    assert_eq!(total.sums["EUR"], "EUR 15.00");
    assert_eq!(total.sums["SEK"], "SEK 7.00");
}

#[tokio::test]
async fn research_sees_aliases_months_and_nothing_that_identifies() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let learned = event("training", "2026-09-17", &[("result", "passed")]);
    let trained = house.people_for("delivery", "training").await;
    trained.add_record(id, &learned).await.unwrap();
    let Session::Pseudonymous(research) = house.work("research").await else { panic!() };
    let page = research.records("training", None, 10).await.unwrap();
    let row = &page.items[0];
    assert!(row.contact.starts_with("P-"));
    assert_eq!(row.record.at, "2026-09");
    let text = serde_json::to_string(&page).unwrap();
    assert!(!text.contains(&id.to_string()) && !text.contains("Virtanen"));
    let again = research.records("employment", None, 10).await.unwrap();
    assert_eq!(again.items[0].contact, row.contact, "an alias is stable");
    assert_eq!(again.items[0].record.fields.len(), 1, "the role, and no job title");
    assert_eq!(refused(research.records("contact-details", None, 10).await), Reason::NotInNotice);
}

#[tokio::test]
async fn research_sees_objects_without_numbers_names_or_days() {
    let house = House::new().await;
    let fields =
        [("number", "SO-77"), ("amount", "EUR 10"), ("ordered", "2026-09-17"), ("city", "Kotka")];
    let order = house.object("sales", "order", &fields).await;
    let Session::Pseudonymous(research) = house.work("research").await else { panic!() };
    let page = research.objects("order", None, 10).await.unwrap();
    let fields = &page.items[0].fields;
    assert_eq!(fields["ordered"], "2026-09");
    assert_eq!((fields.get("number"), fields.get("city")), (None, None));
    assert!(page.items[0].id.starts_with("O-") && !page.items[0].id.contains(&order.to_string()));
    let companies = research.objects("company", None, 10).await.unwrap();
    assert_eq!(page.items[0].company.as_deref(), Some(companies.items[0].id.as_str()));
    assert_eq!(refused(research.objects("case", None, 10).await), Reason::NotInNotice);
}
