//! Campaigns, events, classes and surveys, and how people reacted.

use gantry_notice::{Channel, Day};

use super::dealings::{ObjectRef, Said};
use super::diary::{Diary, Person, field, named};
use super::material::{Campaign, Class, Event, MailRule, Survey};

/// Reactions older than that are past marketing's window: nobody has them any more.
const REACTIONS_DAYS: i32 = 360;

impl Diary<'_> {
    /// Everything on the calendar, towards everybody whom it may reach.
    pub(crate) fn reach_out(&mut self) {
        let calendar = &self.material.calendar;
        let people = self.people.clone();
        for campaign in &calendar.campaigns {
            self.campaign(campaign, &people);
        }
        for event in &calendar.events {
            self.event(event, &people);
        }
        for class in &calendar.classes {
            self.class(class, &people);
        }
        for survey in &calendar.surveys {
            self.survey(survey, &people);
        }
    }

    fn campaign(&mut self, campaign: &Campaign, people: &[Person]) {
        let day = self.ago(campaign.ago);
        let ends = Day(day.0 + 14);
        let closed = (ends <= self.today).then_some(ends);
        let state = if closed.is_some() { "ended" } else { "running" };
        let what = ("campaign", campaign.key.as_str(), "marketing");
        let about = self.whole(
            what,
            (day, closed),
            state,
            vec![
                field("title", &campaign.title),
                field("topic", &campaign.topic),
                field("kind", &campaign.kind),
                field("starts", day),
                field("ends", ends),
            ],
        );
        if campaign.ago > REACTIONS_DAYS {
            return;
        }
        for person in people {
            if self.may_mail(person, day) {
                self.react(person, campaign, &about, day);
            }
        }
    }

    /// What the notice says of direct marketing by e-mail, in short. The engine decides again.
    fn may_mail(&self, person: &Person, day: Day) -> bool {
        let Some(contact) = self.contact(person) else { return false };
        let objected = person.objected.is_some_and(|objected| objected <= day);
        let agrees = contact.country != "CN" || contact.consents.contains(&"marketing");
        let not_opted_in = self.dealings.statements.iter().any(|statement| {
            statement.contact == contact.key && statement.said == Said::NotOptedIn(Channel::Email)
        });
        let rule = self.material.countries.get(&contact.country).map(|country| country.mail);
        let open = contact.opted_in.contains(&Channel::Email)
            || match rule {
                Some(MailRule::OptOut) => true,
                Some(MailRule::SoftOptIn) => contact.customer && !not_opted_in,
                _ => false,
            };
        person.met <= day && !objected && agrees && open
    }

    fn react(&mut self, person: &Person, campaign: &Campaign, about: &ObjectRef, day: Day) {
        let likes = person.taste == campaign.topic;
        let eager = if likes { person.eagerness + 15 } else { person.eagerness / 3 };
        let reaction =
            |what: &'static str| vec![field("reaction", what), field("topic", &campaign.topic)];
        let under = ("marketing/campaigns", "reactions");
        if self.chance.likely(2) {
            self.record(person, under, day, Some(about), reaction("bounced"));
            return;
        }
        self.record(person, under, day, Some(about), reaction("delivered"));
        // Opens and clicks are noted per person only where the law or the person allows.
        let traced = self.contact(person).is_some_and(|contact| {
            contact.country == "US" || contact.opted_in.contains(&Channel::Email)
        });
        if traced && self.chance.likely(eager) {
            let when = Day(day.0 + self.chance.between(0, 4));
            self.record(person, under, when, Some(about), reaction("opened"));
            if self.chance.likely(eager) {
                let mut fields = reaction("clicked");
                fields.push(field("link", format!("{}/more", campaign.key)));
                self.record(person, under, when, Some(about), fields);
            }
        }
        if self.chance.likely(eager / 2) {
            let when = Day(day.0 + self.chance.between(0, 9));
            let what = self.chance.word(&["downloaded", "downloaded", "replied"]);
            self.record(person, under, when, Some(about), reaction(what));
        }
        if person.objected.is_some_and(|objected| objected.0 - day.0 < 40) {
            self.record(person, under, Day(day.0 + 1), Some(about), reaction("unsubscribed"));
        }
    }

    fn event(&mut self, event: &Event, people: &[Person]) {
        let day = self.ago(event.ago);
        let about = self.whole(
            ("event", &event.key, "events"),
            (Day(day.0 - 60), Some(day)),
            "held",
            vec![
                field("title", &event.title),
                field("kind", &event.kind),
                field("topic", &event.topic),
                field("starts", day),
                field("ends", day),
                field("city", &event.city),
                field("country", &event.country),
                field("seats", event.seats),
            ],
        );
        let invited = Day(day.0 - 30);
        let mut seats = event.seats;
        for person in people {
            let likes = person.taste == event.topic;
            let wanted = if likes { 60 } else { 12 };
            if seats == 0 || !self.may_mail(person, invited) || !self.chance.likely(wanted) {
                continue;
            }
            seats -= 1;
            let came = self.chance.likely(75);
            let under = ("events/participation", "participation");
            let status =
                |status: &'static str| vec![field("status", status), field("role", "guest")];
            self.record(person, under, Day(invited.0 + 5), Some(&about), status("registered"));
            let end = if came { "attended" } else { "absent" };
            self.record(person, under, day, Some(&about), status(end));
            if came && event.ago <= REACTIONS_DAYS {
                let fields = vec![field("reaction", "attended"), field("topic", &event.topic)];
                let under = ("events/promotion", "reactions");
                self.record(person, under, day, Some(&about), fields);
            }
        }
    }

    fn class(&mut self, class: &Class, people: &[Person]) {
        let day = self.ago(class.ago);
        let course = named("course", &class.course);
        let about = self.object(super::dealings::Object {
            id: named("class", &class.key),
            purpose: "delivery",
            at: Day(day.0 - 40),
            closed: Some(day),
            company: None,
            part_of: Some(course),
            state: "held",
            fields: vec![
                field("number", &class.key),
                field("starts", day),
                field("ends", Day(day.0 + 1)),
                field("place", &class.place),
                field("language", &class.language),
                field("seats", class.seats),
            ],
        });
        let mut seats = class.seats;
        for person in people {
            let fits = ["maintenance", "operations", "safety", "production"].contains(&person.role);
            if seats == 0 || !fits || person.met > day || !self.chance.likely(30) {
                continue;
            }
            seats -= 1;
            let passed = self.chance.likely(90);
            let mut fields = vec![
                field("result", if passed { "passed" } else { "absent" }),
                field("completed", day),
            ];
            if passed {
                fields.push(field(
                    "name_on_certificate",
                    self.profile(person, "identity", "full_name"),
                ));
                fields.push(field("certificate", self.number("CERT")));
                fields.push(field("valid_until", Day(day.0 + 3 * 365)));
            }
            self.record(person, ("delivery/training", "training"), day, Some(&about), fields);
        }
    }

    fn survey(&mut self, survey: &Survey, people: &[Person]) {
        let day = self.ago(survey.ago);
        let what = ("survey", survey.key.as_str(), "quality");
        let about = self.whole(
            what,
            (day, Some(Day(day.0 + 21))),
            "ended",
            vec![
                field("title", &survey.title),
                field("kind", &survey.kind),
                field("named", "yes"),
                field("occasion", &survey.occasion),
                field("opens", day),
                field("closes", Day(day.0 + 21)),
            ],
        );
        for person in people {
            let customer = self.contact(person).is_some_and(|contact| contact.customer);
            if !customer || person.met > day || !self.chance.likely(35) {
                continue;
            }
            let score = match (survey.kind.as_str(), self.chance.between(1, 10)) {
                ("nps", 1..=2) => self.chance.between(2, 6),
                ("nps", 3..=5) => self.chance.between(7, 8),
                ("nps", _) => self.chance.between(9, 10),
                (_, 1..=2) => self.chance.between(1, 2),
                (_, _) => self.chance.between(3, 5),
            };
            let mut fields = vec![
                field("question", &survey.question),
                field("kind", &survey.kind),
                field("score", score),
            ];
            if self.chance.likely(30) {
                let answer = if score > 4 { "All went well." } else { "The delivery came late." };
                fields.push(field("answer", answer));
            }
            let when = Day(day.0 + self.chance.between(0, 14));
            self.record(person, ("quality/surveys", "survey-answers"), when, Some(&about), fields);
        }
    }
}
