//! The policy: versions of a notice, compiled once into tables.

use std::sync::Arc;

use crate::id::{CategoryId, Channel, Fields, Operation, PurposeId, Roles, UseId};
use crate::lexicon::{Lexicon, TooMany};
use crate::model::{Basis, Category, Mode, Notice, Objection, OptIn, Purpose, Use};
use crate::state::{Country, Flags};
use crate::time::{Anchor, Window};
use crate::{Reason, model};

/// What the decision reads: one row a use, one cell a use and category.
#[derive(Clone, Debug)]
pub struct Policy {
    notice: Arc<Notice>,
    lexicon: Lexicon,
    version: u16,
    /// What the versions call themselves, by their numbers.
    version_names: Vec<String>,
    /// The version that bit 0 of a cell's `listed` stands for.
    pub(crate) first_listed: u16,
    pub(crate) uses: Vec<UseRow>,
    cells: Vec<Cell>,
    categories: usize,
    pub(crate) windows: Vec<Window>,
    pub(crate) territory_of: Vec<u8>,
    pub(crate) territories: Vec<Territory>,
    pub(crate) fallback: Territory,
}

/// What the decision reads of a use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UseRow {
    pub(crate) purpose: PurposeId,
    pub(crate) roles: u64,
    pub(crate) mode: Mode,
    pub(crate) direct_marketing: bool,
    pub(crate) reads_archive: bool,
    pub(crate) while_restricted: bool,
    /// The purpose's bit where an objection to it counts for this use.
    pub(crate) objectable: u64,
    /// Regimes, one bit each, under which the use needs consent.
    pub(crate) consent_in: u32,
    /// The notice in force names it no more.
    pub(crate) retired: bool,
}

/// What the decision reads of a use and a category.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) fields: Fields,
    /// Versions of the notice that list the category for the purpose, one bit each.
    pub(crate) listed: u64,
    /// Addresses by channel.
    pub(crate) addresses: [Fields; 3],
    /// Operations, one bit each.
    pub(crate) operations: u8,
    /// Why not, for the operations that are not there.
    pub(crate) refusals: [Reason; 5],
    pub(crate) window: u16,
    pub(crate) anchor: Anchor,
    /// Interests or segments.
    pub(crate) profile: bool,
    /// What of a contact may stand in the way, and has to be looked at.
    pub(crate) stops: Flags,
}

/// What covers the contacts of a country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Territory {
    pub(crate) regime: u8,
    rules: [OptIn; 3],
    traced: [bool; 3],
}

impl Territory {
    pub(crate) const fn rule(&self, channel: Channel) -> OptIn {
        let [email, phone, post] = self.rules;
        match channel {
            Channel::Email => email,
            Channel::Phone => phone,
            Channel::Post => post,
        }
    }
}

/// Versions that make no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// There is no version.
    #[error("a policy needs at least one version of the notice")]
    NoVersion,
    /// A version belongs to another notice.
    #[error("version `{version}` belongs to the notice `{found}`, not to `{expected}`")]
    OtherNotice {
        /// The version's own name.
        version: String,
        /// Its notice.
        found: String,
        /// The notice of the others.
        expected: String,
    },
    /// More names than there are numbers.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// More regimes, windows, versions or territories than the tables hold.
    #[error("the notice has more than {limit} {what}")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// The most there may be.
        limit: usize,
    },
}

impl Policy {
    /// Compiles the versions of one notice, in their order; the last is in force.
    pub fn compile(versions: &[Arc<Notice>]) -> Result<Policy, CompileError> {
        let notice = Arc::clone(versions.last().ok_or(CompileError::NoVersion)?);
        if let Some(other) = versions.iter().find(|version| version.id != notice.id) {
            return Err(CompileError::OtherNotice {
                version: other.version.clone(),
                found: other.id.clone(),
                expected: notice.id.clone(),
            });
        }
        limit("regimes", notice.regimes.len(), 32)?;
        limit("versions", versions.len(), usize::from(u16::MAX))?;
        let lexicon = Lexicon::of(versions.iter().map(|version| &**version))?;
        let version = u16::try_from(versions.len() - 1).unwrap_or(u16::MAX);
        let categories = lexicon.categories().count();
        let mut policy = Policy {
            first_listed: version.saturating_sub(63),
            version,
            version_names: versions.iter().map(|version| version.version.clone()).collect(),
            uses: Vec::new(),
            cells: Vec::new(),
            categories,
            windows: Vec::new(),
            territory_of: Vec::new(),
            territories: Vec::new(),
            fallback: Territory::default(),
            lexicon,
            notice,
        };
        policy.lay_out_territories()?;
        policy.lay_out_uses(versions);
        limit("windows", policy.windows.len(), usize::from(u16::MAX))?;
        Ok(policy)
    }

    /// The notice in force.
    pub fn notice(&self) -> &Arc<Notice> {
        &self.notice
    }

    /// The number of the version in force, from 0.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// What a version calls itself, by its number.
    pub fn version_name(&self, number: u16) -> Option<&str> {
        self.version_names.get(usize::from(number)).map(String::as_str)
    }

    /// Names and numbers.
    pub const fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The category as the notice in force declares it.
    pub fn category(&self, id: CategoryId) -> Option<&Category> {
        self.notice.categories.get(self.lexicon.category_name(id))
    }

    /// The purpose as the notice in force declares it.
    pub fn purpose(&self, id: PurposeId) -> Option<&Purpose> {
        self.notice.purposes.get(self.lexicon.purpose_name(id))
    }

    /// The use as the notice in force declares it.
    pub fn declared_use(&self, id: UseId) -> Option<&Use> {
        let (purpose, name) = self.lexicon.use_name(id);
        self.purpose(purpose)?.uses.get(name)
    }

    /// The roles of those names; unknown names give none.
    pub fn roles<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Roles {
        let bits = names.into_iter().filter_map(|name| self.lexicon.role(name));
        Roles(bits.fold(0, |set, role| set | role.bit()))
    }

    /// Whether any of the roles may work under the use.
    pub fn grants(&self, use_id: UseId, roles: Roles) -> bool {
        self.use_row(use_id).is_some_and(|row| row.roles & roles.0 != 0)
    }

    /// How the purpose of a use sees people.
    pub fn mode(&self, use_id: UseId) -> Option<Mode> {
        self.use_row(use_id).filter(|row| !row.retired).map(|row| row.mode)
    }

    /// The regime that covers a contact of that country.
    pub fn regime(&self, country: Country) -> Option<(&str, &model::Regime)> {
        let regime = usize::from(self.territory(country).regime);
        self.notice.regimes.get_index(regime).map(|(name, regime)| (name.as_str(), regime))
    }

    /// What direct marketing to a country needs on a channel.
    pub fn channel_rule(&self, country: Country, channel: Channel) -> OptIn {
        self.territory(country).rule(channel)
    }

    /// Whether opens and clicks may be traced to a person of a country without consent.
    pub fn traced(&self, country: Country, channel: Channel) -> bool {
        self.territory(country).traced.get(channel as usize).copied().unwrap_or(false)
    }

    /// The lawful basis of a use for a contact of that country.
    pub fn basis(&self, use_id: UseId, country: Country) -> Option<Basis> {
        let (purpose, name) = self.lexicon.use_name(use_id);
        let purpose = self.purpose(purpose)?;
        let used = purpose.uses.get(name)?;
        let (regime, rule) = self.regime(country)?;
        Some(basis_under(regime, rule, purpose, used))
    }

    #[inline]
    pub(crate) fn use_row(&self, use_id: UseId) -> Option<&UseRow> {
        self.uses.get(use_id.index())
    }

    #[inline]
    pub(crate) fn cell(&self, use_id: UseId, category: CategoryId) -> Option<&Cell> {
        if category.index() >= self.categories {
            return None;
        }
        self.cells.get(use_id.index() * self.categories + category.index())
    }

    fn lay_out_territories(&mut self) -> Result<(), CompileError> {
        let notice = Arc::clone(&self.notice);
        let own = notice.regimes.values().position(|regime| regime.own).unwrap_or(0);
        self.fallback = territory(&notice, own, "");
        for slot in 0..=Country::NO_COUNTRY {
            let code = code_of(slot);
            let named = notice.regimes.values().position(|r| r.countries.contains(&code));
            let territory = territory(&notice, named.unwrap_or(own), &code);
            let at = self.territories.iter().position(|t| *t == territory).unwrap_or_else(|| {
                self.territories.push(territory);
                self.territories.len() - 1
            });
            limit("kinds of territory", at, 255)?;
            self.territory_of.push(u8::try_from(at).unwrap_or(u8::MAX));
        }
        Ok(())
    }

    fn lay_out_uses(&mut self, versions: &[Arc<Notice>]) {
        let lexicon = self.lexicon.clone();
        let notice = Arc::clone(&self.notice);
        for (_, purpose_id, use_name) in lexicon.uses() {
            let purpose_name = lexicon.purpose_name(purpose_id);
            let purpose = notice.purposes.get(purpose_name);
            let declared = purpose.and_then(|p| p.uses.get(use_name).map(|used| (p, used)));
            self.uses.push(self.use_row_of(purpose_id, declared));
            for category_id in lexicon.categories() {
                let name = lexicon.category_name(category_id);
                let listed = self.listed_in(versions, purpose_name, name);
                let cell = match (declared, notice.categories.get(name)) {
                    (Some((purpose, used)), Some(category)) => {
                        self.cell_of(purpose, used, category_id, category, listed)
                    }
                    _ => Cell::none(Reason::NotInNotice),
                };
                self.cells.push(cell);
            }
        }
    }

    fn use_row_of(&self, purpose_id: PurposeId, declared: Option<(&Purpose, &Use)>) -> UseRow {
        let Some((purpose, used)) = declared else {
            return UseRow::retired(purpose_id);
        };
        let roles = purpose.roles.iter().filter_map(|role| self.lexicon.role(role));
        let basis = used.basis.unwrap_or(purpose.basis);
        let objectable = match purpose.objection {
            // What an objector says about channels must be heard: a use on a duty goes on.
            Objection::Absolute => {
                used.direct_marketing || matches!(basis, Basis::LegitimateInterest | Basis::Consent)
            }
            Objection::Weighed => basis == Basis::LegitimateInterest,
            Objection::None => false,
        };
        let needs_consent = self.notice.regimes.iter().enumerate().filter(|(_, (name, regime))| {
            basis_under(name, regime, purpose, used) == Basis::Consent
        });
        UseRow {
            purpose: purpose_id,
            roles: roles.fold(0, |set, role| set | role.bit()),
            mode: purpose.mode,
            direct_marketing: used.direct_marketing,
            reads_archive: purpose.reads_archive,
            while_restricted: purpose.while_restricted,
            objectable: if objectable { purpose_id.bit() } else { 0 },
            consent_in: needs_consent.fold(0, |set, (n, _)| set | 1 << (n & 31)),
            retired: false,
        }
    }

    fn cell_of(
        &mut self,
        purpose: &Purpose,
        used: &Use,
        category_id: CategoryId,
        category: &Category,
        listed: u64,
    ) -> Cell {
        let name = &*self.lexicon.category_name(category_id).to_owned();
        let Some(read) = purpose.reads.get(name) else {
            return Cell::none(Reason::NotInNotice);
        };
        let fields = self.fields_of(purpose, category_id, category, read.fields.as_deref());
        let profile = self.profile_part(name);
        let hidden =
            match profile {
                Some(ProfilePart::Interests) => !used.interests,
                Some(ProfilePart::Segments) => !used.segments,
                None => false,
            } || used.categories.as_ref().is_some_and(|list| !list.iter().any(|c| c == name));
        let mut cell = Cell {
            fields,
            listed,
            addresses: self.addresses(category_id, category),
            operations: 0,
            refusals: [Reason::OperationNotAllowed; 5],
            window: self.window_number(read.window),
            anchor: read.window.anchor,
            profile: profile.is_some(),
            stops: stops(purpose, used, profile.is_some()),
        };
        for (operation, refusal) in Operation::ALL.into_iter().zip(&mut cell.refusals) {
            let in_purpose = purpose.allows(operation, name);
            let in_use = used.operations.as_ref().is_none_or(|list| list.contains(&operation));
            if !in_purpose || fields.is_empty() {
                continue;
            }
            if hidden || !in_use {
                *refusal = Reason::NotForThisUse;
            } else {
                cell.operations |= operation.bit();
            }
        }
        cell
    }

    fn profile_part(&self, category: &str) -> Option<ProfilePart> {
        let profiling = self.notice.profiling.as_ref()?;
        if profiling.interests == category {
            Some(ProfilePart::Interests)
        } else if profiling.segments == category {
            Some(ProfilePart::Segments)
        } else {
            None
        }
    }

    fn fields_of(
        &self,
        purpose: &Purpose,
        category_id: CategoryId,
        category: &Category,
        listed: Option<&[String]>,
    ) -> Fields {
        let wanted = category.fields.iter().filter(|(name, field)| {
            listed.is_none_or(|list| list.contains(name))
                && (purpose.mode == Mode::Identified || !field.identifying)
        });
        let places = wanted.filter_map(|(name, _)| self.lexicon.field(category_id, name));
        places.fold(Fields::NONE, Fields::with)
    }

    fn addresses(&self, category_id: CategoryId, category: &Category) -> [Fields; 3] {
        Channel::ALL.map(|channel| {
            let fields = category.fields.iter().filter(|(_, f)| f.channel == Some(channel));
            let places = fields.filter_map(|(name, _)| self.lexicon.field(category_id, name));
            places.fold(Fields::NONE, Fields::with)
        })
    }

    fn window_number(&mut self, window: Window) -> u16 {
        let at = self.windows.iter().position(|w| *w == window).unwrap_or_else(|| {
            self.windows.push(window);
            self.windows.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    fn listed_in(&self, versions: &[Arc<Notice>], purpose: &str, category: &str) -> u64 {
        let recent = versions.iter().skip(usize::from(self.first_listed));
        let listing = recent.enumerate().filter(|(_, notice)| {
            notice.purposes.get(purpose).is_some_and(|p| p.reads.contains_key(category))
        });
        listing.fold(0, |set, (n, _)| set | 1 << (n & 63))
    }
}

enum ProfilePart {
    Interests,
    Segments,
}

impl Purpose {
    /// Whether the purpose may do this with a category at all.
    pub fn allows(&self, operation: Operation, category: &str) -> bool {
        let list = match operation {
            Operation::Read => return self.reads.contains_key(category),
            Operation::Collect => &self.collects,
            Operation::Change => &self.changes,
            Operation::Derive => &self.derives,
            Operation::Disclose => &self.discloses,
        };
        list.iter().any(|name| name == category)
    }
}

impl UseRow {
    fn retired(purpose: PurposeId) -> UseRow {
        UseRow {
            purpose,
            roles: 0,
            mode: Mode::Aggregate,
            direct_marketing: true,
            reads_archive: false,
            while_restricted: false,
            objectable: purpose.bit(),
            consent_in: u32::MAX,
            retired: true,
        }
    }
}

impl Cell {
    fn none(reason: Reason) -> Cell {
        Cell {
            fields: Fields::NONE,
            listed: 0,
            addresses: [Fields::NONE; 3],
            operations: 0,
            refusals: [reason; 5],
            // No table of windows is that long: a cell without operations has no window.
            window: u16::MAX,
            anchor: Anchor::Collected,
            profile: false,
            stops: Flags::ALL,
        }
    }
}

/// The facts about a contact that may stand in the way of a use of a category.
fn stops(purpose: &Purpose, used: &Use, profile: bool) -> Flags {
    let mut stops = Flags::ERASED.or(Flags::ELSEWHERE);
    stops.set(Flags::ARCHIVED, !purpose.reads_archive);
    stops.set(Flags::RESTRICTED, !purpose.while_restricted);
    stops.set(Flags::OBJECTS_MARKETING, used.direct_marketing || profile);
    stops.set(Flags::OBJECTS_PROFILING, profile);
    stops
}

/// The basis of a use under a regime. A purpose may state another basis for that regime, which does
/// not touch a use with a basis of its own; the regime's own rule changes what is left and not
/// excepted.
pub(crate) fn basis_under(
    name: &str,
    regime: &model::Regime,
    purpose: &Purpose,
    used: &Use,
) -> Basis {
    if used.basis.is_none()
        && let Some(basis) = purpose.basis_in.get(name)
    {
        return *basis;
    }
    let declared = used.basis.unwrap_or(purpose.basis);
    match regime.basis {
        Some(basis) if !regime.except.contains(&declared) => basis,
        _ => declared,
    }
}

fn territory(notice: &Notice, regime: usize, code: &str) -> Territory {
    let rules = Channel::ALL.map(|channel| match notice.channels.get(&channel) {
        None => OptIn::OptIn,
        Some(rule) => rule.of(code),
    });
    let traced = Channel::ALL.map(|channel| {
        notice.channels.get(&channel).is_some_and(|rule| contains(&rule.traced, code))
    });
    Territory { regime: u8::try_from(regime).unwrap_or(u8::MAX), rules, traced }
}

impl model::ChannelRule {
    /// What a country needs; the strictest where it is named twice.
    fn of(&self, code: &str) -> OptIn {
        if contains(&self.opt_in, code) {
            OptIn::OptIn
        } else if contains(&self.soft_opt_in, code) {
            OptIn::SoftOptIn
        } else if contains(&self.opt_out, code) {
            OptIn::OptOut
        } else {
            self.default
        }
    }
}

fn contains(list: &[String], code: &str) -> bool {
    list.iter().any(|entry| entry == code)
}

fn code_of(slot: usize) -> String {
    if slot >= Country::NO_COUNTRY {
        return String::new();
    }
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
    [letter(slot / 26), letter(slot)].iter().collect()
}

fn limit(what: &'static str, count: usize, limit: usize) -> Result<(), CompileError> {
    if count > limit { Err(CompileError::TooLarge { what, limit }) } else { Ok(()) }
}
