//! The one list of the pages that are looked at: an example, or several, of each page that there is.

use gantry_tests::client::Asked;
use gantry_tests::demo::Demo;
use serde_json::Value as Json;

/// A page to be looked at.
#[derive(Debug)]
pub(crate) struct Sight {
    /// What its pictures are called.
    pub(crate) name: String,
    pub(crate) path: String,
}

/// Pages of the console that anybody may open.
pub(crate) fn open_to_all() -> Vec<Sight> {
    sights(&[("sign-in", "/sign-in"), ("sign-in-link", "/sign-in/link"), ("notice", "/notice")])
}

/// Pages of the console for people at work. A page that has no example here fails the test.
pub(crate) fn console(demo: &Demo) -> Vec<Sight> {
    let known = Known::of(demo);
    let pages = gantry_web::all_pages().into_iter().filter(|page| page.method == "GET");
    let mut all: Vec<Sight> = pages.flat_map(|page| known.examples(page.path)).collect();
    all.extend(sights(&[
        ("refused", "/research/contacts"),
        ("nothing", "/crm/contacts/00000000-0000-7000-8000-000000000000"),
    ]));
    all
}

/// Pages of the portal before somebody is in.
pub(crate) fn portal_open() -> Vec<Sight> {
    sights(&[
        ("portal-sign-in", "/me/sign-in"),
        ("portal-sent", "/me/sent"),
        ("portal-mail", "/demo/mail"),
        ("portal-nothing", "/me/nothing"),
    ])
}

/// Pages of the portal for a contact.
pub(crate) fn portal() -> Vec<Sight> {
    let mut all = sights(&[
        ("portal", "/me"),
        ("portal-held", "/me/held"),
        ("portal-held-orders", "/me/held/orders"),
        ("portal-purposes", "/me/purposes"),
        ("portal-used", "/me/used"),
        ("portal-categories", "/me/categories"),
        ("portal-requests", "/me/requests"),
        ("portal-request", "/me/requests/new/rectification"),
        ("portal-preferences", "/me/preferences"),
        ("portal-leave", "/me/leave"),
    ]);
    for language in ["fi", "de", "zh"] {
        let pages = ["", "/held", "/purposes"].into_iter();
        all.extend(pages.map(|page| Sight {
            name: format!("portal{}-{language}", page.replace('/', "-")),
            path: format!("/me{page}?lang={language}"),
        }));
    }
    all
}

fn sights(named: &[(&str, &str)]) -> Vec<Sight> {
    let sight =
        |(name, path): &(&str, &str)| Sight { name: (*name).to_owned(), path: (*path).to_owned() };
    named.iter().map(sight).collect()
}

/// Ids of the demo that addresses are made of.
struct Known {
    purposes: Vec<String>,
    customer: String,
    in_china: String,
    company: String,
    /// Category and id.
    record: (String, String),
}

impl Known {
    fn of(demo: &Demo) -> Known {
        let mut client = demo.client();
        let mut get = |path: &str| -> Json {
            client.ask(&Asked::get(format!("/api/v1{path}"))).unwrap().json()
        };
        let text =
            |value: &Json| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
        let customer = demo.person("customer").to_owned();
        let purposes =
            get("")["purposes"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect();
        let company = text(&get(&format!("/crm/contacts/{customer}"))["company"]);
        let records = get(&format!("/crm/contacts/{customer}/records?category=orders"));
        let record = &records["items"][0];
        let record = (text(&record["category"]), text(&record["id"]));
        Known { purposes, customer, in_china: demo.person("in_china").to_owned(), company, record }
    }

    fn examples(&self, template: &str) -> Vec<Sight> {
        let Known { customer, in_china, company, record: (category, record), .. } = self;
        let one =
            |name: &str, path: &str| vec![Sight { name: name.to_owned(), path: path.to_owned() }];
        let of_customer =
            |purpose: &str, rest: &str| format!("/{purpose}/contacts/{customer}{rest}");
        match template {
            "/" => one("home", "/"),
            // They are looked at without a sign-in.
            "/sign-in" | "/sign-in/link" | "/notice" => Vec::new(),
            // Nobody stays there: people are sent on to the provider, and back.
            "/sign-in/provider" | "/sign-in/provider/back" => Vec::new(),
            // What an upload leads to is looked at on the way of an import.
            path if path.starts_with("/{purpose}/import/") => Vec::new(),
            "/{purpose}/import" => {
                sights(&[("import", "/crm/import"), ("import-nothing", "/manufacturing/import")])
            }
            // They are no pages: one is for a script, the other to be stored.
            "/house/palette" | "/{purpose}/trail/export" => Vec::new(),
            "/house/you" => one("you", "/house/you"),
            "/house/notice" => one("notice-kept", "/house/notice"),
            "/house/notice/compare" => one("notice-compared", "/house/notice/compare?from=0&to=0"),
            "/house/notice/next" => one("notice-next", "/house/notice/next"),
            "/{purpose}" => self
                .purposes
                .iter()
                .flat_map(|id| one(&format!("start-{id}"), &format!("/{id}")))
                .collect(),
            "/{purpose}/contacts" => sights(&[
                ("contacts-crm", "/crm/contacts"),
                ("contacts-manufacturing", "/manufacturing/contacts"),
            ]),
            "/{purpose}/contacts/new" => one("contact-new", "/crm/contacts/new"),
            "/{purpose}/contacts/{contact}" => {
                let seen = ["crm", "manufacturing", "marketing", "claims"].into_iter();
                seen.flat_map(|id| one(&format!("contact-{id}"), &of_customer(id, ""))).collect()
            }
            "/{purpose}/contacts/{contact}/edit" => {
                one("contact-edit", &of_customer("crm", "/edit"))
            }
            "/{purpose}/contacts/{contact}/why/{category}" => {
                let mut both = one("why", &of_customer("crm", "/why/contact-details"));
                both.extend(one("why-not", &format!("/claims/contacts/{in_china}/why/interests")));
                both
            }
            "/{purpose}/contacts/{contact}/records" => {
                one("records-of-contact", &of_customer("claims", "/records"))
            }
            "/{purpose}/contacts/{contact}/records/{category}/new" => {
                one("record-new", &of_customer("crm", "/records/communications/new"))
            }
            "/{purpose}/contacts/{contact}/records/{category}/{record}" => {
                one("record", &of_customer("crm", &format!("/records/{category}/{record}")))
            }
            "/{purpose}/objects/{kind}" => sights(&[
                ("companies", "/crm/objects/company"),
                ("orders", "/crm/objects/order"),
                ("production-orders", "/manufacturing/objects/production-order"),
                ("aliased-orders", "/research/objects/order"),
            ]),
            "/{purpose}/objects/{kind}/new" => one("order-new", "/crm/objects/order/new"),
            "/{purpose}/objects/{kind}/{object}" => {
                one("company", &format!("/crm/objects/company/{company}"))
            }
            "/{purpose}/objects/{kind}/{object}/edit" => {
                one("company-edit", &format!("/crm/objects/company/{company}/edit"))
            }
            "/{purpose}/records" => sights(&[
                ("aliased-records", "/research/records"),
                ("aliased-behaviour", "/research/records?category=behaviour"),
            ]),
            "/{purpose}/report" => sights(&[
                ("report", "/reporting/report"),
                (
                    "report-orders",
                    "/reporting/report?of=records:orders&by=country&across=year&sum=",
                ),
            ]),
            "/{purpose}/trail" => sights(&[
                ("trail", "/integrity/trail"),
                ("trail-filtered", "/integrity/trail?outcome=denied"),
            ]),
            other => panic!("no example of `{other}`: add one here, so that it is looked at"),
        }
    }
}
