//! Forms: what is typed is stored, or told at its field.

use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn a_contact_is_added_found_changed_and_shown() {
    let house = House::new().await;
    let mut browser = house.at_work("anna", &[]).await;
    house.anna().await.company("Harju Lifting").await;
    browser.get("/crm/contacts/new").await.expect(200).shows("Add a contact");
    let fields = [
        ("country", "Suomi"),
        ("company", "Harju Lifting"),
        ("identity.given_name", "Eeva"),
        ("identity.family_name", "Laine"),
        ("contact-details.email", "eeva@harju.example"),
    ];
    let to = browser.post("/crm/contacts/new", &fields).await.to("/crm/contacts/");
    browser.get(&to).await.expect(200).shows("Eeva Laine").shows("Harju Lifting").shows("Finland");
    for text in ["eeva@harju.example", "Laine", "Harju"] {
        let list =
            browser.post("/crm/contacts/find", &[("text", text)]).await.to("/crm/contacts?q=");
        let shown = browser.get(&list).await.expect(200);
        assert!(shown.html.contains("Eeva Laine") || shown.html.contains("its contacts"), "{text}");
    }
    let edit = browser.get(&format!("{to}/edit")).await.expect(200);
    let version = edit.hidden("version");
    let fields = [
        ("version", version.as_str()),
        ("identity.given_name", "Eeva Maria"),
        ("identity.family_name", "Laine"),
    ];
    browser.post(&format!("{to}/edit"), &fields).await.to(&to);
    browser.get(&to).await.expect(200).shows("Eeva Maria");
    // Whoever saw the version before is told, and nothing of theirs is written.
    let fields = [("version", version.as_str()), ("identity.given_name", "Late")];
    browser.post(&format!("{to}/edit"), &fields).await.expect(409);
    browser.get(&to).await.expect(200).shows("Eeva Maria").hides("Late");
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_told_at_its_field_and_what_was_typed_stays() {
    let house = House::new().await;
    let mut browser = house.at_work("anna", &[]).await;
    let fields = [("identity.given_name", "Eeva"), ("contact-details.email", "no address")];
    let shown = browser.post("/crm/contacts/new", &fields).await.expect(422);
    shown
        .shows("Nothing was stored")
        .shows(">E-mail</a>: ")
        .shows("id=\"field-contact-details-email-fault\"")
        .shows("aria-invalid=\"true\"")
        .shows("value=\"no address\"")
        .shows("value=\"Eeva\"");
    let shown = browser.post("/crm/contacts/new", &[("company", "Nobody Ltd")]).await.expect(422);
    shown.shows("no company is found by this");
}

#[tokio::test]
async fn a_list_is_put_in_order_and_narrowed_down() {
    let house = House::new().await;
    let mut browser = house.at_work("anna", &[]).await;
    for (name, country, role) in
        [("Zoe", "FI", "maintenance"), ("Åke", "SE", "maintenance"), ("Bo", "FI", "finance")]
    {
        let fields =
            [("country", country), ("identity.given_name", name), ("employment.role", role)];
        browser.post("/crm/contacts/new", &fields).await.to("/crm/contacts/");
    }
    let place = |html: &str, name: &str| html.find(&format!(">{name}</a>")).unwrap();
    let shown = browser.get("/crm/contacts?sort=name").await.expect(200);
    let names = ["Åke", "Bo", "Zoe"].map(|name| place(&shown.html, name));
    assert!(names.is_sorted(), "{names:?}");
    shown.shows("aria-sort=\"ascending\"").shows("href=\"/crm/contacts?sort=-name\"");
    let narrowed = [("country", "Suomi"), ("employment.role", "maintenance")];
    let to = browser.post("/crm/contacts/find", &narrowed).await.to("/crm/contacts?country=FI");
    browser.get(&to).await.expect(200).shows("Zoe").hides(">Bo<").shows("value=\"Finland\"");
    let typo = browser.post("/crm/contacts/find", &[("country", "Nowhere")]).await.expect(422);
    typo.shows("a country that is known").hides("Nothing was stored");
    browser.get("/crm/contacts?sort=shoe").await.expect(404);
    browser.get("/crm/contacts?sort=state").await.expect(200).shows("Sorting is not a column");
    let having = "/crm/contacts?having=identity.given_name:Bo";
    browser.get(having).await.expect(422);
}

#[tokio::test]
async fn a_record_is_added_and_changed() {
    let house = House::new().await;
    let contact = house.anna().await.contact("FI").await;
    let mut browser = house.at_work("anna", &[]).await;
    let page = format!("/crm/contacts/{contact}/records/communications/new");
    browser.get(&page).await.expect(200).shows("Add: ");
    let fields = [
        ("communications.channel", "phone"),
        ("communications.direction", "in"),
        ("communications.subject", "A rope"),
        ("at", "2026-10-30"),
    ];
    browser.post(&page, &fields).await.to("/crm/contacts/");
    let shown = browser
        .get(&format!("/crm/contacts/{contact}"))
        .await
        .expect(200)
        .shows("A rope")
        .shows("2026-10-30");
    let link = shown.html.split("href=\"").filter_map(|rest| rest.split('"').next());
    let record = link
        .filter(|path| path.contains("/records/communications/") && !path.ends_with("new"))
        .last()
        .unwrap()
        .to_owned();
    let edit = browser.get(&record).await.expect(200);
    let version = edit.hidden("version");
    let fields = [
        ("version", version.as_str()),
        ("communications.channel", "phone"),
        ("communications.direction", "in"),
        ("communications.subject", "Two ropes"),
    ];
    browser.post(&record, &fields).await.to("/crm/contacts/");
    browser.get(&format!("/crm/contacts/{contact}")).await.expect(200).shows("Two ropes");
    browser
        .post(&page, &[("communications.channel", "smoke")])
        .await
        .expect(422)
        .shows("communications.channel");
}

#[tokio::test]
async fn an_object_is_added_moved_through_its_states_and_shown_with_its_company() {
    let house = House::new().await;
    let anna = house.anna().await;
    let company = anna.company("Harju Lifting").await;
    let mut browser = house.at_work("anna", &[]).await;
    let fields = [
        ("company", "Harju Lifting"),
        ("number", "Q-17"),
        ("at", "2026-10-30"),
        ("state", "draft"),
    ];
    browser.get("/sales/objects/quotation/new").await.expect(200);
    let to =
        browser.post("/sales/objects/quotation/new", &fields).await.to("/sales/objects/quotation/");
    browser.get(&to).await.expect(200).shows("Q-17").shows("Harju Lifting");
    browser.get(&format!("/sales/objects/company/{company}")).await.expect(200).shows("Q-17");
    let edit = browser.get(&format!("{to}/edit")).await.expect(200);
    let version = edit.hidden("version");
    let fields = [("version", version.as_str()), ("number", "Q-17"), ("state", "nonsense")];
    browser.post(&format!("{to}/edit"), &fields).await.expect(422).shows("state");
    let list = browser
        .post("/sales/objects/quotation/find", &[("text", "Q-17")])
        .await
        .to("/sales/objects/quotation?q=");
    browser.get(&list).await.expect(200).shows("Q-17");
    browser.get("/sales").await.expect(200).shows("Open now").shows("Quotations");
}

#[tokio::test]
async fn why_says_the_ground_the_window_and_the_clause() {
    let house = House::new().await;
    let contact = house.anna().await.contact("FI").await;
    let mut browser = house.at_work("anna", &[]).await;
    let shown =
        browser.get(&format!("/crm/contacts/{contact}/why/contact-details")).await.expect(200);
    shown
        .shows("legitimate interest")
        .shows("24 months after last activity")
        .shows("/notice#purpose-crm");
}

#[tokio::test]
async fn an_objection_takes_the_contact_out_of_the_room_at_once() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let mut browser = house.at_work("anna", &[]).await;
    browser.get(&format!("/marketing/contacts/{contact}")).await.expect(200).shows("Aino");
    let objection = json!({ "statement": "objects", "scope": "marketing" });
    anna.post(&format!("/api/v1/claims/contacts/{contact}/statements"), &objection)
        .await
        .expect(204);
    browser
        .get(&format!("/marketing/contacts/{contact}"))
        .await
        .expect(403)
        .shows("objected")
        .hides("Aino");
    browser.get("/marketing/contacts").await.expect(200).hides("Aino");
    browser.get(&format!("/crm/contacts/{contact}")).await.expect(200).shows("Aino");
}

#[tokio::test]
async fn a_pseudonymous_room_shows_aliases_and_an_aggregate_one_hides_small_cells() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let order = json!({ "category": "orders", "fields": { "role": "orderer" } });
    anna.post(&format!("/api/v1/crm/contacts/{contact}/records"), &order).await.expect(201);
    let mut browser = house.at_work("anna", &[]).await;
    browser.get("/research/records").await.expect(200).hides("Aino").hides(&contact);
    let report = browser.get("/reporting/report?of=records:orders&by=country").await.expect(200);
    report.shows("hidden").hides("Aino").hides(&contact);
}

#[tokio::test]
async fn a_request_shows_who_asks_and_what_and_an_order_whom_it_is_about() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let request = json!({ "fields": { "number": "R-1", "kind": "rectification", "way": "phone" } });
    let request = anna.post("/api/v1/claims/objects/request", &request).await.expect(201);
    let request = request.body["id"].as_str().unwrap().to_owned();
    let part = json!({
        "category": "claims", "about": { "kind": "request", "id": request },
        "fields": { "part": "requester", "account": "My name is Laine now." },
    });
    anna.post(&format!("/api/v1/claims/contacts/{contact}/records"), &part).await.expect(201);
    let mut browser = house.at_work("anna", &[]).await;
    let page = format!("/claims/objects/request/{request}");
    let link = format!("href=\"/claims/contacts/{contact}\"");
    for path in [page.clone(), format!("{page}/people")] {
        let shown = browser.get(&path).await.expect(200);
        shown.shows("Aino Virtanen").shows(&link).shows("My name is Laine now.");
    }
    // A kind that no record of the room is about has no such part.
    let company = anna.company("Harju Lifting").await;
    let shown = browser.get(&format!("/claims/objects/company/{company}")).await.expect(200);
    shown.hides("<h2>People</h2>");
}

#[tokio::test]
async fn what_a_contact_says_is_written_down_weighed_and_acts_at_once() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let mut browser = house.at_work("anna", &[]).await;
    let rights = format!("/claims/contacts/{contact}/rights");
    browser.get(&format!("/claims/contacts/{contact}")).await.expect(200).shows(&rights);
    browser.get(&rights).await.expect(200).shows("Rights of Aino Virtanen");
    let says = |says, scope| [("says", says), ("scope", scope)];
    let shown = browser.post(&rights, &says("objects", "marketing")).await.expect(200);
    shown.shows("Direct marketing stops").shows("Direct marketing, under every purpose");
    browser.get(&format!("/marketing/contacts/{contact}")).await.expect(403);
    // What cannot be objected to is told at the form.
    let shown = browser.post(&rights, &says("objects", "invoicing")).await.expect(422);
    shown.shows("id=\"field-scope-fault\"").shows("Rights of Aino Virtanen");
    browser.post(&rights, &says("objects", "")).await.expect(422);
    browser.post(&rights, &says("sings", "all")).await.expect(422);
    let shown = browser.post(&rights, &says("objects", "crm")).await.expect(200);
    shown.shows("being weighed").shows("Compelling grounds");
    browser.get(&format!("/crm/contacts/{contact}")).await.expect(403);
    browser.post(&rights, &says("objection-rejected", "crm")).await.expect(200);
    browser.get(&format!("/crm/contacts/{contact}")).await.expect(200);
    let copy = browser.get(&format!("{rights}/copy")).await.expect(200);
    let held: serde_json::Value = serde_json::from_str(&copy.html).unwrap();
    assert_eq!(held["said"]["objects_to_direct_marketing"], true);
    assert_eq!(held["contact"]["data"]["identity"]["family_name"], "Virtanen");
}

#[tokio::test]
async fn a_contact_is_erased_once_somebody_is_sure_and_only_where_requests_are_answered() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let mut browser = house.at_work("anna", &[]).await;
    let mut seller = house.at_work("mika", &["seller"]).await;
    let rights = format!("/claims/contacts/{contact}/rights");
    for rights in [&rights, &rights.replacen("claims", "sales", 1)] {
        seller.get(rights).await.expect(403);
        seller.get(&format!("{rights}/copy")).await.expect(403);
        seller.post(&format!("{rights}/erase"), &[("sure", "yes")]).await.expect(403);
    }
    browser.get(&rights.replacen("claims", "crm", 1)).await.expect(403);
    let shown = browser.post(&format!("{rights}/erase"), &[]).await.expect(422);
    shown.shows("is to be ticked first");
    browser.get(&rights).await.expect(200);
    let shown = browser.post(&format!("{rights}/erase"), &[("sure", "yes")]).await.expect(200);
    shown.shows("The contact is erased").hides("Virtanen");
    browser.get(&format!("/crm/contacts/{contact}")).await.expect(403).hides("Virtanen");
}

#[tokio::test]
async fn a_contact_comes_to_represent_another_company_or_none() {
    let house = House::new().await;
    let anna = house.anna().await;
    let (first, second) = (anna.company("Harju Lifting").await, anna.company("Kotka Works").await);
    let contact = anna.contact("FI").await;
    let mut browser = house.at_work("anna", &[]).await;
    let page = format!("/crm/contacts/{contact}");
    let mut seen = Vec::new();
    for company in ["Harju Lifting", "Kotka Works", ""] {
        let edit = browser.get(&format!("{page}/edit")).await.expect(200);
        let fields = [("version", edit.hidden("version")), ("company", company.to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        browser.post(&format!("{page}/edit"), &fields).await.to(&page);
        // What was done is said once.
        browser.get(&page).await.expect(200).shows("Your changes are stored.");
        browser.get(&page).await.expect(200).hides("Your changes are stored.");
        let answer = anna.get(&format!("/api/v1{page}")).await.expect(200);
        seen.push(answer.body["company"].as_str().map(str::to_owned));
    }
    assert_eq!(seen, [Some(first), Some(second), None]);
    let edit = browser.get(&format!("{page}/edit")).await.expect(200);
    let fields = [("version", edit.hidden("version")), ("company", "Nobody Ltd".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let shown = browser.post(&format!("{page}/edit"), &fields).await.expect(422);
    shown.shows("id=\"field-company-fault\"").shows("value=\"Nobody Ltd\"");
}

#[tokio::test]
async fn a_form_shows_a_company_by_its_name_and_keeps_it_though_two_bear_it() {
    let house = House::new().await;
    let anna = house.anna().await;
    let company = anna.company("Harju Lifting").await;
    anna.company("Harju Lifting").await;
    let order = json!({ "company": company, "fields": { "number": "SO-1" } });
    let order = anna.post("/api/v1/sales/objects/order", &order).await.expect(201);
    let page = format!("/sales/objects/order/{}", order.body["id"].as_str().unwrap());
    let mut browser = house.at_work("anna", &[]).await;
    let edit = browser.get(&format!("{page}/edit")).await.expect(200);
    let edit = edit.shows("value=\"Harju Lifting\"").hides(&format!("value=\"{company}\""));
    let fields = [("version", edit.hidden("version")), ("city", "Kotka".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let fields = [fields[0], fields[1], ("company", "Harju Lifting")];
    browser.post(&format!("{page}/edit"), &fields).await.to(&page);
    let after = anna.get(&format!("/api/v1{page}")).await.expect(200);
    assert_eq!(after.body["company"], company.as_str());
}

#[tokio::test]
async fn what_is_refused_is_told_within_the_frame_to_who_is_signed_in() {
    let house = House::new().await;
    let mut browser = house.at_work("mika", &["seller"]).await;
    let missing = format!("/sales/contacts/{}", crate::support::NOBODY);
    for (path, status) in
        [("/invoicing/contacts", 403), (missing.as_str(), 404), ("/no/where", 404)]
    {
        let shown = browser.get(path).await.expect(status);
        shown.shows("Purposes of the notice").shows("Sign out").shows("To all purposes");
    }
    browser.get(&missing).await.expect(404).shows("To Sales activities");
    house.browser().get("/no/where").await.expect(404).hides("Purposes of the notice");
}

#[tokio::test]
async fn what_reactions_tell_is_shown_where_it_may_be_and_a_person_decides() {
    let house = House::new().await;
    let id = house.anna().await.contact("FI").await;
    let mut browser = house.at_work("anna", &[]).await;
    let reaction = [("reactions.reaction", "attended"), ("reactions.topic", "training")];
    let add = format!("/marketing/contacts/{id}/records/reactions/new");
    browser.post(&add, &reaction).await.to(&format!("/marketing/contacts/{id}"));
    let path = format!("/marketing/contacts/{id}/insight");
    browser.get(&format!("/marketing/contacts/{id}")).await.expect(200).shows(&path);
    let shown = browser.get(&path).await.expect(200);
    shown.shows("Engaged").shows("The score over all topics is at least 8 (it is 8)");
    let decision = [("segment", "engaged"), ("to", "out"), ("reason", "asked for fewer mails")];
    browser.post(&path, &decision).await.to(&path);
    browser.get(&path).await.expect(200).shows("Kept out by a person: asked for fewer mails");
    let without = browser.post(&path, &[("segment", "dormant"), ("to", "in")]).await.expect(422);
    without.shows("whoever is moved can read why");
    // Sales communications see it, and decide nothing; complaints and CRM see nothing of it.
    let sales = browser.get(&format!("/sales.communications/contacts/{id}/insight")).await;
    sales.expect(200).shows("Kept out by a person").hides("Decide otherwise");
    for room in ["sales", "quality.complaints", "crm"] {
        browser
            .get(&format!("/{room}/contacts/{id}"))
            .await
            .expect(200)
            .hides("What reactions tell");
        browser.get(&format!("/{room}/contacts/{id}/insight")).await.expect(403);
    }
}
