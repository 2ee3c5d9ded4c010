//! Who plays which part in the guided tour.

use super::dealings::{Cast, Contact, Dealings, Record};
use super::material::MaterialError;

/// Older than marketing's window of twelve months, by some days.
const OLD_DAYS: i32 = 400;

impl Dealings {
    /// Finds somebody for each part among those who never said anything that would spoil it. Nobody plays
    /// two parts.
    pub(super) fn choose_cast(&self) -> Result<Cast, MaterialError> {
        let today = self.records.iter().map(|record| record.at.0).max().unwrap_or(0);
        let mut cast = Cast::default();
        let old = self.records.iter().find(|record| {
            record.category == "orders"
                && record.purpose() == "invoicing"
                && record.at.0 < today - OLD_DAYS
                && self.contact(record).is_some_and(|contact| self.easy(contact))
                && self.paid(record)
        });
        let old = old.ok_or(MaterialError::NoCast { part: "on an old invoice" })?;
        cast.old_record.clone_from(&old.key);
        cast.long_standing.clone_from(&old.contact);
        cast.seen_by_four =
            self.play(&cast, "on an order in production, trained, and online", |c| {
                self.easy(c)
                    && self.has(c, "orders", |r| self.in_production(r))
                    && self.has(c, "behaviour", |_| true)
                    && self.has(c, "training", |_| true)
            })?;
        cast.marketed = self.play(&cast, "fond of campaigns", |c| {
            self.easy(c) && c.country == "FI" && self.has(c, "reactions", |r| says(r, "downloaded"))
        })?;
        cast.erased = self.play(&cast, "on an invoice and in a campaign", |c| {
            self.easy(c) && self.has(c, "payment", |_| true) && self.has(c, "reactions", |_| true)
        })?;
        cast.china_without_consent = self.play(&cast, "in China without consent", |c| {
            c.country == "CN" && self.quiet(c) && !c.consents.contains(&"marketing")
        })?;
        cast.china_with_consent = self.play(&cast, "in China with consent", |c| {
            c.country == "CN"
                && self.quiet(c)
                && c.consents.contains(&"marketing")
                && self.has(c, "reactions", |_| true)
        })?;
        Ok(cast)
    }

    fn play(
        &self,
        cast: &Cast,
        part: &'static str,
        fits: impl Fn(&Contact) -> bool,
    ) -> Result<String, MaterialError> {
        let taken = [&cast.long_standing, &cast.seen_by_four, &cast.marketed, &cast.erased];
        let free = self.contacts.iter().filter(|contact| !taken.contains(&&contact.key));
        let found = free.into_iter().find(|contact| fits(contact));
        found.map(|contact| contact.key.clone()).ok_or(MaterialError::NoCast { part })
    }

    /// In the own regime, a customer's, and never objected to anything.
    fn easy(&self, contact: &Contact) -> bool {
        contact.country != "CN" && contact.customer && !contact.sole_trader && self.quiet(contact)
    }

    fn quiet(&self, contact: &Contact) -> bool {
        !self.statements.iter().any(|statement| statement.contact == contact.key)
    }

    fn contact(&self, record: &Record) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.key == record.contact)
    }

    fn has(&self, contact: &Contact, category: &str, fits: impl Fn(&Record) -> bool) -> bool {
        let own = self.records.iter().filter(|record| record.contact == contact.key);
        own.filter(|record| record.category == category).any(fits)
    }

    fn in_production(&self, record: &Record) -> bool {
        let Some(about) = &record.about else { return false };
        self.objects.iter().any(|object| object.id == *about && object.state == "in-production")
    }

    fn paid(&self, record: &Record) -> bool {
        let Some(about) = &record.about else { return false };
        self.objects.iter().any(|object| object.id == *about && object.closed.is_some())
    }
}

fn says(record: &Record, reaction: &str) -> bool {
    record.fields.iter().any(|(name, value)| *name == "reaction" && value == reaction)
}
