//! What the demo loads: plain values, nothing of the engine.

use gantry_notice::{Channel, Day};

/// Fields by name; values in their canonical text.
pub(crate) type FieldTexts = Vec<(&'static str, String)>;

/// Everything that happened, in an order in which it can be loaded: objects (a whole before its parts,
/// companies first), contacts, records by day, statements by day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dealings {
    pub(crate) objects: Vec<Object>,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) records: Vec<Record>,
    /// What contacts said after their records were made; load it last.
    pub(crate) statements: Vec<Statement>,
    /// Who plays which part in the guided tour.
    pub(crate) cast: Cast,
}

/// An object named by kind and key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectRef {
    pub(crate) kind: &'static str,
    pub(crate) key: String,
}

/// A business object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) id: ObjectRef,
    /// The purpose that writes it.
    pub(crate) purpose: &'static str,
    pub(crate) at: Day,
    /// When it came to a state that closes it.
    pub(crate) closed: Option<Day>,
    /// Key of the company it belongs to.
    pub(crate) company: Option<String>,
    pub(crate) part_of: Option<ObjectRef>,
    pub(crate) state: &'static str,
    pub(crate) fields: FieldTexts,
}

/// A contact and its profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contact {
    pub(crate) key: String,
    /// Key of the company it represents.
    pub(crate) company: String,
    pub(crate) country: String,
    /// The purpose that its profile was collected for, under its first use.
    pub(crate) purpose: &'static str,
    pub(crate) met: Day,
    pub(crate) last_activity: Day,
    /// Whether its company has bought something.
    pub(crate) customer: bool,
    pub(crate) sole_trader: bool,
    /// Purposes consented to when it was met; load them before its profile.
    pub(crate) consents: Vec<&'static str>,
    /// Channels opened when it was met.
    pub(crate) opted_in: Vec<Channel>,
    /// Single categories and their fields.
    pub(crate) data: Vec<(&'static str, FieldTexts)>,
}

/// One fact about one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) key: String,
    pub(crate) contact: String,
    /// The purpose and use that collected it, e.g. `delivery/training`.
    pub(crate) under: &'static str,
    pub(crate) category: &'static str,
    pub(crate) at: Day,
    pub(crate) about: Option<ObjectRef>,
    pub(crate) fields: FieldTexts,
}

impl Record {
    /// The purpose it was collected for.
    pub(crate) fn purpose(&self) -> &'static str {
        self.under.split_once('/').map_or(self.under, |(purpose, _)| purpose)
    }
}

/// Something a contact said later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) contact: String,
    pub(crate) at: Day,
    pub(crate) said: Said,
}

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Said {
    /// An objection to a purpose.
    ObjectsTo(&'static str),
    /// An objection to profiling.
    ObjectsToProfiling,
    /// Do not use this channel.
    Closes(Channel),
    /// Asked about the channel, and did not say yes.
    NotOptedIn(Channel),
    /// A request to restrict everything while accuracy is looked into.
    Restricts,
    /// No longer represents the company.
    Leaves,
}

/// Who plays which part in the guided tour; keys of contacts, and of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cast {
    /// Named on an order in production, trained, and a user of a digital service: looks different for crm,
    /// manufacturing, reporting and research.
    pub(crate) seen_by_four: String,
    /// Reacts to campaigns, and may object.
    pub(crate) marketed: String,
    /// In China, with consent to dealings but not to marketing.
    pub(crate) china_without_consent: String,
    /// In China, with consent to marketing.
    pub(crate) china_with_consent: String,
    /// Has `old_record`.
    pub(crate) long_standing: String,
    /// A part in a paid invoice: past marketing's window, within invoicing's.
    pub(crate) old_record: String,
    /// Is on an invoice, and will be erased.
    pub(crate) erased: String,
}
