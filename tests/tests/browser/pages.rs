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

/// Pages of the console for people at work. One of which there is no example here fails the test.
pub(crate) fn console(demo: &Demo) -> Vec<Sight> {
    let examples = Known::of(demo).examples();
    for page in gantry_web::all_pages().iter().filter(|page| page.method == "GET") {
        let has_example = examples.iter().any(|(template, ..)| *template == page.path);
        let elsewhere = ELSEWHERE.iter().any(|(template, _)| *template == page.path);
        assert!(
            has_example != elsewhere,
            "`{}` needs an example here, so that it is looked at, or a reason why not",
            page.path
        );
    }
    let sight = |(_, name, path)| Sight { name, path };
    examples.into_iter().map(sight).collect()
}

/// Pages that are looked at elsewhere, or are none.
const ELSEWHERE: &[(&str, &str)] = &[
    ("/sign-in", "by who is not signed in"),
    ("/sign-in/link", "by who is not signed in"),
    ("/notice", "by who is not signed in"),
    ("/sign-in/provider", "nobody stays there: it leads to the provider"),
    ("/sign-in/provider/back", "nobody stays there: it leads to the console"),
    ("/house/palette", "it is for a script"),
    ("/house/notice/told.csv", "it is to be stored"),
    ("/{purpose}/contacts/{contact}/rights/copy", "it is to be stored"),
    ("/{purpose}/trail/export", "it is to be stored"),
    ("/{purpose}/import/{upload}", "on the way of an import"),
    ("/{purpose}/import/{upload}/map", "on the way of an import"),
    ("/{purpose}/import/{upload}/map.toml", "it is to be stored"),
    ("/{purpose}/import/{upload}/progress", "it is for a script"),
    ("/{purpose}/import/{upload}/rejects", "it is to be stored"),
];

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

/// The page's template, what its pictures are called, and an address.
type Example = (&'static str, &'static str, String);

/// Ids of the demo that addresses are made of.
struct Known {
    purposes: Vec<String>,
    customer: String,
    in_china: String,
    company: String,
    event: String,
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
        let event = text(&get("/events/objects/event")["items"][0]["id"]);
        let records = get(&format!("/crm/contacts/{customer}/records?category=orders"));
        let record = &records["items"][0];
        let record = (text(&record["category"]), text(&record["id"]));
        let in_china = demo.person("in_china").to_owned();
        Known { purposes, customer, in_china, company, event, record }
    }

    /// The page's template, what its pictures are called, and an address.
    fn examples(&self) -> Vec<(&'static str, String, String)> {
        let all =
            Known::of_the_house().into_iter().chain(self.of_contacts()).chain(self.of_things());
        let named = all.map(|(template, name, path)| (template, name.to_owned(), path));
        let start =
            |purpose: &String| ("/{purpose}", format!("start-{purpose}"), format!("/{purpose}"));
        named.chain(self.purposes.iter().map(start)).collect()
    }

    fn of_the_house() -> Vec<Example> {
        let nobody = "00000000-0000-7000-8000-000000000000";
        vec![
            ("/", "home", "/".into()),
            ("/house/you", "you", "/house/you".into()),
            ("/house/notice", "notice-kept", "/house/notice".into()),
            (
                "/house/notice/compare",
                "notice-compared",
                "/house/notice/compare?from=0&to=0".into(),
            ),
            ("/house/notice/next", "notice-next", "/house/notice/next".into()),
            ("/house/notice/told", "notice-told", "/house/notice/told?from=0&to=0".into()),
            // What the notice does not give, and what there is not.
            ("/{purpose}/contacts", "refused", "/research/contacts".into()),
            ("/{purpose}/contacts/{contact}", "nothing", format!("/crm/contacts/{nobody}")),
        ]
    }

    fn of_contacts(&self) -> Vec<Example> {
        let Known { customer, in_china, record: (category, record), .. } = self;
        let of = |purpose: &str, rest: &str| format!("/{purpose}/contacts/{customer}{rest}");
        let (list, one) = ("/{purpose}/contacts", "/{purpose}/contacts/{contact}");
        let why = "/{purpose}/contacts/{contact}/why/{category}";
        let records = "/{purpose}/contacts/{contact}/records";
        vec![
            (list, "contacts-crm", "/crm/contacts".into()),
            (list, "contacts-manufacturing", "/manufacturing/contacts".into()),
            ("/{purpose}/contacts/new", "contact-new", "/crm/contacts/new".into()),
            (one, "contact-crm", of("crm", "")),
            (one, "contact-manufacturing", of("manufacturing", "")),
            (one, "contact-marketing", of("marketing", "")),
            (one, "contact-claims", of("claims", "")),
            ("/{purpose}/contacts/{contact}/edit", "contact-edit", of("crm", "/edit")),
            ("/{purpose}/contacts/{contact}/insight", "insight", of("marketing", "/insight")),
            ("/{purpose}/contacts/{contact}/rights", "rights", of("claims", "/rights")),
            (why, "why", of("crm", "/why/contact-details")),
            (why, "why-not", format!("/claims/contacts/{in_china}/why/interests")),
            (records, "records-of-contact", of("claims", "/records")),
            (
                "/{purpose}/contacts/{contact}/records/{category}/new",
                "record-new",
                of("crm", "/records/communications/new"),
            ),
            (
                "/{purpose}/contacts/{contact}/records/{category}/{record}",
                "record",
                of("crm", &format!("/records/{category}/{record}")),
            ),
        ]
    }

    fn of_things(&self) -> Vec<Example> {
        let company = format!("/crm/objects/company/{}", self.company);
        let event = format!("/events/objects/event/{}", self.event);
        let (kind, report) = ("/{purpose}/objects/{kind}", "/{purpose}/report");
        let (aliased, import) = ("/{purpose}/records", "/{purpose}/import");
        let asked = "?of=records:orders&by=country&across=year&sum=";
        vec![
            (kind, "companies", "/crm/objects/company".into()),
            (kind, "orders", "/crm/objects/order".into()),
            (kind, "production-orders", "/manufacturing/objects/production-order".into()),
            (kind, "aliased-orders", "/research/objects/order".into()),
            ("/{purpose}/objects/{kind}/new", "order-new", "/crm/objects/order/new".into()),
            ("/{purpose}/objects/{kind}/{object}", "company", company.clone()),
            ("/{purpose}/objects/{kind}/{object}", "event", event.clone()),
            ("/{purpose}/objects/{kind}/{object}/people", "people", format!("{event}/people")),
            ("/{purpose}/objects/{kind}/{object}/edit", "company-edit", format!("{company}/edit")),
            (aliased, "aliased-records", "/research/records".into()),
            (aliased, "aliased-behaviour", "/research/records?category=behaviour".into()),
            (report, "report", "/reporting/report".into()),
            (report, "report-orders", format!("/reporting/report{asked}")),
            ("/{purpose}/trail", "trail", "/integrity/trail".into()),
            ("/{purpose}/trail", "trail-filtered", "/integrity/trail?outcome=denied".into()),
            (import, "import", "/crm/import".into()),
            (import, "import-nothing", "/manufacturing/import".into()),
        ]
    }
}
