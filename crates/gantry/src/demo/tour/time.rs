//! The tour through time: a record that leaves one window and stays in another.

use gantry_engine::Identified;
use gantry_engine::draft::RecordView;
use gantry_notice::Day;
use uuid::Uuid;

use super::super::stage::Stage;
use super::Step;
use crate::failure::Failure;

const CATEGORY: &str = "orders";
/// Marketing's window of the category is twelve months, and no year is longer than this.
const PAST_DAYS: i32 = 367;

/// Promise 5.
pub(super) async fn window(stage: &Stage) -> Result<Step, Failure> {
    let mut step = Step::new("A record leaves marketing's window, and stays for invoicing");
    let id = stage.id_of(&stage.dealings.cast.long_standing).await?;
    let (marketing, invoicing) =
        (stage.identified("marketing").await?, stage.identified("invoicing").await?);
    let in_both = {
        let invoiced = records(&invoicing, id).await?;
        let marketed = records(&marketing, id).await?;
        let both = |record: &RecordView| invoiced.iter().any(|other| other.id == record.id);
        marketed.into_iter().filter(both).max_by(|a, b| a.at.cmp(&b.at))
    };
    let Some(record) = in_both else {
        step.check("marketing and invoicing both see a record", "none is seen by both", false);
        return Ok(step);
    };
    let day: String = record.at.chars().take(10).collect();
    let expected = "today marketing and invoicing both see a part in an order";
    step.check(
        expected,
        format!("a record of {day}, collected for {}", record.collected_for),
        true,
    );
    let date: jiff::civil::Date =
        day.parse().map_err(|_| Failure::Failed(format!("`{day}` is no day")))?;
    let later = Day(Day::of(date).0 + PAST_DAYS);
    stage.set_day(later);
    // A session keeps the day on which it began.
    let (marketing, invoicing) =
        (stage.identified("marketing").await?, stage.identified("invoicing").await?);
    let marketed = count(&marketing, id, &record.id).await?;
    step.check(
        format!("on {later} it is past marketing's window of twelve months"),
        format!("marketing sees {marketed} such record"),
        marketed == 0,
    );
    let invoiced = count(&invoicing, id, &record.id).await?;
    step.check(
        "and stays for invoicing, which the law obliges to keep it for six years",
        format!("invoicing sees {invoiced} such record"),
        invoiced == 1,
    );
    Ok(step)
}

async fn count(session: &Identified, contact: Uuid, record: &str) -> Result<usize, Failure> {
    let seen = records(session, contact).await?;
    Ok(seen.iter().filter(|one| one.id == record).count())
}

/// All records of the category that a session sees of a contact.
async fn records(session: &Identified, contact: Uuid) -> Result<Vec<RecordView>, Failure> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (page, _) = session.records(contact, Some(CATEGORY), after.as_deref(), 500).await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}
