//! Every route is denied to whom it should be: a route that is not in the table here fails.

use std::collections::BTreeSet;

use gantry_engine::audit::{Filter, Outcome};
use gantry_engine::{Cause, Work};
use gantry_notice::Reason;
use gantry_web::{Needs, all_routes};
use serde_json::{Value, json};

use crate::support::{Client, House, NOBODY, contact, owner};

/// How the notice itself denies a route to somebody with a token for every purpose.
struct Denial {
    method: &'static str,
    route: &'static str,
    /// The purpose, and what fills the places of the route; `CN` is a contact in China, `FI` one in
    /// Finland, `ORDER` an order record of it.
    names: &'static [(&'static str, &'static str)],
    query: &'static str,
    body: fn() -> Value,
    reason: &'static str,
}

const P: &str = "/api/v1/{purpose}";

fn nothing() -> Value {
    Value::Null
}

fn fields() -> Value {
    json!({ "fields": {} })
}

fn name() -> Value {
    json!({ "data": { "identity": { "given_name": "Eeva" } } })
}

fn finn() -> Value {
    contact("FI")
}

fn payment() -> Value {
    json!({ "category": "payment", "fields": {} })
}

fn decision() -> Value {
    json!({ "segment": "engaged", "to": "in", "reason": "asked for it" })
}

fn engaged() -> Value {
    json!({ "audience": "segment.engaged" })
}

fn engaged_one() -> Value {
    json!({ "audience": "segment.engaged", "contact": crate::support::NOBODY })
}

fn objection() -> Value {
    json!({ "statement": "objects", "scope": "marketing" })
}

macro_rules! denial {
    ($method:literal $route:literal [$($place:ident = $name:literal),*] $query:literal $body:ident => $reason:literal) => {
        Denial {
            method: $method,
            route: $route,
            names: &[$((stringify!($place), $name)),*],
            query: $query,
            body: $body,
            reason: $reason,
        }
    };
}

fn denials() -> Vec<Denial> {
    vec![
        denial!("GET" "" [purpose = "nonsense"] "" nothing => "unknown"),
        denial!("GET" "/contacts" [purpose = "reporting"] "" nothing => "only-in-aggregate"),
        denial!("POST" "/contacts" [purpose = "manufacturing"] "" finn => "operation-not-allowed"),
        denial!("GET" "/contacts/{contact}" [purpose = "marketing", contact = "CN"] "" nothing => "no-consent"),
        denial!("PATCH" "/contacts/{contact}" [purpose = "manufacturing", contact = "FI"] "" name => "operation-not-allowed"),
        denial!("GET" "/contacts/{contact}/export" [purpose = "marketing", contact = "CN"] "" nothing => "no-consent"),
        denial!("GET" "/contacts/{contact}/why" [purpose = "research", contact = "FI"] "?category=identity" nothing => "operation-not-allowed"),
        denial!("POST" "/audience" [purpose = "crm"] "" engaged => "not-in-notice"),
        denial!("POST" "/audience/explanation" [purpose = "invoicing"] "" engaged_one => "not-in-notice"),
        denial!("GET" "/contacts/{contact}/insight" [purpose = "crm", contact = "FI"] "" nothing => "not-in-notice"),
        denial!("POST" "/contacts/{contact}/insight" [purpose = "sales", contact = "FI"] "?use=communications" decision => "operation-not-allowed"),
        denial!("POST" "/contacts/{contact}/statements" [purpose = "crm", contact = "FI"] "" objection => "operation-not-allowed"),
        denial!("POST" "/contacts/{contact}/erasure" [purpose = "crm", contact = "FI"] "" nothing => "operation-not-allowed"),
        denial!("GET" "/contacts/{contact}/records" [purpose = "crm", contact = "FI"] "?category=payment" nothing => "not-in-notice"),
        denial!("POST" "/contacts/{contact}/records" [purpose = "crm", contact = "FI"] "" payment => "not-in-notice"),
        denial!("GET" "/contacts/{contact}/records/{category}/{record}" [purpose = "operations", contact = "FI", category = "orders", record = "ORDER"] "" nothing => "not-in-notice"),
        denial!("PATCH" "/contacts/{contact}/records/{category}/{record}" [purpose = "manufacturing", contact = "FI", category = "orders", record = "ORDER"] "" fields => "operation-not-allowed"),
        denial!("GET" "/companies" [purpose = "reporting"] "" nothing => "only-in-aggregate"),
        denial!("POST" "/companies" [purpose = "manufacturing"] "" fields => "operation-not-allowed"),
        denial!("GET" "/companies/{company}" [purpose = "research", company = "FI"] "" nothing => "operation-not-allowed"),
        denial!("PATCH" "/companies/{company}" [purpose = "manufacturing", company = "FI"] "" fields => "operation-not-allowed"),
        denial!("GET" "/objects/{kind}" [purpose = "marketing", kind = "invoice"] "" nothing => "not-in-notice"),
        denial!("POST" "/objects/{kind}" [purpose = "marketing", kind = "invoice"] "" fields => "not-in-notice"),
        denial!("GET" "/objects/{kind}/{object}" [purpose = "marketing", kind = "invoice", object = "FI"] "" nothing => "not-in-notice"),
        denial!("PATCH" "/objects/{kind}/{object}" [purpose = "marketing", kind = "invoice", object = "FI"] "" fields => "not-in-notice"),
        denial!("GET" "/records" [purpose = "crm"] "?category=orders" nothing => "operation-not-allowed"),
        denial!("GET" "/report" [purpose = "crm"] "?of=records:orders" nothing => "operation-not-allowed"),
    ]
}

/// A house with the people that the table names, and what stands for each.
async fn peopled() -> (House, Client, Vec<(&'static str, String)>) {
    let house = House::new().await;
    let anna = house.anna().await;
    let (chinese, finn) = (anna.contact("CN").await, anna.contact("FI").await);
    let order = json!({ "category": "orders", "fields": { "role": "orderer" } });
    let order = anna.post(&format!("/api/v1/crm/contacts/{finn}/records"), &order).await;
    let order = order.expect(201).body["id"].as_str().unwrap().to_owned();
    (house, anna, vec![("CN", chinese), ("FI", finn), ("ORDER", order)])
}

fn filled(denial: &Denial, ids: &[(&str, String)]) -> String {
    let mut path = format!("{P}{}", denial.route);
    for (place, name) in denial.names {
        let id = ids.iter().find(|(sign, _)| sign == name).map_or(*name, |(_, id)| id);
        path = path.replace(&format!("{{{place}}}"), id);
    }
    path + denial.query
}

async fn send(client: &Client, denial: &Denial, path: &str) -> crate::support::Answer {
    let headers: &[_] = if denial.method == "PATCH" { &[("if-match", "*")] } else { &[] };
    let body = (denial.body)();
    let body = (!body.is_null()).then(|| body.to_string().into_bytes());
    client.send(denial.method, path, headers, body).await
}

#[test]
fn every_route_of_a_purpose_has_a_denial_here() {
    let table: BTreeSet<(String, String)> =
        denials().iter().map(|d| (d.method.to_owned(), format!("{P}{}", d.route))).collect();
    let routes: BTreeSet<(String, String)> = all_routes()
        .iter()
        .filter(|route| route.needs == Needs::Purpose)
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    assert_eq!(table, routes);
}

#[test]
fn only_what_is_published_anyway_is_open_to_all() {
    let open: Vec<&str> = all_routes()
        .into_iter()
        .filter(|route| route.needs == Needs::Nothing)
        .map(|route| route.path)
        .collect();
    assert_eq!(open, ["/api/openapi.json", "/problems/{problem}", "/healthz"]);
}

#[tokio::test]
async fn the_notice_denies_every_route_with_its_reason() {
    let (_house, anna, ids) = peopled().await;
    for denial in denials() {
        let path = filled(&denial, &ids);
        let answer = send(&anna, &denial, &path).await;
        let seen = (answer.status.as_u16(), answer.body["reason"].as_str().unwrap_or(""));
        assert_eq!(seen, (403, denial.reason), "{} {path}: {}", denial.method, answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.body["purpose"].is_string());
    }
}

#[tokio::test]
async fn nobody_comes_in_without_a_good_token() {
    let (house, _, ids) = peopled().await;
    let token = house.token("anna", &["crm"]).await;
    house.clock.advance_days(31);
    let unknown = format!("gtr_{}", "b".repeat(58));
    let cases = [
        (None, false),
        (Some("letmein".to_owned()), true),
        (Some(unknown), true),
        (Some(token), true),
    ];
    for (token, came) in cases {
        let client = house.client_of(token);
        for denial in denials() {
            let answer = send(&client, &denial, &filled(&denial, &ids)).await;
            let answer = answer.problem(401, "sign-in", "");
            let challenge = answer.header("www-authenticate");
            assert!(challenge.starts_with("Bearer realm="), "{challenge}");
            assert_eq!(challenge.contains("invalid_token"), came);
        }
        client.get("/api/v1").await.problem(401, "sign-in", "");
    }
}

#[tokio::test]
async fn whoever_lacks_the_purpose_gets_the_same_answer_whoever_is_there() {
    let (house, _, ids) = peopled().await;
    let nobody: Vec<(&str, String)> =
        ids.iter().map(|(sign, _)| (*sign, NOBODY.to_owned())).collect();
    house.account("guest", &["trainer"]).await;
    let purposes = ["crm", "marketing", "reporting"];
    for guest in [house.client("anna", &["safety"]).await, house.client("guest", &purposes).await] {
        for denial in denials().iter().filter(|denial| denial.names[0].1 != "nonsense") {
            let there = send(&guest, denial, &filled(denial, &ids)).await;
            let there = there.problem(403, "refused", "role-lacks-purpose");
            let not_there = send(&guest, denial, &filled(denial, &nobody)).await;
            assert_eq!(there.body, not_there.body);
            assert_eq!(there.status, not_there.status);
        }
    }
}

#[tokio::test]
async fn a_purpose_or_a_use_that_the_notice_does_not_know_is_denied() {
    let (_house, anna, ids) = peopled().await;
    for denial in denials() {
        let unknown = filled(&denial, &ids).replacen(denial.names[0].1, "espionage", 1);
        send(&anna, &denial, &unknown).await.problem(403, "refused", "unknown");
    }
    anna.get("/api/v1/crm/contacts?use=espionage").await.problem(403, "refused", "unknown");
}

#[tokio::test]
async fn the_scheme_of_a_token_is_read_in_any_case_and_two_tokens_are_none() {
    let house = House::new().await;
    let token = house.token("anna", &["crm"]).await;
    let nobody = house.client_of(None);
    let lower = format!("bearer {token}");
    let header = ("authorization", &*lower);
    nobody.send("GET", "/api/v1", &[header], None).await.expect(200);
    nobody.send("GET", "/api/v1", &[header, header], None).await.problem(401, "sign-in", "");
    let basic = format!("Basic {token}");
    let basic = [("authorization", &*basic)];
    nobody.send("GET", "/api/v1", &basic, None).await.problem(401, "sign-in", "");
}

#[tokio::test]
async fn every_denial_is_in_the_audit_trail() {
    let (house, anna, ids) = peopled().await;
    anna.get(&format!("/api/v1/marketing/contacts/{}", ids[0].1)).await.expect(403);
    anna.get("/api/v1/espionage/contacts").await.expect(403);
    anna.get("/api/v1/reporting/contacts").await.expect(403);
    anna.get("/api/v1/crm/report?of=records:orders").await.expect(403);
    let work = Work::on("integrity", Cause::Test);
    let session = house.engine.session(&owner(), &work).await.unwrap().into_identified().unwrap();
    let filter = Filter { denied: Some(true), ..Filter::default() };
    let denied = session.trail(&filter, None, 100).await.unwrap();
    let reasons = denied.entries.into_iter().map(|found| found.entry.outcome);
    let reasons: Vec<Outcome> = reasons.collect();
    let expected =
        [Reason::NoConsent, Reason::Unknown, Reason::OnlyInAggregate, Reason::OperationNotAllowed]
            .map(|reason| Outcome::Denied(reason as u8));
    assert_eq!(reasons, expected);
}
