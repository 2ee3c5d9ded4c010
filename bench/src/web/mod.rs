//! The console and the API over HTTP, at a million contacts: what a page costs, and how many there are in
//! a second, with the clients on the same machine. Beside them a bare server that gives the same bytes
//! without looking anything up.

mod load;

use std::time::Duration;

use gantry_engine::{Attempt, Cause, Engine};
use gantry_web::Site;
use tokio::net::TcpListener;

use crate::Outcome;
use crate::door::house::{House, tick};
use crate::report::{Report, Row};
use crate::timing::{runtime, tell_load};
use load::{Client, Load, many};

const SUITE: &str = "web";
/// Contacts with what was written to them; the pages asked for are theirs.
const WHOLE: usize = 2_000;
/// How long a contact's page may take the server.
const GOAL_PAGE: f64 = 5_000.0;
/// Contact pages, and answers of the API, in a second.
const GOAL_PAGES: f64 = 500.0;
const GOAL_ANSWERS: f64 = 2_000.0;
/// Bytes of the first page, with sheet, script and icon.
const GOAL_BYTES: f64 = 60_000.0;
const PEER: &str = "a bare server that gives the same bytes";
const PASSWORD: &str = "kettle-harbour-lantern-42";

/// Measures.
pub(crate) fn run(report: &mut Report, quick: bool) -> Outcome<()> {
    tell_load(SUITE);
    let contacts = if quick { 10_000 } else { 1_000_000 };
    let time = Duration::from_secs(if quick { 1 } else { 5 });
    runtime()?.block_on(measure(report, contacts, time))
}

async fn measure(report: &mut Report, contacts: usize, time: Duration) -> Outcome<()> {
    let house = House::new().await?;
    house.fill(WHOLE.min(contacts)).await?;
    house.fill_people(WHOLE.min(contacts)..contacts).await?;
    let engine = house.again(false).await?;
    let (cookie, token) = come_in(&engine).await?;
    let ids = ids(&house, WHOLE.min(contacts)).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let site = Site { public_url: format!("http://{at}"), ..Site::default() };
    tokio::spawn(gantry_web::serve(engine.clone(), site, listener, std::future::pending()));
    tokio::spawn(tick(engine.clone()));
    let pages: Vec<String> = ids.iter().map(|id| format!("/crm/contacts/{id}")).collect();
    let answers: Vec<String> = ids.iter().map(|id| format!("/api/v1/crm/contacts/{id}")).collect();
    let page = Load { at, paths: pages, header: ("cookie", format!("gantry={cookie}")) };
    let answer = Load { at, paths: answers, header: ("authorization", format!("Bearer {token}")) };
    for (name, load, goal) in
        [("contact pages", &page, GOAL_PAGES), ("answers of the API", &answer, GOAL_ANSWERS)]
    {
        let bare = load::bare(load).await?;
        let (theirs, ours) = (many(&bare, time).await?, many(load, time).await?);
        let ratio = Some(ours.rate / theirs.rate);
        let met = Some(ours.rate >= goal);
        let goal = Some(format!(">= {goal} /s"));
        report.add(row(
            &format!("{name}, 8 clients, {contacts} contacts"),
            ours.rate,
            "/s",
            Some(theirs.rate),
            ratio,
            goal,
            met,
        ));
        let alone = load::alone(load, time).await?;
        let bare_alone = load::alone(&bare, time).await?;
        let aim = (name == "contact pages").then_some(GOAL_PAGE);
        let goal = aim.map(|aim| format!("<= {aim} µs"));
        let met = aim.map(|aim| alone.median <= aim);
        let ratio = Some(bare_alone.median / alone.median);
        report.add(row(
            &format!("{name}, one at a time, median"),
            alone.median,
            "µs",
            Some(bare_alone.median),
            ratio,
            goal,
            met,
        ));
        report.add(row(
            &format!("{name}, one at a time, 99 of 100"),
            alone.late,
            "µs",
            Some(bare_alone.late),
            None,
            None,
            None,
        ));
    }
    let bytes = first_page(&page).await?;
    let met = Some(bytes <= GOAL_BYTES);
    report.add(row(
        "first page with all it loads",
        bytes,
        "bytes",
        None,
        None,
        Some(format!("<= {GOAL_BYTES}")),
        met,
    ));
    Ok(())
}

/// Somebody with every role, signed in, and a token of the same account.
async fn come_in(engine: &Engine) -> Outcome<(String, String)> {
    let anna = engine.actor("anna").await?;
    engine.set_password(&anna, "anna", PASSWORD, Cause::Cli).await?;
    let attempt =
        Attempt { account: "anna", password: PASSWORD, code: None, browser: None, agent: "bench" };
    let signed =
        engine.sign_in(&attempt).await.map_err(|error| format!("no sign-in: {error:?}"))?;
    let purposes = ["crm".to_owned()];
    let token = engine.grant_token(&anna, "anna", &purposes, (1, "bench"), Cause::Cli).await?;
    Ok((signed.token.to_string(), token.to_string()))
}

async fn ids(house: &House, count: usize) -> Outcome<Vec<uuid::Uuid>> {
    let mut ids = Vec::new();
    for n in 0..count {
        let id = house.contact(n).await?.ok_or("a contact is missing")?;
        ids.push(uuid::Uuid::from_bytes(id));
    }
    Ok(ids)
}

/// Bytes over the wire of the page after signing in, and of what it loads.
async fn first_page(load: &Load) -> Outcome<f64> {
    let mut client = Client::to(load).await?;
    let page = client.get("/").await?;
    let text = String::from_utf8(page.clone())?;
    let mut bytes = page.len();
    for part in text.split('"').filter(|part| part.starts_with("/assets/")) {
        bytes += client.get(&part.replace("&amp;", "&")).await?.len();
    }
    Ok(f64::from(u32::try_from(bytes)?))
}

fn row(
    measure: &str,
    value: f64,
    unit: &'static str,
    peer_value: Option<f64>,
    ratio: Option<f64>,
    goal: Option<String>,
    met: Option<bool>,
) -> Row {
    let peer = peer_value.map(|_| PEER.to_owned());
    Row {
        suite: SUITE,
        measure: measure.to_owned(),
        value,
        unit,
        peer,
        peer_value,
        ratio,
        goal,
        met,
    }
}
