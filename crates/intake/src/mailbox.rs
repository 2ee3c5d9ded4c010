//! Addresses that belong to no person.

use std::collections::BTreeSet;

/// Local parts that firms use for a desk, a department or a machine.
const SHARED: &str = "\
    abuse accounting accounts admin administration administrator all anfrage asiakaspalvelu bestellung \
    billing biuro bookings booking buchhaltung careers commercial compras compta comptabilite contact \
    contacto contactus customercare customerservice dataprotection datenschutz dispatch do-not-reply \
    donotreply einkauf enquiries enquiry export facturacion facturation faktura feedback finance \
    general hello help helpdesk hostmaster hr info information inquiries inquiry inkoop invoice \
    invoices invoicing it jobs kontakt kundenservice kundtjanst laskut laskutus legal logistics mail \
    mailer-daemon maintenance marketing myynti news newsletter no-reply noc nobody noreply office \
    office365 order orders ordini parts personal personnel post postmaster presse press privacy \
    procurement production purchase purchasing qa quality rechnung reception reklamation reservations \
    returns root sales salg security secretariat sekretariat service services shipping shop spam \
    spares staff support tarjouspyynto team tech technical tilaukset toimisto training tuki vendas \
    ventas verkauf verkoop vertrieb warehouse webmaster welcome workshop zakaz zentrale";

/// The list of shared local parts that a map uses.
#[derive(Clone, Debug)]
pub(crate) struct Mailboxes(BTreeSet<String>);

impl Mailboxes {
    /// The usual list, with what a map adds to it and takes from it.
    pub(crate) fn new(also: &[String], never: &[String]) -> Mailboxes {
        let usual = SHARED.split_whitespace().map(str::to_owned);
        let mut list: BTreeSet<String> =
            usual.chain(also.iter().map(|word| word.to_lowercase())).collect();
        for word in never {
            list.remove(&word.to_lowercase());
        }
        Mailboxes(list)
    }

    /// Whether an address is shared: `info@`, `sales.fi@`, `customer-service@`, but not
    /// `info.smith@`, whose second word may be a name.
    pub(crate) fn is_shared(&self, address: &str) -> bool {
        let local = address.split('@').next().unwrap_or_default().to_lowercase();
        let local = local.split('+').next().unwrap_or_default();
        let joined = local.replace(['.', '-', '_'], "");
        if self.0.contains(local) || self.0.contains(&joined) {
            return true;
        }
        let mut words = local.split(['.', '-', '_']);
        let (first, second, third) = (words.next(), words.next(), words.next());
        let is_listed = |word: Option<&str>| word.is_some_and(|word| self.0.contains(word));
        // A second word of two letters is a country or a language.
        let is_place = second.is_some_and(|word| word.len() <= 2) && third.is_none();
        is_listed(first) && (is_place || is_listed(second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn desks_and_departments_are_shared_and_people_are_not() {
        let list = Mailboxes::new(&[String::from("Werkstatt")], &[String::from("it")]);
        for address in [
            "info@x",
            "Sales@x",
            "sales.fi@x",
            "no-reply@x",
            "werkstatt@x",
            "info+web@x",
            "customer-service@x",
        ] {
            assert!(list.is_shared(address), "{address}");
        }
        for address in [
            "anna.virta@x",
            "john6@x",
            "it@x",
            "info.smith@x",
            "salesh@x",
            "mason0@x",
            "contact1@x",
            "@x",
            "",
        ] {
            assert!(!list.is_shared(address), "{address}");
        }
    }
}
