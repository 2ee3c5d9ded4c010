//! What happens after the sale: sites, equipment, service, visits, complaints, safety, studies, requests.

use gantry_notice::Day;

use super::dealings::{FieldTexts, Object, ObjectRef};
use super::diary::{Diary, Person, field, named};
use super::material::{CompanyMaterial, Product};

impl Diary<'_> {
    /// Products are sold by name; courses and digital services are objects of their own.
    pub(crate) fn offering(&mut self) {
        let (material, begun) = (self.material, self.ago(2000));
        for course in &material.offering.courses {
            self.whole(
                ("course", &course.code, "delivery"),
                (begun, None),
                "offered",
                vec![
                    field("code", &course.code),
                    field("title", &course.title),
                    field("topic", &course.topic),
                    field("hours", course.hours),
                    field("valid_months", course.valid_months),
                ],
            );
        }
        for service in &material.offering.services {
            self.whole(
                ("digital-service", &service.code, "operations"),
                (begun, None),
                "running",
                vec![
                    field("code", &service.code),
                    field("title", &service.title),
                    field("kind", &service.kind),
                ],
            );
        }
    }

    /// An object that belongs to no company and is part of nothing.
    pub(crate) fn whole(
        &mut self,
        (kind, key, purpose): (&'static str, &str, &'static str),
        (at, closed): (Day, Option<Day>),
        state: &'static str,
        fields: FieldTexts,
    ) -> ObjectRef {
        let id = named(kind, key);
        self.object(Object { id, purpose, at, closed, company: None, part_of: None, state, fields })
    }

    /// Everything that keeps a company's cranes running and its people safe.
    pub(crate) fn look_after(&mut self, company: &CompanyMaterial) {
        self.study(company);
        self.visits(company);
        let Some(since) = company.since else { return };
        let begun = self.ago(since);
        let site = self.site(company, begun);
        let serials = self.equip(company, &site, begun);
        self.service(company, begun, &serials);
        self.use_services(company);
        self.keep_safe(company, &site);
        if self.chance.likely(25) {
            self.complain(company);
        }
        if company.size == "large" && self.chance.likely(25) {
            self.incident(company, &site);
        }
        if self.chance.likely(8) {
            self.request(company);
        }
    }

    fn site(&mut self, company: &CompanyMaterial, begun: Day) -> ObjectRef {
        let kind = match company.industry.as_str() {
            "Ports" => "port",
            "Steel" => "steel-mill",
            "Energy" => "power-plant",
            "Logistics" => "warehouse",
            _ => "factory",
        };
        self.object(Object {
            id: named("site", &format!("{}-S1", company.key)),
            purpose: "crm",
            at: begun,
            closed: None,
            company: Some(company.key.clone()),
            part_of: None,
            state: "active",
            fields: vec![
                field("name", format!("{} works", company.city)),
                field("city", &company.city),
                field("country", &company.country),
                field("kind", kind),
            ],
        })
    }

    fn equip(&mut self, company: &CompanyMaterial, site: &ObjectRef, begun: Day) -> Vec<String> {
        let products = self.material.offering.products.iter().filter(|p| p.kind.is_some());
        let machines: Vec<&Product> = products.collect();
        let mut serials = Vec::new();
        for _ in 0..self.chance.between(1, 4) {
            let Some(machine) = self.chance.pick(&machines).copied() else { continue };
            let Some(kind) = &machine.kind else { continue };
            let serial = self.number("HL");
            let object = Object {
                id: named("asset", &serial),
                purpose: "delivery",
                at: begun,
                closed: None,
                company: Some(company.key.clone()),
                part_of: Some(site.clone()),
                state: "in-use",
                fields: vec![
                    field("serial", &serial),
                    field("product", &machine.title),
                    field("kind", kind),
                    field("capacity", machine.capacity.unwrap_or(1000)),
                    field("installed", begun),
                    field("inspect_by", Day(self.today.0 + self.chance.between(10, 360))),
                ],
            };
            self.object(object);
            serials.push(serial);
        }
        serials
    }

    fn service(&mut self, company: &CompanyMaterial, begun: Day, serials: &[String]) {
        if !self.chance.likely(70) {
            return;
        }
        let number = self.number("SC");
        let starts = begun.max(self.ago(700));
        let object = Object {
            id: named("service-contract", &number),
            purpose: "sales",
            at: starts,
            closed: None,
            company: Some(company.key.clone()),
            part_of: None,
            state: "running",
            fields: vec![
                field("number", &number),
                field("kind", self.chance.word(&["inspection", "preventive", "full"])),
                field("yearly", self.money(company, 4200)),
                field("starts", starts),
            ],
        };
        let contract = self.object(object);
        let mut day = Day(starts.0 + self.chance.between(20, 80));
        while day <= self.today {
            let serial = self.chance.pick(serials).cloned();
            self.work_order(company, &contract, day, serial);
            day = Day(day.0 + self.chance.between(80, 110));
        }
    }

    fn work_order(
        &mut self,
        company: &CompanyMaterial,
        contract: &ObjectRef,
        day: Day,
        serial: Option<String>,
    ) {
        let number = self.number("WO");
        let mut fields = vec![
            field("number", &number),
            field(
                "kind",
                self.chance.word(&["inspection", "maintenance", "maintenance", "repair"]),
            ),
            field("planned", day),
            field("done", day),
            field("amount", self.money(company, 1100)),
        ];
        fields.extend(serial.map(|serial| field("asset", serial)));
        let work = self.object(Object {
            id: named("work-order", &number),
            purpose: "delivery",
            at: day,
            closed: Some(Day(day.0 + 14)).filter(|closed| *closed <= self.today),
            company: Some(company.key.clone()),
            part_of: Some(contract.clone()),
            state: if day.0 + 14 <= self.today.0 { "invoiced" } else { "done" },
            fields,
        });
        let people = self.people_of(&company.key, day);
        if let Some(there) = self.one_for(&people, &["maintenance", "production", "operations"]) {
            let part = vec![field("role", "site-contact")];
            self.record(&there, ("delivery/deliveries", "orders"), day, Some(&work), part);
            let says = vec![
                field("channel", "meeting"),
                field("direction", "in"),
                field("subject", "After the visit"),
                field("content", "Went through the report of the visit together."),
            ];
            let talk = ("delivery/deliveries", "communications");
            self.record(&there, talk, day, Some(&work), says);
        }
    }

    fn use_services(&mut self, company: &CompanyMaterial) {
        let services = &self.material.offering.services;
        for person in self.people_of(&company.key, self.today) {
            let user = ["maintenance", "purchasing", "engineering", "operations"];
            if !user.contains(&person.role) || !self.chance.likely(60) {
                continue;
            }
            let Some(service) = self.chance.pick(services) else { continue };
            let about = named("digital-service", &service.code);
            let last = self.ago(1).0;
            let days: Vec<Day> = (0..6)
                .map(|_| Day(last - self.chance.between(0, 320)))
                .filter(|d| *d >= person.met)
                .collect();
            let Some(latest) = days.iter().max().copied() else { continue };
            let account = self.profile(&person, "contact-details", "email");
            // A network that is reserved for documentation (RFC 5737).
            let address = format!("192.0.2.{}", self.chance.between(1, 250));
            self.record(
                &person,
                ("delivery/channels", "technical-identifiers"),
                latest,
                Some(&about),
                vec![
                    field("account", account),
                    field("ip_address", address),
                    field("user_agent", "Firefox on Linux"),
                    field("last_seen", format!("{latest}T08:30:00Z")),
                ],
            );
            for day in days {
                let action = self.chance.word(&["signed-in", "viewed", "searched", "downloaded"]);
                let fields = vec![
                    field("action", action),
                    field("feature", &service.feature),
                    field("duration", self.chance.between(20, 900)),
                ];
                let under = ("delivery/channels", "behaviour");
                self.record(&person, under, day, Some(&about), fields);
            }
            let log = vec![field("event", "signed-in"), field("resource", &service.code)];
            let under = ("integrity/monitoring", "security-log");
            self.record(&person, under, latest, Some(&about), log);
        }
    }

    fn visits(&mut self, company: &CompanyMaterial) {
        for _ in 0..self.chance.between(0, 3) {
            let day = Day(self.today.0 - self.chance.between(5, 600));
            let people = self.people_of(&company.key, day);
            let Some(host) = self.one_for(&people, &["management", "maintenance"]) else {
                continue;
            };
            let number = self.number("VI");
            let object = Object {
                id: named("visit", &number),
                purpose: "crm",
                at: day,
                closed: Some(day),
                company: Some(company.key.clone()),
                part_of: None,
                state: "made",
                fields: vec![
                    field(
                        "subject",
                        self.chance.word(&["Yearly review", "New hall", "Introduction"]),
                    ),
                    field("on", day),
                    field("place", &company.city),
                ],
            };
            let visit = self.object(object);
            let says = vec![
                field("channel", "meeting"),
                field("direction", "out"),
                field("subject", "Visit"),
                field("content", "Walked through the halls and looked at what is planned."),
            ];
            self.record(&host, ("crm/relations", "communications"), day, Some(&visit), says);
        }
    }

    fn keep_safe(&mut self, company: &CompanyMaterial, site: &ObjectRef) {
        let day = Day(self.today.0 - self.chance.between(10, 330));
        for person in self.people_of(&company.key, day) {
            if self.chance.likely(25) {
                let fields = vec![
                    field("kind", "induction"),
                    field("part", "visitor"),
                    field("name_as_recorded", self.profile(&person, "identity", "full_name")),
                    field("valid_until", Day(day.0 + 365)),
                ];
                self.record(&person, ("safety/sites", "safety"), day, Some(site), fields);
            }
        }
    }

    fn incident(&mut self, company: &CompanyMaterial, site: &ObjectRef) {
        let day = Day(self.today.0 - self.chance.between(60, 500));
        let people = self.people_of(&company.key, day);
        let Some(hurt) = self.one_for(&people, &["operations", "production", "maintenance"]) else {
            return;
        };
        let number = self.number("SI");
        let incident = self.object(Object {
            id: named("incident", &number),
            purpose: "safety",
            at: day,
            closed: Some(Day(day.0 + 40)),
            company: Some(company.key.clone()),
            part_of: Some(site.clone()),
            state: "closed",
            fields: vec![
                field("number", &number),
                field("kind", "first-aid"),
                field("happened", format!("{day}T10:15:00Z")),
                field("reportable", "no"),
            ],
        });
        let name = self.profile(&hurt, "identity", "full_name");
        let under = "safety/incidents";
        self.record(
            &hurt,
            (under, "safety"),
            day,
            Some(&incident),
            vec![
                field("kind", "incident"),
                field("part", "affected"),
                field("name_as_recorded", name),
                field("account", "A sling slipped while the load was being set down."),
            ],
        );
        self.record(
            &hurt,
            (under, "incident-health"),
            day,
            Some(&incident),
            vec![
                field("injury", "bruise"),
                field("severity", "first-aid"),
                field("account", "Bruised hand, cooled at once."),
            ],
        );
    }

    fn complain(&mut self, company: &CompanyMaterial) {
        let day = Day(self.today.0 - self.chance.between(15, 500));
        let people = self.people_of(&company.key, day);
        let Some(person) = self.one_for(&people, &["maintenance", "production", "purchasing"])
        else {
            return;
        };
        let number = self.number("CO");
        let object = Object {
            id: named("complaint", &number),
            purpose: "quality",
            at: day,
            closed: Some(Day(day.0 + 12)),
            company: Some(company.key.clone()),
            part_of: None,
            state: "closed",
            fields: vec![
                field("number", &number),
                field("kind", self.chance.word(&["product", "delivery", "service", "invoice"])),
                field("severity", self.chance.word(&["minor", "minor", "major"])),
                field("received", day),
                field("due", Day(day.0 + 14)),
                field("cost", self.money(company, 800)),
            ],
        };
        let complaint = self.object(object);
        let says = vec![
            field("channel", "email"),
            field("direction", "in"),
            field("subject", "Something is not right"),
            field("content", "Described what is wrong and asked for a remedy."),
        ];
        let talk = ("quality/complaints", "communications");
        self.record(&person, talk, day, Some(&complaint), says);
    }

    /// Customers are looked up on sanctions lists; their managers, too.
    fn study(&mut self, company: &CompanyMaterial) {
        let day = Day(self.today.0 - self.chance.between(20, 360));
        let number = self.number("BS");
        let object = Object {
            id: named("screening-case", &number),
            purpose: "background",
            at: day,
            closed: Some(day),
            company: Some(company.key.clone()),
            part_of: None,
            state: "cleared",
            fields: vec![
                field("number", &number),
                field("occasion", self.chance.word(&["yearly", "order", "list-change"])),
                field("list_date", day),
                field("decided", day),
            ],
        };
        let case = self.object(object);
        let managers = self.people_of(&company.key, day);
        let managers: Vec<Person> =
            managers.into_iter().filter(|p| p.role == "management").collect();
        for manager in managers {
            let false_hit = self.chance.likely(5);
            let mut fields = vec![
                field("list", "EU consolidated"),
                field("screened_name", self.profile(&manager, "identity", "full_name")),
                field("likeness", if false_hit { 88 } else { 0 }),
                field("outcome", if false_hit { "false-hit" } else { "clear" }),
                field("decided", day),
            ];
            if false_hit {
                fields.push(field("reason", "Another year and place of birth."));
            }
            let under = ("background/screening", "screening");
            self.record(&manager, under, day, Some(&case), fields);
        }
    }

    fn request(&mut self, company: &CompanyMaterial) {
        let day = Day(self.today.0 - self.chance.between(10, 300));
        let people = self.people_of(&company.key, day);
        let Some(person) = self.chance.pick(&people).cloned() else { return };
        let number = self.number("RQ");
        let answered = Day(day.0 + 9);
        let request = self.object(Object {
            id: named("request", &number),
            purpose: "claims",
            at: day,
            closed: Some(answered),
            company: None,
            part_of: None,
            state: "answered",
            fields: vec![
                field("number", &number),
                field("kind", "access"),
                field("way", "email"),
                field("received", day),
                field("due", Day(day.0 + 30)),
                field("answered", answered),
            ],
        });
        let fields = vec![
            field("part", "requester"),
            field("account", "Asked what we hold, and got a copy."),
            field("outcome", "granted"),
        ];
        self.record(&person, ("claims/requests", "claims"), day, Some(&request), fields);
    }
}
