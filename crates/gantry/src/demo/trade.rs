//! Opportunities, quotations, orders, deliveries, invoices, and the people who took part.

use gantry_notice::Day;

use super::dealings::{Object, ObjectRef};
use super::diary::{Diary, Person, field, named};
use super::material::{CompanyMaterial, Product};

/// What was bought together.
struct Basket {
    ordered: Day,
    delivered: Day,
    lines: Vec<(Product, i64)>,
    /// Euros.
    total: i64,
}

/// An order being handled.
struct Sale<'c> {
    company: &'c CompanyMaterial,
    basket: Basket,
    orderer: Person,
    order: ObjectRef,
}

impl Diary<'_> {
    /// The trade with one company: what it bought, and what it thinks of buying.
    pub(crate) fn trade_with(&mut self, company: &CompanyMaterial) {
        if let Some(since) = company.since {
            let most = if company.size == "large" { 6 } else { 4 };
            let oldest = since.min(705);
            for turn in 0..self.chance.between(2, most) {
                // One order is always under way, and one is old enough to be history.
                let days = match turn {
                    0 => self.chance.between(8, 25),
                    1 if oldest > 420 => self.chance.between(420, oldest),
                    _ => self.chance.between(30, oldest.max(31)),
                };
                self.sell(company, self.ago(days.min(oldest)));
            }
        }
        if self.chance.likely(60) {
            self.offer(company);
        }
    }

    fn sell(&mut self, company: &CompanyMaterial, ordered: Day) {
        let people = self.people_of(&company.key, ordered);
        let buyers = ["purchasing", "management", "maintenance"];
        let Some(orderer) = self.one_for(&people, &buyers) else { return };
        let basket = self.fill_basket(ordered);
        self.quote(company, &basket, &orderer);
        let number = self.number("SO");
        let order = named("order", &number);
        let delivered = basket.delivered <= self.today;
        let paid = Day(basket.delivered.0 + 37);
        let closed = (paid <= self.today).then_some(paid);
        let mut fields = vec![
            field("number", &number),
            field("amount", self.money(company, basket.total)),
            field("ordered", ordered),
            field("required", Day(basket.delivered.0 + 7)),
            field("country", &company.country),
            field("city", &company.city),
        ];
        if delivered {
            fields.push(field("delivered", basket.delivered));
        }
        self.object(Object {
            id: order.clone(),
            purpose: "sales",
            at: ordered,
            closed,
            company: Some(company.key.clone()),
            part_of: None,
            state: match (closed, delivered) {
                (Some(_), _) => "closed",
                (None, true) => "invoiced",
                (None, false) => "in-production",
            },
            fields,
        });
        let takes_part = vec![field("role", "orderer"), field("reference", &number)];
        self.record(&orderer, ("sales/pipeline", "orders"), ordered, Some(&order), takes_part);
        let sale = Sale { company, basket, orderer, order };
        self.order_lines(&sale);
        self.build(&sale);
        if delivered {
            self.deliver(&sale);
            self.invoice(&sale, closed);
        }
    }

    fn fill_basket(&mut self, ordered: Day) -> Basket {
        let products = &self.material.offering.products;
        let mut lines: Vec<(Product, i64)> = Vec::new();
        for _ in 0..self.chance.between(1, 4) {
            let Some(product) = self.chance.pick(products) else { continue };
            if lines.iter().all(|(other, _)| other.code != product.code) {
                let most = if product.price > 50_000 { 2 } else { 6 };
                lines.push((product.clone(), i64::from(self.chance.between(1, most))));
            }
        }
        let total = lines.iter().map(|(product, quantity)| product.price * quantity).sum();
        let weeks = lines.iter().map(|(product, _)| product.weeks).max().unwrap_or(4);
        Basket { ordered, delivered: Day(ordered.0 + weeks * 7), lines, total }
    }

    fn quote(&mut self, company: &CompanyMaterial, basket: &Basket, buyer: &Person) {
        let sent = Day(basket.ordered.0 - self.chance.between(10, 40));
        let number = self.number("QU");
        let quotation = self.object(Object {
            id: named("quotation", &number),
            purpose: "sales",
            at: sent,
            closed: Some(basket.ordered),
            company: Some(company.key.clone()),
            part_of: None,
            state: "accepted",
            fields: vec![
                field("number", &number),
                field("amount", self.money(company, basket.total)),
                field("sent", sent),
                field("valid_until", Day(sent.0 + 60)),
            ],
        });
        let says = vec![
            field("channel", "email"),
            field("direction", "out"),
            field("subject", format!("Our quotation {number}")),
            field("content", "Thank you for your inquiry. Our quotation is attached."),
        ];
        let talk = ("sales/pipeline", "communications");
        self.record(buyer, talk, sent.max(buyer.met), Some(&quotation), says);
    }

    fn order_lines(&mut self, sale: &Sale<'_>) {
        let delivered = Some(sale.basket.delivered).filter(|day| *day <= self.today);
        for (line, (product, quantity)) in (1..).zip(&sale.basket.lines) {
            self.object(Object {
                id: named("order-line", &format!("{}-{line}", sale.order.key)),
                purpose: "sales",
                at: sale.basket.ordered,
                closed: delivered,
                company: Some(sale.company.key.clone()),
                part_of: Some(sale.order.clone()),
                state: if delivered.is_some() { "delivered" } else { "open" },
                fields: vec![
                    field("product", &product.title),
                    field("code", &product.code),
                    field("quantity", quantity),
                    field("unit_price", self.money(sale.company, product.price)),
                    field("amount", self.money(sale.company, product.price * quantity)),
                ],
            });
        }
    }

    fn build(&mut self, sale: &Sale<'_>) {
        let starts = Day(sale.basket.ordered.0 + 7);
        let finished = Day(sale.basket.delivered.0 - 5);
        let closed = (finished <= self.today).then_some(finished);
        let number = self.number("PO");
        let mut fields = vec![
            field("number", &number),
            field("product", sale.basket.lines.first().map_or("", |(first, _)| &first.title)),
            field("quantity", sale.basket.lines.len()),
            field("starts", starts),
            field("due", finished),
            field("plant", "hyvinkaa"),
        ];
        fields.extend(closed.map(|day| field("finished", day)));
        let production = self.object(Object {
            id: named("production-order", &number),
            purpose: "manufacturing",
            at: starts,
            closed,
            company: Some(sale.company.key.clone()),
            part_of: Some(sale.order.clone()),
            state: if closed.is_some() { "finished" } else { "in-work" },
            fields,
        });
        let people = self.people_of(&sale.company.key, sale.basket.ordered);
        if let Some(technical) = self.one_for(&people, &["engineering", "maintenance"]) {
            let fields = vec![field("role", "technical-contact")];
            let (under, day) = (("sales/pipeline", "orders"), sale.basket.ordered);
            self.record(&technical, under, day, Some(&production), fields);
        }
    }

    fn deliver(&mut self, sale: &Sale<'_>) {
        let (company, arrived) = (sale.company, sale.basket.delivered);
        let number = self.number("DN");
        let carrier = self.chance.word(&["Fjordline Freight", "Transvalo", "Own transport"]);
        let accepted = Day(arrived.0 + 10);
        let closed = (accepted <= self.today).then_some(accepted);
        let delivery = self.object(Object {
            id: named("delivery", &number),
            purpose: "delivery",
            at: Day(arrived.0 - 6),
            closed,
            company: Some(company.key.clone()),
            part_of: Some(sale.order.clone()),
            state: if closed.is_some() { "accepted" } else { "arrived" },
            fields: vec![
                field("number", &number),
                field("country", &company.country),
                field("city", &company.city),
                field("carrier", carrier),
                field("arrived", arrived),
            ],
        });
        let people = self.people_of(&company.key, arrived);
        let receivers = ["logistics", "maintenance", "production", "operations"];
        let Some(receiver) = self.one_for(&people, &receivers) else { return };
        let part = vec![field("role", "delivery-contact")];
        self.record(&receiver, ("delivery/deliveries", "orders"), arrived, Some(&delivery), part);
        let says = vec![
            field("channel", "phone"),
            field("direction", "out"),
            field("subject", "Unloading"),
            field("content", "Agreed on the time of unloading and who will sign."),
        ];
        let day = Day(arrived.0 - 2);
        let talk = ("delivery/deliveries", "communications");
        self.record(&receiver, talk, day, Some(&delivery), says);
    }

    fn invoice(&mut self, sale: &Sale<'_>, paid: Option<Day>) {
        let company = sale.company;
        let issued = Day(sale.basket.delivered.0 + 7);
        if issued > self.today {
            return;
        }
        let number = self.number("IN");
        let net = sale.basket.total;
        let tax = if company.country == "FI" { net * 255 / 1000 } else { 0 };
        let mut fields = vec![
            field("number", &number),
            field("order", &sale.order.key),
            field("net", self.money(company, net)),
            field("tax", self.money(company, tax)),
            field("amount", self.money(company, net + tax)),
            field("issued", issued),
            field("due", Day(issued.0 + 30)),
            field("tax_country", &company.country),
        ];
        fields.extend(paid.map(|day| field("paid", day)));
        let invoice = self.object(Object {
            id: named("invoice", &number),
            purpose: "invoicing",
            at: issued,
            closed: paid,
            company: Some(company.key.clone()),
            part_of: None,
            state: if paid.is_some() { "paid" } else { "sent" },
            fields,
        });
        self.invoice_lines(sale, &invoice, tax > 0);
        self.invoice_people(sale, &invoice, issued);
        if let Some(day) = paid {
            self.receive(sale, &invoice, net + tax, day);
        }
    }

    fn invoice_lines(&mut self, sale: &Sale<'_>, invoice: &ObjectRef, taxed: bool) {
        for (line, (product, quantity)) in (1..).zip(&sale.basket.lines) {
            self.object(Object {
                id: named("invoice-line", &format!("{}-{line}", invoice.key)),
                purpose: "invoicing",
                at: Day(sale.basket.delivered.0 + 7),
                closed: None,
                company: Some(sale.company.key.clone()),
                part_of: Some(invoice.clone()),
                state: "billed",
                fields: vec![
                    field("product", &product.title),
                    field("quantity", quantity),
                    field("net", self.money(sale.company, product.price * quantity)),
                    field("tax_percent", if taxed { 2550 } else { 0 }),
                ],
            });
        }
    }

    fn invoice_people(&mut self, sale: &Sale<'_>, invoice: &ObjectRef, issued: Day) {
        let people = self.people_of(&sale.company.key, issued);
        let payer = self.one_for(&people, &["finance", "management"]);
        for (person, part, as_what) in [
            (payer, "invoice-contact", "recipient"),
            (Some(sale.orderer.clone()), "orderer", "approver"),
        ] {
            let Some(person) = person else { continue };
            let name = self.profile(&person, "identity", "full_name");
            let under = "invoicing/invoices";
            let fields = vec![field("role", part)];
            self.record(&person, (under, "orders"), issued, Some(invoice), fields);
            let fields = vec![
                field("name_on_document", name),
                field("reference", &sale.order.key),
                field("role", as_what),
                field("method", "transfer"),
            ];
            self.record(&person, (under, "payment"), issued, Some(invoice), fields);
        }
    }

    fn receive(&mut self, sale: &Sale<'_>, invoice: &ObjectRef, euros: i64, day: Day) {
        let number = self.number("RE");
        self.object(Object {
            id: named("receipt", &number),
            purpose: "invoicing",
            at: day,
            closed: Some(day),
            company: Some(sale.company.key.clone()),
            part_of: Some(invoice.clone()),
            state: "matched",
            fields: vec![
                field("number", &number),
                field("amount", self.money(sale.company, euros)),
                field("received", day),
                field("reference", &invoice.key),
            ],
        });
    }

    /// Something that the company thinks of buying.
    fn offer(&mut self, company: &CompanyMaterial) {
        let asked = Day(self.today.0 - self.chance.between(3, 90));
        let people = self.people_of(&company.key, asked);
        let Some(asker) = self.one_for(&people, &["engineering", "maintenance", "purchasing"])
        else {
            return;
        };
        let Some(product) = self.chance.pick(&self.material.offering.products) else { return };
        let number = self.number("OP");
        let source = self.chance.word(&["inquiry", "visit", "event", "campaign", "service"]);
        let object = Object {
            id: named("opportunity", &number),
            purpose: "sales",
            at: asked,
            closed: None,
            company: Some(company.key.clone()),
            part_of: None,
            state: "qualified",
            fields: vec![
                field("number", &number),
                field("title", &product.title),
                field("topic", &product.topic),
                field("amount", self.money(company, product.price)),
                field("likelihood", self.chance.between(2, 8) * 10),
                field("expected", Day(self.today.0 + 60)),
                field("source", source),
            ],
        };
        let opportunity = self.object(object);
        let says = vec![
            field("channel", "phone"),
            field("direction", "in"),
            field("subject", format!("Question about: {}", product.title)),
            field("content", "Asked for price, weight and time of delivery."),
        ];
        let talk = ("sales/pipeline", "communications");
        self.record(&asker, talk, asked, Some(&opportunity), says);
    }
}
